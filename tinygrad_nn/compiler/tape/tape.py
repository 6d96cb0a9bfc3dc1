"""The tape: a graph as flat lists, every number once, constants folded with constants only.

What derivative rules introduced was simplified when it was recorded; a number of the
user's that is 0 or 1 stays, so that samples which differ in their numbers only have
one shape.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from ...scalar.arities import Unary
from ...scalar.graph import CONSTANT, LEAF, Node
from ...scalar.operation import UNLISTED, Op
from ...scalar.ops import above, add, div, maximum, mul, neg, power, sign
from ..program.program import Array
from .operands import Entry, Operands

__all__ = ["BATCH_SUM", "MOST_ENTRIES", "Tape", "input_number"]

BATCH_SUM: Final = Unary(
    "batch_sum", float, lambda x, z: 1.0, "The sum over the samples of a batch.", listed=False
)
UNLISTED["batch_sum"] = BATCH_SUM

MOST_ENTRIES: Final = 1 << 26  # more than those of any tape

NOBODY: Final = -1  # reads an entry as the latest of its operands, or is an input
SEVERAL: Final = -2  # do


def _key_of(number: float) -> object:
    """Tell numbers apart that are equal, or are not equal to themselves."""
    return number if number != 0.0 and number == number else number.hex()


def input_number(array: int, place: int) -> int:
    """Tell inputs apart by a number of each, which takes less than a tuple."""
    return array * MOST_ENTRIES + place


class Tape:
    """Operations in the order of their computation, operands by number."""

    def __init__(self, arrays: Sequence[Array], verbatim: bool = False) -> None:
        self.verbatim = verbatim  # whether every operation is kept as the user wrote it
        self.arrays = list(arrays)  # where inputs come from
        self.rows: list[Op] = []  # `LEAF` for an input, `CONSTANT` for a plain number
        self.args = Operands()
        self.number: dict[int, float] = {}  # of constants
        self.varies: list[int] = []  # whether an entry differs from sample to sample
        self.joined: list[int] = []  # whether it is a sum that no user wrote
        self.nodes: list[Node | None] = []  # where it comes from, if operations are kept
        self.entries: list[Entry] = []  # their numbers, each in the one object that there is
        self._inputs: list[list[Entry]] = [[] for _ in arrays]  # of each array, by place
        self._numbers: dict[object, Entry] = {}
        # Operations are found by the latest of their operands: nearly always they are the only one
        # that reads it. The others are in a dict, which takes longer, and needs a key for each.
        self._reader: list[Entry] = []
        self._known: dict[object, Entry] = {}
        self._codes: dict[Op, int] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def leaf(self, array: int, place: int, node: Node | None = None) -> Entry:
        """Return the entry of an input."""
        places = self._inputs[array]
        if place >= len(places):
            places += [NOBODY] * (place + 1 - len(places))
        found = places[place]
        if found == NOBODY:
            found = places[place] = len(self.rows)
            self._append(found, LEAF, array, place, self.arrays[array].per_sample, node)
        return found

    def constant(self, number: float, node: Node | None = None) -> Entry:
        """Return the entry of a plain number; 0.0 and -0.0 differ."""
        entry: Entry = len(self.rows)
        found = self._numbers.setdefault(_key_of(number), entry)
        if found is entry:
            self.number[len(self.rows)] = number
            self._append(entry, CONSTANT, -1, -1, False, node)
        return found

    def has_number(self, number: float) -> bool:
        """Tell whether there is an entry of a plain number."""
        return _key_of(number) in self._numbers

    def apply(
        self,
        row: Op,
        x: Entry,
        y: Entry = -1,
        rest: tuple[Entry, ...] = (),
        node: Node | None = None,
        joined: bool = False,
    ) -> Entry:
        """Return the entry of an operation on one, two or more: one there is, or a new one.

        It is `joined` if it is a sum whose terms may be added up in any order.
        """
        rows = self.rows
        if (row is power or row is above) and not self.verbatim and rows[y] is CONSTANT:
            simpler = (
                self._whole_power(x, self.number[y])
                if row is power
                else self._positive(x, self.number[y])
            )
            if simpler >= 0:
                return simpler
        found = self._find(row, x, y, rest)
        if found >= 0:
            if not joined:
                self.joined[found] = 0  # the user wrote it as well
            return found
        first: int = x
        second: int = y
        varies = self.varies[first] > 0
        folds = rows[first] is CONSTANT and row is not BATCH_SUM
        if second >= 0:
            varies = varies or self.varies[second] > 0
            folds = folds and rows[second] is CONSTANT
        for other in rest:
            varies = varies or self.varies[other] > 0
            folds = folds and rows[other] is CONSTANT
        if folds:
            operands = [x, *rest] if second < 0 else [x, y, *rest]
            return self.constant(row.quiet(*[self.number[one] for one in operands]), node)
        entry: Entry = len(rows)
        if rest:
            self.args.rest[entry] = rest
        self._append(entry, row, x, y, varies and row is not BATCH_SUM, node)
        if joined:
            self.joined[-1] = 1
        latest = first if first > second else second
        reader: int = self._reader[latest]
        if reader == NOBODY:
            self._reader[latest] = entry
        else:
            self._known[self._key(row, first, second, rest)] = entry
        return entry

    def _find(self, row: Op, x: int, y: int, rest: tuple[Entry, ...] = ()) -> Entry:
        """Find the entry of an operation; -1 if there is none."""
        latest = x if x > y else y
        reader: int = self._reader[latest]
        if reader == NOBODY:
            return -1
        if reader != SEVERAL:  # few have several
            other = self.args.rest.get(reader, ()) if rest or self.args.rest else ()
            key = self._key(
                self.rows[reader], self.args.first[reader], self.args.second[reader], other
            )
            self._known[key] = self._reader[latest]
            self._reader[latest] = SEVERAL
        return self._known.get(self._key(row, x, y, rest), -1)

    def _key(self, row: Op, x: int, y: int, rest: tuple[Entry, ...]) -> object:
        if y < x and (row is add or row is mul):
            x, y = y, x
        # A dict looks at the last bits first: they must differ where one operand is the same,
        # and be near each other where the operands are, so that memory is read in order.
        y = (y * 5 + x) & (MOST_ENTRIES - 1)
        key = (self._code_of(row) * MOST_ENTRIES + x) * MOST_ENTRIES + y
        return (key, *rest) if rest else key

    def _code_of(self, row: Op) -> int:
        code = self._codes.get(row)
        if code is None:
            code = self._codes[row] = len(self._codes) + 1
        return code

    def _whole_power(self, base: Entry, exponent: float) -> Entry:
        """Write x**2, x**3, x**4 as products, and 1/x as a quotient: they are far faster."""
        if exponent == -1.0:
            return self.apply(div, self.constant(1.0), base)
        if exponent not in (2.0, 3.0, 4.0):
            return -1
        square = self.apply(mul, base, base)
        if exponent == 2.0:
            return square
        return self.apply(mul, square, base if exponent == 3.0 else square)

    def _positive(self, entry: Entry, bound: float) -> Entry:
        """Write the slope of relu as the sign of what relu gives, which is there already."""
        return (
            -1 if bound != 0.0 else self.apply(sign, self.apply(maximum, self.constant(0.0), entry))
        )

    def _append(
        self, entry: Entry, row: Op, x: Entry, y: Entry, varies: bool, node: Node | None
    ) -> None:
        self.rows.append(row)
        self.args.first.append(x)
        self.args.second.append(y)
        self.varies.append(1 if varies else 0)
        self.joined.append(0)
        self.entries.append(entry)
        self._reader.append(NOBODY)
        if self.verbatim:
            self.nodes.append(node)

    def close(self) -> None:
        """Forget what is needed to go on: the tape is finished."""
        self._inputs = []
        self._numbers = {}
        self._known = {}
        self._reader = []

    def numbers(self) -> list[Entry]:
        """List the numbers of all entries, in the objects in which operands have them."""
        return self.entries.copy() if self.entries else list(range(len(self.rows)))

    # ---- what is no operation ----------------------------------------------------------------

    def inputs(self) -> tuple[list[int], list[int], list[int]]:
        """Return the entries of the inputs, and for each its array and its place there."""
        entries = [entry for entry, row in enumerate(self.rows) if row is LEAF]
        first, second = self.args.first, self.args.second
        return entries, [first[entry] for entry in entries], [second[entry] for entry in entries]

    def constants(self) -> tuple[list[int], list[float]]:
        """Return the entries of the plain numbers, and the numbers."""
        return list(self.number), list(self.number.values())

    # ---- sums over the batch ---------------------------------------------------------------

    def batch_sum(
        self, entry: int, samples: int, share: int, many: bool = False
    ) -> tuple[int, int]:
        """Return the entry of a sum over the samples, and that of its bare sum or -1.

        `samples` and `share` are the entries of two factors, of what differs between samples and
        of what does not: 1 and the number of samples give a sum, one over their number and 1 a
        mean. `many` is for many such sums with common factors, as derivatives by weights.
        """
        own, shared = self._split(entry)
        total = bare = -1
        if own >= 0:
            total = bare = self._scaled_sum(own, samples) if many else -1
            if bare < 0:
                bare = self.apply(BATCH_SUM, own)
                total = self.apply(mul, bare, samples)
        if shared >= 0:
            part = self.apply(mul, shared, share)
            total = part if total < 0 else self._join(total, part)
        return total, bare

    def _scaled_sum(self, entry: Entry, factor: Entry) -> Entry:
        """Scale a factor of what is summed, where that is less work than scaling the sums.

        The derivatives by all weights of a neuron have its own derivative as a factor, which
        is one number where they are many.
        """
        if self.rows[factor] is CONSTANT:
            return -1
        scaled = self._find(mul, entry, factor)
        if scaled < 0:
            if self.rows[entry] is not mul:
                return -1
            x, y = self.args.first[entry], self.args.second[entry]
            if not (self.varies[x] and self.varies[y]):
                return -1
            if self.rows[x] is LEAF:
                x, y = y, x
            scaled = self.apply(mul, self.apply(mul, x, factor), y)
        return self.apply(BATCH_SUM, scaled)

    def _split(self, entry: int) -> tuple[int, int]:
        """Part a sum into what differs between samples, and what does not; -1 for nothing.

        A sum that the user wrote is one number.
        """
        own = shared = -1
        stack = [(entry, 1.0)]
        while stack:
            top, factor = stack.pop()
            row = self.rows[top]
            x, y = self.args.first[top], self.args.second[top]
            if self.varies[top]:
                if self.joined[top]:
                    if not (self.varies[x] and self.varies[y]):
                        stack.append((y, factor))
                        stack.append((x, factor))
                        continue
                elif row is neg:
                    stack.append((x, -factor))
                    continue
                elif row is mul and self.rows[y] is CONSTANT:
                    stack.append((x, factor * self.number[y]))
                    continue
                elif row is mul and self.rows[x] is CONSTANT:
                    stack.append((y, factor * self.number[x]))
                    continue
            term = top
            if factor != 1.0:
                term = self.apply(mul, self.constant(factor), top)
            if self.varies[top]:
                own = term if own < 0 else self._join(own, term)
            else:
                shared = term if shared < 0 else self._join(shared, term)
        return own, shared

    def _join(self, x: Entry, y: Entry) -> Entry:
        return self.apply(add, x, y, joined=True)
