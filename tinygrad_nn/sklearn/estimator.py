"""What both estimators have in common: parameters, training, outputs."""

from __future__ import annotations

import math
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any, NamedTuple, Self, TypeAlias

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.exceptions import ConvergenceWarning
from sklearn.model_selection import train_test_split
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data

from .. import nn, optim
from ..arguments import check_count, named_function
from ..data import Columns
from ..errors import ArgumentError, DataError
from ..optim import Optimizer
from ..train import History, Trainer, Training
from .losses import Loss
from .networks import Shape, network
from .samples import check_weights, pair_of, weighted_rows
from .shared import Progress, Setup, Source, predicted, settled, trainer_of

__all__ = ["Network"]

NDArray: TypeAlias = Any  # a NumPy array

OPTIMIZERS: dict[str, Callable[..., Optimizer]] = {
    "adam": optim.Adam,
    "adamw": optim.AdamW,
    "rmsprop": optim.RMSprop,
    "sgd": partial(optim.SGD, momentum=0.9, nesterov=True),
}
LARGEST_BATCH = 200  # of those that "auto" makes


Train: TypeAlias = Callable[..., History]


class Task(NamedTuple):
    """What is learnt: how many outputs, by which loss, and what targets become for it."""

    outputs: int
    loss: Loss
    encode: Callable[[NDArray], NDArray]


