"""Values and derivatives of every row in compiled code, wherever its operands come from.

Each operand is in turn an argument, a constant, a node that the result is made from otherwise
too, and a node that nothing else reads; in batches also shared by the samples or their own. The
truth are the closed forms of `truth`.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from operands import points_of, true_slopes, true_value

from tinygrad_nn import TABLE, compile, value_and_grad
from tinygrad_nn.scalar.operation import Op

KINDS = ("argument", "constant", "shared", "alone")
ROWS = pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)


def of_kinds(
    row: Op, point: tuple[float, ...], kinds: tuple[str, ...]
) -> Callable[[list[Any]], Any]:
    """Apply a row to operands of some kinds, made from numbers that are half as great or as great."""

    def function(x: list[Any]) -> Any:
        given = iter(x)
        operands = []
        further = []
        for number, kind in zip(point, kinds, strict=True):
            if kind == "constant":
                operands.append(number)
                continue
            leaf = next(given)
            operands.append(leaf if kind == "argument" else leaf + leaf)
            if kind == "shared":
                further.append(operands[-1])
        result = row(*operands)
        for operand in further:
            result = result + operand
        return result

    return function


@ROWS
def test_operands_of_all_kinds(row: Op) -> None:
    point = points_of(row)[0]
    for kinds in itertools.product(KINDS, repeat=row.arity):
        chosen = [place for place, kind in enumerate(kinds) if kind != "constant"]
        if not chosen:
            continue
        numbers = [point[place] / (1.0 + (kinds[place] != "argument")) for place in chosen]
        shared = [place for place in chosen if kinds[place] == "shared"]
        slopes = [
            true_slopes(row, point)[place] * (1.0 + (kinds[place] != "argument"))
            + 2.0 * (place in shared)
            for place in chosen
        ]
        value, found = compile(value_and_grad(of_kinds(row, point, kinds)))(numbers)
        expected = true_value(row, point) + sum(point[place] for place in shared)
        assert value == pytest.approx(expected, rel=1e-11, abs=1e-14), kinds
        assert found == pytest.approx(slopes, rel=1e-11, abs=1e-14), kinds


@ROWS
@pytest.mark.parametrize("reduce", ["mean", "sum"])
def test_operands_of_the_samples_and_shared(row: Op, reduce: str) -> None:
    points = points_of(row)
    count = len(points)
    for own in itertools.product((False, True), repeat=row.arity):
        if not any(own):
            continue
        # What all share is the same in all samples.
        rows = [tuple(p[k] if own[k] else points[0][k] for k in range(row.arity)) for p in points]
        shared = [points[0][k] for k in range(row.arity) if not own[k]]
        samples = [[p[k] for k in range(row.arity) if own[k]] for p in points]

        def function(w: list[Any], x: list[Any], own: tuple[bool, ...] = own) -> Any:
            ws, xs = iter(w), iter(x)
            return row(*[next(xs if mine else ws) for mine in own])

        share = 1.0 / count if reduce == "mean" else 1.0
        value = share * sum(true_value(row, p) for p in rows)
        slopes = np.array([true_slopes(row, p) for p in rows])
        expected = [share * slopes[:, k].sum() for k in range(row.arity) if not own[k]]
        compiled = compile(function, batch="x", reduce=reduce)
        assert compiled(shared, samples) == pytest.approx(value, rel=1e-11, abs=1e-14), own
        if shared:
            found = compile(value_and_grad(function), batch="x", reduce=reduce)(shared, samples)
            assert found[0] == pytest.approx(value, rel=1e-11, abs=1e-14), own
            assert found[1] == pytest.approx(expected, rel=1e-11, abs=1e-14), own


@ROWS
def test_one_result_for_each_sample(row: Op) -> None:
    points = points_of(row)

    def function(x: list[Any]) -> Any:
        return row(*x)

    found = compile(value_and_grad(function), batch="x")([list(point) for point in points])
    for point, (value, slopes) in zip(points, found, strict=True):
        assert value == pytest.approx(true_value(row, point), rel=1e-11, abs=1e-14)
        assert slopes == pytest.approx(true_slopes(row, point), rel=1e-11, abs=1e-14)
