"""What the entries of a tape are multiples of, and how each of them is used."""

from __future__ import annotations

from math import frexp
from typing import Final

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.ops import add, div, maximum, minimum, mul, neg, sub
from ..tape.operands import Entry
from ..tape.tape import BATCH_SUM, Tape
from .growing import SINGLE

__all__ = ["CHAINED", "COPIED", "FACTOR", "LIVE", "NEGATED", "SCALED", "STAYS", "Uses", "is_tame"]

# What is known of an entry, all in one number: a list for each takes memory, and time.
NEGATED: Final = 1  # how a multiple was made: by an odd number of negations,
SCALED: Final = 2  # by products with plain numbers, or quotients
STAYS: Final = 4  # a multiple that is an operation, for its coefficient is extreme
LIVE: Final = 8  # it is needed
COPIED: Final = 16  # a multiple that is needed as a number of its own
FACTOR: Final = 32  # used elsewhere than in a sum
CHAINED: Final = 64  # used in an extreme of its own kind

# Coefficients are multiplied with each other inside of these bounds only: outside, they could
# overflow where the results of the user's operations, one by one, do not.
_LEAST: Final = 1e-75
_MOST: Final = 1e75


def is_tame(coefficient: float) -> bool:
    """Tell whether products of a coefficient with a few others are sure to be numbers."""
    return _LEAST <= abs(coefficient) <= _MOST or coefficient == 0.0


class Uses:
    """How each entry of a tape is used, from what is wanted of it."""

    def __init__(self, tape: Tape, wanted: list[int]) -> None:
        size = len(tape)
        self.tape = tape
        self.wanted = wanted
        self.base: list[Entry] = tape.numbers()  # what an entry is a multiple of
        self.coef = [1.0] * size
        self.known = [0] * size  # what is known of each, as above
        self.copies: list[int] = []  # all that are copied
        self.count = [0] * size  # how often each is used
        self._find_multiples()
        self._count_uses()

    def _find_multiples(self) -> None:
        """Resolve -x, 3 * x and x / 2 to a coefficient and what it multiplies.

        x / 3 is not x * (1 / 3): a quotient is one only by a power of two.
        """
        rows = self.tape.rows
        first: list[int] = self.tape.args.first
        second: list[int] = self.tape.args.second
        base, coef, known, number = self.base, self.coef, self.known, self.tape.number
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
                if rows[y] is not CONSTANT or rows[x] is CONSTANT:
                    continue
                if abs(frexp(number[y])[0]) != 0.5:
                    continue
                combined = coef[x] / number[y]
            else:
                continue
            if is_tame(combined):
                base[entry] = base[x]
                coef[entry] = combined
                how = known[x] & (NEGATED | SCALED)
                known[entry] = how ^ NEGATED if row is neg else how | SCALED
            else:
                known[entry] = STAYS

    def _count_uses(self) -> None:
        """Go back from what is wanted, and count how each entry is used."""
        rows, args, varies = self.tape.rows, self.tape.args, self.tape.varies
        first: list[int] = args.first
        second: list[int] = args.second
        base: list[int] = self.base
        known = self.known
        for entry in self.wanted:
            self._use_itself(entry)
        for entry in range(len(rows) - 1, -1, -1):
            here = known[entry]
            if not here & LIVE:
                continue
            row = rows[entry]
            if row is LEAF or row is CONSTANT:
                continue
            if here & COPIED:
                self._use_in_sum(entry, base[entry])
            elif row is add or row is sub:
                x, y = first[entry], second[entry]
                self._use_in_sum(entry, base[x])
                self._use_in_sum(entry, base[y])
            elif row is mul and not here & STAYS:
                x, y = first[entry], second[entry]
                self._use_as_factor(base[x])
                self._use_as_factor(base[y])
            elif row is BATCH_SUM:
                self._use(base[first[entry]])
            elif row is SINGLE:
                self._use_in_sum(entry, base[first[entry]])
            elif row is maximum or row is minimum:
                for x in args[entry]:
                    if rows[x] is row and varies[x] == varies[entry]:
                        self._use(x)
                        known[x] |= CHAINED
                    else:
                        self._use_itself(x)
            else:
                for x in args[entry]:
                    self._use_itself(x)

    def _use_itself(self, entry: int) -> None:
        if self.coef[entry] != 1.0:
            if not self.known[entry] & COPIED:
                self.copies.append(entry)
            self.known[entry] |= COPIED | LIVE | FACTOR
        else:
            self._use_as_factor(self.base[entry])

    def _use_as_factor(self, entry: int) -> None:
        self.count[entry] += 1
        self.known[entry] |= LIVE | FACTOR

    def _use_in_sum(self, consumer: int, used: int) -> None:
        self._use(used)
        # What all samples share is computed once for all of them.
        if self.tape.varies[consumer] != self.tape.varies[used]:
            self.known[used] |= FACTOR

    def _use(self, entry: int) -> None:
        self.count[entry] += 1
        self.known[entry] |= LIVE
