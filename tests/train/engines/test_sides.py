"""Steps that are prepared for a number of samples, and those that are made in parts."""

from __future__ import annotations

import gc
import math
import weakref
from typing import Any

import numpy as np
import pytest
from stepped import ROWS, TARGETS, compiled

from tinygrad_nn import Value, nn, tanh
from tinygrad_nn.compiler.batched import Batched
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, PoleError, ShapeError
from tinygrad_nn.optim import SGD, Adam
from tinygrad_nn.train import Trainer
from tinygrad_nn.train.engines import sides

Y = TARGETS[nn.squared_error]
BATCHES = [slice(None), slice(2, 7), slice(None), slice(0, 1), slice(1, 11), slice(2, 7)]


def stepped(trainer: Trainer) -> tuple[list[float], list[float], Any, list[float]]:
    """Costs, parameters, state and slopes after steps of several sizes."""
    costs = [trainer.step(ROWS[part], Y[part]) for part in BATCHES]
    parameters = trainer.model.parameters()
    numbers = [parameter.data for parameter in parameters]
    return costs, numbers, trainer.optimizer.state, [p.grad for p in parameters]


@pytest.fixture
def in_parts(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Take away what prepares steps."""
    return lambda: monkeypatch.setattr(Batched, "ready", lambda *_: None)


@pytest.mark.parametrize(("optimizer", "l2"), [("descent", 0.0), ("nesterov", 0.01), ("adam", 0.0)])
def test_steps_in_parts_are_the_same(optimizer: str, l2: float, in_parts: Any) -> None:
    ready = stepped(compiled(optimizer, l2=l2, batch_size=None))
    eager = stepped(compiled(optimizer, l2=l2, batch_size=None, engine="eager"))
    in_parts()
    assert stepped(compiled(optimizer, l2=l2, batch_size=None)) == ready
    assert ready[0] == pytest.approx(eager[0], rel=1e-11)
    assert ready[1] == pytest.approx(eager[1], rel=1e-11)


def test_parameters_that_stay_and_few_sizes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sides, "MOST_SIZES", 1)
    found = []
    for engine in ("compiled", "eager"):
        model = nn.MLP(3, [4, 1], "tanh", seed=2)
        moved = model.parameters()[3:]
        found.append(stepped(Trainer(model, nn.squared_error, Adam(moved, 0.1), engine=engine)))
    for one, other in zip(*found, strict=True):
        assert np.ravel(one) == pytest.approx(np.ravel(other), rel=1e-10)


# ---- arrays that nobody has looked at ----------------------------------------------------------


def test_arrays_of_any_form_make_the_same_step() -> None:
    wide = np.zeros((11, 6))
    wide[:, ::2] = ROWS
    forms = [
        (ROWS, Y),
        (np.asfortranarray(ROWS), Y[:, None]),
        (wide[:, ::2], np.repeat(Y, 2)[::2]),
        (ROWS[::-1][::-1], Y.tolist()),
        (ROWS.tolist(), Y),
        (ROWS.astype(">f8"), Y.astype(">f8")),
    ]
    trainers = [compiled(batch_size=None) for _ in forms]
    for _ in range(3):
        costs = [t.step(*form) for t, form in zip(trainers, forms, strict=True)]
        assert costs == costs[:1] * len(forms)


def test_labels_of_any_kind_make_the_same_step() -> None:
    labels = TARGETS[nn.binary_cross_entropy]
    kinds = [labels, labels.astype(np.int8), labels.astype(np.uint64), labels.astype(float)]
    costs = []
    for kind in kinds:
        model = nn.MLP(3, [4, 1], "tanh", seed=1)
        loss = nn.binary_cross_entropy_with_logits
        trainer = Trainer(model, loss, SGD(model.parameters(), 0.1), engine="compiled")
        costs.append([trainer.step(ROWS, y) for y in (labels, kind, kind)])
    assert costs == costs[:1] * len(kinds)


def test_targets_in_rows() -> None:
    soft = np.random.default_rng(1).dirichlet([1.0] * 3, 11)
    found = []
    for engine in ("compiled", "eager"):
        model = nn.MLP(3, [4, 3], "tanh", seed=1)
        trainer = Trainer(model, nn.cross_entropy, SGD(model.parameters(), 0.1), engine=engine)
        costs = [trainer.step(ROWS[part], soft[part]) for part in BATCHES]
        flat = soft.reshape(3, 11) if engine == "compiled" else soft
        if engine == "compiled":  # the same numbers, which are no rows for these samples
            with pytest.raises(ShapeError, match=r"y has length 3"):
                trainer.step(ROWS, flat)
        found.append([*costs, trainer.step(ROWS, soft)])
    assert found[0] == pytest.approx(found[1], rel=1e-11)


def test_what_is_wrong_with_them_is_said() -> None:
    trainer = compiled(batch_size=None)
    trainer.step(ROWS, Y)
    state = trainer.model.state_dict()
    trainer.step(ROWS, Y)
    before = trainer.model.state_dict()
    holed = ROWS.copy()
    holed[4, 1] = math.nan
    with pytest.raises(DataError, match=r"X\[4\]\[1\] is nan"):
        trainer.step(holed, Y)
    gone = Y.copy()
    gone[3] = math.inf
    with pytest.raises(DataError, match=r"y\[3\] is inf"):
        trainer.step(ROWS, gone)
    for rows, y in ((ROWS, Y[:4]), (ROWS[:, :2], Y), (ROWS[0], Y), (np.array(1.0), np.array(2.0))):
        with pytest.raises((DataError, ShapeError, ArgumentTypeError)):
            trainer.step(rows, y)
    assert trainer.model.state_dict() == before != state


def test_a_batch_is_no_more_than_asked_for() -> None:
    trainer, other = compiled(batch_size=4), compiled(batch_size=4, engine="eager")
    for _ in range(3):  # drawn at random, alike
        assert trainer.step(ROWS, Y) == pytest.approx(other.step(ROWS, Y), rel=1e-12)
    assert trainer.step(ROWS[:4], Y[:4]) == pytest.approx(other.step(ROWS[:4], Y[:4]), rel=1e-12)
    assert trainer.rng.random() == other.rng.random()


def test_a_new_target_is_tried_first() -> None:
    model = nn.MLP(3, [2], seed=0)
    trainer = Trainer(model, nn.cross_entropy, SGD(model.parameters(), 0.1), engine="compiled")
    y = np.array([0, 1] * 5 + [0])
    for _ in range(2):
        trainer.step(ROWS, y)
    with pytest.raises(DataError, match=r"y\[2\] cannot be learnt"):
        trainer.step(ROWS, np.where(np.arange(11) == 2, 2, y))
    assert trainer.optimizer.steps == 2


# ---- what is changed between steps counts ------------------------------------------------------


def test_changes_between_steps_count() -> None:
    trainers = [compiled("momentum", engine=engine) for engine in ("compiled", "eager")]
    found = []
    for trainer in trainers:
        trainer.batch_size = None
        costs = [trainer.step(ROWS, Y), trainer.step(ROWS, Y)]
        trainer.optimizer.lr = 0.25
        costs.append(trainer.step(ROWS, Y))
        trainer.optimizer.lr = 1
        costs.append(trainer.step(ROWS, Y))
        trainer.l2 = 0.125
        costs += [trainer.step(ROWS, Y), trainer.step(ROWS, Y)]
        trainer.loss = nn.huber
        costs += [trainer.step(ROWS, Y), trainer.step(ROWS, Y)]
        trainer.model.layers[0].neurons[0].b.data = 0.5
        costs += [trainer.step(ROWS, Y), trainer.step(ROWS, Y)]
        trainer.optimizer.reset()
        costs += [trainer.step(ROWS, Y), trainer.step(ROWS, Y)]
        found.append(costs)
    assert found[0] == pytest.approx(found[1], rel=1e-10)


def test_a_schedule_that_looks_at_the_model() -> None:
    found = []
    for engine in ("compiled", "eager"):
        model = nn.MLP(3, [1], seed=0)
        met = []

        def rate(step: int, model: Any = model, met: Any = met) -> float:
            met.append(model.layers[0].neurons[0].b.data)
            return 0.01 * (1 + step)

        optimizer = SGD(model.parameters(), rate)
        trainer = Trainer(model, nn.squared_error, optimizer, engine=engine)
        costs = [trainer.step(ROWS, Y) for _ in range(4)]
        found.append([*costs, *met])
    assert found[0] == pytest.approx(found[1], rel=1e-12)


def test_what_is_not_finite_is_done_one_by_one() -> None:
    class Root(nn.Module):
        def __init__(self) -> None:
            self.w = Value(2.0)

        def __call__(self, x: Any) -> Any:
            return tanh(x[0]) / self.w

    model = Root()
    trainer = Trainer(model, nn.squared_error, SGD(model.parameters(), 0.1), engine="compiled")
    for _ in range(3):
        trainer.step(ROWS, Y)
    model.w.data = 0.0
    for _ in range(2):
        with pytest.raises(PoleError):
            trainer.step(ROWS, Y)
        assert model.w.data == 0.0
    model.w.data = 1.0
    other = Root()
    other.w.data = 1.0
    eager = Trainer(other, nn.squared_error, SGD(other.parameters(), 0.1), engine="eager")
    model_optimizer = trainer.optimizer
    model_optimizer.reset()
    for _ in range(2):
        assert trainer.step(ROWS, Y) == pytest.approx(eager.step(ROWS, Y), rel=1e-12)


def test_a_computed_place_of_no_table_leaves_all_as_it_was() -> None:
    from tinygrad_nn import lookup

    class Chosen(nn.Module):
        def __init__(self) -> None:
            self.w = [Value(0.5), Value(-1.0), Value(2.0)]

        def __call__(self, x: Any) -> Any:
            return lookup(self.w, x[0] * 2.0) * self.w[0]

    model = Chosen()
    trainer = Trainer(model, nn.squared_error, SGD(model.parameters(), 0.1), engine="compiled")
    rows, y = np.array([[0.0], [1.0]]), np.array([1.0, 2.0])
    for _ in range(3):
        trainer.step(rows, y)
    with pytest.raises(ArgumentError, match="4 as an index"):
        trainer.step(2.0 * rows, y)
    assert trainer.optimizer.steps == 3
    assert trainer.step(rows, y) < 5.0


def test_a_training_is_freed_at_once() -> None:
    trainer = compiled()
    trainer.step(ROWS, Y)
    trainer.sync()
    engine: Any = trainer._engine
    kept = [weakref.ref(thing) for thing in (engine._now, engine._now.move(Y.shape))]
    gc.collect()
    gc.disable()
    try:
        trainer._engine = engine = None
        assert [ref() for ref in kept] == [None, None]
    finally:
        gc.enable()
