"""Turns of a recurrence: a recording in which long stretches repeat, written with fewer turns.

A loop of a thousand turns, and each pass back through it, is a *stretch* of the tape: entries that
repeat turn after turn, whose operands stay where they are, or move by as much from turn to turn.
So it is known what a loop of any other count would have recorded.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from ...scalar.graph import LEAF
from ...scalar.operation import Op
from ..program.program import Ints
from .recording import Recording, Result
from .tape import Tape

__all__ = ["Turns", "turns_of"]

LEAST = 64  # turns of a stretch
LONGEST = 600  # entries of a turn
EDGE = 6  # turns at either end that may be read from elsewhere
FEW = 8  # one entry of so many, or fewer, may be in no turn
PLACES = 8  # where it is looked whether anything repeats


@dataclass(frozen=True, slots=True)
class Stretch:
    """Entries that repeat: from `begin`, `length` to each of `count` turns."""

    begin: int
    length: int
    count: int

    @property
    def end(self) -> int:
        """The entry after the last."""
        return self.begin + self.length * self.count


class Turns:
    """A recording, and the stretches of its tape."""

    def __init__(self, recording: Recording) -> None:
        tape = recording.tape
        self.recording = recording
        self.stretches: list[Stretch] = []
        # The operands of each entry; below 0 where there is none, or it is an input.
        self._operands = [np.array(tape.args.first), np.array(tape.args.second)]
        inputs = tape.inputs()[0]
        for operands in self._operands:
            operands[inputs] = -1
        if tape.args.rest:
            third = np.full(len(tape), -1)
            third[list(tape.args.rest)] = [rest[0] for rest in tape.args.rest.values()]
            self._operands.append(third)

    @property
    def count(self) -> int:
        """How many turns the shortest stretch has."""
        return min(stretch.count for stretch in self.stretches)

    @property
    def outside(self) -> int:
        """How many entries are in no stretch."""
        inside = sum(stretch.length * stretch.count for stretch in self.stretches)
        return len(self.recording.tape) - inside

    # ---- finding stretches --------------------------------------------------------------------

    def find(self) -> None:
        """Find the stretches, those of short turns first."""
        kinds = self._kinds()
        left = len(kinds)
        if not self._looks_even(kinds):
            return
        for length in range(1, min(LONGEST, len(kinds) // LEAST) + 1):
            same = np.concatenate([[False], kinds[length:] == kinds[:-length], [False]])
            edges = np.flatnonzero(same[1:] != same[:-1]).reshape(-1, 2)
            long = edges[edges[:, 1] - edges[:, 0] >= length * (LEAST - 1)]
            for begin, end in long.tolist():
                found = self._stretch(begin, length, (end - begin) // length + 1)
                if found is not None:
                    self.stretches.append(found)
                    kinds[found.begin : found.end] = -1 - np.arange(found.begin, found.end)
                    left -= found.end - found.begin
            if left < len(kinds) // FEW:
                break
        self.stretches.sort(key=lambda stretch: stretch.begin)

    def _looks_even(self, kinds: Ints) -> bool:
        """Tell whether a few turns repeat at one of some places: else there is little to find."""
        apart = len(kinds) // PLACES + 1
        for begin in range(apart // 2, len(kinds), apart):
            window = kinds[begin : begin + 3 * LONGEST]
            for length in range(1, len(window) // 3 + 1):
                alike = (window[length : 3 * length] == window[: 2 * length]).all()
                if alike and self._even(begin, length, 3).all():
                    return True
        return False

    def _kinds(self) -> Ints:
        """Number entries by what is the same in all turns; what is in none has its own number."""
        tape = self.recording.tape
        known: dict[Op, int] = {}
        rows = np.array([known.setdefault(row, len(known)) for row in tape.rows])
        kinds = (rows * 2 + np.array(tape.varies)) * 2 + np.array(tape.joined)
        alone = [*tape.inputs()[0], *tape.constants()[0]]
        found: Ints = kinds
        found[alone] = -1 - np.array(alone, dtype=np.int64)
        return found

    def _stretch(self, begin: int, length: int, count: int) -> Stretch | None:
        """Find the turns in which operands move evenly, among those that look the same."""
        even = self._even(begin, length, count)
        edges = np.flatnonzero(np.diff(np.concatenate([[0], even, [0]]))).reshape(-1, 2)
        first, last = max(edges.tolist(), key=lambda run: run[1] - run[0])
        if last - first + 1 < LEAST:
            return None
        return Stretch(begin + first * length, length, last - first + 1)

    def _even(self, begin: int, length: int, count: int) -> Ints:
        """Tell which turns are followed by one whose operands move as in the middle."""
        even = np.ones(count - 1, dtype=bool)
        for operands in self._operands:
            table = operands[begin : begin + length * count].reshape(count, length)
            steps = table[1:] - table[:-1]
            even &= (steps == steps[len(steps) // 2]).all(axis=1)
        return even

    def are_regular(self) -> bool:
        """Tell whether what is read moves as stretches grow, and nothing else is in their midst."""
        inside = np.zeros(len(self.recording.tape), dtype=bool)
        for stretch in self.stretches:
            inside[stretch.begin : stretch.end] = True
            for operands in self._operands:
                first = operands[stretch.begin : stretch.begin + stretch.length]
                last = operands[stretch.end - stretch.length : stretch.end]
                reads = first >= 0
                steps = (last - first)[reads] // (stretch.count - 1)
                grown = self._before(last[reads], 1) - self._before(first[reads], 1)
                if (grown != steps).any() or self._has_inner(np.append(first, last)):
                    return False
        outer = [operands[~inside] for operands in self._operands]
        wanted = np.array(self.recording.wanted(), dtype=np.int64)
        return not self._has_inner(np.concatenate([*outer, wanted]))

    def _has_inner(self, entries: Ints) -> bool:
        """Tell whether any of some entries is in a stretch, and not near its ends."""
        for one in self.stretches:
            edge = EDGE * one.length
            if ((entries >= one.begin + edge) & (entries < one.end - edge)).any():
                return True
        return False

    # ---- fewer turns --------------------------------------------------------------------------

    def shortened(self, count: int) -> Recording:
        """Write what would have been recorded if the shortest stretch had so many turns."""
        fewer = self.count - count
        tape = self.recording.tape
        kept = np.concatenate(list(self._kept(fewer)))
        new = Tape(tape.arrays, tape.verbatim)
        entries = kept.tolist()
        new.rows = [tape.rows[entry] for entry in entries]
        known = tape.number
        new.number = {place: known[one] for place, one in enumerate(entries) if one in known}
        new.varies = [tape.varies[entry] for entry in entries]
        new.joined = [tape.joined[entry] for entry in entries]
        first, second, *third = [self._moved(one, kept, fewer) for one in self._operands]
        for place, row in enumerate(new.rows):
            if row is LEAF:
                first[place], second[place] = tape.args[entries[place]]
        new.args.first, new.args.second = first.tolist(), second.tolist()
        for rest in third:
            new.args.rest = {n: (int(rest[n]),) for n in np.flatnonzero(rest >= 0).tolist()}

        def placed(entries: tuple[int, ...]) -> tuple[int, ...]:
            return tuple(self._at(np.array(entries, dtype=np.int64), fewer).tolist())

        return replace(
            self.recording,
            tape=new,
            results=tuple(
                [Result(placed(one.entries), one.per_sample) for one in self.recording.results]
            ),
            blocks=tuple(map(placed, self.recording.blocks)),
        )

    def _kept(self, fewer: int) -> Iterator[Ints]:
        """List the entries that are written: of each stretch the first turns."""
        end = 0
        for stretch in self.stretches:
            yield np.arange(end, stretch.end - fewer * stretch.length)
            end = stretch.end
        yield np.arange(end, len(self.recording.tape))

    def _moved(self, operands: Ints, kept: Ints, fewer: int) -> Ints:
        """Say what is then read by the entries that are kept."""
        found = operands[kept]
        at = self._at(found, fewer)
        for stretch in self.stretches:
            begin = int(np.searchsorted(kept, stretch.begin))
            end = begin + stretch.length * (stretch.count - fewer)
            table = found[begin:end].reshape(-1, stretch.length)
            at[begin:end] = (table - table[0] + at[begin : begin + stretch.length]).ravel()
        return at

    def _at(self, entries: Ints, fewer: int) -> Ints:
        """Say where entries are then, of which none is in the midst of a stretch."""
        return entries - self._before(entries, fewer)

    def _before(self, entries: Ints, fewer: int) -> Ints:
        """Count the entries before others that are left out with so many turns."""
        found = np.zeros(len(entries), dtype=np.int64)
        for one in self.stretches:
            middle = one.begin + one.length * one.count // 2
            found += np.where(entries >= middle, fewer * one.length, 0)
        return found


def turns_of(recording: Recording) -> Turns | None:
    """Find the turns of a recording, if nearly all of it repeats."""
    rest = recording.tape.args.rest.values()
    if recording.lookups or any(len(others) > 1 for others in rest):
        return None
    found = Turns(recording)
    found.find()
    if not found.stretches or found.outside > len(recording.tape) // FEW:
        return None
    return found if found.are_regular() else None
