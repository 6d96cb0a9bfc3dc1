"""Columns that share no row, so that one product with a vector gives all their entries."""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt

__all__ = ["colours_of"]


def colours_of(pattern: Any) -> npt.NDArray[np.int64]:
    """Give each column a colour; columns of one colour share no row.

    Each column in turn, those with the most entries first, takes the least colour that none of
    those has which share a row with it: A. R. Curtis, M. J. D. Powell, J. K. Reid, On the
    estimation of sparse Jacobian matrices, J. Inst. Maths Applics 13 (1974), 117-119.
    """
    columns = pattern.tocsc()
    ends, rows = columns.indptr.tolist(), columns.indices.tolist()
    colours = np.full(pattern.shape[1], -1, dtype=np.int64)
    used: list[set[int]] = [set() for _ in range(pattern.shape[0])]  # colours that a row has
    order = np.argsort(-np.diff(columns.indptr), kind="stable")
    for column in order.tolist():
        own = [used[row] for row in rows[ends[column] : ends[column + 1]]]
        colour = 0
        while any(colour in taken for taken in own):
            colour += 1
        for taken in own:
            taken.add(colour)
        colours[column] = colour
    return colours
