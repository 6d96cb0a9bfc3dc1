"""An experiment: data in, a tested network and its proof out."""

from __future__ import annotations

from pathlib import Path

import pytest
from sklearn.metrics import mean_absolute_error, r2_score

from tinygrad_nn import nn
from tinygrad_nn.errors import ArgumentError, DataError, DrawingError, MissingExtraError
from tinygrad_nn.experiment import Experiment, Settings
from tinygrad_nn.scalar.graph import ancestors


def experiment(data: str = "xor", **settings: object) -> Experiment:
    return Experiment(Settings(data, **{"hidden": (4,), "epochs": 2, **settings}))  # type: ignore[arg-type]


def labelled(folder: Path, labels: list[str]) -> str:
    """Write a file with a sample for each label."""
    path = folder / "labels.csv"
    path.write_text("".join(f"{k}.5,{k % 3},{label}\n" for k, label in enumerate(labels)))
    return str(path)


def test_two_classes_have_one_logit() -> None:
    two = experiment()
    assert two.loss is nn.binary_cross_entropy_with_logits
    assert len(two.model.layers[-1].neurons) == 1
    assert two.classes == ("false", "true")


def test_more_classes_have_a_logit_each() -> None:
    three = experiment("iris")
    assert three.loss is nn.cross_entropy
    assert len(three.model.layers[-1].neurons) == 3


@pytest.mark.parametrize(
    ("labels", "names"),
    [
        (["1", "2", "3"] * 4, ("1", "2", "3")),
        (["-1", "1"] * 4, ("-1", "1")),
        (["5", "1000000"] * 4, ("5", "1000000")),
        (["b", "a"] * 4, ("a", "b")),
    ],
)
def test_any_labels_are_classes(tmp_path: Path, labels: list[str], names: tuple[str, ...]) -> None:
    found = experiment(labelled(tmp_path, labels))
    assert found.classes == names
    assert set(found.y) | set(found.y_test) == set(range(len(names)))


@pytest.mark.parametrize(
    ("labels", "task", "message"),
    [
        (["1"] * 3, "auto", "only"),
        (["0.5", "2"] * 3, "classification", "not classes"),
        (["a", "b"] * 3, "regression", "are texts"),
        (list(map(str, range(30))), "auto", "30 different whole numbers, .* say task"),
    ],
)
def test_what_is_not_of_the_task(
    tmp_path: Path, labels: list[str], task: str, message: str
) -> None:
    with pytest.raises(DataError, match=message):
        experiment(labelled(tmp_path, labels), task=task)
    with pytest.raises(ArgumentError, match="did you mean 'regression'"):
        experiment(labelled(tmp_path, labels), task="regresion")


@pytest.mark.parametrize(
    ("labels", "task"),
    [([f"{k}.5" for k in range(16)], "auto"), (["1", "2", "9"] * 6, "regression")],
)
def test_numbers_are_predicted(tmp_path: Path, labels: list[str], task: str) -> None:
    found = experiment(labelled(tmp_path, labels), task=task, epochs=1)
    assert found.loss is nn.squared_error
    assert found.target_scaler is not None
    assert sum(found.y) == pytest.approx(0.0, abs=1e-12)
    found.fit(progress=False)
    predicted = found.predictor.predict(found.scaler.inverse(found.X_test))
    truth = [y for (y,) in found.target_scaler.inverse([[y] for y in found.y_test])]
    expected = r2_score(truth, predicted), mean_absolute_error(truth, predicted)
    assert found.errors() == pytest.approx(expected)


def test_a_handful_of_samples_is_learnt_whole() -> None:
    found = experiment("xor")
    assert not found.is_split
    assert len(found.y) == len(found.y_test) == 4
    assert experiment("xor", test_fraction=0.5).is_split
    assert experiment("iris").is_split


def test_bad_settings() -> None:
    for bad in ({"lr": -1.0}, {"hidden": (0,)}, {"test_fraction": 0.0}, {"activation": "no"}):
        with pytest.raises(ArgumentError):
            experiment(**bad)
    with pytest.raises(ArgumentError, match="epochs"):
        experiment(epochs=0).fit(progress=False)


def test_features_are_scaled_by_the_training_samples_only() -> None:
    found = experiment("iris")
    for column in zip(*found.X, strict=True):
        assert sum(column) / len(column) == pytest.approx(0.0, abs=1e-9)
    assert any(abs(sum(column)) > 0.1 for column in zip(*found.X_test, strict=True))


def test_the_confusion_counts_every_test_sample() -> None:
    found = experiment("iris")
    found.fit(progress=False)
    counts = found.confusion()
    for k, row in enumerate(counts):
        assert sum(row) == found.y_test.count(k)
    right = sum(row[k] for k, row in enumerate(counts))
    assert found.accuracy() == right / len(found.y_test)


def test_the_seed_decides_everything() -> None:
    def figures(seed: int) -> tuple[list[float], object, list[list[float]]]:
        found = experiment("iris", seed=seed)
        return found.fit(progress=False).cost, found.model.state_dict(), found.X_test

    assert figures(3) == figures(3)
    assert figures(3)[2] != figures(4)[2]


def test_the_check_sees_a_wrong_rule(monkeypatch: pytest.MonkeyPatch) -> None:
    from tinygrad_nn.scalar.ops import softplus

    found = experiment()
    assert found.check()
    (right,) = softplus.partials
    monkeypatch.setattr(softplus, "partials", (lambda x, z: 1.001 * right(x, z),))
    assert not found.check()


def test_the_check_says_how_much_of_the_network_it_looked_at() -> None:
    report = experiment("iris", hidden=(16,)).check()
    assert str(report).startswith("check_grad passed: 40 of 131 derivatives and 2 directions: ")


@pytest.mark.parametrize(
    ("data", "labels"),
    [
        ("xor", {"a", "b", "a1", "a4", "logit of true", "loss", "layers.0.weight[0][0]"}),
        ("iris", {"petal width (cm)", "logit of setosa", "logit of virginica"}),
        ("digits", {"x1", "x64", "logit of 0", "logit of 9"}),
    ],
)
def test_the_loss_that_is_drawn_is_that_of_the_network(data: str, labels: set[str]) -> None:
    found = experiment(data)
    loss = found.one_loss()
    names = {id(node): name for name, node in found.model.named_parameters()}
    nodes = ancestors(loss)
    assert {names.get(id(node), node.label) for node in nodes} >= labels
    assert set(names) <= set(map(id, nodes))
    assert loss.data == found.loss(found.model(found.X[0]), found.y[0]).data
    assert any(parameter.grad != 0.0 for parameter in found.model.parameters())


def test_prepare_makes_the_folder(tmp_path: Path) -> None:
    found = experiment()
    found.prepare(tmp_path / "a" / "b")
    found.prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


@pytest.mark.parametrize("module", ["safetensors", "matplotlib", "graphviz"])
def test_prepare_misses_what_is_not_installed(
    module: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import sys

    found = experiment()
    monkeypatch.setitem(sys.modules, module, None)
    with pytest.raises(MissingExtraError, match=module):
        found.prepare(tmp_path / "folder")
    assert not (tmp_path / "folder").exists()


def test_a_file_that_cannot_be_made_leaves_no_half(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fails(graph: object, kind: str) -> bytes:
        raise DrawingError("no picture")

    found = experiment()
    monkeypatch.setattr("tinygrad_nn.drawing.picture.render", fails)
    with pytest.raises(DrawingError):
        found.write(found.fit(progress=False), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {"model.safetensors", "history.json", "cost.png"}
