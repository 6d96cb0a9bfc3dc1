"""Sets of colours, each a number."""

from __future__ import annotations

from random import Random
from typing import Final

__all__ = ["MANY", "Sets"]

MANY: Final = 1 << 28  # more than the entries of any tape: two of them make one key

_NO_LINE: dict[int, int] = {}


class Sets:
    """Sets of colours, numbered from 1.

    A chain makes larger and larger sets, each the one before with a colour more. They share a
    *line*: the colours in the order in which they came, of which each set has the first few. So
    what a chain costs grows with its length, not with the square of it.
    """

    def __init__(self) -> None:
        self.only: list[int] = [0]  # the colour of a set of one
        self._singles: list[int] = [0]  # by their colours
        self.unions: dict[int, int] = {}
        self._size: list[int] = [0]
        # Of a set of several: colours, and how many came before.
        self._line: list[dict[int, int]] = [_NO_LINE]
        self._mark: list[int] = [0]  # of a set: those of its colours, joined by exclusive or
        self._marks: dict[int, int] = {}  # of colours, at random
        self._numbers: dict[int, int] = {}  # of sets of several by their marks
        self._random = Random(0)
        self._latest = 0  # the key of the latest union: chains ask again and again
        self._found = 0

    def alone(self, colour: int) -> int:
        """Return the set of one colour."""
        singles = self._singles
        while colour >= len(singles):
            singles.append(0)
        found = singles[colour]
        if not found:
            mark = self._marks[colour] = self._random.getrandbits(60)
            found = singles[colour] = self._add(_NO_LINE, 1, mark)
            self.only[found] = colour
        return found

    def union(self, left: int, right: int) -> int:
        """Return the set of the colours of two sets."""
        if left == right:
            return left
        key = left * MANY + right
        if key == self._latest:
            return self._found
        found = self.unions.get(key, 0)
        if not found:
            less = self._size[left] < self._size[right]
            found = self._extended(right, left) if less else self._extended(left, right)
            self.unions[key] = found
        self._latest, self._found = key, found
        return found

    def has(self, number: int, colour: int) -> bool:
        """Tell whether a colour is in a set."""
        if self.only[number]:
            return self.only[number] == colour
        return self._line[number].get(colour, MANY) < self._size[number]

    def _extended(self, number: int, other: int) -> int:
        """Add the colours of another set to a set."""
        line, size, mark = self._line[number], self._size[number], self._mark[number]
        if self.only[number]:
            line = {self.only[number]: 0}
        added: list[int] = []
        if self.only[other]:
            if line.get(self.only[other], MANY) >= size:
                added.append(self.only[other])
        else:
            for colour, before in self._line[other].items():
                if before >= self._size[other]:
                    break
                if line.get(colour, MANY) >= size:
                    added.append(colour)
        if not added:
            return number
        for colour in added:
            mark ^= self._marks[colour]
        key = mark
        while (found := self._numbers.get(key, 0)) > 0:
            if self._is_union(found, number, added):
                return found
            key += 1  # another set has this mark, by chance
        if len(line) > size:  # another set goes on in another way
            line = {colour: before for colour, before in line.items() if before < size}
        for colour in added:
            line[colour] = len(line)
        found = self._numbers[key] = self._add(line, len(line), mark)
        return found

    def _is_union(self, found: int, number: int, added: list[int]) -> bool:
        size = self._size[number]
        if self._size[found] != size + len(added):
            return False
        if self.only[number] and not self.has(found, self.only[number]):
            return False
        for colour, before in self._line[number].items():
            if before >= size:
                break
            if not self.has(found, colour):
                return False
        return len([c for c in added if self.has(found, c)]) == len(added)

    def _add(self, line: dict[int, int], size: int, mark: int) -> int:
        number = len(self.only)
        self.only.append(0)
        self._size.append(size)
        self._line.append(line)
        self._mark.append(mark)
        return number
