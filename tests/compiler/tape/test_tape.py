"""The tape: every number once, and no two numbers in one."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import compile, grad
from tinygrad_nn.compiler.program.program import Array, Role
from tinygrad_nn.compiler.tape.tape import BATCH_SUM, Tape
from tinygrad_nn.scalar.ops import add, div, exp, mul, sub, where


def test_different_operations_are_different_entries() -> None:
    tape = Tape([Array(12, False, Role.INPUT, "x")])
    leaves = [tape.leaf(0, place) for place in range(12)]
    pairs = list(itertools.product(leaves, repeat=2))
    ordered = {tape.apply(row, x, y) for row in (sub, div) for x, y in pairs}
    assert len(ordered) == 2 * 12 * 12
    unordered = {tape.apply(row, x, y) for row in (add, mul) for x, y in pairs}
    assert len(unordered) == 2 * 12 * 13 // 2  # x + y is y + x
    chosen = {tape.apply(where, x, y, (z,)) for x, y, z in itertools.product(leaves, repeat=3)}
    assert len(chosen) == 12**3
    assert len({tape.apply(exp, x) for x in leaves}) == 12
    assert len(tape) == 12 + 2 * 144 + 2 * 78 + 1728 + 12


def test_an_operation_met_again_is_the_entry_there_is() -> None:
    tape = Tape([Array(3, False, Role.INPUT, "x")])
    x, y, z = (tape.leaf(0, place) for place in range(3))
    assert tape.apply(add, x, y) == tape.apply(add, y, x)
    assert tape.apply(where, x, y, (z,)) == tape.apply(where, x, y, (z,))
    assert tape.args[tape.apply(where, x, y, (z,))] == (x, y, z)
    assert tape.args[tape.apply(exp, z)] == (z,)


def test_numbers_alone_become_one() -> None:
    tape = Tape([])
    six = tape.apply(mul, tape.constant(2.0), tape.constant(3.0))
    assert six == tape.constant(6.0) == tape.apply(mul, tape.constant(3.0), tape.constant(2.0))
    assert tape.apply(where, tape.constant(1.0), six, (tape.constant(2.0),)) == six
    assert tape.args[six] == ()


PARTED: list[tuple[Callable[[Any, Any], Any], float]] = [  # with the sum at w = 2 and x = 1, 3
    (lambda w, x: x - w, 0.0),
    (lambda w, x: w - x, 0.0),
    (lambda w, x: x + w, 8.0),
    (lambda w, x: x - (w - x), 4.0),
    (lambda w, x: -(x - w) - w, -4.0),
    (lambda w, x: w - 3.0 * (w - x * 2.0), 16.0),
    (lambda w, x: (x - w) * (x + w), 2.0),
    (lambda w, x: w - w * w, -4.0),
]


@pytest.mark.parametrize(("f", "total"), PARTED)
def test_a_sum_over_samples_is_parted_with_its_signs(
    f: Callable[[Any, Any], Any], total: float
) -> None:
    assert f(2.0, 1.0) + f(2.0, 3.0) == total
    assert compile(f, batch="x", reduce="sum")(2.0, [1.0, 3.0]) == total
    assert compile(f, batch="x", reduce="mean")(2.0, [1.0, 3.0]) == total / 2


def test_a_plain_factor_of_many_sums_scales_the_sums() -> None:
    tape = Tape([Array(2, False, Role.INPUT, "w"), Array(1, True, Role.INPUT, "x")])
    w, x = tape.leaf(0, 0), tape.leaf(1, 0)
    own = tape.apply(mul, tape.apply(exp, x), x)
    two = tape.constant(2.0)
    total, bare = tape.batch_sum(own, two, w, many=True)
    assert tape.rows[bare] is BATCH_SUM
    assert tape.args[bare] == (own,)
    assert tape.rows[total] is mul
    assert set(tape.args[total]) == {bare, two}


@pytest.mark.parametrize("how", ["sum", "mean"])
def test_slopes_by_many_weights_are_summed(how: str) -> None:
    def f(w: Any, x: Any) -> Any:
        return sum(a * b for a, b in zip(w, x, strict=True)) ** 2

    rows = [[1.0, -2.0, 0.5], [3.0, 0.25, -1.0]]
    w = [0.5, 2.0, -1.0]
    slopes = [[2.0 * sum(a * b for a, b in zip(w, x, strict=True)) * b for b in x] for x in rows]
    summed = [sum(each) / (2.0 if how == "mean" else 1.0) for each in zip(*slopes, strict=True)]
    assert compile(grad(f), batch="x", reduce=how)(w, rows) == pytest.approx(summed, rel=1e-14)
