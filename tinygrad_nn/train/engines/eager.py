"""Steps one number at a time: a graph for every batch."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

from ... import nn
from ...errors import ArgumentTypeError
from ...nn.compiled.prediction import numbers, outputs
from ...nn.noise import draws_of
from ...scalar.contexts import collector_paused, recording
from ...scalar.value import Value
from ..prediction import classifies, evaluate, right
from ..samples import Samples, check_fit
from .engine import Engine, Setup, Step

__all__ = ["EagerEngine"]


class EagerEngine(Engine):
    """Trains one number at a time."""

    def serves(self, setup: Setup, samples: Samples) -> bool:
        """Tell whether it may go on, and the model takes as many random numbers as it did."""
        return super().serves(setup, samples) and self.draws == draws_of(
            self.model, samples.first[0]
        )

    def prepare(self, samples: Samples) -> None:
        """Try the model on one row, and the loss on every target."""
        check_fit(self.model, self.loss, *samples.lists)

    def step(self, samples: Samples, figures: bool) -> Step:
        """Record the cost, differentiate it, and move the parameters."""
        with collector_paused():
            rows, targets = samples.lists
            with recording():  # whatever is open around the training
                predictions = [self.model(row) for row in rows]
                cost = self._cost(predictions, targets, samples.weights)
            self.model.zero_grad()
            cost.backward()
            hits = 0.0
            if figures and classifies(self.loss):  # before the step: an output may be a parameter
                outputs_now = map(numbers, predictions)
                hits = right(self.loss, outputs_now, targets, samples.weights)
            moved = set(self.optimizer.parameters)
            slopes = [p.grad for p in self.model.parameters() if p in moved]
            self._move()
        return Step(cost.data, slopes, hits)

    def _cost(
        self, predictions: Iterable[Any], targets: list[Any], weights: list[float] | None
    ) -> Value:
        losses = [self.loss(y_hat, y) for y_hat, y in zip(predictions, targets, strict=True)]
        cost = nn.cost(losses, weights)
        if not isinstance(cost, Value):
            raise ArgumentTypeError(
                f"loss returned {losses[0]!r}, of type {type(losses[0]).__name__}: expected a "
                "Value; compute it with arithmetic and the functions of tinygrad_nn"
            )
        if self.terms.penalise:
            penalty: Value = self.terms.penalty(self.model.parameters())
            cost = cost + penalty
        return cost

    def _move(self) -> None:
        """Make the optimiser's step along the gradient, cut if that is asked for."""
        terms, parameters = self.terms, self.optimizer.parameters
        if terms.clip_value is None and terms.clip_norm is None:
            self.optimizer.step()
            return
        slopes = [parameter.grad for parameter in parameters]
        scale = terms.scale(math.hypot(*slopes))
        try:
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter.grad = scale * terms.cut(slope)
            self.optimizer.step()
        finally:
            for parameter, slope in zip(parameters, slopes, strict=True):
                parameter.grad = slope

    def evaluate(self, samples: Samples) -> tuple[float, float | None]:
        """Compute losses one by one."""
        return evaluate(self.model, self.loss, *samples.lists, samples.weights)

    def outputs(self, rows: Sequence[list[float]]) -> list[Any]:
        """Compute outputs one by one."""
        return outputs(self.model, rows)

    def row(self) -> list[Value]:
        """List the parameters as the model does."""
        return self.model.parameters()

    def read(self) -> list[float]:
        """Copy the numbers of all parameters."""
        return [parameter.data for parameter in self.model.parameters()]

    def write(self, numbers: Sequence[float]) -> None:
        """Set all parameters."""
        for parameter, number in zip(self.model.parameters(), numbers, strict=True):
            parameter.data = float(number)
