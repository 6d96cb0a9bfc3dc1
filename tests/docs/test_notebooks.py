"""The notebooks run from top to bottom, and are stored without outputs.

What a lesson claims it computes: its assert statements are the checks of its outputs.
"""

from __future__ import annotations

import ast
import json
import re
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each_notebook = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)

Cell = dict[str, Any]


def cells(path: Path, kind: str) -> list[Cell]:
    found = json.loads(path.read_text(encoding="utf-8"))["cells"]
    return [cell for cell in found if cell["cell_type"] == kind]


def text(cell: Cell) -> str:
    return "".join(cell["source"])


def is_answer(cell: Cell) -> bool:
    return "answer" in cell["metadata"].get("tags", [])


def python(cell: Cell) -> str:
    """Take the Python of a cell; a line that begins with % is for Jupyter."""
    return "".join("\n" if line.startswith("%") else line for line in cell["source"])


def run(source: str, name: str, namespace: dict[str, Any]) -> Any:
    """Run a cell as a notebook does; a last expression is its result."""
    body = ast.parse(source, name).body
    last = body.pop() if body and isinstance(body[-1], ast.Expr) else None
    exec(compile(ast.Module(body, []), name, "exec"), namespace)
    if last is None:
        return None
    return eval(compile(ast.Expression(last.value), name, "eval"), namespace)


def show(result: Any) -> None:
    """Show a result as a notebook does; that may fail, too."""
    for how in ("_repr_svg_", "_repr_latex_", "__repr__"):
        if hasattr(result, how):
            assert getattr(result, how)()


@each_notebook
def test_notebook_runs(path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    namespace: dict[str, Any] = {"__name__": "__main__"}
    for number, cell in enumerate(cells(path, "code"), start=1):
        show(run(python(cell), f"{path.name}, code cell {number}", namespace))


@each_notebook
def test_a_lesson_checks_what_it_claims(path: Path) -> None:
    code = "\n".join(map(python, cells(path, "code")))
    assert sum(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(code))) >= 10


def test_lessons_are_numbered() -> None:
    titles = [text(cells(path, "markdown")[0]).splitlines()[0] for path in NOTEBOOKS]
    assert len(titles) == 9
    for number, (path, title) in enumerate(zip(NOTEBOOKS, titles, strict=True), start=1):
        assert path.name.startswith(f"{number}_")
        assert title.startswith(f"# {number}. ")


@each_notebook
def test_a_lesson_ends_with_exercises_and_their_answers(path: Path) -> None:
    end = text(cells(path, "markdown")[-1])
    exercises, answers = end.split("## Exercises")[1].split("## Answers")
    answer_cells = [cell for cell in cells(path, "code") if is_answer(cell)]
    assert len(re.findall(r"^\d+\. ", exercises, re.MULTILINE)) == len(answer_cells) > 0
    assert not answers.strip()
    assert cells(path, "code")[-len(answer_cells) :] == answer_cells
    assert all(cell["metadata"]["jupyter"]["source_hidden"] for cell in answer_cells)


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


@each_notebook
def test_notebook_is_stored_without_outputs(path: Path) -> None:
    for cell in cells(path, "code"):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


def test_the_last_expression_is_the_result() -> None:
    assert run("a = 1\na + 1", "cell", {}) == 2
    assert run("a = 1", "cell", {}) is None
    with pytest.raises(ZeroDivisionError):
        run("1 / 0", "cell", {})


def test_lines_for_jupyter_are_left_out() -> None:
    assert python({"source": ["%matplotlib inline\n", "a = 7 % 4"]}) == "\na = 7 % 4"
