"""Statements as machine code: what they mean, whatever their axes, on any processor."""

from __future__ import annotations

import platform
from typing import Any
from unittest.mock import patch

import numpy as np
import pytest
from any_statement import programs
from hypothesis import given, settings
from hypothesis import strategies as st
from written import Making, at, check, computed, random_inputs

from tinygrad_nn.compiler.backends import machine, runner
from tinygrad_nn.compiler.backends.axes import normal
from tinygrad_nn.compiler.backends.loops import Nest
from tinygrad_nn.compiler.backends.memory import Layout
from tinygrad_nn.compiler.backends.numpy.code import NUMPY
from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.phases import phases_of
from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce, Runs, Term
from tinygrad_nn.scalar.ops import TABLE, add, exp, maximum, mul, sign, step, tanh

pytest.importorskip("llvmlite")

from tinygrad_nn.compiler.backends.llvm.contraction import following
from tinygrad_nn.compiler.backends.llvm.engine import Engine, Target
from tinygrad_nn.compiler.backends.machine import MACHINE, Machine
from tinygrad_nn.compiler.backends.schedule import Rules, arranged

COUNTS = (0, 1, 3, 19)  # no vector, one that is not whole, and whole ones with another
RNG = np.random.default_rng(3)
IS_X86 = platform.machine() in ("x86_64", "AMD64")
SMALL = Machine(Target("x86-64", "")) if IS_X86 else MACHINE


def judge(program: Program, counts: tuple[int, ...] = COUNTS, backend: Any = MACHINE) -> None:
    check(program, counts=counts, backends=(backend,))


@pytest.mark.parametrize("op", TABLE.values(), ids=lambda op: op.name)
def test_operations(op: Any) -> None:
    making = Making()
    operands = [at(making.input(5, n % 2 == 0), 1) for n in range(op.arity)]
    making.add(Map(at(making.inner(5, True), 1), (5,), op, tuple(operands)))
    judge(making.program(), (3,))


@settings(max_examples=25)
@given(programs())
def test_any_statement(program: Any) -> None:
    judge(program, (1, 9))


@settings(max_examples=8)
@given(programs())
def test_any_statement_in_short_vectors(program: Any) -> None:
    judge(program, (3,), SMALL)


SIZES = st.sampled_from([1, 2, 3, 5, 8, 13, 17, 24, 40])


@st.composite
def products(draw: Any) -> Program:
    """Products of two matrices that lie in any way, of each sample or of all of them."""
    m, n, k = draw(SIZES), draw(SIZES), draw(SIZES)
    making = Making()
    own, other, result = draw(st.booleans()), draw(st.booleans()), draw(st.booleans())
    op = draw(st.sampled_from([add, add, maximum]))
    if op is not add:
        result = own
    left, right = making.input(m * k, own), making.input(k * n, other)
    target = making.inner(m * n, result)
    samples = op is add and not result and (own or other)
    order = (n, 1) if draw(st.booleans()) else (1, m)
    one = (k, 0, 1) if draw(st.booleans()) else (1, 0, m)
    two = (0, 1, n) if draw(st.booleans()) else (0, k, 1)
    factors = (at(left, *one), at(right, *two)) if op is add else (at(left, *one),)
    coef = draw(st.sampled_from([1.0, -1.0, 0.25])) if op is add else 1.0
    making.add(Reduce(at(target, *order), (m, n), op, (Term(coef, factors, (k,), samples),)))
    return making.program()


@settings(max_examples=25)
@given(products())
def test_products(program: Program) -> None:
    judge(program, (1, 19))


@pytest.mark.parametrize("shape", [(24, 40, 64), (1, 70, 1), (1, 1, 200), (13, 1, 33)])
def test_products_of_any_size(shape: tuple[int, int, int]) -> None:
    m, n, k = shape
    making = Making()
    left, right = making.input(m * k), making.input(k * n)
    terms = (Term(1.0, (at(left, k, 0, 1), at(right, 0, 1, n)), (k,)),)
    making.add(Reduce(at(making.inner(m * n), n, 1), (m, n), add, terms))
    judge(making.program())


