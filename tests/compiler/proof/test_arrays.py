"""Operations on arrays and on single numbers of the fields are the same."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value
from tinygrad_nn.compiler.proof.arrays import apply, drawn, joined, reduced, reduced_runs
from tinygrad_nn.compiler.proof.element import Element, apply_row, elements
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
    rng = np.random.default_rng(0)
    operands = [drawn(rng, 1, SIZE) for _ in range(op.arity)]
    found = single(apply(op, operands))
    expected = [apply_row(op, own) for own in zip(*map(single, operands), strict=True)]
    assert pairs(found) == pairs(expected)


@pytest.mark.parametrize("number", [0.0, 1.0, 2.0, -1.0, 0.5, -3.0, 7.0, 100.0])
@pytest.mark.parametrize("op", [power, above, maximum], ids=lambda op: op.name)
def test_plain_numbers(op: Op, number: float) -> None:
    x = drawn(np.random.default_rng(0), 1, SIZE)
    node = constant(number)
    assert isinstance(node, Value)
    assert node.row is CONSTANT
    expected = [apply_row(op, (one, node)) for one in single(x)]
    assert pairs(single(apply(op, [x, number]))) == pairs(expected)


@pytest.mark.parametrize("op", [add, maximum, minimum], ids=lambda op: op.name)
@pytest.mark.parametrize("kept", [False, True])
def test_the_order_does_not_matter(op: Op, kept: bool) -> None:
    unions.begin(kept)
    x, y, z = (drawn(np.random.default_rng(n), 1, SIZE) for n in range(3))
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
    x, y = (drawn(np.random.default_rng(n), 1, SIZE) for n in range(2))
    quotient = apply(TABLE["div"], [x, y])
    assert (apply(TABLE["mul"], [quotient, y]) == x).all()
    assert max(int(quotient[0].max()) - P, int(quotient[1].max()) - Q) < 0
