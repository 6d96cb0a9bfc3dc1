"""What steps of a recurrence do apart is one statement, and what they add up is one term."""

from __future__ import annotations

from typing import Any

import pytest

from tinygrad_nn import compile, tanh, value_and_grad
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Access, Loop, Map, Reduce, Term
from tinygrad_nn.compiler.roll.merging import merge_terms
from tinygrad_nn.compiler.roll.written import FEW
from tinygrad_nn.scalar.ops import add

TURNS = 20  # are compiled as they are


def babylonian(a: Any) -> Any:
    x = a
    for _ in range(TURNS):
        x = (x + a / x) / 2.0
    return x


def path(r: Any) -> Any:
    """A sum of single numbers, beside which others are made of them."""
    states = [r]
    for _ in range(TURNS):
        x = states[-1]
        states.append(tanh(r * 0.5 + 0.25 * r - 0.125 * x + 0.5 * x))
    return sum(states, start=0.0) + sum(sum([x]) for x in states)


@pytest.mark.parametrize(("function", "argument"), [(babylonian, 2.0), (path, 0.3)])
def test_steps_leave_few_statements(function: Any, argument: float) -> None:
    both = compile(value_and_grad(function))
    value, slope = both(argument)
    wanted, by = value_and_grad(function)(argument)
    assert value == pytest.approx(float(wanted), rel=1e-12)
    assert slope == pytest.approx(float(by), rel=1e-12)
    statements = both.program.statements
    alone = [one for one in statements if not isinstance(one, Loop) and 1 not in one.nest]
    assert len(alone) < TURNS
    assert any(isinstance(one, Map) and one.nest[:1] > (TURNS // 2,) for one in alone)
    assert all(len(one.terms) < TURNS // 2 for one in alone if isinstance(one, Reduce))


def summed(*terms: Term) -> tuple[Term, ...]:
    """Merge the terms of a sum of places of an array of 40."""
    target = Access(1, 0, ())
    program = Program(
        [Array(40, False, Role.INPUT, "x"), Array(1, False, Role.INNER)],
        [Reduce(target, (), add, terms)],
        [Run(1, Access(1, 0, (1,)))],
        [],
        [],
        [],
        {},
    )
    (found,) = merge_terms(program).statements
    assert isinstance(found, Reduce)
    return found.terms


def at(start: int, coef: float = 1.0, over: tuple[int, ...] = ()) -> Term:
    return Term(coef, (Access(0, start, (2,) * len(over)),), over)


def test_terms_that_move_evenly_are_one() -> None:
    assert summed(*map(at, range(3, 33, 3))) == (Term(1.0, (Access(0, 3, (3,)),), (10,)),)
    assert summed(*map(at, range(30, 4, -5))) == (Term(1.0, (Access(0, 30, (-5,)),), (6,)),)
    inner = [at(start, over=(3,)) for start in range(5)]
    assert summed(*inner) == (Term(1.0, (Access(0, 0, (1, 2)),), (5, 3)),)


def test_others_stay_as_they_are() -> None:
    few = tuple(map(at, range(3)))
    assert summed(*few) == few
    uneven = tuple(map(at, (0, 1, 3, 6, 10, 15)))
    assert summed(*uneven) == uneven
    signs = tuple([at(start, (-1.0) ** start) for start in range(6)])
    assert summed(*signs) == signs
    numbers = tuple([Term(float(n)) for n in range(6)])
    assert summed(*numbers) == numbers


def test_what_stands_around_a_run_stays() -> None:
    first, last = at(20, 0.5), at(30)
    found = summed(first, *map(at, range(2, 9)), last)
    assert found == (first, Term(1.0, (Access(0, 2, (1,)),), (7,)), last)


def test_few_terms_are_one_only_where_they_come_first() -> None:
    """Behind others they may take off, one by one, what these have added up."""
    other, few = at(20), tuple([at(start, -1.0) for start in range(FEW - 1)])
    assert summed(other, *few) == (other, *few)
    assert summed(*few, other) == (Term(-1.0, (Access(0, 0, (1,)),), (FEW - 1,)), other)
