"""The machine-code backend: kernels on the memory, and NumPy for what has no such form."""

from __future__ import annotations

import ctypes
import json
import math
from collections.abc import Callable, Collection, Mapping, Sequence
from functools import partial
from itertools import groupby
from typing import Any

import numpy as np

from ...cached import cached_property
from ...errors import ArgumentError
from ..program.phases import Phases
from ..program.program import Floats, Ints, Program
from ..program.statements import Reduce, Statement, reads_of
from .backend import Code, Kernel, Maker
from .llvm.contraction import following
from .llvm.disk import folder, keep, kept
from .llvm.engine import Engine, Target, target, trouble
from .llvm.module import Module
from .llvm.operations import is_known
from .llvm.reals import DOUBLE, real_of
from .llvm.tables import table_of
from .looks import Looks, looks_of
from .loops import OUTSIDE, SAMPLES, Aside, Step
from .lowering import lowered
from .memory import Layout, Memory
from .names import name_of
from .numpy.emitter import Emitter
from .numpy.writer import write
from .reuse import reusing
from .schedule import Rules, families

__all__ = ["MACHINE", "Machine", "check_machine"]

MOST_PRODUCTS = 200_000_000  # of two matrices; what is larger does not stay in the cache


class Machine:
    """Runs programs as machine code, made by LLVM for a processor: this one, if none is given."""

    name = "machine"

    def __init__(self, processor: Target | None = None) -> None:
        self._processor = processor

    def prepared(self, program: Program) -> Program:
        """Let the steps of loops, which stay loops, share memory."""
        return reusing(program)

    def maker(self, layout: Layout, phases: Phases, outside: Collection[int] = ()) -> Maker:
        """Take up a simple program."""
        return _Maker(layout, phases, sorted(outside), self._processor or target())


