"""Models and losses on numbers that are not known yet, and tables of predictions."""

from __future__ import annotations

import gc
import random
import sys
import weakref
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, nn, where
from tinygrad_nn.errors import DataError, DomainError, ShapeError
from tinygrad_nn.nn.compiled import forward
from tinygrad_nn.nn.compiled.prediction import outputs as outputs_of
from tinygrad_nn.nn.compiled.result import numbers

DRAWN = np.random.default_rng(0)
ROWS = DRAWN.normal(size=(7, 3))
LOSSES: list[tuple[Any, list[Any], list[Any]]] = [
    (nn.binary_cross_entropy, [0.2, 0.7, 1e-9], [0, 1, 0.25]),
    (nn.binary_cross_entropy_with_logits, [-3.0, 40.0, 0.5], [0, 1, 0.25]),
    (nn.cross_entropy, [[1.0, -2.0, 0.5], [800.0, 0.0, 1.0], [0.0, 0.0, 0.0]], [0, 2, 1]),
    (nn.cross_entropy, [[1.0, -2.0], [5.0, 3.0]], [[0.5, 0.5], [0.0, 1.0]]),
    (nn.squared_error, [1.0, -3.0], [0.5, 2]),
    (nn.absolute_error, [1.0, -3.0], [0.5, 2]),
    (nn.huber, [0.1, -3.0, 9.0], [0.5, 2, -1.0]),
    (nn.hinge, [0.25, -3.0, 9.0], [1, -1, 1]),
]


@pytest.mark.parametrize(("loss", "outputs", "targets"), LOSSES)
def test_a_recorded_loss_is_the_loss(loss: Any, outputs: list[Any], targets: list[Any]) -> None:
    both = tg.compile(tg.value_and_grad(loss))
    for y_hat in outputs:
        for y in targets:
            value, slope = both(y_hat, y)
            expected, slopes = tg.value_and_grad(loss)(y_hat, y)
            assert value == pytest.approx(expected, rel=1e-12, abs=1e-300)
            assert slope == pytest.approx(slopes, rel=1e-12, abs=1e-15)


def test_labels_are_checked_where_they_are_known() -> None:
    for loss, y_hat, y in (
        (nn.hinge, 0.5, 0),
        (nn.binary_cross_entropy, 0.5, 2),
        (nn.cross_entropy, [0.0, 0.0], 2),
        (nn.cross_entropy, [0.0, 0.0], [0.5, 0.6]),
        (nn.squared_error, 0.5, float("nan")),
    ):
        with pytest.raises(DataError):
            loss(y_hat, y)
        with pytest.raises(DataError):
            loss(y_hat, [Value(float(p)) for p in y] if isinstance(y, list) else Value(float(y)))


@pytest.mark.parametrize("activation", nn.activations.ACTIVATIONS)
@pytest.mark.parametrize("outputs", [1, 4])
def test_predictions_are_the_outputs(activation: str, outputs: int) -> None:
    model = nn.MLP(3, [5, outputs], activation, "sigmoid", seed=0)
    expected = [numbers(model(row)) for row in ROWS.tolist()]
    found = model.predict(ROWS)
    assert found.shape == np.shape(expected)
    np.testing.assert_allclose(found, expected, rtol=1e-13)
    assert model.predict(ROWS.tolist()) == found.tolist()
    assert type(model.predict(tuple(map(tuple, ROWS)))) is list
    np.testing.assert_array_equal(model.layers[0].predict(ROWS[:, :3]).shape, (7, 5))


def test_changes_of_numbers_and_of_the_model_count() -> None:
    model = nn.MLP(3, [5, 2], seed=0)
    for change in (
        lambda: model.load_state_dict(nn.MLP(3, [5, 2], seed=1).state_dict()),
        lambda: setattr(model.layers[0].neurons[0].b, "data", 3.0),
        lambda: setattr(model.layers[1].neurons[1], "b", Value(-7.0)),
        lambda: setattr(model.layers[1].neurons[0], "activation", tg.tanh),
        lambda: model.layers.append(nn.Layer(2, 3, "tanh", seed=0)),
    ):
        before = model.predict(ROWS)
        change()
        found = model.predict(ROWS)
        np.testing.assert_allclose(found, outputs_of(model, ROWS.tolist()), rtol=1e-12)
        assert found.shape != before.shape or not np.allclose(found, before)


class Bent:
    """An activation with a setting."""

    def __init__(self, slope: float) -> None:
        self.slope = slope

    def __call__(self, z: Any) -> Any:
        return where(z > 0, z, self.slope * z)


@dataclass(slots=True)
class Settings:
    shift: float


class Scaled(nn.Module):
    """A module with settings wherever Python lets one keep them."""

    __slots__ = ("power",)
    scale = 1.0
    table: ClassVar[list[float]] = [1.0]

    def __init__(self) -> None:
        self.w = Value(-1.5)
        self.power = 1.0
        self.activation = Bent(0.5)
        self.settings = Settings(0.0)

    def __call__(self, x: Any) -> Any:
        z = self.scale * self.table[0] * self.power * self.w * x[0]
        return self.activation(z) + self.settings.shift


