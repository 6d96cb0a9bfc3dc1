"""Turns of a recurrence: a recording in which long stretches repeat, written with fewer turns.

A loop of a thousand turns, and each pass back through it, is a *stretch*: entries that repeat turn
after turn, whose operands stay where they are, or move by as much from turn to turn. So it is known
what a loop of any other count would have recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from ...scalar.graph import CONSTANT, LEAF
from ..program.distinct import distinct
from ..program.program import Ints
from .addresses import Addresses
from .periods import Stretch
from .recording import Recording, Result
from .stretches import EDGE, levels_may_be_turns, repeats, stretches_of
from .table import Table, table_of
from .tape import Tape

__all__ = ["Turns", "turns_in", "turns_of"]

KEPT = 2 * EDGE + 4  # turns with which it is asked how much is left
FEW = 4  # one entry of so many may be left, with so few turns
GOOD = 16  # one of so many that is in no turn is few


class Turns:
    """A recording, and the stretches of its entries, in the order of their addresses."""

    def __init__(self, recording: Recording, by: Addresses) -> None:
        self.recording = recording
        self.by = by
        self.stretches = stretches_of(by)
        self._grows: list[Stretch] = []  # these, and those of arrays

    @property
    def count(self) -> int:
        """How many turns the shortest stretch has."""
        return min(stretch.count for stretch in self.stretches)

    def size(self, count: int) -> int:
        """Count the entries that there are with so many turns."""
        fewer = self.count - count
        return self.by.size - fewer * sum(stretch.length for stretch in self.stretches)

    def are_regular(self) -> bool:
        """Tell whether what is read moves as stretches grow, and nothing else is in their midst."""
        by = self.by
        turns = [np.arange(one.begin, one.begin + one.length) for one in self.stretches]
        lengths = np.repeat(
            [one.length for one in self.stretches], [one.length for one in self.stretches]
        )
        counts = np.repeat(
            [one.count for one in self.stretches], [one.length for one in self.stretches]
        )
        first = np.concatenate(turns)
        last = first + lengths * (counts - 1)
        self._grows = [*self.stretches, *self._of_arrays(first, lengths, counts)]
        self._prepare()
        inside = np.zeros(by.size, dtype=bool)
        for one in self.stretches:
            inside[one.begin : one.end] = True
        for operands in by.operands:
            begin, end = operands[first], operands[last]
            steps = operands[first + lengths] - begin
            grown = self._before(end, 1) - self._before(begin, 1)
            if (grown != steps).any():
                return False
            if any(self._has_inner(some) for some in (begin, end, operands[~inside])):
                return False
        return True

    def _of_arrays(self, first: Ints, lengths: Ints, counts: Ints) -> list[Stretch]:
        """List the parts of arrays that are read turn after turn: one of each array."""
        found: dict[int, Stretch] = {}
        for operands in self.by.operands:
            begin = operands[first]
            steps = operands[first + lengths] - begin
            moving = np.flatnonzero((steps != 0) & (begin >= self.by.bases[0]))
            arrays = np.searchsorted(self.by.bases, begin[moving], side="right") - 1
            for array in distinct(arrays).tolist():
                if array in found:
                    continue
                mine = moving[arrays == array]
                step, count = int(abs(steps[mine[0]])), int(counts[mine[0]])
                ends = begin[mine], begin[mine] + steps[mine] * (count - 1)
                found[array] = Stretch(int(np.min(ends)), step, count)
        return list(found.values())

    def _prepare(self) -> None:
        """Write in arrays how what comes after stretches moves as they grow."""
        grows = sorted(self._grows, key=lambda one: one.begin)
        self._middles = np.array([one.middle for one in grows])
        self._moves = np.cumsum([0, *[one.length for one in grows]])
        self._midst = np.array(
            [
                edge
                for one in grows
                for edge in (one.begin + EDGE * one.length, one.end - EDGE * one.length)
            ]
        )

    def _has_inner(self, addresses: Ints) -> bool:
        """Tell whether any of some addresses is in a stretch, and not near its ends."""
        return bool((np.searchsorted(self._midst, addresses, side="right") & 1).any())

    def _before(self, addresses: Ints, fewer: int) -> Ints:
        """Count what is left out before some addresses with so many turns."""
        found: Ints = self._moves[np.searchsorted(self._middles, addresses, side="right")]
        return found * fewer

    def arrays_read(self) -> set[int]:
        """Number the arrays of which turns read other parts; plain numbers come after all others."""
        begins = [one.begin for one in self._grows if one.begin >= self.by.bases[0]]
        return set((np.searchsorted(self.by.bases, begins, side="right") - 1).tolist())

    # ---- fewer turns --------------------------------------------------------------------------

    def shortened(self, count: int) -> Recording:
        """Write what would have been recorded if the shortest stretch had so many turns."""
        fewer = self.count - count
        by = self.by
        kept, alike = map(np.concatenate, zip(*self._kept(fewer), strict=True))
        read = []  # from where, of the entries that are kept
        for operands in by.operands:
            base = operands[alike]
            read.append(base - self._before(base, fewer) + operands[kept] - base)
        is_operation = kept < len(by.order)
        bases = by.bases - self._before(by.bases, fewer)
        given = distinct(np.concatenate(read))
        given = given[np.searchsorted(given, bases[0]) :]
        read = [
            np.where(one >= bases[0], np.searchsorted(given, one), one + len(given) * (one >= 0))
            for one in read
        ]
        tape = Tape(self.recording.tape.arrays, self.recording.tape.verbatim)
        self._write_given(tape, given, bases)
        self._write(tape, by.order[kept[is_operation]], [one[is_operation] for one in read])
        return self._finished(tape, kept[~is_operation], read[0][~is_operation])

    def _kept(self, fewer: int) -> Iterator[tuple[Ints, Ints]]:
        """List the entries that are written, and for each what it is like in the first turn."""
        end = 0
        for one in self.stretches:
            outer = np.arange(end, one.begin)
            yield outer, outer
            turns = np.arange(one.begin, one.end - fewer * one.length)
            yield turns, one.begin + (turns - one.begin) % one.length
            end = one.end
        outer = np.arange(end, self.by.size)
        yield outer, outer

    def _write_given(self, tape: Tape, given: Ints, bases: Ints) -> None:
        """Write the inputs and plain numbers that are read."""
        arrays = np.searchsorted(bases, given, side="right") - 1
        places = given - bases[arrays]
        for array, place in zip(arrays.tolist(), places.tolist(), strict=True):
            is_number = array == len(tape.arrays)
            tape.args.first.append(-1 if is_number else array)
            tape.args.second.append(-1 if is_number else place)
            if is_number:
                tape.number[len(tape)] = self.by.numbers[place]
            tape.rows.append(CONSTANT if is_number else LEAF)
            tape.varies.append(0 if is_number else int(tape.arrays[array].per_sample))
            tape.joined.append(0)

    def _write(self, tape: Tape, entries: Ints, read: list[Ints]) -> None:
        """Write operations after what is given."""
        table, begin = self.by.table, len(tape)
        for code in table.codes[entries].tolist():
            row, varies, joined = table.kinds[code]
            tape.rows.append(row)
            tape.varies.append(varies)
            tape.joined.append(joined)
        first, second, *third = read
        tape.args.first += first.tolist()
        tape.args.second += second.tolist()
        for rest in third:
            tape.args.rest = {
                begin + n: (int(rest[n]),) for n in np.flatnonzero(rest >= 0).tolist()
            }

    def _finished(self, tape: Tape, kept: Ints, entries: Ints) -> Recording:
        """Make a recording of what is wanted of a tape."""
        lists = self.by.kinds[kept]
        wanted = [tuple(entries[lists == n].tolist()) for n in self.by.lists]
        results = self.recording.results
        return replace(
            self.recording,
            tape=tape,
            results=tuple(
                [Result(one, old.per_sample) for one, old in zip(wanted, results, strict=False)]
            ),
            blocks=tuple(wanted[len(results) :]),
        )


def turns_of(recording: Recording) -> Turns | None:
    """Find the turns of a recording, if nearly all of it repeats.

    What is recorded in the order in which it is needed may repeat, or in that of its levels: where
    neighbours are read, as in a stencil, it is at levels that all are as far.
    """
    rest = recording.tape.args.rest.values()
    if recording.lookups or any(len(others) > 1 for others in rest) or not repeats(recording):
        return None
    return turns_in(recording, table_of(recording.tape))


def turns_in(recording: Recording, table: Table) -> Turns | None:
    """Find the turns of a recording whose tape is written in a table."""
    by = Addresses(recording, table)
    found = _found(recording, by)
    if table.depths is not None and (found is None or found.size(0) > len(table) // GOOD):
        depths = table.depths()
        if levels_may_be_turns(depths[by.order]):
            by.sort(depths)
            found = _found(recording, by)
    return found if found is not None and found.size(KEPT) < len(table) // FEW else None


def _found(recording: Recording, by: Addresses) -> Turns | None:
    """Find turns in the order in which entries are; None if there are none, or not only."""
    found = Turns(recording, by)
    return found if found.stretches and found.are_regular() else None
