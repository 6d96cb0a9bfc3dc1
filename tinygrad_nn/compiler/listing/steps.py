"""Statements inside of loops: as in the first step, and how their places move with the steps."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, fields
from typing import TypeAlias

from ..program.program import Program
from ..program.statements import Access, Basic, Loop, Statement, with_accesses

__all__ = ["Move", "Moving", "Steps", "moves_of", "reach_of", "stepped"]

LETTERS = "tsrqpon"

Move: TypeAlias = tuple[str, int, int]  # which step, how many there are, and how far each moves


@dataclass(frozen=True, slots=True, eq=False)
class Steps:
    """The steps of one loop, and the letter that counts them from 0."""

    letter: str
    count: int

    @property
    def header(self) -> str:
        """The line above those that are computed in each step."""
        return f"for {self.letter} in range({self.count}):"


@dataclass(frozen=True, slots=True)
class Moving(Access):
    """An access that has a stride for each index but the steps; with those it moves."""

    moves: tuple[Move, ...] = ()


def moves_of(access: Access) -> tuple[Move, ...]:
    """List how an access moves; not at all outside of loops."""
    return access.moves if isinstance(access, Moving) else ()


def reach_of(moves: Iterable[Move]) -> tuple[int, int]:
    """Give how far moves go down, and how far up."""
    ends = [(count - 1) * stride for _, count, stride in moves]
    return sum(end for end in ends if end < 0), sum(end for end in ends if end > 0)


def stepped(program: Program) -> Iterator[tuple[Basic, tuple[Steps, ...]]]:
    """Walk through the statements that are no loops, each with the loops around it."""
    names = {piece.name for array in program.arrays for piece in array.pieces}
    names |= {array.name for array in program.arrays}
    letters = [letter for letter in LETTERS if letter not in names]
    yield from _inside(program.statements, (), letters)


def _inside(
    statements: Iterable[Statement], loops: tuple[Steps, ...], letters: Sequence[str]
) -> Iterator[tuple[Basic, tuple[Steps, ...]]]:
    for statement in statements:
        if isinstance(statement, Loop):
            steps = Steps(letters[len(loops)], statement.count)
            yield from _inside(statement.body, (*loops, steps), letters)
        elif loops:
            found = with_accesses(statement, lambda access: _moving(access, loops))
            assert not isinstance(found, Loop)
            yield found, loops
        else:
            yield statement, ()


def _moving(access: Access, loops: Sequence[Steps]) -> Access:
    """Take the strides of the steps apart from the others."""
    ahead, own = access.strides[: len(loops)], access.strides[len(loops) :]
    moves = [(s.letter, s.count, d) for s, d in zip(loops, ahead, strict=True)]
    moves = [move for move in moves if move[1] > 1 and move[2]]
    parts = {field.name: getattr(access, field.name) for field in fields(Access)}
    parts["strides"] = own
    return Moving(**parts, moves=tuple(moves)) if moves else Access(**parts)
