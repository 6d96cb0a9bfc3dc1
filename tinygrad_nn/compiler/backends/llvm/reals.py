"""The types of numbers that code is made for, as LLVM calls them."""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

__all__ = ["DOUBLE", "SINGLE", "Real", "real_of"]

VECTOR = 64  # bytes: the longest vectors there are


@dataclass(frozen=True, slots=True)
class Real:
    """A type of numbers, and the integers that have as many bits."""

    name: str
    suffix: str  # of it in the names of functions
    integer: str
    size: int  # in bytes

    def rounded(self, number: float) -> float:
        """Round a number: what is too large is infinite."""
        if self.size == 8:
            return number
        try:
            (found,) = struct.unpack("<f", struct.pack("<f", number))
        except OverflowError:
            return math.copysign(math.inf, number)
        return float(found)

    def text(self, number: float) -> str:
        """Write a number as LLVM reads it, to the last bit."""
        (bits,) = struct.unpack("<Q", struct.pack("<d", self.rounded(number)))
        return f"0x{bits:016X}"

    def bits(self, number: float) -> int:
        """Give the bits of a number as an integer."""
        own = "<q<d" if self.size == 8 else "<i<f"
        (found,) = struct.unpack(own[:2], struct.pack(own[2:], self.rounded(number)))
        return int(found)

    def repeated(self, bits: int) -> int:
        """Give 64 bits, as often as they fit there."""
        if self.size == 8:
            return bits
        half = bits & (1 << 32) - 1
        (found,) = struct.unpack("<q", struct.pack("<II", half, half))
        return int(found)

    def registers(self, width: int) -> int:
        """Tell how many registers there are for vectors of some lanes."""
        return 32 if width * self.size == VECTOR else 16


DOUBLE = Real("double", "f64", "i64", 8)
SINGLE = Real("float", "f32", "i32", 4)


def real_of(size: int) -> Real:
    """Give the type of numbers of some bytes."""
    return DOUBLE if size == DOUBLE.size else SINGLE
