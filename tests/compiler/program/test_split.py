"""Simple programs: what each statement becomes, and that nothing else is computed."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from forms import at, changed, computed, given, inner, made, over_samples, programs, total
from hypothesis import given as for_all
from hypothesis import settings

from tinygrad_nn.compiler.program.phases import phases_of
from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.split import check_simple, split
from tinygrad_nn.compiler.program.statements import (
    Chosen,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    Term,
    sums_samples,
)
from tinygrad_nn.errors import ProgramError
from tinygrad_nn.scalar.ops import add, exp, maximum

A = np.arange(1.0, 13.0).reshape(3, 4)
v = np.array([0.5, -1.0, 2.0, 3.0])
X = np.random.default_rng(0).uniform(-1.0, 1.0, (4, 5))

product = total(at(0, 4, 1), at(1, 0, 1), over=[4])  # A @ v
chosen = at(0, 1, chosen=Chosen(4, 3, at(1, 0)))


def kinds(program: Program) -> list[str]:
    """What each statement of a simple program is, in a word."""
    check_simple(program)

    def kind(s: Map | Reduce | Runs | Loop) -> str:
        if not isinstance(s, Reduce):
            return type(s).__name__.lower()
        if s.target.chosen is not None:
            return "added to"
        (term, *_) = s.terms
        if any(f.chosen is not None for f in term.factors):
            return "chosen"
        varies = any(program.arrays[f.array].per_sample for f in term.factors)
        return "product" if term.over or (term.samples and varies) else "plain"

    return [kind(s) for s in program.statements]


def one(*terms: Term, op: object = add) -> Program:
    """A @ v, or whatever the terms are: of A of shape (3, 4), v, and X of samples."""
    arrays = [given(12), given(4), given(4, True), inner(3)]
    return made(arrays, [Reduce(at(3, 1), (3,), op, terms, nodes=7)], tables=[[2, 0, 1, 2]])  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("program", "expected"),
    [
        (one(total(at(0, 4)), Term(1.0)), ["plain"]),
        (one(total(at(0, 4), at(1, 1), at(1, 0, table=0))), ["plain"]),
        (one(product), ["product"]),
        (one(total(chosen)), ["chosen"]),
        (one(product, Term(1.0)), ["product", "plain"]),
        (one(product, product, total(at(0, 4))), ["product", "product", "plain"]),
        (one(total(at(0, 4, 1), at(1, 0, 1, table=0), over=[4])), ["plain", "product"]),
        (one(total(*product.factors, at(1, 1, 0), over=[4])), ["plain", "product"]),
        (one(over_samples(at(1, 1))), ["plain"]),
        (one(over_samples(at(1, 1, table=0))), ["plain"]),
        (one(over_samples(at(2, 1))), ["product"]),
        (one(over_samples(at(1, 1)), over_samples(at(2, 1))), ["plain", "product", "plain"]),
        (one(over_samples(at(1, 1, 0), over=[2])), ["product"]),
    ],
)
def test_each_statement_does_one_thing(program: Program, expected: list[str]) -> None:
    simple = split(program)
    assert kinds(simple) == expected
    inputs = {0: A, 1: [0.0, 2.0, 1.0, 5.0], 2: X}
    computed(program, inputs, 5)


def test_the_last_statement_stands_for_the_numbers_of_the_graph() -> None:
    each = over_samples(at(2, 1))
    for program in (one(product, product), one(over_samples(at(1, 1)), each), one(each, each)):
        *pieces, last = split(program).statements
        assert last.nodes == 7  # type: ignore[union-attr]
        assert all(s.nodes == 0 for s in pieces)  # type: ignore[union-attr]


def test_the_program_itself_stays_as_it_is() -> None:
    program = one(product, product)
    arrays, statements = list(program.arrays), list(program.statements)
    assert split(program).results == program.results
    assert (program.arrays, program.statements) == (arrays, statements)


def test_a_simple_program_is_left_alone() -> None:
    runs = Runs(at(3, 1), (2,), add, Term(1.0, (at(0, 1),), (4,)), 0)
    program = replace(one(), statements=[summed, added, runs])
    assert split(program).statements == program.statements
    assert split(program).arrays == program.arrays


def test_what_is_gathered_is_no_larger_than_it_must_be() -> None:
    """Each of four elements once, and not for each of three rows."""
    gathered = total(at(0, 4, 1), at(1, 0, 1, table=0), over=[4])
    assert [a.size for a in split(one(gathered)).arrays] == [12, 4, 4, 3, 4]


def test_many_factors_are_multiplied_one_after_the_other() -> None:
    factors = (at(0, 4, 1), at(1, 0, 1), at(1, 0, -1, start=3), at(1, 0, 1), at(1, 1, 0))
    program = one(total(*factors, over=[4]))
    assert kinds(split(program)) == ["plain", "plain", "plain", "product"]
    found = computed(program, {0: A, 1: v, 2: X}, 5)
    assert found[:, 0] == pytest.approx(v[:3] * (A @ (v * v[::-1] * v)))


def test_a_coefficient_of_a_sum_is_left_to_the_one_that_adds() -> None:
    """Which adds or subtracts at once."""
    minus = replace(product, coef=-1.0)
    first, last = split(one(minus, Term(1.0))).statements
    assert isinstance(first, Reduce)
    assert isinstance(last, Reduce)
    assert [term.coef for term in (*first.terms, *last.terms)] == [1.0, -1.0, 1.0]


def test_a_negative_coefficient_of_an_extreme_goes_with_its_numbers() -> None:
    largest = total(at(0, 4, 1), over=[4], coef=-1.0)
    program = one(largest, Term(-8.5), op=maximum)
    found = computed(program, {0: A, 1: v, 2: X}, 5)
    assert found[:, 0].tolist() == [-1.0, -5.0, -8.5]


def test_a_product_through_a_table_writes_aside_first() -> None:
    program = changed(one(product), 0, target=at(3, 1, table=0))
    assert kinds(split(program)) == ["product", "plain"]
    found = computed(program, {0: A, 1: v, 2: X}, 5)
    assert found[[2, 0, 1], 0].tolist() == (A @ v).tolist()


def test_runs_through_a_table_write_aside_first() -> None:
    runs = Runs(at(1, 1, table=0), (2,), add, Term(1.0, (at(0, 1),), (4,)), 1, nodes=3)
    simple = split(made([given(4), inner(2)], [runs], tables=[[1, 0], [3, 4]]))
    assert kinds(simple) == ["runs", "plain"]
    assert [s.nodes for s in simple.statements] == [0, 3]  # type: ignore[union-attr]


def test_what_may_be_chosen_through_a_table_is_gathered() -> None:
    """And the numbers that choose."""
    access = at(0, 3, table=0, chosen=Chosen(1, 3, at(1, 1, table=1)))
    program = made(
        [given(4), given(2), inner(2)],
        [Reduce(at(2, 1), (2,), add, (total(access),))],
        tables=[[0, 1, 2, 3, 2, 1], [1, 0]],
    )
    assert kinds(split(program)) == ["plain", "plain", "chosen"]
    assert computed(program, {0: v, 1: [1.0, 0.0]})[:, 0].tolist() == [v[0], v[2]]


def test_only_what_is_read_is_gathered() -> None:
    """Another place of the table is not written yet."""
    early = Map(at(1, 1), (2,), exp, (at(0, 1),))
    taken = total(at(1, 0, 1, table=0), over=[2])
    middle = Reduce(at(2, 1), (2,), add, (taken,))
    late = Map(at(1, 1, start=2), (2,), exp, (at(2, 1),))
    program = made([given(4), inner(4), inner(2)], [early, middle, late], tables=[[0, 1, 3]])
    found = computed(program, {0: v})[:, 0]
    assert found[4] == pytest.approx(math.exp(v[0]) + math.exp(v[1]))


def test_each_step_of_a_loop_has_its_own_place_between() -> None:
    terms = (total(at(0, 0, 2, 1), at(1, 1, 0, 1), over=[2]), total(at(1, 2, 0)))
    step = Reduce(at(2, 2, 1), (2,), add, terms)
    program = made([given(4), given(7), inner(6)], [Loop(3, (step,))])
    simple = split(program)
    (loop,) = simple.statements
    assert isinstance(loop, Loop)
    assert kinds(replace(simple, statements=list(loop.body))) == ["product", "plain"]
    assert simple.arrays[-1].size == 6
    W, x = np.arange(4.0).reshape(2, 2), np.arange(7.0)
    expected = [W @ x[t : t + 2] + x[2 * t] for t in range(3)]
    assert computed(program, {0: W, 1: x})[:, 0].tolist() == np.concatenate(expected).tolist()


# ---- samples -------------------------------------------------------------------------------------


def test_sums_over_samples_can_still_be_added_to() -> None:
    """What comes later is a sum over samples too, and does not wait for all of them."""
    sums = Reduce(at(3, 1), (3,), add, (over_samples(at(2, 1)), over_samples(at(2, 1, start=1))))
    target = at(3, 0, chosen=Chosen(1, 3, at(2, 0)))
    later = Reduce(target, (2,), add, (over_samples(at(2, 1)),), onto=True)
    program = replace(one(), statements=[sums, later])
    assert kinds(split(program)) == ["product", "product", "plain", "added to"]
    phases = phases_of(split(program))
    assert not phases.coupled
    assert len(phases.after) == 1
    chosen = np.array([[1.0, 0.0, 2.0, 5.0, 1.0]])
    computed(program, {0: A, 1: v, 2: np.concatenate([chosen, X[:3]])}, 5)


@settings(max_examples=60)
@for_all(programs)
def test_parting_couples_no_batch(program: Program) -> None:
    """But in a loop, where what waits for all samples lies beside what is summed over them."""
    statements: list[Statement] = [s for s in program.statements if not isinstance(s, Loop)]
    program = replace(program, statements=statements)
    assert phases_of(split(program)).coupled <= phases_of(program).coupled


# ---- what is not simple --------------------------------------------------------------------------

summed = Reduce(at(3, 1), (3,), add, (product,))
added = Reduce(at(3, 0, chosen=Chosen(1, 3, at(1, 0))), (3,), add, (total(at(1, 0)),), onto=True)


@pytest.mark.parametrize(
    "statement",
    [
        replace(summed, terms=(product, product)),
        replace(summed, terms=(total(at(0, 4, 1), at(1, 0, 1), at(1, 0, 1), over=[4]),)),
        replace(summed, terms=(total(at(0, 4, 1), at(1, 0, 1, table=0), over=[4]),)),
        replace(summed, target=at(3, 1, table=0)),
        replace(summed, onto=True),
        replace(summed, terms=(total(chosen), Term(1.0))),
        replace(summed, terms=(total(at(0, 0, chosen=Chosen(1, 3, at(1, 1, table=0)))),)),
        replace(summed, target=at(3, 0, chosen=Chosen(1, 3, at(1, 1, table=0))), onto=True),
        replace(added, terms=(total(at(1, 0), at(1, 0), at(1, 0)),)),
        replace(added, terms=(total(at(1, 0, table=0)),)),
        Runs(at(3, 1, table=0), (3,), add, Term(1.0, (at(0, 1),), (4,)), 0),
        Loop(2, (replace(summed, terms=(product, product)),)),
    ],
)
def test_what_does_more_than_one_thing_is_refused(statement: Reduce) -> None:
    check_simple(replace(one(), statements=[summed, added]))
    with pytest.raises(ProgramError, match="does one thing"):
        check_simple(replace(one(), statements=[statement]))


def test_sums_over_samples_are_told_by_their_terms() -> None:
    assert sums_samples(Reduce(at(3), (), add, (over_samples(at(2)),)))
    assert not sums_samples(summed)
    assert one().results == [Run(3, at(3, 1))]
