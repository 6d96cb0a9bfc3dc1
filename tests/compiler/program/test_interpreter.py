"""What programs mean: each class of the one form, by hand, beside NumPy."""

from __future__ import annotations

import math
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from forms import (
    at,
    by_loops,
    close,
    computed,
    given,
    inner,
    made,
    over_samples,
    programs,
    random_inputs,
    total,
)
from hypothesis import given as for_all
from hypothesis import settings
from hypothesis import strategies as st

from tinygrad_nn import Value
from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Chosen, Loop, Map, Reduce, Runs, Term
from tinygrad_nn.scalar.ops import add, div, exp, maximum, minimum, mul, sub, where

rng = np.random.default_rng(0)
A = rng.uniform(-1.0, 1.0, (3, 4))
B = rng.uniform(-1.0, 1.0, (4, 2))
v = rng.uniform(-1.0, 1.0, 4)
X = rng.uniform(-1.0, 1.0, (4, 5))  # four numbers of each of five samples


# ---- Map -----------------------------------------------------------------------------------------


def test_a_map_applies_an_operation_for_all_indices() -> None:
    """target[i, j] = A[j, i] - v[i], the target in one piece."""
    both = Map(at(2, 3, 1), (4, 3), sub, (at(0, 1, 4), at(1, 1, 0)))
    program = made([given(12), given(4), inner(12)], [both])
    found = computed(program, {0: A, 1: v})
    close(found.reshape(4, 3), A.T - v[:, None])


def test_an_operand_may_be_a_number_and_there_may_be_three() -> None:
    program = made([given(4), inner(4)], [Map(at(1, 1), (4,), where, (at(0, 1), 7.0, -1.0))])
    close(computed(program, {0: [0.0, 1.0, 2.0, -0.0]})[:, 0], [-1.0, 7.0, 7.0, -1.0])


def test_without_axes_there_is_one_element() -> None:
    program = made([given(4), inner(1)], [Map(at(1), (), exp, (at(0, start=2),))])
    close(computed(program, {0: v}), math.exp(v[2]))


def test_what_is_for_each_sample_reads_what_they_share_too() -> None:
    program = made(
        [given(4, True), given(4), inner(4, True)], [Map(at(2, 1), (4,), mul, (at(0, 1), at(1, 1)))]
    )
    close(computed(program, {0: X, 1: v}, 5), X * v[:, None])


# ---- Reduce --------------------------------------------------------------------------------------


def test_a_product_of_matrices() -> None:
    product = total(at(0, 4, 0, 1), at(1, 0, 1, 2), over=[4])
    program = made([given(12), given(8), inner(6)], [Reduce(at(2, 2, 1), (3, 2), add, (product,))])
    close(computed(program, {0: A, 1: B}).reshape(3, 2), A @ B)


@pytest.mark.parametrize(("op", "truth"), [(add, np.sum), (maximum, np.max), (minimum, np.min)])
def test_all_numbers_of_all_terms_are_joined(op: Any, truth: Any) -> None:
    terms = (total(at(0, 4, 1), over=[4], coef=-2.0), total(at(1, 0), coef=0.5), Term(0.25))
    program = made([given(12), given(4), inner(3)], [Reduce(at(2, 1), (3,), op, terms)])
    every = np.concatenate([-2.0 * A, np.full((3, 1), 0.5 * v[0]), np.full((3, 1), 0.25)], axis=1)
    close(computed(program, {0: A, 1: v})[:, 0], truth(every, axis=1))


def test_three_factors_and_two_axes_that_are_summed_over() -> None:
    product = total(at(0, 4, 1), at(1, 0, 1), at(1, 1, 0), over=[3, 4], coef=3.0)
    program = made([given(12), given(4), inner(1)], [Reduce(at(2), (), add, (product,))])
    close(computed(program, {0: A, 1: v}), 3.0 * np.einsum("ij,j,i", A, v, v[:3]))


def test_onto_adds_to_what_is_there() -> None:
    first = Reduce(at(1, 1), (4,), add, (total(at(0, 1)),))
    again = Reduce(at(1, 1, start=1), (2,), add, (total(at(0, 1), coef=10.0),), onto=True)
    expected = v.copy()
    expected[1:3] += 10.0 * v[:2]
    close(computed(made([given(4), inner(4)], [first, again]), {0: v})[:, 0], expected)


