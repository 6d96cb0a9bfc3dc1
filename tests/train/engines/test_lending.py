"""Between compiled steps: whoever looks at the model finds its numbers, and may change them."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from stepped import ROWS, TARGETS, compiled, state, stepped
from trained import numbers

import tinygrad_nn as tg
from tinygrad_nn import Value, nn
from tinygrad_nn.optim import SGD, Adam
from tinygrad_nn.train import Trainer

# ---- the numbers are where one looks -----------------------------------------------------------

LOOKS: dict[str, Callable[[Trainer], Any]] = {
    "call": lambda t: t.model(list(ROWS[0])).data,
    "parameters": lambda t: [p.data for p in t.model.parameters()],
    "named_parameters": lambda t: [p.data for _, p in t.model.named_parameters()],
    "state_dict": lambda t: t.model.state_dict(),
    "predict": lambda t: t.model.predict(ROWS).tolist(),
    "attribute": lambda t: t.model.layers[1].neurons[0].w[2].data,
    "slope": lambda t: t.model.layers[1].neurons[0].w[2].grad,
    "repr": lambda t: repr(t.model.layers[0].neurons[0].w),
    "vars": lambda t: repr(vars(t.model.layers[1].neurons[0])["w"]),
    "pickle": lambda t: pickle.loads(pickle.dumps(t.model)).state_dict(),
    "copy": lambda t: copy.copy(t.model).state_dict(),
    "deepcopy": lambda t: copy.deepcopy(t.model).state_dict(),
    "optimizer": lambda t: t.optimizer.state,
    "optimizer's parameters": lambda t: [p.data for p in t.optimizer.parameters],
    "copied optimizer": lambda t: copy.deepcopy(t.optimizer).state,
    "copied trainer": lambda t: copy.deepcopy(t).model.state_dict(),
}


@pytest.mark.parametrize("look", LOOKS)
def test_whoever_looks_finds_the_latest_numbers(look: str) -> None:
    steps = (
        LOOKS[look](stepped(2)),
        LOOKS[look](stepped(3)),
        LOOKS[look](stepped(3, engine="eager")),
    )
    assert steps[0] != steps[1]
    assert _close(steps[1], steps[2])


@pytest.mark.parametrize("captured", [lambda t: t.model, lambda t: t.model.layers])
def test_a_compiled_function_of_the_model_finds_the_latest_numbers(captured: Any) -> None:
    trainer = compiled()
    model = captured(trainer)
    called = model if callable(model) else lambda x: model[1](model[0](x))
    output = tg.compile(lambda x: called(x))
    for _ in range(8):
        trainer.step(ROWS, TARGETS[nn.squared_error])
        found = output(list(ROWS[0]))
        assert found == pytest.approx(trainer.model(list(ROWS[0])).data, rel=1e-12)


def _close(found: Any, expected: Any) -> bool:
    if isinstance(expected, dict):
        return all(_close(found[key], expected[key]) for key in expected)
    if isinstance(expected, str):
        return [part[:12] for part in found.split("=")] == [
            part[:12] for part in expected.split("=")
        ]
    return bool(np.allclose(found, expected, rtol=1e-9, atol=0.0))


def test_a_part_taken_before_is_up_to_date_too() -> None:
    trainer = compiled()
    layer, neuron = trainer.model.layers[0], trainer.model.layers[1].neurons[0]
    trainer.step(ROWS, TARGETS[nn.squared_error])
    bias = neuron.b.data
    trainer.step(ROWS, TARGETS[nn.squared_error])
    assert neuron.b.data != bias
    trainer.step(ROWS, TARGETS[nn.squared_error])
    expected = state(stepped(3))
    assert layer.state_dict()["weight"] == expected["layers.0.weight"]


def test_a_step_writes_no_values_and_sync_does() -> None:
    trainer = compiled()
    parameters = trainer.model.parameters()
    before = [p.data for p in parameters]
    trainer.step(ROWS, TARGETS[nn.squared_error])
    assert [p.data for p in parameters] == before
    trainer.sync()
    assert [p.data for p in parameters] == [p.data for p in stepped(1).model.parameters()] != before
    trainer.sync()


def test_saving(tmp_path: Path) -> None:
    nn.save(stepped(3).model, tmp_path / "model.safetensors")
    other = nn.MLP(3, [4, 1], activation="tanh")
    other.load_state_dict(nn.load(tmp_path / "model.safetensors").state_dict())
    assert other.state_dict() == state(stepped(3))


def test_lent_objects_are_of_their_own_classes_again() -> None:
    trainer = stepped()
    assert isinstance(trainer.model, nn.MLP)
    assert trainer.model.layers
    assert type(trainer.model) is nn.MLP
    assert type(trainer.optimizer) is Adam
    assert set(vars(trainer.model)) == {"layers"}
    assert all(type(layer) is nn.Layer for layer in trainer.model.layers)


def test_a_trainer_can_be_pickled() -> None:
    trainer = stepped(3, optimizer="momentum")
    again = pickle.loads(pickle.dumps(trainer))
    assert state(again) == state(trainer)
    costs = [t.step(ROWS, TARGETS[nn.squared_error]) for t in (trainer, again)]
    assert costs[0] == costs[1]


def test_the_model_outlives_its_trainer() -> None:
    def model() -> nn.Module:
        return stepped(3).model

    assert model().state_dict() == state(stepped(3))


def test_a_value_of_ones_own_may_be_changed_after_sync() -> None:
    results = []
    for engine in ("eager", "compiled"):
        trainer = compiled(engine=engine)
        weight = trainer.model.parameters()[0]
        for _ in range(3):
            trainer.step(ROWS, TARGETS[nn.squared_error])
            trainer.sync()
            weight.data *= 0.5
        results.append(numbers(trainer))
    assert results[1] == pytest.approx(results[0], rel=1e-12)


def test_any_class_of_module_can_be_lent() -> None:
    @dataclass(frozen=True)
    class Frozen(nn.Module):
        a: Value

        def __call__(self, x: Any) -> Any:
            return self.a * x[0]

    class Listed(nn.Module, list):  # type: ignore[type-arg]  # its class is what matters
        __slots__ = ("kept",)

        def __init__(self) -> None:
            super().__init__([Value(1.0)])
            self.kept = [self]
            self.a = self[0]

        def __call__(self, x: Any) -> Any:
            return self.kept[0].a * x[0]

    for model in (Frozen(Value(1.0)), Listed()):
        optimizer = SGD(model.parameters(), 0.1)
        trainer = Trainer(model, nn.squared_error, optimizer, engine="compiled")
        for _ in range(2):
            trainer.step([[1.0]], [3.0])
        assert model([1.0]).data == pytest.approx(1.72)
        assert isinstance(model, (Frozen, Listed))


def test_two_trainers_share_a_model() -> None:
    results = []
    for engine in ("eager", "compiled"):
        first = compiled(engine=engine)
        second = Trainer(
            first.model, nn.huber, SGD(first.model.parameters(), 0.1, 0.5), engine=engine
        )
        for _ in range(3):
            first.step(ROWS, TARGETS[nn.squared_error])
            second.step(ROWS, TARGETS[nn.huber])
            second.step(ROWS, TARGETS[nn.huber])
        results.append(numbers(first))
    assert results[1] == pytest.approx(results[0], rel=1e-12)


# ---- changes count ---------------------------------------------------------------------------


def _load(trainer: Trainer) -> None:
    trainer.model.load_state_dict(nn.MLP(3, [4, 1], seed=9).state_dict())


def _set(trainer: Trainer) -> None:
    trainer.model.layers[0].neurons[1].w[2].data = 0.5


def _replace(trainer: Trainer) -> None:
    trainer.model.layers[1].neurons[0].activation = tg.sigmoid


def _assign(trainer: Trainer) -> None:
    trainer.model.scale = nn.Neuron(1, seed=0)  # a parameter more, for l2 to pull at


def _momentum(trainer: Trainer) -> None:
    trainer.optimizer.weight_decay = 0.5  # type: ignore[attr-defined]  # it is Adam


def _rate(trainer: Trainer) -> None:
    trainer.optimizer.lr = 0.2


def _reset(trainer: Trainer) -> None:
    trainer.optimizer.reset()


def _state(trainer: Trainer) -> None:
    trainer.optimizer.state[3] = (0.5, 0.25)


def _loss(trainer: Trainer) -> None:
    trainer.loss = nn.huber


def _l2(trainer: Trainer) -> None:
    trainer.l2 = 0.5


def _optimizer(trainer: Trainer) -> None:
    trainer.optimizer = SGD(trainer.model.parameters(), 0.1)


def _no_gradient(trainer: Trainer) -> None:
    trainer.model.zero_grad()


@pytest.mark.parametrize(
    "change",
    [_load, _set, _replace, _assign, _momentum, _rate, _reset, _state, _loss, _l2, _optimizer,
     _no_gradient],
)  # fmt: skip
def test_what_is_changed_between_steps_counts(change: Callable[[Trainer], None]) -> None:
    results = []
    for engine in ("eager", "compiled"):
        trainer = stepped(2, engine=engine, l2=0.1)
        change(trainer)
        costs = [trainer.step(ROWS, TARGETS[nn.squared_error]) for _ in range(3)]
        results.append([*numbers(trainer), *costs, *np.ravel(trainer.optimizer.state)])
    assert results[1] == pytest.approx(results[0], rel=1e-9)


def test_samples_of_another_kind_are_recorded_anew() -> None:
    model = nn.MLP(3, [3], seed=0)
    trainer = Trainer(model, nn.cross_entropy, SGD(model.parameters(), 0.1), engine="compiled")
    hard = TARGETS[nn.cross_entropy]
    soft = np.eye(3)[hard]
    assert trainer.step(ROWS, hard) > trainer.step(ROWS, soft)
    again = nn.MLP(3, [3], seed=0)
    eager = Trainer(again, nn.cross_entropy, SGD(again.parameters(), 0.1), engine="eager")
    for y in (hard, soft):
        eager.step(ROWS, y)
    assert numbers(trainer) == pytest.approx(numbers(eager), rel=1e-12)
