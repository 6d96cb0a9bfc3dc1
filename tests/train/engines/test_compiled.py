"""Training through compiled steps: the same numbers as one by one, and always where one looks."""

from __future__ import annotations

import copy
import math
import os
import pickle
import random
import re
import sys
import threading
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from stepped import ACTIVATIONS, LABELS, OPTIMIZERS, ROWS, TARGETS, compiled, state, stepped
from thresholds import LOW, forced
from trained import SIDES, X, Y, line, numbers, quietly

import tinygrad_nn as tg
from tinygrad_nn import Value, nn
from tinygrad_nn.errors import (
    ArgumentTypeError,
    DataError,
    DomainError,
    MissingExtraError,
    PoleError,
    RangeError,
    ShapeError,
    TraceError,
)
from tinygrad_nn.optim import SGD, Adam, GradientDescent, Optimizer
from tinygrad_nn.train import Trainer
from tinygrad_nn.train.engines.sides import Side

# ---- the same numbers ------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rows", "y"),
    [
        (ROWS.astype("f4"), TARGETS[nn.squared_error].astype("f4")),
        (np.round(ROWS).astype("i2"), TARGETS[nn.squared_error][:, None]),
        (ROWS.astype("f2"), LABELS.astype("u1")),
    ],
)
def test_arrays_of_any_numbers_are_not_looked_at_again(rows: Any, y: Any) -> None:
    trainer, other = (compiled(batch_size=None, engine=one) for one in ("compiled", "eager"))
    costs = [trainer.step(rows, y) for _ in range(3)]
    assert costs == pytest.approx([other.step(rows.tolist(), y.tolist()) for _ in range(3)])
    engine: Any = trainer._engine
    setup = trainer.model, trainer.loss, trainer.optimizer, trainer._terms
    assert engine.quick_step(setup, rows, y, None) == pytest.approx(other.step(rows, y))
    wrong = rows.astype(float)
    wrong[1, 1] = np.nan
    for bad in (wrong, rows.astype(complex), rows[:, :2]):
        with pytest.raises((ArgumentTypeError, DataError, ShapeError)):
            trainer.step(bad, y)


def trained(engine: str, optimizer: str, loss: Any, activation: str, y: Any) -> dict[str, Any]:
    several = loss is nn.cross_entropy
    ends = "sigmoid" if loss is nn.binary_cross_entropy else "identity"
    model = nn.MLP(3, [4, 3 if several else 1], activation, ends, seed=1)
    trainer = Trainer(
        model,
        loss,
        OPTIMIZERS[optimizer](model.parameters()),
        batch_size=4,  # the last of three batches is smaller
        l2=0.01,
        seed=3,
        engine=engine,
    )
    history = trainer.fit(ROWS, y, 17, validation=(ROWS[:5], y[:5]), progress=False)
    assert (trainer.program is not None) is (engine == "compiled")
    return {
        "cost": history.cost,
        "gradient": history.gradient_norm,
        "accuracy": history.accuracy,
        "validation": [*history.validation_cost, *history.validation_accuracy],
        "parameters": [p.data for p in model.parameters()],
        "slopes": [p.grad for p in model.parameters()],
        "state": list(np.ravel(trainer.optimizer.state)),
        "steps": [trainer.optimizer.steps],
        "outputs": trainer.predict(ROWS),
        "hits": [trainer.accuracy(ROWS, y)] if history.accuracy else [],
    }


