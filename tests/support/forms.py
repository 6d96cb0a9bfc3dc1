"""Programs in the one form, written by hand."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tinygrad_nn.compiler.form.program import Array, Program, Role, Run
from tinygrad_nn.compiler.form.statements import Access, Statement, Term

# ---- by hand -------------------------------------------------------------------------------------


def given(size: int, per_sample: bool = False, name: str = "x") -> Array:
    return Array(size, per_sample, Role.INPUT, name)


def inner(size: int, per_sample: bool = False) -> Array:
    return Array(size, per_sample, Role.INNER)


def at(array: int, *strides: int, start: int = 0, table: int = -1, chosen: Any = None) -> Access:
    return Access(array, start, strides, table, chosen)


def total(*factors: Access, over: Sequence[int] = (), coef: float = 1.0) -> Term:
    return Term(coef, factors, tuple(over))


def over_samples(*factors: Access, over: Sequence[int] = (), coef: float = 1.0) -> Term:
    return Term(coef, factors, tuple(over), True)


def made(
    arrays: Sequence[Array],
    statements: Sequence[Statement],
    tables: Sequence[Sequence[int]] = (),
    results: Sequence[Run] | None = None,
) -> Program:
    """A program; its results are all inner arrays if not given."""
    if results is None:
        results = [
            Run(array.size, Access(n, 0, (1,)))
            for n, array in enumerate(arrays)
            if array.role is Role.INNER
        ]
    known = [np.array(table, dtype=np.int64) for table in tables]
    return Program(list(arrays), list(statements), list(results), [], [], known)
