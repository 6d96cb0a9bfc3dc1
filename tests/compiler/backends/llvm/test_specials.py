"""Operations on what is no common number: machine code gives what the interpreter does."""

from __future__ import annotations

import math
import platform
from itertools import product
from typing import Any

import numpy as np
import pytest
from written import Making, at

from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import Map, Reduce, Term
from tinygrad_nn.scalar.ops import TABLE, maximum, minimum

pytest.importorskip("llvmlite")

from tinygrad_nn.compiler.backends.llvm.engine import Target
from tinygrad_nn.compiler.backends.machine import MACHINE, Machine

IS_X86 = platform.machine() in ("x86_64", "AMD64")
SMALL = Machine(Target("x86-64", "")) if IS_X86 else MACHINE

INF, NAN, TINY = math.inf, math.nan, 5e-324
ENDS = [NAN, INF, -INF, 0.0, -0.0, 1.0, -1.0]
MORE = [0.5, -0.5, 2.0, -2.0, 3.0, 1e308, -1e308, TINY, -TINY, 1e-310, 700.0, -760.0]


def judge(making: Making, numbers: dict[int, Any]) -> None:
    program = making.program()
    memory = interpret(program, {n: x[:, None].tolist() for n, x in numbers.items()}, 1)
    expected = np.array([row[0] for row in results_of(program, memory)])
    for backend in (MACHINE, SMALL):
        runner = Runner(split(program), backend=backend)
        bound = runner.first(1)
        for n, x in numbers.items():
            bound.inputs[n][...] = x
        with np.errstate(all="ignore"):
            for phase in (bound.before, bound.body, bound.after):
                phase()
        arrays = [run.where.array for run in program.results]  # type: ignore[union-attr]
        found = np.concatenate([bound.memory.numbers(array) for array in arrays])
        np.testing.assert_allclose(found, expected, rtol=2e-15, atol=1e-310)
        zero = expected == 0
        assert (np.signbit(found) == np.signbit(expected))[zero & (found == 0)].all()


@pytest.mark.parametrize("arity", [1, 2, 3])
def test_operations(arity: int) -> None:
    ops = [op for op in TABLE.values() if op.arity == arity]
    columns = np.array(list(product([*ENDS, *MORE] if arity < 3 else ENDS[:6], repeat=arity))).T
    making = Making()
    operands = tuple(at(making.input(columns.shape[1]), 1) for _ in range(arity))
    for op in ops:
        target = at(making.inner(columns.shape[1]), 1)
        making.add(Map(target, (columns.shape[1],), op, operands))
    judge(making, dict(enumerate(columns)))


def test_operations_on_a_plain_number() -> None:
    making = Making()
    numbers = np.array([*ENDS, *MORE])
    x = at(making.input(len(numbers)), 1)
    for op in TABLE.values():
        if op.arity == 2:
            for plain in (NAN, INF, -INF, -0.0, 0.5, -2.0):
                for operands in ((x, plain), (plain, x)):
                    target = at(making.inner(len(numbers)), 1)
                    making.add(Map(target, (len(numbers),), op, operands))
    judge(making, {0: numbers})


@pytest.mark.parametrize("op", [maximum, minimum])
def test_extremes(op: Any) -> None:
    making = Making()
    rng = np.random.default_rng(1)
    rows, size = 24, 21  # sorts of vectors
    x = making.input(rows * size)
    numbers = rng.normal(size=(rows, size))
    for row, special in zip(numbers, [*ENDS[:3] * 7, None], strict=False):
        if special is not None:
            row[rng.integers(size)] = special
    numbers[-1] = -INF
    numbers[-2] = INF
    for axes in ((size, 1), (1, rows)):
        for target, factor in (((1,), axes), ((1,), axes[::-1])):
            kept, over = (rows, size) if factor[0] == axes[0] else (size, rows)
            places = at(x, *factor)
            making.add(
                Reduce(
                    at(making.inner(kept), *target), (kept,), op, (Term(-1.0, (places,), (over,)),)
                )
            )
    judge(making, {x: numbers.ravel()})
