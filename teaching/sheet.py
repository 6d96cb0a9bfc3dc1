"""A sheet as it is written: a Python file of cells, which begin with `# %%`.

    # %% [markdown]                          text for students, in comments
    # %% [markdown] teacher                  text for the teacher's page alone
    # %%                                     code, solutions between BEGIN SOLUTION task and END SOLUTION
    # %% test addition, core, 2 points       what tests a task, and what it is worth

Editors that know such files show them as notebooks; run from top to bottom, a sheet tests itself.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass, replace
from pathlib import Path

__all__ = ["LEVELS", "SHEETS", "Cell", "Sheet", "read"]

LEVELS = ("core", "further", "challenge")
SHEETS = tuple(sorted((Path(__file__).resolve().parent / "sheets").glob("[1-9]_*.py")))
STUB = ("# YOUR CODE HERE", "raise NotImplementedError()")  # as nbgrader writes it

_HEAD = re.compile(r"^# %%(.*)\n", re.MULTILINE)
_TEST = re.compile(r"test ([A-Za-z ]+), (\w+), (\d+) points?")
_BEGIN, _END = re.compile(r"^( *)### BEGIN SOLUTION ([A-Za-z ]+)$"), "### END SOLUTION"
_HIDDEN = re.compile(
    r"^### BEGIN HIDDEN TESTS\n.*?^### END HIDDEN TESTS\n?", re.MULTILINE | re.DOTALL
)


@dataclass(frozen=True)
class Cell:
    """One cell: its `kind` is "text", "teacher", "code" or "test"; a test has the name of its task."""

    kind: str
    source: str
    task: str = ""
    level: str = ""
    points: int = 0
    is_written: bool = False  # by students

    def for_students(self, solved: Collection[str] = ()) -> Cell:
        """Take out hidden tests, and the solutions of all tasks but those that are `solved`."""
        return replace(self, source=_stubbed(_HIDDEN.sub("", self.source).rstrip(), solved))


@dataclass(frozen=True)
class Sheet:
    """The cells of a sheet, in order."""

    name: str  # of its file, as "1_value_and_graph"
    cells: tuple[Cell, ...]

    @property
    def module(self) -> str:
        """Name the file that students write."""
        return self.name.partition("_")[2]

    @property
    def title(self) -> str:
        """Give the first heading."""
        return self.cells[0].source.splitlines()[0].removeprefix("# ")

    @property
    def tests(self) -> tuple[Cell, ...]:
        """List the tests, one for each task."""
        return tuple(cell for cell in self.cells if cell.kind == "test")

    def points(self, *levels: str) -> int:
        """Add up what tasks are worth: all, or those of some levels."""
        return sum(test.points for test in self.tests if test.level in (levels or LEVELS))

    def for_students(self, solved: Collection[str] = ()) -> Sheet:
        """Leave out what students do not get, but for the solutions of some tasks."""
        cells = (cell.for_students(solved) for cell in self.cells if cell.kind != "teacher")
        return Sheet(self.name, tuple(cells))


def read(path: Path) -> Sheet:
    """Read a sheet, and see that each solution is of a task and each task has one test."""
    text = path.read_text(encoding="utf-8")
    heads = list(_HEAD.finditer(text))
    ends = [head.start() for head in heads[1:]] + [len(text)]
    cells = tuple(
        _cell(head[1].strip(), text[head.end() : end].strip("\n"))
        for head, end in zip(heads, ends, strict=True)
    )
    sheet = Sheet(path.stem, cells)
    tasks = [test.task for test in sheet.tests]
    solved = {
        match[2] for cell in cells for match in map(_BEGIN.match, cell.source.splitlines()) if match
    }
    if sorted(tasks) != sorted(solved):
        raise ValueError(
            f"{path.name}: tests are of {sorted(tasks)}, and solutions of {sorted(solved)}"
        )
    return sheet


def _cell(head: str, source: str) -> Cell:
    if head.startswith("[markdown]"):
        text = "\n".join(line.removeprefix("#").removeprefix(" ") for line in source.splitlines())
        return Cell("teacher" if head.endswith("teacher") else "text", text)
    if match := _TEST.fullmatch(head):
        if match[2] not in LEVELS:
            raise ValueError(f"{head!r}: a level is one of {LEVELS}")
        return Cell("test", source, match[1], match[2], int(match[3]))
    if head:
        raise ValueError(f"a cell begins with '# %% {head}', which means nothing")
    return Cell("code", source, is_written=_END in source)


def _stubbed(source: str, solved: Collection[str]) -> str:
    """Write the stub where solutions are; of a task that is solved, the solution without its marks."""
    lines: list[str] = []
    keep = True
    for line in source.splitlines():
        begin = _BEGIN.match(line)
        if begin:
            keep = begin[2] in solved
            lines += [] if keep else [begin[1] + stub for stub in STUB]
        elif line.strip() == _END:
            keep = True
        elif keep:
            lines.append(line)
    return "\n".join(lines)
