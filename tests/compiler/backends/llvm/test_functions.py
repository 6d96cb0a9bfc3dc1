"""Functions of vectors: how far from the truth, and what they give at the ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from vectors import FUNCTIONS, SHORT, errors, function

from tinygrad_nn.compiler.backends.llvm.engine import target
from tinygrad_nn.compiler.backends.llvm.operations import LIBRARY

INF, NAN = math.inf, math.nan
TINY = 5e-324

ENDS: dict[str, list[tuple[float, float]]] = {
    "exp": [
        (0.0, 1.0),
        (INF, INF),
        (-INF, 0.0),
        (709.0, math.exp(709.0)),
        (710.0, INF),
        (-746.0, 0.0),
    ],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (TINY, TINY), (1000.0, INF)],
    "log": [
        (0.0, -INF),
        (-0.0, -INF),
        (INF, INF),
        (-1.0, NAN),
        (-INF, NAN),
        (TINY, math.log(TINY)),
    ],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-2.0, NAN), (TINY, TINY)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (TINY, TINY), (400.0, 1.0)],
    "sigmoid": [(0.0, 0.5), (INF, 1.0), (-INF, 0.0), (800.0, 1.0)],
    "cosh": [(0.0, 1.0), (INF, INF), (-INF, INF), (710.0, math.cosh(710.0)), (711.0, INF)],
    "sin": [(0.0, 0.0), (-0.0, -0.0), (INF, NAN), (1e300, math.sin(1e300)), (TINY, TINY)],
    "cos": [(0.0, 1.0), (-INF, NAN), (1e300, math.cos(1e300)), (3e6, math.cos(3e6))],
    "erf": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (30.0, 1.0)],
    "erfc": [(0.0, 1.0), (INF, 0.0), (-INF, 2.0), (30.0, 0.0), (-30.0, 2.0)],
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_errors(name: str) -> None:
    for processor in (target(), *SHORT):
        compute = function(name, processor)
        for low, high, most in FUNCTIONS[name]:
            points = np.random.default_rng(5).uniform(low, high, 150)
            assert errors(name, points, compute(points)).max() <= most


@pytest.mark.parametrize("name", ENDS)
def test_ends(name: str) -> None:
    for processor in (target(), *SHORT):
        points = np.array([NAN, *[x for x, _ in ENDS[name]]])
        found = function(name, processor)(points)
        expected = np.array([NAN, *[y for _, y in ENDS[name]]])
        np.testing.assert_allclose(found, expected, rtol=3e-16)
        assert np.signbit(found[1:][expected[1:] == 0]).tolist() == [
            math.copysign(1.0, x) < 0 for x in expected[1:] if x == 0
        ]


def test_a_sine_near_its_zeros() -> None:
    points = np.array([n * math.pi for n in (1, 2, 3, 22, 355, 170_236, 333_333)])
    assert errors("sin", points, function("sin")(points)).max() <= 2.0


def test_subnormal_numbers() -> None:
    points = np.array([-708.5, -720.0, -740.0, -744.9])
    expected = [math.exp(x) for x in points]
    np.testing.assert_allclose(function("exp")(points), expected, rtol=1e-15, atol=TINY)


@pytest.mark.parametrize("name", sorted(LIBRARY))
def test_what_the_library_of_c_computes(name: str) -> None:
    points = np.random.default_rng(6).uniform(1.1, 1.9, (LIBRARY[name], 20))
    points = points - 1.0 if name in ("acos", "asin", "atanh") else points
    expected = [getattr(math, name)(*map(float, x)) for x in points.T]
    np.testing.assert_allclose(function(name)(*points), expected, rtol=1e-15)
