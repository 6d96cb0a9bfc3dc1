"""The picture of the paths of a compiled function: what it asks, and where each answer leads."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import count, groupby
from typing import TYPE_CHECKING

from ..errors import DrawingError
from .style import Digraph, Theme, literal, new_graph, plain, small, table

if TYPE_CHECKING:
    from ..compiler.paths.tree import Path, Tree
    from ..compiler.trace.questions import Question

__all__ = ["draw_paths"]

LONGEST = 80  # characters of a line that are shown
MOST_LINES = 6  # of the questions between two forks

_BOX = {"shape": "box", "style": "rounded,filled", "margin": "0.13,0.06", "height": "0"}


def draw_paths(tree: Tree, *, rankdir: str, max_nodes: int, theme: Theme) -> Digraph:
    """Draw the tree: a box for each question at which paths part, and one for each path.

    Questions that all paths from here on answer alike are lines of one box.
    """
    graph = new_graph("Paths", theme=theme, rankdir=rankdir, nodesep="0.2", ranksep="0.35")
    boxes = _Boxes(graph, theme)
    if tree.paths:
        boxes.add(tree.paths, 0)
    if boxes.count > max_nodes:
        raise DrawingError(
            f"there are {boxes.count:,} questions and paths, more than max_nodes={max_nodes:,}: read "
            f"them as text, with print, or raise the limit with max_nodes={boxes.count}"
        )
    return graph


class _Boxes:
    """The boxes of a tree, being drawn."""

    def __init__(self, graph: Digraph, theme: Theme) -> None:
        self._graph = graph
        self._theme = theme
        self._names = count()
        self.count = 0

    def add(self, paths: Sequence[Path], depth: int) -> str:
        """Draw what comes after so many questions that some paths share; give the first box."""
        lines: list[str] = []
        place = depth
        while True:
            parts = _parted(paths, place)
            if len(parts) > 1:
                fork = self._add_fork(paths[0].questions[place], parts, place)
                return self._before(lines, fork, paths)
            if len(paths[0].questions) == place:
                return self._before(lines, self._add_path(paths[0]), paths)
            question = paths[0].questions[place]
            if not question.is_silent:
                lines.append(f"{question.text} {question.shown()}")
            place += 1

    def _add_fork(self, question: Question, parts: Sequence[Sequence[Path]], place: int) -> str:
        name = self._add_box([question.text], self._theme.inner, question.text)
        for paths in parts:
            answer = paths[0].questions[place].shown()
            self._join(name, self.add(paths, place + 1), paths, answer)
        return name

    def _add_path(self, path: Path) -> str:
        title = f"path taken {path.times}"
        return self._add_box([title], self._theme.result, str(path.plan.program))

    def _before(self, lines: list[str], follows: str, paths: Sequence[Path]) -> str:
        """Put a box with some lines before another one, if there are any."""
        if not lines:
            return follows
        again = [(line, len(list(same))) for line, same in groupby(lines)]
        shown = [line if n == 1 else f"{line}, {n} times" for line, n in again]
        if len(shown) > MOST_LINES:
            shown = [*shown[: MOST_LINES - 1], f"… {len(shown) - MOST_LINES + 1} more"]
        name = self._add_box(shown, self._theme.leaf, "\n".join(lines))
        self._join(name, follows, paths)
        return name

    def _add_box(self, lines: Sequence[str], look: dict[str, str], tooltip: str) -> str:
        name = f"b{next(self._names)}"
        self.count += 1
        rows = [f'<TD ALIGN="LEFT">{small(_shortened(line), 10.5, self._theme.ink)}</TD>'
                for line in lines]  # fmt: skip
        label = f"<{table(rows)}>"
        self._graph.node(name, label=label, tooltip=literal(tooltip), **_BOX, **look)
        return name

    def _join(self, name: str, other: str, paths: Sequence[Path], answer: str = "") -> None:
        taken = sum(path.taken for path in paths)
        label = plain(f"{answer} ×{taken}") if answer else ""
        self._graph.edge(name, other, label=label)


def _parted(paths: Sequence[Path], place: int) -> list[list[Path]]:
    """Part paths by how they answer the question at a place; all have it, or there is one path."""
    parts: dict[float | None, list[Path]] = {}
    for path in paths:
        if place < len(path.questions):
            answer = path.questions[place].answer
            parts.setdefault(answer if answer == answer else None, []).append(path)
    return list(parts.values())


def _shortened(text: str) -> str:
    return literal(text if len(text) <= LONGEST else f"{text[: LONGEST - 1]}…")
