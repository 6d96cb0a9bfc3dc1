"""Colours: numbers that tell formulas of one kind from others."""

from __future__ import annotations

from typing import Final

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.operation import Op
from ...scalar.ops import add, maximum, minimum, mul, sub
from .growing import SINGLE, WANTED, Growing, Single
from .sets import MANY, Sets
from .uses import Uses

__all__ = ["Colouring"]

_ROUNDS: Final = 16  # how often sums of one are looked for, as those lead to others


class Colouring:
    """Gives each entry of a tape a colour, and decides what is absorbed into its consumer.

    A sum is absorbed where its only use is in a sum. A product is where that holds for all
    products of its colour: else the same formula would take two shapes, in lanes where it
    is used once and in lanes where it is shared.
    """

    def __init__(self, uses: Uses) -> None:
        tape = uses.tape
        size = len(tape)
        self.tape = tape
        self.uses = uses
        self.base = uses.base
        self.colour = [0] * size  # 0 for what is not live, is absorbed, or is a multiple
        self.inlined = [0] * size  # whether an entry is absorbed
        self._parts = [0] * size  # the colours of what an absorbed sum adds up
        self._terms = [1] * size  # and how many terms it has
        self._whole = [0] * size  # whether it is a sum or an extreme of terms of one colour
        self._sets = Sets()
        self._known: dict[object, int] = {}
        self._sums: dict[int, int] = {}
        self._pairs: dict[int, int] = {}
        self._colours = 0
        self._absorbed = [0] * size  # whether a sum is, though several sums use it
        self._shared_sums = 0
        self._growing = Growing(tape)

    def run(self) -> None:
        """Go through the tape once."""
        tape, base, live = self.tape, self.base, self.uses.live
        count, factor = self.uses.count, self.uses.factor
        rows, varies = tape.rows, tape.varies
        first: list[int] = tape.args.first
        second: list[int] = tape.args.second
        colour, inlined, parts, terms = self.colour, self.inlined, self._parts, self._terms
        sets, known, sums, pairs = self._sets, self._known, self._sums, self._pairs
        whole, absorbed = self._whole, self._absorbed
        self._shared_sums = 0
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
                x, y = base[first[entry]], base[second[entry]]
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
                        inlined[entry] = 1
                        parts[entry] = both
                        continue
                    self._shared_sums += 1
                found = sums.setdefault(both * 2 + varies[entry], fresh)
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
                products.append(entry)
                if count[entry] > 1 or factor[entry]:
                    shared.add(found)
            elif row is LEAF:
                found = known.setdefault(first[entry], fresh)
            elif row is CONSTANT:
                found = known.setdefault("number", fresh)
            elif row is SINGLE:
                x = base[first[entry]]
                found = sums.setdefault(sets.alone(colour[x]) * 2 + varies[entry], fresh)
            elif row is maximum or row is minimum:
                found = self._extreme(entry, row)
                if not found:
                    continue
            else:
                found = known.setdefault(self._form(entry, row), fresh)
            colour[entry] = found
            self._colours = max(self._colours, found)
        for entry in self.uses.wanted:
            x = base[entry]
            if whole[x] or colour[x] in single:
                growing.operands(WANTED, entry, "", colour[x], 0)
        for entry in products:
            inlined[entry] = 0 if colour[entry] in shared else 1

    def absorb_coincidences(self) -> None:
        """Absorb a sum in all sums that use it, where most of its kind are used once.

        Samples that begin with the same constants, as blank pixels, share the first sums of
        their scalar products. Kept, these would give such lanes a shape of their own.
        """
        if not self._shared_sums:
            return
        rows, uses, sets = self.tape.rows, self.uses, self._sets
        first, second = self.tape.args.first, self.tape.args.second
        terms = [1] * len(rows)
        alone: dict[int, int] = {}
        shared: dict[int, list[int]] = {}
        spread = [0] * len(rows)  # the colours that would be added up
        scaled = [0] * len(rows)  # whether a term is a number times something
        for entry, row in enumerate(rows):
            if not uses.live[entry] or self.base[entry] != entry or uses.factor[entry]:
                continue
            if row is add or row is sub:
                x, y = self.base[first[entry]], self.base[second[entry]]
                left = spread[x] or sets.alone(self.colour[x])
                right = spread[y] or sets.alone(self.colour[y])
                terms[entry] = min(terms[x] + terms[y], MANY)
                spread[entry] = sets.union(left, right)
                kind = spread[entry] * MANY + terms[entry]
                met = x != first[entry] or y != second[entry] or scaled[x] or scaled[y]
                scaled[entry] = 1 if met else 0
                if not met:
                    continue
                if uses.count[entry] == 1:
                    alone[kind] = alone.get(kind, 0) + 1
                else:
                    shared.setdefault(kind, []).append(entry)
        room = len(rows)  # how many terms may be written again
        for kind, entries in shared.items():
            if len(entries) <= alone.get(kind, 0):
                room -= sum([(uses.count[entry] - 1) * terms[entry] for entry in entries])
                if room < 0:
                    break
                for entry in entries:
                    self._absorbed[entry] = 1
        if max(self._absorbed):
            self._restart()
            self.run()

    def _restart(self) -> None:
        size = len(self.tape)
        self.colour, self.inlined = [0] * size, [0] * size
        self._parts, self._terms, self._whole = [0] * size, [1] * size, [0] * size

    def _form(self, entry: int, row: Op) -> object:
        """Tell what an operation has in common with those of its colour."""
        colours = [self.colour[self.base[x]] or -self._parts[x] for x in self.tape.args[entry]]
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
            part = self._parts[x] or self._sets.alone(own)
            both = self._sets.union(both, part) if both else part
            count += self._terms[x]
        if self.uses.chained[entry] and self.uses.count[entry] == 1:
            self.inlined[entry] = 1
            self._parts[entry] = both
            self._terms[entry] = count
            return 0
        key = (row.name, self.tape.varies[entry], both)
        found = self._known.setdefault(key, self._colours + 1)
        if self._sets.only[both]:
            self._whole[entry] = 1
            self._growing.note(found, self._sets.only[both], row, count)
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
