"""Costs, accuracies and outputs by programs, from the numbers that an engine keeps."""

from __future__ import annotations

import math
from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, TypeAlias

import numpy as np

from ...compiler.backends.backend import Backend
from ...compiler.packages import Recorded, arrived, package_of
from ...errors import TraceError
from ...locks import lock_of_process
from ...nn.compiled.forward import Forward
from ...nn.compiled.symbolic import parameter_argument
from ...scalar.value import Value
from ..prediction import classifies, right_in_arrays
from ..samples import Samples
from .eager import EagerEngine
from .engine import Engine, Packages, Setup
from .parted import Parted
from .recording import SampleSizes, loss_roots, record_loss

__all__ = ["Evaluating"]

NDArray: TypeAlias = Any  # a NumPy array of floats

FLOAT = np.dtype(float)


class Evaluating(Engine):
    """Evaluates by programs, which are made when they are first needed."""

    _parameters: Sequence[Value]

    def __init__(
        self,
        setup: Setup,
        samples: Samples,
        output: Any,
        packages: Packages,
        backend: Backend,
        threads: int,
    ) -> None:
        super().__init__(*setup)
        self._backend = backend
        self._threads = threads
        self._packages = packages
        self._lock = lock_of_process()
        self._eager = EagerEngine(*setup)
        self._sizes = self._sizes_of(samples)
        self._single = not isinstance(output, list)  # what the model gives for a row
        self._parted: list[Parted] = []  # what looks at numbers, of steps and of evaluations
        self._forward: Forward | None = None
        self._has_forward = True
        self._loss: Recorded | None = None
        self._loss_sizes = SampleSizes(0, 0)

    @abstractmethod
    def read(self) -> NDArray:
        """Copy the numbers of all parameters."""

    @abstractmethod
    def _watch_paths(self) -> None:
        """Watch also what paths depend on that have been recorded just now."""

    def _sizes_of(self, samples: Samples) -> SampleSizes:
        """Say what a step is given of each sample."""
        X, y = samples.arrays
        targets = 0 if y.ndim == 1 else y.shape[1]
        return SampleSizes(X.shape[1] + self.draws, targets, samples.weights is not None)

    @property
    def _inputs(self) -> int:
        """How many numbers a row has."""
        return self._sizes.inputs - self.draws

    def evaluate(self, samples: Samples) -> tuple[float, float | None]:
        """Run the model and then the loss."""
        X, y = samples.arrays
        if self._parted:
            return self._evaluate_by_paths(samples)
        with self._lock:
            predicted = self._predicted(X)
            size, shares = 0 if self._single else len(predicted), samples.shares
            about = SampleSizes(size, self._sizes.targets, shares is not None)
            if self._loss is None or self._loss_sizes != about or not self._loss[1].holds():
                self._loss_sizes, backend = about, self._backend
                self._loss = arrived(
                    self._packages.loss, loss_roots(self.loss), about, backend
                ) or record_loss(self.loss, about, backend)
            given = {0: predicted, 1: _columns(y)}
            if shares is not None:
                given[2] = shares[None]
            (mean_loss,) = self._loss[0].copied({}, given)
            cost = mean_loss.item()
            if not math.isfinite(cost):
                self.sync()
                return self._eager.evaluate(samples)
        return cost, self._accuracy(predicted, samples)

    def _evaluate_by_paths(self, samples: Samples) -> tuple[float, float | None]:
        """Run the model and the loss, on each sample by the path that it takes."""
        sizes = self._sizes_of(samples)._replace(inputs=self._inputs)
        with self._lock:
            parted = next((one for one in self._parted[1:] if one.sizes == sizes), None)
            if parted is None:
                _, argument = parameter_argument(self.model)
                about = self.model, self.loss, self._parameters, argument, sizes, self._backend
                parted = Parted(*about, derived=False).computing(FLOAT, self._threads)
                self._parted.append(parted)
            mean_loss, predicted, _ = parted.run(self.read(), samples.columns)
            self._watch_paths()
            cost = mean_loss.item()
            if not math.isfinite(cost):
                self.sync()
                return self._eager.evaluate(samples)
        return cost, self._accuracy(predicted, samples)

    def _accuracy(self, predicted: NDArray, samples: Samples) -> float | None:
        if not classifies(self.loss):
            return None
        _, y = samples.arrays
        return right_in_arrays(self.loss, predicted, y, samples.weights) / samples.weight

    def outputs(self, rows: Sequence[list[float]]) -> list[Any]:
        """Run the model."""
        X = np.array(rows)
        if X.shape[1] == self._inputs and self._has_forward:
            try:
                predicted = self._predicted(X)
            except TraceError:
                if not self._parted:
                    raise
                self._has_forward = False  # it is the model that looks at numbers
                predicted = np.array(math.nan)
            if np.isfinite(predicted).all():
                return (predicted[0] if self._single else predicted.T).tolist()  # type: ignore[no-any-return]  # a list
        self.sync()
        return self._eager.outputs(rows)

    def _predicted(self, X: NDArray) -> NDArray:
        """Compute outputs, of shape (outputs, samples)."""
        with self._lock:
            if self._forward is None or not self._forward.holds():
                row, came = X[0].tolist(), self._packages.forward
                self._forward = Forward(self.model, row, came, self._backend)
            return self._forward.run(self.read(), X)

    def _packages_of_evaluation(self) -> tuple[bytes | None, bytes | None]:
        """Pickle the programs of the model and of the loss, if there are any."""
        forward, loss = self._packages.forward, self._packages.loss
        if self._forward is not None:
            forward = self._forward.package(self.model)
        if self._loss is not None:
            loss = package_of(self._loss, loss_roots(self.loss), self._loss_sizes)
        return forward, loss


def _columns(y: NDArray) -> NDArray:
    """Put the target of each sample in a column."""
    return y[None] if y.ndim == 1 else y.T
