"""Colours: numbers that tell formulas of one kind from others."""

from __future__ import annotations

from typing import Final

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.operation import Op
from ...scalar.ops import add, maximum, minimum, mul, sub
from ..tape.tape import BATCH_SUM
from .absorbing import Absorbing
from .growing import SINGLE, WANTED, Single
from .sets import MANY
from .uses import CHAINED, FACTOR, LIVE, SCALED, STAYS, Uses

__all__ = ["Colouring"]

_ROUNDS: Final = 16  # how often sums of one are looked for, as those lead to others


class Colouring(Absorbing):
    """Gives each entry of a tape a colour, and decides what is absorbed into its consumer.

    A product is absorbed where all products of its colour can be: else the same formula would
    take two shapes, in lanes where it is used once and where it is shared.
    """

    def __init__(self, uses: Uses) -> None:
        super().__init__(uses)
        self._known: dict[object, int] = {}
        self._pairs: dict[int, int] = {}
        self._absorbed: set[int] = set()  # sums that are, though several sums use them
        self.shares_sums = False  # whether several sums use one that could be absorbed

    def run(self) -> None:
        """Go through the tape once."""
        self._start(len(self.tape))
        tape, base, uses, count = self.tape, self.base, self.uses.known, self.uses.count
        rows, varies = tape.rows, tape.varies
        first: list[int] = tape.args.first
        second: list[int] = tape.args.second
        colour, inlined, parts, terms = self.colour, self.inlined, self._parts, self._terms
        sets, known, sums, pairs = self.sets, self._known, self._sums, self._pairs
        whole, absorbed = self._whole, self._absorbed
        summed, joined = self._sum, tape.joined
        self.shares_sums = False
        growing = self._growing
        single = growing.begin()
        is_searched = len(single) > 0
        shared: set[int] = set()
        products: list[int] = []
        for entry, row in enumerate(rows):
            if not uses[entry] & LIVE or base[entry] != entry:
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
                        goes_on = not uses[a] & SCALED and summed[y] != parts[x]
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
                if not uses[entry] & FACTOR:
                    if count[entry] == 1 or (absorbed and entry in absorbed):
                        parts[entry] = both
                        if entry in absorbed:
                            inlined[entry] = 1
                        continue
                    self.shares_sums = True
                found = sums.setdefault(both * 2 + varies[entry], fresh)
                summed[entry] = both
                if sets.only[both]:
                    whole[entry] = 1
                    growing.note(found, sets.only[both], row, terms[entry])
                terms[entry] = 1
            elif row is mul and not uses[entry] & STAYS:
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
                if count[entry] > 1 or uses[entry] & FACTOR:
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
        self._absorbed.update(entries)
        self.run()

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
        if self.uses.known[entry] & CHAINED and self.uses.count[entry] == 1:
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
