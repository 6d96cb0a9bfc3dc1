"""Neurons, layers and networks."""

from __future__ import annotations

import math
import random
import statistics
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tinygrad_nn import Value, nn, no_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError
from tinygrad_nn.scalar import graph

FORMULAS = {
    "sigmoid": lambda z: 1.0 / (1.0 + math.exp(-z)),
    "tanh": math.tanh,
    "relu": lambda z: max(0.0, z),
    "leaky_relu": lambda z: max(0.01 * z, z),
    "gelu": lambda z: z * statistics.NormalDist().cdf(z),
    "silu": lambda z: z / (1.0 + math.exp(-z)),
    "mish": lambda z: z * math.tanh(math.log1p(math.exp(z))),
    "identity": lambda z: z,
}
numbers = st.floats(-3.0, 3.0)


def filled(layer: Any, W: Any, b: Any) -> Any:
    layer.load_state_dict({"weight": W, "bias": b})
    return layer


@pytest.mark.parametrize("name", FORMULAS)
@given(w=st.lists(numbers, min_size=3, max_size=3), b=numbers, x=st.tuples(*[numbers] * 3))
def test_a_neuron_is_g_of_w_x_plus_b(name: str, w: list[float], b: float, x: tuple) -> None:
    neuron = filled(nn.Neuron(3, name), w, b)
    z = w[0] * x[0] + w[1] * x[1] + w[2] * x[2] + b
    assert neuron(x).data == pytest.approx(FORMULAS[name](z), rel=1e-12, abs=1e-15)


def test_every_name_has_a_formula() -> None:
    assert FORMULAS.keys() == nn.ACTIVATIONS.keys()


def test_z_has_one_node_for_each_operation_and_number() -> None:
    output = nn.Neuron(3, "identity")([1.0, 2.0, 3.0])
    ops = [node.op for node in graph.ancestors(output)]
    assert sorted(filter(None, ops)) == ["add"] * 3 + ["mul"] * 3
    assert len(ops) == 6 + 4 + 3  # and 4 parameters, 3 inputs
    assert output.op == "add"
    assert output.args[1].is_leaf  # the bias comes last


def test_a_layer_shares_the_nodes_of_plain_inputs() -> None:
    outputs = nn.Layer(3, 5)([1.0, 2.0, 3.0])
    constants = [n for n in graph.ancestors(*outputs) if n.is_constant and n.data != 0.0]
    assert [node.data for node in constants] == [1.0, 2.0, 3.0]


@pytest.mark.parametrize("nouts", [[1], [4, 1], [5, 3], [1, 2], [3, 1, 2]])
def test_an_mlp_is_matrix_products(nouts: list[int]) -> None:
    model = nn.MLP(3, nouts, activation="tanh", output_activation="sigmoid", seed=1)
    for number, bias in enumerate(p for layer in model.layers for p in bias_of(layer)):
        bias.data = 0.1 * number
    a = x = np.array([0.3, -1.2, 2.0])
    state = model.state_dict()
    for i in range(len(nouts)):
        z = np.array(state[f"layers.{i}.weight"]) @ a + np.array(state[f"layers.{i}.bias"])
        a = np.tanh(z) if i < len(nouts) - 1 else 1 / (1 + np.exp(-z))
    for given_x in (x, x.tolist(), tuple(x), [Value(v) for v in x]):
        output = model(given_x)
        assert isinstance(output, Value) == (nouts[-1] == 1)
        with no_grad():
            np.testing.assert_allclose(np.array(output, dtype=float).ravel(), a, rtol=1e-12)


def bias_of(layer: nn.Layer) -> list[Value]:
    return [neuron.b for neuron in layer.neurons]


def test_a_callable_activation() -> None:
    layer = filled(nn.Layer(1, 1, lambda z: z * z), [[2.0]], [1.0])
    assert layer(3.0).data == 49.0


def test_a_mistake_in_the_number_of_inputs_is_named() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh")
    with pytest.raises(ShapeError, match=r"layers\[0\]: Layer\(2 -> 3, tanh\) expects 2 .* got 3"):
        model([1.0, 2.0, 3.0])
    model.layers[1] = nn.Layer(4, 1)
    with pytest.raises(ShapeError, match=r"layers\[1\]: Layer\(4 -> 1, relu\) expects 4 .* got 3"):
        model([1.0, 2.0])
    with pytest.raises(ShapeError, match=r"Neuron\(2, relu\) expects 2 inputs, got 1"):
        nn.Neuron(2)([1.0])
    with pytest.raises(ArgumentTypeError, match=r"x\[1\]"):
        model([1.0, "2"])
    with pytest.raises(ArgumentTypeError, match="expects a list of 2 numbers"):
        model(None)


