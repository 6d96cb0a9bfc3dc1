"""Parameters in arrays, and the steps that start from them, prepared for numbers of samples."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any, Protocol, TypeAlias, TypeVar

import numpy as np

from ...compiler.backends.joint import GIVEN_NOT_FINITE, NOT_TAKEN, Job
from ...compiler.backends.numpy.quiet import quiet
from ...compiler.backends.runner import Runner
from ...compiler.batched import Batched, Ready
from ...compiler.program.program import Dtype
from ..samples import all_finite
from .parted import Parted, Placed
from .spread import Spread, SpreadPlaced

__all__ = ["InOneCall", "Move", "Side", "Slopes", "keep", "sides_of"]

NDArray: TypeAlias = Any  # a NumPy array of floats
Slopes: TypeAlias = Batched | Parted | Spread
Numbers: TypeAlias = Any  # a view of some, which gives and takes floats quicker than an array

T = TypeVar("T")

MOST_SIZES = 8  # how many numbers of samples have a step of their own


def keep(made: dict[tuple[int, ...], T], shape: tuple[int, ...], thing: T) -> T:
    """Keep what was made for samples of a shape in place of the oldest, if there are many."""
    if len(made) >= MOST_SIZES:
        del made[next(iter(made))]
    made[shape] = thing
    return thing


class Move(Protocol):
    """A step from one side to the other; `predicted` and `gradient` are views, for a while.

    With `looks` it finds out by itself whether the samples are finite.
    """

    predicted: NDArray
    gradient: NDArray
    looks: bool

    def weigh(self, weights: NDArray) -> None:
        """Set the weights of the samples of the next run, if they have any."""

    def run(self, X: NDArray, y: NDArray, lr: float, t: float) -> float | None:
        """Make it and give the cost; None if a number is not finite."""

    def again(self, scale: float) -> float | None:
        """Make the latest one along the same gradient times a number."""


class Side:
    """Parameters and the optimiser's state: a parameter and its state in each column of a table.

    There are two, and a step goes from one to the other: one that fails has changed nothing.
    The columns `fixed` no step changes.
    """

    def __init__(self, shape: tuple[int, int], fixed: NDArray, dtype: Dtype) -> None:
        self.table = np.zeros(shape, dtype)
        self._fixed = fixed
        self._rate = shape[0] + 1  # the array of `update` with learning rate and number of the step
        self._moves: dict[tuple[int, ...], Move] = {}
        self._runners: tuple[Runner, ...] = ()
        self.slopes: Batched | Placed | SpreadPlaced
        self._are_settled = False

    def bind(self, slopes: Slopes, update: Batched, after: Side, penalised: bool) -> None:
        """Place the programs' numbers here, and their results in `after`."""
        gradient = np.zeros_like(self.table[0])
        self.slopes = slopes.placed({0: self.table[0]}, {2: gradient})
        inputs = [*self.table, gradient]
        into = list(after.table)
        if penalised:  # that gradient has memory of its own, even if the rule keeps it as a state
            into.append(np.zeros_like(gradient))
        self.update = update.placed(dict(enumerate(inputs)), dict(enumerate(into)))
        self._way = _Way(self.table, after.table, self._fixed, penalised)

    @property
    def keeps_code(self) -> bool:
        """Whether all steps from now on are of the same code, which moves all parameters."""
        return self._are_settled and not len(self._fixed)

    def move(self, shape: tuple[int, ...]) -> Move:
        """Give the step for targets of this shape, a number or a row for each sample."""
        if not self._are_settled:
            self._begin(shape[0])
        found = self._moves.get(shape)
        if found is None:
            found = keep(self._moves, shape, self._prepared(shape))
        return found

    def _begin(self, count: int) -> None:
        """Count a run, and forget the steps where a program goes over to other code."""
        runners: tuple[Runner, ...] = (self.update.begin(self.table.shape[1]),)
        if isinstance(self.slopes, Batched):
            runners = self.slopes.begin(count), *runners
        if runners != self._runners:
            self._moves.clear()
            self._runners = runners
        self._are_settled = all(runner.is_settled for runner in runners)

    def _prepared(self, shape: tuple[int, ...]) -> Move:
        slopes = self.slopes.ready(shape[0]) if isinstance(self.slopes, Batched) else None
        update = self.update.ready(self.table.shape[1])
        if slopes is None or update is None:
            return _InParts(self._way, self.slopes, self.update, self._rate)
        prepared = _Prepared(self._way, slopes, update, self._rate, len(shape) == 1)
        job = slopes.job(update, [(1, 2), (2, len(shape))])
        return prepared if job is None else InOneCall(prepared, job)


@dataclass(frozen=True, slots=True)
class _Way:
    """From which table a step leads to which; the cost may have a penalty, of the parameters."""

    table: NDArray
    after: NDArray
    fixed: NDArray
    penalised: bool

    def keep_fixed(self) -> None:
        """Let parameters stay that no step changes."""
        if len(self.fixed):
            self.after[:, self.fixed] = self.table[:, self.fixed]

    def finite(self, cost: float) -> float | None:
        """Give the cost if it is finite, and all that comes after it."""
        self.keep_fixed()
        return cost if math.isfinite(cost) and all_finite(np, self.after) else None


