"""Losses as plain data, for files: the name of one of ours, and what it is given."""

from __future__ import annotations

from functools import partial
from typing import Any

from .. import nn
from .prediction import Loss

__all__ = ["described_loss", "loss_of"]


def described_loss(loss: Loss | None) -> dict[str, Any] | None:
    """Describe a loss of ours, or one with some of its options set; None of any other."""
    options: dict[str, Any] = {}
    while isinstance(loss, partial):
        if loss.args or not all(map(_is_plain, loss.keywords.values())):
            return None
        options = loss.keywords | options
        loss = loss.func
    name = getattr(loss, "__name__", "")
    if name not in nn.losses.__all__ or getattr(nn.losses, name) is not loss:
        return None
    return {"name": name, "options": options}


def loss_of(described: dict[str, Any]) -> Loss:
    """Give the loss that is described."""
    name, options = described["name"], described["options"]
    if name not in nn.losses.__all__:
        raise ValueError(f"there is no loss {name!r}")
    loss: Loss = getattr(nn.losses, name)
    return partial(loss, **options) if options else loss


def _is_plain(option: Any) -> bool:
    if isinstance(option, list | tuple):
        return all(map(_is_plain, option))
    return isinstance(option, bool | int | float | None)