def test_large_products_are_numpys() -> None:
    making = Making()
    left, right = making.input(30), making.input(30)
    terms = (Term(1.0, (at(left, 6, 0, 1), at(right, 0, 1, 5)), (6,)),)
    product = making.inner(25)
    making.add(
        Reduce(at(product, 5, 1), (5, 5), add, terms),
        Map(at(making.inner(25), 1), (25,), tanh, (at(product, 1),)),
    )
    program = making.program()
    with patch.object(machine, "MOST_PRODUCTS", 149):
        judge(program, (1,))
        runner = Runner(split(program), backend=MACHINE)
        assert runner.first(1).calls == 1
        assert runner.first(1).whole is None
    assert Runner(split(program), backend=MACHINE).first(1).calls == 0


def test_what_is_chosen_is_read_and_added_to() -> None:
    making = Making()
    x, which = making.input(12), making.input(4)
    read, total = making.inner(12, True), making.inner(12)
    by = (3, 4, at(which, 1, 0))
    chosen = at(x, 0, 1, by=by)
    making.add(
        Reduce(at(read, 3, 1), (4, 3), add, (Term(2.0, (chosen,)),)),
        Map(at(total, 1), (12,), mul, (at(x, 1), 0.0)),
        Reduce(at(total, 0, 1, by=by), (4, 3), add, (Term(-1.0, (at(x, 3, 1),)),), onto=True),
    )
    numbers = {x: RNG.normal(size=(12, 1)), which: np.array([[2.0], [0.0], [2.0], [7.0]])}
    check(making.program(), numbers, (1, 9), (MACHINE,))


def test_runs_of_each_sample_and_of_what_they_share() -> None:
    making = Making()
    x, y = making.input(9, True), making.input(9)
    ends = making.table([1, 4, 9])
    factors = (at(x, 1), at(y, -1, start=8))
    making.add(
        Runs(at(making.inner(3, True), 1), (3,), add, Term(0.5, factors, (9,)), ends),
        Runs(at(making.inner(3), 1), (3,), add, Term(1.0, factors, (9,), True), ends),
        Runs(at(making.inner(3), 1), (3,), maximum, Term(-1.0, factors[1:], (9,)), ends),
    )
    judge(making.program())


def recurrence() -> Program:
    """A state that each step makes of the last, and a sum that all steps add to."""
    making = Making()
    x, w = making.input(6, True), making.input(9)
    h, z, total = making.inner(21, True), making.inner(18, True), making.inner(3, True)
    state = (Term(1.0, (at(w, 0, 3, 1), at(h, 3, 0, 1)), (3,)),)
    making.add(
        Map(at(h, 1), (3,), exp, (at(x, 1),)),
        Map(at(total, 1), (3,), exp, (at(x, 0),)),
        Loop(
            6,
            (
                Reduce(at(z, 3, 1), (3,), add, state),
                Map(at(h, 3, 1, start=3), (3,), tanh, (at(z, 3, 1),)),
                Reduce(
                    at(total, 0, 1),
                    (3,),
                    add,
                    (Term(0.5, (at(h, 3, 1),)), Term(1.0, (at(x, 1, 0), at(w, 0, 3)))),
                    onto=True,
                ),
            ),
        ),
    )
    return making.program()


def test_a_loop() -> None:
    judge(recurrence())


def test_a_product_is_rounded_before_it_is_added() -> None:
    """So what is a difference of equal products is 0, and what a product loses is computed."""
    making = Making()
    a, b = making.input(9), making.input(9)
    p, lost = making.inner(9), making.inner(9)
    ab = (at(a, 1), at(b, 1))
    making.add(
        Reduce(at(p, 1), (9,), add, (Term(1.0, ab),)),
        Reduce(at(lost, 1), (9,), add, (Term(1.0, ab), Term(-1.0, ab))),
        Reduce(at(making.inner(9), 1), (9,), add, (Term(1.0, ab), Term(-1.0, (at(p, 1),)))),
    )
    program = making.program()
    numbers = {a: RNG.normal(size=(9, 1)), b: RNG.normal(size=(9, 1))}
    found = computed(program, numbers, 1, Runner(split(program), backend=MACHINE))
    assert [float(x[0]) for x in found[9:]] == [0.0] * 18


