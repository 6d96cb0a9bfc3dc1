"""A random program with ordinary control flow: its text, its points, and what the eager engine gives."""

from __future__ import annotations

import builtins
import math
import random
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.sweeps.control_flow import written
from tests.sweeps.program import Expected, Function, header
from tests.sweeps.questions import COUNTS, SIZES
from tinygrad_nn import Value, gradients
from tinygrad_nn.errors import TraceError
from tinygrad_nn.scalar.graph import ancestors

Point = tuple[list[float], list[float], list[int], list[float]]  # x, t, k and the captured C

PREAMBLE = """\
from builtins import max as largest, min as smallest
C = [Value(0.0), Value(0.0)]

def ended(u):
    for _ in range(3000):
        if 0 < u <= 1: return u
        u = u - 1
    raise RuntimeError("it does not end")

"""
SMALL, FINE = 2.0**30, 2.0**7  # whole multiples of 1 / FINE below SMALL add up without rounding
POINTS = 8
ERRORS = (  # what an error may be called, the first that it is
    TraceError,
    ZeroDivisionError,
    OverflowError,
    IndexError,
    AssertionError,
    RuntimeError,
    TypeError,
    ValueError,
)


@dataclass(frozen=True)
class Program:
    """The statements of f(x, t, k), and the points at which it is called in turn."""

    seed: int
    lines: tuple[str, ...]
    kinds: frozenset[str]
    points: tuple[Point, ...]

    @property
    def source(self) -> str:
        return "\n".join([PREAMBLE + "def f(x, t, k):", *[f"    {line}" for line in self.lines]])

    @cached_property
    def space(self) -> dict[str, Any]:
        """The names of the program, among them f and C."""
        text = header(self.source) + self.source
        space: dict[str, Any] = {}
        exec(compile(text, f"<program {self.seed}>", "exec"), space)
        return space

    @property
    def function(self) -> Function:
        found: Function = self.space["f"]
        return found

    def set_captured(self, numbers: Sequence[float]) -> None:
        for value, number in zip(self.space["C"], numbers, strict=True):
            value.data = number


def drawn(seed: int, without: Collection[str] = ()) -> Program:
    """Draw a program: the same seed, the same program."""
    rng = random.Random(seed)
    real = rng.random() < 0.35
    draft = written(rng, real, without)
    missing = rng.random() < 0.1
    points = _points(rng, real, missing)
    return Program(seed, tuple(draft.lines), frozenset(draft.kinds), tuple(points))


def _points(rng: random.Random, real: bool, missing: bool) -> list[Point]:
    """Draw points near each other, with ties and zeros among them, and some of them twice."""

    def number() -> float:
        if missing and rng.random() < 0.15:
            return rng.choice([math.nan, math.inf, -math.inf])
        if real and rng.random() < 0.5:
            return rng.uniform(-3.0, 3.0)
        return float(rng.choice([-5, -4, -3, -2, -1, -1, 0, -0.0, 0, 1, 1, 2, 3, 4, 5, 0.5, -1.5]))

    def fresh() -> Point:
        x, t = ([number() for _ in range(SIZES[name])] for name in "xt")
        return x, t, [rng.randrange(COUNTS) for _ in range(2)], [number(), number()]

    made = [fresh()]
    while len(made) < POINTS:
        x, t, _, c = point = rng.choice(made)
        kind = rng.random()
        if kind < 0.15:
            made.append(point)
        elif kind < 0.35:
            made.append(fresh())
        else:
            part = rng.choice([x, x, t, c])
            place = rng.randrange(len(part))
            changed = [*part]
            changed[place] = number()
            made.append(tuple(changed if p is part else p for p in point))  # type: ignore[arg-type]
    return made


class RaisedError(Exception):
    """The eager engine raised: which kind of error."""


def called(error: BaseException) -> str:
    """Name an error by Python's class that it is."""
    return next((c.__name__ for c in ERRORS if isinstance(error, c)), type(error).__name__)


class Truth:
    """What the eager engine gives at a point, of f and of its derivatives."""

    def __init__(self, program: Program, point: Point) -> None:
        self.program = program
        self.point = point

    def __getattr__(self, name: str) -> Any:
        if name not in ("value", "slopes", "second"):
            raise AttributeError(name)
        self._compute()
        return vars(self)[name]

    def result(self, which: str) -> Expected:
        """Give what is right; raise `RaisedError` where the eager engine does."""
        parts = [getattr(self, name) for name in which.split()]
        for part in parts:
            if isinstance(part, str):
                raise RaisedError(part)
        return Expected([n for p in parts for n in p.numbers], [r for p in parts for r in p.room])

    def _compute(self) -> None:
        x, t, k, c = self.point
        self.program.set_captured(c)
        f = self.program.function
        inputs = [Value(number) for number in (*x, *t)]
        self.value = self.slopes = self.second = self._known(
            lambda: [f(inputs[:3], inputs[3:], list(k))]
        )
        if isinstance(self.value, str):
            return
        (output,) = self._nodes
        slopes: list[Any] = [0.0] * len(inputs)

        def first() -> list[Any]:
            slopes[:] = gradients(output, inputs) if isinstance(output, Value) else slopes
            return slopes

        self.slopes = self.second = self._known(first)
        if isinstance(self.slopes, str):
            return

        def second() -> list[Any]:
            """The slope of the sum of the slopes by x, by x."""
            total = sum(slopes[:3])
            return gradients(total, inputs[:3]) if isinstance(total, Value) else [0.0] * 3

        self.second = self._known(second)

    def _known(self, compute: Callable[[], list[Any]]) -> Expected | str:
        try:
            self._nodes = nodes = compute()
        except Exception as error:
            return called(error)
        seen = [n.data for n in ancestors(*[n for n in nodes if isinstance(n, Value)])]
        numbers = [float(n.data if isinstance(n, Value) else n) for n in nodes]
        if all(abs(n) <= SMALL and (n * FINE).is_integer() for n in seen):
            return Expected(numbers, [0.0] * len(numbers))
        biggest = builtins.max([abs(n) for n in seen if math.isfinite(n)], default=0.0)
        return Expected(numbers, [1e-9 * abs(n) + 1e-11 * biggest for n in numbers])
