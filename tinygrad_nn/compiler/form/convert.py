"""Programs of the compiler's own statements in the one form, as long as there are both.

Nothing is lost; one statement may become several.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from ..program import program as own
from ..program import statements as old
from ..roll.flatten import OPERATION
from .convert_sums import SumConverter
from .making import Making
from .program import Array, Floats, Lookup, Program, Role, Run
from .statements import Access, Map

__all__ = ["convert"]


def convert(program: own.Program) -> Program:
    """Write a program in the one form."""
    making = Making(_arrays(program), _constants(program))
    for statement in program.statements:
        if statement.kind == OPERATION:
            _operation(making, statement)
        else:
            SumConverter(making, statement).write()
    results = list(_runs(making, program.outputs))
    return making.program(results, program.pieces, _lookups(making, program))


def _arrays(program: own.Program) -> list[Array]:
    arrays = list(program.arrays)
    for family in program.families[len(arrays) :]:
        role = Role.CONSTANT if family.number in program.constants else Role.INNER
        arrays.append(Array(family.size, bool(family.per_sample), role))
    return arrays


def _constants(program: own.Program) -> dict[int, Floats]:
    return {n: np.array(x, dtype=np.float64) for n, x in program.constants.items()}


def _operation(making: Making, statement: old.Statement) -> None:
    assert statement.row is not None
    kept = [n for n, (size, _) in enumerate(statement.axes) if size != 1]
    nest = tuple([statement.axes[n][0] for n in kept])
    operands: list[float | Access] = []
    for operand in statement.operands:
        if operand.factor is None:
            operands.append(float(operand.number))
        else:
            strides = [operand.strides[n] for n in kept]
            operands.append(making.access(operand.factor, strides))
    target = making.target(statement, [statement.axes[n][1] for n in kept])
    making.statements.append(Map(target, nest, statement.row, tuple(operands), statement.nodes))


def _lookups(making: Making, program: own.Program) -> list[Lookup]:
    grouped: dict[tuple[int, int], list[own.Output]] = {}
    for array, place, size in sorted(program.lookups):
        grouped.setdefault((array, size), []).append((array, place, 0.0))
    return [
        Lookup(run, size)
        for (_, size), outputs in grouped.items()
        for run in _runs(making, outputs)
    ]


def _runs(making: Making, outputs: Sequence[own.Output]) -> Iterator[Run]:
    """Join neighbours of one array along a stride, or in a table, and equal numbers."""
    start = 0
    for end in range(1, len(outputs) + 1):
        if end < len(outputs) and _kind(outputs[end]) == _kind(outputs[start]):
            continue
        array, _, number = outputs[start]
        size = end - start
        if array < 0:
            yield Run(size, float(number))
        else:
            yield Run(size, _places(making, array, [place for _, place, _ in outputs[start:end]]))
        start = end


def _kind(output: own.Output) -> tuple[int, str]:
    array, _, number = output
    return array, float(number).hex() if array < 0 else ""


def _places(making: Making, array: int, places: list[int]) -> Access:
    steps = np.diff(places)
    if (steps == steps[:1]).all():
        return Access(array, int(places[0]), (int(steps[0]) if len(steps) else 1,))
    return Access(array, 0, (1,), making.table(np.array(places)))
