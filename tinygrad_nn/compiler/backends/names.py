"""Names by which machine code of programs is kept: another for whatever makes it another."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from ..program.program import Floats
from ..program.statements import unnested
from ..program.store import is_listed
from .llvm.engine import Target, versions
from .memory import Layout
from .placement import placement_of

__all__ = ["name_of"]

PACKAGE = Path(__file__).parents[2]
SOURCES = ("compiler/backends", "compiler/program", "scalar")


def name_of(layout: Layout, outside: Mapping[int, Floats], processor: Target) -> str:
    """Name the code of a program; empty if an operation, which a name cannot tell, is the user's."""
    program = layout.program
    if not all(is_listed(one.op) for one in unnested(program.statements)):
        return ""
    places = {name: value for name, value in vars(layout).items() if name != "program"}
    about = [
        (_sources(), versions(), processor.cpu, processor.features, processor.width),
        places,  # and whatever else a layout says
        placement_of(outside),
        [(array.size, array.per_sample, array.role.value) for array in program.arrays],
        program.statements,
        program.results,
        program.lookups,
        [(table.dtype.str, table.shape) for table in program.tables],
    ]
    found = hashlib.sha256("\n".join(map(repr, about)).encode())
    for table in program.tables:
        found.update(table.tobytes())
    return found.hexdigest()


@cache
def _sources() -> str:
    """Say of which text what makes code is: our version does not tell that from one to the next."""
    found = hashlib.sha256()
    for source in SOURCES:
        for path in sorted((PACKAGE / source).rglob("*.py")):
            found.update(path.read_bytes())
    return found.hexdigest()
