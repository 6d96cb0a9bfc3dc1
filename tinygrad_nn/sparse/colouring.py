"""Columns that need no products of their own: one with a vector gives the entries of all of a colour."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

__all__ = ["colours_of", "stars_of"]

Ints: TypeAlias = npt.NDArray[np.int64]


def colours_of(pattern: Any) -> Ints:
    """Give each column a colour; columns of one colour share no row.

    Each column in turn, those with the most entries first, takes the least colour that none of
    those has which share a row with it: A. R. Curtis, M. J. D. Powell, J. K. Reid, On the
    estimation of sparse Jacobian matrices, J. Inst. Maths Applics 13 (1974), 117-119.
    """
    used = [0] * pattern.shape[0]  # the colours that a row has, as bits
    bits = [0] * pattern.shape[1]
    order, lists = _by_entries(pattern.tocsc())
    for column in order:
        taken = 0
        for row in lists[column]:
            taken |= used[row]
        bits[column] = bit = ~taken & (taken + 1)
        for row in lists[column]:
            used[row] |= bit
    return _numbered(bits)


def stars_of(pattern: Any) -> Ints:
    """Give each column of a symmetric matrix a colour, so that entries or their mirror images stand alone.

    Neighbours, columns i and j with an entry (i, j), have two colours. Of each pair one is the only
    neighbour of the other that has its colour: no path of four columns has two colours only, and
    all of two colours are stars. Greedily, those with the most entries first: A. H. Gebremedhin,
    A. Tarafdar, F. Manne, A. Pothen, New acyclic and star coloring algorithms with application to
    computing Hessians, SIAM J. Sci. Comput. 29 (2007), 1042-1072.
    """
    size = pattern.shape[0]
    bits = [0] * size  # colours, as bits; 0 as long as a column has none
    beside = [0] * size  # the colours of neighbours
    several = [0] * size  # those that more than one neighbour has
    ended = [0] * size  # of neighbours that have several of the own colour: no other may have them
    order, lists = _by_entries(pattern.tocsc())
    for column in order:
        near = [one for one in lists[column] if one != column]
        taken, centre = beside[column], several[column]
        for one in near:
            if bits[one]:
                taken |= beside[one] if bits[one] & centre else ended[one]
        bits[column] = bit = ~taken & (taken + 1)
        for one in near:
            if bits[one] & centre:
                ended[one] |= bit
            if not beside[one] & bit:
                beside[one] |= bit
                continue
            if bits[one] and several[one] & bit:
                ended[column] |= bits[one]
            elif bits[one]:
                for each in lists[one]:
                    if bits[each] == bit:
                        ended[each] |= bits[one]
            several[one] |= bit
    return _numbered(bits)


def _by_entries(columns: Any) -> tuple[list[int], list[list[int]]]:
    """List the columns, those with the most entries first, and the rows of each."""
    ends, rows = columns.indptr.tolist(), columns.indices.tolist()
    order = np.argsort(-np.diff(columns.indptr), kind="stable").tolist()
    return order, [rows[first:last] for first, last in pairwise(ends)]


def _numbered(bits: list[int]) -> Ints:
    return np.array([bit.bit_length() - 1 for bit in bits], dtype=np.int64)
