"""A program for the samples of a batch, run in place: arrays in, views of its memory out."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from .numpy_backend import Bound
from .program import Program, compile_tape
from .tape import Tape

__all__ = ["Batched"]

Array: TypeAlias = Any  # an array of float64
Read: TypeAlias = Callable[[], Array]

CACHE = 1 << 20  # the bytes that the numbers of one block of samples may take
MOST_SIZES = 8  # how many numbers of samples keep their memory


class Batched:
    """Runs a tape on arrays, without taking arguments apart or nesting results.

    Parameters
    ----------
    tape : Tape
        Its last array holds the number of samples and its inverse.
    results : sequence of list of int
        The entries of each result; they are best in the blocks of the tape too.

    Attributes
    ----------
    program : Program
    """

    def __init__(self, tape: Tape, results: Sequence[Sequence[int]]) -> None:
        tape.outputs = [entry for result in results for entry in result]
        self.program: Program = compile_tape(tape)
        self._last = len(tape.arrays) - 1
        self._frames: dict[int, _Frame] = {}
        self._shared: Array | None = None
        outputs = iter(self.program.outputs)
        self._results = [[next(outputs) for _ in result] for result in results]
        rows = sum(family.size for family in self.program.families if family.per_sample)
        self._fits = max(64, CACHE // (8 * max(rows, 1)))

    def run(self, shared: Mapping[int, Array], samples: Mapping[int, Array]) -> list[Array]:
        """Run the program.

        Parameters
        ----------
        shared : mapping of int to array, shape (size,)
            The numbers of arrays that all samples share.
        samples : mapping of int to array, shape (size, samples)
            Those that each sample has its own of, a sample in each column.

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
        frame.inputs[self._last][...] = count, 1.0 / count
        with np.errstate(all="ignore"):
            frame.bound.before()
            if block < count:
                return self._run_blocks(samples, count, block)
            for array, numbers in samples.items():
                frame.inputs[array][...] = numbers
            frame.bound.body()
            frame.bound.after()
        return [read() for read in frame.reads]

    def _run_blocks(self, samples: Mapping[int, Array], count: int, block: int) -> list[Array]:
        """Run on some samples after others, adding up what is summed over all of them."""
        sums = sorted({s.family for s in self.program.body if s.reduces})
        totals = [np.zeros(self.program.families[family].size) for family in sums]
        whole: dict[int, Array] = {}
        for begin in range(0, count, block):
            end = min(count, begin + block)
            frame = self._frame(end - begin)
            for array, numbers in samples.items():
                frame.inputs[array][...] = numbers[:, begin:end]
            frame.bound.body()
            for family, total in zip(sums, totals, strict=True):
                total += frame.bound.numbers(family)
            for place, (read, varies) in enumerate(zip(frame.reads, frame.varies, strict=True)):
                if varies:
                    part = read()
                    if place not in whole:
                        whole[place] = np.empty((len(part), count))
                    whole[place][:, begin:end] = part
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

    def __init__(self, bound: Bound, results: Sequence[Sequence[tuple[int, int, float]]]) -> None:
        self.bound = bound
        self.inputs = [bound.numbers(array) for array in range(len(bound.program.tape.arrays))]
        families = bound.program.families
        self.varies = [
            any(family >= 0 and families[family].per_sample for family, _, _ in result)
            for result in results
        ]
        self.reads: list[Read] = [
            self._of_samples(result) if varies else self._of_all(result)
            for result, varies in zip(results, self.varies, strict=True)
        ]

    def _of_all(self, result: Sequence[tuple[int, int, float]]) -> Read:
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

    def _of_samples(self, result: Sequence[tuple[int, int, float]]) -> Read:
        """Read what each sample has its own of, and repeat in it what all share."""
        bound = self.bound
        rows = [number if f < 0 else bound.numbers(f)[place] for f, place, number in result]
        first, at, _ = result[0]
        together = [(first, at + i) for i in range(len(result))]
        if first >= 0 and [(f, place) for f, place, _ in result] == together:
            view = bound.numbers(first)[at : at + len(result)]
            return lambda: view

        def read() -> Array:
            table = np.empty((len(rows), bound.count))
            for i, row in enumerate(rows):
                table[i] = row
            return table

        return read
