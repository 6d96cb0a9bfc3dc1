"""What a training takes from outside, and what its probes leave behind: nothing."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, nn
from tinygrad_nn.errors import TraceError
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.train import Trainer

X = [[0.5, -1.0], [1.0, 2.0], [-0.25, 0.75]]
Y = [1.0, -1.0, 0.5]
ENGINES = ("eager", "auto", "compiled")
TEMPERATURE: Any = 2.0
SHIFTS: Any = [0.5]


class Config:
    """Settings of no special kind."""

    def __init__(self) -> None:
        self.scale = 1.0
        self.table = [1.0, 2.0]


class Model(nn.Module):
    def __init__(self, config: Config | None = None, rng: Any = None) -> None:
        self.line = nn.MLP(2, [4, 1], "tanh", seed=1)
        self.config = config or Config()
        self.rng = rng

    def __call__(self, x: Any) -> Any:
        shared = self.config.scale * self.config.table[0]
        return shared * self.line(x) / TEMPERATURE + SHIFTS[0]


def trainer_of(engine: str, model: nn.Module, loss: Any = nn.squared_error) -> Trainer:
    return Trainer(model, loss, GradientDescent(model.parameters(), 0.1), engine=engine)


def numbers(trainer: Trainer) -> list[float]:
    return [p.data for p in trainer.model.parameters()]


def _temperature(model: Model) -> None:
    globals()["TEMPERATURE"] = 5.0


@pytest.mark.parametrize(
    "change",
    [
        _temperature,
        lambda model: SHIFTS.__setitem__(0, 3.0),
        lambda model: setattr(model.config, "scale", 3.0),
        lambda model: model.config.table.__setitem__(0, 3.0),
        lambda model: setattr(model, "config", Config()),
    ],
)
def test_what_changes_outside_counts_in_training_and_prediction(
    change: Callable[[Model], Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    results = []
    for engine in ENGINES:
        monkeypatch.setitem(globals(), "TEMPERATURE", 2.0)
        monkeypatch.setitem(globals(), "SHIFTS", [0.5])
        model = Model()
        model.config.scale = 1.5
        held = model.config
        trainer = trainer_of(engine, model)
        found = [trainer.step(X, Y), trainer.step(X, Y), *trainer.predict(X), *model.predict(X)]
        if engine != "eager":
            assert trainer.program is not None
        trainer.step(X, Y)
        model.config = held  # it is lent no more
        trainer.step(X, Y)
        change(model)
        found += [*trainer.predict(X), *model.predict(X), trainer.step(X, Y), trainer.step(X, Y)]
        results.append(found + numbers(trainer))
    assert results[1] == pytest.approx(results[0], rel=1e-9)
    assert results[2] == pytest.approx(results[0], rel=1e-9)


def test_settings_that_somebody_else_holds_count_between_steps() -> None:
    """Nobody asks the model for them, which stays lent."""
    results = []
    for engine in ENGINES:
        config = Config()
        trainer = trainer_of(engine, Model(config))
        costs = [trainer.step(X, Y)]
        for scale in (2.0, 3.0, 3.0, 2.0):
            config.scale = scale
            costs.append(trainer.step(X, Y))
        results.append(costs)
    assert results[1] == pytest.approx(results[0], rel=1e-9)
    assert results[2] == pytest.approx(results[0], rel=1e-9)


def test_a_variable_of_a_loss_counts() -> None:
    results = []
    for engine in ENGINES:
        margin = 1.0

        def loss(y_hat: Any, y: Any) -> Any:
            return tg.relu(margin - y_hat * y)  # noqa: B023  # as it is when it is called

        trainer = trainer_of(engine, Model(), loss)
        costs = [trainer.step(X, Y)]
        margin = 4.0
        results.append([*costs, trainer.step(X, Y), *numbers(trainer)])
    assert results[1] == pytest.approx(results[0], rel=1e-9)
    assert results[2] == pytest.approx(results[0], rel=1e-9)


def test_numbers_that_nobody_reads_do_not_count() -> None:
    class Noted(nn.Module):
        def __init__(self) -> None:
            self.inner = nn.Neuron(2, seed=0)
            self.data = [[0.5] * 100 for _ in range(50)]
            self.array = np.zeros(5000)
            self.costs: list[float] = []

        def __call__(self, x: Any) -> Any:
            return self.inner(x)

    model = Noted()
    trainer, predict = trainer_of("compiled", model), tg.compile(model)
    for _ in range(5):
        model.costs.append(trainer.step(X, Y))
        vars(model)["note"] = len(model.costs)
        found = predict(X[0])
    assert found == pytest.approx(model(X[0]).data, rel=1e-12)
    assert (predict._made, predict._renewed) == (1, 0)
    engine = trainer._engine
    trainer.step(X, Y)
    assert trainer._engine is engine


# ---- random numbers ------------------------------------------------------------------------------


class Dropout(nn.Module):
    """Drops few of few units: two calls often give the same."""

    def __init__(self, rng: Any) -> None:
        self.inner, self.outer = nn.Layer(2, 4, "tanh", seed=0), nn.Neuron(4, seed=1)
        self.rng = rng

    def __call__(self, x: Any) -> Any:
        return self.outer([h * (self.rng.random() > 0.1) for h in self.inner(x)])


class Bound:
    """Draws by a method that was looked up before."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed).random


