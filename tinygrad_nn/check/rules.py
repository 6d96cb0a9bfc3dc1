"""Which rule of the table is wrong, or has a kink, in a graph: each alone, by differences."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ..scalar import ops
from ..scalar.graph import Node, ancestors, new_node
from ..scalar.operation import Op, flat
from ..scalar.reverse import dependent, partial
from ..scalar.value import Value
from .differences import EPSILON, Ladder
from .judge import Verdict, judge
from .problem import through

__all__ = ["Rules", "check_rule", "inspect_rules", "side_slope"]

ASIDE = 1e-2  # the relative distance from a kink at which a rule is checked instead
NEXT = 64 * EPSILON  # the relative distance of operands that rounding may have parted
NEAREST = 2.0**-1000  # how near to an exact 0 to look
FARTHER = 2.0**10  # what is smooth has changed by so much more at so many times the distance
PRECISE = 1e-9  # how well one-sided slopes must be known, relatively, to be spoken of


@dataclass
class Rules:
    """What was found of the rules of a graph."""

    wrong: list[str] = field(default_factory=list)  # what rules give and should give
    bent: list[str] = field(default_factory=list)  # where one has a kink or an edge
    jumping: set[Node] = field(default_factory=set)  # nodes just at a kink of their rule


def check_rule(node: Node, position: int) -> Verdict:
    """Compare one partial derivative of a node's row with differences of the row alone."""
    row = node.row
    numbers = [operand.data for operand in node.args]
    number, claim = numbers[position], partial(node, position)
    return judge(
        _section(row, numbers, position),
        claim,
        unit=abs(number) or 1.0,
        spacing=EPSILON * abs(number),
        noise=4 * EPSILON * abs(node.data),
        slack=64 * EPSILON * abs(claim) + 8 * math.ulp(0.0),
        explained=None if row.listed else lambda: lambda step: node.data + claim * step,
    )


def inspect_rules(output: Node, leaves: Sequence[Node]) -> Rules:
    """Check every rule that a graph uses, once for each set of operands that change with leaves."""
    found = Rules()
    nodes, varies = dependent([output], leaves, ())
    errors = _errors(nodes, varies)
    met: dict[tuple[Op, tuple[float, ...], tuple[int, ...]], bool] = {}
    for node in nodes:
        places = tuple(i for i, operand in enumerate(node.args) if operand in varies)
        if not places or node.row is ops.stop_gradient:
            continue
        key = node.row, tuple(operand.data for operand in node.args), places
        if key not in met:
            met[key] = _jumps(node, places, errors)
            if met[key]:
                found.bent.append(f"{_place(node)} has a kink")
            for position in places:
                _inspect(node, position, met[key], found)
        if met[key]:
            found.jumping.add(node)
    return found


def _inspect(node: Node, position: int, jumps: bool, found: Rules) -> None:
    """Check one partial derivative; at a kink also beside it."""
    if node.row.listed and node.row.partials[position] in (None, flat) and jumps:
        return  # a step, maybe one of more than there are floats
    verdict = check_rule(node, position)
    if verdict.status in ("kink", "edge"):
        found.bent.append(f"{_place(node)} has a {verdict.status}")
    asides = _beside(node, position) if verdict.status == "kink" else []
    for near in [node, *asides]:
        seen = verdict if near is node else check_rule(near, position)
        if seen.status == "wrong":
            found.wrong.append(_disagreement(near, position, seen.slope))


def _disagreement(node: Node, position: int, slope: float) -> str:
    return (
        f"the rule of {_place(node)} for {node.row.letters[position]} gives "
        f"{partial(node, position):.9g}, differences give {slope:.9g}"
    )


def _place(node: Node) -> str:
    return f"{node.row.name}({', '.join(f'{operand.data:.6g}' for operand in node.args)})"


def _beside(node: Node, position: int) -> list[Node]:
    """Apply a row on both sides of a kink, where its rule can be compared with differences."""
    nodes = []
    for side in (-ASIDE, ASIDE):
        numbers = [operand.data for operand in node.args]
        numbers[position] += side * (abs(numbers[position]) or 1.0)
        nodes.append(_applied(node.row, numbers))
    return nodes


def _applied(row: Op, numbers: Sequence[float]) -> Node:
    return new_node(Value, row, row.quiet(*numbers), tuple(map(Value, numbers)))