def test_the_first_number_is_taken_as_it_is() -> None:
    """A zero to begin with would make 0.0 of -0.0."""
    program = made([given(2), inner(1)], [Reduce(at(1), (), add, (total(at(0, 1), over=[2]),))])
    found = by_loops(program, {0: np.array([[-0.0], [-0.0]])}, 1)
    assert math.copysign(1.0, found[0, 0]) == -1.0


def test_not_a_number_comes_through() -> None:
    terms = (total(at(0, 1), over=[2]),)
    program = made([given(2), inner(1)], [Reduce(at(1), (), maximum, terms)])
    assert np.isnan(by_loops(program, {0: np.array([[1.0], [math.nan]])}, 1)).all()
    assert np.isnan(by_loops(program, {0: np.array([[math.nan], [1.0]])}, 1)).all()


# ---- places --------------------------------------------------------------------------------------


def test_strides_may_be_negative_zero_and_overlap() -> None:
    windows = total(at(0, 1, -1, start=1), coef=2.0)
    program = made([given(4), inner(6)], [Reduce(at(1, 2, 1), (3, 2), add, (windows,))])
    expected = [[2.0 * v[1 + i - j] for j in (0, 1)] for i in range(3)]
    close(computed(program, {0: v}).reshape(3, 2), expected)


def test_a_table_says_where_something_is_read_and_written() -> None:
    taken = total(at(0, 2, start=1, table=0))
    program = made(
        [given(4), inner(3)],
        [Reduce(at(1, 1, table=1), (3,), add, (taken,))],
        tables=[[9, 3, 9, 3, 9, 1], [2, 0, 1]],
    )
    close(computed(program, {0: v})[:, 0], [v[3], v[1], v[3]])


NONE = [math.nan, -1.0, 3.0, 0.5, math.inf]


def test_a_number_chooses_what_is_read() -> None:
    """Of a row of three; where it is none of 0, 1, 2 the term is 0."""
    chosen = at(0, 3, chosen=Chosen(1, 3, at(1, 1)))
    terms = (total(chosen, at(2, 0)), Term(1.0))
    arrays = [given(21), given(7), given(1), inner(7)]
    program = made(arrays, [Reduce(at(3, 1), (7,), add, terms)])
    rows = np.arange(21.0)
    found = computed(program, {0: rows, 1: [2.0, -0.0, *NONE], 2: [math.e]})
    close(found[:, 0], [2 * math.e + 1, 3 * math.e + 1, 1, 1, 1, 1, 1])


def test_what_is_not_meant_is_zero_beside_infinity_too() -> None:
    chosen = at(0, chosen=Chosen(1, 2, at(1)))
    terms = (total(chosen, at(2)),)
    program = made([given(2), given(1), given(1), inner(1)], [Reduce(at(3), (), add, terms)])
    assert computed(program, {0: [1.0, 2.0], 1: [5.0], 2: [math.inf]}) == 0.0


def test_a_table_may_follow_a_choice() -> None:
    chosen = at(0, 3, table=0, chosen=Chosen(1, 3, at(1, 1, table=1)))
    terms = (total(chosen), total(at(0, 0)))
    program = made(
        [given(4), given(2), inner(2)],
        [Reduce(at(2, 1), (2,), add, terms)],
        tables=[[0, 1, 2, 3, 2, 1], [1, 0]],
    )
    found = computed(program, {0: v, 1: [2.0, 0.0]})
    close(found[:, 0], [v[0] + v[0], v[1] + v[0]])


def test_a_number_chooses_what_is_added_to() -> None:
    zeros = Reduce(at(2, 1), (4,), add, (Term(0.0),))
    target = at(2, 0, chosen=Chosen(1, 4, at(1, 1)))
    adding = Reduce(target, (7,), add, (total(at(0, 1)),), onto=True)
    program = made([given(7), given(7), inner(4)], [zeros, adding])
    found = computed(program, {0: np.arange(1.0, 8.0), 1: [1.0, 1.0, 0.0, *NONE[:2], 3.0, 4.5]})
    close(found[:, 0], [3.0, 3.0, 0.0, 6.0])