class Global:
    def __init__(self, seed: int) -> None:
        np.random.seed(seed)

    def random(self) -> float:
        return float(np.random.random() + random.random()) / 2.0


@pytest.mark.parametrize("make", [random.Random, np.random.default_rng, Bound, Global])
def test_dropout_is_never_frozen(make: Callable[[int], Any], capsys: Any) -> None:
    for seed in range(3):
        random.seed(seed)
        with pytest.raises(TraceError, match=r"draws random numbers.*hand the noise over"):
            trainer_of("compiled", Dropout(make(seed))).step(X, Y)
        runs = []
        for engine in ("auto", "eager"):
            random.seed(seed)
            trainer = trainer_of(engine, Dropout(make(seed)))
            trainer.fit(X, Y, 2, progress=False)
            runs.append([*numbers(trainer), *trainer.model.predict(X)])
        assert runs[0] == runs[1]
    assert "the training is not compiled" in capsys.readouterr().err


# ---- what probes leave behind --------------------------------------------------------------------


class Averaging(nn.Module):
    """Keeps a running average, as batch normalisation does, and counts."""

    calls = 0

    def __init__(self) -> None:
        self.line = nn.Neuron(2, seed=0)
        self.mean = Value(0.25)
        self.seen: list[float] = []

    def __call__(self, x: Any) -> Any:
        Averaging.calls += 1
        self.mean.data = 0.9 * self.mean.data + 0.1 * float(x[0])
        self.seen.append(float(x[0]))
        return self.line(x) - self.mean.data


def by_hand(model: nn.Module, loss: Any, steps: int) -> list[float]:
    optimizer = GradientDescent(model.parameters(), 0.1)
    costs = []
    for _ in range(steps):
        cost = nn.cost([loss(model(x), y) for x, y in zip(X, Y, strict=True)])
        model.zero_grad()
        cost.backward()
        optimizer.step()
        costs.append(cost.data)
    return costs


@pytest.mark.parametrize("engine", ["auto", "eager"])
def test_what_a_model_keeps_is_as_if_written_by_hand(engine: str) -> None:
    model, other = Averaging(), Averaging()
    Averaging.calls = 0
    costs = by_hand(other, nn.squared_error, 3)
    trainer = trainer_of(engine, model)
    assert [trainer.step(X, Y) for _ in range(3)] == pytest.approx(costs, rel=1e-12)
    assert (model.mean.data, model.seen) == (other.mean.data, other.seen)
    assert Averaging.calls == 18
    trainer.fit(X, Y, 2, progress=False)
    by_hand(other, nn.squared_error, 2)
    assert (model.mean.data, model.seen) == (other.mean.data, other.seen)


