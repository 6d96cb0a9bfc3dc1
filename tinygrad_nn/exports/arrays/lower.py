"""From a source to a form: loops over numbers become expressions of arrays."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator

import numpy as np

from ...compiler.backends import loops as nests
from ...compiler.backends.axes import normal
from ...compiler.backends.loops import Aside, Nest, Repeat, Step, nests_of
from ...compiler.backends.lowering import lowered
from ...compiler.backends.memory import Layout
from ...compiler.program.precision import fitted
from ...compiler.program.program import Array, Ints, Role
from ...compiler.program.split import split
from ...compiler.program.statements import Access
from ...compiler.trace.recorder import Argument
from ...errors import ArgumentError
from ..refusals import refuse
from ..source import Source
from .building import applied, scaled
from .form import (
    Added,
    Apply,
    Constant,
    Expr,
    Form,
    Leaf,
    Let,
    Look,
    Loop,
    Number,
    Parts,
    Put,
    Reshape,
    Spread,
    Variable,
)
from .held import Held
from .leaves import leaves_of, whole_pieces
from .names import Namer
from .results import nested
from .values import Values
from .views import grid

__all__ = ["form_of"]


def form_of(source: Source, known: Collection[str], names: Namer) -> Form:
    """Write a source as a form, with operations that are known."""
    return _Lowering(source, known, names).form()


class _Lowering(Values):
    def __init__(self, source: Source, known: Collection[str], names: Namer) -> None:
        program = split(fitted(source.program, source.dtype))
        super().__init__(program, names)
        self.source = source
        outside = range(len(program.arrays))
        self.steps = lowered(
            Layout(program), outside, program.statements, known.__contains__, known
        )
        for step in _within(self.steps):
            if isinstance(step, Aside):
                refuse(source, step)
        self.arguments: list[str] = []
        self.leaves: list[Leaf] = []
        self.counts = any(nest.over_samples for nest in nests_of(self.steps)) or any(
            array.role is Role.BATCH for array in self._read()
        )

    def _read(self) -> Iterator[Array]:
        """Walk through the arrays that are read."""
        for nest in nests_of(self.steps):
            for ref in nests.reads_of(nest):
                yield self.program.arrays[ref.array]

    # ---- what is given ------------------------------------------------------------------------

    def form(self) -> Form:
        """Write all of it."""
        for number, array in enumerate(self.program.arrays):
            if number in self.source.given:
                self._given(number, self.source.given[number])
            elif number in self.source.known:
                self._known(number, array)
            elif number in self.program.constants:
                numbers = self.program.constants[number]
                self.held[number].put(
                    Constant(numbers.shape, False, numbers), np.arange(len(numbers))
                )
            elif array.role is Role.BATCH:
                self._batch(number)
        self._steps(self.steps)
        for lookup in self.program.lookups:
            where = lookup.places.where
            assert isinstance(where, Access)
            looked, _ = self.held[where.array].read(self._run(where, lookup.places.size))
            self.statements.append(Look(looked, lookup.size))
        result = self._result()
        return Form(
            tuple(self.arguments),
            tuple(self.leaves),
            tuple(self.statements),
            result,
            self.counts,
            self.samples,
        )

    def _given(self, number: int, argument: Argument) -> None:
        own = self.names.new(argument.name)
        self.arguments.append(own)
        for path, start, shape in leaves_of(argument.nesting.key):
            wanted = "_".join([argument.name, *[str(step) for step in path]])
            name = self.names.new(wanted) if path else own
            variable = Variable(shape, argument.per_sample, name)
            self.leaves.append(Leaf(own, path, variable))
            self._hold(number, variable, start)

    def _known(self, number: int, array: Array) -> None:
        for piece in whole_pieces(array):
            variable = Variable(piece.shape, False, self.names.new(piece.name))
            size = math.prod(piece.shape)
            numbers = self.source.known[number][piece.start : piece.start + size]
            leaf = Leaf("", (piece.name,), variable, numbers.reshape(piece.shape))
            self.leaves.append(leaf)
            self._hold(number, variable, piece.start)

    def _batch(self, number: int) -> None:
        self.samples = Variable((), False, self.names.new("samples"))
        inverse = Apply((), False, "div", (Number((), False, 1.0), self.samples))
        self._hold(number, self.samples, 0)
        self._hold(number, inverse, 1)

    def _hold(self, number: int, expr: Expr, start: int) -> None:
        self.held[number].put(expr, start + np.arange(math.prod(expr.shape)))

    # ---- what comes out -----------------------------------------------------------------------

    def _result(self) -> Parts:
        outputs: list[tuple[Held, Ints]] = []
        for run in self.program.results:
            if isinstance(run.where, float):
                held, places = Held(run.size, False), np.arange(run.size)
                numbers = np.full(run.size, run.where)
                held.put(Constant((run.size,), False, numbers), places)
                outputs.append((held, places))
            else:
                outputs.append((self.held[run.where.array], self._run(run.where, run.size)))
        return nested(outputs, self.source.result, self.source.per_sample)

    def _run(self, where: Access, size: int) -> Ints:
        """Give the places of neighbours among the results."""
        places = grid(where.start, [size], where.strides[-1:])
        return places if where.table < 0 else self.program.tables[where.table][places]

    # ---- statements ---------------------------------------------------------------------------

    def _steps(self, steps: Iterable[Step]) -> None:
        for step in steps:
            if isinstance(step, Repeat):
                self._repeat(step)
            elif isinstance(step, Nest):
                self._nest(step)

    def _repeat(self, loop: Repeat) -> None:
        written = dict.fromkeys([nest.target.array for nest in nests_of([loop])])
        for array in written:
            if array not in self.buffers:
                self.buffers[array] = self._buffer(array)
        carried = tuple([self.buffers[array] for array in written])
        index = self.names.new("t")
        outside, self.statements = self.statements, []
        self.fresh = {}
        before, self.loops = self.loops, (*self.loops, (index, loop.count))
        self._steps(loop.body)
        self.loops = before
        self.fresh = {}
        self.statements, body = outside, self.statements
        self.statements.append(Loop(loop.count, index, carried, tuple(body)))
        if not self.loops:
            for array in written:
                variable = self.buffers.pop(array)
                self._hold(array, variable, 0)

    def _buffer(self, array: int) -> Variable:
        """Begin what steps write into, with what is there already."""
        held, rows = self.held[array], self.program.arrays[array].per_sample
        whole = held.whole() if held.is_full else Constant((len(held),), False, np.zeros(len(held)))
        if whole.rows != rows:
            whole = Spread(whole.shape, rows, whole)
        buffer = self.let(whole, "b")
        for part, places in () if held.is_full else held.parts():
            put = Put(buffer.shape, rows, buffer, places, part)
            self.statements.append(Let(buffer, put))
        return buffer

    def _nest(self, nest: Nest) -> None:
        nest = normal(nest, len(self.loops))  # so that axes are in the order in which arrays lie
        if nest.target.chosen is not None:
            self._add(nest)
            return
        found = self.runs(nest) if nest.ends >= 0 else self.joined(nest)
        found = scaled(nest.coef, found)
        if nest.onto:
            found = applied(nest.join, self.read(nest.target, nest.sizes), found)
        self._store(nest, found)

    def _store(self, nest: Nest, found: Expr) -> None:
        """Keep what a nest computes."""
        target, rows = nest.target, self.program.arrays[nest.target.array].per_sample
        if found.shape != nest.sizes or found.rows != rows:
            found = Spread(nest.sizes, rows, found)
        if isinstance(found, Reshape):
            found = found.of  # numbers in the same order
        places = self.places(target, nest.sizes)
        if target.array not in self.buffers:
            if target.table >= 0:
                places = self.program.tables[target.table][places]
            self.held[target.array].put(self.let(found, _letter(nest), target.array), places)
            return
        value = self.let(found, _letter(nest))
        buffer = self.buffers[target.array]
        table = self.program.tables[target.table] if target.table >= 0 else None
        put = Put(buffer.shape, rows, buffer, places, value, self.moves(target), table)
        self.statements.append(Let(buffer, put))
        self.fresh = {ref: one for ref, one in self.fresh.items() if ref.array != target.array}
        if self.loops and len(target.strides) == len(self.loops) + len(nest.sizes):
            self.fresh[target] = value

    def _add(self, nest: Nest) -> None:
        """Add to places that are chosen."""
        target = nest.target
        choice = target.chosen
        assert choice is not None
        assert target.table < 0, "simple programs choose without tables"
        if nest.join != "add":
            raise ArgumentError(
                f"{self.source.title} joins extremes at places that it chooses, which has no form in "
                "arrays: export it to C or JavaScript, or write it with where(...)"
            )
        value = self.value(nest.value, nest.sizes)
        value = scaled(nest.coef, value)
        by = self.read(choice.by, nest.sizes)
        array = target.array
        rows = self.program.arrays[array].per_sample
        of = self.buffers.get(array) or self.held[array].whole()
        size = (len(self.held[array]),)
        if of.shape != size or of.rows != rows:
            of = Spread(size, rows, of)
        places, moves = self.aligned(target, nest.sizes), self.moves(target)
        over_rows = value.rows or by.rows or rows
        if value.shape != nest.sizes or value.rows != over_rows:
            value = Spread(nest.sizes, over_rows, value)
        if by.shape != nest.sizes or by.rows != over_rows:
            by = Spread(nest.sizes, over_rows, by)
        found = Added(size, rows, of, places, choice.step, by, choice.size, value, moves)
        if array in self.buffers:
            self.statements.append(Let(self.buffers[array], found))
            self.fresh = {ref: one for ref, one in self.fresh.items() if ref.array != array}
        else:
            self._hold(array, self.let(found, "z"), 0)


def _letter(nest: Nest) -> str:
    return {"": "h", "add": "z"}.get(nest.join, "m")


def _within(steps: Iterable[Step]) -> Iterator[Step]:
    for step in steps:
        if isinstance(step, Repeat):
            yield from _within(step.body)
        else:
            yield step
