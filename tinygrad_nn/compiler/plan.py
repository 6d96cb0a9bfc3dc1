"""One recorded structure of arguments: its program, and how numbers get in and out."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from dataclasses import replace
from itertools import accumulate
from typing import Any

import numpy as np

from ..locks import lock_of_process
from .backends.auto import Standing
from .backends.backend import Backend
from .backends.bound import Bound
from .backends.numpy.code import NUMPY
from .backends.numpy.quiet import quiet
from .backends.runner import Runner
from .calling import call_as_it_is, has_arrays, has_values, is_differentiated
from .faulty import raise_fault
from .inputs import Inputs
from .interface import Interface
from .missed import MISSED, Missed, missed
from .program.program import DOUBLE, Dtype, Floats, Ints, Role, number_of
from .program.program import Program as Data
from .program.split import split
from .program.zeros import may_lose_zero
from .proof.claim import Claim
from .proof.prove import prove
from .readable import Program
from .readout import Part, own_rows, parts_of, shared_reader, shared_rows, within
from .sizes.report import Sizes
from .sizes.turns import compile_recording
from .trace.results import assemble, means_of
from .trace.tracing import Trace
from .watch.watch import Watch

__all__ = ["Plan", "RunSome"]

RunSome = Callable[[Ints], None]  # of all samples

NOTHING = Watch()
MOST_TWINS = 8  # that are kept
REPEATED = 4  # calls in the general way, after which it pays to write an entry
PATIENCE = 0.1  # seconds that others wait for a run which takes less


class Plan:
    """Runs a program on flat arguments; `check` verifies it, and looks at its results.

    The program is made of what was traced, unless it is given. With an interface it can be saved;
    with a claim, it is proved first that it computes what it is said to compute.
    """

    def __init__(
        self,
        trace: Trace,
        check: bool,
        watch: Watch = NOTHING,
        interface: Interface | None = None,
        program: Data | None = None,
        claim: Claim | None = None,
        sizes: Callable[[], Sizes] | None = None,
        backend: Backend = NUMPY,
        dtype: Dtype = DOUBLE,
        threads: int = 1,
    ) -> None:
        self.watch = watch  # what it depends on beside its arguments
        self.is_watched = bool(watch.checks)
        self.check = check
        self.backend = backend  # that was asked for
        self.dtype = dtype
        self.claim = claim
        self.interface = interface
        self.package: bytes | None = None  # as it is pickled, once it was; empty if it cannot be
        proved = interface is not None and interface.proved
        self.has_free_lengths = proved and claim is None
        if program is None:
            assert trace.recording is not None
            program = compile_recording(trace.recording, check)
        self.data = program
        self.trace = trace if not may_lose_zero(program) else replace(trace, chooses=True)
        self._arguments = trace.arguments
        self._answers = [question.answer for question in trace.questions]
        self._size = trace.nesting.size  # how many results there are before the guards
        self._batched = trace.batched
        self.captured = number_of(program.arrays, Role.CAPTURED)
        simple = split(program)
        if claim is not None:
            prove(simple, claim)
        self.parts = parts_of(simple)
        self._own = [part for part in self.parts if part.per_sample]
        self._cut: tuple[list[int], list[list[Part]]] = [], []  # the parts of tables of some sizes
        self.runner = Runner(simple, {}, backend, dtype, threads)
        self.program = Program.of(program, self.runner.tiers, interface, proved, sizes)
        # It takes less time to wait for a short run than to have memory for another. Operations of
        # the user's may wait themselves: for whom holds what they want, and waits for this run.
        waits = not (self._batched or self.runner.is_long(0) or self.runner.calls_users)
        self._patience = PATIENCE if waits else 0.0
        self.asked = 0  # calls that no entry took
        self.due = REPEATED  # as many of them make another one worth while
        self._begin()

    def _begin(self) -> None:
        """Begin with memory that nobody uses."""
        self._inputs = Inputs(self.trace, self.captured, self.dtype)
        self._reader: Callable[[], Any] | None = None
        self.lock = lock_of_process()
        self.busy = np.zeros(1, np.int64).data  # 1 while it runs
        self.quietly = quiet(self.runner.program)
        self._twins: list[Plan] = []  # with memory of their own, that nobody uses now

    @property
    def standing(self) -> Standing:
        """Say how a copy goes on: on which backend, or when on another."""
        return self.runner.tiers.standing

    # ---- running ----------------------------------------------------------------------------

    def run(self, leaves: list[list[Any]]) -> Any:
        """Run on the numbers of each argument, and nest the result as the function's.

        For an argument with samples, the numbers are a list for each sample, or the whole array.
        """
        if self.is_recorded(leaves):
            return call_as_it_is(self.trace, leaves)
        return self._run(leaves)

    def is_recorded(self, leaves: list[list[Any]]) -> bool:
        """Tell whether a call is of Values, or captured ones count as such: it is recorded then."""
        if has_values(self._arguments, leaves):
            return True
        return bool(self.trace.captured) and is_differentiated(self.trace.captured)

    def rows(self, leaves: list[list[Any]]) -> list[Any] | Missed | None:
        """Run on samples, and list for each number of a result what it is, or its sum over them.

        None where only the function itself can say what comes out.
        """
        found: list[Any] | Missed | None = self._run(leaves, Plan._run_rows)
        return found

    def placing(
        self, leaves: list[list[Any]], tables: Sequence[Floats], go_on: Callable[[RunSome], None]
    ) -> bool:
        """Go on with what runs some samples, as often as is needed; results go to their columns of tables.

        Tell whether that was done, and all that have run answer as is expected: else their columns are
        anything. It is not done without code for it, or where results need another look.
        """
        if self.trace.chooses or self.check or not self._inputs.are_in_columns(leaves):
            return False

        def run(own: Plan, leaves: list[list[Any]]) -> bool:
            return own._placing(leaves, tables, go_on)

        return bool(self._run(leaves, run))

    def _run(
        self, leaves: list[list[Any]], batch: Callable[[Plan, list[list[Any]]], Any] | None = None
    ) -> Any:
        """Run in memory that nobody else uses; a batch as is said, or as a call."""
        if not self.lock.acquire(True, self._patience):  # another thread runs it
            self._patience = 0.0  # or was interrupted by Ctrl-C as it took the lock: it keeps it
            return self._run_aside(leaves, batch)
        try:
            # Called by an operation of the user's, a finaliser, or a handler of signals.
            if self.busy[0]:
                return self._run_aside(leaves, batch)
            self.busy[0] = 1
            try:
                if not self._batched:
                    return self._run_once(leaves)
                return self._run_batch(leaves) if batch is None else batch(self, leaves)
            finally:
                self.busy[0] = 0
        finally:
            self.lock.release()

    def _run_aside(
        self, leaves: list[list[Any]], batch: Callable[[Plan, list[list[Any]]], Any] | None
    ) -> Any:
        """Run in other memory, while this is in use."""
        try:
            twin = self._twins.pop()
        except IndexError:
            twin = self._twin()
        try:
            return twin._run(leaves, batch)
        finally:
            if len(self._twins) < MOST_TWINS:
                self._twins.append(twin)

    def _twin(self) -> Plan:
        """Give a plan for the same program, with the same code, and memory of its own."""
        twin = copy(self)
        twin.runner = self.runner.again()
        twin._begin()
        return twin

    def _run_once(self, leaves: list[list[Any]]) -> Any:
        if self.runner.is_due(0):
            self._succeed()
        bound = self.runner.bound(0, 0)
        self._inputs.fill(bound, leaves)
        bound.check_inputs()
        self.quietly(bound.before)
        bound.check_computed()
        numbers = self._read(bound)
        if self._answers:
            answers = numbers[self._size :].tolist()
            if answers != self._answers:
                return missed(self._answers, answers)
            numbers = numbers[: self._size]
        if self.trace.chooses and _has_nan(numbers):
            found = self._as_it_is(leaves)
            if found is not None:
                return found
        if self.check:
            self._check_results(leaves, numbers)
        return self.trace.nesting.rebuild(numbers)

    def _as_it_is(self, leaves: list[list[Any]], arrays: bool = False) -> Any:
        """Call the function itself; None where it has no result.

        What is not chosen has a slope of 0 in a program, and 0 times infinity is NaN: called, the
        function does not come by there, nor by products of others than its own.
        """
        try:
            return call_as_it_is(self.trace, leaves, self.dtype, arrays)
        except (ValueError, ArithmeticError):
            return None

    def _succeed(self) -> None:
        """Go on with other code, whose memory is another."""
        runner = self.runner.successor()
        if runner is not self.runner:
            self.runner = runner
            self._inputs = Inputs(self.trace, self.captured, self.dtype)
            self._reader = None
            self.asked, self.due = 0, REPEATED

    def _read(self, bound: Bound) -> Any:
        """Copy the results into one array; what each sample has its own of is NaN there."""
        if self._reader is None:
            self._reader = shared_reader(self.parts, bound.memory)
        return self._reader()

    def _run_batch(self, leaves: list[list[Any]]) -> Any:
        found, count = self._found(leaves)
        if self._answers:
            if found[-1] != 0.0:
                return MISSED
            found = found[: self._size]
        if self._answers or not count:  # sums of none are 0, and their means NaN
            found = found.tolist() if isinstance(found, np.ndarray) else found
            found = means_of(self.trace.reduce, self.trace.nesting.key, found, count)
        as_arrays = has_arrays(self._arguments, leaves)
        if self.trace.chooses and count and _has_nan(found):
            called = self._as_it_is(leaves, as_arrays)
            if called is not None:
                return called
        if self.check:
            self._check_results(leaves, found)
        return assemble(
            self.trace.reduce,
            self.trace.nesting.key,
            found,
            count,
            self.dtype if as_arrays else None,
        )

    def _run_rows(self, leaves: list[list[Any]]) -> list[Any] | Missed | None:
        found, count = self._found(leaves)
        if self._answers and found[-1] != 0.0:
            return MISSED
        found = list(found[: self._size])
        if not self._answers:  # its means are sums again
            found = means_of(self.trace.reduce, self.trace.nesting.key, found, 1.0 / count)
        if self.trace.chooses and _has_nan(found):
            return None
        if self.check and not all(bool(np.isfinite(number).all()) for number in found):
            return None
        return found

    def _placing(
        self, leaves: list[list[Any]], tables: Sequence[Floats], go_on: Callable[[RunSome], None]
    ) -> bool:
        columns, count = self._inputs.columns(leaves)
        if not self.runner.takes_places(count):
            return False
        first = self.runner.first(count)
        self._inputs.fill(first, leaves)
        sizes = [len(table) for table in tables]
        if sizes != self._cut[0]:
            ends = list(accumulate(sizes))
            cut = [within(self.parts, end - n, end) for n, end in zip(sizes, ends, strict=True)]
            self._cut = sizes, cut
        parts = list(zip(self._cut[1], tables, strict=True))

        def begin(run: RunSome) -> None:
            same = [own for some, table in parts for own in shared_rows(some, first.memory, table)]

            def run_all(samples: Ints) -> None:
                run(samples)
                for row, number in same:
                    row[samples] = number

            go_on(run_all if same else run)

        into = [one for some, table in parts for one in own_rows(some, table)]
        self.runner.run_some(first, count, columns, into, begin)
        return not self._answers or bool(self._read(first)[-1] == 0.0)

    def _found(self, leaves: list[list[Any]]) -> tuple[Any, int]:
        """Run on samples, and list what is found, and how many these are."""
        columns, count = self._inputs.columns(leaves)
        if self.runner.is_due(count):
            self._succeed()
        whole = self.runner.first(count)
        self._inputs.fill(whole, leaves)
        ends = list(accumulate(part.size for part in self._own))
        table = np.empty((ends[-1] if ends else 0, count), self.dtype)
        rows = [table[end - part.size : end] for part, end in zip(self._own, ends, strict=True)]
        into = [(part.array, part.indices, own) for part, own in zip(self._own, rows, strict=True)]
        with np.errstate(all="ignore"):
            self.runner.run(whole, count, columns, into)
        found: Any = self._read(whole)
        if self._own or not isinstance(self.trace.reduce, str):
            found = found.tolist()
            for part, own in zip(self._own, rows, strict=True):
                found[part.begin : part.end] = own
        return found, count

    def _check_results(self, leaves: list[list[Any]], numbers: Sequence[Any]) -> None:
        if not all(bool(np.isfinite(number).all()) for number in numbers):
            self._find_fault(leaves)

    def _find_fault(self, leaves: list[list[Any]]) -> None:
        """Raise for the first operation that has no finite result."""
        raise_fault(self.trace, self.dtype, leaves)


def _has_nan(numbers: Any) -> bool:
    """Tell whether one of the results is NaN; those that samples have their own of are listed."""
    if isinstance(numbers, list):
        return any(bool(np.isnan(own).any()) for own in numbers)
    return bool(np.isnan(numbers).any())
