"""The first number that is not finite is found on a tape, and told as the eager engine tells it."""

from __future__ import annotations

import math

import pytest

from tinygrad_nn.compiler.program.program import Array, Role
from tinygrad_nn.compiler.tape.faults import find_fault
from tinygrad_nn.compiler.tape.tape import BATCH_SUM, Tape
from tinygrad_nn.errors import DomainError, NonFiniteError, PoleError
from tinygrad_nn.scalar.ops import div, exp, log, mul, where


def tape_of(per_sample: bool) -> tuple[Tape, int]:
    tape = Tape([Array(2, per_sample, Role.INPUT, "x")], verbatim=True)
    return tape, tape.apply(log, tape.apply(mul, tape.leaf(0, 0), tape.leaf(0, 1)))


def test_nothing_is_raised_where_all_is_finite() -> None:
    tape, _ = tape_of(True)
    find_fault(tape, [len(tape) - 1], [[[1.0, 2.0], [3.0, 0.5]]])


def test_what_python_would_refuse_is_refused() -> None:
    tape, _ = tape_of(False)
    with pytest.raises(DomainError, match=r"^log at x = -2\.0"):
        find_fault(tape, [len(tape) - 1], [[[-1.0, 2.0]]])
    tape = Tape([Array(2, False, Role.INPUT, "x")], verbatim=True)
    tape.apply(div, tape.leaf(0, 0), tape.leaf(0, 1))
    with pytest.raises(PoleError, match="div"):
        find_fault(tape, [len(tape) - 1], [[[1.0, 0.0]]])


def test_the_sample_is_named() -> None:
    tape, _ = tape_of(True)
    with pytest.raises(DomainError, match=r"^sample 1: log at x = -6\.0"):
        find_fault(tape, [len(tape) - 1], [[[1.0, 2.0], [3.0, -2.0], [-1.0, 1.0]]])


def test_the_first_one_counts_and_not_what_follows_from_it() -> None:
    tape = Tape([Array(2, False, Role.INPUT, "x")], verbatim=True)
    product = tape.apply(mul, tape.leaf(0, 0), tape.leaf(0, 1))
    tape.apply(exp, product)
    with pytest.raises(NonFiniteError, match=r"^mul at x = 1e\+200"):
        find_fault(tape, [len(tape) - 1], [[[1e200, 1e200]]])


def test_what_is_not_chosen_is_no_fault() -> None:
    tape = Tape([Array(2, True, Role.INPUT, "x"), Array(1, False, Role.INPUT, "c")], verbatim=True)
    first, second = tape.apply(log, tape.leaf(0, 0)), tape.apply(log, tape.leaf(0, 1))
    chosen = tape.apply(where, tape.leaf(1, 0), first, (second,))
    tape.apply(BATCH_SUM, chosen)
    x = [[1.0, -2.0], [-3.0, 0.5]]
    with pytest.raises(DomainError, match=r"^sample 1: log at x = -3\.0"):
        find_fault(tape, [len(tape) - 1], [x, [[1.0]]])
    with pytest.raises(DomainError, match=r"^sample 0: log at x = -2\.0"):
        find_fault(tape, [len(tape) - 1], [x, [[0.0]]])
    find_fault(tape, [first], [[[1.0, -2.0], [3.0, 0.5]], [[0.0]]])


def test_what_came_in_infinite_is_no_fault() -> None:
    tape = Tape([Array(2, False, Role.INPUT, "x")], verbatim=True)
    tape.apply(mul, tape.leaf(0, 0), tape.leaf(0, 1))
    find_fault(tape, [len(tape) - 1], [[[math.inf, 2.0]]])
