"""A page of a data set: what it is told, how it trains, and its controls by keyboard."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
from viewed import Opener, told

from tinygrad_nn import Value, log, nn
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DrawingError, ShapeError
from tinygrad_nn.optim import SGD
from tinygrad_nn.train import Trainer
from tinygrad_nn.viewing import view
from tinygrad_nn.viewing.arithmetic import Arithmetic
from tinygrad_nn.viewing.assembly import script
from tinygrad_nn.viewing.data_set import data_set_of

pytest.importorskip("numpy")

X = [[0.5, -1.0], [1.5, 0.25], [-0.5, 0.75], [-1.0, -0.125], [0.0, 2.0]]
Y = [1, 0, 1, 0, 1]
LOSS = nn.binary_cross_entropy_with_logits


def network(outputs: int = 1) -> nn.MLP:
    return nn.MLP(2, [3, outputs], activation="tanh", seed=0)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "graph.html"


# ------------------------------------------------------------------ what the page is told


def test_samples_of_one_graph_bring_their_numbers(path: Path) -> None:
    model = network()
    page = told(view(model, data=(X, Y), loss=LOSS, path=path))
    assert page["data"]["graphs"] == []
    nodes = page["nodes"]
    for x, y, sample in zip(X, Y, page["data"]["samples"], strict=True):
        own = dict(sample["numbers"])
        found = {
            node["label"]: own.get(place, node["value"])
            for place, node in enumerate(nodes)
            if node.get("label") in ("x[0]", "x[1]", "y")
        }
        assert found == {"x[0]": x[0], "x[1]": x[1], "y": y}
        assert sample["graph"] == 0
    assert page["data"]["samples"][1]["sample"] == "x = [1.5, 0.25], y = 0"
    (places,) = page["data"]["parameters"]
    assert [nodes[k]["value"] for k in places] == [p.data for p in model.parameters()]


def test_samples_of_other_graphs_bring_them_along(path: Path) -> None:
    page = told(view(network(3), data=(X, [2, 0, 2, 1, 0]), loss=nn.cross_entropy, path=path))
    assert [sample["graph"] for sample in page["data"]["samples"]] == [0, 1, 0, 2, 1]
    assert len(page["data"]["graphs"]) == 2
    sizes = len(page["nodes"]) + sum(len(graph["nodes"]) for graph in page["data"]["graphs"])
    with pytest.raises(DrawingError, match="3 different graphs of the first 4 samples"):
        view(
            network(3),
            data=(X, [2, 0, 2, 1, 0]),
            loss=nn.cross_entropy,
            path=path,
            max_nodes=sizes - 1,
        )


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"loss": None}, ArgumentError, "loss is missing"),
        ({"loss": "hinge"}, ArgumentTypeError, "loss is 'hinge'"),
        ({"data": X}, ArgumentTypeError, "expected a pair of samples"),
        ({"data": (X, Y[1:])}, ShapeError, "y has length 4"),
        ({"data": ([X[0]] * 201, [1] * 201)}, ArgumentError, "at most 200"),
        ({"x": X[0]}, ArgumentError, "leave x out"),
        ({"value": Value(1.0)}, ArgumentTypeError, "expected a model"),
        ({"parameters": [[]]}, ArgumentTypeError, r"parameters\[0\] is \[\]"),
        ({"parameters": [Value(1.0)]}, ArgumentError, "not in the graph"),
        ({"value": nn.Sequential(network(), nn.Dropout(0.5))}, ArgumentError, "draws random"),
    ],
)
def test_mistakes(
    path: Path, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        view(**{"value": network(), "data": (X, Y), "loss": LOSS, "path": path} | options)
    assert not path.exists()


# ------------------------------------------------------------------ its training

TRAIN = """
const training = new training_js.Training(given[0], printed);
training.isWhole = given[1];
for (let k = 0; k < given[2]; k++) if (training.update(given[3])) return null;
const now = [...training.parameters];
training.reset();
return [now, training.ofAll().cost, [...training.parameters]];
"""


def trained(driver: Any, model: nn.Module, y: list[int], loss: Any, *options: Any) -> Any:
    """Train in the browser: the parameters at the end, and the cost and parameters at the start."""
    data = data_set_of(model, (X, y), loss, None, 10_000)
    arithmetic = Arithmetic({node.row for node in data.nodes if node.op})
    parts, _, _ = script().partition("const main_js")
    start = f"{parts}\nconst printed = {arithmetic.script()};\nconst given = arguments;\n"
    return driver.execute_script(start + TRAIN, data.describe(0.1, arithmetic), *options)


def test_full_batches_are_those_of_the_trainer(driver: Any) -> None:
    model, y, loss = network(3), [2, 0, 2, 1, 0], nn.cross_entropy
    start = [p.data for p in model.parameters()]
    cost = sum(loss(model(x), target).data for x, target in zip(X, y, strict=True)) / len(X)
    now, first, again = trained(driver, model, y, loss, True, 100, 0.5)
    assert first == pytest.approx(cost, rel=1e-14)
    assert again == start
    optimizer = SGD(model.parameters(), lr=0.5)
    Trainer(model, loss, optimizer, engine="eager").fit(X, y, epochs=100, progress=False)
    after = [p.data for p in model.parameters()]
    assert now == pytest.approx(after, rel=1e-9, abs=1e-9)
    assert max(abs(a - b) for a, b in zip(after, start, strict=True)) > 0.1


def test_one_sample_after_the_other_goes_round(driver: Any) -> None:
    model = network()
    now, *_ = trained(driver, model, Y, LOSS, False, 7, 0.5)
    for k in range(7):
        for p in model.parameters():
            p.grad = 0.0
        LOSS(model(X[k % 5]), Y[k % 5]).backward()
        for p in model.parameters():
            p.data -= 0.5 * p.grad
    assert now == pytest.approx([p.data for p in model.parameters()], rel=1e-12)


# ------------------------------------------------------------------ its controls


def test_training_by_keyboard(show: Opener) -> None:
    model = network()
    page = show(model, data=(X, Y), loss=LOSS, lr=0.5)
    rows = page.rows()
    assert page.text("cost").startswith("Cost 0.")
    page.press("graph", "]", "p", "]")
    assert page.text("said").startswith("Sample, step 1")
    assert "Take sample 1 of 5: x = [0.5, -1], y = 1." in page.text("said")
    page.press("position", "\ue010")  # End
    loss = page.text("said").rpartition("After the update loss is ")[2].split(";")[0]
    page.press("graph", "n")  # the update is made, and the next sample begins
    assert "Take sample 2 of 5: x = [1.5, 0.25], y = 0." in page.text("said")
    assert "after 1 update;" in page.text("cost") == page.text("chosen")
    page.press("sample", "\ue009a\ue000", "1")
    page.click("whole")
    assert any(row.startswith(f"loss = {loss}") for row in page.rows())
    page.choose("updating", "the mean of all")
    page.press("graph", "u", "u")
    assert "after 3 updates;" in page.text("cost")
    page.press("graph", "n")
    assert "Take all 5 samples, of which number 1 is shown" in page.text("said")
    page.click("whole")
    page.row("layers.1.bias[0]").click()
    assert "mean over all samples = " in page.text("panel")
    page.press("graph", "t")
    assert page.text("train") == "Pause"
    page.press("graph", "t")
    assert page.text("train") == "Train"
    page.press("graph", "r")
    assert page.text("cost").endswith("after 0 updates.")
    assert page.rows() == rows


def test_what_is_typed_counts_for_the_sample_and_parameters_for_all(show: Opener) -> None:
    model = network()
    page = show(model, data=(X, Y), loss=LOSS)
    page.row("x[1] = -1").click()
    page.press("value", "\ue009a\ue000", "3")
    page.row("layers.1.bias[0]").click()
    page.press("value", "\ue009a\ue000", "0.75")
    assert page.find("reset").is_displayed()
    dict(model.named_parameters())["layers.1.bias[0]"].data = 0.75
    rows = [[0.5, 3.0], *X[1:]]
    cost = math.fsum(LOSS(model(x), y).data for x, y in zip(rows, Y, strict=True)) / 5
    assert page.text("cost").startswith(f"Cost {cost:.4g} after 0 updates")
    page.press("sample", "\ue009a\ue000", "2")
    assert page.row("x[1] = 0.25") is not None
    assert page.row("layers.1.bias[0] = 0.75") is not None


def test_an_update_that_python_would_not_make_is_refused(show: Opener) -> None:
    class Logarithm(nn.Module):
        def __init__(self) -> None:
            self.w = Value(1.0)

        def __call__(self, x: Any) -> Any:
            return log(self.w * x[0])

    page = show(Logarithm(), data=([[1.0], [2.0]], [10.0, 0.0]), loss=lambda z, y: z * y, lr=0.2)
    page.press("graph", "u")  # now w = -1
    start = "Cost nan after 1 update; 0 at first. ⚠ sample 1: made from what has no number: log at"
    assert page.text("cost").startswith(start)
    page.press("graph", "t")
    page.wait_for("train", "Train")
    assert page.text("cost").startswith(start)
    assert "⚠ No update: sample 2: " in page.text("cost")
    page.press("graph", "r")
    assert page.text("cost") == "Cost 0 after 0 updates."


def test_a_model_that_looks_at_its_numbers_is_not_trained(show: Opener) -> None:
    class Leaky(nn.Module):
        def __init__(self) -> None:
            self.w = Value(0.5)

        def __call__(self, x: Any) -> Any:
            z = self.w * x[0]
            return z if z > 0.0 else 0.1 * z

    page = show(Leaky(), data=([[1.0], [-2.0]], [1.0, 1.0]), loss=nn.squared_error)
    page.press("graph", "u")
    assert "after 0 updates. ⚠ No update: w is fixed. Python has looked at" in page.text("cost")
    page.press("sample", "\ue009a\ue000", "2")  # of another graph
    assert page.row("x = -2") is not None
