"""Statements in their order, loops among them, as lines of code.

A loop is a loop of the code. Its first two steps are written, and from these what all are.
"""

from __future__ import annotations

from collections.abc import Sequence

from ...program.statements import (
    Basic,
    Loop,
    Statement,
    accesses_of,
    is_onto,
    unnested,
)
from ...program.unroll import at_steps
from ..memory import Memory
from .emitter import Emitter
from .few import Few
from .moving import Known, Moving, made_once
from .scalars import ScalarWriter
from .writer import write

__all__ = ["BlockWriter", "is_uneven"]

INDENT = "    "


def is_uneven(loop: Loop) -> bool:
    """Tell whether the steps of a loop are written one by one: where places are chosen, say."""
    return loop.count == 1 or any(
        one.target.table >= 0 or any(access.chosen is not None for access in accesses_of(one))
        for one in unnested(loop.body)
    )


class BlockWriter:
    """Writes statements, `few` of them as plain arithmetic."""

    def __init__(self, memory: Memory, emit: Emitter, few: Few) -> None:
        self.memory = memory
        self.emit = emit
        self.few = few
        self._known: Known = {}

    def write(self, statements: Sequence[Statement], scalars: ScalarWriter) -> None:
        """Write statements that stand at the steps of the writer of plain arithmetic."""
        for statement in statements:
            if isinstance(statement, Loop):
                self._loop(statement, scalars)
            else:
                self._basic(statement, scalars)

    def _basic(self, statement: Basic, scalars: ScalarWriter) -> None:
        self.emit.reuse_scratch()
        if statement in self.few:
            scalars.write(statement)
            return
        write(self.memory, self.emit, at_steps(statement, scalars.steps))
        if is_onto(statement):  # all else writes where nothing was before
            scalars.forget(statement.target.array)

    def _loop(self, loop: Loop, scalars: ScalarWriter) -> None:
        emit = self.emit
        calls = emit.calls
        inside, first = self._body(loop, scalars, 0)
        calls += loop.count * (emit.calls - calls)
        _, second = self._body(loop, scalars, 1)
        emit.calls = calls
        moving = Moving(emit, loop.count, inside.variable)
        body = moving.lines(first, second)
        for name, begin in inside.carried:
            emit.line(f"{name} = {begin}", 0)
        rows = moving.rows()
        name = emit.name(rows if scalars.steps else made_once(rows, self._known))
        emit.line(moving.header(name, inside.series), 0)
        for line in body:
            emit.line(INDENT + line, 0)
        for one in unnested(loop.body):
            if is_onto(one):
                scalars.forget(one.target.array)

    def _body(self, loop: Loop, scalars: ScalarWriter, step: int) -> tuple[ScalarWriter, list[str]]:
        """Write one step of a loop apart."""
        inside = scalars.within(loop, step)
        self.emit.begin()
        self.write(loop.body, inside)
        inside.carry()
        return inside, self.emit.end()
