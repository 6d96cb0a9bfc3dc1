"""Sums that grow from lane to lane, and operands that stand for a sum of one.

A sum that grows from lane to lane begins with one term, and then is no sum on the tape but
what it would add up: the softmax of one score, the gradient of what is used once. Such a lane
would take a shape of its own from there on. An operand stands for a sum of one, or a maximum
of one, where the same operation has in other lanes, at that place, sums of two such operands,
of three and more.
"""

from __future__ import annotations

from typing import Final

from ...scalar.arities import Unary
from ...scalar.operation import UNLISTED, Op
from ...scalar.ops import maximum, minimum
from ..tape.tape import Tape

__all__ = ["SINGLE", "WANTED", "Growing", "Single", "operand_of"]

SINGLE: Final = Unary("single", float, lambda x, z: 1.0, "The sum of one number.", listed=False)
UNLISTED["single"] = SINGLE
WANTED: Final = -1  # who reads what is wanted from outside: there the operand is the entry itself

Single = tuple[int, int, Op]  # who reads, which operand, and of which row that is to be one
Form = tuple[str, int, int]  # an operation and the colours of its operands, 0 for none


def operand_of(tape: Tape, single: Single) -> int:
    """Return the entry that is to be a sum or an extreme of one."""
    reader, place, _ = single
    return place if reader == WANTED else tape.args[reader][place]


class Growing:
    """What is known of sums and extremes whose terms are of one colour."""

    def __init__(self, tape: Tape) -> None:
        self.tape = tape
        self.term_colour: dict[int, int] = {}  # by the colour of the sum
        # a sum of one: twice its colour, and 1 for the second operand
        self.aliases: dict[Form, int] = {}
        self.found: list[tuple[Single, int]] = []  # where one was met, and the colour that is meant
        self._row: dict[int, Op] = {}
        self._lengths: dict[int, dict[int, int]] = {}  # how many sums have how many terms
        self._forms: set[Form] = set()  # in which such sums occur
        self._barred: set[int] = set()

    def begin(self) -> set[int]:
        """Forget what was met in the tape; give the colours of what may be a sum of one."""
        self._lengths = {}
        self.found = []
        return {self.term_colour[alias // 2] for alias in self.aliases.values()}

    def note(self, found: int, of: int, row: Op, count: int) -> None:
        """Note a sum of so many terms of one colour."""
        self.term_colour[found] = of
        self._row[found] = row
        lengths = self._lengths.setdefault(found, {})
        lengths[count] = lengths.get(count, 0) + 1

    def operands(self, entry: int, place: int, name: str, left: int, right: int) -> tuple[int, int]:
        """Return the colours of operands, of sums of one as that of longer sums."""
        swaps = right < left and (name == "add" or name == "mul")
        if swaps:
            left, right = right, left
        form = (name, left, right)
        alias = self.aliases.get(form, 0)
        if alias:
            meant, is_second = alias // 2, alias % 2 == 1
            row = self._row[meant]
            single = row if row is maximum or row is minimum else SINGLE
            self.found.append(((entry, place + (is_second != swaps), single), meant))
            if is_second:
                right = meant
            else:
                left = meant
        elif left in self.term_colour or right in self.term_colour:
            self._forms.add(form)
        return (right, left) if swaps else (left, right)

    def grows(self) -> bool:
        """Look for more sums of one: of those with two terms, three and more, but none with one."""
        growing = {
            found
            for found, lengths in self._lengths.items()
            if 2 in lengths and 3 in lengths and 1 not in lengths and found not in self._barred
        }
        aliases = self.aliases.copy()
        for name, left, right in self._forms:
            if right in growing:
                aliases[name, left, self.term_colour[right]] = right * 2 + 1
            elif left in growing:
                aliases[name, self.term_colour[left], right] = left * 2
        if aliases == self.aliases:
            return False
        self.aliases = aliases
        return True

    def shrinks(self) -> bool:
        """Strike sums of which fewer have two terms than seem to have one: none has one."""
        operands: dict[int, set[int]] = {}
        for single, meant in self.found:
            operands.setdefault(meant, set()).add(operand_of(self.tape, single))
        many = {
            m for m, found in operands.items() if len(found) > self._lengths.get(m, {}).get(2, 0)
        }
        self._barred |= many
        self.aliases = {f: a for f, a in self.aliases.items() if a // 2 not in many}
        return len(many) > 0
