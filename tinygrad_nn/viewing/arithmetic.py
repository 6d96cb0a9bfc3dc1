"""The arithmetic of operations in JavaScript, printed from their rows: what lets a page compute."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from functools import lru_cache
from typing import Any

from ..compiler import compile
from ..errors import ArgumentError, MissingExtraError, TinygradNNError
from ..exports import to_javascript
from ..extras import load_extra
from ..scalar.operation import UNLISTED, Op

__all__ = ["Arithmetic", "print_row"]


class Arithmetic:
    """The functions of some operations, or why there are none.

    `functions` has the text of each that could be printed, `refused` a reason for each that could
    not, and `missing` what none can be printed without.
    """

    def __init__(self, rows: Iterable[Op]) -> None:
        self.functions: dict[str, str] = {}
        self.refused: dict[Op, str] = {}
        self.missing = ""
        try:
            load_extra("numpy", "compile", "let the page compute")
        except MissingExtraError as error:
            self.missing = str(error)
            return
        for row in rows:
            try:
                self.functions[row.name] = print_row(row)
            except (TinygradNNError, ArithmeticError, TypeError, ValueError):
                self.refused[row] = (
                    f"the operation {row.name} has no form in JavaScript: write it with other "
                    "operations of the package"
                )

    def script(self) -> str:
        """Write the functions as one object of JavaScript, by the names of the operations."""
        entries = [
            f"{json.dumps(name)}: (() => {{\n{text}\nreturn operation;\n}})()"
            for name, text in sorted(self.functions.items())
        ]
        return "{\n" + ",\n".join(entries) + "\n}"


def print_row(row: Op) -> str:
    """Print a function ``operation`` of a row's arguments: its result and all partial derivatives."""
    if not row.listed and UNLISTED.get(row.name) is not row:
        raise ArgumentError(f"the operation {row.name} is your own: code of Python")
    return _print_row(row, row.compute, row.partials)


@lru_cache(maxsize=256)
def _print_row(row: Op, *_: Any) -> str:
    """Print a row as it is now: it is printed anew where somebody has given it other rules."""

    def operation(*numbers: Any) -> Any:
        result = row(*numbers)
        return [result, *[0.0 if rule is None else rule(*numbers, result) for rule in row.partials]]

    made = compile(operation)
    made(*[low + 0.3 * (high - low) for low, high in row.sample])
    text = to_javascript(made, name="operation")
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace("export function", "function")
    return "\n".join(line for line in text.splitlines() if line.strip())
