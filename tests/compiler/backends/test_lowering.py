"""From statements to loops: they mean the same, number by number."""

from __future__ import annotations

from typing import Any

import pytest
from any_statement import programs
from hypothesis import given, settings
from loops_run import LoopsBackend
from written import Making, at, check

from tinygrad_nn.compiler.backends.forms import form_of
from tinygrad_nn.compiler.backends.loops import Apply
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce, Term
from tinygrad_nn.scalar.custom import custom
from tinygrad_nn.scalar.ops import TABLE, add, exp, rint, rounded, trunc

LOOPS = LoopsBackend()


@settings(max_examples=60)
@given(programs())
def test_any_statement(program: Any) -> None:
    check(program, counts=(1, 3), backends=(LOOPS,))


@pytest.mark.parametrize("op", list(TABLE.values()), ids=str)
def test_operations(op: Any) -> None:
    making = Making()
    operands = [at(making.input(4, n % 2 == 0), 1) for n in range(op.arity)]
    making.add(Map(at(making.inner(4, True), 1), (4,), op, tuple(operands)))
    check(making.program(), counts=(2,), backends=(LOOPS,))


def test_what_has_no_form_stays_aside() -> None:
    double = custom(lambda x: 2.0 * x, None)
    assert form_of(double, [1.0]) is None
    assert form_of(rounded, [1.0, 2.0]) is None


def test_whole_numbers_that_are_asked_for() -> None:
    assert form_of(trunc, [1.5]) == Apply("trunc", (1.5,))
    assert form_of(rint, [1.5]) == Apply("rint", (1.5,))


def test_powers_that_are_known() -> None:
    assert form_of(TABLE["pow"], [3.0, 2.0]) == Apply("mul", (3.0, 3.0))
    assert form_of(TABLE["pow"], [3.0, 2.5]) == Apply("pow", (3.0, 2.5))


def test_a_loop_and_what_is_chosen() -> None:
    making = Making()
    x, which = making.input(3, True), making.input(3)
    h, total = making.inner(12, True), making.inner(3)
    chosen = at(h, 3, 0, by=(1, 3, at(which, 1, 0)))
    making.add(
        Map(at(h, 1), (3,), exp, (at(x, 1),)),
        Loop(3, (Reduce(at(h, 3, 1, start=3), (3,), add, (Term(0.5, (chosen,)),)),)),
        Reduce(at(total, 1), (3,), add, (Term(2.0, (at(h, 1, start=9),), (), True),)),
    )
    check(making.program(), counts=(1, 3), backends=(LOOPS,))
