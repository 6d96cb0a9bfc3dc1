"""Statements with few results as lines of plain arithmetic.

Inside of loops a place moves with the steps. What a step takes from the last one is carried in
a variable; what it takes from an array that the loop does not write is listed before.
"""

from __future__ import annotations

from itertools import product

from ...program.statements import Access, Basic, Loop, Map, Term, terms_of, unnested
from ..memory import Memory
from .emitter import Emitter
from .few import Few, Indices, Place, place_of
from .views import Buffer

__all__ = ["ScalarWriter"]


class ScalarWriter:
    """Writes statements with few results as lines of plain arithmetic, in one step of a loop.

    Of the arrays `few.kept`, others look for the numbers in memory.
    """

    def __init__(
        self,
        memory: Memory,
        emitter: Emitter,
        few: Few,
        loop: Loop | None = None,
        around: ScalarWriter | None = None,
        step: int = 0,
    ) -> None:
        self.memory = memory
        self.emit = emitter
        self.few = few
        self.around = around
        self.steps: Indices = (*around.steps, step) if around else ()
        # What the loop goes through, and what it carries: each a variable, and where it begins.
        self.series: list[tuple[str, str]] = []
        self.carried: list[tuple[str, str]] = []
        self._next: list[Place] = []  # what each of these is in the next step
        self._locals: dict[Place, str] = {}
        self._named = 0
        self._loop = loop
        # Its numbers are read and written in a third of the time that the array takes.
        self._memory = emitter.function("memory", memory.shared.data)
        body = () if loop is None else loop.body
        self._changed = {one.target.array for one in unnested(body)}
        self._written = few.written(body, len(self.steps))

    def within(self, loop: Loop, step: int) -> ScalarWriter:
        """Give the writer for a step of a loop among the statements."""
        return ScalarWriter(self.memory, self.emit, self.few, loop, self, step)

    def variable(self, number: int) -> str:
        """Name a variable of the loop."""
        return f"t{len(self.steps)}_{number}"

    def forget(self, array: int) -> None:
        """Note that something was added to an array: locals no longer hold its numbers."""
        if not self.memory.is_apart(array):
            start = self.memory.start[array]
            end = start + self.memory.program.arrays[array].size
            known = self._locals.items()
            self._locals = {place: name for place, name in known if not start <= place[0] < end}
        if self.around is not None:
            self.around.forget(array)

    def write(self, statement: Basic) -> None:
        """Write one statement."""
        values = [
            (self._place(statement.target, indices), self._value(statement, indices))
            for indices in product(*map(range, statement.nest))
        ]
        kept = statement.target.array in self.few.kept
        for place, value in values:
            if not statement.nodes and not kept:  # it stands inside of the next line
                self._locals[place] = f"({value})"
                continue
            name = self._locals[place] = self._name(place)
            self.emit.line(f"{name} = {value}", 0)
            if kept:
                self.emit.line(f"{self._memory}[{self._here(place)}] = {name}", 0)

    def carry(self) -> None:
        """Write what the next step takes from this one."""
        if self.carried:
            names = ", ".join(name for name, _ in self.carried)
            self.emit.line(f"{names} = {', '.join(self._locals[place] for place in self._next)}", 0)

    # ---- places -----------------------------------------------------------------------------

    def _place(self, access: Access, indices: Indices) -> Place:
        return place_of(self.memory, access, len(self.steps), indices)

    def _here(self, place: Place) -> str:
        """Write a place as it is in this step."""
        start, strides = place
        here = start + sum(map(int.__mul__, strides, self.steps))
        return self.emit.name(here) if any(strides) else str(here)

    def _name(self, place: Place) -> str:
        """Name a new local variable, alike in all steps."""
        if not self.steps:
            return f"s{place[0]}"
        self._named += 1
        return f"s{len(self.steps)}_{self._named}"

    def _read(self, access: Access, indices: Indices) -> str:
        return self._number(self._place(access, indices), access.array)

    def _number(self, place: Place, array: int) -> str:
        found = self._locals.get(place)
        is_fixed = len(place[1]) < len(self.steps) and array not in self._changed
        if found is None and self.around is not None and is_fixed:
            return self.around._number(place, array)
        if found is None:
            found = self._locals[place] = self._found(place, array)
        return found

    def _found(self, place: Place, array: int) -> str:
        """Name a number that is not in a variable yet."""
        name = self._name(place)
        start, strides = place
        if self._loop is not None and self.around is not None and len(strides) == len(self.steps):
            after = start + strides[-1], strides
            if after in self._written:
                self._next.append(after)
                self.carried.append((name, self.around._read_at(start, strides[:-1], array)))
                return name
            if array not in self._changed:
                first = start + sum(map(int.__mul__, strides[:-1], self.steps))
                run = Buffer(self.memory.shared, first).view([(self._loop.count, strides[-1])])
                self.series.append((name, f"{self.emit.name(run)}.tolist()"))
                return name
        self.emit.line(f"{name} = {self._memory}[{self._here(place)}]", 0, len(self.steps))
        return name

    def _read_at(self, start: int, strides: Indices, array: int) -> str:
        while strides and not strides[-1]:
            strides = strides[:-1]
        return self._number((start, strides), array)

    def _value(self, statement: Basic, indices: Indices) -> str:
        if isinstance(statement, Map):
            return self._applied(statement, indices)
        parts = [
            self._product(term, indices + inner)
            for term in terms_of(statement)
            for inner in product(*map(range, term.over))
        ]
        if statement.op.array == "add":
            return " + ".join(parts)
        function = self.emit.function(f"{statement.op.name}_", statement.op.compute)
        value = parts[0]
        for part in parts[1:]:
            value = f"{function}({value}, {part})"
        return value

    def _applied(self, statement: Map, indices: Indices) -> str:
        op, emit = statement.op, self.emit
        operands = [
            self._read(x, indices) if isinstance(x, Access) else emit.number(x)
            for x in statement.operands
        ]
        if op.listed and op.name.isidentifier():
            function = emit.function(f"{op.name}_", op.quiet if op.remedy else op.compute)
        else:  # one of many of a name, or the user's own: its name may be any text
            function = emit.name(op.quiet)
        call = f"{function}({', '.join(operands)})"
        if op.name == "div":  # the operator, where it does not raise
            x, y = operands
            return f"({x} / {y} if {y} else {call})"
        return call

    def _product(self, term: Term, indices: Indices) -> str:
        factors = [self._read(factor, indices) for factor in term.factors]
        if term.coef == 1.0 and factors:
            return " * ".join(factors)
        return " * ".join([self.emit.number(term.coef), *factors])
