"""Numbers to try an export with: arguments, and what the program gives for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from ..compiler.backends.numpy.code import NUMPY
from ..compiler.backends.runner import Runner
from ..compiler.program.program import DOUBLE, Dtype, Floats, Program, Role, indices_of
from ..compiler.program.split import split
from ..compiler.program.statements import Access
from ..compiler.readout import parts_of
from ..compiler.trace.recorder import Argument
from ..compiler.trace.structure import describe, flat
from ..errors import ArgumentError, ShapeError
from .source import Source

__all__ = ["Example", "example_of"]

SAMPLES = 3  # of a batch
RANGES = ((-1.0, 1.0), (0.1, 0.9), (1.1, 1.9), (0.0, 1.0), (-0.1, 0.1), (-1.9, -1.1))
CLOSE = {8: 1e-12, 4: 1e-5}  # how well results agree, as a part of the largest of an output
MANY = 16.0  # times what another order of sums, and other functions of the library, make


@dataclass(frozen=True, slots=True, eq=False)
class Example:
    """Arguments, a row for each sample where they have their own, and results likewise."""

    count: int
    arguments: dict[int, Floats]
    results: list[Floats]
    tolerance: float


def example_of(source: Source, given: Sequence[Any] | None) -> Example:
    """Run a program on the arguments that are given, or on random ones."""
    simple = split(source.program)
    if given is not None:
        arguments = _taken_apart(source, given)
        results = _results(source, simple, arguments, DOUBLE)
        if not all(bool(np.isfinite(one).all()) for one in results):
            raise ArgumentError(
                "the results for the example are infinite or NaN, and nothing could be compared "
                "with them: give other arguments, example=(...)"
            )
        return _example(source, simple, arguments, results)
    for low, high in RANGES:
        arguments = _drawn(source, simple, low, high)
        results = _results(source, simple, arguments, DOUBLE)
        if all(bool(np.isfinite(one).all()) for one in results):
            return _example(source, simple, arguments, results)
    raise ArgumentError(
        "no random arguments were found for which all results are finite, to try what is exported "
        "with: give arguments, example=(...)"
    )


def _example(
    source: Source, simple: Program, arguments: dict[int, Floats], results: list[Floats]
) -> Example:
    """Say how well others can agree: by what rounding in fewer digits makes of the results."""
    try:
        rounded = _results(source, simple, arguments, np.dtype("float32"))
    except ArgumentError:  # there are numbers that have no such
        rounded = results
    with np.errstate(all="ignore"):
        worst = max(
            [
                float(np.nanmax(abs(a - b), initial=0.0)) / _size(b)
                for a, b in zip(rounded, results, strict=True)
            ],
            default=0.0,
        )
    digits = np.finfo(source.dtype).eps / np.finfo(np.float32).eps
    tolerance = max(CLOSE[source.dtype.itemsize], MANY * worst * float(digits))
    return Example(_count(source, arguments), arguments, results, tolerance)


def _size(numbers: Floats) -> float:
    return float(abs(numbers).max(initial=0.0)) or 1.0


def _count(source: Source, arguments: dict[int, Floats]) -> int:
    """Count the samples; all arguments have as many."""
    counts = {len(arguments[n]) for n, one in source.given.items() if one.per_sample}
    if len(counts) > 1:
        raise ShapeError(f"example has {sorted(counts)} samples: give as many of each argument")
    return counts.pop() if counts else 0


# ---- arguments -----------------------------------------------------------------------------------


def _drawn(source: Source, simple: Program, low: float, high: float) -> dict[int, Floats]:
    rng = np.random.default_rng(0)
    found: dict[int, Floats] = {}
    for number, argument in source.given.items():
        rows = SAMPLES if argument.per_sample else 1
        numbers = rng.uniform(low, high, (rows, argument.nesting.size))
        for lookup in simple.lookups:
            where = lookup.places.where
            if isinstance(where, Access) and where.array == number:
                places = indices_of(simple, lookup.places)
                numbers[:, places] = rng.integers(0, lookup.size, numbers[:, places].shape)
        found[number] = numbers.astype(source.dtype).astype(float)
    return found


def _taken_apart(source: Source, given: Sequence[Any]) -> dict[int, Floats]:
    arguments = source.given
    if source.is_model:
        given = [given]
    if len(given) != len(arguments):
        names = ", ".join(argument.name for argument in arguments.values())
        raise ArgumentError(
            f"example has {len(given)} arguments: expected {len(arguments)}, for {names}"
        )
    found: dict[int, Floats] = {}
    for (number, argument), item in zip(arguments.items(), given, strict=True):
        samples = list(item) if argument.per_sample else [item]
        rows = [_flat(argument, sample) for sample in samples]
        array = np.array(rows, float).reshape(len(rows), argument.nesting.size)
        found[number] = array.astype(source.dtype).astype(float)
    return found


def _flat(argument: Argument, item: Any) -> list[float]:
    leaves: list[Any] = []
    key = describe(item, leaves, argument.name)
    numbers = [float(one) for one in flat(leaves)]
    if len(numbers) != argument.nesting.size:
        raise ShapeError(
            f"example has {len(numbers)} numbers for {argument.name}, nested as {key!r}: expected "
            f"{argument.nesting.size}, as the program was made for"
        )
    return numbers


# ---- results -------------------------------------------------------------------------------------


def _results(
    source: Source, simple: Program, arguments: dict[int, Floats], dtype: Dtype
) -> list[Floats]:
    """Run on NumPy; give each output, with a row for each sample where they have their own."""
    runner = Runner(simple, {}, NUMPY, dtype)
    count = _count(source, arguments)
    parts = parts_of(runner.program)
    size = sum(part.size for part in parts)
    table = np.full((size, max(count, 1)), np.nan)

    own = [part for part in parts if part.per_sample]
    into = [(part.array, part.indices, table[part.begin : part.end]) for part in own]
    first = runner.first(count)
    shared = {n: a[0] for n, a in arguments.items() if not source.given[n].per_sample}
    columns = {n: a.T for n, a in arguments.items() if source.given[n].per_sample}
    for number, numbers in (shared | source.known).items():
        first.inputs[number][...] = numbers
    with np.errstate(all="ignore"):
        if any(array.role is Role.BATCH or array.per_sample for array in simple.arrays) and columns:
            runner.run(first, count, columns, into)
        else:
            first.check_inputs()
            first.before()
            first.check_computed()
    for part in parts:
        if not part.per_sample:
            table[part.begin : part.end] = part.read(first.memory)[:, None]
    found = []
    start = 0
    for output in source.outputs:
        rows = table[start : start + output.size]
        found.append(rows.T if output.per_sample else rows[:, :1].T)
        start += output.size
    return found