@pytest.mark.parametrize(
    ("arguments", "keywords", "words"),
    [
        ((2, []), {}, "nouts is empty"),
        ((2, 3), {}, r"as \[16, 1\]"),
        ((2, [3, 0]), {}, r"nouts\[1\]"),
        ((0, [3]), {}, "nin"),
        ((2, [3]), {"output_activation": "tang"}, "did you mean 'tanh'"),
        ((2, [3]), {"output_activation": 3}, "expected a function"),
        ((2, [3]), {"init": "hex"}, "did you mean 'he'"),
        ((2, [3]), {"init": 0.5}, "expected a function"),
        ((2, [3]), {"seed": 1, "rng": random.Random(1)}, "expected one of them"),
    ],
)
def test_bad_arguments(arguments: Any, keywords: Any, words: str) -> None:
    with pytest.raises((ArgumentError, ArgumentTypeError), match=words):
        nn.MLP(*arguments, **keywords)


@pytest.mark.parametrize(
    ("init", "activation", "deviation"),
    [
        ("he", "tanh", math.sqrt(2 / 50)),
        ("xavier", "relu", math.sqrt(2 / 90)),
        ("uniform", "relu", 1 / math.sqrt(3)),
        (None, "relu", math.sqrt(2 / 50)),
        (None, "leaky_relu", math.sqrt(2 / 50)),
        (None, "tanh", math.sqrt(2 / 90)),
        (None, "identity", math.sqrt(2 / 90)),
    ],
)
def test_initialisers(init: Any, activation: str, deviation: float) -> None:
    state = nn.Layer(50, 40, activation, init=init, seed=3).state_dict()
    weights = [w for row in state["weight"] for w in row]
    assert statistics.pstdev(weights) == pytest.approx(deviation, rel=0.06)
    assert statistics.fmean(weights) == pytest.approx(0.0, abs=4 * deviation / math.sqrt(2000))
    assert set(state["bias"]) == {0.0}
    if init == "uniform":
        assert -1 <= min(weights) < -0.99 < 0.99 < max(weights) <= 1


def test_random_numbers_come_from_where_it_is_said() -> None:
    def weights(**source: Any) -> Any:
        return nn.MLP(2, [3, 1], **source).state_dict()

    assert weights(seed=7) == weights(seed=7) == weights(rng=random.Random(7))
    assert weights(seed=7) != weights(seed=8)
    random.seed(7)
    assert weights() == weights(seed=7)
    assert len({w for row in weights(seed=7)["layers.0.weight"] for w in row}) == 6


def test_uniform_draws_the_numbers_of_micrograd() -> None:
    micrograd = pytest.importorskip("micrograd.nn")
    random.seed(1337)
    theirs = [p.data for p in micrograd.MLP(2, [16, 16, 1]).parameters()]
    random.seed(1337)
    ours = [p.data for p in nn.MLP(2, [16, 16, 1], init="uniform").parameters()]
    assert ours == theirs


def test_micrograd_agrees() -> None:
    theirs_nn = pytest.importorskip("micrograd.nn")
    ours, theirs = nn.MLP(3, [4, 4, 1]), theirs_nn.MLP(3, [4, 4, 1])
    assert len(ours.parameters()) == len(theirs.parameters()) == 41
    for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
        p.data = q.data
    theirs.layers[1].neurons[2].b.data = ours.layers[1].neurons[2].b.data = 0.5
    theirs.layers[0].neurons[1].w[2].data = ours.layers[0].neurons[1].w[2].data = -0.25
    for x in ([1.0, 2.0, 3.0], [-1.0, 0.5, 0.25], [0.0, 0.0, 0.0]):
        ours.zero_grad()
        theirs.zero_grad()
        y, t = ours(x), theirs(x)
        assert y.data == pytest.approx(t.data, rel=1e-12)
        (y * y).backward()
        (t * t).backward()
        for p, q in zip(ours.parameters(), theirs.parameters(), strict=True):
            assert p.grad == pytest.approx(q.grad, rel=1e-9, abs=1e-14)


def test_nonlin_leaves_the_activation_out() -> None:
    for neuron in (nn.Neuron(1, nonlin=False), nn.Neuron(1, False), nn.Layer(1, 1, nonlin=False)):
        neuron.parameters()[0].data = 1.0
        assert neuron([-3.0]).data == -3.0
    assert repr(nn.Neuron(2, True)) == "Neuron(2, relu)"


class Tensor:
    """What other libraries hand over: its elements are no numbers of Python's."""

    def __init__(self, numbers: Any) -> None:
        self.numbers = numbers

    def tolist(self) -> Any:
        return self.numbers

    def __iter__(self) -> Any:
        return iter([None, None])


def test_inputs_of_other_libraries() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    wanted = model([1.0, 2.0]).data
    assert model(Tensor([1.0, 2.0])).data == wanted
    for table in (Tensor([[1.0, 2.0]] * 2), [[1.0, 2.0]] * 2, [[1.0, 2.0]]):
        with pytest.raises(ShapeError, match=r"one sample at a time; give predict\(X\) a table"):
            model(table)
