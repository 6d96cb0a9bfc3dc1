"""The tools of scikit-learn around estimators: pipelines, searches, scores, frames."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import sklearn
from sklearn.calibration import CalibratedClassifierCV
from sklearn.compose import TransformedTargetRegressor
from sklearn.datasets import make_classification
from sklearn.ensemble import BaggingRegressor, VotingClassifier
from sklearn.inspection import partial_dependence, permutation_importance
from sklearn.model_selection import GridSearchCV, cross_val_score, cross_validate
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tinygrad_nn import nn
from tinygrad_nn.sklearn import NetworkClassifier, NetworkRegressor

X, y = make_classification(48, n_features=3, n_redundant=0, random_state=0)
NUMBERS = X @ [3.0, 0.0, 0.0] + 10.0
SMALL: dict[str, Any] = {"hidden": (4,), "lr": 0.05, "max_iter": 15, "tol": None, "random_state": 0}
CLASSIFIER, REGRESSOR = NetworkClassifier(**SMALL), NetworkRegressor(**SMALL)


def test_a_search_in_a_pipeline() -> None:
    pipeline = make_pipeline(StandardScaler(), NetworkClassifier(**SMALL))
    grid = {
        "networkclassifier__hidden": [(3,), (4, 2)],
        "networkclassifier__activation": ["relu", nn.activations.tanh],
        "networkclassifier__lr": [0.01, 0.1],
    }
    search = GridSearchCV(pipeline, grid, cv=2).fit(X, y)
    assert len(search.cv_results_["params"]) == 8
    best = pipeline.set_params(**search.best_params_).fit(X, y)
    np.testing.assert_array_equal(search.predict_proba(X), best.predict_proba(X))


def test_weights_are_routed() -> None:
    weights = 1.0 * y
    with sklearn.config_context(enable_metadata_routing=True):
        asks = NetworkRegressor(**SMALL).set_fit_request(sample_weight=True)
        asks.set_score_request(sample_weight=False)
        given = {"sample_weight": weights}
        found = cross_validate(asks, X, NUMBERS, cv=2, params=given, return_indices=True)
        places = found["indices"]["train"][0], found["indices"]["test"][0]
        train, test = places
        alone = NetworkRegressor(**SMALL).fit(X[train], NUMBERS[train], weights[train])
        assert found["test_score"][0] == alone.score(X[test], NUMBERS[test])


def test_calibration_importance_and_dependence() -> None:
    calibrated = CalibratedClassifierCV(CLASSIFIER, cv=2).fit(X, y)
    np.testing.assert_allclose(calibrated.predict_proba(X).sum(axis=1), 1.0)
    regressor = TransformedTargetRegressor(REGRESSOR, transformer=StandardScaler())
    regressor.fit(X, NUMBERS)
    importance = permutation_importance(regressor, X, NUMBERS, n_repeats=2, random_state=0)
    assert importance.importances_mean.argmax() == 0
    dependence = partial_dependence(regressor, X, [0], grid_resolution=4, kind="average")
    assert (np.diff(dependence["average"][0]) > 0).all()


def test_scores_and_ensembles() -> None:
    scores = cross_val_score(CLASSIFIER, X, y, cv=2, scoring="roc_auc")
    assert (scores > 0.6).all()
    voting = VotingClassifier(
        [("a", CLASSIFIER), ("b", NetworkClassifier((2,), max_iter=2, tol=None))], voting="soft"
    )
    assert voting.fit(X, y).predict(X).shape == (48,)
    assert BaggingRegressor(REGRESSOR, 2).fit(X, NUMBERS).predict(X).shape == (48,)


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames_go_in_and_through(library: str) -> None:
    frames = pytest.importorskip(library)
    frame = frames.DataFrame({name: X[:, i] for i, name in enumerate("abc")})
    names = (
        frames.Series("kind", np.array(["no", "yes"])[y].tolist())
        if library == "polars"
        else (frames.Series(np.array(["no", "yes"])[y], name="kind", dtype="category"))
    )
    pipeline = make_pipeline(StandardScaler(), NetworkClassifier(**SMALL)).set_output(
        transform=library
    )
    pipeline.fit(frame, names)
    network = pipeline[-1]
    assert list(network.feature_names_in_) == ["a", "b", "c"]
    assert set(pipeline.predict(frame)) == {"no", "yes"}
    plain = make_pipeline(StandardScaler(), NetworkClassifier(**SMALL)).fit(X, y)
    np.testing.assert_allclose(pipeline.predict_proba(frame), plain.predict_proba(X))
    with pytest.raises(ValueError, match="feature names"):
        network.predict(frame[["b", "a", "c"]])
    targets = frames.DataFrame({"one": NUMBERS, "two": X[:, 1]})
    many = NetworkRegressor(**SMALL).fit(frame, targets)
    np.testing.assert_array_equal(
        many.predict(frame), NetworkRegressor(**SMALL).fit(X, targets.to_numpy()).predict(X)
    )
