"""What a compiled function must compute, and what became of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from bounded import interpret

import tinygrad_nn as tg
from tinygrad_nn import Value
from tinygrad_nn.compiler.program.statements import terms_of, unnested
from tinygrad_nn.scalar.graph import CONSTANT, LEAF
from tinygrad_nn.scalar.operation import Op


def flat(nesting: Any) -> list[float]:
    """List the numbers of a nesting in order."""
    if isinstance(nesting, dict):
        nesting = list(nesting.values())
    if hasattr(nesting, "ravel"):
        return [float(number) for number in nesting.ravel()]
    if isinstance(nesting, list | tuple):
        return [number for part in nesting for number in flat(part)]
    return [nesting.data if isinstance(nesting, Value) else float(nesting)]


class Interpreted:
    """A compiled function's tape, computed number by number on the same arguments.

    Attributes
    ----------
    numbers, sizes : list of list of float
        For each number of the result what it is, and the size of what it is made from: one for
        each sample, or one.
    is_steady : bool
        Whether no comparison is so close that rounding may decide it.
    """

    def __init__(self, compiled: Any, *arguments: Sequence[Any]) -> None:
        recording = compiled._latest.trace.recording
        self.tape = recording.tape
        per_sample = [array.per_sample for array in self.tape.arrays]
        count = max([len(a) for a, own in zip(arguments, per_sample) if own], default=0)  # noqa: B905
        arrays = [
            [flat(sample) for sample in argument] if own else [flat(argument)]
            for argument, own in zip(arguments, per_sample)  # noqa: B905
        ]
        captured: list[list[float]] = [[]]
        batch = [[float(count), 1.0 / count if count else math.nan]]
        self._values, self._sizes = interpret(self.tape, [*arrays, captured, batch])
        self.numbers = [self._values[entry] for entry in recording.outputs]
        self.sizes = [self._sizes[entry] for entry in recording.outputs]

    @property
    def is_steady(self) -> bool:
        return self.is_steady_within(1e-12)

    def is_steady_within(self, rounding: float) -> bool:
        return not any(self._unsteady(rounding))

    def _unsteady(self, rounding: float) -> Iterator[bool]:
        exact: list[bool] = []
        for entry, row in enumerate(self.tape.rows):
            args = self.tape.args[entry]
            if row is LEAF or row is CONSTANT:
                exact.append(True)
                continue
            exact.append(row.name in KEEPING and all(exact[arg] for arg in args))
            if row.name in JUMPING and len(set(args)) == len(args):
                inexact = [not exact[arg] for arg in args]
                for sample in range(len(self._values[entry])):
                    yield self._jumps(row, args, inexact, sample, rounding)

    def _jumps(
        self, row: Op, args: Sequence[int], inexact: list[bool], sample: int, rounding: float
    ) -> bool:
        numbers = [_of(self._values[arg], sample) for arg in args]
        sizes = [_of(self._sizes[arg], sample) for arg in args]
        at = row.quiet(*numbers)
        for place, size in enumerate(sizes):
            if inexact[place]:
                for step in (-rounding * size, rounding * size):
                    moved = [n + step * (i == place) for i, n in enumerate(numbers)]
                    if not abs(row.quiet(*moved) - at) < 1e-3:
                        return True
        return False


JUMPING = frozenset(
    ["floor", "ceil", "sign", "step", "ge", "gt", "le", "lt", "eq", "mod", "floordiv"]
)
KEEPING = frozenset(
    [
        "neg",
        "abs",
        "max",
        "min",
        "where",
        "floor",
        "ceil",
        "sign",
        "step",
        "ge",
        "gt",
        "le",
        "lt",
        "eq",
    ]
)


def _of(numbers: list[float], sample: int) -> float:
    return numbers[sample] if len(numbers) > 1 else numbers[0]


def assert_within(
    found: Sequence[float],
    expected: Sequence[float],
    sizes: Sequence[float],
    rounding: float = 1e-12,
) -> None:
    """The claim: results differ by the rounding of what they are made from.

    Where IEEE arithmetic has no number the order of operations may decide which one it has
    not.
    """
    for a, b, size in zip(found, expected, sizes, strict=True):
        if math.isfinite(b) and math.isfinite(size):
            assert abs(a - b) <= rounding * size, f"{a!r} for {b!r}, of size {size!r}"


# ---- what a program is ---------------------------------------------------------------------------


def text_of(function: Callable[..., Any], *arguments: Any, **options: Any) -> str:
    """Compile a function for arguments, and write its program out."""
    compiled = tg.compile(function, **options)
    compiled(*arguments)
    return str(compiled.program)


def products(compiled: Any) -> list[tuple[list[int], list[int]]]:
    """List each contraction of a program: the sizes that are kept, and those summed over."""
    return [
        (list(statement.nest), list(term.over))
        for statement in unnested(compiled.program.statements)
        for term in terms_of(statement)
        if len(term.factors) == 2 and term.over
    ]
