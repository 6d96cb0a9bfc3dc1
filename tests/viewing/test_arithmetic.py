"""The operations that a page computes with: node runs all of them beside Python."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from in_javascript import needs_node, run
from table_points import is_defined, points_of, same
from viewed import told

from tinygrad_nn import TABLE, Value, custom, debug, nn, sin, view
from tinygrad_nn.scalar.operation import UNLISTED
from tinygrad_nn.scalar.reverse import local_partial
from tinygrad_nn.viewing.arithmetic import Arithmetic, print_row


@needs_node
def test_every_row_computes_what_python_does(tmp_path: Path) -> None:
    names = {f"row_{name}": row for name, row in TABLE.items()}
    texts = {
        name: f"{print_row(row)}\nexport const {name} = operation;" for name, row in names.items()
    }
    points = {name: points_of(row) for name, row in names.items()}
    found = run(texts, points, tmp_path)
    missed = {}
    for name, row in names.items():
        for point, (value, *slopes) in zip(points[name], found[name], strict=True):
            z = row.quiet(*point)
            if not same(value, z):
                missed[name, point] = value, z
            if is_defined(row, point):  # elsewhere the page shows none
                wanted = [local_partial(row, place, point, z) for place in range(row.arity)]
                if not all(map(same, slopes, wanted)):
                    missed[(name, "slopes"), point] = slopes, wanted
    assert not missed


def test_all_rows_of_the_table_are_printed_and_no_other() -> None:
    own = custom(lambda x: 2.0 * x, lambda x, z: 2.0, name="own")(Value(1.0)).row
    steps = [UNLISTED["round"]]  # as docs/viewing.md says
    made = Arithmetic([*TABLE.values(), UNLISTED["alias"], *steps, own])
    assert set(made.functions) == {*TABLE, "alias"}
    assert list(made.refused) == [*steps, own]


# ------------------------------------------------------------------ what is fixed


def fixed(page: Any) -> dict[str, str]:
    return {node.get("label", ""): node["fixed"] for node in told(page)["nodes"] if "fixed" in node}


def test_what_python_has_looked_at_is_fixed_with_the_line(tmp_path: Path) -> None:
    with debug():
        a, b, c = Value(2.0, "a"), Value(3.0, "b"), Value(4.0, "c")
        d = a * b
        result = (d if d > 1.0 else a) + c
    found = fixed(view(result, path=tmp_path / "graph.html"))
    assert set(found) == {"a", "b"}
    assert all("Python has looked at" in reason for reason in found.values())
    assert "test_arithmetic.py" in found["a"]
    # What the update would come to is not known either: it moves what was looked at.
    assert {
        node["after"] for node in told(view(result, path=tmp_path / "graph.html"))["nodes"]
    } == {"NaN"}


def relu_of_python(x: Value) -> Value:
    return x * 1.0 if x > 0.0 else x * 0.0


@pytest.mark.parametrize(
    "f",
    [
        relu_of_python,
        lambda x: max(x, Value(1.0)) * 2.0,
        lambda x: sorted([x, Value(1.0)])[0] * 2.0,
        lambda x: x * int(x),
        lambda x: x * round(x),
        lambda x: [x, x * 2.0][int(x > 0.0)],
        lambda x: x ** (2 if x == 2.0 else 3),
        lambda x: sin(x) if abs(x) < 1.0 else x * x,
        lambda x: x * x if (x - 1.0) ** 2 < 4.0 else x,
        lambda x: x * float(bool(x)),
    ],
)
def test_numbers_are_fixed_where_python_chose(f: Any, tmp_path: Path) -> None:
    x = Value(2.0, "x")
    assert "Python has looked at" in fixed(view(f(x) * x, path=tmp_path / "graph.html"))["x"]


class Gated(nn.Module):
    """A model that looks at a number far above its input, which is in no result."""

    def __init__(self) -> None:
        self.w = Value(2.0)

    def __call__(self, x: Any) -> Any:
        deep = x[0]
        for _ in range(20):
            deep = sin(deep) + 1.0
        return self.w * x[1] if deep > 1.0 else self.w


def test_of_a_model_all_that_python_looked_at_is_known(tmp_path: Path) -> None:
    page = view(Gated(), [Value(0.5, "p"), Value(3.0, "q")], path=tmp_path / "graph.html")
    assert fixed(page) == {}  # p is in no result
    x = Value(0.5, "x")
    found = fixed(view(Gated(), [x, x], path=tmp_path / "graph.html"))
    assert "Python has looked at the result of add (test_arithmetic.py:" in found["x"]


class Lifted(nn.Module):
    """A model that makes a plain number of its input."""

    def __init__(self) -> None:
        self.w = Value(2.0)

    def __call__(self, x: Any) -> Any:
        return self.w * math.exp(x[0])


def test_inputs_and_targets_that_become_plain_numbers_stay_constants(tmp_path: Path) -> None:
    def loss(a: Any, y: Any) -> Any:
        return (a - math.exp(y)) ** 2

    page = view(Lifted(), [0.5], 1.0, loss=loss, path=tmp_path / "graph.html")  # without a warning
    leaves = [node["label"] for node in told(page)["nodes"] if node.get("kind") == "leaf"]
    assert leaves == ["w"]
    assert fixed(page) == {}


def test_what_is_below_an_operation_of_ones_own_is_fixed(tmp_path: Path) -> None:
    own = custom(lambda x: 2.0 * x, lambda x, z: 2.0, name="own")
    a, b = Value(2.0, "a"), Value(3.0, "b")
    found = fixed(view(own(a * a) + b, path=tmp_path / "graph.html"))
    assert set(found) == {"a"}
    assert "own has no form in JavaScript" in found["a"]


def test_targets_that_the_loss_checks_are_fixed(tmp_path: Path) -> None:
    model = nn.MLP(1, [1], seed=0)
    path = tmp_path / "graph.html"
    free = view(model, [0.5], 1, loss=nn.squared_error, path=path)
    assert fixed(free) == {}
    assert {"x", "y"} <= {node.get("label") for node in told(free)["nodes"]}
    found = fixed(view(model, [0.5], 1, loss=nn.hinge, path=path))
    assert "the loss refuses some targets: y is 1.375: expected -1 or +1" in found["y"]
    table = {0: 0.0, 1: 1.0}
    page = view(model, [0.5], 1, loss=lambda a, y: (a - table[y]) ** 2, path=path)
    assert "y" not in {node.get("label") for node in told(page)["nodes"]}  # it is a plain number
