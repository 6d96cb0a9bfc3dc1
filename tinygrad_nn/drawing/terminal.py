"""A graph as a tree of text, for a terminal: results at the top, operands below."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from typing import TypeAlias

from ..scalar.graph import Node
from .lettering import pretty, sign, span
from .outline import Number, Outline, Region, home
from .wording import Wording, counted

__all__ = ["print_outline", "tree_lines"]

_STYLES = {"leaf": "blue", "result": "bold yellow", "scope": "bold", "inner": "", "again": "dim"}
_BRANCHES = {False: ("├── ", "│   "), True: ("└── ", "    ")}


@dataclass(eq=False)
class _Twig:
    """One line of the tree, and those below it."""

    text: str
    kind: str
    twigs: list[_Twig] = field(default_factory=list)


Part: TypeAlias = Number | Region | str  # a text is a constant


class _Grower:
    """A tree growing from an outline; what is used repeatedly is written out once."""

    def __init__(self, outline: Outline, roots: Sequence[Node], precision: int) -> None:
        self.wording = Wording(outline.placed, precision)
        self.terms = outline.terms
        self.roots = set(roots)
        self.below: dict[Part, list[tuple[int, Part]]] = {}
        for wire in outline.wires:
            self.below.setdefault(wire.head, []).append((wire.position, wire.tail))
        for (number, position), uses in outline.constants.items():
            text = span((use.operand.data for use in uses), precision)
            label = pretty(uses[0].operand.label)
            text = f"{label} = {text}" if label else text
            self.below.setdefault(number, []).append((position, text))
        self.met: set[Part] = set()

    def grow(self, top: Part) -> _Twig:
        """Grow the tree of one result."""
        whole = self._twig(top, None)
        stack = [(whole, top)]
        while stack:
            twig, part = stack.pop()
            if part in self.met:
                twig.text += " (above)"
                twig.kind = "again"
                continue
            if part not in self.below:
                continue  # there is nothing to write out
            self.met.add(part)
            operands = [part for _, part in sorted(self.below[part], key=lambda at: at[0])]
            twig.twigs = [self._twig(operand, part) for operand in operands]
            stack += reversed(list(zip(twig.twigs, operands, strict=True)))
        return whole

    def _twig(self, part: Part, user: Part | None) -> _Twig:
        if isinstance(part, str):
            return _Twig(part, "inner")
        around = home(part)
        last = home(user) if isinstance(user, Number | Region) else None
        scopes = "" if around is None or around is last else _scopes(around)
        if isinstance(part, Region):
            return _Twig(self.wording.scope(part) + scopes, "scope")
        first = part.nodes[0]
        text = self.wording.line(part)
        if first.args and part.within is None:
            text += f"  ← {sign(first.row, len(self.terms[first]))}"
        kind = "result" if first in self.roots else "leaf" if first.is_leaf else "inner"
        return _Twig(text + scopes, kind)


def _scopes(region: Region) -> str:
    """Tell where a line is, after one that is elsewhere."""
    names = [counted(each) for each in (region, *region.outward()) if each.parent]
    return f"  [{' / '.join(reversed(names))}]" if names else ""


def tree_lines(
    outline: Outline, roots: Sequence[Node], precision: int
) -> Iterator[tuple[str, str, str]]:
    """Yield an outline as lines: the branches before it, its text, and what it is of.

    That is a leaf, a result, a scope, inner, or again, where it stands above already.
    """
    grower = _Grower(outline, roots, precision)
    number_of = {node: number for number in outline.numbers() for node in number.nodes}
    tops = dict.fromkeys(number_of[root] for root in roots)
    stack = [(twig, "", "") for twig in reversed([grower.grow(top) for top in tops])]
    while stack:
        twig, before, below = stack.pop()
        yield before, twig.text, twig.kind
        for place, next_twig in reversed(list(enumerate(twig.twigs, start=1))):
            branch, gap = _BRANCHES[place == len(twig.twigs)]
            stack.append((next_twig, below + branch, below + gap))


def print_outline(outline: Outline, roots: Sequence[Node], precision: int) -> None:
    """Print an outline: in colours if rich is installed and the terminal has them."""
    lines = tree_lines(outline, roots, precision)
    if find_spec("rich") is None:
        for before, text, _ in lines:
            print(before + text)
        return
    from rich.console import Console
    from rich.text import Text

    console = Console(markup=False, emoji=False, highlight=False, soft_wrap=True)
    for before, text, kind in lines:
        console.print(Text.assemble((before, "dim"), (text, _STYLES[kind])))
