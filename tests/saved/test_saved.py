"""One file that predicts."""

from __future__ import annotations

import json
import subprocess
import sys
from functools import partial
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Predictor, Trainer, Value, load, nn, save
from tinygrad_nn.data import Dataset, Standardizer, from_frame
from tinygrad_nn.data import load as load_data
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError, StateError
from tinygrad_nn.optim import Adam

safetensors_numpy = pytest.importorskip("safetensors.numpy")


def trained(data: Dataset, outputs: int, loss: Any) -> tuple[Trainer, Standardizer]:
    scaler = Standardizer().fit(data.X)
    model = nn.MLP(len(data.X[0]), [3, outputs], activation="tanh", seed=0)
    trainer = Trainer(model, loss, Adam(model.parameters(), lr=0.05), seed=0, engine="eager")
    trainer.fit(scaler.transform(data.X), data.y, epochs=2, progress=False)
    return trainer, scaler


@pytest.fixture(scope="module")
def iris() -> Dataset:
    data = load_data("iris")
    return Dataset(data.X[::5], data.y[::5], data.feature_names, data.target_names, "iris")


def test_a_trainer_comes_back_with_all_that_predictions_need(tmp_path: Path, iris: Any) -> None:
    trainer, scaler = trained(iris, 3, nn.cross_entropy)
    save(trainer, tmp_path / "m", data=iris, scaler=scaler)
    found = load(tmp_path / "m")
    assert isinstance(found, Predictor)
    assert found.loss is nn.cross_entropy
    assert (found.features, found.classes) == (iris.feature_names, iris.target_names)
    assert (found.scaler, found.columns) == (scaler, iris.columns)
    assert found.model.state_dict() == trainer.model.state_dict()
    indices = trainer.predict(scaler.transform(iris.X))
    assert found.predict(iris.X) == [iris.target_names[k] for k in indices]
    assert found.predict(np.array(iris.X)) == found.predict(iris.X)
    for shares, k in zip(found.predict_proba(iris.X), indices, strict=True):
        assert sum(shares) == pytest.approx(1.0)
        assert max(shares) == shares[k]
    save(found, tmp_path / "again")
    assert load(tmp_path / "again").predict_proba(iris.X) == found.predict_proba(iris.X)


def test_a_trainer_of_raw_numbers_stores_no_scaling(tmp_path: Path, iris: Any) -> None:
    trainer, scaler = trained(iris, 3, nn.cross_entropy)
    save(trainer, tmp_path / "m")
    found = load(tmp_path / "m")
    assert (found.scaler, found.columns, found.classes, found.features) == (None, None, (), ())
    rows = scaler.transform(iris.X)
    assert found.predict(rows) == trainer.predict(rows)


def test_a_frame_with_texts_predicts_the_same_in_another_process(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(
        {
            "size": [float(k % 7) for k in range(21)],
            "fur": ["long", "short", "none"] * 7,
            "home": ["house", "street"] * 10 + ["house"],
            "kind": ["cat", "dog", "cat", "bird", "dog", "cat", "bird"] * 3,
        }
    )
    data = from_frame(frame, target="kind")
    trainer, scaler = trained(data, 3, nn.cross_entropy)
    save(trainer, tmp_path / "m", data=data, scaler=scaler)
    frame[["home", "size", "fur"]].to_csv(tmp_path / "new.csv", index=False)
    expected = Predictor(trainer.model, trainer.loss, data, scaler).predict_proba(frame)
    code = (
        "import json, tinygrad_nn\n"
        "from tinygrad_nn.data.tables import read_table\n"
        "p = tinygrad_nn.load('m')\n"
        "outputs = p.outputs(read_table('new.csv', p.columns)[0])\n"
        "print(json.dumps([p.decide(outputs), p.probabilities(outputs)]))"
    )
    root = str(Path(__file__).parents[2])
    out = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**__import__("os").environ, "PYTHONPATH": root},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    names, shares = json.loads(out)
    assert np.abs(np.array(shares) - expected).max() <= 1e-12
    assert names == load(tmp_path / "m").predict(frame)


