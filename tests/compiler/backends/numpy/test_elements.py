"""Statements whose terms are elements: sums, and the largest and smallest."""

from __future__ import annotations

import math
from itertools import product
from typing import Any

import numpy as np
import pytest
from written import Making, at, calls, check, computed

from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.statements import Reduce, Term
from tinygrad_nn.scalar.ops import add, maximum, minimum

ODD = [0.0, -0.0, math.inf, -math.inf, math.nan]


def joined(op: Any, *terms: float | tuple[float, int], per_sample: bool = True) -> Program:
    """Join numbers, and coefficients with how many inputs each multiplies."""
    making = Making()
    made = []
    for term in terms:
        coef, factors = term if isinstance(term, tuple) else (term, 0)
        varies = [making.input(5, per_sample and n % 2 == 0) for n in range(factors)]
        made.append(Term(coef, tuple([at(array, 1) for array in varies])))
    making.add(Reduce(at(making.inner(5, per_sample), 1), (5,), op, tuple(made)))
    return making.program()


@pytest.mark.parametrize("per_sample", [False, True])
@pytest.mark.parametrize("pair", [*product([1.0, -1.0, 0.5, 2.0], repeat=2)])
@pytest.mark.parametrize("factors", [(0, 1), (1, 0), (1, 1), (1, 2), (2, 1), (2, 2), (3, 1)])
def test_two_terms(pair: Any, factors: Any, per_sample: bool) -> None:
    terms = list(zip(pair, factors, strict=True))
    check(joined(add, *terms, per_sample=per_sample), counts=(1, 3))


@pytest.mark.parametrize("op", [add, maximum, minimum])
def test_many_terms(op: Any) -> None:
    terms = [(1.0, 1), (-1.0, 1), (0.5, 2), (0.5, 1), 2.0, (3.0, 1), (-1.0, 2), (1.0, 1)]
    check(joined(op, *terms))
    check(joined(op, *terms[::-1]))
    check(joined(op, *terms, per_sample=False))


def test_more_terms_than_python_nests() -> None:
    making = Making()
    numbers = making.input(5, False)
    terms = [Term(float(n % 7), (at(numbers, start=n % 5),)) for n in range(5000)]
    making.add(Reduce(at(making.inner(1, False)), (), add, tuple(terms)))
    check(making.program(), counts=(1,))


@pytest.mark.parametrize("op", [add, maximum, minimum])
@pytest.mark.parametrize("coef", [*ODD, 0.5, -1.0])
@pytest.mark.parametrize("factors", [0, 1, 2])
def test_coefficients_that_are_odd(op: Any, coef: float, factors: int) -> None:
    check(joined(op, (coef, factors)), counts=(3,))
    check(joined(op, (1.0, 1), (coef, factors)), counts=(3,))
    check(joined(op, (coef, factors), (1.0, 1), (coef, 1)), counts=(3,))


@pytest.mark.parametrize("number", ODD)
@pytest.mark.parametrize("terms", [[(1.0, 1)], [(-1.0, 1)], [(1.0, 1), (1.0, 1)], [(1.0, 2)]])
def test_numbers_that_are_odd_keep_their_signs(number: float, terms: Any) -> None:
    program = joined(add, *terms)
    inputs = {
        n: np.full((5, 3 if array.per_sample else 1), number)
        for n, array in enumerate(program.arrays[:-1])
    }
    with np.errstate(all="ignore"):
        parts = [c * np.array(number) ** k for c, k in terms]
        expected = parts[0] if len(parts) == 1 else parts[0] + parts[1]
    found = np.array(computed(program, inputs, 3))
    assert np.array_equal(found, np.full((5, 3), expected), equal_nan=True)
    assert np.isnan(expected) or (np.signbit(found) == np.signbit(expected)).all()


def test_a_number_alone_keeps_its_sign() -> None:
    (row, *_) = computed(joined(add, -0.0), {}, 3)
    assert np.signbit(row).all()


def test_calls() -> None:
    assert calls(joined(add, (1.0, 1))) == 1
    assert calls(joined(add, (1.0, 1), (-1.0, 1))) == 1
    assert calls(joined(add, (-1.0, 1), (1.0, 1))) == 1
    assert calls(joined(add, 1.0, (-1.0, 1))) == 1
    assert calls(joined(maximum, (1.0, 1), 0.0)) == 1
    assert calls(joined(add, (1.0, 1), (0.5, 1))) == 2  # the multiple first
    assert calls(joined(add, (1.0, 1), (2.0, 2))) == 3
    assert calls(joined(add, (3.0, 2), (3.0, 1))) == 3  # both are multiplied at once
    assert calls(joined(add, (0.1, 2), (0.1, 1))) == 4  # but a product that may be too large
    assert calls(joined(add, (1.0, 1), (1.0, 1), (1.0, 1))) == 2


