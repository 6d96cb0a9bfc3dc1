"""A line for people who wait: on a terminal by rich, in a notebook by its own display."""

from __future__ import annotations

import io
import sys
from types import ModuleType
from typing import Any

import pytest
import rich.console
from terminals import Terminal

from tinygrad_nn import nn, optim
from tinygrad_nn.progress import progress
from tinygrad_nn.train import Trainer


class Notebook:
    """What IPython's display takes and shows."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.shown: list[str] = []
        module = ModuleType("IPython.display")
        module.HTML = str  # type: ignore[attr-defined]
        module.display = self.display  # type: ignore[attr-defined]
        monkeypatch.setitem(sys.modules, "IPython", ModuleType("IPython"))
        monkeypatch.setitem(sys.modules, "IPython.display", module)
        monkeypatch.setattr(rich.console, "_is_jupyter", lambda: True)

    def display(self, picture: str, display_id: bool) -> Notebook:
        assert display_id
        self.update(picture)
        return self

    def update(self, picture: str) -> None:
        self.shown.append(picture)


def test_a_notebook_shows_one_line_that_moves(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    monkeypatch.setattr("tinygrad_nn.progress._PAUSE", 0.0)
    with progress("epoch", 3) as advance:
        for done in range(1, 4):
            advance(done, f"cost {1 / done:.4g} < 2")
    assert 'value="0" max="3"' in notebook.shown[0]
    assert 'value="3" max="3"' in notebook.shown[-1]
    assert "epoch 2/3 cost 0.5 &lt; 2" in notebook.shown[2]


def test_a_notebook_is_not_flooded(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    monkeypatch.setattr("tinygrad_nn.progress._PAUSE", 1e9)
    with progress("epoch", 1000) as advance:
        for done in range(1, 1001):
            advance(done, "")
    assert len(notebook.shown) == 2
    assert "1000/1000" in notebook.shown[-1]


def test_a_notebook_tells_how_long_it_takes(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)
    with progress("recording all of f", None):
        pass
    assert notebook.shown == ["recording all of f  0 s"] * 2


def test_training_in_a_notebook_warns_of_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    notebook = Notebook(monkeypatch)  # warnings are errors here
    model = nn.Neuron(1)
    trainer = Trainer(model, nn.squared_error, optim.SGD(model.parameters(), 0.1), engine="eager")
    trainer.fit([[0.0], [1.0]], [0.0, 1.0], epochs=4, progress=True)
    assert "epoch 4/4 cost" in notebook.shown[-1]


@pytest.mark.parametrize(("stream", "seen"), [(Terminal, True), (io.StringIO, False)])
def test_a_terminal_shows_a_bar_and_a_file_nothing(
    monkeypatch: pytest.MonkeyPatch, stream: Any, seen: bool
) -> None:
    shown = stream()
    monkeypatch.setattr(sys, "stderr", shown)
    with progress("epoch", 2) as advance:
        advance(2, "cost 0.5")
    assert ("2/2" in shown.getvalue() and "cost 0.5" in shown.getvalue()) == seen
