"""Compiled training of what users write: rules and losses that look elsewhere, shared parameters."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from disturbed import disturbed
from rules import Standing, close

import tinygrad_nn as tg
from tinygrad_nn import Value, nn
from tinygrad_nn.errors import RangeError, TraceError
from tinygrad_nn.optim import SGD, Adam, GradientDescent, Optimizer
from tinygrad_nn.train import Trainer

X = np.random.default_rng(0).normal(size=(6, 3))
Y = np.random.default_rng(1).normal(size=6)
ENGINES = ("compiled", "eager")


def trainer_of(
    engine: str, kind: Callable[..., Optimizer] = GradientDescent, **options: Any
) -> Trainer:
    model = nn.MLP(3, [2, 1], "tanh", seed=1)
    loss = options.pop("loss", nn.squared_error)
    return Trainer(model, loss, kind(model.parameters(), 0.1), engine=engine, **options)


def numbers(trainer: Trainer) -> list[float]:
    return [parameter.data for parameter in trainer.model.parameters()]


# ---- rules that a program could only repeat --------------------------------------------------


class OfSteps(Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * g / (1 + self.steps), ()


class OfRate(Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - self.lr * g, ()  # type: ignore[operator]  # it is a number here


class Clipped(Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        norm = math.hypot(*(parameter.grad for parameter in self.parameters))
        return a - lr * g / max(1.0, norm), ()


class Noisy(Optimizer):
    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - lr * g + random.gauss(0.0, 0.1), ()


class Counting(Optimizer):
    calls = 0

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        self.calls += 1
        return a - lr * g / self.calls, ()


@pytest.mark.parametrize(
    ("kind", "words"),
    [
        (OfSteps, r"OfSteps uses self\.steps"),
        (OfRate, r"OfRate uses self\.lr"),
        (Clipped, r"Clipped uses self\.parameters"),
        (Noisy, "rule of Noisy draws random numbers"),
        (Counting, r"rule of Counting changes self\.calls, which it reads"),
    ],
)
def test_a_rule_that_differs_from_call_to_call_is_not_compiled(
    kind: type[Optimizer], words: str, capsys: Any
) -> None:
    state = random.getstate()
    with pytest.raises(TraceError, match=words):
        trainer_of("compiled", kind).step(X, Y)
    assert random.getstate() == state
    found, expected = trainer_of("auto", kind), trainer_of("eager", kind)
    for trainer in (found, expected):
        random.setstate(state)
        for _ in range(3):
            trainer.step(X, Y)
    assert numbers(found) == numbers(expected)
    assert "not compiled" in capsys.readouterr().err


def test_a_loss_that_draws_random_numbers_is_not_compiled() -> None:
    def loss(y_hat: Any, y: Any) -> Any:
        return (y_hat - y + random.random()) ** 2

    with pytest.raises(TraceError, match="the training draws random numbers"):
        trainer_of("compiled", loss=loss).step(X, Y)


def test_what_another_thread_draws_is_not_taken_for_the_models(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    draws = [1000]
    disturbed(monkeypatch, draws)
    random.seed(0)
    trainer_of("compiled").step(X, Y)
    drawn = 1000 - draws[0]
    state = random.getstate()
    random.seed(0)
    _ = [random.random() for _ in range(drawn)]
    assert drawn
    assert random.getstate() == state  # and is theirs


def test_where_the_model_may_have_drawn_it_is_recorded_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def loss(y_hat: Any, y: Any) -> Any:
        return (y_hat - y) ** 2 * (1.0 if ENGINES else random.random())

    draws = [2]
    disturbed(monkeypatch, draws)
    trainer_of("compiled", loss=loss).step(X, Y)
    draws[0] = 1000
    state = random.getstate()
    with pytest.raises(TraceError, match="draws random numbers"):
        trainer_of("compiled", loss=loss).step(X, Y)
    assert random.getstate() == state


class Scaled(Optimizer):
    scale = 0.5

    def rule(self, a: Any, g: Any, state: Any, lr: Any, t: Any) -> Any:
        return a - self.scale * lr * g, ()


def test_a_setting_in_the_class_of_the_optimizer_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    runs = []
    for engine in ENGINES:
        trainer = trainer_of(engine, Scaled)
        trainer.step(X, Y)
        with monkeypatch.context() as patch:
            patch.setattr(Scaled, "scale", 0.25)
            trainer.step(X, Y)
        runs.append(numbers(trainer))
    assert close(*runs)


# ---- what is left after a step, and after one that fails -----------------------------------------


def test_slopes_after_a_first_step_that_fails_are_those_of_before() -> None:
    runs = []
    for engine in ENGINES:
        trainer = trainer_of(engine, loss=lambda y_hat, y: tg.exp(y_hat * y))
        trainer.step(X, Y)
        for place, parameter in enumerate(trainer.model.parameters()):
            parameter.grad = float(place)
        with pytest.raises(RangeError):
            trainer.step(X, np.full(6, 1e5))
        runs.append([parameter.grad for parameter in trainer.model.parameters()])
    assert runs[0] == runs[1] == [float(place) for place in range(11)]


def test_a_rule_that_keeps_the_penalised_gradient_leaves_the_others_theirs() -> None:
    runs = []
    for engine in ENGINES:
        trainer = trainer_of(engine, l2=0.1)
        trainer.optimizer = Standing(trainer.model.parameters()[2:4], 0.1)
        for _ in range(2):
            trainer.step(X, Y)
        runs.append([p.grad for p in trainer.model.parameters()])
    assert all(runs[1])
    assert close(*runs)


def test_a_target_may_be_too_far_from_the_first_output() -> None:
    trainer = trainer_of("compiled", loss=lambda y_hat, y: (y_hat - y) ** 2)
    before = numbers(trainer)
    with pytest.raises(RangeError, match="pow"):  # of the step; not an OverflowError before it
        trainer.step(X, np.full(6, 1e200))
    assert numbers(trainer) == before


class Biases(nn.Module):
    def __init__(self) -> None:
        self.b = [Value(0.1), Value(0.0)]

    def __call__(self, x: Any) -> Any:
        return self.b


@pytest.mark.parametrize("engine", ENGINES)
def test_accuracy_is_that_of_before_the_step(engine: str) -> None:
    model = Biases()  # its outputs are its parameters, which the step moves
    trainer = Trainer(model, nn.cross_entropy, SGD(model.parameters(), 10.0), engine=engine)
    history = trainer.fit(X, [1] * 6, 2, progress=False)
    assert history.accuracy == [0.0, 1.0]


# ---- what is shared, and what is made while it is lent -----------------------------------------


class Bag(nn.Module):
    def __init__(self, parameters: list[Value]) -> None:
        self.held = parameters

    def __call__(self, x: Any) -> Any:
        return tg.dot(self.held[:3], x)


def test_models_may_share_parameters_and_nothing_else() -> None:
    runs = []
    for engine in ENGINES:
        first = trainer_of(engine, Adam)
        bag = Bag(first.model.parameters())
        second = Trainer(bag, nn.huber, Adam(bag.parameters(), 0.1), l2=0.01, engine=engine)
        costs = [trainer.step(X, Y) for _ in range(3) for trainer in (first, second, second)]
        second.sync()
        runs.append(costs + numbers(first))
    assert close(*runs)


def test_another_model_of_the_same_class_is_made_while_one_is_lent() -> None:
    trainer = trainer_of("compiled", Adam)
    trainer.step(X, Y)
    kind = type(trainer.model)
    other = kind(3, [2, 1], "tanh", seed=2)  # type: ignore[call-arg]  # it is an MLP
    assert type(other) is nn.MLP
    assert other.state_dict() == nn.MLP(3, [2, 1], "tanh", seed=2).state_dict()


def test_reading_a_model_changes_no_attributes_that_somebody_goes_through() -> None:
    trainer = trainer_of("compiled")
    attributes = vars(trainer.model)
    before = dict(attributes)
    trainer.step(X, Y)
    assert attributes == before
