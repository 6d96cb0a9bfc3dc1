"""A random program: its text, its numbers, and what it must give."""

from __future__ import annotations

import copy
import math
import random
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

import tinygrad_nn as tg
from tests.sweeps import reference
from tests.sweeps.compositions import MODEL
from tests.sweeps.duals import STATE, plain
from tests.sweeps.reference import leaves

Point = tuple[list[float], list[float], list[float]]
Function = Callable[..., Any]

OTHERS = {"copy": copy, "np": np, "inf": math.inf, "nan": math.nan}
PACKAGE = {name: getattr(tg, name) for name in reference.FUNCTIONS if hasattr(tg, name)}
TOTAL = """\
def numbers_of(r):
    if hasattr(r, "ravel"):
        return list(r.ravel())
    if isinstance(r, dict):
        r = list(r.values())
    return [n for part in r for n in numbers_of(part)] if isinstance(r, (list, tuple)) else [r]

def cost(w, x, k):
    numbers = [n for n in numbers_of(f(w, x, k)) if n is not None]
    return sum([n * (1.0 + i % 3) for i, n in enumerate(numbers)])
"""
SHAKEN, SHAKES = 2.0**-50, 3
UNSTEADY = 1e-6  # rounding decides a choice, or leaves nothing
FEW = 12  # inputs that the reference differentiates by one by one


@dataclass(frozen=True)
class Program:
    """The statements and the result of f(w, x, k), and the points at which it is tried."""

    seed: int
    lines: tuple[str, ...]
    result: str
    kinds: frozenset[str]
    real: bool
    points: tuple[Point, ...]

    @property
    def source(self) -> str:
        lines = [f"    {line}" for line in (*self.lines, f"return {self.result}")]
        text = "\n".join(["def f(w, x, k):", *lines, "", TOTAL])
        return MODEL + text if "Model(" in text else text

    def functions(self, names: dict[str, Any]) -> tuple[Function, Function]:
        """Give f and cost, where functions are those of the package, or of the reference."""
        space = dict(names) | OTHERS
        exec(compile(self.source, f"<program {self.seed}>", "exec"), space)
        return space["f"], space["cost"]

    @cached_property
    def of_reference(self) -> tuple[Function, Function]:
        return self.functions(reference.FUNCTIONS)

    @cached_property
    def of_package(self) -> tuple[Function, Function]:
        return self.functions(PACKAGE)

    @property
    def is_long(self) -> bool:
        return max(map(len, self.points[0][:2])) > FEW


@dataclass(frozen=True)
class Expected:
    """Numbers, and how far others may be from them."""

    numbers: list[float]
    room: list[float]

    def differs(self, found: Sequence[Any]) -> str:
        """Describe the first number that is another; nothing if all are the same."""
        if len(found) != len(self.numbers):
            return f"{len(found)} numbers instead of {len(self.numbers)}"
        for place, (one, number, room) in enumerate(
            zip(map(float, found), self.numbers, self.room, strict=True)
        ):
            same = one == number or (one != one and number != number)
            if not same and not abs(one - number) <= room:
                return f"number {place} is {one!r} instead of {number!r}"
        return ""

    def part(self, begin: int, end: int | None) -> Expected:
        return Expected(self.numbers[begin:end], self.room[begin:end])


def joined(parts: Sequence[Expected]) -> Expected:
    return Expected(
        [n for part in parts for n in part.numbers], [r for part in parts for r in part.room]
    )


def reduced(parts: Sequence[Expected], how: str | None) -> Expected:
    """What a batch gives of the numbers of its samples."""
    if how is None:
        return joined(parts)
    count = len(parts)
    share = 1.0 / count if how == "mean" else 1.0
    rounds = how == "mean" and count & (count - 1)
    numbers, rooms = [], []
    for column, room in zip(
        zip(*[p.numbers for p in parts], strict=True),
        zip(*[p.room for p in parts], strict=True),
        strict=True,
    ):
        is_finite = all(map(math.isfinite, column))
        numbers.append((math.fsum(column) if is_finite else sum(column)) * share)
        real = any(room)
        size = sum(map(abs, column)) * share
        rooms.append(sum(room) * share + (1e-12 * (1.0 + size) if rounds or real else 0.0))
    return Expected(numbers, rooms)


