"""Which rule of the table is wrong, or has a kink, in a graph: each alone, by differences."""

from __future__ import annotations

import itertools
import math
from collections.abc import Callable, Sequence

from ..scalar import ops
from ..scalar.graph import Node, ancestors, new_node
from ..scalar.operation import Op
from ..scalar.reverse import partial
from ..scalar.value import Value
from .differences import EPSILON, Verdict, judge

__all__ = ["check_rule", "inspect_rules"]

ASIDE = 1e-2  # the relative distance from a kink at which a rule is checked instead
NEXT = 4 * EPSILON  # the relative distance of operands that are next to each other


def check_rule(node: Node, position: int) -> Verdict:
    """Compare one partial derivative of a node's row with differences of the row alone."""
    numbers = [operand.data for operand in node.args]
    claim = partial(node, position)
    return judge(
        _section(node.row, numbers, position),
        claim,
        unit=abs(numbers[position]) or 1.0,
        at_zero=numbers[position] == 0.0,
        noise=4 * EPSILON * abs(node.data),
        slack=64 * EPSILON * abs(claim),
    )


def inspect_rules(output: Node) -> tuple[list[str], list[str]]:
    """Check every rule that a graph uses, once for each set of operands.

    Tells what the wrong ones give and should give, and which operations are applied just where they
    have a kink or an edge.
    """
    wrong: list[str] = []
    bent: list[str] = []
    met: set[tuple[Op, tuple[float, ...]]] = set()
    for node in ancestors(output):
        operands = node.args
        numbers = tuple(operand.data for operand in operands)
        if not operands or node.row is ops.stop_gradient or (node.row, numbers) in met:
            continue
        met.add((node.row, numbers))
        place = _place(node)
        if _rules_jump(node.row, numbers):
            bent.append(f"{place} has a kink")
        for position, operand in enumerate(operands):
            if operand.is_constant:
                continue
            verdict = check_rule(node, position)
            if verdict.status in ("kink", "edge"):
                bent.append(f"{place} has a {verdict.status}")
            asides = _beside(node, position) if verdict.status == "kink" else []
            for near in [node, *asides]:
                found = verdict if near is node else check_rule(near, position)
                if found.status == "wrong":
                    wrong.append(_disagreement(near, position, found.slope))
    return wrong, bent


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
        result = node.row.quiet(*numbers)
        nodes.append(new_node(Value, node.row, result, tuple(map(Value, numbers))))
    return nodes


def _rules_jump(row: Op, numbers: Sequence[float]) -> bool:
    """Whether a partial derivative is another one for the very next operands.

    Differences alone do not see a kink that other operands hide, as that of
    ``where(c, x, y)`` at c = 0 and x = y.
    """
    here = _slopes(row, numbers)
    for position, side in itertools.product(range(row.arity), (-1.0, 1.0)):
        moved = list(numbers)
        moved[position] += side * NEXT * (abs(moved[position]) or 1.0)
        for a, b in zip(here, _slopes(row, moved), strict=True):
            if not abs(a - b) <= 1e-3 * max(abs(a), abs(b)):
                return True
    return False


def _slopes(row: Op, numbers: Sequence[float]) -> list[float]:
    """Evaluate all partial derivatives of a row."""
    node = new_node(Value, row, row.quiet(*numbers), tuple(map(Value, numbers)))
    return [partial(node, position) for position in range(row.arity)]


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
