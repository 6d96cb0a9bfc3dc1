"""Flattening: chains of additions become sums of products, chains of max one maximum.

What is left is of three kinds. A *sum* has terms, each a coefficient times no, one or
two factors (a single product is a sum of one term). An *operation* is a row of the
table applied to operands. An *extreme* is the greatest or least of many operands.
Coefficients stay outside of all comparisons of shape: 1 * x and -1 * x are one shape.
"""

from __future__ import annotations

from typing import Any, Final

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.ops import add, maximum, minimum, mul, sub
from ..tape.operands import Entry
from ..tape.recording import Recording
from ..tape.tape import BATCH_SUM
from .coincidences import coincidences
from .colours import Colouring
from .growing import SINGLE
from .sets import MANY
from .singles import with_singles
from .uses import CHAINED, COPIED, LIVE, NEGATED, STAYS, Uses, is_tame

__all__ = ["EXTREME", "OPERATION", "SUM", "Flat", "flatten"]

SUM: Final = 1
OPERATION: Final = 2
EXTREME: Final = 3


def flatten(recording: Recording) -> Flat:
    """Flatten a recording: every entry that is kept comes after what it is made from."""
    return _decided(recording).collect()


def _decided(recording: Recording) -> _Flattener:
    """Decide what is kept; all but that is forgotten before anything is written."""
    colouring = _coloured(recording)
    singles = colouring.singles()
    if singles:
        recording = with_singles(recording, singles)
        colouring = _coloured(recording)
    return _Flattener(recording, colouring)


def _coloured(recording: Recording) -> Colouring:
    """Colour everything, and decide what needs no place of its own."""
    found = Colouring(Uses(recording.tape, recording.wanted()))
    found.run()
    shared = coincidences(found)
    if shared:
        found.absorb(shared)
    return found


class Flat:
    """What is left of a tape, in flat lists."""

    def __init__(self, recording: Recording) -> None:
        tape = recording.tape
        size = len(tape)
        self.tape = tape  # with entries for sums and extremes of one operand
        self.read_in_blocks = recording.read_in_blocks
        self.kind = [0] * size  # 0 for an entry that is not kept
        # Where the terms or operands of an entry begin in the lists below, and how many they are.
        self.start = [0] * size
        self.count = [0] * size
        # 1 for an operand, the number itself for one of an extreme; nearly all are `one`.
        self.coefs: list[Any] = []
        self.one: Any = 1.0
        self.first: list[Entry] = []  # -1 where there is no factor; the operand itself
        self.second: list[Entry] = []
        # Of each term twice the colour of a product, and 1 more if it is subtracted.
        self.origin: list[int] = []
        self.written = [0] * size  # whether it is a sum whose terms have the order of a user's
        self.outputs: list[int] = []
        self.blocks: list[list[int]] = []
        self.lookups: list[tuple[int, int]] = []

    def add(self, coefficient: float, first: int, second: int = -1, origin: int = 0) -> None:
        """Write a term or an operand."""
        self.coefs.append(self.one if coefficient == 1.0 else coefficient)
        self.first.append(first)
        self.second.append(second)
        self.origin.append(origin)


