"""The sheets: their solutions get all points, and are in no file for students."""

from __future__ import annotations

import json
import re
import sys
from contextlib import suppress
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from teaching.make import make
from teaching.plain import as_module, as_tests
from teaching.sheet import LEVELS, SHEETS, STUB, Sheet, read
from tests.support.handed_in import READ, HandedIn, handed_in

each_sheet = pytest.mark.parametrize("name", READ)


def right_tasks(handed: HandedIn) -> set[str]:
    """Run the tests of a sheet, as pytest does, on what is handed in."""
    sheet = READ[handed.sheet.name]
    written = ModuleType(sheet.module)
    exec(compile(as_module(handed.sheet), handed.student, "exec"), written.__dict__)
    marked = SimpleNamespace(mark=SimpleNamespace(task=lambda *_, **__: lambda test: test))
    space: dict[str, Any] = {}
    right = set()
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sys.modules, sheet.module, written)
        patch.setitem(sys.modules, "pytest", marked)
        exec(compile(as_tests(sheet), "tests", "exec"), space)
        for test in sheet.tests:
            with suppress(Exception):
                space[f"test_{test.task.replace(' ', '_')}"]()
                right.add(test.task)
    return right


@each_sheet
def test_right_half_done_and_wrong_sheets_get_the_points_they_should(name: str) -> None:
    for handed in handed_in(name):
        assert right_tasks(handed) == handed.right, handed.student


@each_sheet
def test_a_sheet_runs_from_top_to_bottom_as_it_stands(name: str) -> None:
    exec(compile(SHEETS[list(READ).index(name)].read_text(), name, "exec"), {"__name__": name})


@each_sheet
def test_each_level_has_tasks_and_the_time_they_take(name: str) -> None:
    sheet = READ[name]
    for level in LEVELS:
        assert re.search(
            rf"^\| {level} \| \d+ minutes \| {sheet.points(level)} \|$", sheet.cells[0].source, re.M
        )
    for test in sheet.tests:
        assert any(f"**Task {test.task}.**" in cell.source for cell in sheet.cells), test.task
    assert [cell.kind for cell in sheet.cells][-1] == "teacher"
    assert sheet.title.startswith(f"Sheet {name[0]}. ")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make(folder)
    return folder


def secrets() -> set[str]:
    """Give the lines that stand in solutions, hidden tests and notes for teachers alone."""
    secret, told = set(), set()
    for path in SHEETS:
        hidden = False
        for line in path.read_text().splitlines():
            hidden = (
                hidden or "# BEGIN " in line or line.endswith("teacher")
            ) and "# END " not in line
            (secret if hidden else told).add(line.strip().removeprefix("# "))
    return {line for line in secret - told if len(line) > 20 and not line.startswith("###")}


def test_solutions_stay_out_of_the_files_for_students(made: Path) -> None:
    given = {path: path.read_text() for path in (made / "students").rglob("*") if path.is_file()}
    assert len(given) == 4 * len(READ)
    found = secrets()
    assert len(found) > 30 * len(READ)
    for path, text in given.items():
        if path.suffix == ".ipynb":
            text = "\n".join("".join(cell["source"]) for cell in json.loads(text)["cells"])
        leaks = found & {line.strip().removeprefix("# ") for line in text.splitlines()}
        assert not leaks, f"{path}: {leaks}"
        assert not re.search("SOLUTION|HIDDEN", text), path
    for sheet in READ.values():
        page = (made / "teachers" / f"{sheet.name}.md").read_text()
        assert all(
            line in page
            for cell in sheet.cells
            if cell.kind == "teacher"
            for line in cell.source.splitlines()
        )
        assert STUB[1] not in page


def test_a_task_without_a_test_is_refused(tmp_path: Path) -> None:
    text = SHEETS[0].read_text()
    for old, new in [
        ("# %% test formula, further, 2 points", "# %% test formulas, further, 2 points"),
        ("SOLUTION formula", "SOLUTION formulas"),
        ("formula, further, 2", "formula, farther, 2"),
        ("# %%\ndef formula", "# %% code\ndef formula"),
    ]:
        assert text.count(old) == 1
        path = tmp_path / "1_value_and_graph.py"
        path.write_text(text.replace(old, new))
        with pytest.raises(ValueError, match=r"formula|level|nothing"):
            read(path)


def test_a_text_of_several_lines_in_a_test_is_refused() -> None:
    sheet = READ["1_value_and_graph"]
    odd = 'text = """a\nb"""'
    cells = [
        cell if cell.kind != "test" else type(cell)("test", odd, "odd") for cell in sheet.cells
    ]
    with pytest.raises(ValueError, match="several lines"):
        as_tests(Sheet(sheet.name, tuple(cells)))