@pytest.mark.parametrize("optimizer", OPTIMIZERS)
@pytest.mark.parametrize(("place", "loss"), list(enumerate(TARGETS)))
def test_fifty_steps_are_those_of_the_eager_engine(optimizer: str, place: int, loss: Any) -> None:
    activation = ACTIVATIONS[(place + len(optimizer)) % len(ACTIVATIONS)]
    runs = [
        trained(engine, optimizer, loss, activation, TARGETS[loss])
        for engine in ("eager", "compiled")
    ]
    assert runs[0]["steps"] == [51]
    for figure, expected in runs[0].items():
        assert runs[1][figure] == pytest.approx(expected, rel=1e-9, abs=1e-12), figure


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_every_activation(activation: str) -> None:
    soft = np.random.default_rng(1).dirichlet([1.0] * 3, 11)
    runs = [
        trained(engine, "adam", nn.cross_entropy, activation, soft)
        for engine in ("eager", "compiled")
    ]
    for figure, expected in runs[0].items():
        assert runs[1][figure] == pytest.approx(expected, rel=1e-9, abs=1e-12), figure


def test_samples_may_run_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinygrad_nn.compiler.backends.runner.CACHE", 0)  # 64 at a time
    rows, y = np.tile(ROWS, (14, 1)), np.tile(TARGETS[nn.squared_error], 14)
    one, other = (compiled(batch_size=None, engine=engine) for engine in ("compiled", "eager"))
    for _ in range(2):
        assert one.step(rows, y) == pytest.approx(other.step(rows, y), rel=1e-12)
    assert one.predict(rows) == pytest.approx(other.predict(rows), rel=1e-12)


def test_parameters_may_be_moved_in_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinygrad_nn.compiler.backends.runner.CACHE", 0)
    found = []
    for engine in ("compiled", "eager"):
        model = nn.MLP(3, [30, 9, 1], activation="tanh", seed=3)
        moved = model.parameters()[40:]
        assert len(moved) > 5 * 64
        trainer = Trainer(model, nn.squared_error, Adam(moved, 0.1), l2=0.01, engine=engine)
        costs = [trainer.step(ROWS, TARGETS[nn.squared_error]) for _ in range(4)]
        found.append([*costs, *numbers(trainer), *(p.grad for p in model.parameters())])
    assert found[0] == pytest.approx(found[1], rel=1e-11, abs=1e-13)


def test_lists_and_arrays_are_one() -> None:
    y = TARGETS[nn.squared_error]
    first, second, third = (compiled() for _ in range(3))
    first.step(ROWS, y)
    second.step(ROWS.tolist(), y.tolist())
    third.step(ROWS.astype(np.float64, order="F"), y.tolist())
    assert state(first) == state(second) == state(third)


def test_some_parameters_are_moved_and_the_others_stay() -> None:
    results = []
    for engine in ("eager", "compiled"):
        model = nn.MLP(3, [4, 1], activation="tanh", seed=1)
        moved = model.parameters()[5:9][::-1]
        trainer = Trainer(
            model, nn.squared_error, Adam(moved, 0.1), l2=0.1, engine=engine, batch_size=4, seed=0
        )
        history = trainer.fit(ROWS, TARGETS[nn.squared_error], 2, progress=False)
        results.append(
            [*numbers(trainer), *history.gradient_norm, *np.ravel(trainer.optimizer.state)]
        )
    assert results[1] == pytest.approx(results[0], rel=1e-12)
    before = nn.MLP(3, [4, 1], activation="tanh", seed=1).parameters()
    assert results[1][:5] == [p.data for p in before[:5]]


def test_any_optimizer_with_a_rule() -> None:
    class Signs(Optimizer):
        def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
            return a - lr * tg.where(g > 0.0, 1.0, -1.0) / t, ()

    results = []
    for engine in ("eager", "compiled"):
        trainer = line(engine=engine)
        trainer.optimizer = Signs(trainer.model.parameters(), 0.25)
        quietly(trainer, 5)
        results.append(numbers(trainer))
    assert results[0] == pytest.approx(results[1], rel=1e-12)


# ---- mistakes and ends -------------------------------------------------------------------------


