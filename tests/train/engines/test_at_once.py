"""Steps that are one call of machine code: which they are, and that all that changes counts."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from machine_code import ASKED
from stepped import LABELS, ROWS, TARGETS

from tinygrad_nn import nn
from tinygrad_nn.errors import ArgumentError, DataError
from tinygrad_nn.optim import SGD, Adam
from tinygrad_nn.train import Trainer

pytestmark = pytest.mark.skipif(not ASKED, reason="machine code is not asked for")

Y = TARGETS[nn.squared_error]
FIRST = 6  # steps, after which others are made at once


def made(backend: str, loss: Any = nn.squared_error, rule: Any = Adam, **options: Any) -> Trainer:
    model = nn.MLP(3, [4, 1], activation="tanh", seed=1)
    optimizer = rule(model.parameters(), lr=0.05)
    engine = "eager" if backend == "eager" else "compiled"
    options |= {} if backend == "eager" else {"backend": backend}
    return Trainer(model, loss, optimizer, engine=engine, **options)


def at_once(trainer: Trainer, rows: Any = ROWS, y: Any = Y) -> bool:
    """Make a step; tell whether the engine was not asked."""
    engine: Any = trainer._engine
    asked = []

    def quick_step(*args: Any) -> Any:
        asked.append(1)
        return type(engine).quick_step(engine, *args)

    engine.quick_step = quick_step
    try:
        trainer.step(rows, y)
    finally:
        del engine.quick_step
    return not asked


def numbers(trainer: Trainer) -> list[float]:
    parameters = trainer.model.parameters()
    state = [number for each in trainer.optimizer.state for number in each]
    return [*(p.data for p in parameters), *(p.grad for p in parameters), *state]


@pytest.mark.parametrize(("rule", "l2"), [(SGD, 0.0), (Adam, 0.0), (SGD, 0.01), (Adam, 0.01)])
def test_they_are_the_steps_of_the_other_ways(rule: Any, l2: float) -> None:
    found = []
    for backend in ("machine", "numpy", "eager"):
        trainer = made(backend, rule=rule, l2=l2)
        costs = [trainer.step(ROWS, Y) for _ in range(11)]
        if backend == "machine":
            assert at_once(trainer)
        else:
            trainer.step(ROWS, Y)
        found.append([*costs, trainer.optimizer.steps, *numbers(trainer)])
    assert found[0] == pytest.approx(found[1], rel=1e-12, abs=1e-14)
    assert found[0] == pytest.approx(found[2], rel=1e-11, abs=1e-13)


CHANGES: dict[str, Callable[[Trainer], Any]] = {
    "nothing": lambda t: None,
    "rate": lambda t: setattr(t.optimizer, "lr", 0.25),
    "whole rate": lambda t: setattr(t.optimizer, "lr", 1),
    "schedule": lambda t: setattr(t.optimizer, "lr", lambda step: 0.01 * (1 + step)),
    "penalty": lambda t: setattr(t, "l2", 0.125),
    "length": lambda t: setattr(t, "clip_norm", 0.1),
    "size": lambda t: setattr(t, "clip_value", 0.01),
    "batch": lambda t: setattr(t, "batch_size", 11),
    "loss": lambda t: setattr(t, "loss", nn.huber),
    "parameter": lambda t: setattr(t.model.layers[0].neurons[0].b, "data", 0.5),
    "reset": lambda t: t.optimizer.reset(),
    "look": lambda t: t.model(ROWS[0].tolist()),
    "accuracy": lambda t: t.predict(ROWS),
    "neuron": lambda t: t.model.layers[0].neurons.reverse(),
    "fit": lambda t: t.fit(ROWS, Y, epochs=2, progress=False),
    "weights": lambda t: t.step(ROWS, Y, sample_weight=np.arange(11.0)),
    "fewer": lambda t: [t.step(ROWS[:5], Y[:5]) for _ in range(7)],
    "lists": lambda t: t.step(ROWS.tolist(), Y.tolist()),
    "targets": lambda t: t.step(ROWS, 2.0 * Y),
}


@pytest.mark.parametrize("name", CHANGES)
def test_what_changes_between_them_counts(name: str) -> None:
    found = []
    for backend in ("machine", "eager"):
        trainer = made(backend)
        costs = [trainer.step(ROWS, Y) for _ in range(FIRST)]
        if backend == "machine":
            assert at_once(trainer)
        else:
            trainer.step(ROWS, Y)
        for _ in range(2):
            CHANGES[name](trainer)
            costs += [trainer.step(ROWS, Y) for _ in range(3)]
        found.append([*costs, *numbers(trainer)])
    assert found[0] == pytest.approx(found[1], rel=1e-9, abs=1e-11)


def test_settings_that_somebody_holds() -> None:
    found = []
    for backend in ("machine", "eager"):
        trainer = made(backend)
        settings = vars(trainer.optimizer)
        costs = [trainer.step(ROWS, Y) for _ in range(FIRST)]
        settings["lr"] = 0.5
        costs += [trainer.step(ROWS, Y) for _ in range(3)]
        settings["steps"] = 1
        costs += [trainer.step(ROWS, Y) for _ in range(3)]
        found.append([*costs, settings["steps"]])
    assert found[0] == pytest.approx(found[1], rel=1e-10)


def test_arrays_that_are_otherwise() -> None:
    for rows, y in (
        (np.asfortranarray(ROWS), Y),
        (ROWS[::-1], Y),
        (ROWS.astype(np.float32), Y),
        (ROWS[:4], Y[:4]),
        (ROWS, np.ascontiguousarray(np.repeat(Y, 2))[::2]),
        (ROWS, np.round(Y).astype(int)),
    ):
        trainer, other = made("machine"), made("numpy")
        for _ in range(FIRST):
            trainer.step(ROWS, Y)
            other.step(ROWS, Y)
        assert at_once(trainer, rows, y) == (rows.dtype == np.float32)
        other.step(rows, y)
        assert at_once(trainer) or len(rows) < len(ROWS)  # others have a function of their own
        other.step(ROWS, Y)
        assert numbers(trainer) == pytest.approx(numbers(other), rel=1e-12, abs=1e-14)


@pytest.mark.parametrize("wrong", [np.nan, np.inf, -np.inf])
def test_rows_that_are_not_finite_change_nothing(wrong: float) -> None:
    trainer = made("machine")
    for _ in range(FIRST):
        trainer.step(ROWS, Y)
    before = trainer._engine.read()  # type: ignore[union-attr]  # there is one
    rows = ROWS.copy()
    rows[3, 1] = wrong
    with pytest.raises(ArgumentError):
        trainer.step(rows, Y)
    assert trainer.optimizer.steps == FIRST
    np.testing.assert_array_equal(trainer._engine.read(), before)  # type: ignore[union-attr]
    trainer.step(ROWS, Y)
    assert at_once(trainer)


def test_labels_that_are_known_come_in_any_order_and_others_are_tried() -> None:
    trainer = made("machine", nn.hinge)
    y = 2 * LABELS - 1
    for _ in range(FIRST):
        trainer.step(ROWS, y)
    assert at_once(trainer, ROWS, y[::-1].copy())
    assert at_once(trainer, ROWS, np.full(11, -1))
    for label in (0, 2, 63, 64, -2, 2**62, -(2**62)):
        other = y.copy()
        other[4] = label
        with pytest.raises(DataError, match="cannot be learnt"):
            trainer.step(ROWS, other)
        trainer.step(ROWS, y)
        assert at_once(trainer, ROWS, y)


def test_no_label_is_taken_for_one_that_is_known() -> None:
    trainer = made("machine", nn.squared_error)
    for label in (-3.0, 2.5, 40.0, 100.0):
        trainer.step(ROWS, np.full(11, label))
    y = np.full(11, 40)
    for _ in range(FIRST):
        trainer.step(ROWS, y)
    assert at_once(trainer, ROWS, y)
    assert not at_once(trainer, ROWS, np.full(11, 41))


def test_a_batch_that_is_shorter_is_not_known_by_its_beginning() -> None:
    trainer = made("machine")
    for _ in range(FIRST):
        trainer.step(ROWS, Y)
    trainer.step(ROWS[:5], Y[:5])
    y = Y.copy()
    y[7] = 0.123
    assert not at_once(trainer, ROWS, y)


def test_numbers_of_half_the_size_have_none() -> None:
    trainer = made("machine", dtype="float32")
    for _ in range(FIRST):
        trainer.step(ROWS, Y)
    assert not at_once(trainer)


def test_batches_of_two_sizes() -> None:
    trainer, other = made("machine"), made("numpy")
    for part in (slice(None), slice(0, 5)) * FIRST:
        trainer.step(ROWS[part], Y[part])
        other.step(ROWS[part], Y[part])
    made_now = dict(trainer._engine._at_once._made)  # type: ignore[union-attr]
    assert set(made_now) == {(11,), (5,)}
    for _ in range(3):
        trainer.step(ROWS, Y)
        trainer.step(ROWS[:5], Y[:5])
        trainer.step(ROWS[:5], Y[:5])
        other.step(ROWS, Y)
        other.step(ROWS[:5], Y[:5])
        other.step(ROWS[:5], Y[:5])
    assert trainer._engine._at_once._made == made_now  # type: ignore[union-attr]
    assert numbers(trainer) == pytest.approx(numbers(other), rel=1e-12, abs=1e-14)


def test_models_that_share_parameters() -> None:
    found = []
    for backend in ("machine", "eager"):
        one = made(backend)
        two = Trainer(
            one.model,
            nn.squared_error,
            SGD(one.model.parameters(), 0.01),
            engine=one.engine,
            backend=one.backend,
        )
        costs = []
        for turn in range(8):
            costs += [one.step(ROWS, Y) for _ in range(1 + turn % 3)]
            costs += [two.step(ROWS, Y) for _ in range(1 + turn % 4)]
        found.append([*costs, *numbers(one), *numbers(two)])
    assert found[0] == pytest.approx(found[1], rel=1e-9, abs=1e-11)


def test_threads_that_look_on_see_whole_steps() -> None:
    trainer, other = made("machine", rule=SGD), made("machine", rule=SGD)
    known = {
        tuple(sorted(other._engine.read()))  # type: ignore[union-attr]
        for _ in range(60)
        if other.step(ROWS, Y)
    }
    for _ in range(FIRST):
        trainer.step(ROWS, Y)
    seen: list[tuple[float, ...]] = []
    over = threading.Event()

    def look() -> None:
        while not over.is_set():
            seen.append(tuple(sorted(trainer._engine.read())))  # type: ignore[union-attr]
            seen.append(tuple(sorted([p.data for p in trainer.model.parameters()])))

    thread = threading.Thread(target=look)
    thread.start()
    for _ in range(60 - FIRST):
        trainer.step(ROWS, Y)
    over.set()
    thread.join()
    assert trainer.optimizer.steps == 60
    assert tuple(trainer._engine.read()) == tuple(other._engine.read())  # type: ignore[union-attr]
    assert set(seen) <= known


def test_no_reference_is_lost() -> None:
    trainer = made("machine")
    for _ in range(FIRST):
        trainer.step(ROWS, Y)
    step: Any = trainer._engine.builtin  # type: ignore[union-attr]
    given = trainer.model, trainer.loss, trainer.optimizer, trainer._terms, trainer.batch_size
    settings = vars(trainer.optimizer)
    for _ in range(FIRST):
        trainer.step(ROWS, Y)
    things = [*given, ROWS, Y, settings, settings["lr"], NotImplemented, Y.dtype, step]
    before = list(map(sys.getrefcount, things))
    for rows, y, taken in ((ROWS, Y, True), (ROWS, None, False), (ROWS[::2], Y, False)):
        for _ in range(500):
            assert (step(*given, rows, y) is not NotImplemented) == taken
    after = list(map(sys.getrefcount, things))
    assert max(abs(a - b) for a, b in zip(after, before, strict=True)) < 20
    assert settings["steps"] == 2 * FIRST + 500


def test_a_training_is_freed_at_once() -> None:
    trainer = made("machine")
    for _ in range(FIRST):
        trainer.step(ROWS, Y)
    assert at_once(trainer)
    trainer.sync()
    engine: Any = trainer._engine
    kept = [weakref.ref(thing) for thing in (engine, engine._now, engine._at_once)]
    gc.collect()
    gc.disable()
    try:
        trainer._engine = engine = None
        assert [ref() for ref in kept] == [None] * 3
    finally:
        gc.enable()