@pytest.mark.parametrize(
    ("loss", "targets", "predicted", "proba"),
    [
        (nn.binary_cross_entropy, [0, 1], lambda p: int(p > 0.5), lambda p: [1 - p, p]),
        (
            nn.binary_cross_entropy_with_logits,
            [0, 1],
            lambda z: int(z > 0),
            lambda z: [1 / (1 + np.exp(z)), 1 / (1 + np.exp(-z))],
        ),
        (nn.hinge, [-1, 1], lambda s: 1 if s > 0 else -1, None),
        (nn.squared_error, [0.5, 2.5], lambda y: y, None),
        (lambda y_hat, y: (y_hat - y) ** 4, [0.5, 2.5], lambda y: y, None),
    ],
)
def test_what_outputs_mean(
    tmp_path: Path, loss: Any, targets: Any, predicted: Any, proba: Any
) -> None:
    model = nn.MLP(1, [1], output_activation="sigmoid", seed=3)
    trainer = Trainer(model, loss, Adam(model.parameters()), engine="eager")
    save(trainer, tmp_path / "m")
    found = load(tmp_path / "m")
    rows = [[-4.0], [0.3], [3.0]]
    outputs = [model(row).data for row in rows]
    assert found.predict(rows) == pytest.approx(
        [predicted(output) for output in outputs], rel=1e-14
    )
    if proba is None:
        with pytest.raises(ArgumentError, match="tells no probabilities"):
            found.predict_proba(rows)
    else:
        expected = np.array([proba(output) for output in outputs])
        assert np.allclose(found.predict_proba(rows), expected, rtol=1e-14)


def test_options_of_a_loss_come_back(tmp_path: Path) -> None:
    model = nn.MLP(1, [3], seed=0)
    loss = partial(nn.cross_entropy, label_smoothing=0.25)
    save(Trainer(model, loss, Adam(model.parameters())), tmp_path / "m")
    found = load(tmp_path / "m")
    assert (found.loss.func, found.loss.keywords) == (loss.func, loss.keywords)
    assert found.predict([[1.0]]) == [
        max(range(3), key=found.predict_proba([[1.0]])[0].__getitem__)
    ]


def test_several_classifications_of_a_sample(tmp_path: Path) -> None:
    model = nn.MLP(1, [5], seed=0)
    loss = partial(nn.cross_entropy, classes=(2, 3))
    save(Trainer(model, loss, Adam(model.parameters())), tmp_path / "m")
    found = load(tmp_path / "m")
    ((two, three),) = found.predict_proba([[1.0]])
    assert (len(two), len(three), sum(two)) == (2, 3, pytest.approx(1.0))
    assert found.predict([[1.0]]) == [[two.index(max(two)), three.index(max(three))]]


def test_several_labels_of_a_sample(tmp_path: Path) -> None:
    model = nn.MLP(1, [3], seed=0)
    save(
        Trainer(model, nn.binary_cross_entropy_with_logits, Adam(model.parameters())),
        tmp_path / "m",
    )
    found = load(tmp_path / "m")
    logits = [output.data for output in model([2.0])]
    assert found.predict([[2.0]]) == [[int(z > 0) for z in logits]]
    assert found.predict_proba([[2.0]])[0] == pytest.approx([1 / (1 + np.exp(-z)) for z in logits])


def test_targets_that_are_numbers_are_scaled_back(tmp_path: Path) -> None:
    model = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
    targets = Standardizer().fit([[100.0], [300.0]])
    trainer = Trainer(model, nn.squared_error, Adam(model.parameters()))
    save(trainer, tmp_path / "m", target_scaler=targets)
    assert load(tmp_path / "m").predict([[0.5]]) == [2.0 * 0.5 * 100.0 + 200.0]


def test_classes_have_names_for_every_loss(tmp_path: Path) -> None:
    model = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
    data = Dataset([[1.0], [2.0]], [0, 1], ["size"], ["small", "large"])
    for loss in (nn.binary_cross_entropy_with_logits, nn.hinge):
        assert Predictor(model, loss, data).predict([[-1.0], [1.0]]) == ["small", "large"]


