"""Every check that scikit-learn has for estimators."""

from typing import Any

import pytest
from sklearn.utils.estimator_checks import estimator_checks_generator

from tinygrad_nn.sklearn import NetworkClassifier, NetworkRegressor

QUICK: dict[str, Any] = {"hidden": (8,), "lr": 0.02, "max_iter": 40, "tol": None}
CHECKS = [
    pytest.param(made, check, id=f"{type(made).__name__}-{check.func.__name__}-{place}")
    for estimator in (NetworkClassifier(**QUICK), NetworkRegressor(**QUICK))
    for place, (made, check) in enumerate(estimator_checks_generator(estimator))
]


@pytest.mark.parametrize(("estimator", "check"), CHECKS)
def test_check(estimator: Any, check: Any) -> None:
    check(estimator)
