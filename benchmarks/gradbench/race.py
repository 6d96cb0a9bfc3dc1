"""Gradients of ten programs, ours beside C, JAX and PyTorch, and the table of them."""

from __future__ import annotations

import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import Any, NamedTuple

import numpy as np

from tinygrad_nn import compile, value_and_grad
from tinygrad_nn.tree import flatten

from .. import report
from ..job import same
from .cases import CASES, Case
from .native import EXACT, FAST, Native, has_compiler

TURN = 0.01  # seconds, at least, in which somebody computes again and again
TURNS = 3  # of each in a round
WARM = 20  # runs before
C, CALLED, REORDERED = "C", "C, called", "C, -ffast-math"
MACHINE, NUMPY, JAX, TORCH = "ours", "ours, NumPy", "JAX", "PyTorch"
WAYS = (C, CALLED, REORDERED, MACHINE, NUMPY, JAX, TORCH)
RATIOS = ((MACHINE, C), (MACHINE, CALLED), (MACHINE, REORDERED), (JAX, MACHINE), (TORCH, MACHINE))

TEXT = """\
Ten programs of the kind that [GradBench](https://github.com/gradbench/gradbench) collects, written
by loops on single numbers (`benchmarks/gradbench/functions.py`): the value and the gradient. "Ours"
is machine code, from arrays to arrays. "C" is the same derivative by hand (`benchmarks/gradbench/c`),
`gcc -O3 -march=native`, run many times in one call; "called" is one run for each call from Python,
through ctypes, in place; with `-ffast-math` it may sum in any order and takes exp and log of
vectors. JAX runs vector code compiled by `jit`, from its arrays to its arrays, in the thread that calls. Lower quartiles of
the time of the processor, all in turn."""


class Entry(NamedTuple):
    """Who takes part: what computes so many times, and the value and slopes that it gives."""

    way: str
    repeat: Callable[[int], Any]
    numbers: list[float]


def entries(name: str, case: Case, folder: str) -> Iterator[Entry]:
    """Make everybody ready who is installed."""
    yield from of_ours(case)
    if has_compiler():
        yield from of_c(name, case, folder)
    if find_spec("jax"):
        from . import with_jax

        yield called(JAX, with_jax.gradient(name, case))
    if find_spec("torch"):
        from . import with_torch

        if name in with_torch.FUNCTIONS:
            yield called(TORCH, with_torch.gradient(name, case))


def of_ours(case: Case) -> Iterator[Entry]:
    function = value_and_grad(case.function, tuple(range(case.by)))
    backends = {MACHINE: "machine", NUMPY: "numpy"} if find_spec("llvmlite") else {NUMPY: "numpy"}
    for way, backend in backends.items():
        compiled = compile(function, backend=backend)
        yield called(way, lambda compiled=compiled: compiled(*case.arguments))


def of_c(name: str, case: Case, folder: str) -> Iterator[Entry]:
    given = flatten([case.arguments, case.fixed])[0]
    results = 1 + len(flatten(list(case.arguments[: case.by]))[0])
    exact = Native(name, given, results, folder, EXACT)
    exact.call()
    yield Entry(C, exact.repeat, exact.out.tolist())
    yield Entry(CALLED, repeated(exact.call), exact.out.tolist())
    reordered = Native(name, given, results, folder, FAST)
    reordered.call()
    yield Entry(REORDERED, reordered.repeat, reordered.out.tolist())


def called(way: str, call: Callable[[], Any]) -> Entry:
    return Entry(way, repeated(call), numbers(call()))


def repeated(call: Callable[[], Any]) -> Callable[[int], None]:
    def repeat(runs: int) -> None:
        for _ in range(runs):
            call()

    return repeat


def numbers(result: Any) -> list[float]:
    """List the numbers of nested arrays."""
    if isinstance(result, list | tuple):
        return [number for part in result for number in numbers(part)]
    found: list[float] = np.asarray(result).ravel().tolist()
    return found


def checked(name: str, some: Iterator[Entry]) -> dict[str, Callable[[int], Any]]:
    """Refuse to time those who do not compute the same numbers."""
    first, *others = some
    for entry in others:
        if not same(entry.numbers, first.numbers):
            sys.exit(f"{name}: {entry.way} does not compute what {first.way} does")
    return {entry.way: entry.repeat for entry in (first, *others)}


# ---- measured ------------------------------------------------------------------------------------


def seconds(repeat: Callable[[int], Any], runs: int) -> float:
    """Time so many runs, on the processor."""
    begin = time.process_time()
    repeat(runs)
    return time.process_time() - begin


def measured(ways: dict[str, Callable[[int], Any]], rounds: int) -> dict[str, float]:
    """Time a run of everybody, in turn; of all turns the lower quartile."""
    runs = {way: enough(repeat) for way, repeat in ways.items()}
    turns = [
        {way: seconds(repeat, runs[way]) / runs[way] for way, repeat in ways.items()}
        for _ in range(TURNS * rounds)
    ]
    return {way: float(np.quantile([turn[way] for turn in turns], 0.25)) for way in ways}


def enough(repeat: Callable[[int], Any]) -> int:
    """Find how many runs fill a turn, after some that may prepare what others have at hand."""
    repeat(WARM)
    runs = 1
    while seconds(repeat, runs) < TURN:
        runs *= 2
    return runs


def row(name: str, rounds: int) -> list[str]:
    case = CASES[name]()
    with tempfile.TemporaryDirectory() as folder:
        times = measured(checked(name, entries(name, case, folder)), rounds)
    ratios = [report.digits(times[a] / times[b]) if {a, b} <= {*times} else "–" for a, b in RATIOS]
    return [case.title, *(report.duration(times[w]) if w in times else "–" for w in WAYS), *ratios]


def section(rounds: int, only: str = "") -> str:
    """Race in each program, and lay out the table."""
    rows = [row(name, rounds) for name in CASES if only in name]
    headings = ["gradient", *WAYS, *(f"{a} / {b}" for a, b in RATIOS)]
    return f"### Scalar programs\n\n{TEXT}\n\n{report.table(headings, rows)}"
