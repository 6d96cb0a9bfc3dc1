"""Trainings that are pickled: they go on elsewhere with their programs, bit for bit."""

from __future__ import annotations

import pickle
from collections.abc import Iterator
from typing import Any

import pytest
from worlds import World
from worlds import worlds as module_of

from tinygrad_nn import Trainer
from tinygrad_nn.nn.compiled import any_size
from tinygrad_nn.nn.compiled.forward import Forward
from tinygrad_nn.train.engines import compiled, evaluating
from tinygrad_nn.train.engines.engine import NO_PACKAGES

SOURCE = """
from tinygrad_nn import Value, nn, optim, tanh
scale = 2.0
class Net(nn.Module):
    depth = 2
    def __init__(self):
        self.w = [Value(0.1), Value(-0.2)]
        self.b = Value(0.3)
        self.kept = 1.0
    def __call__(self, x):
        z = sum(a * b for a, b in zip(self.w, x)) + self.b
        for _ in range(self.depth):
            z = tanh(scale * z) * self.kept
        return z
def loss(found, y):
    return (found - y) ** 2 / 2
class Descent(optim.Optimizer):
    initial_state = (0.0,)
    push = 0.5
    def rule(self, a, g, state, lr, t):
        (v,) = state
        v = self.push * v + g
        return a - lr * v, (v,)
"""
X = [[0.1, 0.2], [0.3, -0.4], [0.5, 0.6], [-0.7, 0.8], [0.9, 1.0]]
Y = [0.1, -0.2, 0.3, 0.4, -0.5]


@pytest.fixture
def worlds() -> Iterator[World]:
    with module_of(SOURCE) as install:
        yield install


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Note what is recorded."""
    names: list[str] = []

    def note(module: Any, name: str) -> None:
        record = getattr(module, name)
        monkeypatch.setattr(module, name, lambda *args: names.append(name) or record(*args))  # type: ignore[func-returns-value]  # None

    for name in ("record_gradient", "record_update"):
        note(compiled, name)
    note(evaluating, "record_loss")
    record = Forward._record
    monkeypatch.setattr(
        Forward,
        "_record",
        lambda *args: names.append("forward") or record(*args),  # type: ignore[func-returns-value]  # None
    )
    return names


def trainer(world: Any, **given: Any) -> Trainer:
    net = world.Net()
    descent = world.Descent(net.parameters(), lr=0.1)
    given = {"batch_size": 2, "seed": 3, "engine": "compiled"} | given
    return Trainer(net, world.loss, descent, **given)


def numbers(one: Trainer) -> tuple[list[float], Any, int]:
    parameters = [parameter.data for parameter in one.model.parameters()]
    return parameters, one.optimizer.state, one.optimizer.steps


@pytest.mark.parametrize("given", [{}, {"l2": 1e-2}, {"batch_size": None}])
def test_a_training_goes_on_elsewhere(given: Any, worlds: Any, recorded: list[str]) -> None:
    one = trainer(worlds(), **given)
    one.fit(X, Y, 3, progress=False)
    content = pickle.dumps(one)
    one.fit(X, Y, 2, progress=False)
    worlds()
    recorded.clear()
    other = pickle.loads(content)
    third = pickle.loads(pickle.dumps(other))  # before it was used
    for again in (other, third):
        again.fit(X, Y, 2, progress=False)
        assert numbers(again) == numbers(one)
        assert str(again.program) == str(one.program)
    assert recorded == []


@pytest.mark.parametrize(
    ("change", "expected"),
    [
        (("scale = 2.0", "scale = 1.5"), ["record_gradient"]),
        (("depth = 2", "depth = 3"), ["record_gradient"]),
        (("tanh(scale * z)", "tanh(scale + z)"), ["record_gradient"]),
        (("** 2 / 2", "** 2 / 3"), ["record_gradient"]),
        (("push = 0.5", "push = 0.25"), ["record_update"]),
        (("a - lr * v", "a - 2 * lr * v"), ["record_update"]),
        (("self.kept = 1.0", "self.kept = 3.0"), ["record_gradient"]),
    ],
)
def test_what_is_other_there_is_recorded(
    change: tuple[str, str], expected: list[str], worlds: Any, recorded: list[str]
) -> None:
    one = trainer(worlds())
    one.step(X, Y)
    content = pickle.dumps(one)
    worlds(change)
    recorded.clear()
    again = pickle.loads(content)
    fresh = pickle.loads(content)
    fresh._packages = NO_PACKAGES
    assert again.step(X, Y) == fresh.step(X, Y)
    assert numbers(again) == numbers(fresh)
    assert recorded == [*expected, "record_gradient", "record_update"]


def test_what_is_changed_on_the_way_is_recorded(worlds: Any, recorded: list[str]) -> None:
    one = trainer(worlds())
    one.step(X, Y)
    content = pickle.dumps(one)
    recorded.clear()
    for name, value in (("l2", 0.5), ("loss", worlds().loss)):
        again = pickle.loads(content)
        setattr(again, name, value)
        again.step(X, Y)
    assert recorded == ["record_update"]
    again = pickle.loads(content)
    again.model.kept = 2.0
    again.step(X, Y)
    assert recorded == ["record_update", "record_gradient"]


def test_evaluating_and_predicting_go_on_too(worlds: Any, recorded: list[str]) -> None:
    one = trainer(worlds())
    one.fit(X, Y, 2, validation=(X, Y), progress=False)
    content = pickle.dumps(one)
    history = one.fit(X, Y, 2, validation=(X, Y), progress=False)
    worlds()
    recorded.clear()
    other = pickle.loads(content)
    other.step(X, Y)
    third = pickle.loads(pickle.dumps(other))  # before it evaluates
    assert third.predict(X) == pytest.approx(other.predict(X))  # no step was made there
    again = pickle.loads(content)
    found = again.fit(X, Y, 2, validation=(X, Y), progress=False)
    assert found.validation_cost == history.validation_cost
    assert again.predict(X) == one.predict(X)
    assert recorded == []
    worlds(("scale = 2.0", "scale = 1.5"), ("** 2 / 2", "** 2 / 3"))
    pickle.loads(content).fit(X, Y, 2, validation=(X, Y), progress=False)
    small = [] if any_size.LARGE else ["forward"]  # of a small model first
    assert recorded == ["record_gradient", "forward", *small, "record_loss"]


def test_an_eager_training_has_no_programs(worlds: Any) -> None:
    one = trainer(worlds(), engine="eager")
    one.step(X, Y)
    again = pickle.loads(pickle.dumps(one))
    assert again._packages == NO_PACKAGES
    assert again.step(X, Y) == one.step(X, Y)


def test_a_training_that_was_pickled_before_there_were_programs(worlds: Any) -> None:
    one = trainer(worlds())
    state = one.__getstate__()
    del state["_packages"]
    again = Trainer.__new__(Trainer)
    again.__setstate__(state)
    assert again.step(X, Y) > 0.0