def test_samples_choose_each_for_itself() -> None:
    """The derivative by a table: rows that the samples choose get what they bring."""
    zeros = Reduce(at(2, 1), (6,), add, (over_samples(coef=0.0),))
    target = at(2, 1, chosen=Chosen(2, 3, at(1, 0)))
    adding = Reduce(target, (2,), add, (over_samples(at(0, 1)),), onto=True)
    program = made([given(4, True), given(1, True), inner(6)], [zeros, adding])
    chosen = np.array([2.0, 0.0, 2.0, 7.0, 2.0])
    expected = np.zeros((3, 2))
    for sample in (0, 1, 2, 4):
        expected[int(chosen[sample])] += X[:2, sample]
    close(computed(program, {0: X, 1: chosen}, 5)[:, 0], expected.ravel())


# ---- samples -------------------------------------------------------------------------------------


def test_a_term_is_summed_over_samples() -> None:
    """The derivative by a matrix: sum_batch(outer(X, X))."""
    outer = over_samples(at(0, 1, 0), at(0, 0, 1))
    program = made([given(4, True), inner(16)], [Reduce(at(1, 4, 1), (4, 4), add, (outer,))])
    close(computed(program, {0: X}, 5)[:, 0].reshape(4, 4), X @ X.T)


def test_what_samples_share_counts_once_for_each() -> None:
    terms = (over_samples(at(1, 1)), over_samples(coef=2.0), over_samples(at(0, 1)))
    program = made([given(4, True), given(4), inner(4)], [Reduce(at(2, 1), (4,), add, terms)])
    found = computed(program, {0: X, 1: v}, 5)[:, 0]
    close(found, 5 * v + 10.0 + X.sum(axis=1))


def test_an_axis_and_the_samples_are_summed_over() -> None:
    mean = over_samples(at(0, 1), at(0, 1), over=[4], coef=0.2)
    program = made([given(4, True), inner(1)], [Reduce(at(1), (), add, (mean,))])
    close(computed(program, {0: X}, 5)[0], 0.2 * (X * X).sum())


# ---- Runs ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("op", "ufunc"), [(add, np.add), (maximum, np.maximum), (minimum, np.minimum)]
)
def test_runs_are_joined_each_for_itself(op: Any, ufunc: Any) -> None:
    """Of members in the order of the nest: target[i, j] lies at 2 * j + i."""
    runs = Runs(at(1, 1, 2), (2, 2), op, Term(-1.0, (at(0, 2, start=1, table=1),), (6,)), 0)
    table = [5, 0, 5, 3, 5, 1, 5, 2, 5, 3, 5, 1]
    program = made([given(6), inner(4)], [runs], tables=[[1, 3, 4, 6], table])
    x = rng.uniform(-1.0, 1.0, 6)
    expected = ufunc.reduceat(-x[table[1::2]], [0, 1, 3, 4]).reshape(2, 2)
    close(computed(program, {0: x})[:, 0].reshape(2, 2), expected.T)


def test_runs_of_samples() -> None:
    factors = (at(0, 1), at(1, -1, start=3))
    each = Runs(at(2, 1), (2,), add, Term(1.0, factors, (4,)), 0)
    every = Runs(at(3, 1), (2,), add, Term(2.0, factors, (4,), True), 0)
    arrays = [given(4, True), given(4), inner(2, True), inner(2)]
    found = computed(made(arrays, [each, every], tables=[[1, 4]]), {0: X, 1: v}, 5)
    expected = np.add.reduceat(X * v[::-1, None], [0, 1], axis=0)
    close(found[:2], expected)
    close(found[2:, 0], 2.0 * expected.sum(axis=1))


def test_runs_write_through_a_table() -> None:
    runs = Runs(at(1, 1, table=1), (2,), add, Term(1.0, (at(0, 1),), (4,)), 0)
    program = made([given(4), inner(2)], [runs], tables=[[3, 4], [1, 0]])
    close(computed(program, {0: v})[:, 0], [v[3], v[:3].sum()])


# ---- Loop ----------------------------------------------------------------------------------------


def test_a_loop_takes_steps_one_after_the_other() -> None:
    """h[t + 1] = exp(W @ h[t]) of a batch, for three steps."""
    start = Map(at(2, 1), (2,), mul, (at(1, 1), 1.0))
    product = Reduce(at(3, 2, 1), (2,), add, (total(at(0, 0, 2, 1), at(2, 2, 0, 1), over=[2]),))
    step = Map(at(2, 2, 1, start=2), (2,), exp, (at(3, 2, 1),))
    arrays = [given(4), given(2, True), inner(8, True), inner(6, True)]
    program = made(arrays, [start, Loop(3, (product, step))], results=[Run(8, at(2, 1))])
    W = rng.uniform(-1.0, 0.0, (2, 2))
    h = [X[:2]]
    for _ in range(3):
        h.append(np.exp(W @ h[-1]))
    close(computed(program, {0: W, 1: X[:2]}, 5), np.concatenate(h))


