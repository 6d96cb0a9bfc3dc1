"""A network that predicts numbers, as an estimator of scikit-learn."""

from __future__ import annotations

from typing import Any, Self, TypeAlias

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from ..saved import Predictor
from .estimator import Network, Task
from .losses import of_numbers, predictions

__all__ = ["NetworkRegressor"]

NDArray: TypeAlias = Any  # a NumPy array


class NetworkRegressor(RegressorMixin, Network):  # type: ignore[misc]  # scikit-learn has no types
    """A network that predicts one number for each row, or several.

    Parameters
    ----------
    loss : str or callable
        "squared_error", "absolute_error", "huber", "quantile", "poisson" (then predictions are
        rates), or a function of the outputs and their targets, numbers where there is one, else
        lists: ``partial(nn.quantile, q=0.9)``, or one of your own.
    hidden, activation, init, dropout, module, optimizer, lr, l2, batch_size, max_iter, tol, n_iter_no_change
        As in `NetworkClassifier`; a network of your own gives the numbers themselves.
    early_stopping, validation_fraction, warm_start, random_state, verbose, backend, dtype
        As there.

    Attributes
    ----------
    module_, history_, loss_curve_, n_iter_, n_features_in_, n_outputs_, feature_names_in_
        As in `NetworkClassifier`.

    Examples
    --------
    >>> X = [[x / 10] for x in range(20)]
    >>> y = [3.0 * x + 1.0 for (x,) in X]
    >>> line = NetworkRegressor(hidden=(), lr=0.1, max_iter=400, tol=None, random_state=0)
    >>> round(float(line.fit(X, y).predict([[4.0]])[0]), 2)
    13.0
    """

    def __init__(
        self,
        hidden: Any = (100,),
        activation: Any = "relu",
        *,
        init: Any = "xavier",
        dropout: Any = 0.0,
        module: Any = None,
        loss: Any = "squared_error",
        optimizer: Any = "adam",
        lr: Any = 0.001,
        l2: float = 0.0,
        batch_size: Any = "auto",
        max_iter: int = 200,
        tol: float | None = 1e-4,
        n_iter_no_change: int = 10,
        early_stopping: bool = False,
        validation_fraction: float = 0.1,
        warm_start: bool = False,
        random_state: Any = None,
        verbose: bool = False,
        backend: str = "auto",
        dtype: Any = "float64",
    ) -> None:
        self.hidden = hidden
        self.activation = activation
        self.init = init
        self.dropout = dropout
        self.module = module
        self.loss = loss
        self.optimizer = optimizer
        self.lr = lr
        self.l2 = l2
        self.batch_size = batch_size
        self.max_iter = max_iter
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.warm_start = warm_start
        self.random_state = random_state
        self.verbose = verbose
        self.backend = backend
        self.dtype = dtype

    def __sklearn_tags__(self) -> Any:
        """Tell what it can do."""
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags

    def fit(self, X: Any, y: Any, sample_weight: Any = None, validation: Any = None) -> Self:
        """Train on samples.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)
        y : numbers, shape (samples,) or (samples, outputs)
        sample_weight : numbers, shape (samples,), optional
            How much each sample counts: 2 as if it were there twice, 0 as if it were not.
        validation : pair, optional
            Samples to test on after each epoch, as ``(X, y)``.

        Returns
        -------
        NetworkRegressor
            Itself.

        Raises
        ------
        ValueError
            When samples, weights or parameters are bad.
        DomainError
            When the arithmetic fails, as with too great a learning rate.
        """
        X, y = self._checked(X, y, reset=True)
        return self._fit(X, y, sample_weight, validation, None)

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train for one more pass over some samples.

        Parameters
        ----------
        X, y, sample_weight
            As in `fit`.

        Returns
        -------
        NetworkRegressor
            Itself.
        """
        X, y = self._checked(X, y, reset=not hasattr(self, "module_"))
        return self._fit(X, y, sample_weight, None, 1)

    def predict(self, X: Any) -> Any:
        """Predict the number, or the numbers, of each row.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)

        Returns
        -------
        array of float, shape (samples,) or (samples, outputs)
            As `y` was: a column for a column.
        """
        found = predictions(self.loss, self._outputs(X))
        return found[:, None] if self._column else found

    def predictor(self) -> Predictor:
        """Give what `tinygrad_nn.save` writes, and predicts without scikit-learn.

        Returns
        -------
        Predictor
            Its predictions are those of this estimator.
        """
        check_is_fitted(self)
        predictor = Predictor(self.module_, of_numbers(self.loss))
        predictor.columns = self._columns()
        return predictor

    def _checked(self, X: Any, y: Any, reset: bool) -> tuple[NDArray, NDArray]:
        X, y = validate_data(
            self, X, y, reset=reset, multi_output=True, y_numeric=True, dtype=np.float64
        )
        y = np.asarray(y, dtype=np.float64)
        self._column = y.shape[1:] == (1,)
        return X, y

    def _check_targets(self, y: Any) -> NDArray:
        return check_array(y, ensure_2d=False, dtype=np.float64, input_name="y")

    def _task(self, y: NDArray) -> Task:
        outputs = 1 if y.ndim == 1 else y.shape[1]
        return Task(outputs, of_numbers(self.loss), _flat)


def _flat(y: NDArray) -> NDArray:
    return y[:, 0] if y.shape[1:] == (1,) else y
