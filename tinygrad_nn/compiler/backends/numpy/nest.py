"""What the calls of one statement run along: its axes, and numbers in memory along them."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from ...program.program import Floats, Ints
from ...program.statements import Access, Term, with_choosers
from ...program.strides import row_major
from ..memory import Memory
from .emitter import Emitter
from .views import Buffer, Strided, joint

__all__ = ["Nest", "Operand"]

Operand: TypeAlias = Strided | float


class Nest:
    """Axes, and with `samples` one more of these behind them; `sizes` has all of them."""

    def __init__(self, memory: Memory, emit: Emitter, own: tuple[int, ...], samples: bool) -> None:
        self.memory = memory
        self.emit = emit
        self.own = own
        self.samples = samples
        self.sizes = (*own, memory.count) if samples else own

    def within(self, over: tuple[int, ...], samples: bool) -> Nest:
        """Give the axes, and those inside of them."""
        return Nest(self.memory, self.emit, (*self.own, *over), samples)

    # ---- terms ------------------------------------------------------------------------------

    def is_varying(self, *accesses: Access) -> bool:
        """Tell whether each sample has its own of anything that is read, or chooses."""
        arrays = self.memory.program.arrays
        return any(arrays[access.array].per_sample for access in with_choosers(accesses))

    def coefficient(self, term: Term, *others: Access) -> float:
        """Give a coefficient: in a sum over samples, what they share counts for each of them."""
        if not term.samples or self.is_varying(*term.factors, *others):
            return term.coef
        return term.coef * self.memory.count

    # ---- numbers along axes -----------------------------------------------------------------

    def along(self, access: Access) -> Strided:
        """Find the numbers of an access, but for what it chooses; those of a table are gathered."""
        arena, start, unit, sample = self.memory.place(access.array)
        if access.table < 0:
            buffer = Buffer(arena, start + access.start * unit)
        else:
            buffer = self._gathered(access, unit)
        strides = tuple([stride * unit for stride in access.strides])
        return Strided(buffer, (*strides, sample) if self.samples else strides)

    def _gathered(self, access: Access, unit: int) -> Buffer:
        """Gather the run of a table that an access means."""
        reach = [(n - 1) * stride for n, stride in zip(self.own, access.strides, strict=True)]
        before = -sum(n for n in reach if n < 0)
        first, last = access.start - before, access.start + before + sum(reach)
        table = self.memory.program.tables[access.table][first : last + 1]
        source = self.memory.numbers(access.array)
        run = self.emit.scratch(len(table) * unit)
        self.take(source, table, run.reshape(len(table), *source.shape[1:]))
        return Buffer(run, before * unit)

    def aside(self) -> Strided:
        """Make room for numbers along all axes that is used no more after the statement."""
        return Strided(Buffer(self.emit.scratch(math.prod(self.sizes)), 0), row_major(self.sizes))

    def multiplied(self, factors: Sequence[Operand], out: Strided | None = None) -> Operand:
        """Multiply factors, into `out` where it is given; a single one is given as it is."""
        first, *others = factors
        if others and out is None:
            out = self.aside()
        for other in others:
            assert out is not None
            self.call("multiply", first, other, out=out)
            first = out
        return first

    # ---- calls ------------------------------------------------------------------------------

    def views(self, *operands: Operand) -> list[Any]:
        """View operands along the fewest axes that all run through; leave numbers as they are."""
        strided = [operand for operand in operands if isinstance(operand, Strided)]
        sizes, strides = joint(self.sizes, tuple([operand.strides for operand in strided]))
        along = iter(strides)
        return [
            self.emit.view(Strided(operand.buffer, next(along)), sizes)
            if isinstance(operand, Strided)
            else operand
            for operand in operands
        ]

    def call(self, name: str, *operands: Operand, out: Strided) -> None:
        """Emit a call for all elements."""
        *shown, target = self.views(*operands, out)
        self.emit.call(name, *shown, out=target)

    def copy(self, out: Strided, value: Operand) -> None:
        """Emit a copy of all elements."""
        target, source = self.views(out, value)
        self.emit.copy(target, source)

    def take(self, source: Floats, places: Ints, target: Floats) -> None:
        """Gather along the first axis, by the array's method: a third of what `np.take` takes."""
        take, *names = map(self.emit.name, (source.take, places, target))
        self.emit.line(f"{take}({names[0]}, 0, {names[1]}, 'clip')")

    def deliver(self, out: Strided) -> tuple[Floats, Strided | None]:
        """Give a run for all members, and what is to be copied if it is not where they belong."""
        (target,) = self.views(out)
        shape = (math.prod(self.own), *self.sizes[len(self.own) :])
        if target.flags.c_contiguous:
            return target.reshape(shape), None
        aside = self.aside()
        return aside.view(self.sizes).reshape(shape), aside