def header(text: str) -> str:
    """Import what a text uses."""
    used = sorted(set(re.findall(r"\w+", text)) & {*PACKAGE, "Value", "compile", "gradients"})
    lines = ["import copy", "import numpy as np", "from math import inf, nan"]
    return "\n".join([*lines, f"from tinygrad_nn import {', '.join(used)}", ""])


class UnknownError(Exception):
    """The reference cannot say what is right: why."""


class Truth:
    """What a program gives at a point, by the reference; raises `UnknownError` where it cannot."""

    def __init__(self, program: Program, point: Point) -> None:
        self.program = program
        self.point = point
        self._f, self._cost = program.of_reference
        rng = random.Random(program.seed)
        self.dw, self.dx = ([float(rng.randint(-2, 2)) for _ in part] for part in point[:2])

    @cached_property
    def results(self) -> Expected:
        w, x, k = self.point
        return self._known(lambda: leaves(self._f(w, x, k)))

    @cached_property
    def value(self) -> Expected:
        return self._known(lambda: [self._cost(*self.point)])

    @cached_property
    def slopes(self) -> Expected:
        """By every number of w and x; of many by the eager engine, along directions compared."""
        w, x, k = self.point
        if not self.program.is_long:
            both = reference.jacobian(lambda wx: self._cost(wx[0], wx[1], k))
            return self._known(lambda: leaves(both((w, x))))
        found = leaves(tg.grad(self.program.of_package[1], argnums=(0, 1))(w, x, k))
        rng = random.Random(self.program.seed + 1)
        for direction in ([*self.dw, *self.dx], [float(rng.randint(-2, 2)) for _ in found]):
            along = sum([a * b for a, b in zip(found, direction, strict=True)])
            if self._along(direction).differs([along]):
                raise UnknownError("the eager slopes are wrong")
        return Expected(found, [0.0] * len(found))

    @cached_property
    def along(self) -> Expected:
        """The slope along the direction (dw, dx)."""
        return self._along([*self.dw, *self.dx])

    def _along(self, direction: list[float]) -> Expected:
        w, x, k = self.point
        return self._known(
            lambda: reference.pushed(lambda w, x: self._cost(w, x, k), (w, x), direction)[1]
        )

    @cached_property
    def second(self) -> Expected:
        """The Hessian by w, times a direction."""
        w, x, k = self.point
        product = reference.hvp(lambda w: self._cost(w, x, k))
        return self._known(lambda: product(w, self.dw))

    @cached_property
    def jacobian(self) -> Expected:
        w, x, k = self.point
        return self._known(lambda: leaves(reference.jacobian(lambda w: self._f(w, x, k))(w)))

    def _known(self, compute: Callable[[], list[Any]]) -> Expected:
        STATE.exact = True
        numbers = _computed(compute)
        if not all(map(math.isfinite, numbers)):
            raise UnknownError("not finite")
        if not self.program.real:
            if not STATE.exact:
                raise UnknownError("not exact")
            return Expected(numbers, [0.0] * len(numbers))
        noise = [0.0] * len(numbers)
        STATE.noise = SHAKEN
        try:
            for seed in range(SHAKES):
                STATE.rng.seed(seed)
                shaken = _computed(compute)
                noise = [max(r, abs(a - b)) for r, a, b in zip(noise, numbers, shaken, strict=True)]
        finally:
            STATE.noise = 0.0
        if not all(r <= UNSTEADY * max(1.0, abs(n)) for r, n in zip(noise, numbers, strict=True)):
            raise UnknownError("rounding decides")
        room = [1e-9 * abs(n) + 1e3 * r for n, r in zip(numbers, noise, strict=True)]
        return Expected(numbers, room)


def _computed(compute: Callable[[], list[Any]]) -> list[float]:
    try:
        return [float(plain(number)) for number in compute()]
    except (ValueError, ArithmeticError, IndexError, RuntimeWarning) as error:
        if STATE.noise:
            raise UnknownError("rounding decides") from None
        raise UnknownError("not defined") from error
