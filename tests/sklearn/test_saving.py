"""Estimators as files, which predict without scikit-learn."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pytest.importorskip("safetensors")

from sklearn.datasets import make_classification, make_multilabel_classification
from sklearn.exceptions import NotFittedError
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import MinMaxScaler, StandardScaler

from tinygrad_nn import load, nn, save
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.sklearn import NetworkClassifier, NetworkRegressor

X, y = make_classification(40, n_features=3, n_redundant=0, n_clusters_per_class=1, random_state=0)
THREE = y + (X[:, 0] > 0.5)
SMALL: dict[str, Any] = {"hidden": (3,), "max_iter": 3, "tol": None, "random_state": 0}
_, MANY = make_multilabel_classification(40, n_features=3, n_classes=3, random_state=0)


@pytest.mark.parametrize(
    ("estimator", "targets"),
    [
        (NetworkClassifier(**SMALL), y),
        (NetworkClassifier(**SMALL), np.array(["no", "yes"])[y]),
        (NetworkClassifier(**SMALL), 10 * THREE),
        (NetworkClassifier(loss=partial(nn.cross_entropy, label_smoothing=0.1), **SMALL), THREE),
        (NetworkClassifier(loss="hinge", **SMALL), y == 1),
        (NetworkClassifier(**SMALL), MANY),
        (NetworkRegressor(**SMALL), X[:, 0] + 3.0),
        (NetworkRegressor(loss="poisson", **SMALL), y + 1),
        (NetworkRegressor(**SMALL), X[:, :2] + 3.0),
        (NetworkRegressor(loss=lambda y_hat, y: (y_hat - y) ** 4, **SMALL), X[:, 0]),
    ],
)
def test_a_file_predicts_as_the_estimator(tmp_path: Path, estimator: Any, targets: Any) -> None:
    estimator.fit(X, targets)
    save(estimator, tmp_path / "m")
    found = load(tmp_path / "m")
    expected = estimator.predict(X)
    if expected.dtype.kind == "f":
        np.testing.assert_allclose(found.predict(X), expected, rtol=1e-13)
    else:
        assert found.predict(X) == expected.tolist()
    if hasattr(estimator, "predict_proba"):
        np.testing.assert_allclose(found.predict_proba(X), estimator.predict_proba(X), rtol=1e-12)


def test_a_pipeline_takes_its_scaler_along(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame(X * 50.0 + 7.0, columns=["a", "b", "c"])
    for scaler in (
        StandardScaler(),
        StandardScaler(with_mean=False),
        StandardScaler(with_std=False),
    ):
        pipeline = make_pipeline(scaler, NetworkClassifier(**SMALL)).fit(frame, y)
        save(pipeline, tmp_path / "m")
        found = load(tmp_path / "m")
        assert found.features == ("a", "b", "c")
        turned = frame[["c", "a", "b"]]
        np.testing.assert_allclose(found.predict_proba(turned), pipeline.predict_proba(frame))


def test_what_cannot_be_saved(tmp_path: Path) -> None:
    pipeline = make_pipeline(MinMaxScaler(), NetworkClassifier(**SMALL)).fit(X, y)
    with pytest.raises(ArgumentError, match="pipeline of MinMaxScaler, NetworkClassifier"):
        save(pipeline, tmp_path / "m")
    with pytest.raises(ArgumentError, match="loss is 'hinge' for 3 classes"):
        save(NetworkClassifier(loss="hinge", **SMALL).fit(X, THREE), tmp_path / "m")
    with pytest.raises(NotFittedError):
        save(NetworkRegressor(), tmp_path / "m")
    assert not list(tmp_path.iterdir())
