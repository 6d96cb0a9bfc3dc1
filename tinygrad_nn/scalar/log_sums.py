"""Sums of exponentials that neither overflow nor lose what is small."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from .graph import Node
from .number import settled
from .ops import absolute, eq, exp, log, log1p, maximum, stop_gradient

__all__ = ["is_infinite", "log_of_sum", "shift", "total_of"]


def shift(values: Sequence[Any]) -> tuple[list[Any], Any]:
    """Subtract the greatest value: no derivative of ours depends on which shift is taken."""
    greatest = stop_gradient(maximum(values))
    return [x - greatest for x in values], greatest


def is_infinite(x: Any) -> Any:
    """Give 1 where a number is infinite, else 0: what is shifted by it is no number."""
    return settled(eq(absolute(x), math.inf), 0.0)


def log_of_sum(shifted: Sequence[Any]) -> Any:
    """The logarithm of the sum of exp(x), for x of which the greatest is 0.

    1 is taken from the greatest term (in equal parts from several) and given back
    by log1p, so that the rest counts however small it is. `compile` adds terms in
    any order and would lose that rest: there it is the sum as it stands.
    """
    if any(isinstance(x, Node) and x.is_symbolic for x in shifted):
        return log(total_of([exp(x) for x in shifted]))
    at_top = [eq(x, 0.0) for x in shifted]
    count = stop_gradient(maximum(total_of(at_top), 1.0))  # 0 if they are NaN
    return log1p(total_of([exp(x) - top / count for x, top in zip(shifted, at_top, strict=True)]))


def total_of(values: Iterable[Any]) -> Any:
    """Add from the left; unlike the built-in sum, without a 0 and the same on every Python."""
    rest = iter(values)
    total = next(rest, 0.0)
    for value in rest:
        total = total + value
    return total