@pytest.mark.parametrize("engine", ["auto", "eager"])
@pytest.mark.parametrize("kind", [random.Random, np.random.default_rng])
def test_a_generator_with_a_seed_in_a_loss_is_as_if_written_by_hand(
    engine: str, kind: Callable[[int], Any]
) -> None:
    runs = []
    for train in (
        lambda model, loss: by_hand(model, loss, 3),
        lambda model, loss: (
            [trainer_of(engine, model, loss).step(X, Y)]
            + [t.step(X, Y) for t in [trainer_of(engine, model, loss)] for _ in range(2)]
        ),
        lambda model, loss: trainer_of(engine, model, loss).fit(X, Y, 3, progress=False).cost,
    ):
        rng, drawn = kind(0), []

        def loss(y_hat: Any, y: Any) -> Any:
            drawn.append(rng.random())  # noqa: B023  # of this turn
            return (y_hat - y + drawn[-1]) ** 2  # noqa: B023

        runs.append([*train(nn.Neuron(2, seed=0), loss), *drawn, rng.random()])
    assert runs[1] == pytest.approx(runs[0], rel=1e-12)
    assert runs[2] == pytest.approx(runs[0], rel=1e-12)


def test_a_table_that_a_model_fills_at_its_first_call() -> None:
    class Lazy(nn.Module):
        def __init__(self) -> None:
            self.w = [Value(0.5), Value(-0.25)]
            self.powers: Any = None

        def __call__(self, x: Any) -> Any:
            if self.powers is None:
                self.powers = [2.0**k for k in range(2)]
            self.z = [w * p * v for w, p, v in zip(self.w, self.powers, x, strict=True)]
            return sum(self.z)

    runs = []
    for engine in ENGINES:
        trainer = trainer_of(engine, Lazy())
        runs.append([trainer.step(X, Y), trainer.step(X, Y), *trainer.model.predict(X)])
    assert runs[1] == pytest.approx(runs[0], rel=1e-12)
    assert runs[2] == pytest.approx(runs[0], rel=1e-12)


class Recurrent(nn.Module):
    def __init__(self) -> None:
        self.w = Value(0.5)
        self.h: Any = 0.0

    def __call__(self, x: Any) -> Any:
        self.h = tg.tanh(self.w * x[0] + 0.5 * self.h)
        return self.h


def test_a_model_with_a_memory_is_not_compiled(capsys: Any) -> None:
    model = Recurrent()
    with pytest.raises(TraceError, match=r"changes self\.h, which it reads"):
        trainer_of("compiled", model).step(X, Y)
    assert model.h == 0.0
    assert len(model.predict(X)) == 3
    assert "self.h" in capsys.readouterr().err


@pytest.mark.parametrize("kind", [random.Random, np.random.default_rng, np.random.RandomState])
def test_a_generator_that_the_model_has_and_leaves_alone_is_compiled(
    kind: Callable[[int], Any],
) -> None:
    trainer = trainer_of("compiled", Model(rng=kind(0)))
    costs = [trainer.step(X, Y) for _ in range(2)]
    assert costs == pytest.approx(by_hand(Model(), nn.squared_error, 2), rel=1e-12)


@pytest.mark.parametrize("engine", ENGINES)
def test_a_loss_may_keep_its_numbers(engine: str) -> None:
    kept: list[float] = []

    def loss(y_hat: Any, y: Any) -> Any:
        error = (y_hat - y) ** 2
        kept.append(error.data)
        return error

    if engine == "compiled":
        with pytest.raises(TraceError, match=r"\.data"):
            trainer_of(engine, Model(), loss).step(X, Y)
        return
    cost = trainer_of(engine, Model(), loss).step(X, Y)
    assert sum(kept) / len(kept) == pytest.approx(cost, rel=1e-12)


def test_a_model_that_cannot_be_copied_says_so(capsys: Any) -> None:
    model = Model()
    model.lock = threading.Lock()
    with pytest.raises(TraceError, match=r"Model cannot be copied.*outside of the model"):
        trainer_of("compiled", model).step(X, Y)
    assert trainer_of("auto", model).step(X, Y) > 0.0
    assert "cannot be copied" in capsys.readouterr().err
    assert model.predict(X) == pytest.approx([model(x).data for x in X], rel=1e-12)
