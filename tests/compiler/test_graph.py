"""Graphs that were recorded with numbers, compiled: the same graph at other numbers."""

from __future__ import annotations

import math
import re
from typing import Any

import numpy as np
import pytest
from compiled import flat

import tinygrad_nn
from tinygrad_nn import (
    Value,
    compile,
    debug,
    dot,
    grad,
    gradients,
    gt,
    logsumexp,
    lookup,
    nn,
    norm,
    relu,
    stop_gradient,
    tanh,
    where,
)
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError
from tinygrad_nn.linalg import solve

RNG = np.random.default_rng(0)
X = RNG.normal(size=(12, 2))
Y = np.sign(X[:, 0] * X[:, 1])


def network() -> nn.MLP:
    return nn.MLP(2, [5, 1], activation="tanh", seed=0)


def cost_of(model: Any) -> Value:
    """The mean hinge loss of the whole batch, unrolled, with weight decay."""
    losses = [relu(1.0 - y * model(x)) for x, y in zip(X.tolist(), Y.tolist(), strict=True)]
    data: Value = sum(losses) * (1.0 / len(losses))
    return data + 1e-2 * sum(p * p for p in model.parameters())


def moved(parameters: list[Value], seed: int) -> list[float]:
    return (np.array([p.data for p in parameters]) + RNG.normal(size=len(parameters))).tolist()


def test_a_graph_at_the_numbers_it_was_recorded_at() -> None:
    x, y = Value(2.0), Value(3.0)
    z = x * y + tanh(x)
    assert compile(z, inputs=[x, y])() == z.data
    assert compile(z, inputs=[x, y])([2.0, 3.0]) == z.data


def test_a_graph_at_other_numbers() -> None:
    x, y = Value(2.0), Value(3.0)
    f = compile(x * y + 1, inputs=[x, y])
    assert [f([5.0, 7.0]), f([Value(5.0), 7.0]).data, f([0.5, 4])] == [36.0, 36.0, 3.0]
    x.data = 10.0
    assert f() == 31.0


def test_inputs_and_outputs_are_nested() -> None:
    x, y = Value(2.0), [Value(3.0)]
    f = compile({"sum": x + y[0], "parts": (x, 5.0)}, inputs={"x": x, "y": y})
    assert f({"x": 1.0, "y": [2.0]}) == {"sum": 3.0, "parts": (1.0, 5.0)}
    assert f() == {"sum": 5.0, "parts": (2.0, 5.0)}
    assert compile(x * x, inputs=x)(3.0) == 9.0


def test_the_unrolled_batch_and_its_gradient() -> None:
    model = network()
    parameters = model.parameters()
    cost = cost_of(model)
    compiled = compile([cost, gradients(cost, parameters)], inputs=parameters)
    for _ in range(3):
        again = cost_of(model)
        again.backward()
        expected = [again.data, *[p.grad for p in parameters]]
        np.testing.assert_allclose(flat(compiled()), expected, rtol=1e-9, atol=1e-12)
        for p in parameters:
            p.data -= 0.3 * p.grad
            p.grad = 0.0


def test_the_unrolled_batch_is_a_few_statements() -> None:
    model = network()
    cost = cost_of(model)
    compiled = compile([cost, gradients(cost, model.parameters())], inputs=model.parameters())
    assert compiled.program.stats.nodes > 300
    assert len(compiled.program.statements) < 35


def test_data_are_constants_of_the_program() -> None:
    x, w = Value(2.0), Value(3.0)
    z = w * x.data
    f = compile(z, inputs=[w])
    x.data = 100.0
    assert f([5.0]) == 10.0


def test_inputs_that_are_results() -> None:
    """The graph ends at its inputs, whatever they were made from."""
    x = Value(2.0)
    y = x * x
    assert compile(y + 1, inputs=[y])([10.0]) == 11.0


def test_a_graph_compiled_is_differentiated_and_compiled_into_others() -> None:
    x = Value(2.0)
    cube = compile(x**3, inputs=[x])
    v = Value(2.0)
    (slope,) = gradients(cube([v]), [v])
    assert slope.data == 12.0
    assert compile(lambda y: cube([y * 2]))(1.0) == 8.0


def test_an_input_that_nothing_depends_on_is_refused() -> None:
    x, y = Value(2.0), Value(3.0, label="y")
    with pytest.raises(ArgumentError, match=r"inputs has .*'y'.*, the number 1 of them, .*\.data"):
        compile(x * 2 + y.data, inputs=[x, y])
    with pytest.raises(ArgumentError, match=r"does not depend on it"):
        compile(x * 2, inputs={"a": [x], "b": y})
    z = x * 2
    with pytest.raises(ArgumentError, match=r"does not depend on it"):
        compile(z + 1, inputs=[z, x])  # the graph ends at z
    assert compile([x * 2, y], inputs=[x, y])([4.0, 0.0]) == [8.0, 0.0]
    assert compile(x * stop_gradient(y), inputs=[x, y])([4.0, 2.0]) == 8.0


