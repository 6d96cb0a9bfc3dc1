"""Stencils are slices, at their edges and on the way back too."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from listed import check_listing

from tests.support.programs import inputs_of
from tinygrad_nn import compile, grad, sqrt, tanh, value_and_grad
from tinygrad_nn.compiler.program.statements import Loop
from tinygrad_nn.compiler.roll.flatten import SUM
from tinygrad_nn.compiler.roll.shapes import Group, TermClass
from tinygrad_nn.compiler.roll.stencils import parts_of, shifts_of, slices_of

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


def mirrored(u: Any) -> Any:
    """The ends are their own neighbours."""
    for _ in range(STEPS):
        around = zip([u[0], *u[:-1]], u, [*u[1:], u[-1]], strict=True)
        u = [b + 0.1 * (a - 2 * b + c) for a, b, c in around]
    return sum(x * x for x in u)


def upwind(u: Any) -> Any:
    for _ in range(STEPS):
        u = [u[0], *[b - 0.3 * (b - a) for a, b in pairwise(u)]]
    return sum(x * x for x in u)


@pytest.mark.parametrize("function", [mirrored, upwind, heat, from_zeros, in_one_sum, bent])
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


def test_around_a_ring() -> None:
    """On the way there: what is beside the ends are the other ends."""

    def ring(u: Any) -> Any:
        n = len(u)
        for _ in range(STEPS):
            u = [u[i] + 0.1 * (u[i - 1] - 2 * u[i] + u[(i + 1) % n]) for i in range(n)]
        return u

    compiled = compile(ring)
    u = RNG.normal(size=12).tolist()
    np.testing.assert_allclose(compiled(u), ring(u), rtol=1e-13)
    gathers = [one for one in compiled.program.stats.gathers if "result" not in one.statement]
    assert not gathers
    assert len(str(compiled.program).splitlines()) <= 20


def area(u: Any) -> Any:
    return sum(
        sqrt(1 + (below[j] - u[i][j]) ** 2 + (u[i][j + 1] - u[i][j]) ** 2)
        for i, below in enumerate(u[1:])
        for j in range(len(below) - 1)
    )


def test_steps_on_a_grid_are_slices() -> None:
    """Downward and to the right: in the order of places they would take turns."""

    compiled = compile(area)
    u = RNG.normal(size=(6, 6)).tolist()
    assert compiled(u) == pytest.approx(area(u), rel=1e-13)
    assert not compiled.program.stats.gathers


def bent_plate(u: Any) -> Any:
    """Add up squares of the operator of Laplace, at the inner places."""
    n = len(u)
    return sum(
        (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - 4 * u[i][j]) ** 2
        for i in range(1, n - 1)
        for j in range(1, n - 1)
    )


def filtered(u: Any, kernel: Any) -> Any:
    """Move a kernel over an image."""
    n = len(u) - 2
    return sum(
        tanh(sum(kernel[i][j] * u[r + i][c + j] for i in range(3) for j in range(3)))
        for r in range(n)
        for c in range(n)
    )


KERNEL = RNG.normal(size=(3, 3)).tolist()


@pytest.mark.parametrize(
    ("function", "rest"), [(area, ()), (bent_plate, ()), (filtered, (KERNEL,))]
)
def test_the_way_back_through_a_grid_gathers_nothing(function: Any, rest: Any) -> None:
    u = RNG.normal(size=(7, 7)).tolist()
    compiled = compile(value_and_grad(function))
    value, slope = compiled(u, *rest)
    expected, expected_slope = value_and_grad(function)(u, *rest)
    assert value == pytest.approx(expected, rel=1e-13)
    np.testing.assert_allclose(slope, expected_slope, rtol=1e-12)
    gathers = [one for one in compiled.program.stats.gathers if one.places > 4]  # the corners
    assert not gathers
    assert len(str(compiled.program).splitlines()) <= 20
    assert "result[1][1:6, 1:6] += " in str(compiled.program) or function is area
    check_listing(compiled._latest.program, inputs_of(compiled._latest.program))


def test_what_is_next_to_nothing_keeps_the_sign_of_its_zero() -> None:
    """A sum of one is taken as it is, from -0.0 on."""
    slope = compile(grad(bent_plate))([[0.0] * 7 for _ in range(7)])
    expected = grad(bent_plate)([[0.0] * 7 for _ in range(7)])
    assert [math.copysign(1.0, x) for row in slope for x in row] == [
        math.copysign(1.0, float(x)) for row in expected for x in row
    ]


def test_a_triangle_does_not_move_as_a_whole() -> None:
    group = Group(SUM, None, 0, False, np.arange(20), places=np.arange(20))
    rows = [list(range(place + 1)) for place in range(20)]
    group.classes = [terms(rows, [[1.0] * len(row) for row in rows])]
    assert shifts_of(group) is None
    rows = [row[-3:] for row in rows]
    group.classes = [terms(rows, [[1.0] * len(row) for row in rows])]
    found = shifts_of(group)
    assert found is not None
    assert sorted(len(one.members) for one in found) == [18, 19, 20]


def test_pairs_stay_as_they_were_recorded() -> None:
    """What comes in is gathered once; all that follows is not."""

    def energy(P: Any) -> Any:
        return sum(
            1 / sqrt(sum((a - b) ** 2 for a, b in zip(p, q, strict=True)))
            for i, p in enumerate(P)
            for q in P[i + 1 :]
        )

    compiled = compile(energy)
    P = RNG.normal(size=(6, 3)).tolist()
    assert compiled(P) == pytest.approx(energy(P), rel=1e-13)
    assert len({gather.statement for gather in compiled.program.stats.gathers}) == 1


def test_parts_at_the_edges() -> None:
    group = Group(SUM, None, 0, False, np.arange(6), places=np.arange(6))
    rows = [[0, 1, 5], [0, 1, 2], [1, 2, 3], [2, 3, 4], [3, 4, 5], [0, 4, 5]]
    group.classes = [terms(rows, [[2.0, 1.0, 1.0], *[[1.0, 2.0, 1.0]] * 4, [1.0, 1.0, 2.0]])]
    edge, inside, other = parts_of(group)
    assert [one.a.tolist() for one in edge.classes] == [[0], [1], [5]]
    assert [one.coefs.tolist() for one in other.classes] == [[1.0], [1.0], [2.0]]
    (rest,) = inside.classes
    assert rest.a.reshape(4, 3).tolist() == rows[1:5]
    assert [part.places.tolist() for part in (edge, inside, other)] == [[0], [1, 2, 3, 4], [5]]


def test_a_sum_of_all_beside_others_is_one_term() -> None:
    rows = [list(range(12)), *[[place, place + 1] for place in range(12, 18)]]
    group = Group(SUM, None, 0, False, np.arange(7), places=np.arange(7))
    group.classes = [terms(rows, [[1.0] * len(row) for row in rows])]
    whole, _ = parts_of(group)
    assert [one.a.tolist() for one in whole.classes] == [rows[0]]


@pytest.mark.parametrize(
    "rows",
    [
        [[0, 1], [1, 2], [2, 3], [3, 4]],  # no edge
        [[0, 1], [7, 2], [2, 3], [9, 4], [4, 5]],  # no inside
        [[0, 1], [1, 2], [7, 8], [8, 9], [3, 4], [4, 5]],
    ],
)
def test_what_has_no_edges_is_one(rows: list[list[int]]) -> None:
    size = len(rows)
    group = Group(SUM, None, 0, False, np.arange(size), places=np.arange(size))
    group.classes = [terms(rows, [[1.0] * len(row) for row in rows])]
    assert parts_of(group) == [group]


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
