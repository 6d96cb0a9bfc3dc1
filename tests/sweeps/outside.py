"""Ways of calling a program that takes numbers from outside, which change between the calls."""

from __future__ import annotations

from collections.abc import Iterator
from types import FunctionType
from typing import Any

import tinygrad_nn as tg
from tests.sweeps.differences import OUTSIDE
from tests.sweeps.program import Function, Program
from tinygrad_nn import Value

Way = tuple[str, str, Function]  # its text, what it gives, and how it is called

WATCHED = 1000  # numbers of a list from outside; more are refused


class Holder:
    """An object whose method is compiled, and reads what the object has."""

    def __init__(self, program: Program) -> None:
        self.f, self.cost = program.of_package
        self.w: Any = []
        self.values = [Value(0.0) for _ in program.points[0][0]]

    def results(self, x: Any, k: Any) -> Any:
        return self.f(self.w, x, k)

    def by_values(self, x: Any, k: Any) -> Any:
        found = self.cost(self.values, x, k)
        slopes = (
            tg.gradients(found, self.values)
            if isinstance(found, Value)
            else [0.0] * len(self.values)
        )
        return found, slopes


def ways(program: Program) -> Iterator[Way]:
    """Give what is compiled once, and called while what it reads is another each time."""
    if "copies" not in program.kinds:
        yield _values_of_an_object(program)
    if len(program.points[0][0]) <= WATCHED:
        yield _a_list(program)
        yield _a_global(program)
        yield _an_attribute(program)
        yield _slopes_beside_a_list(program)


def _a_list(program: Program) -> Way:
    f = program.of_package[0]
    numbers: list[float] = []
    compiled = tg.compile(lambda x, k: f(numbers, x, k))

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        numbers[:] = w
        return compiled(x, k)

    return f"{OUTSIDE}w[:] = ...: compile(lambda x, k: f(w, x, k))(x, k)", "results", call


def _a_global(program: Program) -> Way:
    space: dict[str, Any] = {"f": program.of_package[0], "w": ()}
    compiled = tg.compile(FunctionType(_reading_globals.__code__, space))

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        space["w"] = tuple(w)
        return compiled(x, k)

    return (
        f"{OUTSIDE}w = ...: compile(lambda x, k: f(w, x, k))(x, k), of a global w",
        "results",
        call,
    )


def _reading_globals(x: Any, k: Any) -> Any:
    return f(w, x, k)  # type: ignore[name-defined]  # noqa: F821  # globals of its own


def _an_attribute(program: Program) -> Way:
    holder = Holder(program)
    compiled = tg.compile(holder.results)

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        holder.w = list(w)
        return compiled(x, k)

    return f"{OUTSIDE}self.w = w: compile(self.results)(x, k)", "results", call


def _values_of_an_object(program: Program) -> Way:
    holder = Holder(program)
    compiled = tg.compile(holder.by_values)

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        for value, number in zip(holder.values, w, strict=True):
            value.data = number
        return compiled(x, k)

    return f"{OUTSIDE}self.values[i].data = w[i]: compile(self.by_values)(x, k)", "by w", call


def _slopes_beside_a_list(program: Program) -> Way:
    cost = program.of_package[1]
    numbers: list[float] = []
    compiled = tg.compile(tg.value_and_grad(lambda x, k: cost(numbers, x, k)))

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        numbers[:] = w
        return compiled(x, k)

    return (
        f"{OUTSIDE}w[:] = ...: compile(value_and_grad(lambda x, k: cost(w, x, k)))(x, k)",
        "by x",
        call,
    )
