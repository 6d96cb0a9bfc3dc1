"""One term of a statement as calls of NumPy on prepared views."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from ...program.statements import Factor, Statement, Term
from ...roll.flatten import SUM
from .contraction import Side, contract, matmul
from .emitter import Emitter
from .views import Buffer, Dim

if TYPE_CHECKING:
    from .bound import Bound

__all__ = ["TermWriter", "ufunc_name"]

LONGEST_DOT = 1 << 14  # beyond, NumPy adds up in pairs, and more exactly

Array = Any  # an array of float64


class TermWriter:
    """Writes terms: contractions, reductions, gathers.

    Parameters
    ----------
    bound : Bound
        The memory.
    emitter : Emitter
        Takes the calls.
    statement : Statement
    """

    def __init__(self, bound: Bound, emitter: Emitter, statement: Statement) -> None:
        self.bound = bound
        self.emit = emitter
        self.statement = statement
        self.count = bound.count
        self.per_sample = statement.per_sample
        self.unit = self.count if statement.per_sample else 1
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
        self._take(source, factor.table, target)
        if factor.scale is not None:
            scale = factor.scale.reshape(-1, *[1] * (len(shape) - 1))
            emit.call("multiply", target, np.ascontiguousarray(scale), out=target)
        return Side(Buffer(gathered, 0, buffer.unit), factor.start), buffer.unit

    def _take(self, source: Array, places: Any, target: Array) -> None:
        """Gather along the first axis, by the array's method: a third of what `np.take` takes."""
        take, *names = map(self.emit.name, (source.take, places, target))
        self.emit.line(f"{take}({names[0]}, 0, {names[1]}, 'clip')")

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
        source = whole.view([(total, self.unit), *self._samples_dim(1)])
        self._deliver(out, packed, lambda target: self._take(source, places, target))

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
        elif values.ndim == 2 and not self.per_sample:
            values = values[:, 0]
        elif values.shape[-1] == 1 and self.per_sample:
            values = np.broadcast_to(values, (length, self.count))
        ufunc = "add" if self.statement.kind == SUM else ufunc_name(self.statement)
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
            ufunc = "add" if self.statement.kind == SUM else ufunc_name(self.statement)
            self._reduce(ufunc, view, tuple(range(len(kept), len(dims))), target)
        else:
            self.emit.copy(target, view)

    def _reduce(self, ufunc: str, view: Array, axes: tuple[int, ...], target: Array) -> None:
        emit = self.emit
        axis = axes[0] if len(axes) == 1 else axes
        if ufunc == "add" and len(axes) == 1 and view.shape[axes[0]] <= LONGEST_DOT:
            ones = np.ones(view.shape[axes[0]])
            if view.ndim == 1:
                emit.line(f"{emit.name(target)}[()] = {emit.name(view.dot)}({emit.name(ones)})")
                return
            if view.ndim == 2 and (view.flags.c_contiguous or view.flags.f_contiguous):
                if not view.flags.c_contiguous:
                    view, axis = view.T, 1 - axes[0]
                left, right = (view, ones) if axis == 1 else (ones, view)
                matmul(emit, left, right, target)
                return
        function = emit.function(f"{ufunc}_reduce", getattr(np, ufunc).reduce)
        emit.line(f"{function}({emit.name(view)}, {axis}, None, {emit.name(target)})")

    def _over_samples(self, term: Term) -> bool:
        families = self.bound.program.families
        varies = any(families[factor.family].per_sample for factor in term.factors())
        return varies and not self.per_sample


def ufunc_name(statement: Statement) -> str:
    """Name the function of NumPy that an extreme is taken with."""
    assert statement.row is not None
    return str(statement.row.array)