def failure(trainer: Trainer, rows: Any, y: Any) -> tuple[type[Exception], str, list[float], int]:
    def steps() -> None:
        for _ in range(2000):
            trainer.step(rows, y)

    with pytest.raises(Exception) as caught:  # noqa: PT011  # which one is compared
        steps()
    return caught.type, str(caught.value), numbers(trainer), trainer.optimizer.steps


def test_divergence_is_the_error_of_the_eager_engine_and_moves_nothing() -> None:
    found, expected = (failure(line(lr=1e3, engine=e), X, Y) for e in ("compiled", "eager"))
    assert found[0] is expected[0] is RangeError
    assert found[1][:40] == expected[1][:40]
    assert "lower the learning rate" in found[1]
    assert found[2] == pytest.approx(expected[2], rel=1e-6)
    assert found[3] == expected[3] > 3


def test_an_operation_that_fails_is_named() -> None:
    def loss(y_hat: Any, y: Any) -> Any:
        return -tg.log(y_hat * y)

    trainers = [line(loss=loss, engine=engine) for engine in ("compiled", "eager")]
    for trainer in trainers:
        trainer.step([[1.0]], [1.0])
    found, expected = (failure(t, [[1.0], [-5.0]], [1.0, 1.0]) for t in trainers)
    assert found == expected
    assert issubclass(found[0], DomainError)


def test_a_pole_of_a_loss() -> None:
    for engine in ("compiled", "eager"):
        model = nn.MLP(1, [1], output_activation="sigmoid", init=lambda nin, nout, rng: 1.0)
        optimizer = SGD(model.parameters(), 0.1)
        trainer = Trainer(model, nn.binary_cross_entropy, optimizer, engine=engine)
        trainer.step([[1.0]], [0])
        with pytest.raises(PoleError, match="logits"):
            trainer.step([[800.0]], [0])


@pytest.mark.parametrize(
    ("loss", "y", "words"),
    [
        (nn.cross_entropy, [0, 1, 2, 3], "target is 3 and there are 3 logits"),
        (nn.cross_entropy, [[0.5, 0.5, 0.5]] * 4, "sum 1.5"),
        (nn.hinge, [1, -1, 0, 1], "y is 0.0: expected -1"),
        (nn.binary_cross_entropy_with_logits, [0, 1, 1, 2], "y is 2.0: expected a label"),
        (nn.squared_error, [0.0, 1.0, math.inf, 1.0], r"y\[2\] is inf"),
    ],
)
def test_labels_are_checked_before_a_step(loss: Any, y: Any, words: str) -> None:
    model = nn.MLP(1, [3 if loss is nn.cross_entropy else 1], seed=0)
    trainer = Trainer(model, loss, SGD(model.parameters(), 0.1), engine="compiled")
    before = model.state_dict()
    for form in (list, np.array):
        with pytest.raises(DataError, match=words):
            trainer.step(X, form(y))
    assert model.state_dict() == before


def test_rows_are_checked_before_a_step() -> None:
    trainer = stepped()
    for rows in (np.full((11, 3), np.nan), [[math.nan] * 3] * 11):
        with pytest.raises(DataError, match=r"X\[0\]\[0\] is nan"):
            trainer.step(rows, TARGETS[nn.squared_error])
    with pytest.raises(ShapeError, match="expects 3 inputs, got 2"):
        trainer.step(ROWS[:, :2], TARGETS[nn.squared_error])
    with pytest.raises(ShapeError, match="expects 3 inputs, got 2"):
        trainer.predict(ROWS[:, :2])
    assert state(trainer) == state(stepped())


def _interrupting(monkeypatch: pytest.MonkeyPatch, step: int) -> None:
    """Press Ctrl-C when a step has run its programs."""
    prepared, steps = Side.move, iter(range(10**6))

    class Interrupted:
        def __init__(self, move: Any) -> None:
            self.move = move

        def __getattr__(self, name: str) -> Any:
            return getattr(self.move, name)

        def run(self, *given: Any) -> Any:
            cost = self.move.run(*given)
            if next(steps) == step:
                raise KeyboardInterrupt
            return cost

    monkeypatch.setattr(Side, "move", lambda *given: Interrupted(prepared(*given)))