def test_a_table_that_is_a_part_of_another() -> None:
    making = Making()
    x = making.input(20)
    making.tables.append(np.arange(19, -1, -1)[::2])
    making.add(Map(at(making.inner(10), 1), (10,), tanh, (at(x, 1, table=0),)))
    judge(making.program())


def test_what_reads_its_neighbour_is_not_computed_together_with_it() -> None:
    making = Making()
    x, y = making.input(20), making.inner(20)
    making.add(
        Map(at(y, 1), (20,), tanh, (at(x, 1),)),
        Map(at(making.inner(20), 1), (20,), exp, (at(y, -1, start=19),)),
        Map(at(making.inner(20), 1), (20,), exp, (at(y, 1),)),
    )
    judge(making.program())


def test_nests_along_other_axes_are_computed_together() -> None:
    making = Making()
    x, y, z = making.input(24, True), making.inner(24, True), making.inner(24, True)
    bias, table = making.input(6), making.table([5, 0, 3, 2, 4, 1, *range(18)])
    making.add(
        Map(at(y, 4, 1), (6, 4), add, (at(x, 4, 1), at(bias, -1, 0, start=5))),
        Map(at(z, 1), (24,), tanh, (at(y, 1),)),
        Map(at(making.inner(24, True), 12, 1), (2, 12), mul, (at(z, 12, 1), at(y, 0, 1, start=9))),
        Map(at(making.inner(24, True), 1), (24,), mul, (at(y, 1), at(bias, 0))),
        Map(at(making.inner(24, True), 3, 1), (8, 3), add, (at(z, 3, 1), at(x, 3, 1, table=table))),
    )
    program = making.program()
    judge(program, (1, 17))
    groups = groups_of(program)
    assert [len(group) for group in groups] == [3, 1, 1]


def groups_of(program: Program) -> list[list[Nest]]:
    steps = MACHINE.maker(Layout(program), phases_of(program)).steps
    nests = [normal(step, 0) for phase in steps for step in phase]
    return arranged(nests, (), Rules(lambda ref: (ref.array, True), following=following))


def layer(making: Making, w: int, x: int, size: int) -> tuple[int, int]:
    """Add a layer of a network: its inputs times weights, and the step of each sum."""
    z, h = making.inner(size, True), making.inner(size, True)
    width = making.arrays[x].size
    making.add(
        Reduce(at(z, 1), (size,), add, (Term(1.0, (at(w, width, 1), at(x, 0, 1)), (width,)),)),
        Map(at(h, 1), (size,), step, (at(z, 1),)),
    )
    return z, h


@pytest.mark.parametrize("backend", [MACHINE, SMALL])
def test_sums_go_on_in_registers(backend: Machine) -> None:
    making = Making()
    w, x, bias = making.input(39), making.input(3, True), making.input(13)
    z, h = layer(making, w, x, 13)
    scaled = making.inner(13, True)
    making.add(
        Map(at(scaled, 1), (13,), mul, (at(h, 1), at(bias, -1, start=12))),
        Map(at(making.inner(13, True), 1), (13,), add, (at(scaled, 1), at(z, -1, start=12))),
    )
    program = making.program()
    judge(program, (1, 17, 40), backend)
    assert [len(group) for group in groups_of(program)] == [3, 1]


