"""Sets of colours, each a number."""

from __future__ import annotations

from typing import Final

__all__ = ["MANY", "Sets"]

MANY: Final = 1 << 28  # more than the entries of any tape: two of them make one key


class Sets:
    """Sets of colours, numbered from 1."""

    def __init__(self) -> None:
        self.members: list[frozenset[int]] = [frozenset()]
        self.only: list[int] = [0]  # the colour of a set of one
        self.numbers: dict[frozenset[int], int] = {}
        self.singles: dict[int, int] = {}
        self.unions: dict[int, int] = {}
        self._latest = 0  # the key of the latest union: chains ask again and again
        self._found = 0

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
        if key == self._latest:
            return self._found
        found = self.unions.get(key, 0)
        if not found:
            found = self._number(self.members[left] | self.members[right])
            self.unions[key] = found
        self._latest, self._found = key, found
        return found

    def _number(self, members: frozenset[int]) -> int:
        found = self.numbers.setdefault(members, len(self.members))
        if found == len(self.members):
            self.members.append(members)
            self.only.append(0)
        return found