def test_ctrl_c_ends_fit_with_whole_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer, other = compiled(), compiled(engine="eager")
    y = TARGETS[nn.squared_error]
    own = trainer.model.parameters()
    for t in (trainer, other):
        t.fit(ROWS, y, 1, progress=False)
    _interrupting(monkeypatch, 6)  # the first step of the third epoch
    history = trainer.fit(ROWS, y, 10, progress=False)
    other.fit(ROWS, y, 2, progress=False)
    assert (history.stopped, len(history.epochs)) == ("interrupted", 2)
    assert [p.data for p in own] == pytest.approx(numbers(other), rel=1e-12)
    assert trainer.optimizer.steps == 9


def test_ctrl_c_in_a_step_moves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    trainer = stepped(2)
    _interrupting(monkeypatch, 0)
    with pytest.raises(KeyboardInterrupt):
        trainer.step(ROWS, TARGETS[nn.squared_error])
    assert state(trainer) == state(stepped(2))
    assert trainer.optimizer.steps == 2


def test_values_are_current_when_fit_has_raised() -> None:
    trainer = line(lr=1e3, engine="compiled")
    own = trainer.model.parameters()
    with pytest.raises(DomainError):
        quietly(trainer, 1000)
    assert [p.data for p in own] == numbers(trainer) != [1.0, 0.0]


def test_patience_restores_the_best_parameters() -> None:
    runs = []
    for engine in ("compiled", "eager"):
        trainer = line(lr=0.02, engine=engine)
        sets = {"X": [[1.0]], "y": [3.0], "validation": ([[1.0]], [2.0])}
        history = quietly(trainer, 100, patience=3, **sets)
        assert history.stopped == "patience"
        runs.append([*numbers(trainer), *history.validation_cost])
    assert runs[0] == pytest.approx(runs[1], rel=1e-12)


def test_a_validation_that_fails_is_named() -> None:
    def loss(y_hat: Any, y: Any) -> Any:
        return tg.sqrt(y_hat + 3.0) * y

    trainer = line(loss=loss, lr=1e-3, engine="compiled")
    with pytest.raises(DomainError, match="sqrt"):
        quietly(trainer, 1, validation=([[1.0], [-50.0]], [1.0, 1.0]))


# ---- which engine -------------------------------------------------------------------------------


class Dropping(nn.Module):
    def __init__(self) -> None:
        self.inner = nn.MLP(1, [1], seed=0)

    def __call__(self, x: Any) -> Any:
        return self.inner(x) * random.choice([0.0, 2.0])


class Stepping(GradientDescent):
    def step(self) -> None:
        super().step()


OUTSIDE = Value(2.0)


def _made(model: nn.Module, loss: Any = nn.squared_error, kind: Any = GradientDescent) -> Any:
    return lambda engine: Trainer(model, loss, kind(model.parameters(), 0.01), engine=engine)


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (_made(nn.MLP(1, [1]), lambda y_hat, y: y_hat * y_hat.data), r"\.data"),
        (_made(nn.MLP(1, [1]), lambda y_hat, y: OUTSIDE * y_hat), "no parameter of the model"),
        (_made(nn.MLP(1, [1]), kind=Stepping), "Stepping has a step of its own"),
    ],
)
def test_what_cannot_be_compiled(make: Any, words: str, capsys: Any) -> None:
    with pytest.raises(TraceError, match=words):
        make("compiled").step(X, Y)
    assert capsys.readouterr().err == ""
    trainer = make("auto")
    for _ in range(2):
        trainer.step(X, Y)
    assert trainer.program is None
    found = capsys.readouterr()
    assert found.out == ""
    assert found.err.count("\n") == 1
    assert found.err.startswith("tinygrad_nn: the training is not compiled")
    assert re.search(words, found.err)
    make("eager").step(X, Y)
    assert capsys.readouterr().err == ""