@pytest.mark.parametrize(
    "change",
    [
        lambda model: setattr(model, "power", 2.0),
        lambda model: setattr(type(model), "scale", 3.0),
        lambda model: type(model).table.__setitem__(0, 2.0),
        lambda model: setattr(model.activation, "slope", 0.25),
        lambda model: setattr(Bent, "__call__", lambda self, z: z),
        lambda model: setattr(model.settings, "shift", 1.0),
    ],
    ids=["slot", "class", "list of the class", "activation", "method", "data class"],
)
def test_changes_of_settings_count(
    change: Callable[[Any], object], monkeypatch: pytest.MonkeyPatch
) -> None:
    for owner, name in ((Scaled, "scale"), (Bent, "__call__")):
        monkeypatch.setattr(owner, name, vars(owner)[name])  # put back afterwards
    monkeypatch.setattr(Scaled, "table", [1.0])
    model = Scaled()
    assert model.predict([[1.0]]) == outputs_of(model, [[1.0]]) == [-0.75]
    first = forward._known[id(model)]
    model.predict([[2.0]])
    assert forward._known[id(model)] is first
    change(model)
    assert model.predict([[1.0]]) == outputs_of(model, [[1.0]]) != [-0.75]


def test_a_model_is_recorded_once_and_not_kept() -> None:
    class Counting(nn.Module):
        calls = 0

        def __init__(self) -> None:
            self.line = nn.Neuron(3, "tanh", seed=0)

        def __call__(self, x: Any) -> Any:
            Counting.calls += 1
            return self.line(x)

    model = Counting()
    model.predict(ROWS)
    before = Counting.calls
    for _ in range(3):
        model.predict(ROWS)
    assert Counting.calls == before < len(ROWS)
    gone = weakref.ref(model)
    known = id(model)
    assert known in forward._known
    del model
    gc.collect()
    assert gone() is None
    assert known not in forward._known


def test_a_constant_output() -> None:
    class Constant(nn.Module):
        def __init__(self) -> None:
            self.a = Value(2.0)

        def __call__(self, x: Any) -> Any:
            return [self.a * 3.0, x[0], 1.0]

    assert Constant().predict([[5.0], [7.0]]) == [[6.0, 5.0, 1.0], [6.0, 7.0, 1.0]]


def test_mistakes() -> None:
    model = nn.MLP(3, [2])
    with pytest.raises(DataError, match=r"X\[0\]\[1\] is nan"):
        model.predict([[0.0, float("nan"), 1.0]])
    with pytest.raises(ShapeError, match="expects 3 inputs, got 2"):
        model.predict([[0.0, 1.0]])
    with pytest.raises(ShapeError, match="expected a row of numbers"):
        model.predict([0.0, 1.0, 2.0])
    with pytest.raises(NotImplementedError, match="has no __call__"):
        nn.Module().predict([[1.0]])


def test_an_operation_that_fails_is_named() -> None:
    class Logarithm(nn.Module):
        def __call__(self, x: Any) -> Any:
            return tg.log(x[0])

    model = Logarithm()
    assert model.predict([[1.0]]) == [0.0]
    with pytest.raises(DomainError, match="log"):
        model.predict([[1.0], [-1.0]])


class Branching(nn.Module):
    def __init__(self) -> None:
        self.a = Value(2.0)

    def __call__(self, x: Any) -> Any:
        return self.a * x[0] if x[0] > 0.0 else self.a


class Drawing(nn.Module):
    def __init__(self) -> None:
        self.a = Value(2.0)

    def __call__(self, x: Any) -> Any:
        return self.a * x[0] + random.random()


@pytest.mark.parametrize(
    ("model", "words"), [(Branching(), "if, while, and, or"), (Drawing(), "random numbers")]
)
def test_what_cannot_be_recorded_is_computed_one_by_one(
    model: nn.Module, words: str, capsys: Any
) -> None:
    for form in (list, np.array):
        found = model.predict(form([[3.0], [-3.0]]))
        assert type(found) is type(form([1.0]))
        assert 6.0 <= found[0] <= 7.0
    found = capsys.readouterr()
    assert words in found.err
    assert found.err.count("\n") == 1


def test_random_numbers_are_not_used_up() -> None:
    model = nn.MLP(3, [2], seed=0)
    random.seed(5)
    expected = random.random()
    random.seed(5)
    model.predict(ROWS)
    assert random.random() == expected


def test_without_numpy(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    model = nn.MLP(3, [2], seed=0)
    expected = model.predict(ROWS.tolist())
    with monkeypatch.context() as patch:
        patch.setitem(sys.modules, "numpy", None)
        found = model.predict(ROWS.tolist())
    np.testing.assert_allclose(found, expected, rtol=1e-12)
    assert "numpy" in capsys.readouterr().err
