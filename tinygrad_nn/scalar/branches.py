"""Branches of recorded code: both sides of a choice are computed, and one of them counts.

What enters a branch goes through a gate, which is the number itself; the slope that comes back
through it is chosen: 0 where the branch is not. So nothing that happens in there, an overflow, a
logarithm of -1 or data that are NaN, reaches what is outside, in derivatives of any order. A
program has no gates: they say what derivatives are, and cost nothing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from ..errors import DomainError, TraceError
from .arities import Binary, Ternary
from .contexts import state, switched_on
from .graph import CONSTANT, Node
from .operation import Op
from .ops import stop_gradient, where
from .user_line import describe_place, user_place

__all__ = [
    "BRANCHES",
    "Branch",
    "Undecided",
    "branches_of",
    "counting",
    "entered",
    "is_gate",
    "leaving",
    "limited",
]


@contextmanager
def _outside() -> Iterator[None]:
    """Record in no branch, and what others may read who are not within `no_grad`."""
    outside = state.guards, state.no_grad
    state.guards, state.no_grad = [], 0
    try:
        yield
    finally:
        state.guards, state.no_grad = outside


def _gated(gate: Op, number: Any, condition: Node) -> Any:
    """Take a number into a branch; one that is known has no slope."""
    known = not isinstance(number, Node) or number.row is CONSTANT
    return number if known else gate(number, condition)


_IF: Final = Binary("if", lambda x, c: x, (lambda x, c, z: 1.0, None), "x, in the branch of c.",
                    pull=(lambda g, x, c: where(c, g, 0.0), None), listed=False)  # fmt: skip
_ELSE: Final = Binary("else", lambda x, c: x, (lambda x, c, z: 1.0, None), "x, in the other branch.",
                      pull=(lambda g, x, c: where(c, 0.0, g), None), listed=False)  # fmt: skip


def is_gate(row: Op) -> bool:
    """Tell whether a row is x in a branch of a condition: x itself, with a slope that is chosen."""
    return row is _IF or row is _ELSE


BRANCHES: Final = Ternary(
    "branches",
    where.compute,
    where.partials,
    "x where c is not 0, else y: each was computed in a branch.",
    # A slope that enters a branch is chosen where it leaves it.
    pull=(None, lambda g, c, x, y: _gated(_IF, g, c), lambda g, c, x, y: _gated(_ELSE, g, c)),
    push=where.push,
    listed=False,
)
"""The choice between the results of two branches."""

for _row in (_IF, _ELSE, BRANCHES):
    _row.is_total = True


class Undecided(BaseException):
    """Python looks at a number in a branch, which is of no use where that is not chosen.

    It is no `Exception`: no handler of the user's is to take it for one.
    """


class Branch:
    """A branch that is recorded: use it as a context around what is computed in it."""

    def __init__(self, gate: Op, condition: Node) -> None:
        self.gate = gate
        self.condition = condition
        self.outer: Branch | None = state.guards[-1] if state.guards else None
        # By identity, what is computed here, and what came through a gate, beside what it was.
        self._inside: dict[int, tuple[Node, Node]] = {}
        self._slow = switched_on(limiting=True)

    def __enter__(self) -> None:
        self._slow.__enter__()
        state.guards.append(self)

    def __exit__(self, *exception: Any) -> None:
        state.guards.pop()
        self._slow.__exit__(None, None, None)

    def enter(self, node: Node) -> Node:
        """Give a node as it is in here, through the gates of all branches around it."""
        known = self._inside.get(id(node))
        if known is not None:
            return known[0]
        below = node if self.outer is None else self.outer.enter(node)
        with _outside():
            found: Node = _gated(self.gate, below, self.condition)
        self._inside[id(node)] = found, node
        self._inside[id(found)] = found, found
        return found

    def note(self, node: Node) -> None:
        """Remember that a node was computed in here."""
        self._inside[id(node)] = node, node

    def result(self, branch: Any) -> Any:
        """Give what the branch computes, or the number that it is."""
        if callable(branch):
            with self:
                try:
                    branch = branch()
                except ArithmeticError as error:
                    if isinstance(error, DomainError):
                        raise
                    refusal = _refusal(error)
                    refusal.__cause__ = error  # where compiled, "from" leaves it out
                    raise refusal from error
        found = self.enter(branch) if isinstance(branch, Node) else branch
        if self.outer is not None and isinstance(found, Node):
            self.outer.note(found)
        return found


def _refusal(error: ArithmeticError) -> TraceError:
    """Make our error of one of Python's, which may be in the branch that is not chosen."""
    here = describe_place(user_place())
    return TraceError(
        f"{type(error).__name__} in a branch of where: {error}. Both branches are recorded, and "
        "Python itself computes with numbers that are known: write div(x, y), pow, exp and "
        "the like of tinygrad_nn, which fail only where the branch is chosen"
        + (f"\n  at {here}" if here else "")
    )


def branches_of(condition: Node, x: Any, y: Any) -> Any:
    """Record both branches of a choice, or the chosen one, if Python looks at a number in one.

    So it is where a branch raises, which may be the one that is not chosen.
    """
    state.choices += 1
    first, second = Branch(_IF, condition), Branch(_ELSE, condition)
    session = state.session
    if session is None or state.guards:
        return BRANCHES(condition, first.result(x), second.result(y))
    before, chosen = session.before_branch(), len(state.chosen)
    try:
        return BRANCHES(condition, first.result(x), second.result(y))
    except (Undecided, Exception):
        session.leave_branch(before)
        del state.chosen[chosen:]
    branch = x if session.truth(condition) else y
    return branch() if callable(branch) else branch


def entered(operands: Sequence[Node]) -> tuple[Node, ...]:
    """Give operands as they are in the branch that is recorded, if one is."""
    if not state.guards:
        return tuple(operands)
    return tuple([state.guards[-1].enter(operand) for operand in operands])


def limited(node: Any) -> Any:
    """Note a node in the branch that is recorded; within `no_grad` give it without derivative."""
    if state.guards:
        state.guards[-1].note(node)
    if state.no_grad and not state.deriving and node.row is not stop_gradient:
        return stop_gradient(node)
    return node


def counting(number: Any) -> Any:
    """Give a number where all branches around it are chosen, and 0 elsewhere."""
    branches = list(reversed(state.guards))
    with _outside():
        for branch in branches:
            number = _chosen(branch.gate, number, branch.condition)
        return number


def leaving(node: Node, adjoint: Any, factor: Any) -> tuple[Node, Any, Any]:
    """Take a product that is the slope by a node out of the branches that the node came into.

    Each of its factors is chosen, so that sums of products, as of matrices, stay such.
    """
    while is_gate(node.row) and _varies(adjoint) and _varies(factor):
        adjoint = _chosen(node.row, adjoint, node.y)
        factor = _chosen(node.row, factor, node.y)
        node = node.x
    return node, adjoint, factor


def _chosen(gate: Op, number: Any, condition: Node) -> Any:
    """Give a number where the branch behind a gate is chosen, and 0 elsewhere."""
    rule = gate.pull[0]
    assert rule is not None
    return rule(number, number, condition)


def _varies(factor: Any) -> bool:
    return isinstance(factor, Node) and factor.row is not CONSTANT
