"""A sheet as a notebook: nbgrader's source, or what students get."""

from __future__ import annotations

import json
from typing import Any

from .sheet import Cell, Sheet

__all__ = ["as_notebook"]

_HEAD = "# The test of task {cell.task}: {cell.level}, {cell.points} points"


def as_notebook(sheet: Sheet) -> str:
    """Write a sheet as a notebook, with what nbgrader notes of cells that are written or tested."""
    kept = [cell for cell in sheet.cells if cell.kind != "teacher"]
    cells = [_cell(number, cell) for number, cell in enumerate(kept, start=1)]
    kernel = {"display_name": "Python 3", "language": "python", "name": "python3"}
    metadata = {"kernelspec": kernel, "language_info": {"name": "python"}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1, ensure_ascii=False) + "\n"


def _cell(number: int, cell: Cell) -> dict[str, Any]:
    made: dict[str, Any] = {"id": f"cell-{number:02}", "metadata": {}}
    if cell.kind == "text":
        made["cell_type"] = "markdown"
    else:
        made |= {"cell_type": "code", "execution_count": None, "outputs": []}
    if cell.kind == "test" or cell.is_written:
        made["metadata"] = {"nbgrader": _nbgrader(number, cell)}
    source = cell.source if cell.kind != "test" else f"{_HEAD.format(cell=cell)}\n{cell.source}"
    made["source"] = source.splitlines(keepends=True)
    return dict(sorted(made.items()))


def _nbgrader(number: int, cell: Cell) -> dict[str, Any]:
    is_test = cell.kind == "test"
    noted: dict[str, Any] = {
        "grade": is_test,
        "grade_id": cell.task.replace(" ", "_") if is_test else f"write_{number:02}",
        "locked": is_test,
        "schema_version": 3,
        "solution": not is_test,
        "task": False,
    }
    return noted | ({"points": cell.points} if is_test else {})
