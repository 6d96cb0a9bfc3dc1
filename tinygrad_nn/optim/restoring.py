"""Optimisers made anew from what a file has of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from functools import partial
from typing import Any

from ..errors import StateError
from ..scalar.value import Value
from .adaptive import Adam, AdamW, RMSprop
from .lbfgs import LBFGS
from .optimizers import SGD, GradientDescent, Optimizer
from .state import entry

__all__ = ["restored"]

KINDS: dict[str, Callable[[Iterable[Value]], Optimizer]] = {
    "LBFGS": LBFGS,
    "SGD": partial(SGD, lr=0.0),
    "Adam": Adam,
    "AdamW": AdamW,
    "GradientDescent": partial(GradientDescent, lr=0.0),
    "RMSprop": RMSprop,
}


def restored(parameters: Iterable[Value], state: Mapping[str, Any]) -> Optimizer:
    """Make the optimiser whose `Optimizer.state_dict` is given, to move these parameters.

    Parameters
    ----------
    parameters : iterable of Value
        As many as it moved, in the same order.
    state : mapping
        As `Optimizer.state_dict` gives it.

    Raises
    ------
    StateError
        When it is none of our optimisers, or does not fit.

    Examples
    --------
    >>> one = Adam([Value(1.0)], lr=0.1)
    >>> restored([Value(1.0)], one.state_dict())
    Adam(parameters=1, lr=0.1, steps=0)
    """
    kind = entry(state, "optimizer")
    if kind not in KINDS:
        raise StateError(
            f"state['optimizer'] is {kind!r}: expected one of {', '.join(KINDS)}; make one of your "
            "own yourself, and give the state to its load_state_dict"
        )
    optimizer = KINDS[kind](parameters)
    optimizer.load_state_dict(state)
    return optimizer
