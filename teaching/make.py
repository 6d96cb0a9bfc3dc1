"""Makes notebooks, tests and teachers' pages of the sheets: python -m teaching.make FOLDER.

FOLDER/students/   for students: a notebook of each sheet, and the same as a module with tests
FOLDER/teachers/   pages with the solutions, and the modules with all tests
FOLDER/nbgrader/   a course for nbgrader, as its `source`
"""

from __future__ import annotations

import shutil
import sys
from collections.abc import Iterable
from pathlib import Path

from .notebooks import as_notebook
from .plain import as_module, as_tests
from .sheet import SHEETS, Sheet, read
from .teachers import as_page

__all__ = ["make"]

_MARKS = Path(__file__).resolve().parent / "marks.py"
_CONFIG = """\
c = get_config()
c.CourseDirectory.course_id = "engine"
c.CourseDirectory.root = "."
c.ExecutePreprocessor.timeout = 60
c.ExecutePreprocessor.interrupt_on_timeout = True
"""


def make(folder: Path, sheets: Iterable[Path] = SHEETS) -> None:
    """Write everything that is made of the sheets into a folder."""
    for sheet in map(read, sheets):
        given = sheet.for_students()
        _write(folder / "students" / f"{sheet.name}.ipynb", as_notebook(given))
        _plain(folder / "students" / sheet.name, given, given)
        _write(folder / "teachers" / f"{sheet.name}.md", as_page(sheet))
        _plain(folder / "teachers" / sheet.name, sheet, given)
        _write(folder / "nbgrader/source" / sheet.name / f"{sheet.name}.ipynb", as_notebook(sheet))
    _write(folder / "nbgrader/nbgrader_config.py", _CONFIG)


def _plain(folder: Path, tested: Sheet, given: Sheet) -> None:
    _write(folder / f"{given.module}.py", as_module(given))
    _write(folder / f"test_{given.module}.py", as_tests(tested))
    shutil.copyfile(_MARKS, folder / "conftest.py")


def _write(file: Path, text: str) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("a folder is missing: python -m teaching.make FOLDER")
    make(Path(sys.argv[1]))
