"""A program for the samples of a batch: arrays in, and arrays or views of its memory out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import accumulate
from typing import TypeAlias

import numpy as np

from ..cached import cached_property
from ..locks import lock_of_process
from .backends.auto import Standing, Tiers
from .backends.backend import Backend
from .backends.bound import Bound
from .backends.joint import Given, Job
from .backends.numpy.code import NUMPY
from .backends.runner import Runner
from .backends.work import time_to_run
from .program.program import Dtype, Floats, Role, number_of
from .program.program import Program as Data
from .program.split import split
from .readable import Program
from .readout import Part, own_rows, parts_of, repeat_shared, sample_reader, within
from .roll.roll import compile_tape
from .sizes.report import Sizes
from .tape.recording import Recording

__all__ = ["Batched", "Ready"]


Lengths: TypeAlias = Callable[[], Sizes] | None  # says which lengths are free

_NOWHERE: Mapping[int, Floats] = {}
_NOTHING_SAID = np.zeros(1)


class Batched:
    """Runs what was recorded on arrays, without taking arguments apart or nesting results."""

    def __init__(
        self, recording: Recording, sizes: Lengths = None, backend: Backend = NUMPY
    ) -> None:
        results = [(len(result.entries), result.per_sample) for result in recording.results]
        self._prepare(compile_tape(recording), results, False, sizes, backend)

    @classmethod
    def of(
        cls,
        program: Data,
        results: Sequence[tuple[int, bool]],
        proved: bool = False,
        sizes: Lengths = None,
        backend: Backend = NUMPY,
    ) -> Batched:
        """Run a program that was made elsewhere: `results` as the attribute of this name."""
        made: Batched = cls.__new__(cls)
        made._prepare(program, results, proved, sizes, backend)
        return made

    def _prepare(
        self,
        program: Data,
        results: Sequence[tuple[int, bool]],
        proved: bool,
        sizes: Lengths,
        backend: Backend,
    ) -> None:
        self.data = program
        self.results = list(results)  # their sizes, and whether there is one for each sample
        self._about = proved, sizes
        self._simple = split(program)
        self._backend, self._threads = backend, 1
        self._tiers = Tiers.of(self._simple, backend)
        parts = parts_of(self._simple)
        ends = accumulate(size for size, _ in results)
        self._results = [
            _Result(self._simple, within(parts, end - size, end), per_sample)
            for (size, per_sample), end in zip(results, ends, strict=True)
        ]
        self._place(_NOWHERE, _NOWHERE)

    @property
    def standing(self) -> Standing:
        """Say how a copy goes on: on which backend, or when on another."""
        return self._tiers.standing

    def placed(self, inputs: Mapping[int, Floats], into: Mapping[int, Floats]) -> Batched:
        """Give the same program with arguments and results in memory of the caller's.

        Each array is of shape (size,), shared by all samples, or (samples,), one number of each.
        """
        return self._again(self._tiers, self._threads, inputs, into)

    def computing(self, dtype: Dtype, threads: int) -> Batched:
        """Give the same program, with numbers of a type, for samples in some threads."""
        tiers = self._tiers
        if dtype != tiers.dtype:
            tiers = Tiers.of(self._simple, self._backend, dtype)
        return self._again(tiers, threads, _NOWHERE, _NOWHERE)

    def _again(
        self,
        tiers: Tiers,
        threads: int,
        inputs: Mapping[int, Floats],
        into: Mapping[int, Floats],
    ) -> Batched:
        other: Batched = Batched.__new__(Batched)
        other._backend, other._threads, other._tiers = self._backend, threads, tiers
        other.data = self.data
        other.results = self.results
        other._about = self._about
        other._simple = self._simple
        other._results = self._results
        other._place(inputs, into)
        return other

    def _place(self, inputs: Mapping[int, Floats], into: Mapping[int, Floats]) -> None:
        outside = dict(inputs)
        self._copied: dict[int, Floats] = {}
        for place, target in into.items():
            array = self._results[place].array
            if array >= 0 and array not in outside:
                outside[array] = target
            else:  # among other numbers, or an argument as it is
                self._copied[place] = target[None] if self._results[place].varies else target
        self._found = {
            place: outside[result.array][None] if result.varies else outside[result.array]
            for place, result in enumerate(self._results)
            if result.array in outside
        } | self._copied
        self._in_place = not self._copied and all(result.in_place for result in self._results)
        arrays = self._simple.arrays
        self._samples = next((len(inputs[n]) for n in inputs if arrays[n].per_sample), 0)
        self._outside = outside
        self._lock = lock_of_process()
        self._runs = False
        self.program = Program.of(self.data, self._tiers, None, *self._about)

    @cached_property
    def _runner(self) -> Runner:
        """What runs it: nobody needs it where only placed ones run."""
        return Runner(self._simple, self._outside, self._tiers, threads=self._threads)

    def run(self, shared: Mapping[int, Floats], samples: Mapping[int, Floats]) -> list[Floats]:
        """Run the program; it is the caller who silences NumPy's warnings.

        Arrays have the shape (size,), or (size, samples) where each sample has its own. The
        results may be views of the program's memory, which the next run writes over.
        """
        count = next(iter(samples.values())).shape[1] if samples else self._samples
        bound = self.begin(count).first(count)
        for array, numbers in shared.items():
            bound.inputs[array][...] = numbers
        if bound.count != count or not self._in_place:
            return self._run_in_parts(bound, count, samples)
        self._runner.run(bound, count, samples)
        if not bound.results:
            bound.results = self._read(bound, self._found)
        return bound.results

    def copied(self, shared: Mapping[int, Floats], samples: Mapping[int, Floats]) -> list[Floats]:
        """Run the program and copy the results, without warnings of NumPy's.

        Other threads wait; a call that comes inside of a run has memory of its own.
        """
        with self._lock:
            if self._runs:
                return self.placed(_NOWHERE, _NOWHERE).copied(shared, samples)
            self._runs = True
            try:
                with np.errstate(all="ignore"):
                    return [found.copy() for found in self.run(shared, samples)]
            finally:
                self._runs = False

    def begin(self, count: int) -> Runner:
        """Count a run of so many samples; give what makes it, and may be another than before."""
        if self._runner.is_due(count):
            self._runner = self._runner.successor()
        return self._runner

    def ready(self, count: int) -> Ready | None:
        """Give what runs so many samples at once; None if that takes several memories, or copies."""
        bound = self._runner.first(count)
        if bound.count != count or not count or not self._in_place:
            return None
        return Ready(self._runner, bound, self._read(bound, self._found))

    def _run_in_parts(
        self, bound: Bound, count: int, samples: Mapping[int, Floats]
    ) -> list[Floats]:
        """Run, and put results together that are not in one piece, or of one block of samples."""
        tables = {
            place: self._copied[place]
            if place in self._copied
            else np.empty((result.size, count), self._tiers.dtype)
            for place, result in enumerate(self._results)
            if result.varies and (place in self._copied or place not in self._found)
        }
        into = [
            one
            for place, table in tables.items()
            for one in own_rows(self._results[place].parts, table)
        ]
        self._runner.run(bound, count, samples, into)
        for place, target in (tables | self._copied).items():
            self._results[place].write_shared(bound, target)
        return self._read(bound, self._found | tables)

    def _read(self, bound: Bound, found: Mapping[int, Floats]) -> list[Floats]:
        return [
            found[place] if place in found else result.read(bound)
            for place, result in enumerate(self._results)
        ]


class Ready:
    """A program in one memory that has room for all samples: nothing is left to be looked up.

    `inputs` are to be filled before each run, and `results` are views. As `Batched.run`, it lets
    NumPy warn.
    """

    def __init__(self, runner: Runner, bound: Bound, results: list[Floats]) -> None:
        self.inputs = bound.inputs
        self.results = results
        self.calls = bound.calls
        self.program = runner.program
        self._runner = runner
        self._bound = bound
        self._count = bound.count

    def run(self) -> None:
        """Run the program."""
        bound = self._bound
        self.say_count()
        bound.before()
        bound.check_inputs()
        bound.body()
        bound.check_computed()
        bound.after()

    def say_count(self) -> None:
        """Write into the memory how many samples there are, unless it says that."""
        self._runner.say_count(self._bound, self._count)

    def check(self) -> None:
        """Refuse numbers that are no places of the tables they choose from."""
        self._bound.check_inputs()
        self._bound.check_computed()

    def job(self, other: Ready, given: Sequence[tuple[int, int]]) -> Job | None:
        """Give the job of copying arrays, and then running this program and another one.

        Each array is said by the number of that which it is copied to, and how many axes it has.
        None where the programs cannot be run without the interpreter.
        """
        kernels = [ready._bound.kernel for ready in (self, other)]
        known = [kernel for kernel in kernels if kernel is not None]
        if len(known) < len(kernels):
            return None
        targets = [Given(self.inputs[number], axes) for number, axes in given]
        counts = [self._said(), other._said()]
        return Job(targets, known, counts, self._work() + other._work())

    def _said(self) -> tuple[Floats, float]:
        """Give where the memory says how many samples there are, and what is right."""
        batch = number_of(self.program.arrays, Role.BATCH)
        return (_NOTHING_SAID, 0.0) if batch < 0 else (self.inputs[batch], float(self._count))

    def _work(self) -> float:
        """Estimate how long a run takes."""
        once, each = time_to_run(self._runner.program)
        return once + each * self._count


class _Result:
    """Where the numbers of a result are: `in_place` if they are one piece of the program's memory.

    With `varies`, whoever runs the program gets numbers for each sample. `array` is the array
    that is the result, number by number, or -1.
    """

    def __init__(self, program: Data, parts: Sequence[Part], varies: bool) -> None:
        self.size = sum(part.size for part in parts)
        self.varies = varies
        self.parts = parts
        self.in_place = False
        self.array = -1
        if len(parts) == 1:
            part = parts[0]
            together = part.array >= 0 and isinstance(part.indices, slice)
            self.in_place = together and part.per_sample == varies
            if self.in_place and program.arrays[part.array].size == self.size:
                self.array = part.array

    def read(self, bound: Bound) -> Floats:
        """Give the numbers: a view of the memory if they are there in one piece."""
        if self.in_place:
            return self.parts[0].read(bound.memory)
        if self.varies:
            return sample_reader(self.parts, bound.memory)()
        target = np.empty(self.size, bound.memory.dtype)
        self.write_shared(bound, target)
        return target

    def write_shared(self, bound: Bound, target: Floats) -> None:
        """Write what all samples share into an array, repeated in each if there is one for each."""
        table = target if self.varies else target[:, None]
        repeat_shared(self.parts, bound.memory, table)
