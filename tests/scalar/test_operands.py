"""Derivatives of every row, wherever its operands come from.

Each operand is in turn a leaf, a constant, a node that the result is made from otherwise too,
and a node that nothing else reads; the truth are the closed forms of `truth`.
"""

from __future__ import annotations

import itertools

import pytest
from operands import points_of, true_slopes

from tinygrad_nn import Value, exp, gradients, where
from tinygrad_nn.scalar.operation import TABLE, Op

KINDS = ("leaf", "constant", "shared", "alone")


def built(
    row: Op, point: tuple[float, ...], kinds: tuple[str, ...]
) -> tuple[Value, list[Value], list[float]]:
    """Apply a row to operands of some kinds: the result, the leaves, and its derivatives by them."""
    operands: list[Value | float] = []
    leaves: list[Value] = []
    slopes: list[float] = []
    further: list[Value] = []
    for number, kind, slope in zip(point, kinds, true_slopes(row, point), strict=True):
        if kind == "constant":
            operands.append(number)
            continue
        leaf = Value(number if kind == "leaf" else number / 2.0)
        leaves.append(leaf)
        operand = leaf if kind == "leaf" else leaf + leaf
        operands.append(operand)
        slopes.append({"leaf": 1.0, "shared": 2.0, "alone": 2.0}[kind] * slope)
        if kind == "shared":
            further.append(operand)
            slopes[-1] += 2.0
    result = row(*operands)
    for operand in further:
        result = result + operand
    return result, leaves, slopes


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_slopes_by_operands_of_all_kinds(row: Op) -> None:
    for point in points_of(row):
        for kinds in itertools.product(KINDS, repeat=row.arity):
            if set(kinds) == {"constant"}:
                continue
            result, leaves, slopes = built(row, point, kinds)
            expected = pytest.approx(slopes, rel=1e-11, abs=1e-14)
            assert [slope.data for slope in gradients(result, leaves)] == expected, (point, kinds)
            result.backward()
            assert [leaf.grad for leaf in leaves] == expected, (point, kinds)


def test_a_third_operand_is_entered_though_the_others_are_ends() -> None:
    for first in (0.0, Value(0.0)):
        x, y = Value(3.0), Value(1.5)
        where(first, x, exp(2.0 * y)).backward()
        assert (x.grad, y.grad) == (0.0, pytest.approx(2.0 * 20.085536923187668, rel=1e-14))