def test_a_module_of_ones_own_is_given_again(tmp_path: Path) -> None:
    class Line(nn.Module):
        def __init__(self) -> None:
            self.slope = Value(2.0)

        def __call__(self, x: Any) -> Any:
            return self.slope * x[0]

    line = Line()
    save(Trainer(line, nn.squared_error, Adam(line.parameters())), tmp_path / "m")
    with pytest.raises(StateError, match=r"load\(path, model\)"):
        load(tmp_path / "m")
    other = Line()
    other.slope.data = 0.0
    found = load(tmp_path / "m", other)
    assert found.model is other
    assert found.predict([[3.0]]) == [6.0]


def test_a_module_comes_back_as_such(tmp_path: Path) -> None:
    model = nn.MLP(2, [1], seed=0)
    save(model, tmp_path / "m")
    assert load(tmp_path / "m").state_dict() == model.state_dict()
    assert load(tmp_path / "m", nn.MLP(2, [1])).state_dict() == model.state_dict()


def test_what_gives_a_predictor_is_saved_as_one(tmp_path: Path) -> None:
    class Estimator:
        def predictor(self) -> Predictor:
            return Predictor(nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0), nn.squared_error)

    save(Estimator(), tmp_path / "m")
    assert load(tmp_path / "m").predict([[3.0]]) == [6.0]


def test_the_model_alone_is_not_taken_for_what_predicts(tmp_path: Path, iris: Any) -> None:
    trainer, scaler = trained(iris, 3, nn.cross_entropy)
    save(trainer, tmp_path / "m", data=iris, scaler=scaler)
    with pytest.raises(StateError, match=r"read it with tinygrad_nn\.load"):
        nn.load(tmp_path / "m")


@pytest.mark.parametrize(
    "head",
    [
        "{",
        "3",
        "{}",
        '{"form": 2}',
        '{"form": 1, "loss": {"name": "cost", "options": 3}}',
        '{"form": 1}',
    ],
)
def test_a_head_that_says_nothing_is_refused(tmp_path: Path, head: str) -> None:
    model = nn.MLP(1, [1])
    arrays = {key: np.array(value) for key, value in model.state_dict().items()}
    safetensors_numpy.save_file(arrays, tmp_path / "m", {"predictor": head})
    with pytest.raises(StateError, match="does not tell how it predicts"):
        load(tmp_path / "m", model)


def test_mistakes(tmp_path: Path, iris: Any) -> None:
    trainer, scaler = trained(iris, 3, nn.cross_entropy)
    with pytest.raises(ArgumentTypeError, match="expected a Module, a Trainer"):
        save({"a": 1}, tmp_path / "m")  # type: ignore[arg-type]  # that is the mistake
    with pytest.raises(ArgumentTypeError, match="of a search, its best_estimator_"):
        save(SimpleNamespace(best_estimator_=1), tmp_path / "m")  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="expected a Trainer where data or a scaler"):
        save(trainer.model, tmp_path / "m", scaler=scaler)
    with pytest.raises(
        ArgumentTypeError, match=r"data is \[\[1\.0\]\], of type list: expected a Dat"
    ):
        save(trainer, tmp_path / "m", data=[[1.0]])  # type: ignore[arg-type]  # that is the mistake
    with pytest.raises(ShapeError, match="scaler is of 1 features and data has 4"):
        save(trainer, tmp_path / "m", data=iris, scaler=Standardizer().fit([[1.0]]))
    assert not list(tmp_path.iterdir())
    predictor = Predictor(trainer.model, trainer.loss, iris, scaler)
    with pytest.raises(ShapeError, match="has 3 columns: expected 4"):
        predictor.predict([[1.0, 2.0, 3.0]])
    with pytest.raises(DataError, match=r"X\[0\]\[1\] is nan"):
        predictor.predict([[1.0, float("nan"), 3.0, 4.0]])
