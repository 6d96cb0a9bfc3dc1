"""Loops are loops of the code, which compute the same bits as all of their steps one by one."""

from __future__ import annotations

from unittest.mock import patch

import forms
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from written import Making, at, check, computed, random_inputs

from tinygrad_nn.compiler.backends.numpy import moving
from tinygrad_nn.compiler.backends.numpy.emitter import Emitter
from tinygrad_nn.compiler.backends.numpy.loops import is_uneven
from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce, Runs, Statement, Term
from tinygrad_nn.compiler.program.unroll import unroll
from tinygrad_nn.scalar.ops import add, div, exp, maximum, mul, tanh

LONG = 9  # steps


def code_of(program: Program, count: int = 3) -> list[str]:
    """The lines that run for a program, if all of it is of one phase."""
    found: list[str] = []
    build = Emitter.build

    def noted(self: Emitter) -> object:
        found.extend(self._blocks[0])
        return build(self)

    with patch.object(Emitter, "build", noted):
        Runner(split(program)).first(count)
    return found


def same_bits(program: Program, counts: tuple[int, ...] = (1, 3)) -> None:
    """The claim: a program computes the same with loops, in blocks or not, and without."""
    check(program)
    for most in (moving.MOST_STEPS, 1):
        with patch.object(moving, "MOST_STEPS", most):
            for count in counts:
                inputs = random_inputs(program, count)
                found = computed(program, inputs, count)
                expected = computed(unroll(program), inputs, count)
                assert [x.tobytes() for x in found] == [x.tobytes() for x in expected]


def test_steps_are_written_once() -> None:
    making = Making()
    x, h = making.input(2, True), making.inner(2 * LONG + 2, True)
    step = Map(at(h, 2, 1, start=2), (2,), tanh, (at(h, 2, 1),))
    making.add(Map(at(h, 1), (2,), exp, (at(x, 1),)), Loop(LONG, (step,)))
    program = making.program()
    same_bits(program)
    assert len(code_of(program)) == 3
    assert Runner(split(program)).first(3).calls == LONG + 1


def recurrence(per_sample: bool, size: int = 5) -> Program:
    """h[t + 1] = tanh(W @ h[t] + x[t]), and back again, the last states first."""
    making = Making()
    w, x = making.input(size * size), making.input(LONG * size, per_sample)
    z, h = making.inner(LONG * size, per_sample), making.inner(LONG * size + size, per_sample)
    back, sums = making.inner(LONG * size + size, per_sample), making.inner(size)
    factors = at(w, 0, size, 1), at(h, size, 0, 1)
    product, plain = Term(1.0, factors, (size,)), Term(1.0, (at(x, size, 1),))
    forwards: list[Statement] = [
        Reduce(at(z, size, 1), (size,), add, (product, plain)),
        Map(at(h, size, 1, start=size), (size,), tanh, (at(z, size, 1),)),
    ]
    last = LONG * size
    states = at(h, -size, 1, start=last)
    backwards = Map(at(back, size, 1, start=size), (size,), mul, (at(back, size, 1), states))
    making.add(
        Map(at(h, 1), (size,), tanh, (at(x, 1),)),
        Loop(LONG, tuple(forwards)),
        Map(at(back, 1), (size,), exp, (at(h, 1, start=last),)),
        Loop(LONG, (backwards,)),
        Reduce(at(sums, 1), (size,), add, (Term(1.0, (at(back, 1, start=last),), (), per_sample),)),
    )
    return making.program()


@pytest.mark.parametrize("per_sample", [False, True])
def test_there_and_back(per_sample: bool) -> None:
    same_bits(recurrence(per_sample))


def test_numbers_are_carried_from_step_to_step() -> None:
    """A division by what is carried, by what is read and by what stays; and two steps ahead."""
    making = Making()
    x, c = making.input(LONG), making.input(1)
    h, z, twice = making.inner(LONG + 1), making.inner(LONG), making.inner(LONG + 2)
    out = making.inner(LONG)
    body = (
        Map(at(z, 1), (), div, (at(x, 1), at(h, 1))),
        Reduce(
            at(h, 1, start=1), (), add, (Term(0.5, (at(z, 1), at(c, 0))), Term(1.0, (at(h, 1),)))
        ),
        Reduce(
            at(twice, 1, start=2),
            (),
            maximum,
            (Term(-1.0, (at(twice, 1),)), Term(1.0, (at(z, 1),))),
        ),
        Map(at(out, 1), (), exp, (at(twice, 1, start=2),)),
    )
    making.add(
        Map(at(h), (), exp, (at(c),)),
        Reduce(at(twice, 1), (2,), add, (Term(3.0, (at(c, 0),)),)),
        Loop(LONG, body),
    )
    program = making.program()
    same_bits(program)
    (head,) = [line for line in code_of(program) if line.startswith("for ")]
    assert ".tolist()" in head  # x
    # z and out; h is nowhere but in the variable.
    making.results = [program.results[1], program.results[3]]
    assert sum("memory[" in line for line in code_of(making.program())) < sum(
        "memory[" in line for line in code_of(program)
    )
    same_bits(making.program())


