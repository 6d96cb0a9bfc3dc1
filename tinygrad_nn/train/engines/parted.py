"""What a batch gives of a model or a loss that looks at numbers: each sample by its own path.

The samples that take one path run as its program; sums over all are put together in a fixed order,
and divided.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from ... import nn
from ...compiler.backends.backend import Backend
from ...compiler.calling import uncompiled
from ...compiler.paths.batch import Batch
from ...compiler.paths.eager import Eager
from ...compiler.paths.faults import Faults, is_fault
from ...compiler.paths.numbers import numbers_of
from ...compiler.paths.patience import Patience
from ...compiler.paths.samples import Samples
from ...compiler.paths.tree import Tree
from ...compiler.plan import Plan
from ...compiler.program.program import DOUBLE, Dtype, Floats
from ...compiler.readable import Program
from ...compiler.trace.asked import Asked
from ...compiler.trace.recorder import Argument
from ...compiler.trace.session import Abandoned
from ...compiler.trace.tracing import reduced
from ...compiler.watch.checks import Check
from ...compiler.watch.observer import Observer, unobserved
from ...errors import TinygradNNError, TraceError
from ...nn.compiled.symbolic import Twins
from ...scalar.number import plain
from ...scalar.value import Value
from ...transforms.of_graphs import gradients
from ..prediction import Loss
from .recording import SampleSizes, gradient_roots, recorded, sample_arguments, sample_values

__all__ = ["Parted"]

Leaves: TypeAlias = list[list[Any]]
_Found: TypeAlias = tuple[Floats, Floats, Floats]

MOST_TRIED = 8  # samples, of which one is to have a program
MISSING = np.array(np.nan)  # in place of a cost that no program has


class Parted:
    """The mean loss of a batch, the outputs for its samples, and with `derived` the gradient.

    A path is recorded when a sample takes it for the first time.
    """

    def __init__(
        self,
        model: nn.Module,
        loss: Loss,
        parameters: Sequence[Value],
        argument: Argument,
        sizes: SampleSizes,
        backend: Backend,
        *,
        derived: bool = True,
    ) -> None:
        self._roots = [(name, thing) for name, thing, _ in gradient_roots(model, loss)]
        self._loss = loss
        self.sizes = sizes
        self.given = sample_arguments(sizes)  # to each sample
        self.arguments = [argument, *self.given]
        self._backend, self._dtype, self._threads = backend, DOUBLE, 1
        self._derived = derived
        self._parameters = parameters
        self._twins = Twins(model, parameters)
        self.checks: list[Check] = []  # of what all paths depend on
        self._again: tuple[list[Floats], _Found] | None = None  # what was given, and found
        self._tree = Tree()
        name = "the training" if derived else "the evaluation"
        self._patience = Patience(name, Faults(name))
        self._reduce = ("mean", None, "mean") if derived else ("mean", None)
        trace = uncompiled(self._called, self.arguments, self._reduce)
        self._eager = Eager(trace, asked=Asked(of_values=True))
        self._samples = Samples(self._tree, self._patience, self._record, trace, self._eager)

    @property
    def program(self) -> Program:
        """The program of the path that was taken last."""
        latest = self._tree.latest
        if latest is None:
            raise TraceError("no sample that was tried has a program")
        return latest.plan.program

    def computing(self, dtype: Dtype, threads: int) -> Parted:
        """Compute in some threads; what is asked is answered in float64 only."""
        if dtype != DOUBLE:
            raise TraceError(
                f"the model or the loss looks at numbers, which in {dtype.name} are rounded, so "
                "that questions would be answered for others: leave dtype out"
            )
        self._threads = threads
        return self

    def placed(self, inputs: Mapping[int, Floats], into: Mapping[int, Floats]) -> Placed:
        """Give what runs with parameters, input 0, and the gradient, result 2, in some memory."""
        return Placed(self, inputs[0], into[2])

    def asks(self, samples: Sequence[Floats]) -> bool:
        """Record the path of some sample; tell whether it asks anything, so that there are others.

        A sample may have no program, as where an answer hangs on rounding.
        """
        numbers = np.array([parameter.data for parameter in self._parameters])
        leaves = _leaves([numbers, *samples])
        for sample in range(min(len(samples[0]), MOST_TRIED)):
            with suppress(Abandoned):
                plan = self._path(leaves, sample)
                self._tree.add(plan)
                return bool(plan.trace.questions)
        return False

    # ---- running -----------------------------------------------------------------------------

    def run(self, numbers: Floats, samples: Sequence[Floats]) -> _Found:
        """Give the mean loss, the outputs of shape (outputs, samples), and the gradient.

        The mean is NaN if only one number at a time will do.
        """
        if self._patience.is_over:
            return MISSING, MISSING, MISSING
        given = [numbers, *samples]
        again, self._again = self._again, None
        if again is not None and all(map(np.array_equal, again[0], given)):
            return again[1]
        known = len(self.checks)
        with np.errstate(all="ignore"):
            mean_loss, outputs, *slopes = self._samples.run(_leaves(given))
        gradient = np.array(slopes[0]) if slopes else MISSING
        found = np.array(mean_loss), outputs.T, gradient
        if len(self.checks) > known:  # to record looks at the model, so that the step is made again
            self._again = [array.copy() for array in given], found
        return found

    def _called(self, nested: list[Any]) -> Any:
        """Compute what a sample gives, one number at a time."""
        numbers, *given = nested
        with unobserved():
            return self._results([Value(float(plain(number))) for number in numbers], given)

    def _results(
        self, parameters: Sequence[Value], given: list[Any], observer: Observer | None = None
    ) -> Any:
        twin = self._twins.next(parameters, observer)
        sample_loss, *outputs = sample_values(twin, self._loss, *given)
        if not self._derived:
            return sample_loss, outputs
        return sample_loss, outputs, gradients(sample_loss, parameters)

    def _record(self, leaves: Leaves, sample: int) -> Plan | None:
        """Record the path of a sample; None if it is for the function itself to go."""
        try:
            return self._path(leaves, sample)
        except Abandoned as abandoned:
            if abandoned.why:
                self._patience.end(abandoned.why)
        except TinygradNNError:
            raise
        except Exception as error:  # one at a time, it raises of numbers, not of symbols
            if is_fault(error, is_inside=False) and self._computes(leaves, sample):
                self._patience.faults.tell(error)
        return None

    def _computes(self, leaves: Leaves, sample: int) -> bool:
        """Tell whether the model and the loss themselves give a result for a sample."""
        with suppress(Exception):
            self._eager.rows(Batch(self.arguments, leaves).taken(np.array([sample])))
            return True
        return False

    def _path(self, leaves: Leaves, sample: int) -> Plan:
        def call(nested: list[Any], observer: Observer) -> Any:
            parameters, *given = nested
            return self._results(parameters, given, observer)

        numbers = partial(numbers_of, None, self.arguments, leaves, sample)
        recorder, watch = recorded(
            "the training", self._roots, self.arguments, call, numbers=numbers
        )
        self.checks += watch.checks
        trace = reduced(recorder, self._reduce, self._called)
        how = self._backend, self._dtype, self._threads
        return Plan(trace, False, backend=how[0], dtype=how[1], threads=how[2])


def _leaves(given: Sequence[Floats]) -> Leaves:
    return [[array] for array in given]


class Placed:
    """A `Parted` whose parameters and gradient are in memory of the caller's.

    It offers what steps ask of a program.
    """

    def __init__(self, parted: Parted, numbers: Floats, gradient: Floats) -> None:
        self._parted = parted
        self._numbers = numbers
        self._gradient = gradient

    @property
    def program(self) -> Program:
        """The program of the path that was taken last."""
        return self._parted.program

    def run(self, shared: Mapping[int, Floats], samples: Mapping[int, Floats]) -> list[Floats]:
        """Give what `Parted.run` gives; samples are columns."""
        rows = [
            columns[0] if argument.nesting.key == 0 else columns.T
            for argument, (_, columns) in zip(
                self._parted.given, sorted(samples.items()), strict=True
            )
        ]
        mean_loss, outputs, gradient = self._parted.run(self._numbers, rows)
        self._gradient[...] = gradient
        return [mean_loss, outputs, self._gradient]
