"""Flattening: chains of additions become sums of products, chains of max one maximum.

What is left is of three kinds. A *sum* has terms, each a coefficient times no, one or
two factors (a single product is a sum of one term). An *operation* is a row of the
table applied to operands. An *extreme* is the greatest or least of many operands.
Coefficients stay outside of all comparisons of shape: 1 * x and -1 * x are one shape.
"""

from __future__ import annotations

from typing import Final

from ..graph import CONSTANT, LEAF
from ..ops import add, div, maximum, minimum, mul, neg, sub
from .tape import BATCH_SUM, Tape

__all__ = ["EXTREME", "OPERATION", "SUM", "Flat", "flatten"]

SUM: Final = 1
OPERATION: Final = 2
EXTREME: Final = 3

_MANY: Final = 1 << 28  # more than the entries of any tape: two of them make one key


class Flat:
    """What is left of a tape, in flat lists.

    Attributes
    ----------
    kind : list of int
        `SUM`, `OPERATION` or `EXTREME` for every entry of the tape that is kept, else 0.
    start, count : list of int
        Where the terms or operands of each entry begin in the lists below; how many.
    coefs : list of float
        The coefficient of each term; 1 for an operand.
    first, second : list of int
        Its factors, -1 where there is none; the operand itself.
    outputs : list of int
        The entry of each output.
    blocks : list of list of int
        The entries of each block.
    """

    __slots__ = ("blocks", "coefs", "count", "first", "kind", "outputs", "second", "start")

    def __init__(self, size: int) -> None:
        self.kind: list[int] = [0] * size
        self.start: list[int] = [0] * size
        self.count: list[int] = [0] * size
        self.coefs: list[float] = []
        self.first: list[int] = []
        self.second: list[int] = []
        self.outputs: list[int] = []
        self.blocks: list[list[int]] = []


