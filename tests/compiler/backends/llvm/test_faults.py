"""What a run tells of itself: results that are not finite, numbers that are no places."""

from __future__ import annotations

import platform
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from written import Making, at

from tinygrad_nn.compiler.backends.looks import NO_PLACE, NOT_FINITE
from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.program import Lookup, Program, Run
from tinygrad_nn.compiler.program.statements import Access, Map
from tinygrad_nn.scalar.ops import neg

pytest.importorskip("llvmlite")

from tinygrad_nn.compiler.backends.llvm.engine import Target
from tinygrad_nn.compiler.backends.machine import MACHINE, Machine

IS_X86 = platform.machine() in ("x86_64", "AMD64")
SMALL = Machine(Target("x86-64", "")) if IS_X86 else MACHINE
SHARED, OWN = 150, 3  # numbers
TABLE = [7, 3, 5]
INDICES = 5


def program(constant: float = 1.0) -> Program:
    """Numbers of which some are results, of each sample and of all; others choose."""
    making = Making()
    x, own = making.input(SHARED), making.input(OWN, True)
    which, rows = making.input(INDICES), making.input(2, True)
    y, mine = making.inner(SHARED), making.inner(OWN, True)
    making.add(
        Map(at(y, 1), (SHARED,), neg, (at(x, 1),)), Map(at(mine, 1), (OWN,), neg, (at(own, 1),))
    )
    table = making.table(TABLE)
    making.results += [
        Run(100, Access(y, 20, (1,))),
        Run(3, Access(y, 0, (1,), table)),
        Run(4, Access(y, 148, (-2,))),
        Run(2, Access(mine, 1, (1,))),
        Run(9, constant),
    ]
    made = making.program()
    places = [(Run(INDICES, at(which, 1)), 4), (Run(1, at(rows, 1, start=1)), 2)]
    made.lookups.extend(Lookup(run, size) for run, size in places)
    return made


RESULTS = {*range(20, 120), *TABLE, 148, 146, 144, 142}
RUNNERS = [Runner(program(), backend=one) for one in (MACHINE, SMALL)]


def bound(count: int, runner: Runner = RUNNERS[0]) -> Any:
    found = runner.first(count)
    for n, numbers in found.inputs.items():
        numbers[...] = (
            1.0 if n != 2 else np.arange(INDICES)[:, None].clip(0, 3).reshape(numbers.shape)
        )
    return found


SPECIAL = st.sampled_from([np.nan, np.inf, -np.inf])


@settings(max_examples=40)
@given(st.sampled_from(RUNNERS), st.sampled_from([0, 1, 9, 16]), st.data())
def test_each_number_is_looked_at(runner: Runner, count: int, data: Any) -> None:
    here = bound(count, runner)
    assert here.whole() == here.faults() == 0
    place, special = data.draw(st.integers(0, SHARED - 1)), data.draw(SPECIAL)
    here.inputs[0][place] = special
    expected = NOT_FINITE if place in RESULTS else 0
    assert here.whole() == here.faults() == expected
    here.inputs[0][place] = 1e308
    assert here.whole() == 0
    if count:
        row, sample = data.draw(st.integers(0, OWN - 1)), data.draw(st.integers(0, count - 1))
        here.inputs[1][row, sample] = special
        assert here.whole() == (NOT_FINITE if row else 0)


@settings(max_examples=40)
@given(
    st.sampled_from(RUNNERS),
    st.integers(0, INDICES - 1),
    st.sampled_from([-0.0, 3.0, 4.0, -1.0, 0.5, np.nan, np.inf, 1e300, -5e-324]),
)
def test_places(runner: Runner, place: int, number: float) -> None:
    here = bound(9, runner)
    here.inputs[2][place] = number
    assert here.whole() == (0 if number in (0.0, 3.0) else NO_PLACE)
    here.inputs[3][0, :] = number  # which chooses nothing
    here.inputs[3][1, 8] = number
    assert here.whole() == (0 if number == 0.0 else NO_PLACE)
    here.inputs[0][30] = np.nan
    assert here.whole() & NOT_FINITE


def test_a_result_that_is_a_constant() -> None:
    assert bound(1, Runner(program(np.inf), backend=MACHINE)).whole() == NOT_FINITE
