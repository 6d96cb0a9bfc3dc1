"""Sums of products, recognised: strided, a grid of rows and columns, ragged, or gathered.

Of N members with T terms each, the places of the factors are two tables of N by T.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from ..program.statements import Factor, Term
from ..program.strides import joint_axes, spread
from .shapes import Floats, Ints, TermClass
from .tables import row_ids, separate

__all__ = ["product", "ragged"]


def product(
    places: Ints,
    coef: float,
    left: Factor,
    left_table: Ints,
    right: Factor | None,
    right_table: Ints,
) -> Term:
    """Recognise sums of N members with T products each."""
    other = np.zeros_like(left_table) if right_table is None else right_table
    strided = _strided(places, left_table, other)
    if strided is not None:
        axes, reduced = strided
        _start(left, int(left_table[0, 0]))
        _start(right, int(other[0, 0]))
        return Term(coef, left, right, axes, reduced, int(places[0]))
    if right is not None:
        term = _grid(places, coef, left, left_table, right, right_table)
        if term is None and left.family == right.family and left.table is None:
            sides = _two_sides(left_table, right_table)
            if sides is not None:
                term = _grid(places, coef, left, sides[0], right, sides[1])
        if term is not None:
            return term
    return _gathered(places, coef, left, left_table, right, right_table)


def _start(factor: Factor | None, place: int) -> None:
    if factor is not None:
        factor.start = place


def _strided(
    places: Ints, left: Ints, right: Ints
) -> tuple[list[tuple[int, int, int, int]], list[tuple[int, int, int]]] | None:
    by_left, by_right = separate(left), separate(right)
    if by_left is None or by_right is None:
        return None
    axes = joint_axes([places, by_left[0], by_right[0]])
    reduced = joint_axes([by_left[1], by_right[1]])
    if axes is None or reduced is None:
        return None
    return axes, reduced  # type: ignore[return-value]  # as many strides as sequences


def _grid(
    places: Ints, coef: float, left: Factor, left_table: Ints, right: Factor, right_table: Ints
) -> Term | None:
    """Recognise a matrix product: (nearly) all pairs of some rows on the left and the right."""
    members, length = left_table.shape
    by_left, first_left = row_ids(left_table)
    by_right, first_right = row_ids(right_table)
    part = _components(by_left, by_right, len(first_left), len(first_right))
    count = int(part.max()) + 1
    rows, row_rank = _members_of(part, by_left, len(first_left), count)
    columns, column_rank = _members_of(part, by_right, len(first_right), count)
    if rows is None or columns is None or count == members:
        return None
    p, q = rows.shape[1], columns.shape[1]
    if count * p * q > 2 * members:
        return None
    where = (part * p + row_rank[by_left]) * q + column_rank[by_right]
    a = left_table[first_left[rows.ravel()]]
    b = right_table[first_right[columns.ravel()]]
    a_parts, b_parts = separate(a), separate(b)
    inner = None
    if a_parts is not None and b_parts is not None:
        inner = joint_axes([a_parts[1], b_parts[1]])
    a_outer = _grid_axes(a_parts, inner, count, p)
    b_outer = _grid_axes(b_parts, inner, count, q)
    if a_outer is None or inner is None:
        a_outer = _gather_rows(left, a, count, p)
    else:
        left.start = int(a[0, 0])
    if b_outer is None or inner is None:
        b_outer = _gather_rows(right, b, count, q)
    else:
        right.start = int(b[0, 0])
    if inner is None:
        reduced = [(length, 1, 1)]
    elif left.table is not None or right.table is not None:
        run = np.arange(length, dtype=np.int64)
        assert a_parts is not None
        assert b_parts is not None
        found = joint_axes(
            [
                run if left.table is not None else a_parts[1],
                run if right.table is not None else b_parts[1],
            ]
        )
        assert found is not None  # a run has the axes of what it stands for
        reduced = found  # type: ignore[assignment]  # two sequences, two strides
    else:
        reduced = inner  # type: ignore[assignment]  # likewise
    axes: list[tuple[int, int, int, int]] = []
    if count > 1:
        axes.append((count, p * q, a_outer[0], b_outer[0]))
    axes += [(size, out * q, stride, 0) for size, out, stride in a_outer[1]]
    axes += [(size, out, 0, stride) for size, out, stride in b_outer[1]]
    return _placed(places, where, count * p * q, Term(coef, left, right, axes, reduced))


def _placed(places: Ints, where: Ints, computed: int, term: Term) -> Term:
    """Write a grid straight to its places if they are strided, else select from it."""
    target = np.full(computed, -1, dtype=np.int64)
    target[where] = places
    if len(where) == computed and (target >= 0).all():  # every pair is wanted, and once
        axes: list[tuple[int, int, int, int]] = []
        start = int(target[0])
        fits = joint_axes([target]) is not None
        step = 1
        for size, out, left, right in reversed(term.axes):
            stride = int(target[out] - start) if size > 1 else 0
            axes.append((size, stride, left, right))
            step *= size
        if fits:
            axes.reverse()
            if np.array_equal(spread(start, [axis[:2] for axis in axes]), target):
                term.axes = axes
                term.start = start
                return term
    term.select = where
    return term


def _grid_axes(
    parts: tuple[Ints, Ints] | None, inner: Any, count: int, each: int
) -> tuple[int, list[tuple[int, int, int]]] | None:
    """Find strides for rows of a grid: those between its parts, and within one."""
    if parts is None or inner is None:
        return None
    table = parts[0].reshape(count, each)
    apart = separate(table)
    if apart is None:
        return None
    between = joint_axes([apart[0]])
    within = joint_axes([np.arange(each, dtype=np.int64), apart[1]])
    if between is None or within is None or len(between) > 1:
        return None
    return (between[0][1] if between else 0), within  # type: ignore[return-value]  # as above


def _gather_rows(
    factor: Factor, table: Ints, count: int, each: int
) -> tuple[int, list[tuple[int, int, int]]]:
    """Gather distinct rows once; they then lie side by side."""
    length = table.shape[1]
    flat = table.ravel()
    if factor.table is None:
        factor.table = flat
    else:
        factor.scale = factor.scale[flat]
        factor.table = factor.table[flat]
    factor.start = 0
    return each * length, [(each, 1, length)]


def _gathered(
    places: Ints,
    coef: float,
    left: Factor,
    left_table: Ints,
    right: Factor | None,
    right_table: Ints,
) -> Term:
    """Gather what is no view, member by member."""
    run = np.arange(left_table.size, dtype=np.int64).reshape(left_table.shape)
    nothing = np.zeros_like(run)
    candidates = (
        [(left, left_table)] if right is None else [(right, right_table), (left, left_table)]
    )
    tables = {id(left): left_table}
    if right is not None:
        tables[id(right)] = right_table
    for factor, table in candidates:
        if factor.table is None:
            factor.table = table.ravel()
        else:
            factor.scale = factor.scale[table.ravel()]
            factor.table = factor.table[table.ravel()]
        tables[id(factor)] = run
        strided = _strided(
            places, tables[id(left)], nothing if right is None else tables[id(right)]
        )
        if strided is not None:
            break
    assert strided is not None  # gathered, everything is a run
    axes, reduced = strided
    _start(left, int(tables[id(left)][0, 0]))
    if right is not None:
        _start(right, int(tables[id(right)][0, 0]))
    return Term(coef, left, right, axes, reduced, int(places[0]))


def ragged(one: TermClass, coef: float, scale: Floats) -> Term:
    """Gather terms of members that differ in length, one member's after the other's."""
    left = Factor(one.left, 0, one.a, scale)
    right = Factor(one.right, 0, one.b) if one.right >= 0 else None
    offsets = np.cumsum(one.counts) - one.counts
    return Term(coef, left, right, [], [], offsets=offsets)


def _two_sides(left: Ints, right: Ints) -> tuple[Ints, Ints] | None:
    """Part rows that lie in one family into those on the left and on the right, if that goes.

    Queries and keys may lie together, and no order of places tells which of two is which.
    They do not if every product is of one of these and one of those.
    """
    members = len(left)
    ids, first = row_ids(np.concatenate([left, right]))
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
