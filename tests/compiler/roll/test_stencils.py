"""Stencils are slices, at their edges and on the way back too."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from listed import check_listing

from tinygrad_nn import compile, tanh, value_and_grad
from tinygrad_nn.compiler.program.statements import Loop
from tinygrad_nn.compiler.roll.shapes import TermClass
from tinygrad_nn.compiler.roll.stencils import slices_of

RNG = np.random.default_rng(3)
STEPS = 11


def heat(u: Any, rate: Any = 0.1) -> Any:
    """The ends are kept."""
    for _ in range(STEPS):
        inner = [b + rate * (a - 2 * b + c) for a, b, c in zip(u, u[1:], u[2:], strict=False)]
        u = [u[0], *inner, u[-1]]
    return sum(x * x for x in u)


def from_zeros(u: Any) -> Any:
    """There is nothing beyond the ends."""
    for _ in range(STEPS):
        around = zip([0.0, *u[:-1]], u, [*u[1:], 0.0], strict=True)
        u = [b + 0.1 * (a - 2 * b + c) for a, b, c in around]
    return sum(x * x for x in u)


def in_one_sum(u: Any) -> Any:
    for _ in range(STEPS):
        inner = [0.1 * a + 0.8 * b + 0.1 * c for a, b, c in zip(u, u[1:], u[2:], strict=False)]
        u = [u[0], *inner, u[-1]]
    return sum(x * x for x in u)


def bent(u: Any) -> Any:
    for _ in range(STEPS):
        around = zip(u, u[1:], u[2:], strict=False)
        u = [u[0], *[tanh(b + 0.1 * (a - 2 * b + c)) for a, b, c in around], u[-1]]
    return sum(x * x for x in u)


@pytest.mark.parametrize("function", [heat, from_zeros, in_one_sum, bent])
def test_the_way_back_gathers_nothing(function: Any) -> None:
    compiled = compile(value_and_grad(function))
    u = RNG.normal(size=9).tolist()
    value, slope = compiled(u)
    expected, expected_slope = value_and_grad(function)(u)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(slope, expected_slope, rtol=1e-12, atol=1e-14)
    assert not compiled.program.stats.gathers, compiled.program
    loops = [one for one in compiled.program.statements if isinstance(one, Loop)]
    assert len(loops) == 2
    assert len(str(compiled.program).splitlines()) <= 40
    check_listing(compiled.program, [[u]])


def test_a_rate_that_is_an_argument() -> None:
    compiled = compile(value_and_grad(heat, (0, 1)))
    u = RNG.normal(size=20).tolist()
    _, (slope, of_rate) = compiled(u, 0.1)
    _, (expected, expected_of_rate) = value_and_grad(heat, (0, 1))(u, 0.1)
    np.testing.assert_allclose(slope, expected, rtol=1e-12, atol=1e-14)
    assert of_rate == pytest.approx(expected_of_rate, rel=1e-12)
    assert not compiled.program.stats.gathers


def terms(left: list[list[int]], coefs: list[list[float]], right: int = -1) -> TermClass:
    places = np.array([a for row in left for a in row])
    numbers = np.array([c for row in coefs for c in row])
    counts = np.array([len(row) for row in left])
    return TermClass(0, right, counts, places, np.zeros_like(places), numbers)


def test_slices_by_how_far_they_are_and_by_coefficient() -> None:
    one = terms([[0, 1], [0, 1, 2], [1, 2, 3], [2, 3]], [[5, 1], [1, 5, 1], [1, 5, 1], [1, 5]])
    found = slices_of(one, np.arange(10, 14))
    assert found is not None
    slices = [(members.tolist(), p.coef, p.factors[0].rows.places.tolist()) for members, p in found]
    assert slices == [
        ([0, 1, 2, 3], 5.0, [0, 1, 2, 3]),
        ([0, 1, 2], 1.0, [1, 2, 3]),
        ([1, 2, 3], 1.0, [0, 1, 2]),
    ] or slices == [
        ([0, 1, 2, 3], 5.0, [0, 1, 2, 3]),
        ([1, 2, 3], 1.0, [0, 1, 2]),
        ([0, 1, 2], 1.0, [1, 2, 3]),
    ]


def test_what_is_no_stencil_is_not_parted() -> None:
    triangle = [list(range(n + 1)) for n in range(6)]
    assert slices_of(terms(triangle, [[1.0] * len(row) for row in triangle]), np.arange(6)) is None
    no_centre = [[1], [0, 2], [1, 3], [2]]
    assert (
        slices_of(terms(no_centre, [[1.0] * len(row) for row in no_centre]), np.arange(4)) is None
    )
    others = [[0, 1], [0, 1, 2], [1, 2, 3], [2, 3]]
    coefs = [[float(n) for n in range(len(row))] for row in others]
    assert slices_of(terms(others, coefs), np.arange(4)) is None
