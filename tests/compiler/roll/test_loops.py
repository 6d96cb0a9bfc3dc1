"""Recurrences become loops, which compute the same."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.statements import Access, Loop, Map, Reduce, Statement, Term
from tinygrad_nn.compiler.program.unroll import unroll
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.compiler.roll.loops import roll_loops
from tinygrad_nn.scalar.ops import add, maximum, tanh

SIZE = 3
X, WEIGHTS = 0, 1
INPUTS = {
    X: [[0.1], [-0.2], [0.3]],
    WEIGHTS: [[1.0 + 0.1 * n] for n in range(40)],
    2: [[1.0, 2.0, -1.0], [0.5, 0.25, 1.0], [3.0, 0.0, 1.0]],
}


def vector(array: int, start: int = 0, stride: int = 1) -> Access:
    return Access(array, start, (stride,))


def step(source: Access, target: Access, weight: int) -> list[Statement]:
    """target = tanh(weights[weight] * source), through an array of its own."""
    between = Access(target.array + 1, 0, (1,))
    product = Term(1.0, (source, Access(WEIGHTS, weight, (0,))))
    return [
        Reduce(between, (SIZE,), add, (product,), nodes=SIZE),
        Map(target, (SIZE,), tanh, (between,), nodes=SIZE),
    ]


def chain(steps: int, weights: Sequence[int] | None = None, per_sample: bool = False) -> Program:
    """A recurrence from x on: arrays 3, 5, 7 ... hold its states."""
    arrays = [
        Array(SIZE, False, Role.INPUT, "x"),
        Array(40, False, Role.INPUT, "w"),
        Array(SIZE, True, Role.INPUT, "s"),
        *[Array(SIZE, per_sample, Role.INNER)] * (2 * steps),
    ]
    statements: list[Statement] = []
    source = vector(2 if per_sample else X)
    for t in range(steps):
        target = vector(3 + 2 * t)
        statements += step(source, target, t if weights is None else weights[t])
        source = target
    return Program(arrays, statements, [Run(SIZE, source)])


def computed(program: Program) -> list[list[float]]:
    verify(program)
    return results_of(program, interpret(program, INPUTS, 3))


def loops(program: Program) -> list[tuple[int, int]]:
    return [(one.count, len(one.body)) for one in program.statements if isinstance(one, Loop)]


def check(program: Program, expected: list[tuple[int, int]]) -> Program:
    """The claim: a program has some loops when it is rolled, and computes the same."""
    made = roll_loops(program)
    assert loops(made) == expected
    assert computed(made) == computed(program) == computed(unroll(made))
    assert len(unroll(made).statements) == len(program.statements)
    return made


@pytest.mark.parametrize("per_sample", [False, True])
def test_the_steps_of_a_recurrence_are_a_loop(per_sample: bool) -> None:
    made = check(chain(12, per_sample=per_sample), [(11, 2)])
    state = 0.1
    for t in range(12):
        state = math.tanh((1.0 + 0.1 * t) * state)
    if not per_sample:
        assert computed(made)[0][0] == pytest.approx(state, rel=1e-14)
    loop = made.statements[2]  # the first step reads x
    assert isinstance(loop, Loop)
    product = loop.body[0]
    assert isinstance(product, Reduce)
    assert product.target.strides == (SIZE, 1)
    assert product.terms[0].factors[1].strides == (1, 0)
    assert [a.size for a in made.arrays[3:]] == [12 * SIZE, SIZE, 11 * SIZE]
    assert made.arrays[3].per_sample is per_sample


def test_a_few_steps_are_written_out() -> None:
    check(chain(4), [])
    check(chain(5), [(4, 2)])


def test_there_and_back() -> None:
    """A second recurrence reads the states of the first one from the last to the first."""
    program = chain(12)
    arrays = [*program.arrays, *[Array(SIZE, False, Role.INNER)] * 12]
    statements = list(program.statements)
    source = vector(3 + 2 * 11)
    for t in range(12):
        target = vector(3 + 24 + t)
        product = Term(1.0, (source, vector(3 + 2 * (11 - t))))
        statements.append(Reduce(target, (SIZE,), add, (product,), nodes=1))
        source = target
    whole = Program(arrays, statements, [Run(SIZE, source), Run(SIZE, vector(7))])
    made = check(whole, [(11, 2), (11, 1)])
    back = made.statements[-1]
    assert isinstance(back, Loop)
    assert isinstance(back.body[0], Reduce)
    assert sorted(f.strides[0] for f in back.body[0].terms[0].factors) == [-SIZE, SIZE]


def test_steps_at_uneven_places_stay() -> None:
    check(chain(12, [0, 1, 3, 6, 10, 15, 21, 28, 36, 3, 1, 0]), [])


def test_only_the_even_part_is_a_loop() -> None:
    weights = [5, 5, 0, *range(2, 22, 2), 39]
    check(chain(14, weights), [(11, 2)])


def test_steps_that_need_nothing_of_each_other_are_no_recurrence() -> None:
    program = chain(12)
    program.statements[:] = [
        one for t in range(12) for one in step(vector(X), vector(3 + 2 * t), t)
    ]
    check(program, [])


def test_tables_follow_what_they_read() -> None:
    program = chain(12)
    program.tables.append(np.array([2, 0, 1]))
    program.results.append(Run(SIZE, Access(15, 0, (1,), 0)))
    made = check(program, [(11, 2)])
    (table,) = made.tables
    assert table.tolist() == [6 * SIZE + 2, 6 * SIZE, 6 * SIZE + 1]


def test_tables_of_all_steps_are_one() -> None:
    """Each step reads the state before in an order of its own, and one weight of all in another."""
    program = chain(12)
    rng = np.random.default_rng(1)
    for t in range(12):
        product = program.statements[2 * t]
        assert isinstance(product, Reduce)
        (state, _), order = product.terms[0].factors, len(program.tables)
        program.tables.extend([rng.permutation(SIZE), np.append([39], rng.permutation(20))])
        gathered = replace(state, table=order), Access(WEIGHTS, 1, (1,), order + 1)
        terms = (Term(1.0, gathered),)
        program.statements[2 * t] = replace(product, terms=terms)
    made = check(program, [(11, 2)])
    assert sorted(map(len, made.tables)) == [SIZE, 21, 11 * SIZE, 11 * 21]
    check(replace(program, tables=[*program.tables[:-1], program.tables[-1][:-1]]), [(10, 2)])


def test_numbers_that_differ_are_a_constant() -> None:
    """Those of a number times a factor, and of operations; a larger product has its own order."""
    program = chain(12)
    for t in range(12):
        product = program.statements[2 * t]
        assert isinstance(product, Reduce)
        state, _ = product.terms[0].factors
        terms = Term(1.0 + t * t, (state,)), Term(0.5 * (t % 3)), Term(-0.0)
        program.statements[2 * t] = replace(product, terms=terms)
        map_ = program.statements[2 * t + 1]
        assert isinstance(map_, Map)
        operands = *map_.operands, 0.1 * t
        program.statements[2 * t + 1] = replace(map_, op=maximum, operands=operands)
    made = check(program, [(11, 2)])
    found = [numbers.tolist() for numbers in made.constants.values()]
    steps = range(1, 12)
    assert found == [
        [1.0 + t * t for t in steps],
        [0.5 * (t % 3) for t in steps],
        [0.1 * t for t in steps],
    ]
    product = program.statements[4]
    assert isinstance(product, Reduce)
    both = (*product.terms[0].factors, Access(WEIGHTS, 0, (0,)))
    program.statements[4] = replace(product, terms=(Term(7.0, both), *product.terms[1:]))
    for t in range(3, 12):
        one = program.statements[2 * t]
        assert isinstance(one, Reduce)
        two = Term(1.0 * t, (*one.terms[0].factors, Access(WEIGHTS, 0, (0,))))
        program.statements[2 * t] = replace(one, terms=(two, *one.terms[1:]))
    check(program, [])


def test_sums_over_samples_are_added_up_where_they_are() -> None:
    """Blocks of samples add to them: nothing else may lie there."""
    program = chain(12)
    for t in range(0, 24, 2):
        product = program.statements[t]
        assert isinstance(product, Reduce)
        (term,) = product.terms
        summed = Term(1.0, (*term.factors, vector(2)), samples=True)
        program.statements[t] = Reduce(product.target, (SIZE,), add, (summed,), nodes=1)
    check(program, [])


def test_steps_before_and_of_the_samples_are_not_one_loop() -> None:
    program = chain(24)
    program.arrays[27:] = [Array(SIZE, True, Role.INNER)] * 24
    check(program, [(11, 2), (11, 2)])
