"""Numbers that were assigned after a graph was recorded from them are noticed where asked for."""

from __future__ import annotations

import contextlib
import itertools
import math
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import TABLE, Value, custom, debug, grad, gradients, hessian, where
from tinygrad_nn.errors import StaleGraphError
from tinygrad_nn.graph import ancestors
from tinygrad_nn.scalar.contexts import deriving
from tinygrad_nn.scalar.stale import refuse_stale
from tinygrad_nn.testing import graphs


def test_an_operand_assigned_since() -> None:
    x = Value(2.0, label="x")
    q = x * x
    x.data = 5.0
    with pytest.raises(StaleGraphError, match=r"mul at x = 5\.0 \(x\).*gives 25\.0.*has 4\.0"):
        q.backward(check=True)
    assert x.grad == 0.0  # nothing is changed
    q.backward()  # what holds without
    assert (q.data, x.grad) == (4.0, 10.0)
    x.data = 2.0
    q.backward(check=True)


def test_in_debug_with_the_line() -> None:
    with debug():
        x = Value(2.0)
        q = x * x
        x.data = 5.0
        with pytest.raises(StaleGraphError, match=r"computed at test_stale\.py"):
            q.backward()
        with pytest.raises(StaleGraphError):
            gradients(q, [x])
        assert gradients(x * x, [x])[0].data == 10.0


def test_the_first_operation_is_named_and_a_node_between_counts() -> None:
    x = Value(2.0)
    y = tg.exp(x)
    z = y * 3.0 + 1.0
    y.data = 1.0
    with pytest.raises(StaleGraphError, match="exp at"):
        z.backward(check=True)
    constant = Value(2.0) + 7.0
    constant.args[1].data = 8.0
    with pytest.raises(StaleGraphError, match="add at"):
        constant.backward(check=True)


def test_operations_of_several_arguments_and_of_the_users_own() -> None:
    gamma = custom(math.lgamma, lambda x, z: 1.0, name="lgamma")
    sums = custom(lambda x, y, u, v: x + y + u + v, [lambda *a: 1.0] * 4)
    for make in (
        gamma,
        lambda x: sums(x, 1.0, 2.0, 3.0),
        lambda x: sums(1.0, 2.0, 3.0, x),
        lambda x: TABLE["where"](TABLE["gt"](x, 0.0), 2.0 * x, 3.0),
        lambda x: where(x > 0, lambda: x * x, 0.0),
    ):
        x = Value(2.5)
        y = make(x)
        y.backward(check=True)
        x.data = 7.5
        with pytest.raises(StaleGraphError):
            y.backward(check=True)


def test_what_is_not_stale() -> None:
    noise = custom(lambda x: x + random.random(), lambda x, z: 1.0, name="noise")
    count = itertools.count()
    counting = custom(lambda x: x + next(count), lambda x, z: 1.0, name="counting")
    x = Value(2.0)
    for y in (noise(x) * counting(x), Value(math.nan) * x, x - x, -x * 0.0, x**2, tg.norm([x, x])):
        if y.data == y.data:
            y.backward(check=True)
    with debug():
        assert grad(lambda x: tg.norm([x, 3.0]))(4.0) == 0.8
        assert hessian(lambda x: tg.sigmoid(x) * x.max(0.0))(1.0) == pytest.approx(
            hessian(lambda x: x / (1.0 + tg.exp(-x)))(1.0)
        )


def test_nodes_of_derivatives_may_be_infinite() -> None:
    x = Value(0.0)
    with deriving():
        slope = 1.0 / x
    refuse_stale(slope)
    (slope,) = gradients(tg.sqrt(x), [x])
    refuse_stale(slope)


def test_every_row_is_recomputed_bit_by_bit() -> None:
    for row in TABLE.values():
        numbers = [low + 0.3 * (high - low) for low, high in row.sample]
        node = row(*map(Value, numbers))
        refuse_stale(node)


@settings(max_examples=60, deadline=None)
@given(graphs(), st.data())
def test_random_graphs(function: Any, data: Any) -> None:
    leaves = [Value(number) for number in function.point]
    root = function(*leaves)
    if not isinstance(root, Value):
        return
    refuse_stale(root, *gradients(root, leaves))  # as they were recorded
    changed = data.draw(st.sampled_from(leaves))
    changed.data += 0.125
    differs = any(
        not same(node.row.quiet(*(operand.data for operand in node.args)), node.data)
        for node in ancestors(root)
        if node.args
    )
    with pytest.raises(StaleGraphError) if differs else contextlib.nullcontext():
        refuse_stale(root)


def same(a: float, b: float) -> bool:
    return a == b or (math.isnan(a) and math.isnan(b))


def test_a_step_of_training_makes_the_graph_stale() -> None:
    model = tg.nn.MLP(2, [3, 1], activation="tanh", seed=0)
    loss = tg.nn.squared_error(model([1.0, 2.0]), 1.0)
    loss.backward(check=True)
    tg.optim.SGD(model.parameters(), lr=0.1).step()
    with pytest.raises(StaleGraphError):
        loss.backward(check=True)
