"""Programs in the one form, written by hand or at random, and all ways to compute them."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import fields, is_dataclass, replace
from typing import Any

import numpy as np
from grids import results
from hypothesis import strategies as st

from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.program import Array, Program, Role, Run
from tinygrad_nn.compiler.program.split import check_simple, split
from tinygrad_nn.compiler.program.statements import (
    Access,
    Basic,
    Chosen,
    Loop,
    Map,
    Reduce,
    Runs,
    Statement,
    Term,
)
from tinygrad_nn.compiler.program.store import is_same, load, save
from tinygrad_nn.compiler.program.strides import row_major
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.scalar.ops import add, exp, maximum, minimum, mul

Numbers = Any  # an array of float64


# ---- by hand -------------------------------------------------------------------------------------


def given(size: int, per_sample: bool = False, name: str = "x") -> Array:
    return Array(size, per_sample, Role.INPUT, name)


def inner(size: int, per_sample: bool = False) -> Array:
    return Array(size, per_sample, Role.INNER)


def at(array: int, *strides: int, start: int = 0, table: int = -1, chosen: Any = None) -> Access:
    return Access(array, start, strides, table, chosen)


def total(*factors: Access, over: Sequence[int] = (), coef: float = 1.0) -> Term:
    return Term(coef, factors, tuple(over))


def over_samples(*factors: Access, over: Sequence[int] = (), coef: float = 1.0) -> Term:
    return Term(coef, factors, tuple(over), True)


def made(
    arrays: Sequence[Array],
    statements: Sequence[Statement],
    tables: Sequence[Sequence[int]] = (),
    results: Sequence[Run] | None = None,
) -> Program:
    """A program; its results are all inner arrays if not given."""
    if results is None:
        results = [
            Run(array.size, Access(n, 0, (1,)))
            for n, array in enumerate(arrays)
            if array.role is Role.INNER
        ]
    known = [np.array(table, dtype=np.int64) for table in tables]
    return Program(list(arrays), list(statements), list(results), [], [], known)


def computed(program: Program, inputs: Mapping[int, Any], count: int = 1) -> Numbers:
    """Compute all results, a row for each with a column for each sample, in all ways there are."""
    verify(program)
    shapes = [(a.size, count if a.per_sample else 1) for a in program.arrays]
    numbers = {n: np.reshape(x, shapes[n]).astype(float) for n, x in inputs.items()}
    found = by_loops(program, numbers, count)
    again = load(*save(program))
    assert is_same(again, program)
    simple = split(program)
    verify(simple)
    check_simple(simple)
    close(by_loops(simple, numbers, count), found)
    close(results(again, numbers, [count]), found)
    for blocks in ([count], [1] * count, [count - 1, 1])[: 3 if count > 2 else 1]:
        close(results(program, numbers, blocks), found)
        close(results(simple, numbers, blocks), found)
    return found


def by_loops(program: Program, inputs: Mapping[int, Numbers], count: int) -> Numbers:
    memory = interpret(program, {n: x.tolist() for n, x in inputs.items()}, count)
    rows = [columns * (count // len(columns)) for columns in results_of(program, memory)]
    return np.array(rows, dtype=float).reshape(len(rows), count)


def close(found: Numbers, expected: Numbers) -> None:
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-9)


# ---- one thing changed ---------------------------------------------------------------------------


def changed(program: Program, statement: int, **parts: Any) -> Program:
    """The program with parts of a statement changed."""
    statements = list(program.statements)
    statements[statement] = replace(statements[statement], **parts)
    return replace(program, statements=statements)


def integers(x: Any) -> list[int]:
    """All integers of statements, in order."""
    found: list[int] = []
    _rebuilt(x, lambda n: found.append(n) or n)  # type: ignore[func-returns-value]
    return found


def with_integers(x: Any, numbers: Sequence[int]) -> Any:
    """The same statements with other integers."""
    rest = iter(numbers)
    return _rebuilt(x, lambda n: next(rest))


def _rebuilt(x: Any, change: Any) -> Any:
    if is_dataclass(x):
        parts = {f.name: _rebuilt(getattr(x, f.name), change) for f in fields(x)}
        return replace(x, **parts)  # type: ignore[type-var]
    if isinstance(x, list | tuple):
        return type(x)([_rebuilt(one, change) for one in x])
    return change(x) if type(x) is int else x


# ---- at random -----------------------------------------------------------------------------------

sizes = st.lists(st.integers(2, 3), max_size=2).map(tuple)
coefs = st.sampled_from([1.0, -1.0, 0.5, -2.0])


class Maker:
    """Draws statements that read what is there, each writing an array of its own."""

    def __init__(self, draw: Any) -> None:
        self.draw = draw
        self.arrays = [given(13), given(11, True), given(6), given(5, True)]  # 2, 3 choose
        self.tables: list[list[int]] = []
        self.counts: tuple[int, ...] = ()  # of the loops around
        self.complete = len(self.arrays)  # how many arrays may be read

    def program(self, loops: bool = False) -> Program:
        """A program; with `loops` it begins with one."""
        statements = self.statements(True) if loops else []
        for _ in range(self.draw(st.integers(1 - loops, 4 - loops))):
            statements += self.statements(self.draw(st.integers(0, 4)) == 0)
        return made(self.arrays, statements, self.tables)

    def statements(self, loop: bool) -> list[Statement]:
        if loop:
            self.counts = (self.draw(st.integers(1, 3)),)
            body = [s for _ in range(self.draw(st.integers(1, 2))) for s in self.basics()]
            (count,), self.counts = self.counts, ()
            made: list[Statement] = [Loop(count, tuple(body))]
        else:
            made = [*self.basics()]
        self.complete = len(self.arrays)
        return made

    def basics(self) -> list[Basic]:
        varies = self.draw(st.booleans())
        kind = self.draw(st.sampled_from(["map", "reduce", "reduce", "reduce", "runs", "scatter"]))
        nest = self.draw(sizes)
        if kind == "map":
            op = self.draw(st.sampled_from([exp, mul, maximum]))
            operands = [self.access(nest, varies) for _ in range(op.arity)]
            return [Map(self.target(nest, varies), nest, op, tuple(operands))]
        if kind == "runs":
            ends = np.cumsum(self.draw(st.lists(st.integers(1, 3), min_size=1, max_size=3)))
            over = (int(ends[-1]),)
            factors = tuple([self.access(over, varies) for _ in range(2)])
            self.tables.append(ends.tolist())
            table, nest = len(self.tables) - 1, (len(ends),)
            return [
                Runs(self.target(nest, varies), nest, self.op(), Term(1.0, factors, over), table)
            ]
        op = add if kind == "scatter" else self.op()
        samples = op is add and not varies and self.draw(st.booleans())
        count = self.draw(st.integers(1, 3))
        terms = [self.term(nest, varies, samples, op is add) for _ in range(count)]
        target = self.target(nest, varies, kind == "reduce")
        if kind == "reduce":
            return [Reduce(target, nest, op, tuple(terms))]
        return [Reduce(target, nest, op, tuple(terms)), self.scatter(target, nest, varies, samples)]

    def op(self) -> Any:
        return self.draw(st.sampled_from([add, add, maximum, minimum]))

    def scatter(self, whole: Access, nest: tuple[int, ...], varies: bool, samples: bool) -> Reduce:
        """Add something to chosen elements along the last axis."""
        own = (*nest[:-1], *self.draw(sizes))
        kept = (*whole.strides[: len(self.counts)], *whole.strides[len(self.counts) :][:-1])
        strides = (*kept, *[0] * (len(own) - len(nest[:-1])))
        term = self.term(own, varies, samples, True)
        target = replace(whole, strides=strides)
        if nest:
            by = self.chooser(own, varies or samples)
            target = replace(target, chosen=Chosen(whole.strides[-1], nest[-1], by))
            return Reduce(target, own, add, (replace(term, over=(), factors=()),), True)
        return Reduce(whole, nest, add, (self.term(nest, varies, samples, True),), True)

    def term(self, nest: tuple[int, ...], varies: bool, samples: bool, may_choose: bool) -> Term:
        over = self.draw(sizes)
        extents = (*nest, *over)
        count = self.draw(st.integers(0, 3))
        factors = [self.access(extents, varies or samples) for _ in range(count)]
        if may_choose and factors and self.draw(st.integers(0, 3)) == 0:
            factors[0] = self.choosing(extents, varies or samples)
        return Term(self.draw(coefs), tuple(factors), over, samples)

    def target(self, nest: tuple[int, ...], varies: bool, table: bool = False) -> Access:
        """A new array, of which each step of the loops around has a part."""
        extents = (*self.counts, *nest)
        size = math.prod(extents)
        self.arrays.append(inner(size, varies))
        number = -1
        if table and self.draw(st.booleans()):
            self.tables.append(self.draw(st.permutations(range(size))))
            number = len(self.tables) - 1
        return Access(len(self.arrays) - 1, 0, row_major(extents), number)

    def access(self, extents: tuple[int, ...], varies: bool, most: int = 0) -> Access:
        """Read any array that is complete."""
        arrays = enumerate(self.arrays[: self.complete])
        known = [n for n, a in arrays if n not in (2, 3) and (varies or not a.per_sample)]
        array = self.draw(st.sampled_from(known))
        size = self.arrays[array].size
        table = -1
        if self.draw(st.integers(0, 3)) == 0:
            entries = self.draw(st.lists(st.integers(0, size - 1), min_size=1, max_size=9))
            self.tables.append(entries)
            table, size = len(self.tables) - 1, len(entries)
        return self.inside(array, size, (*self.counts, *extents), table, most)

    def inside(
        self, array: int, size: int, extents: tuple[int, ...], table: int = -1, most: int = 0
    ) -> Access:
        """Draw a start and strides so that all places, and `most` after them, are there."""
        low, high = 0, most
        strides = []
        for n in extents:
            stride = self.draw(st.integers(-2, 4))
            reach = stride * (n - 1)
            if max(high, high + reach) - min(low, low + reach) >= size:
                stride = reach = 0
            low, high = min(low, low + reach), max(high, high + reach)
            strides.append(stride)
        start = self.draw(st.integers(-low, size - 1 - high))
        return Access(array, start, tuple(strides), table)

    def chooser(self, extents: tuple[int, ...], varies: bool) -> Access:
        array = self.draw(st.sampled_from([2, 3] if varies else [2]))
        return self.inside(array, self.arrays[array].size, (*self.counts, *extents))

    def choosing(self, extents: tuple[int, ...], varies: bool) -> Access:
        step, size = self.draw(st.integers(1, 2)), self.draw(st.integers(2, 3))
        array = self.draw(st.sampled_from([0, 1] if varies else [0]))
        access = self.inside(array, self.arrays[array].size, (*self.counts, *extents), most=4)
        return replace(access, chosen=Chosen(step, size, self.chooser(extents, varies)))


programs = st.composite(lambda draw: Maker(draw).program())()
loops = st.composite(lambda draw: Maker(draw).program(loops=True))()


def random_inputs(program: Program, count: int, seed: int) -> dict[int, Numbers]:
    """Numbers for the arrays of `Maker`; those that choose are now and then none."""
    rng = np.random.default_rng(seed)
    shapes = [(a.size, count if a.per_sample else 1) for a in program.arrays]
    found = {n: rng.uniform(-1.0, 1.0, shapes[n]) for n in (0, 1)}
    return found | {n: rng.choice([0.0, 1.0, 2.0, 3.0, -1.0, 0.5], shapes[n]) for n in (2, 3)}
