"""What the page of a graph is told."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from viewed import LOSS, network, told

from tinygrad_nn import Value, debug, gradients, log, nn, no_grad, softmax
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DrawingError
from tinygrad_nn.scalar.graph import ancestors
from tinygrad_nn.scalar.reverse import partial
from tinygrad_nn.scopes import scope
from tinygrad_nn.viewing import view


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "graph.html"


# ------------------------------------------------------------------ what the page is told


def test_every_number_is_told_with_its_operands_and_derivatives(path: Path) -> None:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    result = (a * b + a * a) / 4
    data = told(view(result, path=path))
    nodes = ancestors(result)
    assert [node["value"] for node in data["nodes"]] == [node.data for node in nodes]
    for node, entry in zip(nodes, data["nodes"], strict=True):
        assert [nodes[place] for place in entry.get("args", [])] == list(node.args)
        assert entry.get("op", "") == node.op
        assert entry.get("label", "") == node.label
        for position, slope in enumerate(entry.get("slopes", [])):
            constant = node.args[position].is_constant
            assert slope == (None if constant else partial(node, position))
    assert [entry.get("kind") for entry in data["nodes"]].count("leaf") == 2
    assert data["outputs"] == [data["output"]] == [len(nodes) - 1]
    assert data["sample"] == "a = 2, b = -3"
    assert data["operations"]["mul"] == {"symbol": "×", "typed": "*"}


def test_nothing_is_changed_by_looking(path: Path) -> None:
    model = network()
    x = Value(0.5)
    loss = LOSS(model([x, -1.0]), 1)
    loss.backward()
    nodes = ancestors(loss)
    before = [(node.grad, node.mark, node.label, node.data) for node in nodes]
    view(loss, path=path)
    view(model, [x, -1.0], 1, loss=LOSS, path=path)
    assert [(node.grad, node.mark, node.label, node.data) for node in nodes] == before


@pytest.mark.parametrize("lr", [0.1, 0.0, 1])
def test_the_update_is_a_step_of_gradient_descent(path: Path, lr: float) -> None:
    model = network()
    data = told(view(model, [0.5, -1.0], 1, loss=LOSS, lr=lr, path=path))
    slopes = gradients(LOSS(model([0.5, -1.0]), 1), model.parameters())
    for parameter, slope in zip(model.parameters(), slopes, strict=True):
        parameter.data -= lr * slope.data
    after = [node.data for node in ancestors(LOSS(model([Value(0.5), Value(-1.0)]), Value(1.0)))]
    assert [node.get("after", node["value"]) for node in data["nodes"]] == after
    assert data["rate"] == lr
    moved = [node["label"] for node in data["nodes"] if node.get("moves")]
    assert set(moved) == {name for name, _ in model.named_parameters()}


def test_the_numbers_of_a_value_move_and_the_inputs_of_a_model_do_not(path: Path) -> None:
    x = Value(0.5, "x")
    assert [node.get("moves") for node in told(view(x * 2, path=path))["nodes"]] == [
        True,
        None,
        None,
    ]
    data = told(view(nn.MLP(1, [1], seed=0), [x], path=path))
    assert [node["label"] for node in data["nodes"] if node.get("moves")] == [
        "layers.0.weight[0][0]",
        "layers.0.bias[0]",
    ]


def test_only_the_parameters_that_are_given_move(path: Path) -> None:
    w, x = Value(2.0, "w"), Value(3.0, "x")
    loss = w * x
    data = told(view(loss, parameters=[w], path=path))
    assert [(n.get("label"), n.get("after")) for n in data["nodes"]] == [
        ("w", 2.0 - 0.1 * 3.0),
        ("x", None),
        (None, (2.0 - 0.1 * 3.0) * 3.0),
    ]
    with pytest.raises(ArgumentTypeError, match=r"parameters\[1\] is 2.0.* as in view"):
        view(loss, parameters=[w, 2.0], path=path)  # type: ignore[list-item]  # the mistake
    with pytest.raises(ArgumentError, match="which is not in the graph of value"):
        view(loss, parameters=[Value(1.0)], path=path)
    with pytest.raises(ArgumentError, match="which is no leaf"):
        view(loss, parameters=[loss], path=path)


def test_numbers_that_json_lacks(path: Path) -> None:
    a = Value(math.inf, "a")
    entries = told(view((a - a) * -a, path=path))["nodes"]
    assert [entry["value"] for entry in entries] == ["Infinity", "NaN", "-Infinity", "NaN"]
    assert entries[3]["slopes"] == ["-Infinity", "NaN"]


def test_lines_of_code_are_told_where_debug_recorded_them(path: Path) -> None:
    a = Value(2.0)
    with debug():
        b = a * a
    nodes = told(view(log(b), path=path))["nodes"]
    assert nodes[1]["place"].startswith("test_viewing.py:")
    assert nodes[1]["place"].endswith("b = a * a")
    assert "place" not in nodes[2]


def test_a_part_without_derivative_has_no_slope(path: Path) -> None:
    a = Value(2.0)
    nodes = told(view(a // 1.0 + a, path=path))["nodes"]
    assert nodes[2]["slopes"] == [None, None]


# ------------------------------------------------------------------ scopes


def scopes(data: Any) -> dict[tuple[str, ...], int]:
    """Count the numbers of each scope."""
    counts: dict[tuple[str, ...], int] = {}
    for node in data["nodes"]:
        counts[tuple(node.get("scope", ()))] = counts.get(tuple(node.get("scope", ())), 0) + 1
    return counts


def test_the_scopes_of_a_network_are_its_layers_and_units(path: Path) -> None:
    counts = scopes(told(view(network(), [0.5, -1.0], 1, loss=LOSS, path=path)))
    # A unit of n inputs: n weights, n products, n - 1 sums, the bias and its sum, tanh.
    assert counts.pop(()) == 2  # the inputs
    assert counts.pop(("loss",)) == 9
    assert counts.pop(("layer 3", "unit 1")) == 3 * 16 - 1 + 2
    for j in range(1, 17):
        assert counts.pop(("layer 1", f"unit {j}")) == 3 * 2 - 1 + 3
        assert counts.pop(("layer 2", f"unit {j}")) == 3 * 16 - 1 + 3
    assert counts == {}


def test_what_joins_units_is_in_their_layer(path: Path) -> None:
    class Choice(nn.Module):
        def __init__(self) -> None:
            self.head = nn.Layer(2, 3, "identity", seed=0)

        def __call__(self, x: Any) -> Any:
            return softmax(self.head(x))

    counts = scopes(told(view(Choice(), [1.0, 2.0], path=path)))
    assert set(counts) == {(), ("head",), *(("head", f"unit {j}") for j in (1, 2, 3))}


def test_recorded_scopes_go_before_derived_ones(path: Path) -> None:
    w, b = Value(2.0), Value(1.0)
    with scope("mine"), scope("inner"):
        product = w * 3.0
    data = told(view(product + b, path=path))
    assert scopes(data) == {("mine", "inner"): 3, (): 2}


def test_few_operations_have_no_scopes(path: Path) -> None:
    data = told(view(LOSS(nn.MLP(2, [2, 1], seed=0)([0.5, -1.0]), 1), path=path))
    assert set(scopes(data)) == {()}
    assert data["closed"] == []


def test_a_loop_of_the_user_is_folded(path: Path) -> None:
    s, w, b = Value(0.1, "s"), Value(0.5, "w"), Value(0.3, "b")
    for _ in range(12):
        s = s * w + b
    data = told(view(log(s), path=path))
    assert data["closed"] == ["loop × 12"]
    assert scopes(data) == {
        (): 3,  # w, b, and the logarithm
        ("loop × 12", "turn 1"): 3,  # with s
        **{("loop × 12", f"turn {turn}"): 2 for turn in range(2, 13)},
    }


# ------------------------------------------------------------------ what is shown


def test_several_results_and_the_one_that_gradients_are_of(path: Path) -> None:
    a = Value(2.0, "a")
    b, c = a * 3.0, a + 1.0
    b.label, c.label = "b", "c"
    data = told(view([b, c], path=path))
    assert [data["nodes"][place]["label"] for place in data["outputs"]] == ["b", "c"]
    assert data["output"] == data["outputs"][1]
    assert data["title"] == "Computation graph of b, c"
    data = told(view([b, c], output=b, path=path))
    assert data["output"] == data["outputs"][0]
    assert data["nodes"][data["output"]]["after"] == (2.0 - 0.1 * 3.0) * 3.0


def test_a_model_without_a_target_shows_its_outputs(path: Path) -> None:
    data = told(view(nn.MLP(1, [3], seed=0), 0.5, path=path))
    labels = [data["nodes"][place]["label"] for place in data["outputs"]]
    assert labels == ["output[0]", "output[1]", "output[2]"]
    assert data["sample"] == "x = [0.5]"


def test_a_model_is_recorded_within_no_grad_too(path: Path) -> None:
    with no_grad():
        page = view(network(), [0.5, -1.0], 1, loss=LOSS, path=path)
    assert len(told(page)["nodes"]) == 988
    assert page.title == "Computation graph of loss"


def test_arrays_are_samples_as_well(path: Path) -> None:
    numpy = pytest.importorskip("numpy")
    data = told(view(network(), numpy.array([0.5, -1.0]), 1, loss=LOSS, path=path))
    assert data["sample"] == "x = [0.5, -1], y = 1"


@pytest.mark.parametrize(
    ("arguments", "options", "error", "message"),
    [
        ((2.0,), {}, ArgumentTypeError, "value must be a Value"),
        (([],), {}, ArgumentError, "value must not be empty"),
        ((Value(1.0), "other.html"), {}, ArgumentError, 'path="graph.html"'),
        ((Value(1.0),), {"loss": LOSS}, ArgumentError, "no model"),
        ((Value(1.0),), {"output": Value(2.0)}, ArgumentError, "not in the graph"),
        ((Value(1.0),), {"output": "x"}, ArgumentTypeError, "output is 'x'"),
        ((Value(1.0),), {"lr": -1.0}, ArgumentError, "lr is -1.0"),
        ((Value(1.0),), {"lr": math.nan}, ArgumentError, "lr is nan"),
        ((Value(1.0) + 1.0,), {"max_nodes": 2}, DrawingError, "max_nodes=3"),
        ((Value(1.0),), {"max_nodes": 0}, ArgumentError, "max_nodes is 0"),
        ((network(),), {}, ArgumentError, "x is missing"),
        ((network(), [1.0, 2.0], 1), {}, ArgumentError, "loss is missing"),
        ((network(), [1.0, 2.0]), {"loss": LOSS}, ArgumentError, "y is missing"),
        ((network(), [1.0, 2.0], 1), {"loss": "hinge"}, ArgumentTypeError, "loss is 'hinge'"),
        ((network(), [1.0, "2"]), {}, ArgumentTypeError, "x must be a number"),
        ((network(), [1.0, 2.0], 1), {"loss": lambda z, y: 1.0}, ArgumentTypeError, "loss is 1.0"),
    ],
)
def test_mistakes(
    path: Path, arguments: Any, options: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        view(*arguments, **options, path=path)
    assert not path.exists()
