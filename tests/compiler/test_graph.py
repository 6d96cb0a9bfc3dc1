"""Graphs that were recorded with numbers, compiled: the same graph at other numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from compiled import flat

from tinygrad_nn import Value, compile, gradients, nn, relu, tanh
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError

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


def test_unused_inputs() -> None:
    x, y = Value(2.0), Value(3.0)
    assert compile(x * 2, inputs=[x, y])([4.0, 0.0]) == 8.0


def test_a_graph_compiled_is_differentiated_and_compiled_into_others() -> None:
    x = Value(2.0)
    cube = compile(x**3, inputs=[x])
    v = Value(2.0)
    (slope,) = gradients(cube([v]), [v])
    assert slope.data == 12.0
    assert compile(lambda y: cube([y * 2]))(1.0) == 8.0


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
