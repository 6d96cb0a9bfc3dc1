"""Operations on arrays and on single numbers of the fields are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value
from tinygrad_nn.compiler.proof.arrays import (
    apply,
    drawn,
    elements_of,
    joined,
    reduced,
    reduced_runs,
    residues,
)
from tinygrad_nn.compiler.proof.element import Element, apply_row, drawn_elements, elements
from tinygrad_nn.compiler.proof.field import P, Q, unions
from tinygrad_nn.scalar.graph import CONSTANT
from tinygrad_nn.scalar.operation import TABLE, Op
from tinygrad_nn.scalar.ops import above, add, maximum, minimum, power
from tinygrad_nn.scalar.value import constant

SIZE = 5


def single(numbers: Any) -> list[Element]:
    return elements((numbers[0, 0] | numbers[1, 0] << np.uint64(31)).tolist())


def pairs(found: list[Element]) -> list[tuple[int, int]]:
    return [(one.v, one.w) for one in found]


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_rows(op: Op) -> None:
    operands = [drawn(n * SIZE, 1, SIZE) for n in range(op.arity)]
    found = single(apply(op, operands))
    expected = [apply_row(op, own) for own in zip(*map(single, operands), strict=True)]
    assert pairs(found) == pairs(expected)


@pytest.mark.parametrize("number", [0.0, 1.0, 2.0, -1.0, 0.5, -3.0, 7.0, 100.0])
@pytest.mark.parametrize("op", [power, above, maximum], ids=lambda op: op.name)
def test_plain_numbers(op: Op, number: float) -> None:
    x = drawn(0, 1, SIZE)
    node = constant(number)
    assert isinstance(node, Value)
    assert node.row is CONSTANT
    expected = [apply_row(op, (one, node)) for one in single(x)]
    assert pairs(single(apply(op, [x, number]))) == pairs(expected)


@pytest.mark.parametrize("op", [add, maximum, minimum], ids=lambda op: op.name)
@pytest.mark.parametrize("kept", [False, True])
def test_the_order_does_not_matter(op: Op, kept: bool) -> None:
    unions.begin(kept)
    x, y, z = (drawn(n * SIZE, 1, SIZE) for n in range(3))
    one = joined(op, joined(op, x, y), z)
    assert (one == joined(op, x, joined(op, z, y))).all()
    assert (one == reduced(op, np.stack([z, x, y], axis=-1))).all()
    runs = reduced_runs(op, np.concatenate([x, y, z], axis=-1), np.array([4, 5, 15]))
    assert (runs[..., 0] == reduced(op, x[..., :4])).all()
    assert (runs[..., 1] == x[..., 4]).all()
    assert (runs[..., 2] == reduced(op, np.concatenate([y, z], axis=-1))).all()
    if kept and op is not add:
        assert (joined(op, one, x) == one).all()
    unions.begin(False)


def test_quotients_are_those_of_the_fields() -> None:
    x, y = (drawn(n * SIZE, 1, SIZE) for n in range(2))
    quotient = apply(TABLE["div"], [x, y])
    assert (apply(TABLE["mul"], [quotient, y]) == x).all()
    assert max(int(quotient[0].max()) - P, int(quotient[1].max()) - Q) < 0


def test_elements_are_drawn_as_arrays_are() -> None:
    first, size = 3 << 40, 20_000
    numbers, slopes = drawn(first, 2, size // 2), drawn(first + size, 1, size)
    found = drawn_elements(first, first + size, size)
    expected = elements_of(numbers.reshape(2, 1, size), 0, slopes)
    assert [(x.v, x.w, x.dv, x.dw) for x in found] == [(x.v, x.w, x.dv, x.dw) for x in expected]
    assert all(x.dv == x.dw == 0 for x in drawn_elements(first, -1, SIZE))
    for numbers_of_field, prime in zip(numbers, (P, Q), strict=True):
        assert len(np.unique(numbers_of_field)) > size - 5
        assert int(numbers_of_field.max()) < prime
        assert abs(numbers_of_field.mean() / prime - 0.5) < 0.02


@pytest.mark.parametrize("size", [3, 5000])
def test_residues(size: int) -> None:
    numbers = np.random.default_rng(0).integers(0, 1 << 63, (2, 1, size), dtype=np.uint64)
    numbers[:, 0, :3] = [[0, P, 2 * P], [0, Q, 2 * Q]]
    expected = numbers % np.array([P, Q], dtype=np.uint64).reshape(2, 1, 1)
    assert (residues(numbers) == expected).all()
