"""Objects made of results, as LLVM: the counterpart of `gives`."""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy
from typing import Any

import numpy as np

from ...tree import NONE, Key, branches_of, has_nothing, size_of
from ..backends.llvm.reals import DOUBLE
from ..backends.memory import Memory
from ..program.program import Floats, Ints
from ..readout import Part
from ..trace.results import given_for
from .lines import Lines
from .objects import LAYOUT
from .source import Unfit
from .takes import are_alike, has_arrays

__all__ = ["Nester"]

FEW = 4  # numbers that are made one by one
FORTRAN = 2  # a flag of arrays: the first axis is that of neighbours


class Nester:
    """Writes what makes the objects of a nesting; `parts` say where the results are.

    Of means there are sums, of which each sample has a share.
    """

    def __init__(
        self, lines: Lines, parts: Sequence[Part], memory: Memory, address: str, share: float = 1.0
    ) -> None:
        self._lines = lines
        self._share = share
        self._factor = 1.0  # what results are multiplied with, here
        self._memory = address
        self._count = memory.count
        self._dtype = memory.dtype
        self._places, self._rows, constants = _places(parts, memory)
        lines.kept.append(constants)
        self._table_of_places = ""
        self._moves_together = False

    def give(self, key: Key, start: int, moving: str = "") -> str:
        """Make the object whose numbers are the results from a place on.

        `moving` is a variable that is added to the place, or empty.
        """
        lines = self._lines
        lines.count()
        if key == 0:
            return self._number(start, moving)
        if key == NONE:
            none = lines.thing(None)
            before = lines.made
            lines.line(f"call void {lines.function('Py_IncRef')}(ptr {none})")
            lines.own(none, before)
            return none
        if has_nothing(key):
            raise Unfit
        if key[0] == "array":
            return self._array(key, start)
        if key[0] is dict:
            return self._dict(key, start, moving)
        keys = [part for _, part in branches_of(key)]
        if len(keys) > FEW and are_alike(keys) and not has_arrays(keys[0]):
            return self._alike(key[0], keys[0], len(keys), start, moving)
        return self._row(key, keys, start, moving)

    def of_samples(self, reduce: Any, key: Key, start: int, as_arrays: bool) -> str:
        """Make the object of results of many samples; what each has is an array, or a list of them."""
        lines = self._lines
        if isinstance(reduce, str):
            self._factor = self._share if reduce == "mean" else 1.0
            made = self.give(key, start)
            self._factor = 1.0
            return made
        if reduce is None and not as_arrays:
            return self._listed(key, start)
        if has_nothing(key):
            return self.give(key, start)
        if reduce is None and (key == 0 or key[0] == "array" or isinstance(key[1], int)):
            return self._stacked(key, start)
        before = lines.made
        parts = []
        hows = [None] * len(branches_of(key)) if reduce is None else given_for(reduce, key)
        for how, (_, part) in zip(hows, branches_of(key), strict=True):
            parts.append(self.of_samples(how, part, start, as_arrays))
            start += size_of(part)
        return self._filled(key[0], parts, before)

    def _listed(self, key: Key, start: int) -> str:
        """Make a list of what each sample has: its numbers are put together first."""
        lines = self._lines
        size = size_of(key)
        if not size or has_arrays(key):
            raise Unfit
        room = np.zeros(self._count * size, self._dtype)
        lines.kept.append(room)
        address, rows = lines.word(room.ctypes.data), self._rows[start : start + size]
        given = f"ptr {address}, ptr {self._memory}, ptr {lines.numbers(rows)}"
        lines.helper("columns", f"{given}, i64 {size}, i64 {self._count}", "void")
        inner = copy(self)
        inner._memory, inner._places, inner._table_of_places = address, np.arange(len(room)), ""
        return inner._alike(list, key, self._count, 0, "")

    def _stacked(self, key: Key, start: int) -> str:
        """Make an array of results of each sample; its first axis is them, as if it was the last."""
        lines = self._lines
        size = size_of(key)
        if key != 0 and key[0] == "array" and len(key[1]) != 1:
            raise Unfit
        made = self._new_array((self._count,) if key == 0 else (self._count, size), FORTRAN)
        rows = lines.numbers(self._rows[start : start + size])
        given = f"ptr {lines.part(made, 'data')}, ptr {self._memory}, ptr {rows}"
        if size:
            lines.helper("rows", f"{given}, i64 {size}, i64 {self._count}", "void")
        return made

    # ---- numbers ------------------------------------------------------------------------------

    def _table(self, start: int) -> str:
        if self._table_of_places == "":
            self._table_of_places = self._lines.numbers(self._places)
        return self._lines.let(f"getelementptr i64, ptr {self._table_of_places}, i64 {start}")

    def _are_together(self, start: int, size: int) -> bool:
        return bool((np.diff(self._places[start : start + size]) == 1).all())

    def _address(self, start: int, moving: str) -> str:
        """Give the address of a result."""
        lines = self._lines
        if not moving:
            place = str(self._places[start])
        elif self._moves_together:
            place = lines.let(f"add i64 {moving}, {self._places[start]}")
        else:
            entry = lines.let(f"getelementptr i64, ptr {self._table(start)}, i64 {moving}")
            place = lines.let(f"load i64, ptr {entry}")
        return lines.at_number(self._memory, place)

    def _number(self, start: int, moving: str) -> str:
        lines = self._lines
        number = lines.number(self._address(start, moving), 0)
        if self._factor != 1.0:
            number = lines.let(f"fmul double {number}, {DOUBLE.text(self._factor)}")
        return lines.new(f"{lines.function('PyFloat_FromDouble')}(double {number})")

    def _array(self, key: Key, start: int) -> str:
        if self._factor != 1.0:
            raise Unfit
        lines = self._lines
        shape, size = key[1], size_of(key)
        made = self._new_array(shape)
        data = lines.part(made, "data")
        if not size:
            return made
        if self._are_together(start, size):
            given = f"ptr {data}, ptr {self._address(start, '')}, i64 {self._dtype.itemsize * size}, i1 0"
            lines.line(f"call void @llvm.memcpy.p0.p0.i64({given})")
        else:
            given = f"ptr {data}, ptr {self._memory}, ptr {self._table(start)}, i64 {size}"
            lines.helper("gather", given, "void")
        return made

    def _new_array(self, shape: tuple[int, ...], flags: int = 0) -> str:
        lines = self._lines
        dtype = lines.thing(self._dtype)
        lines.line(f"call void {lines.function('Py_IncRef')}(ptr {dtype})")  # it is taken over
        about = f"ptr {lines.thing(np.ndarray)}, ptr {dtype}, i32 {len(shape)}"
        given = (
            f"{about}, ptr {lines.numbers([*shape, 0])}, ptr null, ptr null, i32 {flags}, ptr null"
        )
        return lines.new(f"{lines.function('PyArray_NewFromDescr')}({given})")

    # ---- nestings -----------------------------------------------------------------------------

    def _new_row(self, kind: type, size: int) -> tuple[str, str]:
        """Make a list or tuple; give the address of its items too."""
        lines = self._lines
        if kind is list:
            made = lines.new(f"{lines.function('PyList_New')}(i64 {size})")
            return made, lines.part(made, "list") if size else ""
        if kind is not tuple:
            raise Unfit
        made = lines.new(f"{lines.function('PyTuple_New')}(i64 {size})")
        return made, lines.let(f"getelementptr i8, ptr {made}, i64 {LAYOUT['tuple']}")

    def _row(self, key: Key, keys: Sequence[Key], start: int, moving: str) -> str:
        """Make the parts, and then what they are in, which takes them over."""
        lines = self._lines
        before = lines.made
        parts = []
        for part in keys:
            parts.append(self.give(part, start, moving))
            start += size_of(part)
        return self._filled(key[0], parts, before)

    def _filled(self, kind: Any, parts: Sequence[str], before: int) -> str:
        """Make a list or tuple of parts that have been made since, which it takes over."""
        lines = self._lines
        made, items = self._new_row(kind, len(parts))
        lines.own(made, before)
        for place, part in enumerate(parts):
            item = lines.let(f"getelementptr ptr, ptr {items}, i64 {place}")
            lines.line(f"store ptr {part}, ptr {item}")
        return made

    def _alike(self, kind: type, part: Key, count: int, start: int, moving: str) -> str:
        """Make a list or tuple, and then its parts one after the other."""
        lines = self._lines
        size = size_of(part)
        if not size:
            raise Unfit
        if not moving:
            self._moves_together = self._are_together(start, count * size)
        made, items = self._new_row(kind, count)
        before = lines.made
        with lines.loop(count) as variable:
            place = lines.let(f"mul i64 {variable}, {size}")
            if moving:
                place = lines.let(f"add i64 {place}, {moving}")
            one = self.give(part, start, place)
            item = lines.let(f"getelementptr ptr, ptr {items}, i64 {variable}")
            lines.line(f"store ptr {one}, ptr {item}")
        lines.made = before  # the parts are in it
        return made

    def _dict(self, key: Key, start: int, moving: str) -> str:
        """Make a dict, and add its parts as they are made."""
        lines = self._lines
        made = lines.new(f"{lines.function('PyDict_New')}()")
        before = lines.made
        for name, own in branches_of(key):
            if type(name) is not str:
                raise Unfit
            part = self.give(own, start, moving)
            start += size_of(own)
            given = f"ptr {made}, ptr {lines.thing(name)}, ptr {part}"
            failed = lines.let(f"call i32 {lines.function('PyDict_SetItem')}({given})")
            lines.check(lines.let(f"icmp eq i32 {failed}, 0"))
            lines.line(f"call void {lines.function('Py_DecRef')}(ptr {part})")
            lines.made = before
        return made


def _places(parts: Sequence[Part], memory: Memory) -> tuple[Ints, Ints, Floats]:
    """Say where results are, counted from what samples share; constants are beside it.

    The second are twice that, and one more where each sample has its own in a row.
    """
    size = sum(part.size for part in parts)
    places, varies = np.zeros(size, np.int64), np.zeros(size, np.int64)
    constants = np.zeros(size, memory.dtype)
    apart = memory.samples.ctypes.data - memory.shared.ctypes.data
    beside = constants.ctypes.data - memory.shared.ctypes.data
    for part in parts:
        here = slice(part.begin, part.end)
        if part.array < 0:
            constants[here] = part.number
            places[here] = beside // constants.itemsize + np.arange(part.begin, part.end)
        elif not part.per_sample:
            whole = np.arange(_size_of(memory, part))
            places[here] = memory.start[part.array] + whole[part.indices]
        else:
            rows = memory.start[part.array] + np.arange(_size_of(memory, part))[part.indices]
            places[here] = apart // constants.itemsize + memory.row * rows
            varies[here] = 1
    return places, 2 * places + varies, constants


def _size_of(memory: Memory, part: Part) -> int:
    return memory.program.arrays[part.array].size
