"""Nothing, or a part, of numbers whose product is beyond all floats."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from machine_code import CODE

from tinygrad_nn import compile, exp, nn, value_and_grad
from tinygrad_nn.compiler.backends.numpy.code import NUMPY

BACKENDS = [backend.name for backend in (NUMPY, *CODE)]


def product(x: Any, y: Any) -> Any:
    return (0.0 * x) * y


def steps(x: Any, y: Any) -> Any:
    """Each step has a slope near 1e296 times 0."""
    z = x
    for _ in range(3):
        z = exp(400.0 * z) * 0.0 + x
    return z + 0.0 * y


CASES = [(product, (1e180, 1e180)), (product, (-1e300, 1e10)), (steps, (1.7, 1.0))]


@pytest.mark.parametrize(("f", "point"), CASES)
@pytest.mark.parametrize("backend", BACKENDS)
def test_zero_times_what_overflows_is_zero(f: Any, point: Any, backend: str) -> None:
    both = value_and_grad(f, argnums=(0, 1))
    expected = both(*point)
    assert np.isfinite(expected[0])
    x, y = point
    assert compile(f, backend=backend)(x, y) == expected[0]
    found = compile(both, backend=backend)
    assert [found(x, y) for _ in range(6)] == [
        expected
    ] * 6  # also by the entries of calls that come again
    assert compile(f, batch="x", backend=backend)([x, x], y) == [expected[0]] * 2
    assert compile(both, batch=("x", "y"), backend=backend)([x, x], [y, y]) == [expected] * 2
    mean = compile(f, batch=("x", "y"), reduce="mean", backend=backend)
    for _ in range(6):
        found = mean(np.array([x] * 3), np.array([y] * 3))
        assert found == pytest.approx(expected[0], rel=1e-15)


PARTS: list[Any] = [
    lambda x, y: (0.5 * x) * y,
    lambda x, y: x * (1e-3 * y) + x,
    lambda x, y: (x * 0.25) * (y * 0.5) - (0.5 * y) * y,
    lambda x, y: nn.gelu(x) + nn.gelu(y),
]


@pytest.mark.parametrize("f", PARTS)
@pytest.mark.parametrize("backend", BACKENDS)
def test_a_part_of_what_overflows_is_finite(f: Any, backend: str) -> None:
    both = value_and_grad(f, argnums=(0, 1))
    for x, y in ((1.5e154, 1.5e154), (1.7e308, 0.5), (-1.2e300, 2e8)):
        expected = both(x, y)
        assert np.isfinite(expected[0])
        rows = compile(both, batch=("x", "y"), backend=backend)([x, x], [y, y])
        for found in (compile(both, backend=backend)(x, y), *rows):
            numbers = [found[0], *found[1]]
            assert numbers == pytest.approx([expected[0], *expected[1]], rel=1e-12)
        (value,) = compile(f, batch="x", backend=backend)(np.array([x]), y)
        assert value == pytest.approx(expected[0], rel=1e-12)


def test_what_multiplies_by_no_zero_is_run_once() -> None:
    calls = []

    def f(x: Any, y: Any) -> Any:
        calls.append(1)
        return x * y - x * 2.0

    assert np.isnan(compile(f)(np.inf, 1.0))
    assert len(calls) == 1
