"""Mistakes, found before any training."""

from __future__ import annotations

import math
import random
from typing import Any

import numpy as np
import pytest
from trained import SIDES, X, Y, line, numbers, quietly

from tinygrad_nn import nn
from tinygrad_nn.errors import (
    ArgumentError,
    ArgumentTypeError,
    DataError,
    ShapeError,
    TinygradNNError,
)
from tinygrad_nn.optim import SGD
from tinygrad_nn.train import Trainer


@pytest.mark.parametrize(
    ("options", "error", "words"),
    [
        ({"X": [[0.0], [math.nan], [1.0], [2.0]]}, DataError, r"X\[1\]\[0\] is nan"),
        ({"y": [1.0, 2.0, 3.0]}, ShapeError, "y has length 3 and X has 4 rows"),
        ({"X": [[0.0, 1.0]] * 4}, ShapeError, "expects 1 input, got 2"),
        ({"X": np.zeros((4, 2))}, ShapeError, "expects 1 input, got 2"),
        ({"y": [1.0, math.inf, 3.0, 4.0]}, DataError, r"y\[1\] is inf"),
        ({"loss": nn.binary_cross_entropy_with_logits}, DataError, r"y\[1\] cannot be learnt"),
        ({"loss": nn.hinge, "y": SIDES}, DataError, r"y\[0\] cannot be learnt: .*-1 or [+]1"),
        ({"loss": nn.cross_entropy, "y": SIDES}, ArgumentTypeError, "number for each class"),
        ({"validation": (X, [1.0])}, ShapeError, "validation: y has length 1"),
        ({"validation": ([[0.0, 1.0]] * 4, Y)}, ShapeError, "validation: .* expects 1 input"),
        ({"validation": X}, ArgumentTypeError, r"pair \(X, y\)"),
        ({"patience": 3}, ArgumentError, r"give validation=\(X, y\)"),
        ({"epochs": 0}, ArgumentError, "epochs is 0"),
    ],
)
def test_mistakes(options: dict[str, Any], error: type[Exception], words: str) -> None:
    options = dict(options)  # the next backend is given the same
    trainer = line(loss=options.pop("loss", nn.squared_error))
    with pytest.raises(error, match=words):
        quietly(trainer, options.pop("epochs", 5), **options)
    assert numbers(trainer) == [1.0, 0.0]


def test_an_unknown_class() -> None:
    model = nn.MLP(1, [3])
    trainer = Trainer(model, nn.cross_entropy, SGD(model.parameters(), 0.1))
    with pytest.raises(DataError, match=r"y\[3\] cannot be learnt: target is 3 and there are 3"):
        trainer.fit(X, [0, 1, 2, 3], 1, progress=False)


def test_targets_are_tried_though_another_rows_output_does_not_suit_them() -> None:
    model = nn.MLP(1, [1], output_activation="sigmoid", init=lambda nin, nout, rng: 1.0)
    trainer = Trainer(model, nn.binary_cross_entropy, SGD(model.parameters(), 0.1))
    history = trainer.fit([[800.0], [-1.0]], [1, 0], 1, progress=False)
    assert history.accuracy == [1.0]
    with pytest.raises(DataError, match=r"y\[1\]"):
        trainer.fit([[800.0], [-1.0]], [1, 2], 1, progress=False)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({"batch_size": 0}, "batch_size"),
        ({"l2": -1.0}, "l2 is -1.0"),
        ({"loss": "hinge"}, "expected a function"),
        ({"seed": 1, "rng": random.Random(1)}, "expected one of them"),
    ],
)
def test_bad_arguments(options: dict[str, Any], words: str) -> None:
    with pytest.raises(TinygradNNError, match=words):
        line(**options)


def test_the_optimizer_must_be_the_models() -> None:
    model, other = nn.MLP(1, [1]), nn.MLP(1, [1])
    with pytest.raises(ArgumentError, match=r"model.parameters\(\)"):
        Trainer(model, nn.hinge, SGD(other.parameters(), 0.1))
    Trainer(model, nn.hinge, SGD(model.parameters()[:1], 0.1))  # some of them is fine


def test_a_loss_must_return_a_value() -> None:
    trainer = line(loss=lambda y_hat, y: 0.5)
    with pytest.raises(ArgumentTypeError, match=r"loss returned 0\.5"):
        trainer.step(X, Y)


