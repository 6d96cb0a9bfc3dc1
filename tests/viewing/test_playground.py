"""The playground: what the page is told, how it trains, what it hands out, and its controls."""

from __future__ import annotations

import json
import random
import statistics
from pathlib import Path
from typing import Any

import pytest
from grounds import check, in_page, trained
from viewed import Opener, Reader, told

from tinygrad_nn import Value, nn, tanh
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError
from tinygrad_nn.scalar.graph import ancestors
from tinygrad_nn.viewing import ground, playground, playing
from tinygrad_nn.viewing.assembly import script

pytest.importorskip("numpy")

RNG = random.Random(0)
X = [[RNG.gauss(0.0, 1.0), RNG.gauss(0.0, 1.0)] for _ in range(12)]
Y = [int(a * b > 0.0) for a, b in X]
LOSS = nn.binary_cross_entropy_with_logits
WIDEST = 3


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, few in {"WIDEST": WIDEST, "DEEPEST": 1, "USUAL": ("tanh",)}.items():
        monkeypatch.setattr(ground, name, few)  # programs are printed faster


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "playground.html"


def network(*hidden: int, activation: str = "tanh", outputs: int = 1) -> nn.MLP:
    return nn.MLP(2, [*hidden, outputs], activation=activation, seed=0)


class Own(nn.Module):
    """A model that the page cannot change."""

    def __init__(self) -> None:
        self.w = [[Value(0.5), Value(-0.25)], [Value(0.125), Value(0.75)]]
        self.scale = Value(1.5)

    def __call__(self, x: Any) -> Any:
        return self.scale * sum(tanh(a * x[0] + b * x[1]) for a, b in self.w)


# ------------------------------------------------------------------ what the page is told


def test_what_is_learnt_and_what_is_held_out() -> None:
    (rows, targets), test = playing.samples_of(X, Y, 0.25)
    assert (len(rows), len(test[0])) == (9, 3)
    assert sorted([*rows, *test[0]]) == sorted(X)
    assert all(Y[X.index(row)] == target for row, target in zip(rows, targets, strict=True))
    assert playing.samples_of(X, Y, (X[:2], Y[:2])) == ((X, Y), (X[:2], Y[:2]))
    assert playing.samples_of(X, Y, None) == ((X, Y), ([], []))


@pytest.mark.parametrize(
    ("y", "outputs", "loss", "meaning"),
    [
        (Y, 1, LOSS, {"kind": "two", "labels": [0, 1], "threshold": 0.0}),
        (Y, 1, nn.squared_error, {"kind": "two", "labels": [0, 1], "threshold": 0.5}),
        ([2 * y - 1 for y in Y], 1, nn.hinge, {"kind": "two", "labels": [-1, 1], "threshold": 0.0}),
        ([k % 3 for k in range(12)], 3, nn.cross_entropy, {"kind": "several"}),
        ([0.5 * y for y in Y], 1, nn.squared_error, {"kind": "numbers"}),
    ],
)
def test_what_outputs_mean(y: Any, outputs: int, loss: Any, meaning: Any) -> None:
    assert ground.meaning_of(y, outputs, loss) == meaning