def _errors(nodes: Sequence[Node], varies: set[Node]) -> dict[Node, float]:
    """Bound the rounding error of each number, to tell which may be a tie but for rounding."""
    errors: dict[Node, float] = {}
    for node in nodes:
        if node in varies and node.args:
            size = abs(node.data)
            for position, operand in enumerate(node.args):
                size += abs(operand.data) if node.row in (ops.add, ops.sub) else 0.0
                before = errors.get(operand, 0.0)
                if before:
                    slope = through(node, position)
                    errors[node] = errors.get(node, 0.0) + before * abs(slope)
            total = errors.get(node, 0.0) + EPSILON * size
            errors[node] = total if math.isfinite(total) else EPSILON * abs(node.data)
    return errors


# ---- where a rule jumps --------------------------------------------------------------------


def _jumps(node: Node, places: Sequence[int], errors: dict[Node, float]) -> bool:
    """Whether a partial derivative, or the result, is another one for the very next operands.

    Differences alone do not see a kink that other operands hide, as that of
    ``where(c, x, y)`` at c = 0 and x = y. What is smooth changes less the nearer one looks.
    """
    row = node.row
    numbers = [operand.data for operand in node.args]
    here = _seen(row, numbers, places)
    for position in places:
        near = max(NEXT * abs(numbers[position]), 8 * errors.get(node.args[position], 0.0))
        near = near or NEAREST
        for side in (-near, near):
            moved, far = list(numbers), list(numbers)
            moved[position] += side
            far[position] += side * FARTHER
            seen, beyond = _seen(row, moved, places), _seen(row, far, places)
            if row.listed and row.partials[position] in (None, flat) and seen[-1] != here[-1]:
                return True
            if any(map(_parted, here, seen, beyond)):
                return True
    return False


def _seen(row: Op, numbers: Sequence[float], places: Sequence[int]) -> list[float]:
    """Evaluate partial derivatives of a row, and its result."""
    node = _applied(row, numbers)
    return [*(partial(node, position) for position in places), node.data]


def _parted(here: float, near: float, far: float) -> bool:
    """Whether a number jumps: there is a change, and it stays however near one looks."""
    if here == near:
        return False
    change = abs(near - here)
    if not math.isfinite(change):
        return True
    return change > 1e-3 * max(abs(near), abs(here)) and change > 0.25 * abs(far - here)


# ---- what the rules say on each side --------------------------------------------------------


def side_slope(
    output: Node, leaves: Sequence[Node], direction: Sequence[float], jumping: set[Node]
) -> float:
    """Differentiate in one direction, as the rules have it: at a kink on the side that is met.

    NaN where a number jumps, or is not defined there.
    """
    tangents = {leaf: part for leaf, part in zip(leaves, direction, strict=True) if part != 0.0}
    for node in ancestors(output):
        moving = [tangents.get(operand, 0.0) for operand in node.args]
        if node in tangents or not any(moving):
            continue
        if node in jumping:
            tangents[node] = _side_of(node, moving)
        else:
            tangents[node] = sum(
                through(node, position) * part for position, part in enumerate(moving) if part
            )
    slope = tangents.get(output, 0.0)
    return slope if math.isfinite(slope) else math.nan


def _side_of(node: Node, moving: Sequence[float]) -> float:
    """Differentiate a row in one direction by differences."""
    if not all(map(math.isfinite, moving)):
        return math.nan
    numbers = [operand.data for operand in node.args]
    size = max(map(abs, numbers)) or 1.0
    pairs = list(zip(numbers, moving, strict=True))
    unit = min((abs(x / part) for x, part in pairs if x and part), default=math.inf)
    unit = unit if unit < math.inf else size / max(map(abs, moving))
    spacing = EPSILON * max(abs(x / part) for x, part in pairs if part)

    def function(step: float) -> float:
        return node.row.quiet(*[x + step * part for x, part in pairs])

    ladder = Ladder(function, unit, 4 * EPSILON * abs(node.data), spacing)
    side = ladder.side(1.0)
    precise = side.error <= PRECISE * max(abs(side.slope), abs(node.data) / unit, size / unit)
    return side.slope if precise else math.nan


def _section(row: Op, numbers: Sequence[float], position: int) -> Callable[[float], float]:
    """Fix all arguments of a row but one: a function of the step from it."""

    def function(step: float) -> float:
        moved = list(numbers)
        moved[position] += step
        try:
            return row.compute(*moved)
        except (ValueError, ArithmeticError):
            return math.nan

    return function
