"""An experiment: data in, a tested network and its proof out."""

from __future__ import annotations

from pathlib import Path

import pytest

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


@pytest.mark.parametrize(("labels", "message"), [(["0.5", "2"], "not classes"), (["1"], "only")])
def test_what_is_no_classification(tmp_path: Path, labels: list[str], message: str) -> None:
    with pytest.raises(DataError, match=message):
        experiment(labelled(tmp_path, labels * 3))


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


@pytest.mark.parametrize("data", ["xor", "iris", "digits"])
def test_the_small_loss_is_small_for_any_data(data: str) -> None:
    loss = experiment(data).small_loss()
    assert len(ancestors(loss)) < 60
    labels = {node.label for node in ancestors(loss)}
    assert {"L", "x1", "x2", "0.weight[0][0]", "1.bias[0]"} <= labels
    assert any(node.grad != 0.0 for node in ancestors(loss) if node.is_leaf)


def test_the_small_loss_of_one_feature(tmp_path: Path) -> None:
    path = tmp_path / "one.csv"
    path.write_text("".join(f"{k},{k % 2}\n" for k in range(6)))
    assert {node.label for node in ancestors(experiment(str(path)).small_loss())} >= {"L", "x1"}


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
