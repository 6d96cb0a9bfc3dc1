"""Samples, checked before anything is learnt from them."""

from __future__ import annotations

import math
import random
import sys
from collections.abc import Callable, Iterable, Sequence
from typing import Any, TypeAlias

from ..compiler.watch.observer import left_alone
from ..data.validation import Lists, check_samples
from ..errors import ArgumentError, DataError
from ..nn import Module
from ..nn.compiled.prediction import outputs
from ..scalar.contexts import no_grad
from ..scalar.value import constant

__all__ = [
    "Samples",
    "Targets",
    "all_finite",
    "check_fit",
    "samples_of",
    "vector_of",
]

NDArray: TypeAlias = Any  # a NumPy array

MOST_KNOWN = 1_000_000  # targets that need not be tried again


class Samples:
    """Rows and their targets: as lists, as arrays, or as both, made when first asked for.

    Arrays have the shapes (samples, features) and (samples,) or (samples, outputs). `weights` are
    those of the samples, above 0, or None if all count as one.
    """

    def __init__(
        self,
        lists: Lists | None,
        arrays: tuple[NDArray, NDArray] | None = None,
        weights: list[float] | None = None,
    ) -> None:
        self._lists = lists
        self._arrays = arrays
        self.weights = weights

    @property
    def lists(self) -> Lists:
        """Rows and targets as lists."""
        if self._lists is None:
            assert self._arrays is not None
            X, y = self._arrays
            self._lists = X.tolist(), y.tolist()
        return self._lists

    @property
    def arrays(self) -> tuple[NDArray, NDArray]:
        """Rows and targets as arrays; labels stay integers."""
        if self._arrays is None:
            import numpy as np  # where nothing is compiled it is not needed

            assert self._lists is not None
            rows, targets = self._lists
            y = np.array(targets)
            self._arrays = np.array(rows), y if y.dtype.kind in "iuf" else y.astype(float)
        return self._arrays

    @property
    def targets(self) -> list[Any]:
        """The targets as a list."""
        if self._lists is not None:
            return self._lists[1]
        targets: list[Any] = self.arrays[1].tolist()
        return targets

    @property
    def weight(self) -> float:
        """How much all of them count: how many they are, if they have no weights."""
        return len(self) if self.weights is None else math.fsum(self.weights)

    @property
    def shares(self) -> NDArray | None:
        """The weights in an array, made to have a mean of 1; None if there are none."""
        if self.weights is None:
            return None
        import numpy as np

        weights = np.array(self.weights)
        return weights * len(weights) / self.weight

    @property
    def columns(self) -> list[NDArray]:
        """The arrays, and the weights if there are any, with a mean of 1."""
        shares = self.shares
        return [*self.arrays] if shares is None else [*self.arrays, shares]

    def weighted(self, weights: list[float]) -> Samples:
        """Give them weights."""
        return Samples(self._lists, self._arrays, weights)

    def with_noise(self, draws: int, rng: random.Random) -> Samples:
        """Put random numbers after those of each row: as many, even from 0 to 1."""
        if not draws:
            return self
        noise = [[rng.random() for _ in range(draws)] for _ in range(len(self))]
        if self._arrays is None:
            rows, targets = self.lists
            longer = [row + more for row, more in zip(rows, noise, strict=True)]
            return Samples((longer, targets), None, self.weights)
        import numpy as np

        X, y = self._arrays
        return Samples(None, (np.hstack([X, noise]), y), self.weights)

    def without_weightless(self) -> Samples:
        """Leave those out whose weight is 0."""
        weights = self.weights
        if weights is None or all(weights):
            return self
        return self.take(self.places([i for i, weight in enumerate(weights) if weight]))

    @property
    def first(self) -> tuple[list[float], Any]:
        """The first row and its target."""
        if self._lists is not None:
            rows, targets = self._lists
            return rows[0], targets[0]
        X, y = self.arrays
        return X[0].tolist(), y[0].tolist()

    def places(self, order: list[int]) -> Any:
        """Give places of samples as `take` has them soonest."""
        if self._arrays is None:
            return order
        import numpy as np

        return np.array(order, np.intp)

    def take(self, places: Any) -> Samples:
        """Pick samples, in the form that there is already; arrays if there are both."""
        weights = None if self.weights is None else [self.weights[i] for i in places]
        if self._arrays is not None:
            X, y = self._arrays
            return Samples(None, (X.take(places, 0), y.take(places, 0)), weights)
        rows, targets = self.lists
        return Samples(([rows[i] for i in places], [targets[i] for i in places]), None, weights)

    def __len__(self) -> int:
        whole = self._lists if self._arrays is None else self._arrays
        assert whole is not None
        return len(whole[0])


