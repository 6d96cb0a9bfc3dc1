"""Steps as a program over flat arrays: the numbers of the model stay there in between."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import chain
from random import Random
from typing import Any, TypeAlias

import numpy as np

from ... import nn
from ...compiler.backends.backend import Backend
from ...compiler.batched import Batched
from ...compiler.packages import arrived, package_of
from ...compiler.program.program import Dtype
from ...compiler.readable import Chain
from ...compiler.watch.watch import Watch
from ...errors import TraceError
from ...nn.compiled.forward import numbers_of
from ...nn.compiled.prediction import outputs
from ...nn.compiled.symbolic import parameter_argument
from ...nn.parameters import modules_and_leaves
from ...optim import Optimizer
from ...optim.schedules import LearningRate, rate_at
from ...scalar.contexts import collector_paused
from ...scalar.value import Value
from ..length import length_of
from ..prediction import Loss, classifies, right_in_arrays
from ..samples import Samples, Targets, all_finite, samples_of, vector_of
from ..terms import Terms
from .at_once import AtOnce
from .engine import Packages, Setup, Step
from .evaluating import Evaluating
from .gradient import record_gradient
from .lending import Lending
from .parted import Parted
from .recording import (
    gradient_roots,
    record_update,
    update_roots,
)
from .sides import Slopes, sides_of
from .spread import Spread
from .workers import Workers

__all__ = ["CompiledEngine"]

NDArray: TypeAlias = Any  # a NumPy array of floats

FLOAT = np.dtype(float)

LOOKED_AT = -math.inf  # no cost of a step


class CompiledEngine(Evaluating):
    """Trains with a program.

    A number that is infinite or NaN ends the use of a program for that batch: it is done
    again one number at a time, which succeeds, or fails with the error of the operation.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        optimizer: Optimizer,
        terms: Terms,
        samples: Samples,
        output: Any,
        packages: Packages,
        backend: Backend,
        dtype: Dtype,
        threads: int,
        workers: Workers | None = None,
    ) -> None:
        setup = model, loss, optimizer, terms
        super().__init__(setup, samples, output, packages, backend, threads)
        self._dtype = dtype
        self._runs = False
        X, y = samples.arrays
        # Of a sample, as `quick_step` takes them: it takes no weights.
        by_itself = not (self._sizes.weighted or self.draws)
        self._shapes = (X.shape[1:], y.shape[1:]) if by_itself else None
        self._targets = Targets(loss, output)
        self._record(samples)
        shape = 1 + len(optimizer.initial_state), len(self._parameters)
        slopes: Slopes = self._slopes
        if workers is not None:
            slopes = Spread(self._slopes, workers, backend.name, dtype.name)
        sides = sides_of(slopes, self._update, shape, terms.penalise, self._fixed, dtype)
        self._now, self._next = sides
        self._shown = sides[0]
        self._output_size = 1 if self._single else len(output)
        self._at_once = AtOnce(sides, vars(optimizer))
        self._attributes = vars(optimizer)
        self._rated: tuple[LearningRate | None, float] = None, math.nan  # the latest number

    @property
    def program(self) -> Chain:
        """What a step is compiled to; of paths, that of the one that was taken last."""
        side = self._now if self._parted else self._shown
        count, start = len(side.table), 1 + self._output_size
        return Chain(
            [("sample", side.slopes.program), ("parameter", side.update.program)],
            {count: (start, start + len(self._parameters))},
        )

    # ---- what is recorded ------------------------------------------------------------------

    def _record(self, samples: Samples) -> None:
        model, loss, optimizer = self.model, self.loss, self.optimizer
        if type(optimizer).step is not Optimizer.step:
            raise TraceError(f"{type(optimizer).__name__} has a step of its own: write a rule")
        self._parameters, argument = parameter_argument(model)
        came, backend = self._packages, self._backend
        gradient: tuple[Batched | Parted, Watch] | None
        gradient = arrived(came.gradient, gradient_roots(model, loss), self._sizes, backend)
        update = arrived(came.update, update_roots(optimizer), self.terms, backend)
        if gradient is None:
            about = model, loss, self._parameters, argument, self._sizes, backend
            try:
                gradient = record_gradient(*about)
            except TraceError:
                parted = Parted(*about)
                if not parted.asks(samples.with_noise(self.draws, Random(0)).columns):
                    raise
                gradient = parted, Watch()
                self._parted.append(parted)
        slopes, watch = gradient
        moves, watch_of_rule = update or record_update(optimizer, self.terms, backend)
        self._slopes = slopes.computing(self._dtype, self._threads)
        self._update = moves.computing(self._dtype, self._threads)
        self._recorded = (self._slopes, watch), (self._update, watch_of_rule)
        self._checks = (*watch.checks, *watch_of_rule.checks)
        self._watch_all()
        places = {parameter: place for place, parameter in enumerate(self._parameters)}
        self._moved = np.array([places[parameter] for parameter in optimizer.parameters])
        fixed = np.ones(len(self._parameters), dtype=bool)
        fixed[self._moved] = False
        self._fixed = np.flatnonzero(fixed)
        self._counted = np.sort(self._moved) if len(self._fixed) else slice(None)
        self._lending = Lending(self._lock, places.keys())
        for thing in (*modules_and_leaves(model)[0], optimizer):
            self._lending.class_of(type(thing))  # one that cannot be lent is better known now

    def _watch_all(self) -> None:
        """Part what is watched: who changes a lent object asks for it, and it is lent no more."""
        checks = [*self._checks, *chain.from_iterable(parted.checks for parted in self._parted)]
        self._watched = len(checks)
        things = *modules_and_leaves(self.model)[0], self.optimizer
        lent = {id(part) for thing in things for part in (thing, vars(thing))}
        inside = [check for check in checks if id(check.subject) in lent or check.is_of_values]
        self._inside, met = Watch(inside), set(inside)
        self._outside = Watch(check for check in checks if check not in met)

    def _watch_paths(self) -> None:
        """Watch also what paths depend on that have been recorded just now."""
        if sum(len(parted.checks) for parted in self._parted) > self._watched - len(self._checks):
            self._watch_all()

    def serves(self, setup: Setup, samples: Samples) -> bool:
        """Tell whether the programs are still right."""
        return (
            super().serves(setup, samples)
            and self._sizes_of(samples) == self._sizes
            and self._outside.holds()
            and (bool(self._lending.things) or self._inside.holds())
        )

    def packages(self) -> Packages:
        """Pickle the programs, for a training that goes on elsewhere: each that can go along."""
        (slopes, watch), update = self._recorded
        roots = gradient_roots(self.model, self.loss)
        return Packages(  # each path is recorded where it is met
            None if isinstance(slopes, Parted) else package_of((slopes, watch), roots, self._sizes),
            package_of(update, update_roots(self.optimizer), self.terms),
            *self._packages_of_evaluation(),
        )

    # ---- numbers, here and in the Values -------------------------------------------------------

    def _take_numbers(self) -> None:
        """Read the numbers of the Values, which somebody may have changed, and lend the model."""
        # To look at the model comes first: another training may have lent it.
        things = [*modules_and_leaves(self.model)[0], self.optimizer]
        self._lending.call_in()
        table = self._now.table
        table[0] = numbers_of(self._parameters)
        self._gradient = np.array([parameter.grad for parameter in self._parameters])
        initial = self.optimizer.initial_state
        if initial:
            table[1:] = np.array(initial)[:, None]
            state = chain.from_iterable(self.optimizer.state)
            flat = np.fromiter(state, float, len(self._moved) * len(initial))
            table[1:, self._moved] = flat.reshape(-1, len(initial)).T
        self._lending.lend(things, self.sync)

    def sync(self) -> None:
        """Write all numbers where they belong, and give the model and the optimiser back."""
        with self._lock, collector_paused():
            self._stop()
            if not self._lending.things:
                return
            table = self._now.table
            numbers, slopes = table[0].tolist(), self._gradient.tolist()
            for parameter, number, slope in zip(self._parameters, numbers, slopes, strict=True):
                parameter.data = number
                parameter.grad = slope
            columns = table[1:, self._moved].tolist()
            self._attributes["state"] = list(zip(*columns, strict=True)) or [()] * len(self._moved)
            self._lending.give_back()

    def row(self) -> Sequence[Value]:
        """List the parameters array by array."""
        return self._parameters

    def read(self) -> NDArray:
        """Copy the numbers of all parameters."""
        with self._lock:
            if not self._lending.things:
                return numbers_of(self._parameters)
            self._stop()
            numbers = self._now.table[0].copy()
            self._go_on()
            return numbers

    def _stop(self) -> None:
        """Take up the numbers where the latest step has left them; others are made no more."""
        made = self._at_once.stop()
        if made is not None:
            self._now, self._next = self._at_once.now
            self._gradient = made.gradient

    def _go_on(self) -> None:
        """Let steps be made at once again."""
        self._at_once.go_on(self._now, not self._runs and bool(self._lending.things))

    def write(self, numbers: Sequence[float]) -> None:
        """Set all parameters, given what `read` gave."""
        with self._lock:
            if self._lending.things:
                self._stop()
                self._now.table[0] = numbers
                self._go_on()
                return
        for parameter, number in zip(self._parameters, numbers, strict=True):
            parameter.data = float(number)

    # ---- training ------------------------------------------------------------------------------

    def prepare(self, samples: Samples) -> None:
        """Try the model on one row, and the loss on every target."""
        row, _ = samples.first
        if len(row) != self._inputs:
            outputs(self.model, [row])  # raises
        self.check_targets(samples)

    def check_targets(self, samples: Samples) -> None:
        """Try the loss on every new target: a program looks at none."""
        self._targets.check_array(samples.arrays[1])

    def step(self, samples: Samples, figures: bool) -> Step:
        """Run the program."""
        X, y = samples.arrays
        with self._lock:
            cost = self._run(X, y, True, samples.shares)
            if cost is None:
                return self._one_by_one(samples, figures)
            if not figures:
                return Step(cost, None, 0.0)
            hits = 0.0
            if classifies(self.loss):
                hits = right_in_arrays(self.loss, self._outputs, y, samples.weights)
            return Step(cost, self._gradient[self._counted], hits)

    def quick_step(self, setup: Setup, X: Any, y: Any, most: int | None) -> float | None:
        """Run the program on arrays that nobody has looked at, if they are like those before."""
        if not (type(X) is np.ndarray and type(y) is np.ndarray):
            return None
        if X.dtype is not FLOAT and X.dtype != self._dtype:
            if X.dtype.kind not in "iuf":
                return None
            X = X.astype(float)
        y = vector_of(y)
        if y.dtype is not FLOAT and y.dtype.kind == "f":  # as it is known
            y = y.astype(float)
        with self._lock:
            rows, columns = X.shape, y.shape
            if not (
                (rows[1:], columns[1:]) == self._shapes
                and rows[:1] == columns[:1]
                and (most is None or rows[0] <= most)
                and self._targets.knows(y)
                and self._lending.things
                and self.is_of(setup)
                and (self._at_once.holds or self._outside.holds)()
            ):
                return None
            cost = self._run(X, y, False)
            if cost is None:
                return self._one_by_one(samples_of(X, y), False).cost
            self.builtin = self._at_once.step((*setup, most), columns, self._targets, self._outside)
            return cost

    def _one_by_one(self, samples: Samples, figures: bool) -> Step:
        self.sync()
        return self._eager.step(samples, figures)

    def _run(
        self, X: NDArray, y: NDArray, is_finite: bool, shares: NDArray | None = None
    ) -> float | None:
        """Make a step and give the cost, or make none if a number is not finite.

        `is_finite` tells that X is known to be. Handlers of signals may come between: one that looks
        at the model sees it as it was before the step, and what it changes counts.
        """
        if self._runs:  # a step inside of a step
            return None
        self._runs = True
        try:
            self._stop()
            for _ in range(2):
                cost = self._attempt(X, y, is_finite, shares)
                if cost != LOOKED_AT:
                    return cost
            return None
        finally:
            self._runs = False
            self._go_on()

    def _attempt(
        self, X: NDArray, y: NDArray, is_finite: bool, shares: NDArray | None
    ) -> float | None:
        """Make a step, as `_run`; if the model was given back meanwhile, none is made."""
        attributes = self._attributes
        steps, lr = attributes["steps"], attributes["lr"]
        # A schedule of the user's may look at the model, which then is lent no more.
        known, rate = self._rated
        if lr is not known:
            rate = self._rate_at(lr, steps)
        if not self._lending.things:
            self._take_numbers()
        move = self._now.move(y.shape)
        if not (is_finite or move.looks or all_finite(np, X)):
            return None
        if shares is not None:
            move.weigh(shares)
        cost = move.run(X, y, rate, steps + 1.0)
        if self._parted:
            self._watch_paths()
        if self.terms.clip_norm is not None and cost is not None:
            scale = self.terms.scale(length_of(move.gradient[self._counted]))
            if scale != 1.0:
                cost = move.again(scale)
        if cost is not None:
            self._outputs = move.predicted  # for a while
            if not self._accept(steps, move.gradient):
                return LOOKED_AT
        return cost

    def _rate_at(self, lr: LearningRate, steps: int) -> float:
        rate = rate_at(lr, steps)
        if type(lr) is float:
            self._rated = lr, rate
            self._at_once.words.know_rate(lr, rate)
        return rate

    def _accept(self, steps: int, gradient: NDArray) -> bool:
        before = self._now, self._next, self._gradient
        if not self._lending.things or self._attributes["steps"] != steps:
            return False
        try:
            self._now, self._next, self._gradient = self._next, self._now, gradient
            self._attributes["steps"] = steps + 1
        except BaseException:  # Ctrl-C: a step is made whole or not at all
            self._now, self._next, self._gradient = before
            self._attributes["steps"] = steps
            raise
        return True
