"""The memory of a program in the fields: its arrays, read and written by accesses."""

from __future__ import annotations

from collections.abc import Mapping

from ..program.distinct import are_distinct
from ..program.program import Floats, Ints, Program, Role
from ..program.statements import Access, Basic
from ..program.strides import spread
from .arrays import Numbers, constants, drawn
from .places import are_apart, check, check_inside, view

__all__ = ["PLACES", "Indices", "Memory"]

Indices = tuple[int, ...]
PLACES = 40  # bits of the places of an array, among random numbers
RANDOM = 1 << 21  # the arrays whose numbers are random, and none of what is given


class Memory:
    """Arrays of shape (fields, samples or 1, size)."""

    def __init__(self, program: Program, inputs: Mapping[int, Numbers], count: int) -> None:
        self._program = program
        self.arrays: list[Numbers] = []
        for number, array in enumerate(program.arrays):
            if number in inputs:
                self.arrays.append(inputs[number])
            elif number in program.constants:
                self.arrays.append(constants(program.constants[number])[:, None])
            else:
                # Random numbers: what is read before it is written is nothing known.
                columns = count if array.per_sample else 1
                self.arrays.append(drawn(RANDOM + number << PLACES, columns, array.size))

    def at(self, access: Access, extents: Indices, strides: Indices, steps: Indices) -> Numbers:
        """View (fields, samples or 1, *extents) of an array; what a table names is copied."""
        check(access.array >= 0, "an array has no number")
        array = self.arrays[access.array]
        start = access.start + sum(map(int.__mul__, strides, steps))
        strides = strides[len(steps) :]
        if access.table < 0:
            check_inside(start, extents, strides, array.shape[2])
            return view(array, start, extents, strides)
        places = self._places(access, start, extents, strides)
        found: Numbers = array[:, :, places]
        return found

    def _places(self, access: Access, start: int, extents: Indices, strides: Indices) -> Ints:
        """List the places that a table names."""
        table = self._program.tables[access.table]
        check_inside(start, extents, strides, len(table))
        places: Ints = table[spread(start, extents, strides)]
        check(int(places.min()) >= 0, "a place is negative")
        return places

    def known(self, access: Access, numbers: Floats, extents: Indices, steps: Indices) -> Floats:
        """Read plain numbers of a constant array."""
        start = access.start + sum(map(int.__mul__, access.strides, steps))
        strides = access.strides[len(steps) :]
        if access.table >= 0:
            return numbers[self._places(access, start, extents, strides)]
        check_inside(start, extents, strides, len(numbers))
        found: Floats = numbers[spread(start, extents, strides)]
        return found

    def write(self, statement: Basic, numbers: Numbers, steps: Indices) -> None:
        """Write what a statement gives to its target, where each number has a place of its own."""
        target, nest = statement.target, statement.nest
        array = self.arrays[target.array]
        start = target.start + sum(map(int.__mul__, target.strides, steps))
        strides = target.strides[len(steps) :]
        self.check_target(target)
        if target.table < 0:
            check_inside(start, nest, strides, array.shape[2])
            check(are_apart(nest, strides), "two numbers are written to one place")
            view(array, start, nest, strides)[...] = numbers
        else:
            places = self._places(target, start, nest, strides)
            check(are_distinct(places), "two numbers are written to one place")
            array[:, :, places] = numbers

    def check_target(self, target: Access) -> None:
        """Refuse to write what is no inner array."""
        check(self._program.arrays[target.array].role is Role.INNER, "what is given is written")