class _Flattener:
    """Writes what is kept."""

    def __init__(self, recording: Recording, colouring: Colouring) -> None:
        uses = colouring.uses
        self.recording = recording
        self.tape = uses.tape
        self.rows = uses.tape.rows
        self.args = uses.tape.args
        self.base = uses.base
        self.coef = uses.coef
        self.known = uses.known
        self.colour = colouring.colour
        self.inlined = colouring.inlined
        self.kept_late: list[int] = []  # absorbed, but not into a sum with such a coefficient

    def collect(self) -> Flat:
        """Write what is kept."""
        self.flat = flat = Flat(self.recording)
        known, inlined = self.known, self.inlined
        for entry, row in enumerate(self.rows):
            if (
                known[entry] & LIVE
                and not inlined[entry]
                and row is not LEAF
                and row is not CONSTANT
            ):
                self._keep(entry)
        while self.kept_late:
            self._keep(self.kept_late.pop())
        flat.outputs = [self._place(x) for x in self.recording.outputs]
        flat.blocks = [[self._place(x) for x in block] for block in self.recording.blocks]
        flat.lookups = [(self._place(x), size) for x, size in sorted(self.recording.lookups)]
        return flat

    def _keep(self, entry: int) -> None:
        """Write an entry that has a place of its own."""
        flat, row = self.flat, self.rows[entry]
        start = len(flat.coefs)
        if self.known[entry] & COPIED or self._is_sum(entry):
            kind = SUM
            self._add_terms(entry)
        else:
            kind = OPERATION
            operands = self.args[entry]
            if row is maximum or row is minimum:
                operands = self._extreme(entry)
                if self._is_extreme(operands):
                    kind = EXTREME
            for x in operands:
                place = self._place(x)
                if kind == EXTREME and self.rows[place] is CONSTANT:
                    flat.add(self.tape.number[place], -1)
                else:
                    flat.add(1.0, place)
        flat.kind[entry] = kind
        flat.start[entry] = start
        flat.count[entry] = len(flat.coefs) - start

    def _is_sum(self, entry: int) -> bool:
        row = self.rows[entry]
        return (
            row is add
            or row is sub
            or row is BATCH_SUM
            or row is SINGLE
            or (row is mul and not self.known[entry] & STAYS)
        )

    def _is_extreme(self, operands: tuple[int, ...]) -> bool:
        """Tell whether operands are many of a kind; two of a kind may stand beside three."""
        first, *rest = [self.base[x] for x in operands]
        if not rest:
            return True
        alike = self.rows[first] is not CONSTANT and self.colour[first] == self.colour[rest[0]]
        return len(rest) > 1 or alike

    def _place(self, entry: int) -> int:
        return entry if self.known[entry] & COPIED else self.base[entry]

    def _add_terms(self, root: int) -> None:
        """Write the terms of a sum; equal products are one, and equal numbers if no user's."""
        rows, flat, how, colour = self.rows, self.flat, self.known, self.colour
        first: list[int] = self.args.first
        second: list[int] = self.args.second
        base: list[int] = self.base
        shared = self.base  # what is written stays in its object
        coef, inlined, number = self.coef, self.inlined, self.tape.number
        coefs, firsts, seconds, origin = flat.coefs, flat.first, flat.second, flat.origin
        one = flat.one
        met: dict[int, int] = {}  # where the term with some factors is
        stack: list[int] = []  # twice the entry, and NEGATED if it is subtracted
        factors: list[float] = []
        entry, factor, sign = root, 1.0, 0
        if how[root] & COPIED:
            entry, factor, sign = base[root], coef[root], how[root] & NEGATED
        opened = entry == root
        written = self._is_written(entry)
        flat.written[root] = written
        while True:
            row = rows[entry]
            a, b = entry, -1
            if inlined[entry] and not opened and not is_tame(factor):
                inlined[entry] = 0
                self.kept_late.append(entry)
            elif inlined[entry] or opened:
                opened = False
                if row is add or row is sub:
                    x, y = first[entry], second[entry]
                    after, right = base[y] * 2 + sign, factor
                    if base[y] != y:
                        after ^= how[y] & NEGATED
                        right *= coef[y]
                    if row is sub:
                        after ^= NEGATED
                        right = -right
                    stack.append(after)
                    factors.append(right)
                    entry = base[x]
                    if entry != x:
                        factor *= coef[x]
                        sign ^= how[x] & NEGATED
                    continue
                if row is mul:
                    x, y = first[entry], second[entry]
                    a, b = base[x], base[y]
                    if a != x or b != y:
                        factor *= coef[x] * coef[y]
                        sign ^= (how[x] ^ how[y]) & NEGATED
                    if b < a:
                        a, b = b, a
                elif row is BATCH_SUM or row is SINGLE:
                    x = first[entry]
                    entry, factor, sign = base[x], factor * coef[x], sign ^ (how[x] & NEGATED)
                    continue
            elif row is CONSTANT:
                a = -1
                factor *= number[entry]
            size = place = len(coefs)
            if stack or met:  # there are more: equal products are one
                if not written:
                    place = met.setdefault(b * MANY + a, size)
                elif b >= 0:
                    place = met.setdefault((b * MANY + a) * 2 + sign, size)
            if place < size:
                coefs[place] += factor
            else:
                coefs.append(one if factor == 1.0 else factor)
                firsts.append(shared[a] if a >= 0 else -1)
                seconds.append(shared[b] if b >= 0 else -1)
                origin.append(sign if written and b < 0 else colour[entry] * 2 + sign)
            if not stack:
                return
            after = stack.pop()
            entry, factor, sign = after >> 1, factors.pop(), after & 1

    def _is_written(self, entry: int) -> int:
        """Tell whether a user wrote a sum: the order of its terms is his."""
        row = self.rows[entry]
        return 1 if (row is add or row is sub) and not self.tape.joined[entry] else 0

    def _extreme(self, root: int) -> tuple[int, ...]:
        """List the operands of an extreme, and of those that are absorbed in it."""
        operands: list[int] = []
        stack = [root]
        while stack:
            entry = stack.pop()
            if entry == root or (self.known[entry] & CHAINED and self.inlined[entry]):
                stack += reversed(self.args[entry])
            else:
                operands.append(entry)
        return tuple(operands)
