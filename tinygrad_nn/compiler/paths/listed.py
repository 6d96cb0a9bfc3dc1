"""All paths of a function as text: what was asked on the way, and the program of each."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import indent

from ...scalar.user_line import describe_place
from ..trace.questions import Question
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
    times = "once" if path.taken == 1 else f"{path.taken} times"
    yield f"path taken {times}"
    for question in path.questions:
        if question.name:
            yield f"  {question.name} {_answer(question)}"
        elif question.place is not None:
            yield f"  {describe_place(question.place)}  {_answer(question)}"
    yield indent(str(path.plan.program), "  ")


def _answer(question: Question) -> str:
    if not question.is_logical:
        return f"= {question.answer:g}"
    return "yes" if question.answer else "no"