FROZEN: dict[str, Any] = {
    "if": lambda x, y: x * 3 if x > 0 else -x,
    "where of a bool": lambda x, y: where(x > 0, x * 3, -x),
    "where of functions": lambda x, y: where(gt(x, 0.0), lambda: x * 3, lambda: -x),
    "a condition of results": lambda x, y: x * 3 if x * x + y * y < 100.0 else -x,
    "a circle": lambda x, y: x * 3 if (x - 1.0) ** 2 + (y - 2.0) ** 2 < 1.0 else -x,
    "a distance": lambda x, y: x * 3 if abs(x * y - 2.0) > 1.0 else -x,
    "max": lambda x, y: max(x, y),
    "sorted": lambda x, y: dot(sorted([x, y]), [1.0, 2.0]),
    "int": lambda x, y: x * int(y),
    "round": lambda x, y: x * round(y, 1),
    "trunc": lambda x, y: x * math.trunc(y),
    "norm": lambda x, y: norm([x, y]),
    "the target of cross_entropy": lambda x, y: nn.cross_entropy([1.0, x, -x], y),
    "the index of lookup": lambda x, y: x * lookup([1.0, 2.0, 3.0], y),
    "solve": lambda x, y: solve([[x, y], [y, 1.0]], [1.0, 2.0])[0],
    "np.maximum": lambda x, y: np.maximum(np.array([x, y]), 0.0).sum(),
    "np.sort": lambda x, y: np.sort(np.array([x, y]))[0],
    "np.sign": lambda x, y: (np.sign(np.array([x, y])) * x).sum(),
    "array.max": lambda x, y: np.array([x, y]).max(),
    "np.argmax": lambda x, y: [x, y][np.argmax(np.array([x, y]))],
    "np.clip": lambda x, y: np.clip(np.array([x, y]), 0.5, 1.5).sum() * x,
    "the gradient of a choice": lambda x, y: gradients(x * y if x > 0 else -x, [x])[0] * x,
    "a choice inside grad": lambda x, y: grad(lambda u: u * u if u > y else -u)(x),
}

FREE: dict[str, Any] = {
    "gt": lambda x, y: where(gt(x, 0.0), x * 3, -x) + y,
    "max": lambda x, y: tinygrad_nn.max(x, y) + relu(x) + np.maximum(x, y),
    "what is .data": lambda x, y: (x * 3 if x.data > 0 else -x) + y,
    "losses": lambda x, y: nn.binary_cross_entropy(x * 0.25, y * 0.5) + nn.huber(x, y),
    "logits": lambda x, y: nn.cross_entropy([x, -x, y], 1) + logsumexp([x, y]),
    "a mean": lambda x, y: np.array([x, y]).mean() + np.linalg.norm([1.0, 2.0]),
}


@pytest.mark.parametrize("name", FROZEN)
def test_a_graph_that_hangs_on_what_python_saw_is_refused(name: str) -> None:
    x, y = Value(2.0, label="x"), Value(1.0, label="y")
    with pytest.raises(ArgumentError, match=r"Python has looked at Value.*where\(gt\(x, 0.0\)"):
        compile(FROZEN[name](x, y), inputs=[x, y])


@pytest.mark.parametrize("name", FREE)
def test_a_graph_that_does_not_is_compiled(name: str) -> None:
    x, y = Value(2.0), Value(1.0)
    output = FREE[name](x, y)
    found = compile(output, inputs=[x, y])
    assert found() == pytest.approx(output.data, rel=1e-14)
    if name in ("gt", "max", "losses", "logits"):
        again = FREE[name](Value(0.5), Value(1.75)).data
        assert found([0.5, 1.75]) == pytest.approx(again, rel=1e-14)


def test_the_lines_are_named_where_they_are_known() -> None:
    with debug():
        x = Value(2.0)
        y = x * 3
        z = x if y > 0 else -x
    with pytest.raises(ArgumentError) as caught:
        compile(z, inputs=[x])
    assert re.search(r"made at test_graph.py:\d+: x = Value\(2.0\)", str(caught.value))
    assert re.search(r"seen at test_graph.py:\d+: z = x if y > 0 else -x", str(caught.value))
    x = Value(2.0)
    with pytest.raises(ArgumentError, match=r"inside debug\(\) to see the lines"):
        compile(x if x > 0 else -x, inputs=[x])


def test_what_was_compared_beside_the_graph_does_not_matter() -> None:
    x, y = Value(2.0), Value(3.0)
    before = sum((x * k + y * 2.0 - 1.0) ** 2 for k in range(3))
    assert before > 1e-6  # has it converged?
    with pytest.raises(ArgumentError, match=r"made by (add|pow)"):
        compile(before, inputs=[x, y])
    again = sum((x * k + y * 2.0 - 1.0) ** 2 for k in range(3))
    assert compile(again, inputs=[x, y])() == before.data


def test_a_leaf_that_is_no_input_is_named() -> None:
    x, w = Value(2.0, label="x"), Value(3.0, label="w")
    with pytest.raises(ArgumentError, match=r"the graph has the leaf .*w.*, which is not among"):
        compile(x * w, inputs=[x])


def test_mistakes() -> None:
    x = Value(2.0, label="x")
    with pytest.raises(ArgumentError, match="inputs is missing: give the leaves"):
        compile(x * 2)
    with pytest.raises(ArgumentError, match="inputs is missing"):
        compile([x * 2, {"a": x}])
    with pytest.raises(ArgumentError, match=r"inputs names .*x.* twice"):
        compile(x * 2, inputs=[x, x])
    with pytest.raises(ArgumentTypeError, match=r"inputs has 3.0, of type float: expected Values"):
        compile(x * 2, inputs=[3.0])
    with pytest.raises(ShapeError, match="another way than the inputs: expected 1 numbers"):
        compile(x * 2, inputs=[x])([1.0, 2.0])


@pytest.mark.parametrize("option", ["batch", "reduce", "static", "check"])
def test_options_for_functions_are_refused_for_graphs(option: str) -> None:
    x = Value(2.0)
    with pytest.raises(ArgumentError, match=option):
        compile(1 / x, inputs=[x], **{option: "sum"})  # type: ignore[call-overload]
