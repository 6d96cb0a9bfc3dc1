"""Where an operand comes from: points of each row, and its truth there."""

from __future__ import annotations

import random
from functools import cache

import mpmath as mp
from truth import TRUTH

from tinygrad_nn.scalar.operation import Op

POINTS = 3


def points_of(row: Op) -> list[tuple[float, ...]]:
    """Some points at random, away from kinks; both branches of a choice."""
    rng = random.Random(row.name)
    points = [tuple(rng.uniform(*ends) for ends in row.sample) for _ in range(POINTS)]
    if row.name == "where":
        return [(1.0, *points[0][1:]), (0.0, *points[1][1:])]
    return points


@cache
def true_value(row: Op, point: tuple[float, ...]) -> float:
    return float(TRUTH[row.name][0](*map(mp.mpf, point)))


@cache
def true_slopes(row: Op, point: tuple[float, ...]) -> list[float]:
    return [float(slope(*map(mp.mpf, point))) for slope in TRUTH[row.name][1:]]