def test_what_samples_share_counts_for_each_of_them() -> None:
    making = Making()
    x, y = making.input(4), making.input(4)
    terms = Term(0.5, (at(x, 1),), samples=True), Term(2.0, (), samples=True)
    sums = making.inner(4)
    making.add(
        Reduce(at(sums, 1), (4,), add, terms),
        Reduce(at(sums, 1), (4,), add, (Term(1.0, (at(y, 1),)),), onto=True),
    )
    making.add(Reduce(at(making.inner(2, True), 1), (2,), add, (Term(1.0, (at(y, 1),)),)))
    program = making.program()
    check(program, counts=(1, 3, 7))
    inputs = {x: np.ones((4, 1)), y: np.zeros((4, 1))}
    assert computed(program, inputs, 7)[0] == 7 * 0.5 + 7 * 2.0


def test_onto_what_is_there() -> None:
    for coef, per_sample in product([1.0, -1.0, 0.5], [False, True]):
        making = Making()
        x, y, z = [making.input(6, per_sample) for _ in range(3)]
        sums = making.inner(6, per_sample)
        making.add(
            Reduce(at(sums, 1), (6,), add, (Term(1.0, (at(x, 1),)),)),
            Reduce(at(sums, 1), (6,), add, (Term(coef, (at(y, 1),)), Term(-1.0)), onto=True),
            Reduce(at(sums, 1), (6,), add, (Term(coef, (at(y, 1), at(z, 1))),), onto=True),
        )
        check(making.program(), counts=(3,))


def test_a_sum_of_single_numbers_is_one_line() -> None:
    making = Making()
    x, table = making.input(9), making.table([3, 1])
    terms = Term(2.0, (at(x, start=4),)), Term(-1.0, (at(x, table=table, start=1),)), Term(3.0)
    product = Term(1.0, (at(x), at(x, start=1)))
    making.add(Reduce(at(making.inner(1)), (), add, (*terms, product)))
    program = making.program()
    check(program)
    inputs = {x: np.arange(9.0)[:, None]}
    assert computed(program, inputs, 1) == [[2.0 * 4.0 - 1.0 + 3.0 + 0.0]]


def test_numbers_added_onto_a_number() -> None:
    making = Making()
    x, s = making.input(9), making.inner(1)
    terms = Term(2.0, (at(x, start=4),)), Term(-1.0, (at(x), at(x, start=1))), Term(3.0)
    making.add(
        Reduce(at(s), (), add, (Term(0.5, (at(x, 1),), (9,)),)),
        Reduce(at(s), (), add, terms, onto=True),
        Reduce(at(s), (), add, (Term(1.0, (at(x, start=8),)),), onto=True),
    )
    program = making.program()
    check(program)
    inputs = {x: np.arange(9.0)[:, None]}
    assert computed(program, inputs, 1) == [[0.5 * 36.0 + 8.0 - 0.0 + 3.0 + 8.0]]


def gathered(target: Any, access: Any, nest: Any = (4,), per_sample: bool = True) -> Program:
    making = Making()
    making.input(9, True)
    making.input(9)
    making.inner(12, per_sample)
    making.table([3, 1, 8, 8, 0, 2, 5])
    making.add(Reduce(target, nest, add, (Term(1.0, (access,)),)))
    places = target.start + sum(
        s * i for s, i in zip(target.strides, np.indices(nest), strict=True)
    )
    making.results = [Run(math.prod(nest), at(2, 1, table=making.table(np.ravel(places))))]
    return making.program()


@pytest.mark.parametrize(
    ("target", "access", "times"),
    [
        (at(2, 1), at(0, 1, table=0), 1),
        (at(2, 1, start=3), at(0, 1, table=0, start=2), 1),
        (at(2, 2), at(0, 1, table=0), 2),
        (at(2, -1, start=4), at(0, 1, table=0, start=1), 2),
        (at(2, 1), at(0, -1, table=0, start=5), 2),
        (at(2, 1), at(0, 0, table=0, start=5), 2),
        (at(2, 1), at(1, 1, table=0), 2),
    ],
)
def test_gathered_right_to_where_it_belongs(target: Any, access: Any, times: int) -> None:
    program = gathered(target, access)
    check(program)
    assert calls(program) == times


def test_gathered_along_several_axes() -> None:
    check(gathered(at(2, 3, 1), at(0, 3, 1, table=0, start=1), (2, 3)))
    check(gathered(at(2, 1, 2), at(0, 3, 1, table=0), (2, 3)))
    check(gathered(at(2, 3, 1), at(0, 1, 2, table=0, start=1), (2, 3)))
    check(gathered(at(2, 3, 1), at(1, 3, 1, table=0, start=1), (2, 3), per_sample=False))
