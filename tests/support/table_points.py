"""Where the rows of the table are tried in another language, and what is the same number there."""

from __future__ import annotations

import math
from itertools import product

from exported import BEYOND

from tinygrad_nn.scalar.operation import Op

POINTS = 50


def points_of(row: Op) -> list[tuple[float, ...]]:
    """Give points inside of a row's interval, where it is special, and far out."""
    steps = (math.sqrt(2.0), math.sqrt(3.0), math.sqrt(5.0))
    inside = [
        tuple(
            low + (k * step) % 1.0 * (high - low)
            for (low, high), step in zip(row.sample, steps, strict=False)
        )
        for k in range(1, POINTS + 1)
    ]
    sets = [BEYOND if row.name != "where" or place else (0.0, 1.0) for place in range(row.arity)]
    return [*inside, *[tuple(map(float, point)) for point in row.special], *product(*sets)]


def same(a: float, b: float) -> bool:
    return (math.isnan(a) and math.isnan(b)) or math.isclose(a, b, rel_tol=1e-12, abs_tol=1e-300)


def is_defined(row: Op, point: tuple[float, ...]) -> bool:
    try:
        row.compute(*point)
    except (ValueError, ArithmeticError):
        return False
    return True
