"""Results read from the memory of a program, run by run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_nn.compiler.backends.memory import Layout, Memory
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Access
from tinygrad_nn.compiler.readout import LONG_RUN, parts_of, shared_reader, within

SHARED, OWN = 0, 1
TABLE = np.array([3, 0, 2])
SAMPLES = 2


def program(*runs: Run, size: int = 5) -> Program:
    """An array that samples share, and one of two numbers for each."""
    arrays = [Array(size, False, Role.INPUT, "w"), Array(2, True, Role.INPUT, "x")]
    return Program(arrays, [], list(runs), tables=[TABLE])


def memory_of(made: Program) -> Memory:
    memory = Memory(Layout(made), SAMPLES)
    memory.numbers(SHARED)[:] = 10.0 + np.arange(made.arrays[SHARED].size)
    memory.numbers(OWN)[:] = [[1.0, 2.0], [3.0, 4.0]]
    return memory


RUNS: list[tuple[Run, Any]] = [
    (Run(3, Access(SHARED, 1, (1,))), [11.0, 12.0, 13.0]),
    (Run(3, Access(SHARED, 4, (-2,))), [14.0, 12.0, 10.0]),
    (Run(2, Access(SHARED, 3, (0,))), [13.0, 13.0]),
    (Run(3, Access(SHARED, 0, (1,), 0)), [13.0, 10.0, 12.0]),
    (Run(2, Access(SHARED, 2, (-2,), 0)), [12.0, 13.0]),
    (Run(2, 7.0), [7.0, 7.0]),
    (Run(2, Access(OWN, 1, (-1,))), [[3.0, 4.0], [1.0, 2.0]]),
]


@pytest.mark.parametrize(("run", "expected"), RUNS)
def test_a_run_is_read(run: Run, expected: Any) -> None:
    made = program(run)
    (part,) = parts_of(made)
    memory = memory_of(made)
    np.testing.assert_array_equal(part.read(memory), expected)
    together = isinstance(run.where, Access) and run.where.table < 0 and run.where.strides == (1,)
    assert np.shares_memory(part.read(memory), memory.shared) is together


def test_some_results_are_cut_out() -> None:
    made = program(*[run for run, _ in RUNS[:-1]])
    parts, memory = parts_of(made), memory_of(made)
    whole = np.concatenate([part.read(memory) for part in parts])
    for first in range(len(whole)):
        for last in range(first, len(whole) + 1):
            found = np.full(last - first, np.nan)
            for part in within(parts, first, last):
                found[part.begin : part.end] = part.read(memory)
            np.testing.assert_array_equal(found, whole[first:last])


LONG = Run(3 * LONG_RUN, Access(SHARED, 2, (1,)))
TABLED = Run(3, Access(SHARED, 0, (1,), 0))
SHORT = Run(2, Access(SHARED, 0, (1,)))
NUMBER = Run(2, -0.0)
EACH = Run(2, Access(OWN, 0, (1,)))


@pytest.mark.parametrize(
    "runs",
    [
        *[[], [SHORT], [LONG], [SHORT, LONG], [LONG, NUMBER], [NUMBER, SHORT], [EACH]],
        *[[LONG, EACH], [TABLED, SHORT], [LONG, TABLED], [EACH, SHORT, NUMBER, SHORT]],
    ],
)
def test_what_samples_share_is_copied_each_time(runs: list[Run]) -> None:
    made = program(*runs, size=4 * LONG_RUN)
    memory = memory_of(made)
    read = shared_reader(parts_of(made), memory)
    for factor in (1.0, -2.0):
        memory.shared *= factor
        expected = [
            np.full(part.size, np.nan) if part.per_sample else part.read(memory)
            for part in parts_of(made)
        ]
        found = read()
        np.testing.assert_array_equal(found, np.concatenate([np.zeros(0), *expected]))
        assert not np.shares_memory(found, memory.shared)
        assert [*np.signbit(found)] == [*np.signbit(np.concatenate([np.zeros(0), *expected]))]
