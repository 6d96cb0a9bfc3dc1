"""The NumPy backend: a program bound to a number of samples, as calls on prepared views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np

from .contraction import Side, contract
from .emitter import Emitter
from .flatten import OPERATION, SUM
from .program import Program
from .scalars import ScalarWriter, is_scalar
from .statements import Factor, Operand, Statement, Term
from .views import Buffer, Dim

__all__ = ["Bound"]

Array = Any  # an array of float64


class Bound:
    """A program with memory for a number of samples.

    Attributes
    ----------
    shared : array of float, shape (size,)
        The numbers that all samples share.
    samples : array of float, shape (size, count)
        The numbers of each sample, a sample in each column.
    """

    def __init__(self, program: Program, count: int, shared: Array | None = None) -> None:
        self.program = program
        self.count = count
        self._start = program.layout.start
        if shared is None:
            shared = np.zeros(program.layout.shared)
            for family, numbers in program.constants.items():
                shared[self._start[family] : self._start[family] + len(numbers)] = numbers
        self.shared = shared
        self.samples = np.zeros((program.layout.samples, count))
        self.calls = 0
        self.before = self._build(program.prologue)
        self.body = self._build(program.body)
        self.after = self._build(program.epilogue)

    def _build(self, statements: Sequence[Statement]) -> Callable[[], Any]:
        emitter = Emitter()
        families = self.program.families
        scalars = {id(s) for s in statements if is_scalar(s, lambda f: families[f].per_sample)}
        writer = ScalarWriter(self, emitter, self._looked_for(scalars))
        for statement in statements:
            emitter.reuse_scratch()
            if id(statement) in scalars:
                writer.write(statement)
            else:
                _StatementWriter(self, emitter, statement).write()
                if not statement.per_sample:
                    family = families[statement.family]
                    writer.forget(self.buffer(statement.family).start, family.size)
        self.calls += emitter.calls
        return emitter.build()

    def _looked_for(self, scalars: set[int]) -> set[int]:
        """Collect the families that live in memory: those of arrays, and the results."""
        found = {family for family, _, _ in self.program.outputs}
        for statement in self.program.statements:
            if id(statement) not in scalars:
                found |= statement.reads() | {statement.family}
        return found

    def buffer(self, family: int) -> Buffer:
        """Give the memory of a family."""
        if self.program.families[family].per_sample:
            return Buffer(self.samples, self._start[family] * self.count, self.count)
        return Buffer(self.shared, self._start[family], 1)

    def numbers(self, family: int) -> Array:
        """Give the numbers of a family, of shape (size,) or (size, count)."""
        size = self.program.families[family].size
        if self.program.families[family].per_sample:
            return self.samples[self._start[family] : self._start[family] + size]
        return self.shared[self._start[family] : self._start[family] + size]


class _StatementWriter:
    """Writes the calls of one statement."""

    def __init__(self, bound: Bound, emitter: Emitter, statement: Statement) -> None:
        self.bound = bound
        self.emit = emitter
        self.statement = statement
        self.count = bound.count
        self.per_sample = statement.per_sample
        self.unit = self.count if statement.per_sample else 1
        self.written = statement.accumulates
        self.pending = 1.0  # what the written result is yet to be multiplied by
        if statement.scatter is None:
            self.out = Side(bound.buffer(statement.family), statement.start)
        else:
            self.out = Side(Buffer(emitter.scratch(statement.size * self.unit), 0, self.unit), 0)

    # ---- views ---------------------------------------------------------------------------

    def _samples_dim(self, stride: int) -> list[tuple[int, int]]:
        return [(self.count, stride)] if self.per_sample else []

    def _out_view(self, axes: Sequence[tuple[int, int]], side: Side | None = None) -> Array:
        dims = [(n, s * self.unit) for n, s in axes]
        return (side or self.out).view(dims + self._samples_dim(1))

    def _target(self) -> Array:
        return self._out_view(self.statement.axes)

    def _side(self, factor: Factor) -> tuple[Side, int]:
        """Return where a factor is read, gathered first if it must be, and its unit."""
        bound, emit = self.bound, self.emit
        buffer = bound.buffer(factor.family)
        if factor.table is None:
            return Side(buffer, factor.start), buffer.unit
        source = bound.numbers(factor.family)
        gathered = emit.scratch(len(factor.table) * buffer.unit)
        shape = (len(factor.table), *source.shape[1:])
        target = gathered.reshape(shape)
        emit.function("take", np.take)
        names = ", ".join(map(emit.name, (source, factor.table)))
        emit.line(f"take({names}, 0, {emit.name(target)}, 'clip')")
        emit.gathers += 1
        if factor.scale is not None:
            scale = factor.scale.reshape(-1, *[1] * (len(shape) - 1))
            emit.call("multiply", target, np.ascontiguousarray(scale), out=target)
        return Side(Buffer(gathered, 0, buffer.unit), factor.start), buffer.unit

    # ---- statements ------------------------------------------------------------------------

    def write(self) -> None:
        """Write the calls."""
        statement = self.statement
        if statement.kind == OPERATION:
            self._operation()
        else:
            if statement.kind == SUM:
                self._sum()
            else:
                self._extreme()
            if self.pending != 1.0:
                self.emit.call("multiply", self._target(), self.pending, out=self._target())
        if statement.scatter is not None:
            numbers = self.bound.numbers(statement.family)
            dims = [(statement.size, self.unit)]
            source = self.out.view(dims + self._samples_dim(1))
            emit = self.emit
            emit.line(f"{emit.name(numbers)}[{emit.name(statement.scatter)}] = {emit.name(source)}")

    def _operation(self) -> None:
        statement, emit = self.statement, self.emit
        row = statement.row
        assert row is not None
        views = [self._operand(operand) for operand in statement.operands]
        out = self._out_view(statement.axes)
        form = row.array
        if callable(form):
            masks = {"ge": "greater_equal", "gt": "greater", "le": "less_equal"}
            masks |= {"lt": "less", "eq": "equal"}
            if row.name in masks:
                emit.call(masks[row.name], *views, out=out)
                return
            function = emit.name(form)
            names = ", ".join(emit.number(v) if type(v) is float else emit.name(v) for v in views)
            emit.line(f"{emit.name(out)}[...] = {function}({emit.name(np)}, {names})")
            return
        emit.call(form.replace("special.", "special_"), *views, out=out)

    def _operand(self, operand: Operand) -> Any:
        if operand.factor is None:
            return operand.number
        side, unit = self._side(operand.factor)
        sizes = [n for n, _ in self.statement.axes]
        dims = [(n, s * unit) for n, s in zip(sizes, operand.strides, strict=True)]
        varies = self.bound.program.families[operand.factor.family].per_sample
        return side.view(dims + self._samples_dim(1 if varies else 0))

    # ---- sums ------------------------------------------------------------------------------

    def _sum(self) -> None:
        for term in self._first_pair():
            coef = term.coef * self._repeats(term)
            if term.left is None:
                self._add(coef, 1.0)
            elif self._is_plain(term):
                self._add(self._plain_view(term), coef, self._out_view_of(term))
            elif not self.written:
                self._compute(term, self.out)
                self.written, self.pending = True, coef
            else:
                self._add(self._temporary(term), coef)

    def _first_pair(self) -> list[Term]:
        """Write the first two terms at once if that is one call; return the others."""
        terms = self.statement.terms
        if len(terms) < 2 or self.written or self.statement.reduces or not self._is_plain(terms[0]):
            return terms
        first, second = terms[:2]
        number = second.left is None
        if not number and (not self._is_plain(second) or _places(first) != _places(second)):
            return terms
        c, d = first.coef, 1.0 if number else second.coef
        if abs(c) != 1.0 or abs(d) != 1.0 or c + d == -2.0:
            return terms
        left: Any = self._plain_view(first)
        right: Any = second.coef if number else self._plain_view(second)
        if c < 0.0:
            left, right = right, left
        self.emit.call("add" if c == d else "subtract", left, right, out=self._out_view_of(first))
        self.written = True
        return terms[2:]

    def _repeats(self, term: Term) -> float:
        """How often a term counts: of a sum over samples, what they share counts for each."""
        if not self.statement.reduces:
            return 1.0
        families = self.bound.program.families
        factors = [f for f in (term.left, term.right) if f is not None]
        return 1.0 if any(families[f.family].per_sample for f in factors) else float(self.count)

    def _is_plain(self, term: Term) -> bool:
        """Tell whether a term is a view of its factor, with nothing to compute."""
        if term.left is None or term.right is not None or term.reduced:
            return False
        return term.select is None and term.offsets is None and not self._over_samples(term)

    def _over_samples(self, term: Term) -> bool:
        families = self.bound.program.families
        factors = [f for f in (term.left, term.right) if f is not None]
        return not self.per_sample and any(families[f.family].per_sample for f in factors)

    def _plain_view(self, term: Term) -> Array:
        assert term.left is not None
        side, unit = self._side(term.left)
        varies = self.bound.program.families[term.left.family].per_sample
        dims = [(n, a * unit) for n, _, a, _ in term.axes]
        return side.view(dims + self._samples_dim(1 if varies else 0))

    def _out_view_of(self, term: Term) -> Array:
        return self._out_view([(n, o) for n, o, _, _ in term.axes], self._placed(term))

    def _placed(self, term: Term) -> Side:
        return Side(self.out.buffer, term.start)

    def _add(self, value: Any, coef: float, out: Array | None = None) -> None:
        """Add coef * value to what is written."""
        emit = self.emit
        if out is None:
            out = self._target()
        if not self.written:
            if coef == 1.0 or type(value) is float:
                emit.copy(out, coef * value if type(value) is float else value)
            elif coef == -1.0:
                emit.call("negative", value, out=out)
            else:
                emit.call("multiply", value, coef, out=out)
            self.written = True
            return
        if type(value) is float and coef != 1.0:
            value, coef = coef * value, 1.0
        if self.pending == coef and type(value) is not float:
            emit.call("add", out, value, out=out)
        elif self.pending == -1.0 and coef == 1.0:
            emit.call("subtract", value, out, out=out)
            self.pending = 1.0
        elif self.pending == 1.0 and coef == -1.0:
            emit.call("subtract", out, value, out=out)
        else:
            if self.pending != 1.0:
                emit.call("multiply", out, self.pending, out=out)
                self.pending = 1.0
            if coef != 1.0:
                scaled = emit.scratch(max(1, value.size)).reshape(value.shape)
                emit.call("multiply", value, coef, out=scaled)
                value = scaled
            emit.call("add", out, value, out=out)

    def _temporary(self, term: Term) -> Array:
        """Compute a term aside."""
        size = self.statement.size
        side = Side(Buffer(self.emit.scratch(size * self.unit), 0, self.unit), 0)
        self._compute(_packed(term), side, packed=True)
        sizes = [n for n, _ in self.statement.axes]
        dims, step = [], 1
        for n in reversed(sizes):
            dims.append((n, step * self.unit))
            step *= n
        return side.view(dims[::-1] + self._samples_dim(1))

    # ---- terms -----------------------------------------------------------------------------

    def _compute(self, term: Term, out: Side, packed: bool = False) -> None:
        """Write a term, without its coefficient, to where it belongs."""
        if term.offsets is not None:
            self._ragged(term, out, packed)
            return
        if term.select is not None:
            total = 1
            for axis in term.axes:
                total *= axis[0]
            whole = Side(Buffer(self.emit.scratch(total * self.unit), 0, self.unit), 0)
            self._dense(term, whole)
            self._select(whole, total, term.select, out, packed)
            return
        self._dense(term, Side(out.buffer, term.start))

    def _result_view(self, out: Side, packed: bool) -> Array:
        if packed:
            return out.view([(self.statement.size, self.unit), *self._samples_dim(1)])
        return self._out_view(self.statement.axes, out)

    def _select(self, whole: Side, total: int, places: Any, out: Side, packed: bool) -> None:
        emit = self.emit
        source = whole.view([(total, self.unit), *self._samples_dim(1)])
        self._deliver(
            out,
            packed,
            lambda target: emit.line(
                f"take({emit.name(source)}, {emit.name(places)}, 0, {emit.name(target)}, 'clip')"
            ),
        )
        emit.function("take", np.take)
        emit.gathers += 1

    def _deliver(self, out: Side, packed: bool, write: Callable[[Array], None]) -> None:
        """Let `write` write all members in one run, and copy them where they belong."""
        target = self._result_view(out, packed)
        shape = (self.statement.size, self.count) if self.per_sample else (self.statement.size,)
        if target.shape == shape and target.flags.c_contiguous:
            write(target)
            return
        run = self.emit.scratch(self.statement.size * self.unit).reshape(shape)
        write(run)
        self.emit.copy(target, run.reshape(target.shape))

    def _ragged(self, term: Term, out: Side, packed: bool) -> None:
        emit = self.emit
        assert term.left is not None
        assert term.left.table is not None
        length = len(term.left.table)
        values = self._gathered_run(term.left, length)
        if term.right is not None:
            other = self._gathered_run(term.right, length)
            wide = values if values.size >= other.size else other
            product = emit.scratch(wide.size).reshape(wide.shape)
            emit.call("multiply", values, other, out=product)
            values = product
        if values.ndim == 2 and self._over_samples(term):
            summed = emit.scratch(length)
            self._reduce("add", values, (1,), summed)
            values = summed
        elif values.shape[-1] == 1 and self.per_sample:
            values = np.broadcast_to(values, (length, self.count))
        ufunc = "add" if self.statement.kind == SUM else _ufunc_name(self.statement)
        function = emit.function(f"{ufunc}_at", getattr(np, ufunc).reduceat)
        self._deliver(
            out,
            packed,
            lambda target: emit.line(
                f"{function}({emit.name(values)}, {emit.name(term.offsets)}, 0, None, "
                f"{emit.name(target)})"
            ),
        )

    def _gathered_run(self, factor: Factor, length: int) -> Array:
        side, unit = self._side(factor)
        if self.bound.program.families[factor.family].per_sample:
            return side.view([(length, unit), (self.count, 1)])
        shape = [(length, 1), (1, 1)] if self._any_samples() else [(length, 1)]
        return side.view(shape)

    def _any_samples(self) -> bool:
        families = self.bound.program.families
        return self.per_sample or any(
            families[f.family].per_sample for f in self.statement.factors()
        )

    def _dims(self, term: Term, out: Side) -> tuple[Side, Side | None, list[Dim]]:
        """List all axes of a term with strides in elements, the samples' included."""
        families = self.bound.program.families
        assert term.left is not None
        left, left_unit = self._side(term.left)
        left_varies = families[term.left.family].per_sample
        right, right_unit, right_varies = None, 1, False
        if term.right is not None:
            right, right_unit = self._side(term.right)
            right_varies = families[term.right.family].per_sample
        dims: list[Dim] = [
            (n, o * self.unit, a * left_unit, b * right_unit) for n, o, a, b in term.axes
        ]
        dims += [(n, None, a * left_unit, b * right_unit) for n, a, b in term.reduced]
        if self.per_sample or left_varies or right_varies:
            place = 1 if self.per_sample else None
            dims.append((self.count, place, int(left_varies), int(right_varies)))
        return left, right, dims

    def _dense(self, term: Term, out: Side) -> None:
        left, right, dims = self._dims(term, out)
        if right is not None:
            contract(self.emit, out, left, right, dims)
            return
        kept = [dim for dim in dims if dim[1] is not None]
        summed = [dim for dim in dims if dim[1] is None]
        view = left.view([(n, a) for n, _, a, _ in kept + summed])
        target = out.view([(n, o) for n, o, _, _ in kept if o is not None])
        if summed:
            ufunc = "add" if self.statement.kind == SUM else _ufunc_name(self.statement)
            self._reduce(ufunc, view, tuple(range(len(kept), len(dims))), target)
        else:
            self.emit.copy(target, view)

    def _reduce(self, ufunc: str, view: Array, axes: tuple[int, ...], target: Array) -> None:
        emit = self.emit
        function = emit.function(f"{ufunc}_reduce", getattr(np, ufunc).reduce)
        axis = axes[0] if len(axes) == 1 else axes
        emit.line(f"{function}({emit.name(view)}, {axis}, None, {emit.name(target)})")

    # ---- extremes --------------------------------------------------------------------------

    def _extreme(self) -> None:
        emit = self.emit
        ufunc = _ufunc_name(self.statement)
        for term in self.statement.terms:
            if term.left is None:
                value: Any = term.coef
            elif not self.written:
                self._compute(term, self.out)
                self.written = True
                continue
            else:
                value = self._temporary(term)
            if self.written:
                emit.call(ufunc, self._target(), value, out=self._target())
            else:
                emit.copy(self._target(), value)
                self.written = True


def _packed(term: Term) -> Term:
    """Renumber a term's axes for a result of its own, in the order of the places."""
    if term.select is not None or term.offsets is not None:
        return term
    strides: dict[int, int] = {}
    step, start = 1, 0
    for axis in sorted(term.axes, key=lambda axis: abs(axis[1])):
        backward = axis[1] < 0
        strides[id(axis)] = -step if backward else step
        start += (axis[0] - 1) * step if backward else 0
        step *= axis[0]
    axes = [(axis[0], strides[id(axis)], axis[2], axis[3]) for axis in term.axes]
    return Term(term.coef, term.left, term.right, axes, term.reduced, start)


def _places(term: Term) -> list[tuple[int, int]]:
    """List the axes of a term's results."""
    return [(n, out) for n, out, _, _ in term.axes]


def _ufunc_name(statement: Statement) -> str:
    assert statement.row is not None
    return str(statement.row.array)
