"""What notebooks show: tables and listings that any browser reads, with all text escaped."""

from __future__ import annotations

from typing import Any
from xml.etree import ElementTree

import pytest

from tinygrad_nn import Value, compile, nn, value_and_grad
from tinygrad_nn.data import Dataset
from tinygrad_nn.hypertext import few, table
from tinygrad_nn.train import Epoch, History


def cells(thing: Any) -> list[list[str]]:
    """The caption and the rows of the table that a notebook shows."""
    root = ElementTree.fromstring(thing._repr_html_())
    rows = [[cell.text or "" for cell in row] for row in root.iter("tr")]
    return [[root.findtext("caption") or ""], *rows]


def test_text_is_escaped_and_dots_stand_for_rows_between() -> None:
    assert "&lt;b&gt;" in table("<b>", ["<b>"], [["<b>"]])
    assert few([[i] for i in range(10)]) == [[i] for i in range(10)]
    shown = few([[i] for i in range(1000)])
    assert shown[:6] == [[i] for i in range(6)]
    assert shown[6:] == [["..."], [997], [998], [999]]


def test_a_value_shows_what_made_it_and_both_numbers_in_full() -> None:
    x = Value(0.1, label="a<b")
    (x + 0.2).backward()
    assert cells(x) == [["a<b"], ["made by", "data", "grad"], ["leaf", "0.1", "1.0"]]
    assert cells(x + 0.2)[2] == ["+", "0.30000000000000004", "0.0"]


def test_a_history_shows_the_columns_it_has() -> None:
    history = History(
        [Epoch(1.0 / n, 0.5, 0.01, validation_cost=2.0) for n in range(1, 21)], "patience"
    )
    shown = cells(history)
    assert shown[0] == ["20 epochs, stopped by patience"]
    assert shown[1] == ["epoch", "cost", "gradient norm", "seconds", "validation cost"]
    assert shown[3] == ["2", "0.5", "0.5", "0.01", "2"]
    assert [row[0] for row in shown[2:]] == [*"123456", "...", "18", "19", "20"]
    assert cells(History())[0] == ["0 epochs, stopped by nothing yet"]


def test_a_dataset_shows_rows_with_the_names_of_classes() -> None:
    data = Dataset([[0.5, 1], [2, 3]], [0, 1], ["w", "h"], ["cat & co", "dog"], "pets")
    assert cells(data) == [
        ["Dataset('pets': 2 samples, 2 features, 2 classes)"],
        ["w", "h", "target"],
        ["0.5", "1", "cat & co"],
        ["2", "3", "dog"],
    ]


def test_a_model_shows_its_arrays() -> None:
    assert cells(nn.MLP(2, [3, 1], seed=0)) == [
        ["MLP(layers=[Layer(2 -> 3, relu), Layer(3 -> 1, identity)], 13 parameters)"],
        ["array", "shape", "parameters"],
        ["layers.0.weight", "3 x 2", "6"],
        ["layers.0.bias", "3", "3"],
        ["layers.1.weight", "1 x 3", "3"],
        ["layers.1.bias", "1", "1"],
    ]


def test_programs_and_compiled_functions_show_their_listing() -> None:
    pytest.importorskip("numpy")
    f = compile(value_and_grad(lambda x: sum(a * a for a in x)))
    assert f._repr_html_().startswith("<pre")  # before the first call
    f([1.0, 2.0])
    for thing in (f, f.program):
        assert ElementTree.fromstring(thing._repr_html_()).text == str(thing)
