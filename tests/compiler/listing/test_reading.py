"""How indices run through what is read."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from forms import at, inner, made, total
from listed import shaped

from tinygrad_nn.compiler.listing.entries import entries_of
from tinygrad_nn.compiler.listing.names import Names
from tinygrad_nn.compiler.listing.reading import Axis, Part, Reader
from tinygrad_nn.compiler.program.program import Piece, Program
from tinygrad_nn.compiler.program.statements import Chosen, Map, Reduce, Runs, Term
from tinygrad_nn.compiler.program.strides import row_major
from tinygrad_nn.scalar.ops import add, sub

A, X, S, Z = range(4)
NEST = (3, 4)


def program() -> Program:
    """On A of shape (3, 4), x of 6, s of each sample, to 12 numbers."""
    parted = shaped("A", 3, 4)
    parted = replace(parted, pieces=(*parted.pieces, Piece("A[1:3]", 4, (8,))))
    arrays = [parted, shaped("x", 6), shaped("s", 4, per_sample=True), inner(12, True)]
    return made(arrays, [], [[5, 0, 2], [1, 3], [5, 7]])


def reader() -> Reader:
    made = program()
    return Reader(Names(made, entries_of(made)))


def take(term: Term, nest: tuple[int, ...] = NEST) -> tuple[Part, list[tuple[int, int, int]]]:
    read = reader()
    statement = Reduce(at(Z, *row_major(nest)), nest, add, (term,))
    return read.term(statement, term, row_major(nest)), read.reads


def test_a_factor_is_a_named_array_and_strides() -> None:
    part, reads = take(total(at(A, 4, 1), at(S, 0, 1), coef=3.0))
    views, indices = part.views()
    assert [view.name for view in views] == ["A", "s"]
    assert [view.axes for view in views] == [((0, 3, 4), (1, 4, 1)), ((1, 4, 1),)]
    assert [view.varies for view in views] == [False, True]
    assert (indices.sizes, indices.out, indices.summed) == ({0: 3, 1: 4}, [0, 1], [])
    assert reads == [(A, 0, 11), (S, 0, 3)]
    assert part.coef == 3.0


def test_axes_that_are_summed_come_last() -> None:
    part, _ = take(total(at(A, 4, 1), at(X, 0, 1), over=[4]), (3,))
    _, indices = part.views()
    assert (indices.out, indices.summed) == ([0], [1])


def test_an_axis_that_nothing_moves_along_is_counted() -> None:
    part, _ = take(total(at(X, 1, 0), over=[5], coef=2.0), (3,))
    assert part.coef == 10.0
    assert [axis.size for axis in part.axes] == [3]


def test_a_place_within_a_piece_is_counted_from_its_beginning() -> None:
    read = reader()
    part = read.operands(Map(at(Z, 1), (2,), sub, (at(A, 1, start=5), 1.0)))
    assert [(view.name, view.offset) for view in part.sources] == [("A[1:3]", 1)]
    assert read.reads == [(A, 5, 6)]


def test_axes_that_run_through_rows_are_cut_at_their_ends() -> None:
    part, _ = take(total(at(A, 1), at(Z, 1)), (12,))
    assert part.axes == [Axis(3, 4, (4, 4)), Axis(4, 1, (1, 1))]
    part, _ = take(total(at(A, 1, start=1)), (8,))
    assert part.axes == [Axis(8, 1, (1,))]


def test_what_runs_backwards_in_the_result_is_turned_round() -> None:
    read = reader()
    term = total(at(X, 1, start=1))
    part = read.term(Reduce(at(Z, -1, start=2), (3,), add, (term,)), term, (-1,))
    assert part.axes == [Axis(3, 1, (-1,))]
    assert part.sources[0].offset == 3
    assert read.reads == [(X, 1, 3)]


def test_tables_are_written_with_what_they_gather_from() -> None:
    part, reads = take(total(at(X, 1, table=0)), (3,))
    assert part.sources[0].name == "take(x, [5, 0, 2])"
    assert part.sources[0].shape == (3,)
    assert reads == [(X, 0, 5)]
    part, reads = take(total(at(A, 1, table=2)), (2,))
    assert part.sources[0].name == "take(A[1:3], [1, 3])"
    assert reads == [(A, 5, 7)]


def test_runs_have_one_axis() -> None:
    read = reader()
    term = total(at(X, 1, start=2), over=[4])
    part = read.term(Runs(at(Z, 1), (2,), add, term, 1), term, (1,))
    assert part.axes == [Axis(4, 1, (1,))]
    assert read.reads == [(X, 2, 5)]


def test_what_chooses_is_the_last_source() -> None:
    chosen = Chosen(1, 4, at(X, 2, start=1))
    part, reads = take(total(at(A, 4, chosen=chosen)), (3,))
    assert [source.name for source in part.sources] == ["A", "x"]
    assert part.axes == [Axis(3, 1, (4, 2))]
    assert part.chosen == Axis(4, None, (1, 0))
    assert reads == [(A, 0, 11), (X, 1, 5)]


def test_steps_of_what_is_added_are_those_of_the_results() -> None:
    """The results lie in columns; what is chosen is one of them, for each row in turn."""
    base = Reduce(at(Z, 1, 3), (3, 4), add, (total(),))
    target = at(Z, 1, 0, chosen=Chosen(3, 4, at(X, 1, 0)))
    added = Reduce(target, (3, 2), add, (total(at(A, 4, 1)),), onto=True)
    part = reader().addition(added, base)
    assert part.axes == [Axis(3, 4, (4, 1)), Axis(2, None, (1, 0))]
    assert part.chosen == Axis(4, 1, (0, 0))


def test_constants_that_scale_are_no_source() -> None:
    made = program()
    made.arrays.append(inner(3))
    made.constants[4] = np.array([1.0, 0.5, 2.0])
    term = total(at(X, 1, table=0), at(4, 1))
    part = Reader(Names(made, [])).term(Reduce(at(Z, 1), (3,), add, (term,)), term, (1,))
    assert [source.name for source in part.sources] == ["(take(x, [5, 0, 2]) * [1, 0.5, 2])"]
