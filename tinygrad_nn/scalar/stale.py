"""Finding a graph whose numbers have changed since it was recorded."""

from __future__ import annotations

from ..errors import StaleGraphError
from .graph import Node, ancestors
from .user_line import describe_place

__all__ = ["refuse_stale"]


def refuse_stale(*roots: Node) -> None:
    """Compute each number below the roots again from its operands; refuse one that is another.

    `StaleGraphError` names the first such operation: operands come before their results.
    """
    for node in ancestors(*roots):
        if not node.args or any(one.is_symbolic for one in (node, *node.args)):
            continue  # of a formula that is recorded no number is known
        numbers = [operand.data for operand in node.args]
        now = node.row.quiet(*numbers)
        # A function of the user's own may draw random numbers: it has another result each time.
        if not _same(now, node.data) and _same(now, node.row.quiet(*numbers)):
            raise StaleGraphError(_message(node, now))


def _same(a: float, b: float) -> bool:
    return a == b or (a != a and b != b)


def _message(node: Node, now: float) -> str:
    operands = ", ".join(
        f"{letter} = {operand.data!r}" + (f" ({operand.label})" if operand.label else "")
        for letter, operand in zip(node.row.letters, node.args, strict=True)
    )
    label = f" ({node.label})" if node.label else ""
    place = describe_place(None if node.info is None else node.info.place)
    return (
        f"{node.row.name} at {operands} gives {now!r}, and its node{label} has {node.data!r}: .data "
        "was assigned after the graph was recorded; compute it anew with the numbers of now"
    ) + (f"\n  computed at {place}" if place else "")
