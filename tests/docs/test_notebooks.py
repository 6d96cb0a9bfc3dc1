"""The notebooks run from top to bottom, and hold what they show.

What a lesson claims it computes: its assert statements are the checks of its outputs.
"""

from __future__ import annotations

import ast
import importlib.util
import json
import re
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

from tinygrad_nn.viewing import View

FOLDER = Path(__file__).resolve().parents[2] / "docs"


def maker() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_lessons", FOLDER / "make_lessons.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


lessons = maker()
cells, python, run = lessons.cells, lessons.python, lessons.run
each_notebook = pytest.mark.parametrize("path", lessons.NOTEBOOKS, ids=lambda path: path.stem)


def text(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def is_answer(cell: dict[str, Any]) -> bool:
    return "answer" in cell["metadata"].get("tags", [])


def varies(cell: dict[str, Any]) -> bool:
    """Tell whether numbers below a cell are times, or counts of another package's steps."""
    return "varies" in cell["metadata"].get("tags", [])


@each_notebook
def test_a_lesson_runs_and_shows_what_is_stored_in_it(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for cell, printed, result in lessons.results(path):
        if hasattr(result, "_repr_latex_"):
            assert result._repr_latex_()
        fresh, stored = lessons.shown(printed, result), lessons.stored(cell)
        told = f"{cell['id']}: python docs/make_lessons.py stores what it shows"
        assert stored["words"] == fresh["words"], told
        if not varies(cell):
            assert stored["numbers"] == pytest.approx(fresh["numbers"], rel=1e-6, abs=1e-6), told
    assert isinstance(result, View)
    assert result.path.exists()


@each_notebook
def test_a_lesson_is_small(path: Path) -> None:
    assert path.stat().st_size <= 150_000


@each_notebook
def test_a_lesson_checks_what_it_claims(path: Path) -> None:
    code = "\n".join(map(python, cells(path, "code")))
    assert sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code))) >= 10


def test_lessons_are_numbered() -> None:
    titles = [text(cells(path, "markdown")[0]).splitlines()[0] for path in lessons.NOTEBOOKS]
    assert len(titles) == 9
    for number, (path, title) in enumerate(zip(lessons.NOTEBOOKS, titles, strict=True), start=1):
        assert path.name.startswith(f"{number}_")
        assert title.startswith(f"# {number}. ")


@each_notebook
def test_a_lesson_ends_with_exercises_answers_and_the_live_page(path: Path) -> None:
    exercises, heading, live = cells(path, "markdown")[-3:]
    *before, page = cells(path, "code")
    answers = [cell for cell in before if is_answer(cell)]
    asked = text(exercises).split("## Exercises")[1]
    assert len(re.findall(r"^\d+\. ", asked, re.MULTILINE)) == len(answers) > 0
    assert text(heading) == "## Answers"
    assert heading["metadata"]["jp-MarkdownHeadingCollapsed"]
    assert before[-len(answers) :] == answers
    folded = {"outputs_hidden": True, "source_hidden": True}
    assert all(cell["metadata"]["jupyter"] == folded for cell in answers)
    assert text(live).startswith("## The live page\n")
    assert "view(" in text(page)


@each_notebook
def test_formulas_are_closed(path: Path) -> None:
    for cell in cells(path, "markdown"):
        outside_code = re.sub(r"`[^`]*`", "", text(cell))
        assert outside_code.count("$$") % 2 == 0
        assert outside_code.replace("$$", "").count("$") % 2 == 0
        assert outside_code.count("{") == outside_code.count("}")


@each_notebook
def test_notebook_is_valid(path: Path) -> None:
    nbformat = pytest.importorskip("nbformat")
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert len({cell["id"] for cell in notebook["cells"]}) == len(notebook["cells"])
    nbformat.validate(notebook)  # after the ids: it would mend them
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"


def test_the_last_expression_is_the_result() -> None:
    assert run("a = 1\na + 1", "cell", {}) == 2
    assert run("a = 1", "cell", {}) is None
    with pytest.raises(ZeroDivisionError):
        run("1 / 0", "cell", {})


def test_lines_for_jupyter_are_left_out() -> None:
    assert python({"source": ["%matplotlib inline\n", "a = 7 % 4"]}) == "\na = 7 % 4"
