"""Colours: numbers that tell formulas of one kind from others."""

from __future__ import annotations

from typing import Final

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.operation import Op
from ...scalar.ops import add, maximum, minimum, mul, sub
from ..tape.tape import BATCH_SUM
from .growing import SINGLE, WANTED, Growing, Single
from .sets import MANY, Sets
from .uses import NEGATED, SCALED, Uses

__all__ = ["Colouring"]

_ROUNDS: Final = 16  # how often sums of one are looked for, as those lead to others
_SIGNS: Final = 3  # of terms: bit 0 where one is added, bit 1 where one is subtracted


class Colouring:
    """Gives each entry of a tape a colour, and decides what is absorbed into its consumer.

    A sum that is used once stays open until its reader decides: a chain goes on from its left
    end, and what stands in parentheses is a term of its own, but for sums of products and for
    those that no user wrote. A product is absorbed where all products of its colour can be: else
    the same formula would take two shapes, in lanes where it is used once and where it is shared.
    """

    def __init__(self, uses: Uses) -> None:
        tape = uses.tape
        size = len(tape)
        self.tape = tape
        self.uses = uses
        self.base = uses.base
        self._start(0)
        self.sets = Sets()
        self._known: dict[object, int] = {}
        self._sums: dict[int, int] = {}
        self._pairs: dict[int, int] = {}
        self._products: set[int] = set()  # the colours of products
        self._colours = 0
        self._absorbed = [0] * size  # whether a sum is, though several sums use it
        self.shares_sums = False  # whether several sums use one that could be absorbed
        self._growing = Growing(tape)

    def _start(self, size: int) -> None:
        self.colour = [0] * size  # 0 for what is not live, is absorbed, or is a multiple
        self.inlined = [0] * size  # whether an entry is absorbed
        # The colours of what a sum adds up that is absorbed, or may be: it is open.
        self._parts = [0] * size
        self._sum = [0] * size  # the same of one that is kept
        self._terms = [1] * size  # how many terms an absorbed or open one has
        self._alike = [0] * size  # of one absorbed from parentheses, what `_alike_terms` found
        self._whole = [0] * size  # whether it is a sum or an extreme of terms of one colour

    def run(self) -> None:
        """Go through the tape once."""
        self._start(len(self.tape))
        tape, base, live = self.tape, self.base, self.uses.live
        count, factor = self.uses.count, self.uses.factor
        rows, varies = tape.rows, tape.varies
        first: list[int] = tape.args.first
        second: list[int] = tape.args.second
        colour, inlined, parts, terms = self.colour, self.inlined, self._parts, self._terms
        sets, known, sums, pairs = self.sets, self._known, self._sums, self._pairs
        whole, absorbed = self._whole, self._absorbed
        summed, joined, how = self._sum, tape.joined, self.uses.how
        self.shares_sums = False
        growing = self._growing
        single = growing.begin()
        is_searched = len(single) > 0
        shared: set[int] = set()
        products: list[int] = []
        for entry, row in enumerate(rows):
            if not live[entry] or base[entry] != entry:
                continue
            fresh = self._colours + 1
            if row is add or row is sub:
                a, b = first[entry], second[entry]
                x, y = base[a], base[b]
                if parts[y] and not inlined[y]:
                    self._decide(entry, x, y)
                    fresh = self._colours + 1
                elif parts[x] and not inlined[x]:
                    if joined[entry]:
                        goes_on = joined[x] > 0
                    else:
                        goes_on = not how[a] & SCALED and summed[y] != parts[x]
                    if goes_on:  # the next term of a chain
                        inlined[x] = 1
                    else:
                        self._decide(entry, x, y)
                        fresh = self._colours + 1
                left, right = colour[x], colour[y]
                if whole[x] or whole[y] or (is_searched and (left in single or right in single)):
                    left, right = growing.operands(
                        entry, 0, row.name, left or -parts[x], right or -parts[y]
                    )
                left = parts[x] or sets.alone(left)
                right = parts[y] or sets.alone(right)
                both = sets.union(left, right)
                terms[entry] = terms[x] + terms[y]
                if not factor[entry]:
                    if count[entry] == 1 or absorbed[entry]:
                        parts[entry] = both
                        inlined[entry] = absorbed[entry]
                        continue
                    self.shares_sums = True
                found = sums.setdefault(both * 2 + varies[entry], fresh)
                summed[entry] = both
                if sets.only[both]:
                    whole[entry] = 1
                    growing.note(found, sets.only[both], row, terms[entry])
                terms[entry] = 1
            elif row is mul and not self.uses.stays[entry]:
                x, y = base[first[entry]], base[second[entry]]
                left, right = colour[x], colour[y]
                if whole[x] or whole[y] or (is_searched and (left in single or right in single)):
                    left, right = growing.operands(entry, 0, row.name, left, right)
                if right < left:
                    left, right = right, left
                key = (left * MANY + right) * 2 + varies[entry]
                found = pairs.setdefault(key, fresh)
                if found == fresh:
                    self._products.add(found)
                products.append(entry)
                if count[entry] > 1 or factor[entry]:
                    shared.add(found)
            elif row is LEAF:
                found = known.setdefault(first[entry], fresh)
            elif row is CONSTANT:
                found = known.setdefault("number", fresh)
            elif row is SINGLE:
                x = base[first[entry]]
                if parts[x] and not inlined[x]:
                    self._keep(x)
                    fresh = self._colours + 1
                found = sums.setdefault(sets.alone(colour[x]) * 2 + varies[entry], fresh)
            elif row is BATCH_SUM:
                x = base[first[entry]]
                if parts[x] and not inlined[x]:
                    self._decide_joined(x)
                    fresh = self._colours + 1
                found = known.setdefault(self._form(entry, row), fresh)
            elif row is maximum or row is minimum:
                found = self._extreme(entry, row)
                if not found:
                    continue
            else:
                found = known.setdefault(self._form(entry, row), fresh)
            colour[entry] = found
            if found == fresh:
                self._colours = fresh
        for entry in self.uses.copies:
            x = base[entry]
            if parts[x] and not inlined[x]:
                self._decide_multiple(entry, x)
        for entry in self.uses.wanted:
            x = base[entry]
            if whole[x] or colour[x] in single:
                growing.operands(WANTED, entry, "", colour[x], 0)
        for entry in products:
            inlined[entry] = 0 if colour[entry] in shared else 1

    def absorb(self, entries: list[int]) -> None:
        """Absorb sums that several sums use in each of them, and go through the tape again."""
        for entry in entries:
            self._absorbed[entry] = 1
        self.run()

    # ---- sums as they are written -------------------------------------------------------------

    def _alike_terms(self, entry: int) -> int:
        """Give four times the one colour of the terms of a sum, and their signs; 0 if they differ.

        Signs are those that the user wrote, whatever the coefficients: numbers are no shape.
        """
        rows, base, how, number = self.tape.rows, self.base, self.uses.how, self.tape.number
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
            if not self.inlined[x] or self._alike[x]:
                if rows[x] is CONSTANT and number[x] == 0.0 and rows[entry] is add:
                    return found  # the sums of Python begin with 0
                before = self._signed(a, is_negated != (how[a] & NEGATED > 0))
                return found | before if found >> 2 == before >> 2 else 0
            if how[a] & SCALED and found >> 2 not in self._products:
                return 0
            entry = x

    def _signed(self, entry: int, is_subtracted: bool) -> int:
        """Give four times the colour of an operand, and its sign; of what is absorbed, its terms'."""
        base, how = self.base[entry], self.uses.how[entry]
        found = self._alike[base] if self.inlined[base] else self.colour[base] * 4 + 1
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
            if self.uses.how[self.tape.args.first[entry]] & SCALED:
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
        if not self.tape.joined[entry] and self.uses.how[multiple] & SCALED:
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

    # ---- other kinds --------------------------------------------------------------------------

    def _form(self, entry: int, row: Op) -> object:
        """Tell what an operation has in common with those of its colour."""
        colours = [
            self.colour[self.base[x]] or -self._parts[self.base[x]] for x in self.tape.args[entry]
        ]
        if len(colours) <= 2:
            left, right = colours[0], colours[1] if len(colours) == 2 else 0
            growing = self._growing
            if growing.aliases or left in growing.term_colour or right in growing.term_colour:
                colours = list(growing.operands(entry, 0, row.name, left, right))
        return (row.name, self.tape.varies[entry], *colours)

    def _extreme(self, entry: int, row: Op) -> int:
        """Return the colour of a maximum or a minimum, 0 if it is absorbed in another."""
        operands = [self.base[x] for x in self.tape.args[entry]]
        colours = [self.colour[x] for x in operands]
        if len(operands) == 2:
            colours = list(self._growing.operands(entry, 0, row.name, colours[0], colours[1]))
        both = count = 0
        for x, own in zip(operands, colours, strict=True):
            part = self._parts[x] or self.sets.alone(own)
            both = self.sets.union(both, part) if both else part
            count += self._terms[x]
        if self.uses.chained[entry] and self.uses.count[entry] == 1:
            self.inlined[entry] = 1
            self._parts[entry] = both
            self._terms[entry] = count
            return 0
        key = (row.name, self.tape.varies[entry], both)
        found = self._known.setdefault(key, self._colours + 1)
        if self.sets.only[both]:
            self._whole[entry] = 1
            self._growing.note(found, self.sets.only[both], row, count)
        return found

    def singles(self) -> list[Single]:
        """Find where an operand stands for a sum or an extreme of one."""
        for _ in range(_ROUNDS):
            if not self._growing.grows():
                break
            self.run()
            if self._growing.shrinks():
                self.run()
        return [single for single, _ in self._growing.found]
