"""Functions that are called after each epoch: what they see, change and stop."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from stepped import ROWS, TARGETS, compiled
from trained import line, numbers, quietly

from tinygrad_nn import nn
from tinygrad_nn.errors import ArgumentTypeError, StateError
from tinygrad_nn.optim import LBFGS, SGD
from tinygrad_nn.train import Trainer, Training

ENGINES = pytest.mark.parametrize("engine", ["eager", "compiled"])


@ENGINES
def test_they_see_the_epoch_the_history_and_the_trainer(engine: str) -> None:
    met: list[Any] = []
    trainer = line(engine=engine)

    def look(training: Training) -> None:
        assert training.trainer is trainer
        assert training.latest is training.history.epochs[-1]
        assert (training.program is None) is (engine == "eager")
        met.append((training.epoch, training.latest.cost, numbers(training.trainer)))

    history = quietly(trainer, 3, callbacks=[look, lambda training: met.append(repr(training))])
    assert [epoch for epoch, *_ in met[::2]] == [1, 2, 3]
    assert [cost for _, cost, _ in met[::2]] == history.cost
    assert met[-2][-1] == numbers(trainer)
    assert met[1].startswith("Training(epoch=1, History(1 epoch, cost=")
    assert history.stopped == "epochs"


@ENGINES
def test_one_stops_the_training_after_all_were_called(engine: str) -> None:
    met: list[int] = []

    def stop(training: Training) -> None:
        if training.epoch == 2:
            training.stop()

    trainer = line(engine=engine)
    history = quietly(trainer, 9, callbacks=(stop, lambda training: met.append(training.epoch)))
    assert (history.stopped, met) == ("callback", [1, 2])
    assert quietly(trainer, 1).stopped == "epochs"


def test_what_they_change_counts() -> None:
    def anneal(training: Training) -> None:
        training.trainer.optimizer.lr *= 0.5
        training.trainer.model.parameters()[0].data += 0.125

    runs = []
    for engine in ("eager", "compiled"):
        trainer = compiled("descent", engine=engine)
        trainer.optimizer.lr = 0.1
        history = trainer.fit(
            ROWS, TARGETS[nn.squared_error], 4, progress=False, callbacks=[anneal]
        )
        runs.append([*history.cost, *[p.data for p in trainer.model.parameters()]])
    assert runs[1] == pytest.approx(runs[0], rel=1e-9)


def test_an_error_of_one_ends_the_training_with_the_numbers_of_its_epoch() -> None:
    def fail(training: Training) -> None:
        raise RuntimeError(f"after {training.epoch}")

    trainer, other = line(engine="compiled"), line(engine="compiled")
    with pytest.raises(RuntimeError, match="after 1"):
        quietly(trainer, 5, callbacks=[fail])
    quietly(other, 1)
    assert numbers(trainer) == numbers(other)


def test_one_that_stops_keeps_the_best_numbers() -> None:
    trainer, costs = line(lr=0.3), []

    def note(training: Training) -> None:  # it diverges
        costs.append((training.latest.validation_cost, numbers(training.trainer)))
        if training.epoch == 4:
            training.stop()

    held_out = [[0.5]], [2.0]
    history = quietly(trainer, 9, validation=held_out, patience=9, callbacks=[note])
    assert history.stopped == "callback"
    assert numbers(trainer) == min(costs)[1]


def test_mistakes() -> None:
    for callbacks, words in ((print, "callbacks is <built-in"), ([1], r"callbacks\[0\] is 1: exp")):
        with pytest.raises(ArgumentTypeError, match=words):
            quietly(line(), 1, callbacks=callbacks)


def test_a_second_fit_goes_on_with_the_optimizers_state() -> None:
    y = TARGETS[nn.squared_error]
    runs = []
    for parts in ((4,), (1, 3)):
        trainer: Trainer = compiled("nesterov", batch_size=None)
        costs = [cost for n in parts for cost in trainer.fit(ROWS, y, n, progress=False).cost]
        runs.append((costs, trainer.optimizer.steps, trainer.optimizer.state))
    assert runs[0] == runs[1]


def _drop(trainer: Trainer) -> None:
    trainer.model.inner.p = 0.5


def _insert(trainer: Trainer) -> None:
    trainer.model.inner = nn.Sequential(nn.Dropout(0.25), nn.Dropout(0.5))


def _penalise(trainer: Trainer) -> None:
    trainer.l2 = 0.5


def _judge(trainer: Trainer) -> None:
    trainer.loss = nn.absolute_error


def _replace(trainer: Trainer) -> None:
    trainer.optimizer = SGD(trainer.model.parameters(), lr=0.25)


class Dropping(nn.Module):
    """A small network with a part in the middle that has no parameters."""

    def __init__(self) -> None:
        self.first = nn.Linear(2, 2, seed=0)
        self.inner: nn.Module = nn.Dropout(0.0)
        self.last = nn.Linear(2, 1, seed=1)

    def __call__(self, x: Any) -> Any:
        """Compute the output."""
        return self.last(self.inner(self.first(x)))


@ENGINES
@pytest.mark.parametrize("change", [_drop, _insert, _penalise, _judge, _replace])
def test_what_they_change_besides_numbers_counts_from_the_next_epoch(
    engine: str, change: Callable[[Trainer], None]
) -> None:
    X, y = [[1.0, 2.0], [0.5, -1.0], [2.0, 0.25]], [1.0, 0.0, 2.0]

    def begun() -> Trainer:
        model = Dropping()
        optimizer = SGD(model.parameters(), lr=0.05)
        return Trainer(model, nn.squared_error, optimizer, engine=engine, seed=3)

    def one(training: Training) -> None:
        if training.epoch == 2:
            change(training.trainer)

    whole, parted = begun(), begun()
    history = whole.fit(X, y, 4, progress=False, callbacks=[one], validation=(X, y), patience=9)
    before = parted.fit(X, y, 2, progress=False).cost
    change(parted)
    after = parted.fit(X, y, 2, progress=False, validation=(X, y)).cost
    assert history.cost == pytest.approx([*before, *after], rel=1e-12)
    lowest = history.validation_cost.index(min(history.validation_cost))
    found = nn.cost(
        [nn.squared_error(whole.model(row), number) for row, number in zip(X, y, strict=False)]
    )
    if change is not _judge:
        assert found.data == pytest.approx(history.validation_cost[lowest], rel=1e-12)


def _move(trainer: Trainer) -> None:
    trainer.model.parameters()[0].data += 0.5


@ENGINES
@pytest.mark.parametrize(
    ("change", "words"), [(_penalise, "changed what is trained"), (_move, "changed parameters")]
)
def test_lbfgs_goes_on_with_nothing_else(
    engine: str, change: Callable[[Trainer], None], words: str
) -> None:
    pytest.importorskip("scipy")
    y = TARGETS[nn.squared_error]
    model = nn.MLP(len(ROWS[0]), [1], seed=0)
    trainer = Trainer(model, nn.squared_error, LBFGS(model.parameters()), engine=engine)
    with pytest.raises(StateError, match=f"callback has {words} while the optimizer is LBFGS"):
        trainer.fit(ROWS, y, 4, progress=False, callbacks=[lambda t: change(t.trainer)])
