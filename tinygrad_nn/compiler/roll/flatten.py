"""Flattening: chains of additions become sums of products, chains of max one maximum.

What is left is of three kinds. A *sum* has terms, each a coefficient times no, one or
two factors (a single product is a sum of one term). An *operation* is a row of the
table applied to operands. An *extreme* is the greatest or least of many operands.
Coefficients stay outside of all comparisons of shape: 1 * x and -1 * x are one shape.
"""

from __future__ import annotations

from typing import Final

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.ops import add, div, maximum, minimum, mul, neg, sub
from ..tape.recording import Recording
from ..tape.tape import BATCH_SUM
from .colours import Colouring
from .growing import SINGLE
from .sets import MANY
from .singles import with_singles

__all__ = ["EXTREME", "OPERATION", "SUM", "Flat", "flatten"]

SUM: Final = 1
OPERATION: Final = 2
EXTREME: Final = 3

# Coefficients are multiplied with each other inside of these bounds only: outside, they could
# overflow where the results of the user's operations, one by one, do not.
_LEAST: Final = 1e-75
_MOST: Final = 1e75


class Flat:
    """What is left of a tape, in flat lists."""

    __slots__ = (
        "blocks",
        "coefs",
        "count",
        "first",
        "kind",
        "outputs",
        "read_in_blocks",
        "second",
        "start",
        "tape",
    )

    def __init__(self, recording: Recording) -> None:
        tape = recording.tape
        size = len(tape)
        self.tape = tape  # with entries for sums and extremes of one operand
        self.read_in_blocks = recording.read_in_blocks
        self.kind: list[int] = [0] * size  # 0 for an entry that is not kept
        # where the terms or operands of an entry begin in the lists below
        self.start: list[int] = [0] * size
        self.count: list[int] = [0] * size
        self.coefs: list[float] = []  # 1 for an operand
        self.first: list[int] = []  # -1 where there is no factor; the operand itself
        self.second: list[int] = []
        self.outputs: list[int] = []
        self.blocks: list[list[int]] = []


