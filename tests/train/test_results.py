"""Predictions, histories and progress."""

from __future__ import annotations

import math
import os
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from trained import SIDES, X, Y, line, quietly

from tinygrad_nn import nn
from tinygrad_nn.errors import ArgumentError, StateError
from tinygrad_nn.train import Epoch, History, accuracy, outputs, predict
from tinygrad_nn.train.length import length_of

IDENTITY = nn.MLP(1, [1], init=lambda nin, nout, rng: 1.0)
ROWS = [[-2.0], [0.0], [0.25], [0.5], [0.75], [3.0]]


@pytest.mark.parametrize(
    ("loss", "expected"),
    [
        (nn.binary_cross_entropy, [0, 0, 0, 0, 1, 1]),
        (nn.binary_cross_entropy_with_logits, [0, 0, 1, 1, 1, 1]),
        (nn.hinge, [-1, -1, 1, 1, 1, 1]),
        (nn.squared_error, [-2.0, 0.0, 0.25, 0.5, 0.75, 3.0]),
        (lambda y_hat, y: y_hat, [-2.0, 0.0, 0.25, 0.5, 0.75, 3.0]),
    ],
)
def test_the_loss_says_what_an_output_means(loss: Any, expected: list[Any]) -> None:
    for form in (ROWS, np.array(ROWS)):
        assert predict(IDENTITY, loss, form) == expected


def test_outputs_record_nothing_and_are_floats() -> None:
    model = nn.MLP(2, [3])
    found = outputs(model, [[1.0, 2.0], [0.0, 0.0]])
    assert np.shape(found) == (2, 3)
    assert type(found[0][0]) is float
    assert predict(model, nn.cross_entropy, [[0.0, 0.0]]) == [0]  # the first of equals


def test_accuracy_counts() -> None:
    y = [0, 1, 1, 0, 1, 1]
    assert accuracy(IDENTITY, nn.binary_cross_entropy_with_logits, ROWS, y) == 4 / 6
    assert accuracy(IDENTITY, nn.binary_cross_entropy, ROWS, [0, 0.4, 0.6, 0, 0.9, 1]) == 5 / 6
    with pytest.raises(ArgumentError, match="accuracy is known for classes only"):
        accuracy(IDENTITY, nn.squared_error, ROWS, y)


def test_the_accuracy_of_an_epoch_is_that_of_its_batches() -> None:
    loss = nn.binary_cross_entropy_with_logits
    trainer = line(loss=loss, lr=0.0, batch_size=3)
    history = quietly(trainer, 1, y=SIDES, validation=(X, [1, 1, 1, 1]))
    assert history.accuracy == [0.75]  # w x > 0 for all but the first, w = 1
    assert history.validation_accuracy == [0.75]
    expected = math.fsum(loss(x, 1) for (x,) in X) / 4
    assert history.validation_cost == [pytest.approx(expected)]


def test_history_survives_a_file(tmp_path: Path) -> None:
    path = tmp_path / "history.json"
    history = quietly(line(), 3, validation=(X, Y))
    history.save(path)
    assert History.load(path) == history
    bare = History([Epoch(0.1, 0.2, 0.3)], "tolerance")
    bare.save(str(path))
    assert History.load(str(path)) == bare
    assert list(tmp_path.iterdir()) == [path]


def test_a_failed_save_leaves_the_old_history(tmp_path: Path, monkeypatch: Any) -> None:
    path = tmp_path / "history.json"
    old = History([Epoch(0.1, 0.2, 0.3)], "epochs")
    old.save(path)

    def full(*_: Any) -> None:
        raise OSError("no space left")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(OSError, match="no space"):
            History().save(path)
    assert History.load(path) == old
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"epochs": [{"cost": 1}], "stopped": ""}', "\xff"]
)
def test_a_file_that_is_no_history_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "history.json"
    path.write_bytes(text.encode("latin-1"))
    with pytest.raises(StateError, match=r"history.json is no training history"):
        History.load(path)


def test_readable() -> None:
    epoch = Epoch(0.51234567, 0.1, 0.3, accuracy=0.5, validation_cost=0.25)
    assert repr(History([epoch], "epochs")) == (
        "History(1 epoch, cost=0.5123, gradient_norm=0.1, accuracy=0.5, validation_cost=0.25, "
        "stopped='epochs')"
    )
    assert repr(History()) == "History(0 epochs, stopped='')"


def test_progress_is_shown_on_a_terminal_only(capsys: Any, monkeypatch: Any) -> None:
    line().fit(X, Y, 2)
    assert capsys.readouterr() == ("", "")
    for name in ("FORCE_COLOR", "TTY_COMPATIBLE"):
        monkeypatch.setenv(name, "1")
    line().fit(X, Y, 2, progress=False)
    assert capsys.readouterr() == ("", "")
    line().fit(X, Y, 2)
    out, err = capsys.readouterr()
    assert out == ""
    assert "2/2" in err
    assert "cost" in err


def test_quiet_training_loads_no_rich(monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "rich.progress", None)
    quietly(line(), 1)


@pytest.mark.parametrize("size", [1.0, 1e-170, 1e-300, 1e160, 5e-324])
def test_the_length_of_a_gradient_of_any_size(size: float) -> None:
    numbers = [size * n for n in (3.0, 4.0, 12.0)]
    for gradient in (numbers, np.array(numbers)):
        assert length_of(gradient) == pytest.approx(math.hypot(*numbers), rel=1e-14, abs=0.0)
    assert length_of(np.array([0.0, 0.0])) == 0.0
    assert length_of(np.array([math.inf, 1.0])) == math.inf