class _Prepared:
    """A step all of whose numbers have their places already."""

    looks = False

    def __init__(self, way: _Way, slopes: Ready, update: Ready, rate: int, single: bool) -> None:
        self.way = way
        self.slopes = slopes
        self.update = update
        calls = slopes.calls + update.calls
        self._quietly = quiet(slopes.program, update.program) if calls else None
        self._rows = slopes.inputs[1].T
        targets = slopes.inputs[2]
        self._targets = targets[0] if single else targets.T
        self.rates = update.inputs[rate]
        self.rate = _view(self.rates)
        self._inputs = slopes.inputs
        mean_loss, self.predicted, self.gradient = slopes.results
        if len(self.rate) > 2:
            self.rate[2] = 1.0
        self.costs = [mean_loss]
        if way.penalised:
            *_, gradient, penalty = update.results
            self.gradient = gradient[0]
            self.costs.append(penalty)
        self._costs = list(map(_view, self.costs))

    def weigh(self, weights: NDArray) -> None:
        """Set the weights of the samples."""
        self._inputs[3][...] = weights

    def run(self, X: NDArray, y: NDArray, lr: float, t: float) -> float | None:
        """Make it."""
        self._rows[...] = X
        self._targets[...] = y
        rate = self.rate
        rate[0] = lr
        rate[1] = t
        if self._quietly is None:
            self._both()
        else:
            self._quietly(self._both)
        return self.way.finite(self.cost())

    def again(self, scale: float) -> float | None:
        """Update the parameters once more from where they were."""
        self.rate[2] = scale
        if self._quietly is None:
            self.update.run()
        else:
            self._quietly(self.update.run)
        self.rate[2] = 1.0
        return self.way.finite(self.cost())

    def _both(self) -> None:
        self.slopes.run()
        self.update.run()

    def cost(self) -> float:
        """Read the cost of the latest run."""
        cost: float = self._costs[0][0]
        return cost if len(self._costs) == 1 else cost + self._costs[1][0]


class InOneCall:
    """A step that is one call, which tells what else is to be done."""

    looks = True

    def __init__(self, prepared: _Prepared, job: Job) -> None:
        from ...compiler.backends.llvm.joint import joint

        self._prepared = prepared
        self._joint = joint(job)
        self.job = job
        self.rates, self.costs = prepared.rates, prepared.costs
        self.predicted = prepared.predicted
        self.gradient = prepared.gradient
        self.weigh = prepared.weigh
        self.again = prepared.again

    def run(self, X: NDArray, y: NDArray, lr: float, t: float) -> float | None:
        """Make it."""
        prepared = self._prepared
        prepared.slopes.say_count()
        prepared.update.say_count()
        rate = prepared.rate
        rate[0] = lr
        rate[1] = t
        found = self._joint(X, y)
        if not found:
            prepared.way.keep_fixed()
            return prepared.cost()
        if found & NOT_TAKEN:
            return prepared.run(X, y, lr, t) if all_finite(np, X) else None
        if found & GIVEN_NOT_FINITE:
            return None
        prepared.slopes.check()
        prepared.update.check()
        return prepared.way.finite(prepared.cost())  # outputs may be what they like


class _InParts:
    """A step whose samples or parameters take several memories, or whose results are put together."""

    looks = False

    def __init__(
        self, way: _Way, slopes: Batched | Placed | SpreadPlaced, update: Batched, rate: int
    ) -> None:
        self._way = way
        self._slopes = slopes
        self._update = update
        self._rate = rate
        self._weights: dict[int, NDArray] = {}
        self._scaled = update.data.arrays[rate].size > 2

    def weigh(self, weights: NDArray) -> None:
        """Set the weights of the samples."""
        self._weights = {3: weights[None]}

    def run(self, X: NDArray, y: NDArray, lr: float, t: float) -> float | None:
        """Make it."""
        columns = y[None] if y.ndim == 1 else y.T
        self._rates = [lr, t, 1.0] if self._scaled else [lr, t]
        with np.errstate(all="ignore"):
            samples = {1: X.T, 2: columns} | self._weights
            mean_loss, self.predicted, self.gradient = self._slopes.run({}, samples)
            found = self._update.run({self._rate: np.array(self._rates)}, {})
        self._cost: float = mean_loss.item()
        if self._way.penalised:
            self.gradient = found[-2][0]
            self._cost += found[-1].item()
        return self._way.finite(self._cost)

    def again(self, scale: float) -> float | None:
        """Update the parameters once more from where they were."""
        self._rates[2] = scale
        with np.errstate(all="ignore"):
            self._update.run({self._rate: np.array(self._rates)}, {})
        return self._way.finite(self._cost)


def _view(array: NDArray) -> Numbers:
    return memoryview(array)


def sides_of(
    slopes: Slopes,
    update: Batched,
    shape: tuple[int, int],
    penalised: bool,
    fixed: NDArray,
    dtype: Dtype,
) -> tuple[Side, Side]:
    """Make two sides, each of which leads to the other."""
    sides = Side(shape, fixed, dtype), Side(shape, fixed, dtype)
    for side, other in (sides, sides[::-1]):
        side.bind(slopes, update, other, penalised)
    return sides