def test_loops_within_loops_and_tables_that_move() -> None:
    """y[s, t, i] = x[table[6 - 3 s - t]] * i."""
    one = Map(at(1, 6, 2, 1), (2,), mul, (at(0, -3, -1, 0, start=6, table=0), at(2, 0, 0, 1)))
    constants = Array(2, False, Role.CONSTANT)
    program = made(
        [given(4), inner(12), constants], [Loop(2, (Loop(3, (one,)),))], [[3, 0, 1, 2, 2, 1, 0]]
    )
    program.constants[2] = np.array([5.0, 7.0])
    table = program.tables[0]
    expected = [v[table[6 - 3 * s - t]] * c for s in (0, 1) for t in (0, 1, 2) for c in (5.0, 7.0)]
    close(computed(program, {0: v})[:, 0], expected)


def test_a_sum_that_grows_from_step_to_step() -> None:
    first = Reduce(at(1), (), add, (Term(1.0),))
    step = Reduce(at(1, 0), (), add, (total(at(0, 1, 1), over=[2]), Term(0.5)), onto=True)
    program = made([given(4), inner(1)], [first, Loop(3, (step,))])
    close(computed(program, {0: v}), 2.5 + sum(v[t] + v[t + 1] for t in range(3)))


# ---- results -------------------------------------------------------------------------------------


def test_results_are_runs_of_places_or_numbers() -> None:
    runs = [Run(2, at(0, -2, start=3)), Run(2, math.pi), Run(3, at(1, 1, table=0))]
    program = made(
        [given(4), inner(2, True)], [Map(at(1, 1), (2,), exp, (at(0, 1),))], [[1, 0, 0]], runs
    )
    e = np.exp(v[:2])
    found = computed(program, {0: v}, 5)
    close(
        found,
        np.broadcast_to([[v[3]], [v[1]], [math.pi], [math.pi], [e[1]], [e[0]], [e[0]]], (7, 5)),
    )


# ---- other kinds of numbers ----------------------------------------------------------------------


def quotient() -> Program:
    """(x . x + 0.5) / (x0 - x1)."""
    squares = Reduce(at(1), (), add, (total(at(0, 1), at(0, 1), over=[3]), Term(0.5)))
    difference = Reduce(at(1, start=1), (), add, (total(at(0)), total(at(0, start=1), coef=-1.0)))
    last = Map(at(2), (), div, (at(1), at(1, start=1)))
    return made(
        [given(3), inner(2), inner(1)], [squares, difference, last], results=[Run(1, at(2, 1))]
    )


def test_exact_fractions() -> None:
    def apply(op: Any, x: Fraction, y: Fraction) -> Fraction:
        return {add: Fraction.__add__, div: Fraction.__truediv__}[op](x, y)

    rows: Any = [[Fraction(1, 3)], [Fraction(1, 7)], [Fraction(2)]]
    memory = interpret(quotient(), {0: rows}, 1, Fraction, apply)
    ((found,),) = results_of(quotient(), memory)
    x = [Fraction(1, 3), Fraction(1, 7), Fraction(2)]
    assert found == (sum(a * a for a in x) + Fraction(1, 2)) / (x[0] - x[1])


def test_values_that_can_be_differentiated() -> None:
    x = [Value(0.3), Value(-0.4), Value(2.0)]
    memory = interpret(quotient(), {0: [[a] for a in x]}, 1, lambda n: n, lambda op, *xs: op(*xs))  # type: ignore[list-item]
    ((found,),) = results_of(quotient(), memory)
    found.backward()
    top, bottom = 0.3**2 + 0.4**2 + 4.0 + 0.5, 0.7
    assert [a.grad for a in x] == pytest.approx(
        [0.6 / bottom - top / bottom**2, -0.8 / bottom + top / bottom**2, 4.0 / bottom]
    )


# ---- at random -----------------------------------------------------------------------------------


@settings(max_examples=60)
@for_all(programs, st.integers(0, 99))
def test_all_ways_to_compute_a_program_agree(program: Program, seed: int) -> None:
    computed(program, random_inputs(program, 3, seed), 3)
