"""Functions of vectors of float32: how far from the truth, and what they give at the ends."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("llvmlite")

import scipy.special
from vectors import SHORT, function

from tinygrad_nn.compiler.backends.llvm.engine import target
from tinygrad_nn.compiler.backends.llvm.reals import SINGLE
from tinygrad_nn.compiler.backends.llvm.singles import SINGLES

INF, NAN = math.inf, math.nan
TINY = float(np.finfo(np.float32).smallest_subnormal)

# Of each function some ranges, with the most units in the last place that an error may have.
RANGES: dict[str, list[tuple[float, float, float]]] = {
    "exp": [(-1.0, 1.0, 1.2), (-104.0, 88.7, 1.2)],
    "expm1": [(-1.5, 1.5, 2.0), (-20.0, 88.7, 2.0), (-1e-8, 1e-8, 1.0)],
    "log": [(0.5, 2.0, 1.0), (0.0, 1e38, 1.0), (0.0, 1e-38, 1.0)],
    "log1p": [(-0.999, 1.5, 1.0), (0.0, 1e38, 1.0), (-1e-8, 1e-8, 1.0)],
    "tanh": [(-1.0, 1.0, 1.5), (-9.0, 9.0, 1.5), (-1e-8, 1e-8, 1.0)],
    "sigmoid": [(-5.0, 5.0, 2.2), (-100.0, 20.0, 2.2)],
    "cosh": [(-3.0, 3.0, 1.6), (-89.0, 89.0, 1.6)],
    "erf": [(-0.8, 0.8, 2.0), (-4.0, 4.0, 2.0)],
    "erfc": [(-4.0, 0.5, 2.0), (0.5, 4.0, 5.0), (4.0, 10.0, 5.0)],
}
ENDS: dict[str, list[tuple[float, float]]] = {
    "exp": [(0.0, 1.0), (INF, INF), (-INF, 0.0), (88.8, INF), (-105.0, 0.0), (-103.5, TINY)],
    "expm1": [(0.0, 0.0), (-0.0, -0.0), (INF, INF), (-INF, -1.0), (TINY, TINY), (88.8, INF)],
    "log": [(0.0, -INF), (-0.0, -INF), (INF, INF), (-1.0, NAN), (-INF, NAN), (1.0, 0.0)],
    "log1p": [(0.0, 0.0), (-0.0, -0.0), (-1.0, -INF), (INF, INF), (-2.0, NAN), (TINY, TINY)],
    "tanh": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (TINY, TINY), (40.0, 1.0)],
    "sigmoid": [(0.0, 0.5), (INF, 1.0), (-INF, 0.0), (100.0, 1.0)],
    "cosh": [(0.0, 1.0), (INF, INF), (-INF, INF), (90.0, INF)],
    "erf": [(0.0, 0.0), (-0.0, -0.0), (INF, 1.0), (-INF, -1.0), (30.0, 1.0)],
    "erfc": [(0.0, 1.0), (INF, 0.0), (-INF, 2.0), (30.0, 0.0), (-30.0, 2.0)],
}


def true(name: str, points: np.ndarray) -> np.ndarray:
    """What it is, in float64."""
    by_name = {"sigmoid": "expit"}
    module = np if hasattr(np, name) else scipy.special
    with np.errstate(all="ignore"):
        found: np.ndarray = getattr(module, by_name.get(name, name))(points.astype(float))
    return found


@pytest.mark.parametrize("name", SINGLES)
def test_errors(name: str) -> None:
    for processor in (target(), *SHORT):
        compute = function(name, processor, SINGLE)
        for low, high, most in RANGES[name]:
            points = np.random.default_rng(5).uniform(low, high, 4096).astype(np.float32)
            truth = true(name, points)
            unit = np.spacing(np.abs(truth).astype(np.float32))
            assert (np.abs(compute(points) - truth) / unit).max() <= most, (low, high)


@pytest.mark.parametrize("name", SINGLES)
def test_ends(name: str) -> None:
    for processor in (target(), *SHORT):
        points = np.array([NAN, *[x for x, _ in ENDS[name]]], np.float32)
        expected = np.array([NAN, *[y for _, y in ENDS[name]]], np.float32)
        found = function(name, processor, SINGLE)(points)
        np.testing.assert_array_equal(found, expected)
        zero = points == 0
        assert np.signbit(found[zero]).tolist() == np.signbit(expected[zero]).tolist()


@pytest.mark.parametrize("name", ["sin", "cos", "pow", "atan"])
def test_others_are_those_of_doubles(name: str) -> None:
    operands = [np.random.default_rng(n).uniform(0.1, 3.0, 67) for n in range(2)]
    single = [one.astype(np.float32) for one in (operands if name == "pow" else operands[:1])]
    found = function(name, None, SINGLE)(*single)
    assert found.dtype == np.float32
    double = function(name)(*[one.astype(float) for one in single])
    np.testing.assert_array_equal(found, double.astype(np.float32))
