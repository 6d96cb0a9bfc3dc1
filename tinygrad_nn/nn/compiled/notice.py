"""Saying why something runs one number at a time."""

from __future__ import annotations

import sys

__all__ = ["say_why_eager"]


def say_why_eager(what: str, reason: BaseException) -> None:
    """Print one line that says why something, as "the training of MLP(2 -> 1)", is not compiled."""
    text = " ".join(str(reason).split()) or type(reason).__name__
    print(f"tinygrad_nn: {what} is not compiled, one number at a time runs instead: {text}",
          file=sys.stderr)  # fmt: skip
