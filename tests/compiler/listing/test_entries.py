"""Which statements stand on one line."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from forms import at, inner, made, over_samples, total
from listed import shaped, shown

from tinygrad_nn.compiler.listing.entries import entries_of, hidden_arrays, is_run, scaled
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import Chosen, Loop, Map, Reduce, Runs, Statement, Term
from tinygrad_nn.scalar.ops import add, exp, maximum

A, X, Y, S, Z, P = range(6)  # S is of the samples
TABLES = [[2, 0, 1], [1, 2, 4], [0, 1, 2, 3], [0, 3, 1]]

product = total(at(A, 4, 1), at(X, 0, 1), over=[4])
piece = Reduce(at(P, 1), (3,), add, (product,))
whole = total(at(P, 1))


def of(*statements: Statement, results: Any = (Z,)) -> Program:
    arrays = [shaped("A", 3, 4), shaped("x", 4), shaped("y", 3), shaped("s", 3, per_sample=True)]
    arrays += [inner(3), inner(3)]
    return made(arrays, statements, TABLES, [Run(3, at(n, 1)) for n in results])


def sums(*terms: Term, array: int = Z, **more: Any) -> Reduce:
    return Reduce(at(array, 1), (3,), add, terms, **{"nodes": 1} | more)


# ---- what is inside ------------------------------------------------------------------------------


def test_a_piece_is_written_inside_of_its_reader() -> None:
    assert shown(of(piece, sums(total(at(Y, 1)), replace(whole, coef=-2.0)))) == [
        "result = y - 2 * (A @ x)"
    ]
    selected = sums(total(at(P, 1, table=0)))
    assert shown(of(piece, selected)) == ["result = take(A @ x, [2, 0, 1])"]


def test_so_are_sums_of_runs() -> None:
    runs = Runs(at(P, 1), (3,), add, total(at(X, 1, table=2), over=[4]), 1)
    assert shown(of(runs, sums(total(at(Y, 1)), replace(whole, coef=0.5)))) == [
        "result = y + 0.5 * sum_runs(take(x, [0, 1, 2, 3]), [1, 1, 2])"
    ]


def test_what_samples_share_counts_for_each() -> None:
    counted = sums(over_samples(at(S, 1)), over_samples(at(P, 1)))
    assert shown(of(piece, counted), count=3) == ["result = sum_batch(s) + sum_batch(A @ x)"]


def test_what_waits_for_all_samples_is_on_the_line_of_what_sums_them() -> None:
    summed = replace(piece, terms=(over_samples(at(S, 1)),))
    early = sums(over_samples(at(S, 1), at(S, 1)), nodes=0)
    assert shown(of(summed, early, sums(whole, onto=True)), count=3) == [
        "result = sum_batch(s * s) + sum_batch(s)"
    ]


LAST = Map(at(Z, start=2), (), exp, (1.0,), 1)
NO_PIECES = {
    "it stands for numbers": [replace(piece, nodes=1), sums(whole)],
    "it is read twice": [piece, sums(whole, whole)],
    "two lines read it": [piece, sums(whole), sums(whole, onto=True)],
    "it is multiplied": [piece, sums(total(at(P, 1), at(Y, 1)))],
    "it is summed": [piece, sums(total(at(P, 0, 1, table=0), over=[3]))],
    "its samples count again": [
        replace(piece, terms=(over_samples(at(S, 1)),)),
        sums(over_samples(at(P, 1))),
    ],
    "some of it is read": [piece, Reduce(at(Z, 1), (2,), add, (whole,), nodes=1), LAST],
    "it is read from the second on": [
        piece,
        Reduce(at(Z, 1), (2,), add, (total(at(P, 1, start=1, table=0)),), nodes=1),
        LAST,
    ],
    "some of a table": [
        piece,
        Reduce(at(Z, 1), (2,), add, (total(at(P, 1, table=0)),), nodes=1),
        LAST,
    ],
    "its runs are in another order": [
        Runs(at(P, -1, start=2), (3,), add, total(at(X, 1), over=[4]), 1),
        sums(whole),
    ],
    "it is written through a table": [replace(piece, target=at(P, 1, table=0)), sums(whole)],
    "it is summed along": [piece, sums(total(at(P, 0, 1), over=[3]))],
    "it is read backwards": [piece, sums(total(at(P, -1, start=2)))],
    "it has two terms": [replace(piece, terms=(product, product)), sums(whole)],
    "it is another operation": [replace(piece, op=maximum), sums(whole)],
    "it is no sum": [Map(at(P, 1), (3,), exp, (at(Y, 1),)), sums(whole)],
}


@pytest.mark.parametrize("statements", NO_PIECES.values(), ids=NO_PIECES)
def test_other_pieces_have_lines_of_their_own(statements: list[Statement]) -> None:
    program = of(*statements)
    assert len(entries_of(program)) == len(statements)
    assert hidden_arrays(program, entries_of(program)) == set()
    first, *others = shown(program, count=2)
    name = first.split(" = ")[0].split("[")[0]
    assert name in ("z1", "m1", "h1", "b1")
    assert all(name in line for line in others if line != "result[2] = exp(1)")


def test_a_result_has_a_line() -> None:
    assert shown(of(piece, sums(whole), results=(Z, P))) == [
        "result[3:6] = A @ x",
        "result[0:3] = result[3:6]",
    ]


# ---- what is joined ------------------------------------------------------------------------------


def test_what_is_joined_later_has_a_line_of_its_own() -> None:
    assert shown(of(sums(total(at(Y, 1))), sums(product, onto=True))) == [
        "result = y",
        "result += A @ x",
    ]


def test_what_is_joined_has_a_shape_of_its_own() -> None:
    first = Map(at(1, 1), (12,), exp, (1.0,), 12)
    then = Reduce(at(1, 4, 1), (3, 4), add, (total(at(0, 4, 1)),), True, 12)
    assert shown(made([shaped("A", 3, 4), inner(12)], [first, then])) == [
        "result = exp(1)",
        "result.reshape(3, 4) += A",
    ]


def test_what_is_joined_elsewhere_is_another_line() -> None:
    first = Reduce(at(Z, 1), (2,), add, (total(at(Y, 1)),))
    rest = Reduce(at(Z, start=2), (), add, (total(at(Y)),))
    program = of(first, rest, Reduce(at(Z, 1), (2,), add, (total(at(X, 1)),), True, 5))
    assert shown(program) == ["result[0:2] = y[0:2]", "result[2] = y[0]", "result[0:2] += x[0:2]"]


def test_additions_to_chosen_results_stand_behind_what_is_there() -> None:
    target = at(Z, 0, chosen=Chosen(1, 3, at(X, 1)))
    zeros = sums(total(coef=0.0), nodes=0)
    scattered = Reduce(target, (4,), add, (total(at(X, 1)),), True, 4)
    chosen = [None, [0.0, 2.0, 2.0, 1.0]]
    assert shown(of(zeros, scattered), chosen) == ["result = 0; result[x] += x"]
    begun = sums(total(at(Y, 1)), nodes=0)
    assert shown(of(begun, scattered), chosen) == ["result = y; result[x] += x"]
    assert shown(of(replace(begun, nodes=1), scattered), chosen) == [
        "result = y",
        "result += 0; result[x] += x",
    ]


def test_so_they_do_where_they_are_added_up_apart() -> None:
    target = at(P, 0, chosen=Chosen(1, 3, at(X, 1)))
    zeros = Reduce(at(P, 1), (3,), add, (over_samples(coef=0.0),))
    scattered = Reduce(target, (4,), add, (over_samples(at(X, 1)),), True)
    program = of(zeros, scattered, sums(over_samples(at(S, 1)), nodes=0), sums(whole, onto=True))
    assert shown(program, [None, [0.0, 2.0, 2.0, 1.0]], 2) == [
        "result = sum_batch(s); result[x] += x for each sample"
    ]
    assert hidden_arrays(program, entries_of(program)) == {P}


@pytest.mark.parametrize(
    ("order", "reader"),
    [
        (at(P, 1), total(at(P, 1), coef=2.0)),
        (at(P, 1), total(at(P, 1, table=0))),
        (at(P, -1, start=2), total(at(P, 1))),
    ],
)
def test_or_else_they_have_a_line(order: Any, reader: Term) -> None:
    target = at(P, 0, chosen=Chosen(1, 3, at(X, 1)))
    zeros = Reduce(order, (3,), add, (total(coef=0.0),))
    scattered = Reduce(target, (4,), add, (total(at(X, 1)),), True)
    program = of(zeros, scattered, sums(total(at(Y, 1)), reader))
    first, second = shown(program, [None, [0.0, 2.0, 2.0, 1.0]])
    assert "; " in first
    assert second.startswith("result = y + ")


def test_lines_of_a_simple_program_say_the_same() -> None:
    parted = split(of(sums(total(at(Y, 1)), product, replace(product, coef=2.0), nodes=9)))
    assert shown(parted) == ["result = y + A @ x + 2 * (A @ x)"]


def test_a_step_has_one_line() -> None:
    step = Reduce(at(Z, 1, start=1), (), add, (total(at(Z, 1)), total(at(X, 1))), nodes=1)
    first = Reduce(at(Z), (), add, (total(at(Y)),), nodes=1)
    program = of(first, Loop(2, (step,)))
    assert shown(program) == ["result[0] = y[0]", "result[t + 1] = result[t] + x[t]"]
    assert [entry.nodes for entry in entries_of(program)] == [1, 2]


def test_runs_are_told_from_strides() -> None:
    assert is_run(Map(at(1, 3, 1, start=4), (2, 3), exp, (1.0,)))
    assert is_run(Map(at(1), (), exp, (1.0,)))
    assert not is_run(Map(at(1, 1, 2), (2, 3), exp, (1.0,)))
    assert not is_run(Map(at(1, 3, 1, table=0), (2, 3), exp, (1.0,)))


# ---- scales --------------------------------------------------------------------------------------


def with_constants(*factors: Any) -> Program:
    program = of(sums(total(*factors)))
    program.arrays[P] = Array(3, False, Role.CONSTANT)
    program.constants[P] = np.array([0.5, 1.0, 2.0])
    return program


def test_constants_beside_a_table_are_its_scale() -> None:
    factors = at(X, 1, table=3), at(P, 1)
    program = with_constants(*factors)
    ((read, scale),) = scaled(program, factors)
    assert read == factors[0]
    assert scale is program.constants[P]
    assert hidden_arrays(program, entries_of(program)) == {P}
    assert shown(program) == ["result = (take(x, [0, 3, 1]) * [0.5, 1, 2])"]


@pytest.mark.parametrize(
    "factors",
    [
        (at(P, 1), at(X, 1, table=3)),
        (at(X, 1, table=3), at(P, -1, start=2)),
        (at(X, 1, table=2), at(P, 1)),
        (at(X, 1), at(P, 1)),
        (at(X, 1, table=3), at(P, 1, table=0)),
    ],
)
def test_others_are_factors(factors: Any) -> None:
    program = with_constants(*factors)
    assert [scale for _, scale in scaled(program, factors)] == [None, None]
    assert hidden_arrays(program, entries_of(program)) == set()
    assert "c1" in shown(program)[0]