def test_a_model_that_draws_random_numbers_is_not_compiled(capsys: Any) -> None:
    random.seed(0)  # now and then the same numbers come twice
    with pytest.raises(TraceError, match="random numbers"):
        _made(Dropping())("compiled").step(X[1:], Y[1:])


def test_without_numpy(monkeypatch: pytest.MonkeyPatch, capsys: Any) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    with pytest.raises(MissingExtraError, match="numpy"):
        line(engine="compiled").step(X, Y)
    trainer = line()
    trainer.step(X, Y)
    assert "numpy" in capsys.readouterr().err
    assert numbers(trainer) != [1.0, 0.0]


def test_auto_compiles_in_silence(capsys: Any) -> None:
    trainer = line()
    assert trainer.program is None
    quietly(trainer, 2)
    assert len(trainer.program.parts) == 2
    assert capsys.readouterr() == ("", "")


def test_a_step_is_recorded_once() -> None:
    calls = 0

    def loss(y_hat: Any, y: Any) -> Any:
        nonlocal calls
        calls += 1
        return nn.squared_error(y_hat, y)

    trainer = line(loss=loss, engine="compiled", batch_size=3)
    quietly(trainer, 1)
    before = calls
    quietly(trainer, 3)
    assert trainer.accuracy is not None
    assert calls == before
    trainer.model.state_dict()
    quietly(trainer, 3)
    assert calls == before


def test_threads_share_a_trainer() -> None:
    trainer = compiled("momentum", batch_size=None)
    y = TARGETS[nn.squared_error]
    trainer.step(ROWS, y)
    errors: list[BaseException] = []

    def work(look: bool) -> None:
        try:
            for _ in range(60):
                if look:
                    assert math.isfinite(trainer.model.layers[0].neurons[0].b.data)
                    trainer.predict(ROWS)
                else:
                    trainer.step(ROWS, y)
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(i == 0,)) for i in range(3)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not errors
    assert trainer.optimizer.steps == 121
    alone = compiled("momentum", batch_size=None)
    for _ in range(121):
        alone.step(ROWS, y)
    assert numbers(trainer) == pytest.approx(numbers(alone), rel=1e-9)


@pytest.fixture(autouse=True)
def _as_before() -> Iterator[None]:
    """The model of one test is not that of another, and random numbers are repeatable."""
    state = random.getstate()
    yield
    random.setstate(state)


def test_classes_are_learnt_in_a_moment() -> None:
    trainer = line(loss=nn.binary_cross_entropy_with_logits, engine="compiled", lr=0.5)
    quietly(trainer, 200, y=SIDES)
    assert trainer.predict(X) == SIDES


def test_a_trainer_without_a_seed_is_copied() -> None:
    model = nn.MLP(1, [1], seed=0)
    trainer = Trainer(model, nn.squared_error, GradientDescent(model.parameters(), lr=0.1))
    copied = pickle.loads(pickle.dumps(copy.deepcopy(trainer)))
    assert copied.step([[1.0]], [2.0]) == trainer.step([[1.0]], [2.0])


@pytest.mark.skipif(
    "TINYGRAD_NN_LOW" in os.environ, reason="there its states are one array: see below"
)
def test_the_rule_of_an_optimiser_reads_as_it_is_written() -> None:
    text = str(stepped().program)
    assert " = lr * h2 " in text
    assert " = c1 ** t " in text
    assert "state'[0] = 0.9 * state[0]" in text


def test_results_that_are_read_as_one_array_are_named_after_it() -> None:
    with forced(LOW):
        text = str(stepped().program)
    assert "h2 = b1 / z2 " in text
    for n in range(2):
        assert f"\nb1[{n}] = " in text
        assert f"\nstate'[{n}] = b1[{n}] " in text
