"""A listing with lengths by name: its numbers as what they are in the lengths, by comparison."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import TypeAlias

from ..program.program import Program
from .listing import Cells, cells_of, laid_out

__all__ = ["named_listing"]

Rule: TypeAlias = Callable[[tuple[int, ...]], str | None]  # of the values at all samples

_NUMBER = re.compile(r"(?<![\w.])(\d+)(?![\w.])")  # that is no part of a name or another number

_OPERATORS = ("/ ", "* ", "- ", "-", "@ ")


def named_listing(program: Program, samples: Sequence[Program], rule: Rule) -> str:
    """Write a program whose integers follow from lengths, as they do in others of it.

    `rule` says what an integer is from those in the samples, the last of which is the program's
    own; None if it does not say. Where a line is written otherwise, its numbers stay.
    """
    own = cells_of(program)
    others = [cells_of(sample) for sample in samples]
    if any(_loops(cells) != _loops(own) for cells in others):
        return laid_out(own)
    return laid_out([_named(columns, rule) for columns in zip(*others, own, strict=True)])


def _loops(cells: Sequence[Cells]) -> list[int]:
    """Say how many loops begin at each line."""
    return [len(line.headers) for line in cells]


def _named(columns: Sequence[Cells], rule: Rule) -> Cells:
    own = columns[-1]
    headers = zip(*[cells.headers for cells in columns], strict=True)
    return Cells(
        tuple([_text(texts, rule) for texts in headers]),
        _text([cells.text for cells in columns], rule),
        _text([cells.shape for cells in columns], rule),
        own.nodes,
    )


def _text(texts: Sequence[str], rule: Rule) -> str:
    """Write one text, from what it is in all samples."""
    parts = [_NUMBER.split(text) for text in texts]
    own = parts[-1]
    if any(part[::2] != own[::2] for part in parts):
        return texts[-1]
    found = list(own)
    for place in range(1, len(own), 2):
        values = tuple([int(part[place]) for part in parts])
        if len(set(values)) > 1:
            text = rule(values) or own[place]
            inside = " " in text and own[place - 1].endswith(_OPERATORS)
            found[place] = f"({text})" if inside else text
    return "".join(found)
