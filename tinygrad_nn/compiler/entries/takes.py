"""Taking arguments apart: lines that look whether they are nested as expected, and write numbers.

Numbers of Python's own and arrays of them are taken, in lists, tuples and dicts. For anything else
the function returns NotImplemented.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from struct import Struct

import numpy as np

from ...containers import Form, Wrapped, other_attribute
from ...tree import NONE, Key, branches_of, has_nothing, size_of
from ..program.program import Floats
from ..statics import Static
from ..whole import LARGEST, may_be_large
from .source import Source, Unfit

__all__ = ["Taker", "are_alike", "has_arrays", "is_static", "same"]

FLOAT = np.dtype(float)
REAL = "?bBhHiIlLqQefd"  # dtypes that become floats without a warning
LONG = "lLqQ"  # those of integers that may be none
FEW = 4  # numbers that are looked at one by one
ALIKE = 8  # parts from which on there is a loop

_NUMBERS = frozenset((float, int))
_ATOMS = (bool, int, str, bytes, type(None))


def are_alike(keys: Sequence[Key]) -> bool:
    """Tell whether it pays to go through parts in a loop."""
    return len(keys) >= ALIKE and all(key == keys[0] for key in keys)


def has_arrays(key: Key) -> bool:
    """Tell whether there are arrays in a nesting."""
    if key == 0 or isinstance(key[1], int):
        return False
    return key[0] == "array" or any(has_arrays(part) for _, part in branches_of(key))


def is_static(key: Key) -> bool:
    """Tell whether an argument shapes the program, and has no numbers."""
    return isinstance(key, tuple) and key[0] == "static"


def same(source: Source, static: Static, name: str) -> str:
    """Write that an argument is like the one that shaped the program."""
    bind, thing = source.bind, static.thing
    if type(thing) not in _ATOMS:
        return f"({name} is {bind(thing)} or {bind(static.is_like)}({name}))"
    kind, known = bind(type(thing)), bind(thing)
    return f"type({name}) is {kind} and ({name} is {known} or {name} == {known})"


class Taker:
    """Writes what takes arguments apart; `numbers` is the memory that those of all arguments go to."""

    def __init__(self, source: Source, numbers: Floats) -> None:
        self._source = source
        self._numbers = numbers
        self._memory = source.bind(numbers.data)
        self._rounds = numbers.dtype != FLOAT

    def expect(self, condition: str) -> None:
        """Go on only if something holds."""
        self.refuse(f"not ({condition})")

    def refuse(self, condition: str) -> None:
        """Go no further if something holds."""
        self._source.refuse(condition)

    def take(self, key: Key, name: str, start: int) -> None:
        """Take something apart whose numbers are together, from a place on."""
        self._take(key, name, start, "")

    def same(self, static: Static, name: str) -> str:
        """Write that an argument is like the one that shaped the program."""
        return same(self._source, static, name)

    def array(self, name: str, target: Floats) -> None:
        """Look at an array, and copy it."""
        self.expect(self.is_array(name, target.shape))
        self._source.line(f"{self._source.bind(target)}[...] = {name}")

    def is_array(self, name: str, shape: tuple[int, ...]) -> str:
        """Write whether something is an array of some shape."""
        bind = self._source.bind
        return (
            f"type({name}) is {bind(np.ndarray)} and {name}.shape == {shape} "
            f"and ({name}.dtype is {bind(FLOAT)} or {name}.dtype.char in {REAL!r} "
            f"and not ({name}.dtype.char in {LONG!r} and {bind(may_be_large)}({name})))"
        )

    def _take(self, key: Key, name: str, start: int, moving: str) -> None:
        """Take something apart; `moving` is a variable that is added to the place, or empty."""
        if key == 0:
            self.expect(
                f"type({name}) is float or type({name}) is int and -{LARGEST} <= {name} <= {LARGEST}"
            )
            place = f"{moving} + {start}" if moving else start
            self._source.line(f"{self._memory}[{place}] = {name}")
            if self._rounds:
                infinite = self._source.bind((math.inf, -math.inf))
                self.refuse(f"{self._memory}[{place}] in {infinite}")
        elif key == NONE:
            self.expect(f"{name} is None")
        elif has_nothing(key):
            self.expect(self.same(key[0], name))
        elif key[0] == "array":
            if moving:
                raise Unfit
            end = start + size_of(key)
            self.array(name, self._numbers[start:end].reshape(key[1]))
        elif isinstance(key[1], int):
            self._run(key, name, start, moving)
        else:
            self._parts(key, name, start, moving)

    def _run(self, key: Key, name: str, start: int, moving: str) -> None:
        """Take a list or tuple of numbers."""
        kind, size = key
        if size <= FEW:
            self._parts((kind, (0,) * size), name, start, moving)
            return
        bind = self._source.bind
        self.expect(f"type({name}) is {bind(kind)} and len({name}) == {size}")
        self.expect(
            f"list(map(type, {name})).count(float) == {size} or "
            f"set(map(type, {name})) <= {bind(_NUMBERS)} and max(map(abs, {name})) < {LARGEST}"
        )
        dtype = self._numbers.dtype
        pack = bind(Struct(f"{size}{dtype.char}").pack_into)
        place = f"({moving} + {start})" if moving else str(start)
        self._source.line(f"{pack}({self._memory}, {dtype.itemsize} * {place}, *{name})")
        if self._rounds:  # what becomes infinite is warned of, which is not done here
            numbers = f"{bind(self._numbers)}[{place} : {place} + {size}]"
            self.refuse(f"{bind(np.isinf)}({numbers}).any()")

    def _parts(self, key: Key, name: str, start: int, moving: str) -> None:
        """Take a list, tuple or dict of other things."""
        kind, _ = key
        source = self._source
        bind = source.bind
        branches = branches_of(key)
        parts = name
        if isinstance(kind, Wrapped):
            raise Unfit
        if isinstance(kind, Form):
            parts = self._fields(kind, name)
        else:
            self.expect(f"type({name}) is {bind(kind)} and len({name}) == {len(branches)}")
        if kind is dict:
            names = tuple([step for step, _ in branches])
            self.expect(f"tuple({name}) == {bind(names)}")
            parts = f"{name}.values()"
        keys = [part for _, part in branches]
        if not keys:
            return
        if are_alike(keys):
            self._loop(keys[0], parts, start, moving)
            return
        names_of_parts = [source.variable() for _ in keys]
        source.line(f"{', '.join(names_of_parts)}, = {parts}")
        for part, of in zip(keys, names_of_parts, strict=True):
            self._take(part, of, start, moving)
            start += size_of(part)

    def _fields(self, form: Form, name: str) -> str:
        """Look at an object that has the fields of a form and nothing else; give them in order."""
        names = form.names
        self.expect(f"type({name}) is {self._source.bind(form.kind)}")
        if form.kind.__dictoffset__:
            other = self._source.bind(other_attribute)
            self.expect(f"len({name}.__dict__) == {len(names)} or not {other}({name})")
        return f"({', '.join([f'{name}.{field}' for field in names])},)" if names else "()"

    def _loop(self, key: Key, parts: str, start: int, moving: str) -> None:
        """Take parts that are all alike, one after the other."""
        source = self._source
        place, part = source.variable(), source.variable()
        source.line(f"{place} = {moving} + {start}" if moving else f"{place} = {start}")
        with source.block(f"for {part} in {parts}:"):
            self._take(key, part, 0, place)
            source.line(f"{place} += {size_of(key)}")
