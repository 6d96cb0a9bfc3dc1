"""Modules of the user's own, and the states of modules."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, nn
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, StateError


class Custom(nn.Module):
    def __init__(self) -> None:
        self.name = "a text"
        self.gain = Value(1.0)
        self.table = {"left": Value(2.0), "right": nn.Neuron(1)}
        self.pair = (Value(3.0), [Value(4.0), Value(5.0)])
        self.mixed = [nn.Neuron(1), Value(6.0), 7.0]
        self.again = self.gain
        self.head = self.table["right"]
        self.product = self.gain * 2  # made by an operation: no parameter
        self.itself = self


def test_parameters_of_a_module_of_the_users_own() -> None:
    model = Custom()
    assert [name for name, _ in model.named_parameters()] == [
        "gain",
        "table.left",
        "table.right.weight[0]",
        "table.right.bias",
        "pair[0]",
        "pair[1][0]",
        "pair[1][1]",
        "mixed.0.weight[0]",
        "mixed.0.bias",
        "mixed.1",
    ]
    parameters = model.parameters()
    assert parameters[0] is model.gain
    assert len(parameters) == len({id(p) for p in parameters}) == 10
    sum(parameters[1:], parameters[0]).backward()
    assert all(p.grad == 1.0 for p in parameters)
    model.zero_grad()
    assert all(p.grad == 0.0 for p in parameters)
    assert repr(model).startswith("Custom(table={'left': Value(")
    assert repr(model).endswith("itself=..., 10 parameters)")
    assert repr(nn.MLP(1, [1])) == "MLP(layers=[Layer(1 -> 1, identity)], 2 parameters)"


def test_a_subclass_of_neuron_keeps_its_further_parameters() -> None:
    class Gained(nn.Neuron):
        def __init__(self, nin: int) -> None:
            super().__init__(nin, "identity")
            self.gain = Value(2.0)

        def __call__(self, x: Any) -> Any:
            return self.gain * super().__call__(x)

    layer = nn.Layer(2, 2)
    layer.neurons = [Gained(2), Gained(2)]
    assert set(layer.state_dict()) == {"weight", "bias", "gain"}
    assert layer.state_dict()["gain"] == [2.0, 2.0]
    assert len(layer.parameters()) == 8
    layer.load_state_dict({"weight": [[1, 0], [0, 1]], "bias": [0, 1], "gain": [3, 4]})
    assert [out.data for out in layer([10.0, 20.0])] == [30.0, 84.0]


def test_a_module_without_call_says_so() -> None:
    with pytest.raises(NotImplementedError, match="define __call__"):
        Custom()([1.0])


@pytest.mark.parametrize("duplicate", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))])
def test_copies_share_nothing(duplicate: Any) -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    other = duplicate(model)
    assert other.state_dict() == model.state_dict()
    assert other([1.0, 2.0]).data == model([1.0, 2.0]).data
    other.parameters()[0].data += 1.0
    assert other.state_dict() != model.state_dict()


def test_state_dict_round_trip() -> None:
    model, other = nn.MLP(2, [3, 2], seed=0), nn.MLP(2, [3, 2], seed=1)
    state = model.state_dict()
    assert {key: np.shape(array) for key, array in state.items()} == {
        "layers.0.weight": (3, 2),
        "layers.0.bias": (3,),
        "layers.1.weight": (2, 3),
        "layers.1.bias": (2,),
    }
    assert state["layers.0.weight"][2][1] == model.layers[0].neurons[2].w[1].data
    for form in (lambda a: a, np.array, lambda a: tuple(a)):
        other.load_state_dict({key: form(array) for key, array in state.items()})
        assert other.state_dict() == state
        other.parameters()[3].data = 9.0
    names = [name for name, _ in model.named_parameters()]
    assert names[:3] == ["layers.0.weight[0][0]", "layers.0.weight[0][1]", "layers.0.bias[0]"]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"bias": None}, "lacks the entry 'bias'"),
        ({"gain": 1.0}, r"has the entry 'gain', .* has only 'bias', 'weight'"),
        ({"bias": [1.0]}, r"'bias' with shape \(1,\), expected \(3,\)"),
        ({"bias": 1.0}, r"'bias' with shape \(\), expected \(3,\)"),
        ({"weight": np.ones((2, 3))}, r"shape \(2, 3\), expected \(3, 2\)"),
        ({"weight": [[1.0, 2.0], [3.0], [4.0, 5.0]]}, "'weight'"),
        ({"weight": []}, r"shape \(0,\)"),
    ],
)
def test_a_state_that_does_not_fit_changes_nothing(change: dict[str, Any], words: str) -> None:
    layer = nn.Layer(2, 3, seed=0)
    before = layer.state_dict()
    state = {"weight": [[9.0, 9.0]] * 3, "bias": [9.0] * 3} | change
    with pytest.raises(StateError, match=words):
        layer.load_state_dict({k: v for k, v in state.items() if v is not None})
    assert layer.state_dict() == before


def test_a_state_with_text_changes_nothing() -> None:
    layer = nn.Layer(1, 2, seed=0)
    before = layer.state_dict()
    with pytest.raises(ArgumentTypeError, match=r"state\['bias'\]\[1\]"):
        layer.load_state_dict({"weight": [[1.0], [2.0]], "bias": [1.0, "2"]})
    assert layer.state_dict() == before


def test_entries_that_share_a_parameter_must_agree() -> None:
    class Tied(nn.Module):
        def __init__(self) -> None:
            self.a = [Value(1.0), Value(2.0)]
            self.b = [self.a[1], Value(3.0)]

    model = Tied()
    assert len(model.parameters()) == 3
    assert model.state_dict() == {"a": [1.0, 2.0], "b": [2.0, 3.0]}
    model.load_state_dict({"a": [4.0, 5.0], "b": [5.0, 6.0]})
    assert model.b[0].data == 5.0
    with pytest.raises(StateError, match=r"gives b\[0\] as 0.0, and 5.0 under another name"):
        model.load_state_dict({"a": [4.0, 5.0], "b": [0.0, 6.0]})


def test_torch_linear_takes_a_layers_state() -> None:
    torch = pytest.importorskip("torch")
    layer = nn.Layer(3, 2, "identity", seed=0)
    linear = torch.nn.Linear(3, 2, dtype=torch.float64)
    state = layer.state_dict()
    linear.load_state_dict({k: torch.tensor(v, dtype=torch.float64) for k, v in state.items()})
    x = [0.5, -1.0, 2.0]
    expected = linear(torch.tensor(x, dtype=torch.float64)).tolist()
    assert [out.data for out in layer(x)] == pytest.approx(expected, rel=1e-12)
    other = nn.Layer(3, 2)
    other.load_state_dict(linear.state_dict())
    assert other.state_dict() == layer.state_dict()


# ---- what a model must not be, and what it may return -------------------------------------------


@pytest.mark.parametrize("name", ["parameters", "named_parameters", "state_dict", "predict"])
def test_data_by_the_name_of_a_method_is_refused(name: str) -> None:
    module = nn.Module()
    with pytest.raises(
        ArgumentError, match=f"attribute '{name}' of Module would hide .*own_{name}"
    ):
        setattr(module, name, [Value(1.0)])
    with pytest.raises(ArgumentError, match=f"attribute '{name}' of Net would hide"):
        type("Net", (nn.Module,), {name: [Value(1.0)]})
    setattr(module, "own_" + name, [Value(1.0)])
    assert len(module.parameters()) == 1
    module.predict = lambda X: X  # type: ignore[method-assign]  # a function may stand for one


class Returning(nn.Module):
    def __init__(self, form: Any) -> None:
        self.w = Value(2.0)
        self.form = form

    def __call__(self, x: Any) -> Any:
        return self.form(self.w * x[0])


@pytest.mark.parametrize(
    ("form", "words"),
    [
        (lambda z: {"y": z, "z": z}, "a dict: .*return one of its parts, 'y', 'z'"),
        (lambda z: None, "the output of the model must be a number.*None"),
        (lambda z: {z}, "the output of the model must be a number.*set"),
        (lambda z: [[z]], "the output of the model must be a number.*list"),
        (lambda z: [{"y": z}], "a dict"),
        (lambda z: "text", "the output of the model must be a number.*'text'"),
    ],
)
def test_an_output_that_is_no_number(form: Any, words: str, capsys: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=words):
        Returning(form).predict([[1.0], [2.0]])
    assert capsys.readouterr().err == ""  # not a reason to do without a program


def test_an_output_may_be_an_array(capsys: Any) -> None:
    model = Returning(lambda z: np.array([z, -z]))
    assert model.predict([[1.0], [3.0]]) == [[2.0, -2.0], [6.0, -6.0]]
    assert capsys.readouterr().err == ""


def test_parameters_nested_more_deeply_in_some_places(capsys: Any) -> None:
    model = nn.Module()
    model.w = ((Value(1.0), Value(2.0)), Value(3.0))
    assert model.state_dict() == {"w": [[1.0, 2.0], 3.0]}

    class Uneven(nn.Module):
        def __init__(self) -> None:
            self.w = ((Value(1.0), (Value(2.0),)), Value(3.0))

        def __call__(self, x: Any) -> Any:
            (a, (b,)), c = self.w
            return a * x[0] + b * c

    assert Uneven().predict([[1.0], [2.0]]) == [7.0, 8.0]
    assert capsys.readouterr().err == ""  # it was compiled


def test_a_state_that_is_no_dict() -> None:
    for state in (3, [("w", 1.0)], "model.safetensors"):
        with pytest.raises(ArgumentTypeError, match=r"expected what state_dict\(\) gives.*load"):
            nn.MLP(1, [1]).load_state_dict(state)  # type: ignore[arg-type]


def test_a_summary_counts_each_parameter_once() -> None:
    class Shared(nn.Module):
        def __init__(self) -> None:
            self.first = nn.Layer(1, 1, seed=0)
            self.again = [self.first.neurons[0].b]
            self.rows = [[Value(1.0)], [Value(2.0), Value(3.0)]]
            self.scale = Value(1.0)

    summary = Shared().summary()
    assert summary.arrays == (
        ("first.weight", (1, 1), 1),
        ("first.bias", (1,), 1),
        ("again", (1,), 1),
        ("rows", (), 3),
        ("scale", (), 1),
    )
    assert summary.parameters == 6
    assert str(summary).splitlines()[0] == "Shared"
    assert str(summary).splitlines()[-1].split() == ["in", "all", "6", "parameters"]
