"""Networks as estimators of scikit-learn, for its pipelines, searches and scores.

Needs the extra `sklearn`: ``pip install "tinygrad-nn[sklearn]"``.

Examples
--------
>>> from sklearn.datasets import load_iris
>>> from sklearn.pipeline import make_pipeline
>>> from sklearn.preprocessing import StandardScaler
>>> from tinygrad_nn.sklearn import NetworkClassifier
>>> X, y = load_iris(return_X_y=True)
>>> network = NetworkClassifier(hidden=(8,), lr=0.05, max_iter=50, tol=None, random_state=0)
>>> pipeline = make_pipeline(StandardScaler(), network).fit(X, y)
>>> pipeline.score(X, y) > 0.95
True
"""

from ..extras import load_extra

load_extra("sklearn", "sklearn", "a network as an estimator of scikit-learn")

from .classifier import NetworkClassifier as NetworkClassifier  # noqa: E402  # what it imports is there
from .regressor import NetworkRegressor as NetworkRegressor  # noqa: E402

__all__ = ["NetworkClassifier", "NetworkRegressor"]
