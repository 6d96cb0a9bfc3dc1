"""The teacher's page of a sheet: what it is about, what each task is worth, and the solutions."""

from __future__ import annotations

from .sheet import LEVELS, Sheet

__all__ = ["as_page"]


def as_page(sheet: Sheet) -> str:
    """Write the page."""
    worth = ", ".join(f"{sheet.points(level)} {level}" for level in LEVELS)
    lines = [f"# {sheet.title}: for the teacher", "", f"{sheet.points()} points: {worth}.", ""]
    lines += ["| task | level | points |", "|---|---|---|"]
    lines += [f"| {test.task} | {test.level} | {test.points} |" for test in sheet.tests]
    for cell in sheet.cells:
        if cell.kind == "teacher":
            lines += ["", cell.source]
    solved = sheet.for_students(solved=[test.task for test in sheet.tests])
    lines += ["", "## Solutions", ""]
    for given, cell in zip(sheet.for_students().cells, solved.cells, strict=True):
        if given.source != cell.source and cell.kind == "code":
            lines += ["```python", cell.source, "```", ""]
    return "\n".join(lines)