def samples_of(X: Iterable[Any], y: Iterable[Any]) -> Samples:
    """Check samples: lists or anything alike; arrays of finite numbers are taken as they are."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and type(X) is numpy.ndarray and type(y) is numpy.ndarray:
        table, targets = _plain_array(numpy, X, (2,)), _plain_array(numpy, vector_of(y), (1, 2))
        if table is not None and targets is not None and len(table) == len(targets):
            return Samples(None, (table, targets))
    return Samples(check_samples(X, y))


def vector_of(array: NDArray) -> NDArray:
    """Take an array of one column as what is in it."""
    return array[:, 0] if array.ndim == 2 and array.shape[1] == 1 else array


def _plain_array(numpy: Any, array: NDArray, dimensions: tuple[int, ...]) -> NDArray | None:
    """Give an array of finite numbers back; None if it must be looked at more closely."""
    if array.ndim not in dimensions or not array.size:
        return None
    if array.dtype.kind in "iu" and array.ndim == 1:
        return array
    if array.dtype.kind in "iuf":
        table = array.astype(float, copy=False)
        return table if all_finite(numpy, table) else None
    return None


def all_finite(numpy: Any, table: NDArray) -> bool:
    """Tell whether all numbers are finite: nearly always their squares have a finite sum, too."""
    return math.isfinite(numpy.vdot(table, table)) or bool(numpy.isfinite(table).all())


def check_fit(
    model: Module, loss: Callable[[Any, Any], Any], rows: list[list[float]], targets: list[Any]
) -> Any:
    """Try the model on one row, and the loss on every target: labels may be unknown to it.

    Gives the output for the row.
    """
    with left_alone(model, loss):
        (output,) = outputs(model, rows[:1])
    Targets(loss, output).check(targets)
    return output


class Targets:
    """Knows which targets a loss takes: it is tried, with some output, on every new one."""

    def __init__(self, loss: Callable[[Any, Any], Any], output: Any) -> None:
        self._loss = loss
        self._output = output
        self._plain = True
        self.known: set[Any] = set()
        self.latest: tuple[Any, bytes] | None = None  # an array that is known, by its numbers

    def check_array(self, y: NDArray) -> None:
        """Refuse the first target in an array that the loss refuses."""
        content = y.dtype, y.tobytes()
        if content != self.latest:
            self.check(y.tolist())
            self.latest = content

    def knows(self, y: NDArray) -> bool:
        """Tell whether these targets, in an array as of earlier ones, have been checked."""
        if self.latest is None or y.dtype is not self.latest[0]:
            return False
        content = y.tobytes()
        if content != self.latest[1]:
            if not self.known.issuperset(_keys(y.tolist())):
                return False
            self.latest = y.dtype, content
        return True

    def check(self, targets: Sequence[Any]) -> None:
        """Refuse the first target that the loss refuses."""
        keys = _keys(targets)
        if self.known.issuperset(keys):
            return
        if len(self.known) > MOST_KNOWN:
            self.known.clear()
        with left_alone(self._loss), no_grad():
            for i, (key, target) in enumerate(zip(keys, targets, strict=True)):
                if key not in self.known:
                    self._try(i, target)
                    self.known.add(key)

    def _try(self, i: int, target: Any) -> None:
        try:
            self._loss(self._output, target)
        except ArithmeticError:
            pass  # another row's output may suit the target
        except AttributeError:  # it may ask for what a model's output has, as .data
            if not self._plain:
                raise
            self._output, self._plain = _as_values(self._output), False
            self._try(i, target)
        except ArgumentError as error:
            raise DataError(f"y[{i}] cannot be learnt: {error}") from None


def _as_values(output: Any) -> Any:
    """Make the numbers of an output Values, as a model gives them."""
    if isinstance(output, list | tuple):
        return type(output)(map(_as_values, output))
    return constant(output) if isinstance(output, float) else output


def _keys(targets: Sequence[Any]) -> Sequence[Any]:
    """Give what a set can hold in place of each target, a number or a list of numbers."""
    return [tuple(target) for target in targets] if isinstance(targets[0], list) else targets
