"""What a program computes of known numbers alone, computed before it is printed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import replace

import numpy as np

from ..compiler.backends.numpy.code import NUMPY
from ..compiler.backends.runner import Runner
from ..compiler.program.program import Floats, Program, Role, Run
from ..compiler.program.statements import Access, Loop, Statement, reads_of, sums_samples, unnested

__all__ = ["folded"]

LARGER = 64  # numbers that an array may have more than those that it is made of


def folded(program: Program, known: Mapping[int, Floats]) -> tuple[Program, dict[int, Floats]]:
    """Give a program without the statements that known numbers are enough for, and what these are.

    An array that is much larger than what it is made of is computed again and again: memory for
    constants is scarce where these programs run.
    """
    constants = {**known, **program.constants}
    writers: dict[int, list[Statement]] = defaultdict(list)
    for statement in program.statements:
        for one in unnested((statement,)):
            writers[one.target.array].append(statement)
    found = {n for n in writers if program.arrays[n].role is Role.INNER}
    while True:
        some = constants.keys() | found
        fit = {n for n in found if all(_fits(program, one, some) for one in writers[n])}
        if fit == found:
            break
        found = fit
    if not found:
        return program, constants
    inside = [one for n in found for one in writers[n]]
    kept = {id(one) for one in inside}
    of_known = [one for one in program.statements if id(one) in kept]
    results = [Run(program.arrays[n].size, Access(n, 0, (1,))) for n in found]
    bound = Runner(
        replace(program, statements=of_known, results=results, lookups=[]), {}, NUMPY
    ).bound(0, 0)
    for number, numbers in known.items():
        bound.inputs[number][...] = numbers
    with np.errstate(all="ignore"):
        bound.before()
    constants |= {n: bound.memory.numbers(n).copy() for n in found}
    arrays = [
        replace(array, role=Role.CONSTANT) if n in found else array
        for n, array in enumerate(program.arrays)
    ]
    rest = [one for one in program.statements if id(one) not in kept]
    return replace(program, arrays=arrays, statements=rest), constants


def _fits(program: Program, statement: Statement, known: set[int]) -> bool:
    """Tell whether a statement reads known numbers alone, and makes not many more of them."""
    if isinstance(statement, Loop) or sums_samples(statement):
        return False
    arrays = program.arrays
    read = {access.array for access in reads_of(statement)}
    target = arrays[statement.target.array]
    if target.per_sample or not read <= known:
        return False
    return target.size <= sum(arrays[number].size for number in read) + LARGER