class _Flattener:
    """One run over a tape."""

    def __init__(self, tape: Tape) -> None:
        size = len(tape)
        self.tape = tape
        self.rows = tape.rows
        self.args = tape.args
        self.base = list(range(size))  # what an entry is a multiple of
        self.coef = [1.0] * size
        self.live = [0] * size
        self.copied = [0] * size  # a multiple that is needed as a number of its own
        self.uses = [0] * size
        self.factor = [0] * size  # used elsewhere than in a sum
        self.chained = [0] * size  # used in an extreme of its own kind
        self.colour = [0] * size
        self.inlined = [0] * size

    # ---- multiples ----------------------------------------------------------------------

    def find_multiples(self) -> None:
        """Resolve -x, 2 * x and x / 2 to a coefficient and what it multiplies."""
        rows, args, base, coef, number = (
            self.rows,
            self.args,
            self.base,
            self.coef,
            self.tape.number,
        )
        for entry in range(len(rows)):
            row = rows[entry]
            if row is neg:
                x = args[entry][0]
                base[entry] = base[x]
                coef[entry] = -coef[x]
            elif row is mul:
                x, y = args[entry]
                if rows[y] is CONSTANT:
                    base[entry] = base[x]
                    coef[entry] = coef[x] * number[y]
                elif rows[x] is CONSTANT:
                    base[entry] = base[y]
                    coef[entry] = coef[y] * number[x]
            elif row is div:
                x, y = args[entry]
                if rows[y] is CONSTANT and number[y] != 0.0 and rows[x] is not CONSTANT:
                    base[entry] = base[x]
                    coef[entry] = coef[x] / number[y]

    # ---- uses ---------------------------------------------------------------------------

    def count_uses(self, wanted: list[int]) -> None:
        """Go back from what is wanted, and count how each entry is used."""
        rows, args, base, live = self.rows, self.args, self.base, self.live
        for entry in wanted:
            self._use_itself(entry)
        for entry in range(len(rows) - 1, -1, -1):
            if not live[entry]:
                continue
            row = rows[entry]
            if row is LEAF or row is CONSTANT:
                continue
            if self.copied[entry]:
                self._use_in_sum(entry, entry, base[entry])
            elif row is add or row is sub:
                x, y = args[entry]
                self._use_in_sum(entry, x, base[x])
                self._use_in_sum(entry, y, base[y])
            elif row is BATCH_SUM:
                used = base[args[entry][0]]
                self.uses[used] += 1
                live[used] = 1
            elif row is mul:
                for x in args[entry]:
                    self._use_as_factor(base[x])
            elif row is maximum or row is minimum:
                for x in args[entry]:
                    if rows[x] is row and self.tape.varies[x] == self.tape.varies[entry]:
                        self.uses[x] += 1
                        self.chained[x] = 1
                        live[x] = 1
                    else:
                        self._use_itself(x)
            else:
                for x in args[entry]:
                    self._use_itself(x)

    def _use_itself(self, entry: int) -> None:
        if self.coef[entry] != 1.0:
            self.copied[entry] = 1
            self.live[entry] = 1
            self.factor[entry] = 1
        else:
            self._use_as_factor(self.base[entry])

    def _use_as_factor(self, entry: int) -> None:
        self.uses[entry] += 1
        self.factor[entry] = 1
        self.live[entry] = 1

    def _use_in_sum(self, consumer: int, entry: int, used: int) -> None:
        self.uses[used] += 1
        self.live[used] = 1
        # What all samples share is computed once for all of them.
        if self.tape.varies[consumer] != self.tape.varies[used]:
            self.factor[used] = 1

    # ---- what is absorbed into its consumer ---------------------------------------------------

    def choose_inlined(self) -> None:
        """Decide what needs no place of its own.

        A sum is absorbed where its only use is in a sum. A product is where that holds for
        all products of its colour: else the same formula would take two shapes, in lanes
        where it is used once and in lanes where it is shared.
        """
        rows, args, base, live, varies = (
            self.rows,
            self.args,
            self.base,
            self.live,
            self.tape.varies,
        )
        colours: dict[object, int] = {}
        parts: dict[int, frozenset[int]] = {}
        alone: dict[int, frozenset[int]] = {}
        shared: set[int] = set()
        products: list[int] = []
        colour, uses, factor = self.colour, self.uses, self.factor
        for entry in range(len(rows)):
            if not live[entry]:
                continue
            row = rows[entry]
            key: object
            if row is LEAF:
                key = args[entry][0]
            elif row is CONSTANT:
                key = "number"
            elif base[entry] != entry:
                key = ("sum", varies[entry], _alone(colour[base[entry]], alone))
            elif row is add or row is sub:
                x, y = base[args[entry][0]], base[args[entry][1]]
                left = parts[x] if x in parts else _alone(colour[x], alone)
                right = parts[y] if y in parts else _alone(colour[y], alone)
                both = left if left is right or right <= left else left | right
                if uses[entry] == 1 and not factor[entry]:
                    self.inlined[entry] = 1
                    parts[entry] = both
                    continue
                key = ("sum", varies[entry], both)
            elif row is mul:
                x, y = colour[base[args[entry][0]]], colour[base[args[entry][1]]]
                if y < x:
                    x, y = y, x
                key = -1 - ((x * _MANY + y) * 2 + varies[entry])
            else:
                key = (row.name, varies[entry], *[colour[base[x]] for x in args[entry]])
                if self.chained[entry] and uses[entry] == 1:
                    self.inlined[entry] = 1
            found = colours.get(key)
            if found is None:
                found = colours[key] = len(colours) + 1
            colour[entry] = found
            if row is mul and base[entry] == entry:
                products.append(entry)
                if uses[entry] > 1 or factor[entry]:
                    shared.add(found)
        for entry in products:
            if colour[entry] not in shared:
                self.inlined[entry] = 1

    # ---- what is kept -----------------------------------------------------------------------

    def collect(self) -> Flat:
        """Write what is kept."""
        rows, args, base = self.rows, self.args, self.base
        flat = Flat(len(rows))
        for entry in range(len(rows)):
            if not self.live[entry] or self.inlined[entry]:
                continue
            row = rows[entry]
            if row is LEAF or row is CONSTANT:
                continue
            start = len(flat.coefs)
            if self.copied[entry] or row is add or row is sub or row is mul or row is BATCH_SUM:
                flat.kind[entry] = SUM
                self._add_terms(flat, entry)
            elif base[entry] != entry:
                continue
            else:
                operands = args[entry]
                flat.kind[entry] = OPERATION
                if row is maximum or row is minimum:
                    operands = self._extreme(entry)
                    if self._is_extreme(operands):
                        flat.kind[entry] = EXTREME
                for x in operands:
                    flat.coefs.append(1.0)
                    flat.first.append(self._place(x))
                    flat.second.append(-1)
            flat.start[entry] = start
            flat.count[entry] = len(flat.coefs) - start
        flat.outputs = [self._place(x) for x in self.tape.outputs]
        flat.blocks = [[self._place(x) for x in block] for block in self.tape.blocks]
        return flat

    def _is_extreme(self, operands: tuple[int, ...]) -> bool:
        """Tell whether operands are many of a kind; two of a kind may stand beside three."""
        first, *rest = [self.base[x] for x in operands]
        alike = self.rows[first] is not CONSTANT and self.colour[first] == self.colour[rest[0]]
        return len(rest) > 1 or alike

    def _place(self, entry: int) -> int:
        return entry if self.copied[entry] else self.base[entry]

    def _add_terms(self, flat: Flat, root: int) -> None:
        """Write the terms of a sum, those with the same factors as one."""
        rows, args, base, coef = self.rows, self.args, self.base, self.coef
        inlined, number = self.inlined, self.tape.number
        coefs, first, second = flat.coefs, flat.first, flat.second
        known: dict[int, int] = {}
        stack: list[int] = []
        factors: list[float] = []
        entry, factor = root, 1.0
        if self.copied[root]:
            entry, factor = base[root], coef[root]
        opened = entry == root
        while True:
            row = rows[entry]
            a, b = entry, -1
            if opened or inlined[entry]:
                opened = False
                if row is add or row is sub:
                    x, y = args[entry]
                    right = factor * coef[y]
                    stack.append(base[y])
                    factors.append(-right if row is sub else right)
                    entry, factor = base[x], factor * coef[x]
                    continue
                if row is mul:
                    x, y = args[entry]
                    factor *= coef[x] * coef[y]
                    a, b = base[x], base[y]
                    if b < a:
                        a, b = b, a
                elif row is BATCH_SUM:
                    x = args[entry][0]
                    entry, factor = base[x], factor * coef[x]
                    continue
            elif row is CONSTANT:
                a = -1
                factor *= number[entry]
            key = a * _MANY + b
            place = known.get(key, -1)
            if place >= 0:
                coefs[place] += factor
            else:
                known[key] = len(coefs)
                coefs.append(factor)
                first.append(a)
                second.append(b)
            if not stack:
                return
            entry, factor = stack.pop(), factors.pop()

    def _extreme(self, root: int) -> tuple[int, ...]:
        args, inlined = self.args, self.inlined
        operands: list[int] = []
        stack = [root]
        while stack:
            entry = stack.pop()
            if entry == root or (self.chained[entry] and inlined[entry]):
                stack.append(args[entry][1])
                stack.append(args[entry][0])
            else:
                operands.append(entry)
        return tuple(operands)


def _alone(colour: int, known: dict[int, frozenset[int]]) -> frozenset[int]:
    """Give the set of one colour, the same object each time."""
    found = known.get(colour)
    if found is None:
        found = known[colour] = frozenset((colour,))
    return found


def flatten(tape: Tape) -> Flat:
    """Flatten a tape.

    Parameters
    ----------
    tape : Tape

    Returns
    -------
    Flat
        Every entry that is kept comes after what it is made from.
    """
    flattener = _Flattener(tape)
    flattener.find_multiples()
    flattener.count_uses([*tape.outputs, *[e for block in tape.blocks for e in block]])
    flattener.choose_inlined()
    return flattener.collect()