class Network(BaseEstimator):  # type: ignore[misc]  # scikit-learn has no types
    """The base of the estimators, whose classes say what the parameters are."""

    module_: nn.Module
    history_: History
    loss_curve_: list[float]
    n_iter_: int
    n_outputs_: int
    _progress: Progress

    # ---- what the classes add ------------------------------------------------------------------

    def _task(self, y: NDArray) -> Task:
        raise NotImplementedError

    def _weights(self, y: NDArray, weights: NDArray | None) -> NDArray | None:
        return weights

    def _check_targets(self, y: Any) -> NDArray:
        """Check the targets of samples to test on."""
        raise NotImplementedError

    # ---- training ------------------------------------------------------------------------------

    def _fit(
        self, X: NDArray, y: NDArray, weights: Any, validation: Any, passes: int | None
    ) -> Self:
        """Train: so many passes over the samples from where it is, or as `fit` says."""
        task = self._task(y)
        begins = passes is None and not self.warm_start
        goes_on = hasattr(self, "module_") and not begins
        if goes_on and task.outputs != self.n_outputs_:
            raise DataError(
                f"y asks for {task.outputs} outputs, and the network has {self.n_outputs_}: expected "
                "targets as in the first fit; begin anew with warm_start=False"
            )
        weights = self._weights(y, check_weights(weights, X))
        progress = self._progress if goes_on else Progress(Source(self._seed()))
        held_out = None
        if passes is None and (self.early_stopping or validation is not None):
            X, y, weights, held_out = self._held_out(X, y, weights, validation)
        X, y, weights = weighted_rows(X, y, weights)
        shape = Shape(self.hidden, self.activation, self.init, self.dropout, self.module)
        width, outputs = X.shape[1], task.outputs
        module = self.module_ if goes_on else network(shape, width, outputs, progress.rng)
        size = self._batch_size(len(X))
        steps = check_count(self.max_iter, "max_iter") * -(-len(X) // size)
        backend = settled(self.backend, steps, min(size, len(X)), len(module.parameters()))
        setup = Setup(task.loss, self._optimizer, self.l2, backend, self.dtype, weights is not None)
        with trainer_of(module, setup, progress) as trainer:
            trainer.batch_size = size if size < len(X) else None  # all: their order is kept
            y = task.encode(y)
            if held_out is not None:
                test_X, test_y, *test_weights = held_out
                held_out = (test_X, task.encode(test_y), *test_weights)
            history = self._epochs(trainer, X, y, weights, held_out, passes)
        earlier = self.loss_curve_ if goes_on else []
        self.n_iter_ = len(history.epochs) + (self.n_iter_ if goes_on and passes is not None else 0)
        self.module_, self._progress, self.history_ = module, progress, history
        self.loss_curve_ = earlier + history.cost
        self.n_outputs_ = task.outputs
        return self

    def _epochs(
        self,
        trainer: Trainer,
        X: NDArray,
        y: NDArray,
        weights: Any,
        held_out: Any,
        passes: int | None,
    ) -> History:
        most = check_count(self.max_iter, "max_iter") if passes is None else passes
        wait = check_count(self.n_iter_no_change, "n_iter_no_change")
        train: Train = partial(
            trainer.fit, X, y, sample_weight=weights, progress=bool(self.verbose)
        )
        if passes is not None or (self.tol is None and not self.early_stopping):
            return train(most, validation=held_out)
        if self.early_stopping:
            history = train(most, validation=held_out, patience=wait)
        else:
            history = train(most, validation=held_out, callbacks=[_Flat(self.tol, wait)])
        if history.stopped == "epochs":
            warnings.warn(
                f"max_iter = {most} epochs were made, and the training had not converged: raise "
                "max_iter or the learning rate, or stop sooner with a greater tol",
                ConvergenceWarning,
                stacklevel=4,
            )
        return history

    def _held_out(
        self, X: NDArray, y: NDArray, weights: NDArray | None, validation: Any
    ) -> tuple[NDArray, NDArray, NDArray | None, Any]:
        """Give the samples to train on, and those to test on."""
        if validation is not None:
            test_X, test_y = pair_of(validation)
            test_X = validate_data(self, test_X, reset=False, dtype=np.float64)
            return X, y, weights, (test_X, self._check_targets(test_y))
        fraction = self.validation_fraction
        if not (isinstance(fraction, int | float) and 0.0 < fraction < 1.0):
            raise ArgumentError(
                f"validation_fraction is {fraction!r}: expected a number between 0 and 1, as 0.1"
            )
        parts = [X, y] if weights is None else [X, y, weights]
        split = train_test_split(
            *parts, test_size=fraction, random_state=self._seed(), stratify=self._strata(y)
        )
        train, test = split[::2], split[1::2]
        return train[0], train[1], train[2] if len(train) > 2 else None, tuple(test)

    def _strata(self, y: NDArray) -> NDArray | None:
        return None

    def _seed(self) -> int:
        return int(check_random_state(self.random_state).randint(np.iinfo(np.int32).max))

    def _batch_size(self, count: int) -> int:
        if isinstance(self.batch_size, str):
            if self.batch_size != "auto":
                raise ArgumentError(
                    f"batch_size is {self.batch_size!r}: expected a whole number, or 'auto'"
                )
            return min(LARGEST_BATCH, count)
        return check_count(self.batch_size, "batch_size")

    def _optimizer(self, parameters: Any) -> Optimizer:
        make = named_function(self.optimizer, "optimizer", OPTIMIZERS, "(parameters, lr=)")
        return make(parameters, lr=self.lr)  # type: ignore[no-any-return]  # the trainer looks at it

    # ---- outputs -------------------------------------------------------------------------------

    def _columns(self) -> Columns:
        """Describe the columns that it was fitted to."""
        names = getattr(self, "feature_names_in_", None)
        if names is not None:
            return Columns.of_numbers(list(map(str, names)), named=True)
        count: int = self.n_features_in_
        return Columns.of_numbers([f"x{j}" for j in range(1, count + 1)], named=False)

    def _outputs(self, X: Any) -> NDArray:
        """Compute the outputs, of shape (samples,) or (samples, outputs)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=np.float64)
        return predicted(self.module_, X, self.backend)


class _Flat:
    """Stops when the cost has not fallen by `tol` below its least for so many epochs."""

    def __init__(self, tol: float, wait: int) -> None:
        self._tol, self._wait = tol, wait
        self._least, self._age = math.inf, 0

    def __call__(self, training: Training) -> None:
        """Look at the latest epoch."""
        cost = training.latest.cost
        self._age = self._age + 1 if cost > self._least - self._tol else 0
        self._least = min(self._least, cost)
        if self._age > self._wait:
            training.stop()
