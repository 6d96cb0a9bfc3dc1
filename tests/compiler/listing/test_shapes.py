"""Shapes of what is computed."""

from __future__ import annotations

import pytest
from forms import at, given, inner, made, total

from tinygrad_nn.compiler.listing.entries import entries_of
from tinygrad_nn.compiler.listing.names import Names
from tinygrad_nn.compiler.listing.notation import View, arranged
from tinygrad_nn.compiler.listing.reading import Axis, Part
from tinygrad_nn.compiler.listing.shapes import common_shape, reach, target_view
from tinygrad_nn.compiler.program.statements import Access, Map, Reduce
from tinygrad_nn.scalar.ops import add, exp


def part(*axes: tuple[int, int]) -> Part:
    source = View("x", (24,), 0, (), False)
    return Part([source], [Axis(size, step, (step,)) for size, step in axes])


def names_of(statement: Map | Reduce) -> Names:
    program = made([given(24), inner(24)], [statement], [[3, 1, 0, 2]])
    return Names(program, entries_of(program))


def shape(nest: tuple[int, ...], *parts: Part, target: Access | None = None) -> tuple[int, ...]:
    strides = {1: (1,), 2: (nest[-1], 1)}[len(nest)]
    statement = Reduce(target or at(1, *strides), nest, add, (total(at(0, *strides)),))
    return common_shape(statement, parts, names_of(statement))


def test_the_axes_of_all_parts_are_cut_where_any_ends() -> None:
    one, other = part((4, 6), (6, 1)), part((8, 3), (3, 1))
    assert shape((24,), one, other) == (4, 2, 3)
    assert [axis.size for axis in one.axes] == [4, 2, 3]
    assert [axis.step for axis in other.axes] == [6, 3, 1]


def test_parts_that_do_not_nest_follow_the_first() -> None:
    one, other = part((4, 6), (6, 1)), part((6, 4), (4, 1))
    assert shape((24,), one, other) == (4, 6)
    assert [axis.size for axis in other.axes] == [6, 4]


def test_numbers_are_one_run() -> None:
    assert shape((4, 6)) == (24,)


def test_results_at_places_of_a_table_are_one_run() -> None:
    assert shape((2, 2), part((2, 2), (2, 1)), target=at(1, 2, 1, table=0)) == (4,)


def test_strides_of_the_target_are_ends_too() -> None:
    assert shape((4, 3), part((12, 1)), target=at(1, 6, 1)) == (4, 3)


@pytest.mark.parametrize(
    ("target", "nest", "ends"),
    [(at(1, start=7), (), (7, 7)), (at(1, 6, -1, start=5), (3, 4), (2, 17))],
)
def test_the_reach_of_a_target(
    target: Access, nest: tuple[int, ...], ends: tuple[int, int]
) -> None:
    assert reach(Map(target, nest, exp, (1.0,))) == ends


def test_a_target_is_a_slice_of_its_array() -> None:
    columns = Map(at(1, 1, 6, start=2), (3, 4), exp, (1.0,))
    view = target_view(columns, (3, 4), names_of(columns))
    assert view is not None
    assert arranged(view, [0, 1]) == "result.reshape(4, 6)[:, 2:5].T"
    assert target_view(columns, (12,), names_of(columns)) is None
    gathered = Map(at(1, 1, table=0), (4,), exp, (1.0,))
    assert target_view(gathered, (4,), names_of(gathered)) is None
