"""Parameters in arrays, and the steps that start from them, prepared for numbers of samples."""

from __future__ import annotations

from typing import Any, Protocol, TypeAlias

import numpy as np

from ...compiler.batched import Batched, Ready

__all__ = ["MOST_SIZES", "Move", "Side", "sides_of"]

NDArray: TypeAlias = Any  # a NumPy array of float64
Numbers: TypeAlias = Any  # a view of some, which gives and takes floats quicker than an array

MOST_SIZES = 8  # how many numbers of samples have a step of their own


class Move(Protocol):
    """A step from one side to the other; `predicted` and `gradient` are views, for a while."""

    predicted: NDArray
    gradient: NDArray

    def run(self, X: NDArray, y: NDArray, lr: float, t: float) -> float:
        """Make it, and give the cost, of which nobody knows whether it is finite."""


class Side:
    """Parameters and the optimiser's state: a parameter and its state in each column of a table.

    There are two, and a step goes from one to the other: one that fails has changed nothing.
    """

    def __init__(self, shape: tuple[int, int]) -> None:
        self.table = np.zeros(shape)
        self._rate = shape[0] + 1  # the array of `update` with learning rate and number of the step
        self._moves: dict[tuple[int, ...], Move] = {}

    def bind(self, slopes: Batched, update: Batched, after: Side, penalised: bool) -> None:
        """Place the programs' numbers here, and their results in `after`."""
        gradient = np.zeros(self.table.shape[1])
        self.slopes = slopes.placed({0: self.table[0]}, {2: gradient})
        inputs = [*self.table, gradient]
        into = list(after.table)
        if penalised:  # that gradient has memory of its own, even if the rule keeps it as a state
            into.append(np.zeros_like(gradient))
        self.update = update.placed(dict(enumerate(inputs)), dict(enumerate(into)))
        self.penalised = penalised

    def move(self, shape: tuple[int, ...]) -> Move:
        """Give the step for targets of this shape, a number or a row for each sample."""
        found = self._moves.get(shape)
        if found is None:
            found = self._prepared(shape)
            if len(self._moves) >= MOST_SIZES:
                del self._moves[next(iter(self._moves))]
            self._moves[shape] = found
        return found

    def _prepared(self, shape: tuple[int, ...]) -> Move:
        slopes, update = self.slopes.ready(shape[0]), self.update.ready(self.table.shape[1])
        if slopes is None or update is None:
            return _InParts(self, self._rate)
        return _Prepared(slopes, update, self._rate, self.penalised, len(shape) == 1)


class _Prepared:
    """A step all of whose numbers have their places already."""

    def __init__(
        self, slopes: Ready, update: Ready, rate: int, penalised: bool, single: bool
    ) -> None:
        self._slopes = slopes
        self._update = update
        self._calls = slopes.calls + update.calls
        self._rows = slopes.inputs[1].T
        targets = slopes.inputs[2]
        self._targets = targets[0] if single else targets.T
        self._rate = _view(update.inputs[rate])
        mean_loss, self.predicted, self.gradient = slopes.results
        self._cost = _view(mean_loss)
        self._penalty: Numbers = None
        if penalised:
            *_, gradient, penalty = update.results
            self.gradient = gradient[0]
            self._penalty = _view(penalty)

    def run(self, X: NDArray, y: NDArray, lr: float, t: float) -> float:
        """Make it."""
        self._rows[...] = X
        self._targets[...] = y
        rate = self._rate
        rate[0] = lr
        rate[1] = t
        if self._calls:
            with np.errstate(all="ignore"):
                self._slopes.run()
                self._update.run()
        else:
            self._slopes.run()
            self._update.run()
        cost: float = self._cost[0]
        return cost if self._penalty is None else cost + self._penalty[0]


class _InParts:
    """A step whose samples or parameters take several memories, or whose results are put together."""

    def __init__(self, side: Side, rate: int) -> None:
        self._side = side
        self._rate = rate

    def run(self, X: NDArray, y: NDArray, lr: float, t: float) -> float:
        """Make it."""
        side = self._side
        columns = y[None] if y.ndim == 1 else y.T
        with np.errstate(all="ignore"):
            mean_loss, self.predicted, self.gradient = side.slopes.run({}, {1: X.T, 2: columns})
            found = side.update.run({self._rate: np.array([lr, t])}, {})
        cost: float = mean_loss.item()
        if side.penalised:
            self.gradient = found[-2][0]
            cost += found[-1].item()
        return cost


def _view(array: NDArray) -> Numbers:
    return memoryview(array)


def sides_of(
    slopes: Batched, update: Batched, shape: tuple[int, int], penalised: bool
) -> tuple[Side, Side]:
    """Make two sides, each of which leads to the other."""
    sides = Side(shape), Side(shape)
    for side, other in (sides, sides[::-1]):
        side.bind(slopes, update, other, penalised)
    return sides
