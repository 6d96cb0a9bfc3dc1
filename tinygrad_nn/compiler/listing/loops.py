"""Loops as text: lines of all steps that differ in numbers which move evenly become one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from itertools import pairwise

from ..program.program import Program
from ..program.statements import Basic, Loop, unnested
from .notation import linear

__all__ = ["Step", "evenly", "row_lengths", "steps_of"]

Step = tuple[int, int]  # the number of a loop, and of a step of it

_NUMBER = re.compile(r"(\d+)")


def steps_of(program: Program) -> list[Step | None]:
    """Say of each statement, once the loops are written out, of which step of which it is."""
    found: list[Step | None] = []
    for number, statement in enumerate(program.statements):
        if isinstance(statement, Loop):
            each = sum(_length(one) for one in statement.body)
            found += [(number, step) for step in range(statement.count) for _ in range(each)]
        else:
            found.append(None)
    return found


def _length(statement: Basic | Loop) -> int:
    if isinstance(statement, Loop):
        return statement.count * sum(_length(one) for one in statement.body)
    return 1


def row_lengths(program: Program) -> dict[int, int]:
    """Find arrays in which each step of a loop writes a row of its own, and how long it is."""
    found: dict[int, int] = {}
    for statement in program.statements:
        for one in unnested((statement,)) if isinstance(statement, Loop) else ():
            length, array = abs(one.target.strides[0]), one.target.array
            if length > 1 and program.arrays[array].size % length == 0:
                found.setdefault(array, length)
    odd = {
        one.target.array
        for one in unnested(program.statements)
        if one.target.table >= 0 or one.target.chosen is not None
    }
    return {array: length for array, length in found.items() if array not in odd}


def evenly(texts: Sequence[str], letter: str) -> str | None:
    """Write the texts of all steps as one, with the number of the step in it; None if not so.

    Examples
    --------
    >>> evenly(["h[1] = tanh(W @ h[0])", "h[2] = tanh(W @ h[1])"], "t")
    'h[t + 1] = tanh(W @ h[t])'
    """
    parts = [_NUMBER.split(text) for text in texts]
    if len({(len(one), *one[::2]) for one in parts}) > 1:
        return None
    written = list(_written(list(zip(*parts, strict=True)), letter))
    return "".join(written) if len(written) == len(parts[0]) else None


def _written(columns: Sequence[tuple[str, ...]], letter: str) -> Iterator[str]:
    """Write what is the same as it is, and numbers that move evenly with the letter."""
    for place, texts in enumerate(columns):
        if len(set(texts)) == 1:
            yield texts[0]
            continue
        numbers = list(map(int, texts))
        if len({b - a for a, b in pairwise(numbers)}) > 1:
            return
        text = linear(numbers[0], {letter: numbers[1] - numbers[0]})
        before, after = columns[place - 1][0], columns[place + 1][0]
        alone = re.search(r"([\[:(]|, )$", before) and re.match(r"[\]:),]", after)
        yield text if alone or text == letter else f"({text})"
