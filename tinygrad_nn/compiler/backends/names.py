"""Names by which machine code of programs is kept: another for whatever makes it another."""

from __future__ import annotations

from collections.abc import Mapping
from hashlib import sha256

from ..program.program import Floats
from ..program.statements import unnested
from ..program.store import is_listed
from .llvm import disk
from .llvm.engine import Target, versions
from .memory import Layout
from .placement import placement_of

__all__ = ["name_of"]


def name_of(layout: Layout, outside: Mapping[int, Floats], processor: Target) -> str:
    """Name the code of a program; empty if an operation, which a name cannot tell, is the user's."""
    program = layout.program
    if not all(is_listed(one.op) for one in unnested(program.statements)):
        return ""
    places = {name: value for name, value in vars(layout).items() if name != "program"}
    return disk.name_of(
        "program",
        (versions(), processor.cpu, processor.features, processor.width),
        places,  # and whatever else a layout says
        placement_of(outside),
        [(array.size, array.per_sample, array.role.value) for array in program.arrays],
        program.statements,
        program.results,
        program.lookups,
        [
            (table.dtype.str, table.shape, sha256(table.tobytes()).hexdigest())
            for table in program.tables
        ],
    )
