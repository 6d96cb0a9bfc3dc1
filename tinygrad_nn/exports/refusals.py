"""What no export has a form for."""

from __future__ import annotations

from typing import NoReturn

from ..compiler.backends.loops import Aside
from ..compiler.program.statements import Map
from ..errors import ArgumentError
from .source import Source

__all__ = ["refuse"]


def refuse(source: Source, aside: Aside) -> NoReturn:
    """Name the operation, and what to do instead."""
    statement = aside.statement
    if isinstance(statement, Map) and not statement.op.listed:
        raise ArgumentError(
            f"{source.title} has the operation {statement.op.name}, which is your own and "
            "code of Python: write it with functions of the package, as a function of numbers"
        )
    if isinstance(statement, Map):
        raise ArgumentError(
            f"{source.title} has the operation {statement.op.name}, which has no form there: write "
            "it with other operations, or export it to C"
        )
    raise ArgumentError(
        f"{source.title} has {statement}, which has no form as loops: write it with other operations"
    )
