"""The functions with the numbers that they are called with."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from . import functions


class Case(NamedTuple):
    """A function, what to call it with, and how many arguments, the first ones, it is derived by.

    `fixed` are integers that it knows.
    """

    title: str
    function: Callable[..., Any]
    arguments: tuple[Any, ...]
    by: int = 1
    fixed: Any = ()


def log_of_sum() -> Case:
    return Case(
        "log-sum-exp of 2,500 numbers",
        functions.log_of_sum,
        (np.random.default_rng(1).normal(size=2500),),
    )


def least_squares() -> Case:
    rng = np.random.default_rng(2)
    x, A, b = rng.normal(size=64), rng.normal(size=(64, 64)), rng.normal(size=64)
    return Case("least squares, 64 x 64", functions.least_squares, (x, A, b))


def determinant() -> Case:
    A = np.random.default_rng(3).normal(size=(6, 6)) + 4 * np.eye(6)
    return Case("determinant of 6 x 6", functions.determinant, (A,))


def product() -> Case:
    return Case(
        "product of 2,500 numbers",
        functions.product,
        (np.exp(np.random.default_rng(4).normal(0.0, 0.1, 2500)),),
    )


def clusters() -> Case:
    rng = np.random.default_rng(5)
    return Case(
        "k-means, 300 points, 10 centres",
        functions.clusters,
        (rng.normal(size=(10, 4)), rng.normal(size=(300, 4))),
    )


def mixture() -> Case:
    rng = np.random.default_rng(6)
    of_each = (4,), (4, 3), (4, 3), (4, 3)
    parameters = [rng.normal(0.0, 0.5, shape) for shape in of_each]
    return Case(
        "4 Gaussians, 200 points", functions.mixture, (*parameters, rng.normal(size=(200, 3))), 4
    )


def adjustment() -> Case:
    rng = np.random.default_rng(7)
    turns, centres = rng.normal(0.0, 0.3, (8, 3)), rng.normal(0.0, 0.2, (8, 3)) - [0.0, 0.0, 6.0]
    lenses = rng.normal([1.2, 0.1, -0.1, 0.02, 0.005], 0.01, (8, 5))
    points, weights = rng.normal(size=(64, 3)), rng.uniform(0.8, 1.2, 256)
    who = [(n % 8, int(rng.integers(64))) for n in range(256)]
    seen = rng.normal(0.0, 0.3, (256, 2))

    def function(cameras: Any, points: Any, weights: Any, seen: Any) -> Any:
        return functions.adjustment(cameras, points, weights, seen, who)

    return Case(
        "bundle adjustment, 256 seen",
        function,
        (np.hstack([turns, centres, lenses]), points, weights, seen),
        3,
        who,
    )


def hand() -> Case:
    rng = np.random.default_rng(8)
    pose, offsets = rng.normal(0.0, 0.4, (6, 3)), rng.normal(size=(4, 3))
    rest, weights = rng.normal(size=(4, 20, 3)), rng.uniform(0.1, 1.0, (20, 4))
    weights /= weights.sum(1, keepdims=True)
    return Case(
        "hand of 4 bones, 20 points",
        functions.hand,
        (pose, offsets, rest, weights, rng.normal(size=(20, 3))),
    )


def memory() -> Case:
    rng = np.random.default_rng(9)
    layers = [(rng.normal(0.0, 0.3, (64, 32)), rng.normal(0.0, 0.3, 64)) for _ in range(2)]
    inputs, wanted = rng.normal(size=(10, 16)), rng.uniform(-0.8, 0.8, (10, 16))
    return Case("LSTM of 2 layers of 16, 10 steps", functions.memory, (layers, inputs, wanted))


def pursuit() -> Case:
    rates, start, end = [1.1, 0.4, 0.1, 0.4], [8.0, 4.0], [5.0, 3.0]
    return Case(
        "2 equations, 100 Runge-Kutta steps",
        functions.pursuit,
        tuple(map(np.array, (rates, start, end))),
        2,
    )


CASES: dict[str, Callable[[], Case]] = {
    "log_of_sum": log_of_sum,
    "least_squares": least_squares,
    "determinant": determinant,
    "clusters": clusters,
    "mixture": mixture,
    "adjustment": adjustment,
    "hand": hand,
    "memory": memory,
    "pursuit": pursuit,
    "product": product,
}
