"""Colours: numbers that tell formulas of one kind from others, and sets of them."""

from __future__ import annotations

from typing import Final

from ...scalar.graph import CONSTANT, LEAF
from ...scalar.operation import UNLISTED, Op, Unary
from ...scalar.ops import add, maximum, minimum, mul, sub
from ..tape.tape import Tape

__all__ = ["MANY", "SINGLE", "WANTED", "Colouring", "Sets", "Single", "operand_of"]

_ROUNDS: Final = 16  # how often sums of one are looked for, as those lead to others
MANY: Final = 1 << 28  # more than the entries of any tape: two of them make one key

SINGLE: Final = Unary("single", float, lambda x, z: 1.0, "The sum of one number.", listed=False)
UNLISTED["single"] = SINGLE
WANTED: Final = -1  # who reads what is wanted from outside: there the operand is the entry itself

Single = tuple[int, int, Op]  # who reads, which operand, and of which row that is to be one
Form = tuple[str, int, int]  # an operation and the colours of its operands, 0 for none


def operand_of(tape: Tape, single: Single) -> int:
    """Return the entry that is to be a sum or an extreme of one."""
    reader, place, _ = single
    return place if reader == WANTED else tape.args[reader][place]


class Sets:
    """Sets of colours, numbered from 1."""

    def __init__(self) -> None:
        self.members: list[frozenset[int]] = [frozenset()]
        self.only: list[int] = [0]  # the colour of a set of one
        self.numbers: dict[frozenset[int], int] = {}
        self.singles: dict[int, int] = {}
        self.unions: dict[int, int] = {}

    def alone(self, colour: int) -> int:
        """Return the set of one colour."""
        found = self.singles.get(colour, 0)
        if not found:
            found = self.singles[colour] = self._number(frozenset((colour,)))
            self.only[found] = colour
        return found

    def union(self, left: int, right: int) -> int:
        """Return the set of the colours of two sets."""
        if left == right:
            return left
        key = left * MANY + right
        found = self.unions.get(key, 0)
        if not found:
            found = self._number(self.members[left] | self.members[right])
            self.unions[key] = found
        return found

    def _number(self, members: frozenset[int]) -> int:
        found = self.numbers.setdefault(members, len(self.members))
        if found == len(self.members):
            self.members.append(members)
            self.only.append(0)
        return found