def test_what_is_soon_computed_waits_for_its_reader() -> None:
    making = Making()
    w, v, x = making.input(9), making.input(9), making.input(3, True)
    _, h = layer(making, w, x, 3)
    sign_of, own, last = (making.inner(3, True) for _ in range(3))
    making.add(Map(at(sign_of, 1), (3,), sign, (at(h, 1),)))
    z, _ = layer(making, v, h, 3)
    making.add(
        Map(at(own, 1), (3,), mul, (at(sign_of, 1), at(z, 1))),
        Map(at(last, 1), (3,), tanh, (at(z, 1),)),
    )
    making.results = [Run(3, at(array, 1)) for array in (own, last)]  # others share memory
    program = making.program()
    judge(program, (1, 17))
    targets = [[nest.target.array for nest in group] for group in groups_of(program)]
    (together,) = [group for group in targets if sign_of in group]
    assert own in together
    assert together.index(sign_of) < together.index(own)


def test_few_numbers_are_computed_one_by_one() -> None:
    making = Making()
    x, own = making.input(6), making.input(6, True)
    sums, most, added = making.inner(4), making.inner(2, True), making.inner(2)
    squares = (at(x, 1, 2), at(x, 1, 2))
    making.add(
        Reduce(at(sums, 2), (2,), add, (Term(-0.5, squares, (2,)),)),
        Reduce(at(sums, 2, start=1), (2,), add, (Term(-1.0, (at(x, -1, 1, start=1),), (2,)),)),
        Reduce(at(most, 1), (2,), maximum, (Term(1.0, (at(own, 1, 2),), (2,)),)),
        Map(at(added, 1), (2,), tanh, (at(sums, -1, start=3),)),
        Reduce(at(added, -1, start=1), (2,), add, (Term(2.0, (at(sums, 2),)),), onto=True),
        Map(at(making.inner(2, True), 1), (2,), mul, (at(most, 1), at(added, 0, start=1))),
    )
    judge(making.program(), (1, 17))


def test_lanes_that_are_no_samples_add_nothing() -> None:
    making = Making()
    w, x = making.input(2), making.input(2, True)
    terms = (Term(1.0, (at(w, 0), at(x, 1)), (), True),)
    making.add(Reduce(at(making.inner(2), 1), (2,), add, terms))
    numbers = {w: np.array([[np.inf], [1.0]]), x: np.ones((2, 9))}
    check(making.program(), numbers, (3, 9), (MACHINE,))


def samples_in_all_ways() -> Program:
    """Maps, products of what is shared and of what is not, sums over the samples, a choice."""
    making = Making()
    w, x, which = making.input(15), making.input(5, True), making.input(1, True)
    z, a, slopes = making.inner(3, True), making.inner(3, True), making.inner(15)
    total, picked, after = making.inner(1), making.inner(1, True), making.inner(15)
    making.add(
        Reduce(at(z, 1), (3,), add, (Term(1.0, (at(w, 5, 1), at(x, 0, 1)), (5,)),)),
        Map(at(a, 1), (3,), tanh, (at(z, 1),)),
        Reduce(at(picked), (), add, (Term(1.0, (at(a, by=(1, 3, at(which))),)),)),
        Reduce(at(slopes, 5, 1), (3, 5), add, (Term(-0.5, (at(a, 1, 0), at(x, 0, 1)), (), True),)),
        Reduce(at(total), (), add, (Term(1.0, (at(picked), at(picked)), (), True),)),
        Map(at(after, 1), (15,), mul, (at(slopes, 1), at(total, 0))),
    )
    return making.program()


@pytest.mark.parametrize("backend", [MACHINE, SMALL])
def test_one_code_for_any_number_of_samples(backend: Machine) -> None:
    program = samples_in_all_ways()
    with patch.object(runner, "CACHE", 0), patch.object(machine, "Engine") as made:
        made.side_effect = Engine
        one, numpy = (Runner(split(program), backend=some) for some in (backend, NUMPY))
        for count in (65, 0, 1, 7, 8, 15, 16, 17, 63, 64, 129, 300):
            inputs = random_inputs(program, count)
            inputs[2] = RNG.integers(0, 3, (1, count)).astype(float)
            expected = np.concatenate(computed(program, inputs, count, numpy))
            found = np.concatenate(computed(program, inputs, count, one))
            np.testing.assert_allclose(found, expected, rtol=1e-13, atol=1e-13)
    assert made.call_count == 1
