"""Figures say what they show."""

from __future__ import annotations

import sys

import matplotlib.figure
import pytest

from tinygrad_nn.errors import MissingExtraError
from tinygrad_nn.plotting import plot_cost
from tinygrad_nn.plotting.files import figure_bytes
from tinygrad_nn.train import Epoch, History


def test_the_curve_is_the_cost() -> None:
    axes = plot_cost([0.7, 0.3, 0.1])
    (line,) = axes.lines
    assert list(line.get_xdata()) == [1, 2, 3]
    assert list(line.get_ydata()) == [0.7, 0.3, 0.1]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", "cost J")
    assert axes.get_yscale() == "log"
    assert axes.get_legend() is None


def test_a_validation_curve_has_a_legend() -> None:
    axes = plot_cost([0.7, 0.3], [0.8, 0.5])
    assert list(axes.lines[1].get_ydata()) == [0.8, 0.5]
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["training", "validation"]
    assert axes.lines[0].get_color() != axes.lines[1].get_color()


def test_a_history_brings_its_validation_along() -> None:
    history = History([Epoch(0.7, 0.2, 0.1, validation_cost=0.8), Epoch(0.3, 0.1, 0.1)], "epochs")
    training, validation = plot_cost(history).lines
    assert list(training.get_ydata()) == [0.7, 0.3]
    assert list(validation.get_ydata()) == [0.8]
    assert list(plot_cost(history, [0.9, 0.8]).lines[1].get_ydata()) == [0.9, 0.8]


@pytest.mark.parametrize("cost", [[0.5, 0.0], [1.0, -0.5]])
def test_no_logarithm_of_what_has_none(cost: list[float]) -> None:
    assert plot_cost(cost).get_yscale() == "linear"


def test_a_single_epoch_is_seen() -> None:
    assert plot_cost([0.5]).lines[0].get_marker() == "o"
    assert plot_cost([0.5, 0.4]).lines[0].get_marker() in ("None", None, "")


@pytest.mark.parametrize("epochs", [0, 1, 2, 5, 1000])
def test_epochs_are_whole_numbers(epochs: int) -> None:
    axes = plot_cost([1.0 / (k + 1) for k in range(epochs)])
    axes.figure.draw_without_rendering()
    assert all(tick == int(tick) for tick in axes.get_xticks())


def test_on_axes_of_ones_own() -> None:
    figure = matplotlib.figure.Figure()
    axes = figure.add_subplot()
    assert plot_cost([0.7, 0.3], axes=axes) is axes


@pytest.mark.parametrize(
    ("suffix", "magic"), [("png", b"\x89PNG\r\n\x1a\n"), ("svg", b"<?xml"), ("pdf", b"%PDF-")]
)
def test_files(suffix: str, magic: bytes) -> None:
    assert figure_bytes(plot_cost([0.7, 0.3]), suffix).startswith(magic)


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"tinygrad-nn\[plot\]"):
        plot_cost([0.7])
