"""Which answers hang on rounding: a program adds in another order than the function itself.

Inputs, constants, and one operation on them are the same to the last bit, and so are whole numbers
that are added and multiplied, and halves, quarters and so on. What else is compared is undecided if it
is closer than the sum of the absolute values of its terms, times their number and a margin: rounding
may have moved it so far.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from ...scalar import ops
from ...scalar.branches import BRANCHES, is_gate
from ...scalar.graph import ALIAS, CONSTANT, NOTHING, Node
from ...scalar.operation import Op
from ...scalar.value import constant
from .symbol import bare, bare_of_three

__all__ = ["Ties"]

MOST_WHOLE = 64  # inputs of which it is asked whether they are whole numbers
BITS = 53  # of a float: whole numbers up to 2 to this are floats
FEW = 8  # roundings that are counted beside those of terms: in the functions of libraries
FINE = 12  # the bits behind the point of inputs that are no whole numbers, such as halves
FINEST = 40  # those of results

SAME = frozenset({ALIAS, ops.stop_gradient})
SELECTING = frozenset({ops.neg, ops.absolute, ops.maximum, ops.minimum})
COMPARING = frozenset({ops.gt, ops.ge, ops.lt, ops.le, ops.eq, ops.above})
SIGNS = frozenset({ops.sign, ops.step, ops.logical_not})
STEPS = frozenset({ops.floor, ops.ceil, ops.trunc})
PARTING = frozenset({ops.mod, ops.floordiv})
KINDS = frozenset({ops.isnan, ops.isinf, ops.isfinite})
JUMPING = COMPARING | SIGNS | STEPS | PARTING | KINDS | {ops.rint}
CHOOSING = frozenset({ops.where, BRANCHES})
WHOLE = frozenset({ops.add, ops.sub, ops.mul, ops.mod}) | SELECTING  # of whole numbers are such
ROUNDED = frozenset({ops.add, ops.sub, ops.mul, ops.div, ops.sqrt, ops.mod})  # to the nearest float


def _one(row: Op, x: Node) -> Node:
    return bare(row, x, NOTHING)


def _abs(x: Node) -> Node:
    if x.row is CONSTANT:
        return constant(abs(x.data) if math.isfinite(x.data) else 0.0)
    return _one(ops.absolute, x)


# How far a result is moved when its operand is, beside its own rounding.
_MOVED: dict[Op, Callable[[Node, Node, Node], Node]] = {
    ops.exp: lambda x, z, by: bare(ops.mul, _abs(z), by),
    ops.log: lambda x, z, by: bare(ops.div, by, _abs(x)),
    ops.sqrt: lambda x, z, by: bare(ops.div, by, _abs(z)),
}


_Scale = tuple[Node, int]


@dataclass(slots=True)
class _Known:
    """What is known of a node: after how many roundings it is there, 2 for more than one.

    If some inputs are `wholes`, whole numbers or fine ones, it has `bits` behind the point and no
    more; None if that cannot be known.
    """

    roundings: int
    wholes: frozenset[Node] | None
    bits: int = 0
    place: int = 0  # among all, in the order in which they were looked at


class Ties:
    """Finds what is undecided in one recording."""

    def __init__(self, margin: float, number: Callable[[Node], float]) -> None:
        self._margin = margin
        self._number = number  # in the call that is recorded
        self._known: dict[int, _Known] = {}
        self._kept: list[Node] = []  # whose identities are known
        self._whole: dict[int, Node] = {}
        self._scales: tuple[dict[int, _Scale], dict[int, _Scale]] = ({}, {})  # and within a product

    def undecided(self, guard: Node) -> list[Node]:
        """List conditions, each of which is 1 where a guard hangs on rounding; new ones only."""
        found: list[Node] = []
        for node in self._unknown(guard):
            self._note(node, self._looked_at(node, found))
        if guard.row not in JUMPING and self._of(guard).roundings > 1:
            found += self._tie((guard,), bare(ops.sub, guard, _one(ops.rint, guard)))
        return found

    def _unknown(self, root: Node) -> Iterator[Node]:
        """Yield the nodes of a graph that are not known, operands first."""
        stack = [root]
        while stack:
            node = stack[-1]
            if id(node) in self._known:
                stack.pop()
                continue
            missing = [one for one in node.args if id(one) not in self._known]
            if missing:
                stack += missing
            else:
                yield node

    def _note(self, node: Node, known: _Known) -> None:
        self._known[id(node)] = known
        self._kept.append(node)

    def _of(self, node: Node) -> _Known:
        return self._known[id(node)]

    def _looked_at(self, node: Node, found: list[Node]) -> _Known:
        row, operands = node.row, node.args
        if not operands:
            if row is CONSTANT:
                bits = _bits(node.data)
                return _Known(0, None if bits > FINEST else frozenset(), bits)
            fine = not self._number(node).is_integer()
            return _Known(0, frozenset({node}), FINE if fine else 0, len(self._kept))
        if is_gate(row) or row in SAME:
            return self._of(operands[0])
        known = [self._of(one) for one in operands]
        if row in CHOOSING:
            known = known[1:]
        most = max([one.roundings for one in known])
        if row in JUMPING:
            if most > 1:
                found += self._jump(node)
            if row is not ops.mod:
                return _Known(0, frozenset())
        wholes = _union([one.wholes for one in known]) if row in WHOLE or row in CHOOSING else None
        behind = [one.bits for one in known]
        total = sum(behind) if row is ops.mul else max(behind)
        if row is ops.div and node.y.row is CONSTANT and math.frexp(node.y.data)[0] == 0.5:
            wholes, total = known[0].wholes, behind[0] + max(0, math.frexp(node.y.data)[1] - 1)
        if total > FINEST:
            wholes = None
        if row in SELECTING or row in CHOOSING:
            return _Known(most, wholes, total)
        return _Known(1 if most == 0 and row in ROUNDED else 2, wholes, total)

    def _jump(self, node: Node) -> list[Node]:
        """Say where a result jumps that is computed from what is rounded."""
        row, x = node.row, node.x
        if row in COMPARING:
            return self._tie((x, node.y), bare(ops.sub, x, node.y))
        if row in SIGNS:
            return self._tie((x,), x)
        if row in STEPS:
            return self._tie((x,), bare(ops.sub, x, _one(ops.rint, x)))
        if row is ops.rint:
            half = bare(ops.add, _one(ops.floor, x), constant(0.5))
            return self._tie((x,), bare(ops.sub, x, half))
        if row in PARTING:
            whole = _one(ops.rint, bare(ops.div, x, node.y))
            return self._tie((x, node.y), bare(ops.sub, x, bare(ops.mul, whole, node.y)), whole)
        return []

    def _tie(self, of: tuple[Node, ...], gap: Node, times: Node | None = None) -> list[Node]:
        """Say whether a difference is less than what it is made of may have been moved by rounding.

        The second one is there so many times.
        """
        reach, terms = self._scale(of[0])
        if len(of) > 1:
            other, more = self._scale(of[1])
            terms += more
            times = None if times is None else _one(ops.absolute, times)
            reach = bare(ops.add, reach, other if times is None else bare(ops.mul, other, times))
        limit: Node = bare(ops.mul, reach, constant(self._margin * (terms + FEW)))
        wholes = _union([self._of(one).wholes for one in of])
        if wholes is not None:
            bits = max([self._of(one).bits for one in of])
            fits = bare(ops.lt, reach, constant(2.0 ** (BITS - bits)))
            exact = bare_of_three(ops.where, fits, constant(-1.0), constant(math.inf))
            whole = self._are_whole(wholes)
            limit = exact if whole is None else bare_of_three(ops.where, whole, exact, limit)
        return [bare(ops.le, _one(ops.absolute, gap), limit)]

    def _are_whole(self, nodes: frozenset[Node]) -> Node | None:
        """Ask whether all of some inputs are whole numbers, or fine; None if there are none."""
        total: Node | None = None
        for node in sorted(nodes, key=lambda node: self._known[id(node)].place):
            one = self._whole.get(id(node))
            if one is None:
                fine: Node = node
                if self._of(node).bits:
                    fine = bare(ops.mul, node, constant(2.0**FINE))
                one = self._whole[id(node)] = bare(ops.eq, _one(ops.floor, fine), fine)
            total = one if total is None else bare(ops.mul, total, one)
        return total

    def _scale(self, root: Node, within: bool = False) -> _Scale:
        """Give the sum of the absolute values of a number's terms, and how many these are.

        A product or a function of a sum counts the terms of that sum, but not what these are made
        of: what is computed again and again from itself, as by Newton, makes its errors good.
        """
        stack = [root]
        known = self._scales[within]
        while stack:
            node = stack[-1]
            if id(node) in known:
                stack.pop()
                continue
            below = _terms(node) if self._of(node).roundings > 1 and _is_sum(node.row) else ()
            missing = [one for one in below if id(one) not in known]
            if missing:
                stack += missing
            else:
                known[id(node)] = self._scaled(node, [known[id(one)] for one in below], within)
        return known[id(root)]

    def _scaled(self, node: Node, found: list[_Scale], within: bool) -> _Scale:
        row = node.row
        terms, counts = [one for one, _ in found], [count for _, count in found]
        if terms:
            if row in (ops.add, ops.sub):
                return bare(ops.add, *terms), sum(counts)
            if row in CHOOSING:
                return bare_of_three(ops.where, node.x, *terms), max(counts)
            return terms[0] if len(terms) == 1 else bare(ops.maximum, *terms), max(counts)
        total, count = _abs(node), 1
        if within or self._of(node).roundings <= 1:
            return total, 1
        for place, operand in enumerate(node.args):
            if self._of(operand).roundings <= 1:
                continue
            by, more = self._scale(operand, True)
            count += more
            if row in (ops.mul, ops.div):
                other = _abs(node.args[1 - place])
                if row is ops.div:  # by the first operand, or by what divides it
                    other = _abs(node.y)
                    by = bare(ops.div, by, other)
                    other = constant(1.0) if place == 0 else _abs(node)
                moved: Node = bare(ops.mul, by, other)
            else:
                rule = _MOVED.get(row)
                moved = by if rule is None else rule(operand, node, by)
            total = bare(ops.add, total, moved)
        return total, count


def _is_sum(row: Op) -> bool:
    """Tell whether a result has the terms of its operands."""
    same = is_gate(row) or row in SAME or row in SELECTING or row in CHOOSING
    return same or row is ops.add or row is ops.sub


def _terms(node: Node) -> tuple[Node, ...]:
    """List what the rounding of a number comes from."""
    if is_gate(node.row):
        return node.args[:1]
    return node.args[1:] if node.row in CHOOSING else node.args


def _bits(number: float) -> int:
    """Count the bits of a number behind the point."""
    if not math.isfinite(number):
        return FINEST + 1
    return number.as_integer_ratio()[1].bit_length() - 1


def _union(sets: list[frozenset[Node] | None]) -> frozenset[Node] | None:
    found: frozenset[Node] = frozenset()
    for one in sets:
        if one is None or len(one) > MOST_WHOLE:
            return None
        if one is not found:
            found = one if not found else found | one
    return found
