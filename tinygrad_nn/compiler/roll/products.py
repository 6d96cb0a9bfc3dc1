"""Sums of products, recognised: strided, a grid of rows and columns, ragged, or gathered.

Of N members with T terms each, the places of the factors are two tables of N by T. Where both
are sums of a row's and a column's part along common nested axes, the term is a strided product.
Where p distinct rows of factors on the left meet q on the right in (nearly) all p * q pairs, it
is a matrix product of what is gathered once. What is left is gathered term by term.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from ..program.nests import Steps, joint_axes, nest_of
from ..program.program import Floats, Ints
from .shapes import TermClass
from .terms import Factor, Pattern, Source

__all__ = ["Side", "product", "ragged"]


class Side(NamedTuple):
    """The left or the right factors of all terms: what they are read from, and where."""

    source: Source
    table: Ints  # of shape (members, terms)

    def gathered(self) -> Side:
        """Gather the whole table, so that its elements follow each other."""
        run = np.arange(self.table.size, dtype=np.int64).reshape(self.table.shape)
        return Side(self.source.gathered(self.table.ravel()), run)


def product(members: Steps, coef: float, sides: Sequence[Side]) -> Pattern:
    """Recognise sums of products; of each member there are as many."""
    found = _strided(members, coef, sides)
    if found is None and len(sides) == 2:
        found = _grid(members, coef, *sides) or _grid_of_one_array(members, coef, *sides)
    return found or _gathered(members, coef, sides)


def ragged(one: TermClass, coef: float, scale: Floats | None) -> Pattern:
    """Gather terms of members that differ in length, one member's after the other's."""
    start = Steps(np.zeros(1, dtype=np.int64))
    factors = [Factor(Source(one.left, one.a, scale), start, (1,))]
    if one.right >= 0:
        factors.append(Factor(Source(one.right, one.b), start, (1,)))
    return Pattern(coef, factors, (len(one.a),), ends=np.cumsum(one.counts))


# ---- strided and gathered ---------------------------------------------------------------------


def _strided(members: Steps, coef: float, sides: Sequence[Side]) -> Pattern | None:
    if sides[0].table.shape[1] == 1:
        return _of_one_term(members, coef, sides)
    rows: list[Steps] = []
    columns: list[Ints] = []
    for side in sides:
        parts = _separate(side.table)
        if parts is None:
            return None
        rows.append(Steps(parts[0]))
        columns.append(parts[1])
    if nest_of([members, *rows]) is None:
        return None
    return _over_columns(coef, [side.source for side in sides], rows, columns)


def _of_one_term(members: Steps, coef: float, sides: Sequence[Side]) -> Pattern | None:
    factors = [Factor(side.source, Steps(side.table[:, 0])) for side in sides]
    if len(members) > 1 and nest_of([members, *[one.rows for one in factors]]) is None:
        return None
    return Pattern(coef, factors)


def _over_columns(
    coef: float, sources: Sequence[Source], rows: Sequence[Steps], columns: Sequence[Ints]
) -> Pattern | None:
    """Make the pattern of factors that are rows and columns, if the columns have common axes."""
    axes = joint_axes(columns)
    if axes is None:
        return None
    factors = [
        Factor(source, row, tuple([axis[1 + which] for axis in axes]))
        for which, (source, row) in enumerate(zip(sources, rows, strict=True))
    ]
    return Pattern(coef, factors, tuple([axis[0] for axis in axes]))


def _gathered(members: Steps, coef: float, sides: Sequence[Side]) -> Pattern:
    """Gather what is no view, member by member: the right factors, and the left if need be."""
    last = [*sides[:-1], sides[-1].gathered()]
    found = _strided(members, coef, last)
    if found is None:
        found = _strided(members, coef, [side.gathered() for side in sides])
    assert found is not None  # gathered, everything is a run
    return found


# ---- grids ------------------------------------------------------------------------------------


def _grid(members: Steps, coef: float, left: Side, right: Side) -> Pattern | None:
    """Recognise a matrix product: (nearly) all pairs of some rows on the left and the right."""
    by_left, first_left = _row_ids(left.table)
    by_right, first_right = _row_ids(right.table)
    part = _components(by_left, by_right, len(first_left), len(first_right))
    count = int(part.max()) + 1
    rows, row_rank = _members_of(part, by_left, len(first_left), count)
    columns, column_rank = _members_of(part, by_right, len(first_right), count)
    if rows is None or columns is None or count == len(members):
        return None
    p, q = rows.shape[1], columns.shape[1]
    pairs = count * p * q
    if pairs > 2 * len(members):
        return None
    a = Side(left.source, left.table[first_left[rows.ravel()]])
    b = Side(right.source, right.table[first_right[columns.ravel()]])
    sources, starts, inner = _distinct_rows((a, b), count)
    of_left = part * p + row_rank[by_left]
    of_right = part * q + column_rank[by_right]
    where = of_left * q + column_rank[by_right]
    if pairs == len(members) and np.bincount(where, minlength=pairs).all():
        along = [Steps(starts[0][of_left]), Steps(starts[1][of_right])]
        if nest_of([members, *along]) is not None:
            return _over_columns(coef, sources, along, inner)
    each = starts[1].reshape(count, 1, q)
    along = [Steps(np.repeat(starts[0], q)), Steps(np.repeat(each, p, axis=1).ravel())]
    if nest_of(along) is None:  # nested too deeply
        return None
    found = _over_columns(coef, sources, along, inner)
    assert found is not None  # what has no common axes was gathered
    found.select = where
    return found


def _distinct_rows(
    sides: Sequence[Side], count: int
) -> tuple[list[Source], list[Ints], list[Ints]]:
    """Say where the distinct rows on each side begin, and how each goes on.

    Rows that are no view are gathered; they then lie side by side.
    """
    parts = [_separate(side.table) for side in sides]
    columns = [part[1] for part in parts if part is not None]
    common = len(columns) == len(sides) and joint_axes(columns) is not None
    sources: list[Source] = []
    starts: list[Ints] = []
    inner: list[Ints] = []
    for side, part in zip(sides, parts, strict=True):
        if part is None or not common or not _is_nested(part[0].reshape(count, -1)):
            side = side.gathered()
            part = side.table[:, 0], side.table[0]
        sources.append(side.source)
        starts.append(part[0])
        inner.append(part[1])
    return sources, starts, inner


def _is_nested(table: Ints) -> bool:
    """Tell whether places are strided from part to part, and in the same way inside of each."""
    apart = _separate(table)
    return apart is not None and None not in (Steps(apart[0]).cuts, Steps(apart[1]).cuts)


def _grid_of_one_array(members: Steps, coef: float, left: Side, right: Side) -> Pattern | None:
    """Recognise a matrix product of rows that lie in one array, in an order that says nothing."""
    if left.source.array != right.source.array or left.source.table is not None:
        return None
    tables = _two_sides(left.table, right.table)
    if tables is None:
        return None
    return _grid(members, coef, Side(left.source, tables[0]), Side(right.source, tables[1]))


def _two_sides(left: Ints, right: Ints) -> tuple[Ints, Ints] | None:
    """Part rows that lie in one array into those on the left and on the right, if that goes.

    Queries and keys may lie together, and no order of places tells which of two is which.
    They do not if every product is of one of these and one of those.
    """
    members = len(left)
    ids, first = _row_ids(np.concatenate([left, right]))
    if members <= len(first):  # chains and rings are no products of matrices
        return None
    u, v = ids[:members], ids[members:]
    # Every row stands on both sides; if there are two sides, that makes two mirrored graphs.
    part = _components(np.concatenate([u, v]), np.concatenate([v, u]), len(first), len(first))
    one, other = part[:members], part[members:]
    if (one == other).any():
        return None
    swap = (one > other)[:, None]
    return np.where(swap, right, left), np.where(swap, left, right)


def _components(by_left: Ints, by_right: Ints, lefts: int, rights: int) -> Ints:
    """Number the connected parts of the pairs (left row, right row), one for each member."""
    label = np.arange(lefts)
    while True:
        of_right = np.full(rights, lefts)
        np.minimum.at(of_right, by_right, label[by_left])
        fresh = label.copy()
        np.minimum.at(fresh, by_left, of_right[by_right])
        if np.array_equal(fresh, label):
            break
        label = fresh
    _, part = np.unique(label[by_left], return_inverse=True)
    return part.reshape(-1)


def _members_of(part: Ints, ids: Ints, distinct: int, count: int) -> tuple[Ints | None, Ints]:
    """List the rows of each part, and the rank of every row in its part."""
    of_row = np.zeros(distinct, dtype=np.int64)
    of_row[ids] = part
    sizes = np.bincount(of_row, minlength=count)
    rank = np.zeros(distinct, dtype=np.int64)
    if not (sizes == sizes[0]).all():
        return None, rank
    order = np.argsort(of_row, kind="stable")
    rank[order] = np.tile(np.arange(int(sizes[0])), count)
    return order.reshape(count, -1), rank


# ---- tables of places -------------------------------------------------------------------------


def _separate(table: Ints) -> tuple[Ints, Ints] | None:
    """Write a table of places as the sum of one number for its row and one for its column."""
    rows = table[:, 0]
    columns = table[0] - table[0, 0]
    return (rows, columns) if np.array_equal(table, rows[:, None] + columns) else None


def _row_ids(table: Ints) -> tuple[Ints, Ints]:
    """Number the distinct rows of a table, in the order of their first elements.

    Gives the number of each row, and for each number the first row that has it.
    """
    _, first, ids = np.unique(table[:, 0], return_index=True, return_inverse=True)
    if not np.array_equal(table, table[first[ids.reshape(-1)]]):  # some differ, but begin alike
        _, first, ids = np.unique(table, axis=0, return_index=True, return_inverse=True)
    return ids.reshape(-1), first
