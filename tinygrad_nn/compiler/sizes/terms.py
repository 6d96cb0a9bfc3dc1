"""Programs taken apart: what is the same at all sizes, and the integers and numbers that are not.

One rule for all classes of a program, from their fields. Tables, which a program names by their
numbers, stand where they are used.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import fields, replace
from typing import Any, NamedTuple, TypeAlias

import numpy as np

from ...tree import Key
from ..program.program import Array, Floats, Ints, Lookup, Piece, Program, Role, Run
from ..program.statements import Access, Chosen, Loop, Map, Reduce, Runs, Term
from ..trace.parts import parts_of
from .lengths import Grid, Group, Row, key_of, outline
from .loops import Entry, Shape
from .tables import described, described_numbers, numbers_of, table_of

__all__ = ["Sections", "apart", "together"]

Sections: TypeAlias = list[list[Entry]]  # arrays, constants, statements, results, lookups, nesting

_TABLES = {(Access, "table"), (Runs, "ends")}  # the fields that name a table
_FIELDS: dict[type, tuple[str, ...]] = {
    kind: tuple([field.name for field in fields(kind)])
    for kind in (
        *(Access, Array, Chosen, Grid, Group, Lookup, Loop, Map, Piece, Reduce, Row, Run, Runs),
        Term,
    )
}


class _Whole(NamedTuple):
    """The shape of an integer or a number."""

    kind: type


class _Same(NamedTuple):
    """The shape of what is the same at all sizes."""

    thing: Any


class _Tabled(NamedTuple):
    """The shape of a table, or of constants, that has so many integers and numbers."""

    kind: type
    shape: Shape
    ints: int
    floats: int


_INT, _FLOAT = _Whole(int), _Whole(float)


# ---- apart ------------------------------------------------------------------------------------


def apart(program: Program, key: Key) -> Sections:
    """Take a program apart, and the structure of its result; names of parts are made anew."""
    take = _Taker(program.tables).entry
    return [
        [take(_unnamed(array)) for array in program.arrays],
        [take((number, program.constants[number])) for number in sorted(program.constants)],
        [take(statement) for statement in program.statements],
        [take(run) for run in program.results],
        [take(lookup) for lookup in program.lookups],
        [take(outline(key))],
    ]


def _unnamed(array: Array) -> Array:
    return replace(array, pieces=()) if array.role is Role.INPUT else array


class _Taker:
    def __init__(self, tables: list[Ints]) -> None:
        self._tables = tables

    def entry(self, thing: Any) -> Entry:
        self._ints: list[int] = []
        self._floats: list[float] = []
        shape = self._shape(thing)
        return Entry(shape, tuple(self._ints), tuple(self._floats))

    def _shape(self, thing: Any) -> Shape:
        kind = type(thing)
        if kind is int:
            self._ints.append(thing)
            return _INT
        if kind is float:
            self._floats.append(thing)
            return _FLOAT
        if kind is tuple or kind is list:
            return tuple([self._shape(one) for one in thing])
        if kind in _FIELDS:
            return (kind, tuple([self._field(kind, thing, name) for name in _FIELDS[kind]]))
        if kind is np.ndarray:
            return self._table(float, described_numbers(thing))
        return _Same(thing)

    def _field(self, kind: type, thing: Any, name: str) -> Shape:
        value = getattr(thing, name)
        if (kind, name) not in _TABLES:
            return self._shape(value)
        return _Same(None) if value < 0 else self._table(int, described(self._tables[value]))

    def _table(self, kind: type, found: Entry) -> Shape:
        self._ints += found.ints
        self._floats += found.floats
        return _Tabled(kind, found.shape, len(found.ints), len(found.floats))


# ---- together ---------------------------------------------------------------------------------


def together(sections: Sections, keys: list[Key]) -> tuple[Program, Key]:
    """Make a program of its parts, for arguments of some structures; give that of the result."""
    tables: list[Ints] = []
    known: dict[bytes, int] = {}

    def number_of(table: Ints) -> int:
        number = known.setdefault(table.tobytes(), len(tables))
        if number == len(tables):
            tables.append(table)
        return number

    made: list[list[Any]] = [[_Maker(one, number_of).thing() for one in part] for part in sections]
    arrays, constants, statements, results, lookups, (form,) = made
    key = key_of(form)
    inputs = iter(keys)
    named = [
        replace(array, pieces=_pieces(array.name, next(inputs)))
        if array.role is Role.INPUT
        else array
        for array in arrays
    ]
    pieces = list(_pieces("result", key))
    return Program(named, statements, results, pieces, lookups, tables, dict(constants)), key


def _pieces(name: str, key: Key) -> tuple[Piece, ...]:
    return tuple(parts_of(name, key))


class _Maker:
    """Makes what an entry is, the other way round."""

    def __init__(self, entry: Entry, number_of: Callable[[Ints], int]) -> None:
        self._shape = entry.shape
        self._ints: Iterator[int] = iter(entry.ints)
        self._floats: Iterator[float] = iter(entry.floats)
        self._number_of = number_of

    def thing(self) -> Any:
        return self._made(self._shape)

    def _made(self, shape: Shape) -> Any:
        kind = type(shape)
        if shape is _INT:
            return next(self._ints)
        if shape is _FLOAT:
            return next(self._floats)
        if kind is _Same:
            return shape.thing
        if kind is _Tabled:
            return self._tabled(shape)
        if len(shape) == 2 and type(shape[0]) is type:
            return self._instance(*shape)
        return tuple([self._made(one) for one in shape])

    def _instance(self, kind: type, shapes: tuple[Shape, ...]) -> Any:
        found: dict[str, Any] = {}
        for name, shape in zip(_FIELDS[kind], shapes, strict=True):
            value = self._made(shape)
            if (kind, name) in _TABLES:
                value = -1 if value is None else self._number_of(value)
            found[name] = value
        return kind(**found)

    def _tabled(self, shape: _Tabled) -> Ints | Floats:
        ints = tuple([next(self._ints) for _ in range(shape.ints)])
        floats = [next(self._floats) for _ in range(shape.floats)]
        return (
            table_of(shape.shape, ints)
            if shape.kind is int
            else numbers_of(shape.shape, ints, floats)
        )