class Colouring:
    """Gives each entry of a tape a colour, and decides what is absorbed into its consumer.

    A sum is absorbed where its only use is in a sum. A product is where that holds for all
    products of its colour: else the same formula would take two shapes, in lanes where it
    is used once and in lanes where it is shared.

    A sum that grows from lane to lane begins with one term, and then is no sum on the tape
    but what it would add up: the softmax of one score, the gradient of what is used once.
    Such a lane would take a shape of its own from there on. `singles` finds where an operand
    stands for a sum of one, or a maximum of one: the same operation has in other lanes, at
    that place, sums of two such operands, of three and more.

    Attributes
    ----------
    colour : list of int
        Of each entry that is live and neither absorbed nor a multiple; else 0.
    inlined : list of int
        Whether it is absorbed.
    """

    def __init__(
        self,
        tape: Tape,
        wanted: list[int],
        base: list[int],
        live: list[int],
        uses: list[int],
        factor: list[int],
        chained: list[int],
        stays: list[int],
    ) -> None:
        size = len(tape)
        self.tape = tape
        self.wanted = wanted
        self.base = base
        self.live = live
        self.uses = uses
        self.factor = factor
        self.chained = chained
        self.stays = stays
        self.colour = [0] * size
        self.inlined = [0] * size
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
        # Of such: the colour of their terms; the row; how many have how many terms.
        self._term_colour: dict[int, int] = {}
        self._row: dict[int, Op] = {}
        self._lengths: dict[int, dict[int, int]] = {}
        self._forms: set[Form] = set()  # in which they occur
        # What is a sum of one in a form: twice its colour, and 1 for the second operand.
        self._aliases: dict[Form, int] = {}
        self._found: list[tuple[Single, int]] = []

    def run(self) -> None:
        """Go through the tape once."""
        tape, base, live, uses, factor = self.tape, self.base, self.live, self.uses, self.factor
        rows, varies = tape.rows, tape.varies
        first: list[int] = tape.args.first
        second: list[int] = tape.args.second
        colour, inlined, parts, terms = self.colour, self.inlined, self._parts, self._terms
        sets, known, sums, pairs = self._sets, self._known, self._sums, self._pairs
        whole, absorbed = self._whole, self._absorbed
        self._lengths = {}
        self._shared_sums = 0
        single = {self._term_colour[alias // 2] for alias in self._aliases.values()}
        is_searched = len(single) > 0
        self._found = []
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
                    left, right = self._operands(
                        entry, 0, row.name, left or -parts[x], right or -parts[y]
                    )
                left = parts[x] or sets.alone(left)
                right = parts[y] or sets.alone(right)
                both = sets.union(left, right)
                terms[entry] = terms[x] + terms[y]
                if not factor[entry]:
                    if uses[entry] == 1 or absorbed[entry]:
                        inlined[entry] = 1
                        parts[entry] = both
                        continue
                    self._shared_sums += 1
                found = sums.setdefault(both * 2 + varies[entry], fresh)
                if sets.only[both]:
                    self._note(entry, found, sets.only[both], row, terms[entry])
                terms[entry] = 1
            elif row is mul and not self.stays[entry]:
                x, y = base[first[entry]], base[second[entry]]
                left, right = colour[x], colour[y]
                if whole[x] or whole[y] or (is_searched and (left in single or right in single)):
                    left, right = self._operands(entry, 0, row.name, left, right)
                if right < left:
                    left, right = right, left
                key = (left * MANY + right) * 2 + varies[entry]
                found = pairs.setdefault(key, fresh)
                products.append(entry)
                if uses[entry] > 1 or factor[entry]:
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
        for entry in self.wanted:
            x = base[entry]
            if whole[x] or colour[x] in single:
                self._operands(WANTED, entry, "", colour[x], 0)
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
            if not self.live[entry] or self.base[entry] != entry or self.factor[entry]:
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
                if uses[entry] == 1:
                    alone[kind] = alone.get(kind, 0) + 1
                else:
                    shared.setdefault(kind, []).append(entry)
        room = len(rows)  # how many terms may be written again
        for kind, entries in shared.items():
            if len(entries) <= alone.get(kind, 0):
                room -= sum([(uses[entry] - 1) * terms[entry] for entry in entries])
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
            if self._aliases or left in self._term_colour or right in self._term_colour:
                left, right = self._operands(entry, 0, row.name, left, right)
                colours = [left, right]
        return (row.name, self.tape.varies[entry], *colours)

    def _extreme(self, entry: int, row: Op) -> int:
        """Return the colour of a maximum or a minimum, 0 if it is absorbed in another."""
        operands = [self.base[x] for x in self.tape.args[entry]]
        colours = [self.colour[x] for x in operands]
        if len(operands) == 2:
            colours = list(self._operands(entry, 0, row.name, colours[0], colours[1]))
        both = count = 0
        for x, own in zip(operands, colours, strict=True):
            part = self._parts[x] or self._sets.alone(own)
            both = self._sets.union(both, part) if both else part
            count += self._terms[x]
        if self.chained[entry] and self.uses[entry] == 1:
            self.inlined[entry] = 1
            self._parts[entry] = both
            self._terms[entry] = count
            return 0
        key = (row.name, self.tape.varies[entry], both)
        found = self._known.setdefault(key, self._colours + 1)
        if self._sets.only[both]:
            self._note(entry, found, self._sets.only[both], row, count)
        return found

    # ---- sums of one ------------------------------------------------------------------------

    def _note(self, entry: int, found: int, of: int, row: Op, count: int) -> None:
        """Note that an entry is a sum of so many terms of one colour."""
        self._whole[entry] = 1
        self._term_colour[found] = of
        self._row[found] = row
        lengths = self._lengths.setdefault(found, {})
        lengths[count] = lengths.get(count, 0) + 1

    def _operands(
        self, entry: int, place: int, name: str, left: int, right: int
    ) -> tuple[int, int]:
        """Return the colours of operands, of sums of one as that of longer sums."""
        swaps = right < left and (name == "add" or name == "mul")
        if swaps:
            left, right = right, left
        form = (name, left, right)
        alias = self._aliases.get(form, 0)
        if alias:
            meant, is_second = alias // 2, alias % 2 == 1
            row = self._row[meant]
            single = row if row is maximum or row is minimum else SINGLE
            self._found.append(((entry, place + (is_second != swaps), single), meant))
            if is_second:
                right = meant
            else:
                left = meant
        elif left in self._term_colour or right in self._term_colour:
            self._forms.add(form)
        return (right, left) if swaps else (left, right)

    def singles(self) -> list[Single]:
        """Find where an operand stands for a sum or an extreme of one."""
        barred: set[int] = set()
        for _ in range(_ROUNDS):
            aliases = self._aliases_now(barred)
            if aliases == self._aliases:
                break
            self._aliases = aliases
            self.run()
            many = self._too_many()
            if many:
                barred |= many
                self._aliases = {f: a for f, a in aliases.items() if a // 2 not in many}
                self.run()
        return [single for single, _ in self._found]

    def _aliases_now(self, barred: set[int]) -> dict[Form, int]:
        """Add those of sums that grow: of two terms, of three and more, but none of one."""
        growing = {
            found
            for found, lengths in self._lengths.items()
            if 2 in lengths and 3 in lengths and 1 not in lengths and found not in barred
        }
        aliases = self._aliases.copy()
        for name, left, right in self._forms:
            if right in growing:
                aliases[name, left, self._term_colour[right]] = right * 2 + 1
            elif left in growing:
                aliases[name, self._term_colour[left], right] = left * 2
        return aliases

    def _too_many(self) -> set[int]:
        """Collect sums of which fewer have two terms than seem to have one: none has one."""
        operands: dict[int, set[int]] = {}
        for single, meant in self._found:
            operands.setdefault(meant, set()).add(operand_of(self.tape, single))
        return {
            m for m, found in operands.items() if len(found) > self._lengths.get(m, {}).get(2, 0)
        }
