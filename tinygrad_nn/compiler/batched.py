"""A program for the samples of a batch, run in place: arrays in, views of its memory out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from .numpy_backend import Bound
from .program import Output, Program, compile_tape
from .tape import Tape

__all__ = ["Batched"]

Array: TypeAlias = Any  # an array of float64
Read: TypeAlias = Callable[[], Array]

CACHE = 1 << 20  # the bytes that the numbers of one block of samples may take
MOST_SIZES = 8  # how many numbers of samples keep their memory
_NOWHERE: Mapping[int, Array] = {}


class Batched:
    """Runs a tape on arrays, without taking arguments apart or nesting results.

    Parameters
    ----------
    tape : Tape
        Its last array holds the number of samples and its inverse.
    results : sequence of (list of int, bool)
        The entries of each result, and whether it is one for each sample. They are best in
        the blocks of the tape too.

    Attributes
    ----------
    program : Program
    """

    def __init__(self, tape: Tape, results: Sequence[tuple[Sequence[int], bool]]) -> None:
        tape.outputs = [entry for entries, _ in results for entry in entries]
        self.program: Program = compile_tape(tape)
        self._last = len(tape.arrays) - 1
        self._frames: dict[int, _Frame] = {}
        self._shared: Array | None = None
        self._count = 0  # the number of samples that the memory says
        outputs = iter(self.program.outputs)
        self._results = [([next(outputs) for _ in entries], varies) for entries, varies in results]
        self._fits = max(64, CACHE // (8 * max(self.program.layout.samples, 1)))

    def run(
        self,
        shared: Mapping[int, Array],
        samples: Mapping[int, Array],
        into: Mapping[int, Array] = _NOWHERE,
    ) -> list[Array]:
        """Run the program; it is the caller who silences NumPy's warnings.

        Parameters
        ----------
        shared : mapping of int to array, shape (size,)
            The numbers of arrays that all samples share.
        samples : mapping of int to array, shape (size, samples)
            Those that each sample has its own of, a sample in each column.
        into : mapping of int to array, shape (size, samples), optional
            Where to write results that there is one of for each sample.

        Returns
        -------
        list of array, shape (size,) or (size, samples)
            The results; they may be views of the program's memory, which the next run
            writes over.
        """
        count = next(iter(samples.values())).shape[1]
        block = count
        if count > 2 * self._fits and not self.program.coupled:
            block = self._fits
        frame = self._frame(block)
        for array, numbers in shared.items():
            frame.inputs[array][...] = numbers
        if count != self._count:
            frame.inputs[self._last][...] = count, 1.0 / count
            self._count = count
        frame.bound.before()
        if block < count:
            return self._run_blocks(samples, into, count, block)
        for array, numbers in samples.items():
            frame.inputs[array][...] = numbers
        frame.bound.body()
        frame.bound.after()
        for place, target in into.items():
            frame.write(place, target)
        return [into[place] if place in into else read() for place, read in enumerate(frame.reads)]

    def _run_blocks(
        self, samples: Mapping[int, Array], into: Mapping[int, Array], count: int, block: int
    ) -> list[Array]:
        """Run on some samples after others, adding up what is summed over all of them."""
        sums = sorted({s.family for s in self.program.body if s.reduces})
        totals = [np.zeros(self.program.families[family].size) for family in sums]
        whole = {
            place: into[place] if place in into else np.empty((len(result), count))
            for place, (result, varies) in enumerate(self._results)
            if varies
        }
        for begin in range(0, count, block):
            end = min(count, begin + block)
            frame = self._frame(end - begin)
            for array, numbers in samples.items():
                frame.inputs[array][...] = numbers[:, begin:end]
            frame.bound.body()
            for family, total in zip(sums, totals, strict=True):
                total += frame.bound.numbers(family)
            for place, target in whole.items():
                frame.write(place, target[:, begin:end])
        frame = self._frame(block)
        for family, total in zip(sums, totals, strict=True):
            frame.bound.numbers(family)[...] = total
        frame.bound.after()
        return [
            whole[place] if place in whole else read() for place, read in enumerate(frame.reads)
        ]

    def _frame(self, count: int) -> _Frame:
        frame = self._frames.get(count)
        if frame is None:
            bound = Bound(self.program, count, self._shared)
            self._shared = bound.shared
            frame = _Frame(bound, self._results)
            if len(self._frames) >= MOST_SIZES:
                del self._frames[next(iter(self._frames))]
            self._frames[count] = frame
        return frame


class _Frame:
    """A program with memory for a number of samples, and where in it things are."""

    def __init__(self, bound: Bound, results: Sequence[tuple[Sequence[Output], bool]]) -> None:
        self.bound = bound
        self.inputs = [bound.numbers(array) for array in range(len(bound.program.tape.arrays))]
        self._rows = [self._rows_of(result) if varies else [] for result, varies in results]
        self.reads: list[Read] = [
            self._of_samples(place) if varies else self._of_all(result)
            for place, (result, varies) in enumerate(results)
        ]

    def _of_all(self, result: Sequence[Output]) -> Read:
        """Read what all samples share: at best one piece of memory."""
        shared = self.bound.shared
        places = np.array(
            [self.bound.buffer(f).start + place if f >= 0 else 0 for f, place, _ in result],
            dtype=np.int64,
        )
        fixed = np.array([f < 0 for f, _, _ in result], dtype=bool)
        numbers = np.array([number for _, _, number in result])
        if not fixed.any():
            if len(places) and (np.diff(places) == 1).all():
                view = shared[places[0] : places[0] + len(places)]
                return lambda: view
            return lambda: shared[places]
        return lambda: np.where(fixed, numbers, shared[places])

    def _rows_of(self, result: Sequence[Output]) -> list[tuple[int, int, Array]]:
        """List the runs of a result that lie in one piece: first, last + 1, and the numbers.

        What all samples share is repeated in each.
        """
        families = self.bound.program.families
        runs: list[tuple[int, int, Array]] = []
        last = (-1, -1)  # the family and the place that would continue the latest run
        for i, (family, place, number) in enumerate(result):
            if family >= 0 and families[family].per_sample:
                begin = runs.pop()[0] if (family, place) == last else i
                first = place - (i - begin)
                runs.append((begin, i + 1, self.bound.numbers(family)[first : place + 1]))
                last = family, place + 1
            else:
                shared = self.bound.numbers(family)[place : place + 1] if family >= 0 else number
                runs.append((i, i + 1, shared))
                last = -1, -1
        return runs

    def write(self, place: int, target: Array) -> None:
        """Write a result that there is one of for each sample into an array."""
        for begin, end, numbers in self._rows[place]:
            target[begin:end] = numbers

    def _of_samples(self, place: int) -> Read:
        """Read what each sample has its own of: at best one piece of memory."""
        runs = self._rows[place]
        if len(runs) == 1 and getattr(runs[0][2], "ndim", 0) == 2:
            view = runs[0][2]
            return lambda: view
        size = runs[-1][1] if runs else 0

        def read() -> Array:
            table = np.empty((size, self.bound.count))
            self.write(place, table)
            return table

        return read
