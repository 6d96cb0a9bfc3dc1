"""What was recognised, as statements: they compute the terms that it says."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from tinygrad_nn.compiler.program.interpreter import interpret
from tinygrad_nn.compiler.program.nests import Steps
from tinygrad_nn.compiler.program.phases import phases_of
from tinygrad_nn.compiler.program.program import Array, Program, Role
from tinygrad_nn.compiler.program.statements import Map, Reduce, Runs, Statement
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.compiler.roll.terms import (
    Choice,
    Factor,
    Joined,
    Mapped,
    Onto,
    Pattern,
    Recognised,
    Source,
)
from tinygrad_nn.compiler.roll.writing import Writer
from tinygrad_nn.scalar.ops import add, exp, maximum, sub

X, Y, S, MADE, SUMS = range(5)
INPUTS = [
    [[1.0], [-2.0], [3.0], [5.0], [-7.0], [11.0]],
    [[0.5], [2.0], [-4.0], [0.0], [8.0], [1.0]],
    [[1.0, 2.0, 4.0], [10.0, 20.0, 40.0]],  # of three samples
]


def written(*found: Recognised) -> tuple[Program, list[float]]:
    """Write statements; what they compute of the first array that they write."""
    arrays = [
        Array(6, False, Role.INPUT, "x"),
        Array(6, False, Role.INPUT, "y"),
        Array(2, True, Role.INPUT, "s"),
        Array(6, False, Role.INNER),
        Array(6, False, Role.INNER),
    ]
    writer = Writer(arrays, {})
    for one in found:
        writer.write(one)
    program = Program(
        writer.arrays, writer.statements, tables=writer.tables, constants=writer.constants
    )
    verify(program)
    memory = interpret(program, dict(enumerate(INPUTS)), 3)
    return program, [column[0] for column in memory[found[0].target.source.array]]


def factor(
    array: int,
    rows: Sequence[int],
    columns: tuple[int, ...] = (),
    table: Sequence[int] | None = None,
    scale: Sequence[float] | None = None,
    chosen: Choice | None = None,
) -> Factor:
    source = Source(
        array,
        None if table is None else np.array(table),
        None if scale is None else np.array(scale),
    )
    return Factor(source, Steps(np.array(rows)), columns, chosen)


def joined(
    size: int,
    *patterns: Pattern,
    row: object = add,
    samples: bool = False,
    table: Sequence[int] | None = None,
) -> Joined:
    return Joined(factor(MADE, range(size), (), table), row, list(patterns), samples, 17)


def kinds(program: Program) -> list[type[Statement]]:
    return [type(statement) for statement in program.statements]


def test_an_operation() -> None:
    one = Mapped(factor(MADE, [1, 3, 5]), sub, [factor(X, [5, 4, 3]), 1.0])
    program, made = written(one)
    assert [made[1], made[3], made[5]] == [10.0, -8.0, 4.0]
    (statement,) = program.statements
    assert isinstance(statement, Map)
    assert (statement.nest, statement.nodes) == ((3,), 3)


def test_terms_run_along_the_refinement_of_their_axes() -> None:
    """One term repeats after two members, one changes after three, one runs through all six."""
    program, made = written(
        joined(
            6,
            Pattern(2.0, [factor(X, range(6)), factor(X, [1] * 6)]),
            Pattern(1.0, [factor(Y, [2, 2, 2, 5, 5, 5])]),
            Pattern(-1.0, [factor(Y, [0, 0, 0, 4, 4, 4])]),
            Pattern(0.25),
        )
    )
    x, y = ([number for (number,) in INPUTS[which]] for which in (0, 1))
    assert made == [
        2 * x[i] * x[1] + y[5 if i > 2 else 2] - y[4 if i > 2 else 0] + 0.25 for i in range(6)
    ]
    (statement,) = program.statements
    assert (statement.nest, statement.nodes) == ((2, 3), 17)


def test_a_term_that_does_not_nest_goes_to_an_array_of_its_own() -> None:
    program, made = written(
        joined(
            6,
            Pattern(1.0, [factor(X, [0, 0, 0, 1, 1, 1])]),
            Pattern(3.0, [factor(Y, [0, 1, 0, 1, 0, 1])]),
        )
    )
    assert made == [2.5, 7.0, 2.5, 4.0, -0.5, 4.0]
    assert kinds(program) == [Reduce, Reduce]
    assert [s.nodes for s in program.statements] == [0, 17]


def test_terms_over_axes_and_scales() -> None:
    scaled = factor(X, [0, 2, 4], (1,), [5, 0, 1, 3, 2, 2], [1.0, 10.0, -1.0, 2.0, 0.0, 1.0])
    program, made = written(joined(3, Pattern(2.0, [scaled, factor(Y, [0] * 3, (4,))], (2,))))
    assert made[:3] == [2 * (11 * 0.5 + 10 * 8), 2 * (2 * 0.5 + 2 * 5 * 8), 2 * (0 * 0.5 + 3 * 8)]
    (statement,) = program.statements
    assert isinstance(statement, Reduce)
    assert [len(term.factors) for term in statement.terms] == [3]


def test_what_is_selected_is_computed_first() -> None:
    one = Pattern(
        2.0, [factor(X, [0, 0, 1, 1]), factor(Y, [1, 2, 1, 2])], select=np.array([3, 0, 1])
    )
    program, made = written(joined(3, one, Pattern(1.0)))
    assert made[:3] == [2 * -2 * -4 + 1, 2 * 1 * 2 + 1, 2 * 1 * -4 + 1]
    assert kinds(program) == [Reduce, Reduce]


RAGGED = [factor(X, [0], (1,), [0, 1, 3, 2, 4, 5]), factor(Y, [0], (1,), [1, 1, 1, 0, 0, 5])]


@pytest.mark.parametrize("row", [add, maximum])
def test_runs_write_where_they_belong_if_they_are_alone(row: object) -> None:
    factors = RAGGED if row is add else RAGGED[:1]
    one = Pattern(2.0, factors, (6,), ends=np.array([1, 4, 6]))
    program, made = written(joined(3, one, row=row))
    expected = [4.0, 2 * (-4 + 10 + 1.5), 2 * (-3.5 + 11)] if row is add else [2.0, 10.0, 22.0]
    assert made[:3] == expected
    assert kinds(program) == [Runs]
    assert program.statements[0].nodes == 17


def test_runs_beside_other_terms() -> None:
    one = Pattern(2.0, RAGGED, (6,), ends=np.array([1, 4, 6]))
    program, made = written(joined(3, one, Pattern(1.0, [factor(Y, [2, 1, 0])])))
    assert made[:3] == [4.0 - 4, 2 * (-4 + 10 + 1.5) + 2, 2 * (-3.5 + 11) + 0.5]
    assert kinds(program) == [Runs, Reduce]


# ---- choices ----------------------------------------------------------------------------------


def test_elements_are_chosen() -> None:
    chosen = Choice(2, 2, factor(Y, [3, 4, 5]))  # y has 0, 8 and 1 there
    _, made = written(joined(3, Pattern(1.0, [factor(X, [0, 1, 2], chosen=chosen)])))
    assert made[:3] == [1.0, 0.0, -7.0]


def added(to: tuple[int, ...]) -> Pattern:
    chosen = Choice(2, 2, factor(Y, [3], (2,)))  # 0, and 1
    return Pattern(3.0, [factor(X, [0], (1,))], (2,), onto=Onto(to, chosen))


def test_results_are_chosen() -> None:
    program, made = written(joined(4, added((1,))))
    assert made[:4] == [3.0, 0.0, 0.0, -6.0]
    assert [s.onto for s in program.statements if isinstance(s, Reduce)] == [False, True]


def test_results_are_chosen_among_those_of_other_terms() -> None:
    program, made = written(joined(4, Pattern(1.0, [factor(Y, range(4))]), added((1,))))
    assert made[:4] == [3.5, 2.0, -4.0, -6.0]
    assert len(program.arrays) == 5


def test_chosen_results_in_a_table_are_added_up_apart() -> None:
    program, made = written(joined(4, added((1,)), table=[5, 0, 1, 3]))
    assert [made[place] for place in (5, 0, 1, 3)] == [3.0, 0.0, 0.0, -6.0]
    assert len(program.arrays) == 6


# ---- samples ----------------------------------------------------------------------------------


def test_a_sum_over_samples_counts_what_they_share_for_each() -> None:
    _, made = written(
        joined(
            2, Pattern(1.0, [factor(S, [0, 1])]), Pattern(1.0, [factor(X, [0, 2])]), samples=True
        )
    )
    assert made[:2] == [7.0 + 3, 70.0 + 9]


def test_runs_over_samples_wait_for_all_of_them() -> None:
    """They go to an array of their own; the statement that sums reads nothing that waits."""
    one = Pattern(2.0, [factor(S, [0], (1,), [0, 1, 1])], (3,), ends=np.array([2, 3]))
    program, made = written(joined(2, one, Pattern(1.0, [factor(X, [0, 2])]), samples=True))
    assert made[:2] == [2 * 77.0 + 3, 2 * 70.0 + 9]
    assert not phases_of(program).coupled
    assert [s.nodes for s in program.statements] == [0, 0, 17]


def test_chosen_additions_over_samples_are_apart_from_other_sums() -> None:
    chosen = Choice(1, 2, factor(Y, [5]))
    one = Pattern(1.0, [factor(S, [0])], (), onto=Onto((), chosen))
    other = Mapped(factor(SUMS, [0]), exp, [factor(MADE, [0])])
    program, made = written(joined(2, Pattern(1.0, [factor(S, [0, 1])]), one, samples=True), other)
    assert made[:2] == [7.0, 70.0 + 7]
    assert not phases_of(program).coupled


# ---- tables and constants -----------------------------------------------------------------------


def test_tables_and_constants_that_are_the_same_are_one() -> None:
    table, scale = [3, 3, 0, 4], [1.0, 2.0, 3.0, 4.0]
    first = Mapped(factor(MADE, range(4)), exp, [factor(X, range(4), (), table)])
    left = factor(X, range(4), (), table, scale)
    second = Joined(
        factor(SUMS, range(4)), add, [Pattern(1.0, [left]), Pattern(1.0, [left])], False, 1
    )
    program, _ = written(first, second)
    assert [one.tolist() for one in program.tables] == [table]
    assert [one.tolist() for one in program.constants.values()] == [scale]
