"""Graphs as trees of text."""

from __future__ import annotations

import sys

import pytest

from tinygrad_nn import Value, nn
from tinygrad_nn.drawing import print_graph
from tinygrad_nn.errors import ArgumentTypeError, DrawingError
from tinygrad_nn.scopes import scope


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    return capsys.readouterr().out.rstrip("\n").split("\n")


@pytest.fixture(params=["rich", "plain"])
def renderer(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    if request.param == "plain":
        monkeypatch.setitem(sys.modules, "rich", None)  # as if it were not installed
    return str(request.param)


@pytest.mark.usefixtures("renderer")
def test_operands_stand_below_in_order(capsys: pytest.CaptureFixture[str]) -> None:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c1")
    y = a * b + c / 4
    y.label = "y"
    y.backward()
    print_graph(y)
    assert printed(capsys) == [
        "y = -3.5, grad 1  ← +",
        "├── -6, grad 1  ← ×",
        "│   ├── a = 2, grad -3",
        "│   └── b = -3, grad 2",
        "└── 2.5, grad 1  ← ÷",
        "    ├── c₁ = 10, grad 0.25",
        "    └── 4",
    ]


@pytest.mark.usefixtures("renderer")
def test_what_is_shared_is_written_out_once(capsys: pytest.CaptureFixture[str]) -> None:
    x = Value(3.0, "x")
    square = x * x
    print_graph([square * square, square])
    assert printed(capsys) == [
        "81  ← ×",
        "├── 9  ← ×",
        "│   ├── x = 3",
        "│   └── x = 3",
        "└── 9  ← × (above)",
        "9  ← × (above)",
    ]


def test_markup_in_labels_is_text(capsys: pytest.CaptureFixture[str]) -> None:
    print_graph(Value(1.0, "[bold]x[/] :smile:"))
    assert printed(capsys) == ["[bold]x[/] :smile: = 1"]


def test_long_lines_are_not_cut(capsys: pytest.CaptureFixture[str]) -> None:
    print_graph(Value(1.0, "long " * 60))
    assert len(printed(capsys)) == 1


def test_a_network_at_depth_1_is_a_few_lines(capsys: pytest.CaptureFixture[str]) -> None:
    model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=0)
    x = [Value(0.5, "x1"), Value(-1.0, "x2")]
    print_graph(nn.squared_error(model(x), 1.0), model=model, depth=1, precision=2)
    lines = printed(capsys)
    assert [line.lstrip(" └─") for line in lines[1:]] == [
        "loss: 2 operations",
        "layer 3: 32 operations, 17 parameters",
        "layer 2: 528 operations, 272 parameters",
        "layer 1: 80 operations, 48 parameters",
        "x₁, x₂ × 2 = -1 … 0.5",
    ]


def test_lines_tell_their_scopes_where_these_change(capsys: pytest.CaptureFixture[str]) -> None:
    x = Value(2.0, "x")
    with scope("outer"), scope("inner"):
        y = (x * x).tanh()
    print_graph(y - 1)
    lines = printed(capsys)
    assert lines[0] == "-0.0006707  ← −"
    assert lines[1] == "├── 0.9993  ← tanh  [outer / inner]"
    assert lines[2] == "│   └── 4  ← ×"


def test_a_deep_graph_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    y = Value(0.5)
    for _ in range(1200):
        y = y.sin()
    print_graph(y, max_nodes=5000)
    assert len(printed(capsys)) == 1201


def test_too_much_is_an_error() -> None:
    with pytest.raises(DrawingError, match="max_nodes=2"):
        print_graph(Value(1.0) * Value(2.0), max_nodes=2)
    with pytest.raises(ArgumentTypeError, match="value must be"):
        print_graph(3.0)  # type: ignore[arg-type]  # the mistake to test
