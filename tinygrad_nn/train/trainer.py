"""Trainer: the four steps of training, and epochs of them."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable
from time import perf_counter
from typing import Any, TypeAlias

from .. import nn
from ..arguments import check_count, generator
from ..collector import collector_paused
from ..convert import to_number
from ..data import batches
from ..errors import ArgumentError, ArgumentTypeError
from ..functions import dot
from ..optim import Optimizer
from ..value import Value
from .best import Best
from .history import Epoch, History
from .prediction import Loss, Output, accuracy, classifies, evaluate, numbers, predict, right
from .progress import progress_bar
from .samples import check_fit, check_samples

__all__ = ["Trainer"]

Samples: TypeAlias = tuple[list[Any], list[Any]]


class Trainer:
    """Trains a model: minimises J = (1/m) sum_i L(y_hat_i, y_i) + l2 sum of squares.

    Parameters
    ----------
    model : Module
        What to train.
    loss : callable
        The loss of one prediction and its target, as those of `nn`.
    optimizer : Optimizer
        How to move parameters of the model.
    batch_size : int, optional
        How many samples a step takes; all when left out.
    l2 : float
        Adds `l2` times the sum of the squares of all parameters to the cost.
    seed, rng : int, random.Random, optional
        Where the order of samples comes from; Python's own `random` when both are
        left out.

    Raises
    ------
    ArgumentError
        When the optimizer moves what is no parameter of the model, or a number is out
        of range.

    Examples
    --------
    >>> from tinygrad_nn.optim import GradientDescent
    >>> model = nn.MLP(1, [1], seed=0)
    >>> trainer = Trainer(model, nn.squared_error, GradientDescent(model.parameters(), lr=0.1))
    >>> history = trainer.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], epochs=200, progress=False)
    >>> [round(parameter.data, 3) for parameter in model.parameters()]
    [2.0, 1.0]
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        optimizer: Optimizer,
        *,
        batch_size: int | None = None,
        l2: float = 0.0,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.batch_size = None if batch_size is None else check_count(batch_size, "batch_size")
        self.l2 = to_number(l2, "l2")
        self.rng = generator(seed, rng)
        if not 0.0 <= self.l2 < math.inf:
            raise ArgumentError(f"l2 is {l2!r}: expected a finite number, 0 or more, as 1e-4")
        if not callable(loss):
            raise ArgumentTypeError(
                f"loss is {loss!r}, of type {type(loss).__name__}: expected a function of a "
                "prediction and its target, as nn.squared_error"
            )
        if not set(optimizer.parameters) <= set(model.parameters()):
            raise ArgumentError(
                f"optimizer is {optimizer!r} and moves what is no parameter of {model!r}: make it "
                "from model.parameters(), after the model"
            )
        self._outputs: list[Output] = []  # of the latest batch

    def step(self, X: Iterable[Any], y: Iterable[Any]) -> float:
        """Improve the model by one batch.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)
        y : numbers, shape (samples,)
            What to take the batch from: at random if there is more than one batch in it.

        Returns
        -------
        float
            The cost J of the batch, before the update.

        Raises
        ------
        DataError, ShapeError, DomainError
            When samples are bad or the arithmetic fails; no parameter is changed then.

        Examples
        --------
        >>> from tinygrad_nn.optim import GradientDescent
        >>> model = nn.MLP(1, [1], init=lambda nin, nout, rng: 1.0)
        >>> trainer = Trainer(model, nn.squared_error, GradientDescent(model.parameters(), lr=0.5))
        >>> trainer.step([[1.0]], [3.0]), trainer.step([[1.0]], [3.0])
        (4.0, 4.0)
        """
        with collector_paused():
            rows, targets = self._take_batch(X, y)
            cost = self._forward(rows, targets)
            self._backpropagate(cost)
            self.optimizer.step()
            return cost.data

    def fit(
        self,
        X: Iterable[Any],
        y: Iterable[Any],
        epochs: int,
        *,
        validation: tuple[Iterable[Any], Iterable[Any]] | None = None,
        tol: float = 0.0,
        patience: int | None = None,
        progress: bool = True,
    ) -> History:
        """Train for a number of epochs, each of which takes every sample once.

        Ctrl-C ends the training, and returns what was reached.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)
            Lists or an array.
        y : numbers, shape (samples,)
            A target for each row; for `cross_entropy` it may be a row of probabilities.
        epochs : int
            The greatest number of epochs.
        validation : pair, optional
            Samples to test on after each epoch, as ``(X, y)``.
        tol : float
            Stop when the gradient of the cost is shorter. With several batches it is
            the mean of their gradients as they are met, which costs nothing: close to
            the gradient of the whole cost when steps are small, as they are near a
            minimum.
        patience : int, optional
            Stop when the validation cost has not fallen below its minimum for so many
            epochs. The parameters are those of the minimum in the end, whatever
            ended the training.
        progress : bool
            Show a progress bar, where there is a terminal or a notebook.

        Returns
        -------
        History
            Its ``stopped`` says why the training ended.

        Raises
        ------
        DataError, ShapeError
            Before any training, when samples do not fit each other, the model or the
            loss.
        DomainError
            When the arithmetic fails, as with too great a learning rate; the parameters
            are those of the last step before.

        Examples
        --------
        See `Trainer`.
        """
        epochs = check_count(epochs, "epochs")
        rows, targets = self._checked(X, y)
        held_out = None if validation is None else self._checked_validation(validation)
        wait = None if patience is None else check_count(patience, "patience")
        if wait is not None and held_out is None:
            raise ArgumentError(
                f"patience is {patience} and validation is None: expected samples to test on; "
                "give validation=(X, y)"
            )
        tol = to_number(tol, "tol")
        history = History(stopped="epochs")
        best = Best(self.model.parameters())
        try:
            with progress_bar(epochs, progress) as advance:
                for _ in range(epochs):
                    epoch = self._epoch(rows, targets, held_out)
                    history.epochs.append(epoch)
                    advance(epoch)
                    if epoch.validation_cost is not None:
                        best.offer(epoch.validation_cost)
                    if epoch.gradient_norm < tol:
                        history.stopped = "tolerance"
                        break
                    if wait is not None and best.age >= wait:
                        history.stopped = "patience"
                        break
        except KeyboardInterrupt:
            history.stopped = "interrupted"
        if wait is not None:
            best.restore()
        return history

    def predict(self, X: Iterable[Any]) -> list[Any]:
        """Predict the class or the number of each row: see `tinygrad_nn.train.predict`."""
        return predict(self.model, self.loss, X)

    def accuracy(self, X: Iterable[Any], y: Iterable[Any]) -> float:
        """Give the share of rows predicted right: see `tinygrad_nn.train.accuracy`."""
        return accuracy(self.model, self.loss, X, y)

    def _take_batch(self, X: Iterable[Any], y: Iterable[Any]) -> Samples:
        rows, targets = check_samples(X, y)
        if self.batch_size is None or len(rows) <= self.batch_size:
            return rows, targets
        return next(batches(rows, targets, self.batch_size, rng=self.rng))

    def _forward(self, rows: list[list[float]], targets: list[Any]) -> Value:
        predictions = [self.model(row) for row in rows]
        losses = [self.loss(y_hat, y) for y_hat, y in zip(predictions, targets, strict=True)]
        cost = nn.cost(losses)
        if not isinstance(cost, Value):
            raise ArgumentTypeError(
                f"loss returned {losses[0]!r}, of type {type(losses[0]).__name__}: expected a "
                "Value; compute it with arithmetic and the functions of tinygrad_nn"
            )
        if classifies(self.loss):
            self._outputs = [numbers(y_hat) for y_hat in predictions]
        if self.l2:
            parameters = self.model.parameters()
            penalty: Value = self.l2 * dot(parameters, parameters)
            cost = cost + penalty
        return cost

    def _backpropagate(self, cost: Value) -> None:
        self.model.zero_grad()
        cost.backward()

    def _epoch(self, rows: list[Any], targets: list[Any], held_out: Samples | None) -> Epoch:
        started = perf_counter()
        cost, hits = 0.0, 0
        gradient = [0.0 for _ in self.optimizer.parameters]
        for batch_rows, batch_targets in self._batches(rows, targets):
            share = len(batch_rows) / len(rows)
            cost += share * self.step(batch_rows, batch_targets)
            moved = zip(gradient, self.optimizer.parameters, strict=True)
            gradient = [total + share * parameter.grad for total, parameter in moved]
            if classifies(self.loss):
                hits += right(self.loss, self._outputs, batch_targets)
        tested = (None, None) if held_out is None else evaluate(self.model, self.loss, *held_out)
        return Epoch(
            cost=cost,
            gradient_norm=math.hypot(*gradient),
            seconds=perf_counter() - started,
            accuracy=hits / len(rows) if classifies(self.loss) else None,
            validation_cost=tested[0],
            validation_accuracy=tested[1],
        )

    def _batches(self, rows: list[Any], targets: list[Any]) -> Iterable[Samples]:
        if self.batch_size is None:
            return [(rows, targets)]
        return batches(rows, targets, self.batch_size, rng=self.rng)

    def _checked(self, X: Iterable[Any], y: Iterable[Any]) -> Samples:
        rows, targets = check_samples(X, y)
        check_fit(self.model, self.loss, rows, targets)
        return rows, targets

    def _checked_validation(self, validation: tuple[Iterable[Any], Iterable[Any]]) -> Samples:
        try:
            X, y = validation
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                f"validation is of type {type(validation).__name__}: expected a pair (X, y)"
            ) from None
        try:
            return self._checked(X, y)
        except ArgumentError as error:
            raise type(error)(f"validation: {error}") from None
