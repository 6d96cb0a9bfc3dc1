"""Programs with one integer changed: most are refused, and whatever is accepted can be run."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np
import pytest
from checked_programs import random_inputs as numbers_for
from forms import by_loops, integers, programs, random_inputs, with_integers
from grids import results
from hypothesis import given, settings
from hypothesis import strategies as st
from programs import PROGRAMS, Make

from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.errors import ProgramError

CHANGES = (-1, 1, 2)


def mutants(program: Program, count: int, seed: int) -> Iterator[Program]:
    rng = random.Random(seed)
    numbers = integers(program.statements)
    for place in rng.sample(range(len(numbers)), min(count, len(numbers))):
        others = list(numbers)
        others[place] += rng.choice(CHANGES)
        yield replace(program, statements=with_integers(program.statements, others))


def accepted(programs: Iterator[Program]) -> Sequence[Program]:
    found = []
    for program in programs:
        try:
            verify(program)
        except ProgramError:
            continue
        found.append(program)
    return found


@settings(max_examples=60)
@given(programs, st.integers(0, 99))
def test_random_programs(program: Program, seed: int) -> None:
    inputs = random_inputs(program, 2, seed)
    for mutant in accepted(mutants(program, 15, seed)):
        by_loops(mutant, inputs, 2)


@pytest.mark.parametrize("make", PROGRAMS)
def test_compiled_programs(make: Make) -> None:
    program = make()
    found = accepted(mutants(program, 60, 0))
    assert len(found) < 0.4 * 60
    for mutant in found:
        with np.errstate(all="ignore"):
            results(mutant, numbers_for(program, 3, np.random.default_rng(0)), [3])


def test_the_same_integers_give_the_same_program() -> None:
    statements = PROGRAMS[0]().statements
    assert with_integers(statements, integers(statements)) == statements