# ---- targets of other shapes, and what is no target ---------------------------------------------


class Frame:
    """A table as pandas has it: it iterates over its columns, and knows its array."""

    def __init__(self, rows: list[list[float]]) -> None:
        self.rows = rows

    def to_numpy(self) -> Any:
        return np.array(self.rows)

    def __iter__(self) -> Any:
        return iter(["y"])


COLUMN = [[target] for target in Y]


@pytest.mark.parametrize("engine", ["eager", "compiled"])
@pytest.mark.parametrize(
    "y",
    [COLUMN, np.array(COLUMN), tuple(map(tuple, COLUMN)), Frame(COLUMN), np.array(COLUMN)[:, :1]],
)
def test_a_column_of_targets_is_its_numbers(engine: str, y: Any) -> None:
    wanted, trainer = line(engine=engine), line(engine=engine)
    quietly(wanted, 3)
    quietly(trainer, 3, y=y, validation=(X, y), X=np.array(X) if hasattr(y, "dtype") else X)
    assert numbers(trainer) == numbers(wanted)


def test_a_column_of_labels_stays_whole() -> None:
    model = nn.MLP(1, [2], seed=0)
    trainer = Trainer(model, nn.cross_entropy, SGD(model.parameters(), 0.1))
    for y in ([[0], [1], [1], [0]], np.array([[0], [1], [1], [0]])):
        trainer.fit(X, y, 1, progress=False)
        assert trainer.accuracy(X, y) == trainer.accuracy(X, [0, 1, 1, 0])


@pytest.mark.parametrize("engine", ["eager", "compiled", "auto"])
@pytest.mark.parametrize(
    ("outputs", "y", "words"),
    [
        (2, Y, "y has 1 numbers and there are 2 outputs"),
        (3, np.ones((4, 2)), "y has 2 numbers and there are 3 outputs"),
        (1, [[1.0, 2.0]] * 4, "y must be a number, got 2: .* as many outputs as there are targets"),
    ],
)
def test_as_many_outputs_as_targets(engine: str, outputs: int, y: Any, words: str) -> None:
    model = nn.MLP(1, [outputs])
    for loss in (nn.squared_error, nn.absolute_error, nn.huber):
        trainer = Trainer(model, loss, SGD(model.parameters(), 0.1), engine=engine)
        with pytest.raises((ArgumentTypeError, DataError), match=words):
            trainer.fit(X, y, 1, progress=False)


def test_a_loss_that_adds_up_trains() -> None:
    model = nn.MLP(1, [2], seed=0)

    def loss(y_hat: Any, y: Any) -> Any:
        return sum(nn.squared_error(a, b) for a, b in zip(y_hat, y, strict=True))

    trainer = Trainer(model, loss, SGD(model.parameters(), 0.1), engine="compiled")
    history = trainer.fit(X, [[1.0, 2.0]] * 4, 3, progress=False)
    assert history.cost[-1] < history.cost[0]


@pytest.mark.parametrize("labels", [["a", "b", "a", "b"], np.array(["a", "b", "a", "b"])])
def test_text_labels_name_how_to_number_them(labels: Any) -> None:
    trainer = line()
    with pytest.raises(DataError, match=r"y\[0\] is 'a'.*sorted\(set\(y\)\)"):
        quietly(trainer, 1, y=labels)
    with pytest.raises(DataError, match=r"sorted\(set\(y\)\)"):
        trainer.step(X, labels)


@pytest.mark.parametrize(
    ("model", "loss", "optimizer", "words"),
    [
        (None, None, "adam", "optimizer is 'adam'.*Adam[(]model"),
        (None, None, SGD, "optimizer is <class"),
        (None, None, nn.squared_error, "optimizer is <function"),
        (None, "mse", None, "loss is 'mse'.*nn.squared_error"),
        (lambda x: x, None, None, "model is <function.*expected a Module"),
        ([], None, None, "model is .*expected a Module"),
    ],
)
def test_what_a_trainer_is_made_of(model: Any, loss: Any, optimizer: Any, words: str) -> None:
    ours = nn.MLP(1, [1])
    with pytest.raises(ArgumentTypeError, match=words):
        Trainer(
            ours if model is None else model,
            nn.squared_error if loss is None else loss,
            SGD(ours.parameters(), 0.1) if optimizer is None else optimizer,
        )
