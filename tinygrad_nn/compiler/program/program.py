"""A program: arrays, statements that fill them, and what of them is a result, as plain data."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

from .statements import Access, Statement

__all__ = [
    "DOUBLE",
    "Array",
    "Dtype",
    "Floats",
    "Ints",
    "Lookup",
    "Piece",
    "Program",
    "Role",
    "Run",
    "indices_of",
    "number_of",
]

Ints: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.floating[Any]]
Dtype: TypeAlias = np.dtype[Any]

DOUBLE: Dtype = np.dtype("float64")  # the type that programs compute with if none is asked for


class Role(Enum):
    """Where the numbers of an array come from."""

    INPUT = "input"  # an argument
    CAPTURED = "captured"  # what the function took from elsewhere
    BATCH = "batch"  # the number of samples, and one over it
    CONSTANT = "constant"
    INNER = "inner"  # statements write them


@dataclass(frozen=True, slots=True)
class Piece:
    """A named part of an array or of the results: numbers that follow each other."""

    name: str
    start: int
    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Array:
    """Numbers that lie together."""

    size: int  # how many, for one sample
    per_sample: bool  # whether each sample has its own: a column of them
    role: Role
    name: str = ""  # empty for one that only the program knows
    pieces: tuple[Piece, ...] = ()  # they may overlap, as a whole and its parts do


@dataclass(frozen=True, slots=True)
class Run:
    """Neighbours among the results: `size` places along one stride, or one number as often."""

    size: int
    where: Access | float


@dataclass(frozen=True, slots=True)
class Lookup:
    """Numbers of an array that must be whole and one of 0 ... size - 1."""

    places: Run
    size: int


@dataclass(frozen=True, slots=True, eq=False)
class Program:
    """Statements in the order in which they run, and what they are about."""

    arrays: list[Array]
    statements: list[Statement]
    results: list[Run] = field(default_factory=list)  # all, in order
    # names of results, as if they lay in one array
    pieces: list[Piece] = field(default_factory=list)
    lookups: list[Lookup] = field(default_factory=list)
    tables: list[Ints] = field(default_factory=list)  # places and ends, named by number
    constants: dict[int, Floats] = field(default_factory=dict)  # by array

    @property
    def wanted(self) -> list[Access]:
        """List what is read from outside: the results that are in arrays, and what is looked up."""
        runs = [*self.results, *[lookup.places for lookup in self.lookups]]
        return [run.where for run in runs if isinstance(run.where, Access)]


def number_of(arrays: Iterable[Array], role: Role) -> int:
    """Give the number of the one array with a role; -1 if there is none."""
    return next((number for number, array in enumerate(arrays) if array.role is role), -1)


def indices_of(program: Program, run: Run) -> slice | Ints:
    """Say where in its array a run lies: a slice, if it is one of neighbours."""
    where = run.where
    assert isinstance(where, Access)
    (stride,) = where.strides
    if where.table < 0 and stride == 1:
        return slice(where.start, where.start + run.size)
    places: Ints = where.start + stride * np.arange(run.size)
    return places if where.table < 0 else program.tables[where.table][places]
