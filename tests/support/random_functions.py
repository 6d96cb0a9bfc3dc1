"""Random functions with the structure of real ones.

A function is a list of steps on a pool of vectors: maps of every row of the table, scalar
products over rows, windows and triangles, differences, recurrences, greatest elements,
choices, rearrangements. Vectors are lists of single numbers, so that each function runs on
floats, on Values and on symbols.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import TABLE
from tinygrad_nn.scalar.operation import Op

LONGEST = 12  # numbers in a vector

Vector = list[Any]


# ---- steps -------------------------------------------------------------------------------------


def mapped(row: Op, *vectors: Vector) -> Vector:
    """A row of the table on each element, brought into its sample interval."""
    return [
        row(*[low + (high - low) * tg.sigmoid(x) for x, (low, high) in zip(xs, row.sample)])  # noqa: B905
        for xs in zip(*vectors, strict=False)
    ]


def rows(u: Vector, v: Vector, shift: int) -> Vector:
    """A matrix times a vector: rows are u, each turned by `shift` elements more."""
    n = min(len(u), len(v))
    return [0.4 * sum(u[(i * shift + j) % len(u)] * v[j] for j in range(n)) for i in range(len(u))]


def windows(u: Vector, v: Vector, length: int) -> Vector:
    """A convolution of u by the first elements of v."""
    length = min(length, len(u), len(v))
    return [sum(v[j] * u[i + j] for j in range(length)) + v[0] for i in range(len(u) - length + 1)]


def triangle(u: Vector, v: Vector) -> Vector:
    """Sums that differ in length."""
    n = min(len(u), len(v))
    return [tg.dot(u[: i + 1], v[: i + 1]) * 0.5 for i in range(n)]


def combined(u: Vector, v: Vector, a: float, b: float, c: float) -> Vector:
    return [a * x - b * y + c for x, y in zip(u, v, strict=False)]


def weighted(u: Vector, numbers: Sequence[float]) -> Vector:
    """Coefficients, and constants, that differ from element to element."""
    return [c * x + (1.0 - c) for x, c in zip(u, numbers, strict=False)]


def stencil(u: Vector) -> Vector:
    inner = [u[i - 1] - 2.0 * u[i] + u[i + 1] for i in range(1, len(u) - 1)]
    return [u[0], *inner, -u[-1]]


def recurrence(u: Vector, v: Vector) -> Vector:
    states = [v[0]]
    for x in u:
        states.append(tg.tanh(0.7 * states[-1] + x * v[-1]))
    return states


def extremes(u: Vector, length: int, row: Op) -> Vector:
    return [row([*u[i : i + length], 0.25]) for i in range(len(u))]


def choices(u: Vector, v: Vector) -> Vector:
    return [tg.where(x > y, lambda x=x: x * x, lambda y=y: y + 1.0) for x, y in zip(u, v)]  # noqa: B905


def outer(u: Vector, v: Vector) -> Vector:
    return [x * y for x in u[:3] for y in v[:3]]


def arranged(u: Vector, start: int, step: int) -> Vector:
    return [u[(start + i * step) % len(u)] for i in range(len(u))]


def repeated(u: Vector, times: int) -> Vector:
    return [x for x in u for _ in range(times)]


def joined(u: Vector, v: Vector) -> Vector:
    return [*u, *v]


def halves(u: Vector) -> Vector:
    """Divisions, negations and powers: the spellings of multiples and products."""
    return [x / 2.0 if i % 2 else -(x**2) / 3.0 for i, x in enumerate(u)]


def total(u: Vector) -> Vector:
    return [tg.tanh(sum(u))]


@dataclass(frozen=True)
class Step:
    """A function of vectors of the pool, and of plain settings."""

    function: Callable[..., Vector]
    vectors: tuple[int, ...]
    settings: tuple[Any, ...] = ()

    def __repr__(self) -> str:
        shown = [f"v{place}" for place in self.vectors] + [repr(s) for s in self.settings]
        return f"{self.function.__name__}({', '.join(shown)})"


@dataclass(frozen=True)
class Function:
    """f(p, x): a tuple of the chosen vectors."""

    steps: tuple[Step, ...]
    outputs: tuple[int, ...]

    def __call__(self, p: Vector, x: Vector) -> tuple[Vector, ...]:
        """Evaluate on floats, Values or symbols."""
        pool = [list(p), list(x), [0.5, x[-1], p[0]]]
        for step in self.steps:
            vectors = [pool[place] for place in step.vectors]
            settings = step.settings
            made = (
                mapped(settings[0], *vectors)
                if step.function is mapped
                else step.function(*vectors, *settings)
            )
            pool.append(made[:LONGEST])
        return tuple([pool[place] for place in self.outputs])

    def cost(self, p: Vector, x: Vector) -> Any:
        """One number: all that comes out, added."""
        return sum((sum(vector) for vector in self(p, x)), 0.0)


# ---- how they are drawn --------------------------------------------------------------------------

few = st.integers(0, 3)
coefficients = st.sampled_from([0.0, 1.0, -1.0, 0.5, -2.0, 0.3])
SETTINGS: dict[Callable[..., Vector], tuple[int, tuple[st.SearchStrategy[Any], ...]]] = {
    rows: (2, (few,)),
    windows: (2, (st.integers(1, 4),)),
    triangle: (2, ()),
    combined: (2, (coefficients,) * 3),
    weighted: (1, (st.lists(coefficients, min_size=LONGEST, max_size=LONGEST),)),
    stencil: (1, ()),
    recurrence: (2, ()),
    extremes: (1, (st.integers(1, 5), st.sampled_from([tg.max, tg.min]))),
    choices: (2, ()),
    outer: (2, ()),
    arranged: (1, (few, st.integers(-2, 3))),
    repeated: (1, (st.integers(2, 3),)),
    joined: (2, ()),
    halves: (1, ()),
    total: (1, ()),
}


kinds = st.sampled_from([mapped, *SETTINGS])


@cache
def table() -> st.SearchStrategy[Op]:
    """Draw a row; each strategy is made once, as hypothesis looks through new ones."""
    return st.sampled_from(list(TABLE.values()))


@st.composite
def functions(draw: st.DrawFn, most: int = 8) -> Function:
    """Draw a function."""
    steps: list[Step] = []
    for _ in range(draw(st.integers(1, most))):
        places = st.integers(0, 2 + len(steps))
        kind = draw(kinds)
        if kind is mapped:
            row = draw(table())
            steps.append(Step(mapped, tuple([draw(places) for _ in row.letters]), (row,)))
            continue
        arity, settings = SETTINGS[kind]
        chosen = tuple([draw(places) for _ in range(arity)])
        steps.append(Step(kind, chosen, tuple([draw(one) for one in settings])))
    last = 2 + len(steps)
    outputs = draw(st.lists(st.integers(0, last), min_size=0, max_size=2))
    return Function(tuple(steps), (*outputs, last))


@cache
def floats(low: float = -2.0, high: float = 2.0) -> st.SearchStrategy[float]:
    return st.floats(low, high).map(lambda number: round(number, 3) + 0.0)


@cache
def vectors(length: int) -> st.SearchStrategy[list[float]]:
    return st.lists(floats(), min_size=length, max_size=length)
