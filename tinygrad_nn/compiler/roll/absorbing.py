"""What a sum absorbs: the left of its chain, and what in parentheses is rounded term by term."""

from __future__ import annotations

from typing import Final

from ...scalar.graph import CONSTANT
from ...scalar.ops import add, sub
from .growing import Growing
from .sets import Sets
from .uses import NEGATED, SCALED, Uses

__all__ = ["Absorbing"]

_SIGNS: Final = 3  # of terms: bit 0 where one is added, bit 1 where one is subtracted


class Absorbing:
    """The colours of entries, and which of them are absorbed into their consumers.

    A sum that is used once stays open until its reader decides: a chain goes on from its left
    end, and what stands in parentheses is a term of its own, but for sums of products and for
    those that no user wrote.
    """

    def __init__(self, uses: Uses) -> None:
        self.tape = uses.tape
        self.uses = uses
        self.base: list[int] = uses.base
        self.sets = Sets()
        self._sums: dict[int, int] = {}  # the colours of sums by those of their terms
        self._products: set[int] = set()  # the colours of products
        self._colours = 0
        self._growing = Growing(self.tape)
        self._start(0)

    def _start(self, size: int) -> None:
        self.colour = [0] * size  # 0 for what is not live, is absorbed, or is a multiple
        self.inlined = [0] * size  # whether an entry is absorbed
        # The colours of what a sum adds up that is absorbed, or may be: it is open.
        self._parts = [0] * size
        self._sum = [0] * size  # the same of one that is kept
        self._terms = [1] * size  # how many terms an absorbed or open one has
        self._whole = [0] * size  # whether it is a sum or an extreme of terms of one colour
        self._alike: dict[int, int] = {}  # of those from parentheses, what `_alike_terms` found

    def _alike_terms(self, entry: int) -> int:
        """Give four times the one colour of the terms of a sum, and their signs; 0 if they differ.

        Signs are those that the user wrote, whatever the coefficients: numbers are no shape.
        """
        rows, base, how, number = self.tape.rows, self.base, self.uses.known, self.tape.number
        first: list[int] = self.tape.args.first
        second: list[int] = self.tape.args.second
        found, is_negated = 0, False
        while True:
            a, b = first[entry], second[entry]
            x = base[a]
            after = self._signed(b, is_negated != (rows[entry] is sub))
            if not after or (found and found >> 2 != after >> 2):
                return 0
            found |= after
            if how[a] & NEGATED:
                is_negated = not is_negated
            if not self.inlined[x] or self._alike.get(x, 0):
                if rows[x] is CONSTANT and number[x] == 0.0 and rows[entry] is add:
                    return found  # the sums of Python begin with 0
                before = self._signed(a, is_negated != (how[a] & NEGATED > 0))
                return found | before if found >> 2 == before >> 2 else 0
            if how[a] & SCALED and found >> 2 not in self._products:
                return 0
            entry = x

    def _signed(self, entry: int, is_subtracted: bool) -> int:
        """Give four times the colour of an operand, and its sign; of what is absorbed, its terms'."""
        base, how = self.base[entry], self.uses.known[entry]
        found = self._alike.get(base, 0) if self.inlined[base] else self.colour[base] * 4 + 1
        if not found or (how & SCALED and found >> 2 not in self._products):
            return 0
        if is_subtracted != (how & NEGATED > 0) and found & _SIGNS != _SIGNS:
            return found ^ _SIGNS
        return found

    def _decide(self, entry: int, x: int, y: int) -> None:
        """Decide whether a sum absorbs open ones: the left of a chain, and sums of products."""
        if self.tape.joined[entry]:
            if self._is_open(x):
                self._decide_joined(x)
            if self._is_open(y):
                self._decide_joined(y)
            return
        if self._is_open(y):
            self._decide_beside(y, x)
        if self._is_open(x):
            if self.uses.known[self.tape.args.first[entry]] & SCALED:
                self._decide_beside(x, y)
            elif self._sum[y] == self._parts[x]:  # the first of differences that are added up
                self._keep(x)
            else:
                self.inlined[x] = 1

    def _is_open(self, entry: int) -> bool:
        return self._parts[entry] > 0 and not self.inlined[entry]

    def _decide_joined(self, entry: int) -> None:
        """Decide about a sum in one that no user wrote."""
        alike = 0 if self.tape.joined[entry] else self._alike_terms(entry)
        flows = alike & _SIGNS != _SIGNS and alike >> 2 in self._products
        if flows or self.tape.joined[entry]:
            self.inlined[entry] = 1
            self._alike[entry] = alike
        else:
            self._keep(entry)

    def _decide_multiple(self, multiple: int, entry: int) -> None:
        """Decide about a sum of which only a multiple is read: one number times a reduction is."""
        if not self.tape.joined[entry] and self.uses.known[multiple] & SCALED:
            alike = self._alike_terms(entry)
            if not alike or alike & _SIGNS == _SIGNS:
                self._keep(entry)
                return
        self.inlined[entry] = 1

    def _decide_beside(self, entry: int, other: int) -> None:
        """Decide about a sum in parentheses: products flow out of them, for each is rounded."""
        alike = self._alike_terms(entry)
        flows = alike >> 2 in self._products
        if flows and alike & _SIGNS == _SIGNS:
            flows = not self.sets.has(self._parts[other], alike >> 2)
            flows = flows and alike >> 2 != self.colour[other]
        if flows:
            self.inlined[entry] = 1
            self._alike[entry] = alike
        else:
            self._keep(entry)

    def _keep(self, entry: int) -> None:
        """Let a sum be a number of its own."""
        both = self._parts[entry]
        self._parts[entry] = 0
        only = self.sets.only[both]
        found = self._sums.setdefault(both * 2 + self.tape.varies[entry], self._colours + 1)
        self.colour[entry] = found
        self._colours = max(self._colours, found)
        self._sum[entry] = both
        if only:
            self._whole[entry] = 1
            self._growing.note(found, only, self.tape.rows[entry], self._terms[entry])
        self._terms[entry] = 1
