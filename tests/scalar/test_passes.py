"""Passes that keep derivatives on the nodes: as those that keep them aside, and only where they may."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

import pytest

from tinygrad_nn import TABLE, Value, gt, sqrt, stop_gradient, tanh, where
from tinygrad_nn.scalar.contexts import deriving
from tinygrad_nn.scalar.graph import INPUT, depends_on
from tinygrad_nn.scalar.inputs import inputs_of
from tinygrad_nn.scalar.passes import Forward, cut_off, pull, pull_own
from tinygrad_nn.scalar.reverse import adjoints, partial, tangents

ROWS = list(TABLE.values())


def same(found: Sequence[float], expected: Sequence[float]) -> bool:
    return len(found) == len(expected) and all(
        a == b or (math.isnan(a) and math.isnan(b)) for a, b in zip(found, expected, strict=True)
    )


def random_graph(seed: int, inputs: list[Value]) -> list[Value]:
    """Apply rows to whatever there is already, where they are defined; the last nodes are results."""
    rng = random.Random(seed)
    nodes: list[Any] = [*inputs, 0.5, Value(3.0) if seed % 2 else 0.25, math.inf]
    while len(nodes) < 40:
        row = rng.choice(ROWS)
        operands = [rng.choice(nodes) for _ in row.letters]
        try:
            found = row(*operands)
        except (ValueError, ArithmeticError):
            continue
        if isinstance(found, Value) and not found.is_constant:
            nodes.append(found)
    return nodes[-3:]


@pytest.mark.parametrize("seed", range(120))
def test_derivatives_are_those_that_are_kept_aside(seed: int) -> None:
    rng = random.Random(seed)
    inputs = inputs_of([rng.choice([0.0, 1.0, rng.uniform(-2, 2)]) for _ in range(3)], False)
    outputs = random_graph(seed, inputs)
    seeds = [1.0, -2.0, 0.5]
    expected = adjoints(outputs, seeds, inputs, partial)
    along = tangents(outputs, inputs, seeds, partial)
    columns = [tangents(outputs, [each], [1.0], partial) for each in inputs]
    for output in outputs:
        pull_own(output, inputs)
        assert same([x.grad for x in inputs], adjoints([output], [1.0], inputs, partial))
    own = cut_off(outputs, inputs)
    assert not depends_on(own, frozenset())
    assert same(pull(own, seeds, inputs), expected)
    forward = Forward(own, inputs)
    assert same(forward.push(inputs, seeds), along)
    for each, column in zip(inputs, columns, strict=True):
        assert same(forward.push([each], [1.0]), column)


def test_what_does_not_move_is_not_multiplied_by_infinity() -> None:
    x, y = inputs_of([2.0, math.inf], False)
    outputs = [x * y, x + y, tanh(x) * y, where(gt(x, 0.0), y, 3.0)]
    forward = Forward(outputs, [x, y])
    assert forward.push([x], [1.0])[:2] == [math.inf, 1.0]
    assert forward.push([y], [1.0])[:2] == [2.0, 1.0]
    steep = TABLE["sqrt"](x - 2.0) * 0.0 + y
    assert Forward([steep], [x, y]).push([y], [1.0]) == [1.0]


STEEP: list[Callable[[Any, Any], Any]] = [
    lambda x, y: x + y,
    lambda x, y: x - y,
    lambda x, y: x - x,
    lambda x, y: x * y,
    lambda x, y: -x,
    lambda x, y: x * 0.0,
    lambda x, y: x * 2.0,
    lambda x, y: x / 2.0,
    lambda x, y: sqrt(x),
    lambda x, y: TABLE["cbrt"](x),
    lambda x, y: abs(x) ** 1.5,
    lambda x, y: TABLE["max"](x, y),
    lambda x, y: TABLE["mod"](x, y + 4.0),
]


@pytest.mark.parametrize("seed", range(150))
def test_infinite_slopes_meet_what_they_meet_where_derivatives_are_recorded(seed: int) -> None:
    """What cancels whatever the numbers are, as u - u, hands on nothing; what is 0 now, hands on NaN."""
    rng = random.Random(seed)
    inputs = inputs_of([rng.choice([0.0, 0.0, 1.0, -1.0, math.inf]) for _ in range(2)], False)
    nodes = [*inputs]
    while len(nodes) < 9:
        with suppress(ValueError, ArithmeticError):
            nodes.append(rng.choice(STEEP)(rng.choice(nodes[-4:]), rng.choice(nodes[-4:])))
    output = nodes[-1] + nodes[-2] - rng.choice(nodes[-3:])
    with deriving():
        recorded = [Value(0.0) + d for d in adjoints([output], [1.0], inputs)]
        along = [Value(0.0) + d for d in tangents([output], inputs, [1.0, 0.0])]
    expected = [d.data for d in recorded]
    assert same(adjoints([output], [1.0], inputs, partial), expected)
    assert same(pull([output], [1.0], inputs), expected)
    pull_own(output, inputs)
    assert same([x.grad for x in inputs], expected)
    moved = tangents([output], inputs, [1.0, 0.0], partial)
    assert same(moved, [d.data for d in along])
    assert same(Forward([output], inputs).push(inputs, [1.0, 0.0]), moved)


def test_results_that_are_inputs_constants_or_flat() -> None:
    x, y = inputs_of([2.0, 3.0], False)
    flat = TABLE["sign"](x)
    flat.backward(5.0)
    outputs = [x, x, (x * 1.0).args[1], flat, x * flat]
    assert pull(outputs, [1.0, 10.0, 100.0, 1000.0, 0.5], [x, y]) == [11.5, 0.0]
    assert outputs[2].grad == 0.0
    assert Forward(outputs, [x, y]).push([x], [2.0]) == [2.0, 2.0, 0.0, 0.0, 2.0]


def test_gradients_of_before_do_not_count() -> None:
    x, y = inputs_of([2.0, 3.0], False)
    z = x * y
    z.backward()
    assert (x.grad, y.grad) == (3.0, 2.0)
    assert pull([z], [1.0], [x, y]) == [3.0, 2.0]
    z.backward()
    assert Forward([z], [x, y]).push([x], [1.0]) == [3.0]


def test_what_others_know_is_cut_off_and_left_as_it_is() -> None:
    w = Value(3.0)
    shared = w * 2.0
    shared.backward()
    (x,) = inputs_of([2.0], False)
    inside = tanh(shared) * x
    outputs = [where(gt(x, 0.0), inside * shared, w), shared, w, x]
    z = outputs[0].data
    own = cut_off(outputs, [x])
    assert not depends_on(own, frozenset())
    assert [node.data for node in own] == [z, 6.0, 3.0, 2.0]
    assert pull(own, [1.0, 1.0, 1.0, 1.0], [x]) == [math.tanh(6.0) * 6.0 + 1.0]
    assert (w.grad, shared.grad, shared.args[0]) == (2.0, 1.0, w)


def test_what_a_number_depends_on() -> None:
    w = Value(3.0)
    x, y = inputs_of([2.0, 3.0], False)
    assert x.row is INPUT
    assert depends_on([x * 2.0, w], frozenset())
    assert depends_on([TABLE["sign"](w) * x], frozenset())  # though there is no slope
    assert depends_on([stop_gradient(w * 2.0) + x], frozenset())
    assert depends_on([where(gt(x, 0.0), 1.0, w)], frozenset())
    assert not depends_on([where(gt(x, 0.0), 1.0, y), x], frozenset())
    assert depends_on([where(gt(x, 0.0), 1.0, y)], frozenset([y]))
    assert depends_on([y], frozenset([y]))
    assert not depends_on([x * 2.0], frozenset([y]))
    assert not depends_on([], frozenset([y]))