def test_loops_within_loops() -> None:
    """Rows of a table from those before, each of their numbers from the number before it."""
    making = Making()
    x, wide = making.input(6), making.input(2 * 4 * 3)
    h, all_of_it, few = making.inner(5 * 6), making.inner(2 * 4 * 3), making.inner(4 * 3)
    number = Reduce(
        at(h, 6, 1, start=7),
        (),
        add,
        (
            Term(1.0, (at(h, 6, 1, start=1), at(x, 0, 1, start=1))),
            Term(0.5, (at(h, 6, 1, start=6),)),
        ),
    )
    zero = Map(at(h, 6, start=6), (), exp, (at(x, 1),))
    row = Map(at(all_of_it, 6, 2, 1), (2,), tanh, (at(wide, 6, 2, 1),))
    last = Reduce(at(few, 3, 1), (), add, (Term(2.0, (at(all_of_it, 6, 2, start=1),)),))
    making.add(
        Map(at(h, 1), (6,), exp, (at(x, 1),)),
        Loop(4, (zero, Loop(5, (number,)), Loop(3, (row, last)))),
    )
    program = making.program()
    same_bits(program)
    assert sum(line.strip().startswith("for ") for line in code_of(program)) == 3


def test_what_is_added_to() -> None:
    """An addition to what few floats have written, and they read it again a step later."""
    making = Making()
    x, h, many = making.input(9), making.inner(LONG + 1), making.inner(1)
    over = Term(1.0, (at(x, 0, 1),), (9,))
    body = (
        Map(at(h, 1, start=1), (), tanh, (at(h, 1),)),
        Reduce(at(h, 1, start=1), (), add, (over,), onto=True),
        Reduce(at(many, 0), (), add, (Term(1.0, (at(h, 1),)),), onto=True),
    )
    making.add(Map(at(h), (), exp, (at(x),)), Map(at(many), (), exp, (at(x),)), Loop(LONG, body))
    same_bits(making.program())


def test_tables_and_runs_move_with_the_steps() -> None:
    making = Making()
    x, table = making.input(30), making.table([3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8])
    ends = making.table([1, 4])
    h, runs = making.inner(9), making.inner(6)
    body = (
        Map(at(h, 3, 1), (3,), exp, (at(x, 3, 1, table=table),)),
        Runs(at(runs, 2, 1), (2,), add, Term(2.0, (at(x, 4, 1),), (4,)), ends),
    )
    making.add(Loop(3, body))
    same_bits(making.program())


def test_steps_that_choose_or_write_through_tables_are_written_one_by_one() -> None:
    making = Making()
    x, by, h = making.input(12), making.input(3), making.inner(3)
    read = Term(1.0, (at(x, 4, by=(1, 4, at(by, 1))),))
    chooses = Loop(3, (Reduce(at(h, 1), (), add, (read,)),))
    scatters = Loop(3, (Map(at(h, 1, table=making.table([2, 0, 1])), (), exp, (at(x, 1),)),))
    once = Loop(1, (Map(at(h, 1, 1), (3,), exp, (at(x, 1, 1),)),))
    for loop in (chooses, scatters, once):
        assert is_uneven(loop)
        making.statements = [loop]
        same_bits(making.program())


@settings(max_examples=15)
@given(forms.programs, st.integers(0, 9))
def test_random_programs_with_loops(program: Program, seed: int) -> None:
    assume(any(isinstance(statement, Loop) for statement in program.statements))
    inputs = forms.random_inputs(program, 3, seed)
    found = computed(program, inputs, 3)
    expected = computed(unroll(program), inputs, 3)
    for one, other in zip(found, expected, strict=True):
        assert np.array_equal(one, other, equal_nan=True)
