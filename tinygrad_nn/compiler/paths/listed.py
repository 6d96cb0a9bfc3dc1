"""All paths of a function as text: what was asked on the way, and the program of each."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from .patience import Patience
from .tree import Path, Tree

__all__ = ["listed"]


def listed(tree: Tree, patience: Patience) -> str:
    """Write them, those that were taken most often first."""
    count = len(tree.paths)
    head = f"{count} path{'' if count == 1 else 's'}"
    if patience.is_over:
        head += ", and called as it is from now on"
    paths = sorted(tree.paths, key=lambda path: -path.taken)
    return "\n\n".join([head, *["\n".join(_lines(path)) for path in paths]])


def _lines(path: Path) -> Iterator[str]:
    yield f"path taken {path.times}"
    for question in path.questions:
        if not question.is_silent:
            space = " " if question.name else "  "
            yield f"  {question.text}{space}{question.shown()}"
    yield indent(str(path.plan.program), "  ")