class _Maker:
    """Makes the code once, when it first sees a memory; others of the same layout share it."""

    def __init__(
        self, layout: Layout, phases: Phases, outside: Sequence[int], processor: Target
    ) -> None:
        self.layout = layout
        self.outside = outside
        self.ports = [number for number in layout.ports if number not in outside]
        self.arenas = [*outside, *self.ports]
        self.processor = processor
        self.real = real_of(layout.dtype.itemsize)
        self.lanes = processor.width * DOUBLE.size // self.real.size  # of a vector
        self.kept = {access.array for access in layout.program.wanted} | {*phases.sums}
        self._phases = phases
        self._made: _Made | None = None

    @cached_property
    def steps(self) -> list[Sequence[Step]]:
        """What each phase does; nobody asks if its code is kept from before."""
        phases = self._phases
        return [
            _steps(self.layout, self.arenas, statements)
            for statements in (phases.before, phases.body, phases.after)
        ]

    @property
    def has_asides(self) -> bool:
        """Whether NumPy does anything."""
        if self._made is not None:
            return self._made.has_asides
        return any(isinstance(step, Aside) for phase in self.steps for step in phase)

    def row(self, count: int) -> int:
        """Let rows be of pairs of vectors, and few begin where others do in the cache."""
        if self.has_asides:  # NumPy takes rows that follow each other
            return count
        pair = 2 * self.lanes
        pairs = -(-count // pair)
        return pair * (pairs | 1)

    def make(self, outside: Mapping[int, Floats]) -> None:
        """Make the code, if it is not made."""
        if self._made is None:
            self._made = _Made(self, outside)
            vars(self).pop("steps", None)  # nobody asks again

    def code(self, memory: Memory, releases: bool = False) -> Code:
        """Give the code for a memory."""
        assert memory.row >= self.row(memory.count), "kernels write behind the samples"
        self.make(memory.outside)
        assert self._made is not None
        return self._made.bound(memory, releases)


def _steps(
    layout: Layout, outside: Sequence[int], statements: Sequence[Statement]
) -> tuple[Step, ...]:
    """Write statements as loops, but for what NumPy's BLAS is faster at."""
    found: list[Step] = []
    for is_aside, some in groupby(statements, _is_large):
        if is_aside:
            found += [Aside(one) for one in some if isinstance(one, Reduce)]
        else:
            found += lowered(layout, outside, list(some), is_known)
    return tuple(found)


def _is_large(statement: Statement) -> bool:
    """Tell whether a statement is a product of matrices that are too large for tiles alone."""
    if not isinstance(statement, Reduce) or len(statement.terms) > 1:
        return False
    (term,) = statement.terms
    products = math.prod((*statement.nest, *term.over))
    return len(term.factors) == 2 and bool(term.over) and products > MOST_PRODUCTS


class _Made:
    """Kernels, and statements between them, of a program."""

    def __init__(self, maker: _Maker, outside: Mapping[int, Floats]) -> None:
        name = name_of(maker.layout, outside, maker.processor) if folder() else ""
        found = kept(name) if name else None
        self._phases: list[list[str | list[Aside]]] = []
        engine = None
        if found is not None:
            self._phases, places, constants, code = json.loads(found)
            engine = Engine.known(code, maker.processor)
        looks = looks_of(maker.layout, maker.arenas)
        if engine is None:
            module = self._written(maker, outside, looks)
            engine = Engine(module.text(), maker.processor)
            places, constants = module.tables, module.constants.bits  # that the text speaks of
        tables = maker.layout.program.tables
        self._tables: list[Ints] = [table_of(constants, maker.processor.width)]
        self._tables += [
            np.append(0, tables[number]) if is_ends else np.ascontiguousarray(tables[number])
            for number, is_ends in places
        ]
        self._tables.append(looks.spans)
        self._ports = [(number, maker.layout.start[number]) for number in maker.ports]
        self._step = 2 * maker.lanes
        self.has_asides = any(isinstance(part, list) for parts in self._phases for part in parts)
        self._engine = engine
        self._addresses = (
            0,
            0,
            0,
            0,
        )  # of the phases, each of which is a kernel or nothing, and of all
        if not self.has_asides:
            names = [str(part) for parts in self._phases for part in parts or [""]]
            before, body, after = (engine.address(one) if one else 0 for one in names)
            self._addresses = before, body, after, engine.address("whole")
        if name and found is None and not self.has_asides:
            about = self._phases, places, constants, engine.name
            keep(name, json.dumps(about).encode())

    def _written(self, maker: _Maker, outside: Mapping[int, Floats], looks: Looks) -> Module:
        """Write what kernels do, and list the phases' parts."""
        self._phases = []
        starts = _starts(maker.layout)
        family = families(starts, _overlapping([outside[number] for number in sorted(outside)]))
        asides = [step for phase in maker.steps for step in phase if isinstance(step, Aside)]
        read = {access.array for aside in asides for access in reads_of(aside.statement)}
        ports = OUTSIDE + len(maker.outside)
        module = Module(
            OUTSIDE + len(maker.arenas),
            maker.lanes,
            Rules(family, maker.layout.program.tables, following=following),
            maker.kept | read,
            () if asides else (SAMPLES, *range(ports, ports + len(maker.ports))),
            real=maker.real,
        )
        for phase in maker.steps:
            parts: list[str | list[Aside]] = []
            for is_aside, steps in groupby(phase, lambda step: isinstance(step, Aside)):
                if is_aside:
                    parts.append([step for step in steps if isinstance(step, Aside)])
                else:
                    name = f"phase{len(self._phases)}part{len(parts)}"
                    module.add(name, list(steps))
                    parts.append(name)
            self._phases.append(parts)
        module.look(looks)
        return module

    def bound(self, memory: Memory, releases: bool) -> Code:
        """Give what runs the phases in a memory."""
        arrays = [memory.shared, memory.samples]
        arrays += [memory.outside[number] for number in sorted(memory.outside)]
        ports = {number: len(arrays) + n for n, (number, _) in enumerate(self._ports)}
        arrays += [memory.samples[start] for _, start in self._ports]
        arrays += self._tables  # type: ignore[arg-type]  # integers
        pointers = np.array([array.ctypes.data for array in arrays], np.int64)
        kept = (arrays, pointers)
        sizes = ctypes.c_int64(memory.count), ctypes.c_int64(memory.row)
        given = (ctypes.c_void_p(pointers.ctypes.data), *sizes)

        def function(name: str, returns: bool = False) -> partial[Any]:
            return partial(self._engine.function(name, returns, releases), *given)

        calls = 0
        phases = []
        for parts in self._phases:
            runs: list[Callable[[], Any]] = []
            for part in parts:
                if isinstance(part, str):
                    runs.append(function(part))
                    continue
                emitter = Emitter(memory.dtype)
                for aside in part:
                    emitter.reuse_scratch()
                    write(memory, emitter, aside.statement)
                calls += emitter.calls
                runs.append(emitter.build())
            phases.append(_in_turn(runs, kept))
        before, body, after = phases
        faults, whole = _kept(function("faults", returns=True), kept), None
        kernel = None
        if not self.has_asides:
            whole = _kept(function("whole", returns=True), kept)
            kernel = Kernel(
                *self._addresses,
                pointers=pointers,
                samples=memory.count,
                row=memory.row,
                releases=releases,
                kept=(self, kept),
                ports=ports,
                step=self._step,
            )
        return Code(before, body, after, calls, faults, whole, kernel)


def _in_turn(runs: Sequence[Callable[[], Any]], kept: Any) -> Callable[[], Any]:
    """Run one after the other; what is kept lives as long."""
    if not runs:
        return lambda: None
    if len(runs) == 1:
        (run,) = runs
        if isinstance(run, partial):
            return _kept(run, kept)

    def run_all(kept: Any = kept) -> None:
        for run in runs:
            run()

    return run_all


def _kept(run: partial[Any], kept: Any) -> Callable[[], Any]:
    """Let memory live as long as what runs in it."""
    run.kept = kept  # type: ignore[attr-defined]
    return run


def _starts(layout: Layout) -> list[list[int]]:
    """List where the arrays start that lie in the two arenas."""
    arrays = layout.program.arrays
    starts: list[set[int]] = [set(), set()]
    for array, start in zip(arrays, layout.start, strict=True):
        starts[array.per_sample].add(start)
    return [sorted(some) for some in starts]


def _overlapping(arrays: Sequence[Floats]) -> Callable[[int], int]:
    """Name arenas so that those which share memory have the name of one that no arena has."""
    met = {
        OUTSIDE + n
        for n, one in enumerate(arrays)
        for m, other in enumerate(arrays)
        if n != m and np.may_share_memory(one, other)
    }
    return lambda arena: -1 if arena in met else arena


MACHINE = Machine()


def check_machine() -> None:
    """Refuse to go on where no machine code can be made, or none may be run."""
    why = trouble()
    if why:
        raise ArgumentError(f"backend is 'machine', and {why}: give backend='numpy'")
