"""Ctrl-C between any two lines, and threads that look at what is being trained."""

from __future__ import annotations

import copy
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import numpy as np
import pytest
from rules import close

from tinygrad_nn import nn
from tinygrad_nn.optim import Adam
from tinygrad_nn.train import Trainer
from tinygrad_nn.train.engines import compiled, lending, sides
from tinygrad_nn.train.samples import samples_of

X = np.random.default_rng(0).normal(size=(5, 2))
Y = np.random.default_rng(1).normal(size=5)
FILES = (compiled.__file__, lending.__file__, sides.__file__)


def trainer_of(engine: str) -> Trainer:
    model = nn.MLP(2, [2, 1], "tanh", seed=1)
    return Trainer(
        model, nn.squared_error, Adam(model.parameters()[1:], 0.1), l2=0.01, engine=engine
    )


class Pressed:
    """Raises KeyboardInterrupt before one of the lines that are run."""

    def __init__(self, place: int) -> None:
        self.place = place
        self.met = 0

    def trace(self, frame: Any, event: str, argument: object) -> Any:
        if frame.f_code.co_filename not in FILES:
            return None
        if event == "line":
            self.met += 1
            if self.met == self.place:
                raise KeyboardInterrupt
        return self.trace


@contextmanager
def pressed(place: int) -> Iterator[Pressed]:
    finger, before = Pressed(place), sys.gettrace()
    sys.settrace(finger.trace)
    try:
        yield finger
    except KeyboardInterrupt:
        pass
    finally:
        sys.settrace(before)


def _step(trainer: Trainer) -> None:
    trainer.step(X, Y)


def _first_step(trainer: Trainer) -> None:
    trainer.model.layers  # noqa: B018  # which is given back by that
    trainer.step(X, Y)


def _look(trainer: Trainer) -> None:
    trainer.model.layers  # noqa: B018  # to look is enough


def _sync(trainer: Trainer) -> None:
    trainer.sync()


@pytest.mark.parametrize("act", [_step, _first_step, _look, _sync])
def test_ctrl_c_anywhere(act: Callable[[Trainer], None]) -> None:
    """A step is made whole or not at all; what is edited afterwards counts."""
    ours, eager = trainer_of("compiled"), trainer_of("eager")
    place = 0
    while True:
        place += 1
        for trainer in (ours, eager):
            trainer.step(X, Y)
        with pressed(place) as finger:
            act(ours)
        held = ours.model.layers[0].neurons[0]
        for trainer in (ours, eager):
            if trainer is eager and eager.optimizer.steps < ours.optimizer.steps:
                trainer.step(X, Y)
            neuron = held if trainer is ours else trainer.model.layers[0].neurons[0]
            neuron.b.data *= 0.5
        costs = [trainer.step(X, Y) for trainer in (ours, eager)]
        assert ours.optimizer.steps == eager.optimizer.steps
        assert close(*([*t.model.state_dict()["layers.0.bias"], *costs] for t in (ours, eager)))
        things = [ours.model, *ours.model.layers, held, ours.optimizer]
        assert [type(thing) for thing in things] == [nn.MLP, nn.Layer, nn.Layer, nn.Neuron, Adam]
        copy.deepcopy(things)
        if finger.met < place:
            break
    assert place > 5


def _together(*calls: Callable[[], Any]) -> None:
    """Call all at the same time, often."""
    errors: list[BaseException] = []

    def work(call: Callable[[], Any]) -> None:
        try:
            for _ in range(150):
                call()
        except BaseException as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work, args=(call,)) for call in calls]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60.0)
    finally:
        sys.setswitchinterval(interval)
    assert not errors
    assert not any(thread.is_alive() for thread in threads)


def test_a_model_is_copied_while_it_is_trained() -> None:
    trainer, eager = trainer_of("compiled"), trainer_of("eager")
    _together(
        lambda: trainer.step(X, Y),
        lambda: copy.deepcopy(trainer.model),
        lambda: trainer.model.state_dict(),
    )
    for _ in range(150):
        eager.step(X, Y)
    assert close(*([p.data for p in t.model.parameters()] for t in (trainer, eager)))


def test_threads_evaluate_at_once() -> None:
    trainer = trainer_of("compiled")
    trainer.step(X, Y)
    engine: Any = trainer._engine
    sets = [samples_of(X[:n], Y[:n]) for n in (5, 5, 3)]
    expected = [engine.evaluate(samples) for samples in sets]
    found: list[bool] = []

    def evaluate(place: int) -> None:
        found.append(engine.evaluate(sets[place]) == expected[place])

    _together(*(lambda place=i: evaluate(place) for i in range(3)))  # type: ignore[misc]  # bound now
    assert len(found) == 450
    assert all(found)


def test_two_trainings_of_one_model_at_once() -> None:
    """Which of them is last is open; the model is whole."""
    first = trainer_of("compiled")
    second = Trainer(first.model, nn.huber, Adam(first.model.parameters(), 0.01), engine="compiled")
    _together(lambda: first.step(X, Y), lambda: second.step(X, Y), lambda: first.model.state_dict())
    first.sync()
    second.sync()
    assert type(first.model) is nn.MLP
    first.step(X, Y)
    assert np.isfinite(first.model(X[0].tolist()).data)


def _predict(trainer: Trainer) -> None:
    assert len(trainer.predict(X.tolist())) == len(X)


@pytest.mark.parametrize("act", [_look, _sync, _predict, _step])
def test_a_handler_of_signals_may_come_between_any_lines(act: Callable[[Trainer], None]) -> None:
    """Signals are handled where something is called, which nothing is while a step is accepted."""

    def trace(frame: Any, event: str, argument: object) -> Any:
        nonlocal met
        if frame.f_code.co_filename not in FILES or frame.f_code.co_name == "_accept":
            return None
        met += event == "line"
        if met == place and event == "line":
            sys.settrace(None)
            act(trainer)
        return trace

    trainer, plain = trainer_of("compiled"), trainer_of("eager")
    _step(trainer)
    _step(plain)
    place = met = 0
    while met >= place:
        place, met = place + 1, 0
        sys.settrace(trace)
        try:
            cost = trainer.step(X, Y)
        finally:
            sys.settrace(None)
        steps = 1 + (act is _step and met >= place)
        costs = [plain.step(X, Y) for _ in range(steps)]  # either may have been the first
        assert any(close([cost], [one]) for one in costs)
        assert trainer.optimizer.steps == plain.optimizer.steps
        assert close(
            [p.data for p in trainer.model.parameters()],
            [p.data for p in plain.model.parameters()],
        )
        _step(trainer)  # which takes the numbers again
        _step(plain)
    assert place > 20
