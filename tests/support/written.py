"""Programs of the form that tests write by hand, run by NumPy and by the interpreter."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from unittest.mock import patch

import numpy as np
from machine_code import CODE

from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.compiler.backends.backend import Backend
from tinygrad_nn.compiler.backends.numpy.code import NUMPY
from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.phases import phases_of
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.split import check_simple, split
from tinygrad_nn.compiler.program.statements import Access, Chosen, Statement
from tinygrad_nn.compiler.program.verify import verify

Numbers = Any  # an array of float64
COUNTS = (0, 1, 3, 70)


class Making:
    """A program in the making. All that is computed is a result, if nothing else is said."""

    def __init__(self) -> None:
        self.arrays: list[Array] = []
        self.statements: list[Statement] = []
        self.results: list[Run] = []
        self.tables: list[Numbers] = []
        self.constants: dict[int, Numbers] = {}

    def _array(self, size: int, per_sample: bool, role: Role) -> int:
        self.arrays.append(Array(size, per_sample, role, f"a{len(self.arrays)}"))
        return len(self.arrays) - 1

    def input(self, size: int, per_sample: bool = False) -> int:
        return self._array(size, per_sample, Role.INPUT)

    def inner(self, size: int, per_sample: bool = False) -> int:
        return self._array(size, per_sample, Role.INNER)

    def batch(self) -> int:
        return self._array(2, False, Role.BATCH)

    def constant(self, numbers: Sequence[float]) -> int:
        number = self._array(len(numbers), False, Role.CONSTANT)
        self.constants[number] = np.array(numbers, dtype=np.float64)
        return number

    def table(self, places: Sequence[int]) -> int:
        self.tables.append(np.array(places, dtype=np.int64))
        return len(self.tables) - 1

    def add(self, *statements: Statement) -> None:
        self.statements += statements

    def program(self) -> Program:
        results = self.results or [
            Run(array.size, Access(n, 0, (1,)))
            for n, array in enumerate(self.arrays)
            if array.role is Role.INNER
        ]
        return Program(self.arrays, self.statements, results, [], [], self.tables, self.constants)


def at(array: int, *strides: int, start: int = 0, table: int = -1, by: Any = None) -> Access:
    """Write an access; `by` is what chooses: a step, a size and an access."""
    chosen = None if by is None else Chosen(*by)
    return Access(array, start, strides, table, chosen)


def random_inputs(program: Program, count: int, seed: int = 0) -> dict[int, Numbers]:
    rng = np.random.default_rng(seed)
    return {
        n: rng.uniform(-2.0, 2.0, (array.size, count if array.per_sample else 1))
        for n, array in enumerate(program.arrays)
        if array.role in (Role.INPUT, Role.CAPTURED)
    }


def computed(
    program: Program, inputs: Mapping[int, Numbers], count: int, runner: Runner | None = None
) -> list[Numbers]:
    """All results as NumPy computes them, each with a number for each sample or one for all."""
    runner = runner or Runner(split(program))
    program = runner.program
    arrays = program.arrays
    first = runner.first(count)
    for n, numbers in inputs.items():
        if not arrays[n].per_sample:
            first.inputs[n][...] = numbers[:, 0]
    wanted = {run.where.array for run in program.results if isinstance(run.where, Access)}
    found = {
        n: np.full((arrays[n].size, count), np.nan) for n in sorted(wanted) if arrays[n].per_sample
    }
    into = [(n, slice(None), table) for n, table in found.items()]
    columns = {n: numbers for n, numbers in inputs.items() if arrays[n].per_sample}
    with np.errstate(all="ignore"):
        runner.run(first, count, columns, into)
    rows: list[Numbers] = []
    for run in program.results:
        assert isinstance(run.where, Access)
        numbers = found.get(run.where.array)
        if numbers is None:
            numbers = first.memory.numbers(run.where.array)[:, None]
        places = run.where.start + run.where.strides[0] * np.arange(run.size)
        rows += list(
            numbers[places if run.where.table < 0 else program.tables[run.where.table][places]]
        )
    return rows


def meant(program: Program, inputs: Mapping[int, Numbers], count: int) -> list[Numbers]:
    """All results as the interpreter computes them."""
    given = {n: numbers.tolist() for n, numbers in inputs.items()}
    for n, array in enumerate(program.arrays):
        if array.role is Role.BATCH:
            given[n] = [[float(count)], [1.0 / count if count else np.nan]]
    with np.errstate(all="ignore"):
        return [np.array(one) for one in results_of(program, interpret(program, given, count))]


def check(
    program: Program,
    inputs: Mapping[int, Numbers] | None = None,
    counts: Sequence[int] = COUNTS,
    backends: Sequence[Backend] = (),
) -> None:
    """Check that NumPy computes what a program means, for numbers of samples and in blocks.

    Inputs are given with as many samples as the largest number of them. With `backends`, they
    compute it too; it is machine code as well where the tests are told so.
    """
    backends = backends or (NUMPY, *CODE)
    verify(program)
    simple = split(program)
    verify(simple)
    check_simple(simple)
    if not any(array.per_sample for array in program.arrays):
        counts = (1,)
    for count in counts:
        some = inputs or random_inputs(program, max(counts), count)
        some = {n: x[:, :count] if program.arrays[n].per_sample else x for n, x in some.items()}
        expected = meant(program, some, count)
        for backend in backends:
            one = Runner(simple, backend=backend)
            same(computed(program, some, count, one), expected)
        if count > 32 and not phases_of(simple).coupled:
            with patch.object(runner, "CACHE", 0), patch.object(runner, "LEAST", 16):
                for backend in backends:
                    in_blocks = Runner(simple, backend=backend)
                    same(computed(program, some, count, in_blocks), expected)
                    assert in_blocks.first(count).count < count


def same(found: Sequence[Numbers], expected: Sequence[Numbers]) -> None:
    """Check that numbers differ by rounding alone, as measured by the largest."""
    assert len(found) == len(expected)
    largest = max([1.0, *[abs(x[np.isfinite(x)]).max(initial=0.0) for x in expected]])
    for one, other in zip(found, expected, strict=True):
        np.testing.assert_allclose(one, other, rtol=1e-12, atol=1e-13 * largest)


def calls(program: Program, count: int = 3) -> int:
    """How many calls of NumPy are written for a program."""
    return Runner(split(program)).first(count).calls
