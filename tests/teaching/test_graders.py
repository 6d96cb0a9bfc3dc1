"""The sheets in nbgrader's own tools and in pytest: what is handed in gets the points it should."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from teaching.make import make
from teaching.notebooks import as_notebook
from teaching.plain import as_module
from tests.support.handed_in import READ, HandedIn
from tests.support.handed_in import handed_in as all_handed_in

nbgrader = pytest.importorskip("nbgrader.apps", reason="needs nbgrader, which .ci/run installs")
PyFileConfigLoader = pytest.importorskip("traitlets.config").PyFileConfigLoader

each_sheet = pytest.mark.parametrize("name", READ)


def handed_in(name: str) -> list[HandedIn]:
    """Take one that is right, half done, and wrong each: the others are tried without these tools."""
    right, half_done, _, wrong, *_ = all_handed_in(name)
    return [right, half_done, wrong]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("made")
    make(folder)
    return folder


def points(handed: HandedIn) -> dict[str, int]:
    """Give the points that each task should get."""
    tests = READ[handed.sheet.name].tests
    return {test.task: test.points if test.task in handed.right else 0 for test in tests}


@pytest.mark.filterwarnings("ignore")  # it is not ours
@each_sheet
def test_nbgrader_gives_the_points(name: str, made: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    course = made / "nbgrader"
    for handed in handed_in(name):
        file = course / "submitted" / handed.student / name / f"{name}.ipynb"
        file.parent.mkdir(parents=True)
        file.write_text(as_notebook(handed.sheet))
    monkeypatch.chdir(course)
    beside = Path(sys.executable).parent  # it starts tools of other packages
    monkeypatch.setenv("PATH", f"{beside}{os.pathsep}{os.environ['PATH']}")
    tools = nbgrader.NbGraderAPI(config=PyFileConfigLoader("nbgrader_config.py").load_config())
    done = [tools.generate_assignment(name)]
    done += [tools.autograde(name, handed.student) for handed in handed_in(name)]
    assert all(step["success"] for step in done), done
    with tools.gradebook as book:
        for handed in handed_in(name):
            marks = book.find_submission_notebook(name, name, handed.student).grades
            given = {mark.name.replace("_", " "): mark.auto_score for mark in marks}
            assert given == points(handed), handed.student


@each_sheet
def test_our_notebook_for_students_is_the_one_that_nbgrader_makes(name: str, made: Path) -> None:
    theirs = made / "nbgrader" / "release" / name / f"{name}.ipynb"
    ours = made / "students" / f"{name}.ipynb"
    cells = [json.loads(path.read_text())["cells"] for path in (theirs, ours)]
    kinds = [[(c["cell_type"], "".join(c["source"])) for c in some] for some in cells]
    assert kinds[0] == kinds[1]


def graded(folder: Path) -> dict[str, object]:
    """Run the tests of a folder as a teacher does, and read what Gradescope is told."""
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider"]
    subprocess.run(
        [*command, "--gradescope", "results.json"], cwd=folder, capture_output=True, check=False
    )
    return json.loads((folder / "results.json").read_text())


@each_sheet
def test_pytest_gives_the_points_and_tells_gradescope(name: str, made: Path) -> None:
    folder = made / "teachers" / name
    for handed in handed_in(name):
        (folder / f"{handed.sheet.module}.py").write_text(as_module(handed.sheet))
        told = graded(folder)
        given = {test["name"].partition(" (")[0]: test["score"] for test in told["tests"]}
        assert given == points(handed), handed.student
        assert told["score"] == sum(given.values())
        for test in told["tests"]:
            right = test["score"] == test["max_score"]
            assert test["status"] == ("passed" if right else "failed")
            assert right == (not test["output"])


def test_what_cannot_be_imported_or_never_ends_gets_no_points(made: Path) -> None:
    folder = made / "students" / "1_value_and_graph"
    marks = folder / "conftest.py"
    marks.write_text(marks.read_text().replace("SECONDS = 20", "SECONDS = 1"))
    file = folder / "value_and_graph.py"
    given = file.read_text()
    stub = "        # YOUR CODE HERE\n        raise NotImplementedError()\n"
    negated = "    def __neg__(self):  # -self\n"
    assert negated + stub in given
    file.write_text(given.replace(negated + stub, negated + "        while True: pass\n"))
    told = {test["name"]: test["output"] for test in graded(folder)["tests"]}
    assert "NotImplementedError" in told["addition (core)"]
    assert "no end within 1 seconds" in told["other operations (further)"]
    file.write_text("class Value:\n")
    told = graded(folder)["tests"]
    assert len(told) == len(READ["1_value_and_graph"].tests)
    assert all(
        "SyntaxError" in test["output"] or "IndentationError" in test["output"] for test in told
    )
