"""Constants in a table that code reads: in its text each would take instructions at every use."""

from __future__ import annotations

__all__ = ["Constants"]


class Constants:
    """Bits of constants, which lie in a table as often as a vector has lanes, as they are met."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._places: dict[int, int] = {}

    def place(self, bits: int) -> int:
        """Tell where a constant begins."""
        return self._places.setdefault(bits, len(self._places) * self._width)

    @property
    def bits(self) -> list[int]:
        """All of them, each once."""
        return list(self._places)
