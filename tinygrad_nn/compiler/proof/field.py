"""Numbers of two finite fields, in place of real ones: nothing is rounded in them.

A number is a pair, its residues modulo two primes. Sums, products and quotients are those of the
fields, so that what is equal by the laws of arithmetic is equal, in whatever order it is computed.
Every other operation is a random function of its operands: equal operands give equal results, and
nothing else is known of it.
"""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Final, TypeAlias

from ...scalar.operation import Op

__all__ = [
    "MIX",
    "MIX_MORE",
    "MOST_FACTORS",
    "POWER",
    "ROOTS",
    "SPREAD",
    "WORD",
    "P",
    "Pair",
    "Q",
    "Unions",
    "keys_of",
    "unions",
]

P: Final = 2147483647
Q: Final = 2147483629

Pair: TypeAlias = tuple[int, int]

MOST_FACTORS: Final = 64  # of a power that is written as products
_ROUNDS: Final = 3  # of a random function

# Random numbers are drawn by their places, so that arrays and elements need not be made of each
# other: SplitMix of Steele, Lea and Flood (2014), in 62 bits.
WORD: Final = 0x3FFFFFFFFFFFFFFF
SPREAD: Final = 0x1E3779B97F4A7C15
MIX: Final = 0x3F58476D1CE4E5B9
MIX_MORE: Final = 0x14D049BB133111EB

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


# ---- the greatest and the least -----------------------------------------------------------------

# The greater of two numbers is a sum of powers, brought back: the order does not matter, and each
# of them counts. Every number has one root, as the power has no factor in common with P - 1, Q - 1.
POWER: Final = 5
ROOTS: Final = (pow(POWER, -1, P - 1), pow(POWER, -1, Q - 1))


class Unions:
    """What the greatest and least numbers are taken of, where it does not count how often.

    The sum of powers counts what is there twice two times. Where that matters, as in
    max(max(x, 0), 0), each such number is remembered with all that it is made of.
    """

    def __init__(self) -> None:
        self.begin(False)

    def begin(self, kept: bool) -> None:
        """Forget all of them."""
        self.kept = kept  # whether they are remembered: it takes long
        self.met = False  # whether there were any
        self._made_of: dict[tuple[Op, Pair], frozenset[Pair]] = {}

    def join(self, row: Op, numbers: Sequence[Pair]) -> Pair:
        """Give the greatest or least of numbers, each counted once."""
        parts = [self._made_of.get((row, one), frozenset((one,))) for one in numbers]
        union = frozenset().union(*parts)
        if len(union) == 1:
            return next(iter(union))
        p, q = keys_of(row)
        found = (
            (pow(sum(pow(v + p[0], POWER, P) for v, _ in union), ROOTS[0], P) - p[0]) % P,
            (pow(sum(pow(w + q[0], POWER, Q) for _, w in union), ROOTS[1], Q) - q[0]) % Q,
        )
        self._made_of[row, found] = union
        return found


unions: Final = Unions()