def test_the_page_loads_nothing(path: Path) -> None:
    page = playground(network(2), X, Y, loss=LOSS, path=path)
    for _, attributes in Reader(page.html).tags:
        assert not {"src", "srcset", "action"} & set(attributes)
        assert (attributes.get("href") or "data:").startswith("data:")
    text = page.html.replace("http://www.w3.org", "")
    for word in ("http:", "https:", "@import", "url(", "fetch(", "XMLHttpRequest", "WebSocket"):
        assert word not in text


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"model": 1.0}, ArgumentTypeError, "model is 1.0"),
        ({"loss": "hinge"}, ArgumentTypeError, "loss is 'hinge'"),
        ({"y": Y[1:]}, ShapeError, "y has length 11"),
        ({"lr": 0.0}, ArgumentError, "lr is 0.0"),
        ({"batch_size": 0}, ArgumentError, "batch_size is 0"),
        ({"validation": 1.0}, ArgumentError, "validation is 1.0"),
        ({"validation": (X,)}, ArgumentError, "validation has 1 parts"),
        ({"validation": ([[1.0]], [1])}, ShapeError, "validation has rows of 1 numbers"),
        ({"features": ["a"]}, ArgumentError, "features has 1 names"),
        ({"model": nn.Sequential(network(2), nn.Dropout(0.5))}, ArgumentError, "draws random"),
        ({"loss": lambda z, y: z if z > y else -z}, ArgumentError, "printed as one program"),
    ],
)
def test_mistakes(
    path: Path, options: dict[str, Any], error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        playground(**{"model": network(2), "X": X, "y": Y, "loss": LOSS, "path": path} | options)
    assert not path.exists()


# ------------------------------------------------------------------ its training


def test_given_and_other_structures_train_as_by_the_trainer(
    driver: Any, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ground, "USUAL", ("relu",))
    page = playground(network(3), X, Y, loss=LOSS, path=path)
    given = told(page)["architecture"]
    start = trained(driver, page, given, {}, 0)[0]
    assert dict(start) == network(3).state_dict()
    check(driver, page, network(3), LOSS, given, 20, "eager")
    other = given | {"activation": "relu", "nouts": [2, 1]}
    check(driver, page, network(2, activation="relu"), LOSS, other, 20, "eager")


def test_a_model_of_ones_own_trains_as_it_is(driver: Any, path: Path) -> None:
    targets = [a - 0.5 * b for a, b in X]
    page = playground(Own(), X, targets, loss=nn.squared_error, path=path)
    assert told(page)["architecture"] is None
    check(driver, page, Own(), nn.squared_error, None, 20, "eager")


def test_noise_has_the_deviation_asked_for(driver: Any) -> None:
    code = """
    const samples = {count: 4000, X: new Float64Array(8000).map((_, k) => k % 2), y: []};
    return [1, 1, 2].map((seed) => [...run_js.withNoise(samples, 0.5, [4, 9], seed).X]);
    """
    parts, _, _ = script("ground").partition("const ground_js")
    first, again, other = driver.execute_script(parts + code)
    assert first == again != other
    for feature, deviation in enumerate([1.0, 1.5]):
        column = [number - feature for number in first[feature::2]]
        assert statistics.fmean(column) == pytest.approx(0.0, abs=0.1)
        assert statistics.pstdev(column) == pytest.approx(deviation, rel=0.05)


def test_batches_take_every_sample_once_an_epoch(driver: Any, path: Path) -> None:
    page = playground(network(2), X, Y, loss=LOSS, validation=None, path=path)
    code = """
    const samples = run_js.samplesOf(given[0].train);
    const seen = [];
    const network = {told: given[0], parameters: new Float64Array(1),
      slope: (X, y) => (seen.push([[...X], [...y]]), {result_0: 0, result_1: new Float64Array(1)})};
    const run = new run_js.Run(network, samples, samples);
    run.batch = 5;
    for (let k = 0; k < 6; k++) run.step();
    return seen;
    """
    parts, _, _ = script("ground").partition("const ground_js")
    seen = driver.execute_script(f"{parts}\nconst given = arguments;\n{code}", told(page))
    assert [len(y) for _, y in seen] == [5, 5, 2] * 2
    for epoch in (seen[:3], seen[3:]):
        pairs = [(x[k : k + 2], y[k // 2]) for x, y in epoch for k in range(0, len(x), 2)]
        assert sorted(pairs) == sorted(zip(X, Y, strict=True))
    assert seen[:3] != seen[3:]


# ------------------------------------------------------------------ its controls


def test_training_by_keyboard(show: Opener, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ground, "DEEPEST", 2)
    page = show(network(3), X, Y, loss=LOSS, lr=0.5, by=playground)
    assert page.text("state").startswith("After 0 steps: cost 0.")
    page.press("step", "\n", "\n")
    assert page.text("said").startswith("After 2 steps: cost ")
    assert page.text("said") == page.text("state")
    page.press("train", "\n")
    assert page.text("train") == "Pause"
    assert page.text("said").startswith("Training. After ")
    page.press("train", "\n")
    steps = int(page.text("state").split()[1].replace(",", ""))
    assert steps > 2
    page.press("depth", "2")
    page.press("width-2", "\ue009a\ue000", "2")
    assert page.text("said").startswith("After 0 steps: cost ")
    page.press("width-2", "\ue009a\ue000", "9")
    assert page.find("width-2").get_attribute("aria-invalid") == "true"
    page.press("decay", "\ue009a\ue000", "1e308")
    page.press("train", "\n")
    page.wait_for("train", "Start")
    assert "⚠ a parameter would be no finite number" in page.text("said")
    page.press("reset", "\n")
    assert page.text("state").startswith("After 0 steps")
    for control in page.driver.find_elements("css selector", "button, input, select, canvas, svg"):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")


INSIDE = """
const samples = run_js.samplesOf(given[0].train);
const network = new network_js.Network(given[0], printed.programs, given[0].architecture, given[1], 1);
const run = new run_js.Run(network, samples, samples);
return given[2].map(([layer, unit, sample]) => {
  const data = inside_js.graphOf(given[0].inside, run, layer, unit, sample);
  return inside_js.computed(data, printed.rows);
});
"""


@pytest.mark.parametrize("activation", ["tanh", "leaky_relu", "mish"])
def test_an_opened_unit_is_the_graph_of_its_neuron(
    driver: Any, path: Path, activation: str
) -> None:
    model = nn.MLP(2, [3, 2, 1], activation=activation, output_activation="sigmoid", seed=0)
    page = playground(model, X, Y, loss=nn.binary_cross_entropy, validation=None, path=path)
    asked = [(0, 2, 4), (1, 1, 0), (2, 0, 7)]
    found = in_page(driver, page, INSIDE, WIDEST, asked)
    for (k, unit, sample), data in zip(asked, found, strict=True):
        inputs = X[sample]
        for layer in model.layers[:k]:
            inputs = [output.data for output in layer(inputs)]
        neuron = model.layers[k].neurons[unit]
        result = neuron([Value(number) for number in inputs])
        nodes = ancestors(result)
        assert sorted(node.op for node in nodes) == sorted(n.get("op", "") for n in data["nodes"])
        assert data["nodes"][data["output"]]["value"] == pytest.approx(result.data, rel=1e-14)
        result.backward()
        after = [p.data - 0.1 * p.grad for p in (*neuron.w, neuron.b)]
        moved = [node["after"] for node in data["nodes"] if node.get("moves")]
        assert moved == pytest.approx(after, rel=1e-12)


def test_a_unit_is_opened_by_keyboard(show: Opener) -> None:
    page = show(network(2), X, Y, loss=LOSS, features=["left", "</script>"], by=playground)
    page.choose("unit", "layer 1, unit 2")
    page.press("sample", "\ue009a\ue000", "3")
    page.press("open", "\n")
    assert page.text("inside-title") == "layer 1, unit 2 for sample 3, after 0 steps"
    page.driver.switch_to.frame(page.find("graph"))
    page.wait_for("title", "Computation graph of unit")
    assert any(row.startswith("</script> = ") for row in page.rows())
    assert any(row.startswith("unit = ") for row in page.rows())
    page.driver.switch_to.default_content()
    page.press("close", "\n")
    assert not page.find("inside").is_displayed()


def test_features_are_chosen_where_there_are_more_than_two(show: Opener) -> None:
    rows = [[*x, x[0] * x[1]] for x in X]
    model = nn.MLP(3, [2, 3], seed=0)
    names = ["left", "top", "product"]
    y = [k % 3 for k in range(12)]
    page = show(model, rows, y, loss=nn.cross_entropy, features=names, by=playground)
    assert page.text("output-text").startswith("Each colour is a class")
    assert "All other features are at their means." in page.text("output-text")
    page.choose("first", "product")
    page.choose("second", "top")
    before = page.picture("output")
    page.choose("second", "left")
    assert page.picture("output") != before


def test_a_fixed_model_says_so(show: Opener) -> None:
    page = show(Own(), X, [a for a, _ in X], loss=nn.squared_error, by=playground)
    assert page.text("fixed").startswith("This model trains as it is")
    assert not page.find("structure").is_displayed()
    page.press("step", "\n")
    assert page.text("state").startswith("After 1 step: cost ")
    assert json.loads(page.text("data"))["head"] is None
