"""Every check that scikit-learn has for estimators."""

from typing import Any

from sklearn.utils.estimator_checks import parametrize_with_checks

from tinygrad_nn.sklearn import NetworkClassifier, NetworkRegressor

QUICK = {"hidden": (8,), "lr": 0.02, "max_iter": 40, "tol": None}


@parametrize_with_checks([NetworkClassifier(**QUICK), NetworkRegressor(**QUICK)])
def test_check(estimator: Any, check: Any) -> None:
    check(estimator)