class _Flattener:
    """One run over a tape."""

    def __init__(self, recording: Recording) -> None:
        tape = recording.tape
        size = len(tape)
        self.recording = recording
        self.tape = tape
        self.rows = tape.rows
        self.args = tape.args
        self.first: list[int] = tape.args.first
        self.second: list[int] = tape.args.second
        self.base = list(range(size))  # what an entry is a multiple of
        self.coef = [1.0] * size
        self.live = [0] * size
        self.copied = [0] * size  # a multiple that is needed as a number of its own
        self.uses = [0] * size
        self.factor = [0] * size  # used elsewhere than in a sum
        self.chained = [0] * size  # used in an extreme of its own kind
        self.colour = [0] * size
        self.inlined = [0] * size
        self.stays = [0] * size  # a multiple that is an operation, for its coefficient is extreme
        self.kept_late: list[int] = []  # absorbed, but not into a sum with such a coefficient

    # ---- multiples ----------------------------------------------------------------------

    def find_multiples(self) -> None:
        """Resolve -x, 2 * x and x / 2 to a coefficient and what it multiplies."""
        rows, first, second = self.rows, self.first, self.second
        base, coef, number = self.base, self.coef, self.tape.number
        for entry, row in enumerate(rows):
            if row is mul:
                x, y = first[entry], second[entry]
                if rows[y] is not CONSTANT:
                    if rows[x] is not CONSTANT:
                        continue
                    x, y = y, x
                combined = coef[x] * number[y]
            elif row is neg:
                x = first[entry]
                combined = -coef[x]
            elif row is div:
                x, y = first[entry], second[entry]
                if rows[y] is not CONSTANT or number[y] == 0.0 or rows[x] is CONSTANT:
                    continue
                combined = coef[x] / number[y]
            else:
                continue
            if _is_tame(combined):
                base[entry] = base[x]
                coef[entry] = combined
            else:
                self.stays[entry] = 1

    # ---- uses ---------------------------------------------------------------------------

    def count_uses(self, wanted: list[int]) -> None:
        """Go back from what is wanted, and count how each entry is used."""
        rows, first, second = self.rows, self.first, self.second
        base, live = self.base, self.live
        uses, varies = self.uses, self.tape.varies
        for entry in wanted:
            self._use_itself(entry)
        for entry in range(len(rows) - 1, -1, -1):
            if not live[entry]:
                continue
            row = rows[entry]
            if row is LEAF or row is CONSTANT:
                continue
            if self.copied[entry]:
                self._use_in_sum(entry, base[entry])
            elif row is add or row is sub:
                x, y = first[entry], second[entry]
                self._use_in_sum(entry, base[x])
                self._use_in_sum(entry, base[y])
            elif row is mul and not self.stays[entry]:
                x, y = first[entry], second[entry]
                self._use_as_factor(base[x])
                self._use_as_factor(base[y])
            elif row is BATCH_SUM:
                used = base[first[entry]]
                uses[used] += 1
                live[used] = 1
            elif row is SINGLE:
                self._use_in_sum(entry, base[first[entry]])
            elif row is maximum or row is minimum:
                for x in self.args[entry]:
                    if rows[x] is row and varies[x] == varies[entry]:
                        uses[x] += 1
                        self.chained[x] = 1
                        live[x] = 1
                    else:
                        self._use_itself(x)
            else:
                for x in self.args[entry]:
                    self._use_itself(x)

    def _use_itself(self, entry: int) -> None:
        if self.coef[entry] != 1.0:
            self.copied[entry] = 1
            self.live[entry] = 1
            self.factor[entry] = 1
        else:
            self._use_as_factor(self.base[entry])

    def _use_as_factor(self, entry: int) -> None:
        self.uses[entry] += 1
        self.factor[entry] = 1
        self.live[entry] = 1

    def _use_in_sum(self, consumer: int, used: int) -> None:
        self.uses[used] += 1
        self.live[used] = 1
        # What all samples share is computed once for all of them.
        if self.tape.varies[consumer] != self.tape.varies[used]:
            self.factor[used] = 1

    # ---- what is absorbed into its consumer ---------------------------------------------------

    def colouring(self) -> Colouring:
        """Colour everything, and decide what needs no place of its own."""
        self.find_multiples()
        wanted = self.recording.wanted()
        self.count_uses(wanted)
        found = Colouring(
            self.tape,
            wanted,
            self.base,
            self.live,
            self.uses,
            self.factor,
            self.chained,
            self.stays,
        )
        found.run()
        found.absorb_coincidences()
        self.colour, self.inlined = found.colour, found.inlined
        return found

    # ---- what is kept -----------------------------------------------------------------------

    def collect(self) -> Flat:
        """Write what is kept."""
        rows, live, inlined = self.rows, self.live, self.inlined
        flat = Flat(self.recording)
        for entry, row in enumerate(rows):
            if live[entry] and not inlined[entry] and row is not LEAF and row is not CONSTANT:
                self._keep(flat, entry)
        while self.kept_late:
            self._keep(flat, self.kept_late.pop())
        flat.outputs = [self._place(x) for x in self.recording.outputs]
        flat.blocks = [[self._place(x) for x in block] for block in self.recording.blocks]
        return flat

    def _keep(self, flat: Flat, entry: int) -> None:
        """Write an entry that has a place of its own."""
        row = self.rows[entry]
        start = len(flat.coefs)
        if self.copied[entry] or self._is_sum(entry):
            kind = SUM
            self._add_terms(flat, entry)
        else:
            kind = OPERATION
            operands = self.args[entry]
            if row is maximum or row is minimum:
                operands = self._extreme(entry)
                if self._is_extreme(operands):
                    kind = EXTREME
            for x in operands:
                flat.coefs.append(1.0)
                flat.first.append(self._place(x))
                flat.second.append(-1)
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
            or (row is mul and not self.stays[entry])
        )

    def _is_extreme(self, operands: tuple[int, ...]) -> bool:
        """Tell whether operands are many of a kind; two of a kind may stand beside three."""
        first, *rest = [self.base[x] for x in operands]
        if not rest:
            return True
        alike = self.rows[first] is not CONSTANT and self.colour[first] == self.colour[rest[0]]
        return len(rest) > 1 or alike

    def _place(self, entry: int) -> int:
        return entry if self.copied[entry] else self.base[entry]

    def _add_terms(self, flat: Flat, root: int) -> None:
        """Write the terms of a sum, those with the same factors as one."""
        rows, first, second = self.rows, self.first, self.second
        base, coef, inlined, number = self.base, self.coef, self.inlined, self.tape.number
        coefs = flat.coefs
        known: dict[int, int] = {}  # where the term with some factors is
        stack: list[int] = []
        factors: list[float] = []
        entry, factor = root, 1.0
        if self.copied[root]:
            entry, factor = base[root], coef[root]
        opened = entry == root
        while True:
            row = rows[entry]
            a, b = entry, -1
            if inlined[entry] and not opened and not _is_tame(factor):
                inlined[entry] = 0
                self.kept_late.append(entry)
            elif inlined[entry] or opened:
                opened = False
                if row is add or row is sub:
                    x, y = first[entry], second[entry]
                    right = factor * coef[y]
                    stack.append(base[y])
                    factors.append(-right if row is sub else right)
                    entry, factor = base[x], factor * coef[x]
                    continue
                if row is mul:
                    x, y = first[entry], second[entry]
                    factor *= coef[x] * coef[y]
                    a, b = base[x], base[y]
                    if b < a:
                        a, b = b, a
                elif row is BATCH_SUM or row is SINGLE:
                    x = first[entry]
                    entry, factor = base[x], factor * coef[x]
                    continue
            elif row is CONSTANT:
                a = -1
                factor *= number[entry]
            key = b * MANY + a
            place = known.get(key, -1) if known else -1
            if place >= 0:
                coefs[place] += factor
            else:
                if stack:  # there are more to come
                    known[key] = len(coefs)
                coefs.append(factor)
                flat.first.append(a)
                flat.second.append(b)
            if not stack:
                return
            entry, factor = stack.pop(), factors.pop()

    def _extreme(self, root: int) -> tuple[int, ...]:
        inlined = self.inlined
        operands: list[int] = []
        stack = [root]
        while stack:
            entry = stack.pop()
            if entry == root or (self.chained[entry] and inlined[entry]):
                stack += reversed(self.args[entry])
            else:
                operands.append(entry)
        return tuple(operands)


def _is_tame(coefficient: float) -> bool:
    """Tell whether products of a coefficient with a few others are sure to be numbers."""
    return _LEAST <= abs(coefficient) <= _MOST or coefficient == 0.0


def flatten(recording: Recording) -> Flat:
    """Flatten a recording: every entry that is kept comes after what it is made from."""
    flattener = _Flattener(recording)
    singles = flattener.colouring().singles()
    if singles:
        flattener = _Flattener(with_singles(recording, singles))
        flattener.colouring()
    return flattener.collect()
