"""A sheet as plain files: the module that students write, and its tests for pytest."""

from __future__ import annotations

import ast
import builtins
from textwrap import indent

from .sheet import Cell, Sheet

__all__ = ["as_module", "as_tests"]


def as_module(sheet: Sheet) -> str:
    """Write the module, the text as comments; editors that know `# %%` show it as a notebook."""
    parts = []
    for cell in sheet.cells:
        if cell.kind == "text":
            lines = (f"# {line}".rstrip() for line in cell.source.splitlines())
            parts.append("# %% [markdown]\n" + "\n".join(lines))
        elif cell.kind == "code":
            parts.append(f"# %%\n{cell.source}")
    return "\n\n".join(parts) + "\n"


def as_tests(sheet: Sheet) -> str:
    """Write the tests, a function for each task."""
    return "\n\n".join(
        [_HEAD.format(title=sheet.title), *(_test(cell, sheet) for cell in sheet.tests)]
    )


_HEAD = '''"""{title}: its tests.

Run them in this folder: python -m pytest
"""

import pytest
'''


def _test(cell: Cell, sheet: Sheet) -> str:
    asked = ", ".join(_asked(cell))
    body = f"from {sheet.module} import {asked}\n\n{cell.source}"
    return (
        f'@pytest.mark.task("{cell.task}", level="{cell.level}", points={cell.points})\n'
        f"def test_{cell.task.replace(' ', '_')}():\n{indent(body, '    ')}\n"
    )


def _asked(cell: Cell) -> list[str]:
    """Name what a test takes from the module: all that it uses and neither makes nor Python has."""
    tree = ast.parse(cell.source)
    if any("\n" in node.value for node in ast.walk(tree) if _is_text(node)):
        raise ValueError(
            f"the test of {cell.task} has a text of several lines, which would be indented"
        )
    names = [node for node in ast.walk(tree) if isinstance(node, ast.Name)]
    made = {node.id for node in names if not isinstance(node.ctx, ast.Load)}
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom | ast.Import):
            made |= {alias.asname or alias.name for alias in node.names}
        elif isinstance(node, ast.FunctionDef | ast.ClassDef):
            made.add(node.name)
        elif isinstance(node, ast.arg):
            made.add(node.arg)
    return sorted({node.id for node in names} - made - set(dir(builtins)))


def _is_text(node: ast.AST) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)
