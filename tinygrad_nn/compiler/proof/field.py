"""Numbers of two finite fields, in place of real ones: nothing is rounded in them.

A number is a pair, its residues modulo two primes. Sums, products and quotients are those of the
fields, so that what is equal by the laws of arithmetic is equal, in whatever order it is computed.
Every other operation is a random function of its operands: equal operands give equal results, and
nothing else is known of it.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from fractions import Fraction
from functools import lru_cache
from typing import Final, TypeAlias

from ...scalar.operation import Op

__all__ = ["MOST_FACTORS", "POWER", "ROOTS", "P", "Pair", "Q", "keys_of", "residues"]

P: Final = 2147483647
Q: Final = 2147483629

Pair: TypeAlias = tuple[int, int]

# The greater of two numbers is a sum of powers, brought back: the order does not matter, and each
# of them counts. Every number has one root, as the power has no factor in common with P - 1, Q - 1.
POWER: Final = 5
ROOTS: Final = (pow(POWER, -1, P - 1), pow(POWER, -1, Q - 1))

MOST_FACTORS: Final = 64  # of a power that is written as products
_SIMPLE: Final = 1_000_000  # the greatest denominator of what is taken for a fraction
_ROUNDS: Final = 3  # of a random function


@lru_cache(maxsize=1 << 16)
def residues(number: float) -> Pair:
    """Give a plain number: the fraction that it is nearest to if that is a simple one, else itself.

    So that what was computed of constants beforehand, and was rounded, is what it was meant to be:
    1 - 2 * 0.1 is four fifths.
    """
    if not math.isfinite(number):
        rng = random.Random(repr(number))
        return rng.randrange(P), rng.randrange(Q)
    fraction = Fraction(number).limit_denominator(_SIMPLE)
    if float(fraction) != number:
        fraction = Fraction(number)
    n, d = fraction.numerator, fraction.denominator
    return n * pow(d, -1, P) % P, n * pow(d, -1, Q) % Q


_KEYS: dict[Op, tuple[Sequence[int], Sequence[int]]] = {}


def keys_of(row: Op) -> tuple[Sequence[int], Sequence[int]]:
    """Give the keys of the random function that an operation is, in each of the fields.

    The first ones are those of the rounds, the others those of the operands.
    """
    found = _KEYS.get(row)
    if found is None:
        rng = random.Random(row.name if row.listed else f"{row.name}, {len(_KEYS)}")
        count = 1 + _ROUNDS + row.arity
        found = _KEYS[row] = (
            [rng.randrange(1, P) for _ in range(count)],
            [rng.randrange(1, Q) for _ in range(count)],
        )
    return found
