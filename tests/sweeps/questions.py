"""Expressions and conditions of random programs with ordinary control flow, as Python text.

A program is a function f(x, t, k) of three numbers, a table of four, by both of which it is
differentiated, and two whole numbers that count and choose. Names a to d are numbers, and any
statement may give them others.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

NAMES = "abcd"
SIZES = {"x": 3, "t": 4, "k": 2}
NESTED = {"branch", "turns", "counted"}  # kinds with blocks of statements
COUNTS = 4  # what counts and chooses lies below

Statement = Callable[["Draft", int], None]  # writes itself, with blocks so deep


@dataclass
class Draft:
    """A program while it is written."""

    rng: random.Random
    real: bool  # whether numbers are rounded
    table: Mapping[str, tuple[float, Statement]]  # how often each kind is written, and how
    without: Collection[str]
    lines: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    indent: int = 0
    loops: int = 0  # that are open: nothing is multiplied again and again
    names: int = 0

    def add(self, line: str) -> None:
        self.lines.append("    " * self.indent + line)

    def pick(self, *texts: str) -> str:
        return self.rng.choice(texts)

    def new(self, letter: str) -> str:
        self.names += 1
        return f"{letter}{self.names}"

    # ---- expressions -----------------------------------------------------------------------

    def v(self) -> str:
        """Choose a number that is no constant."""
        if self.rng.random() < 0.75:
            return self.pick(*NAMES)
        return self.pick(*[f"x[{i}]" for i in range(3)], *[f"t[{i}]" for i in range(4)])

    def n(self) -> str:
        return self.pick("0.0", "1.0", "-1.0", "2.0", "-3.0", "0.5", "1", "-2")

    def a(self) -> str:
        return self.n() if self.rng.random() < 0.2 else self.v()

    def some(self, count: int) -> str:
        return ", ".join([self.a() for _ in range(count)])

    def term(self) -> str:
        a, b, c = self.v(), self.a(), self.v()
        rounded = (
            f"sin({a})",
            f"exp(-abs({a}))",
            f"log(1.5 + abs({a}))",
            f"{b} / (1.5 + abs({a}))",
            f"sqrt(0.5 + {a} * {a})" if not self.loops else f"sqrt(0.5 + abs({a}))",
            f"tanh({a})",
        )
        if self.real and self.rng.random() < 0.4:
            return self.pick(*rounded)
        return self.pick(
            f"{a} + {b}",
            f"{a} - {b}",
            f"{b} - {a}",
            f"{a} * {b}" if not self.loops else f"{a} * {self.n()}",
            f"0.5 * {a}",
            f"-{a}",
            f"{a} - ({b} - {c})",
            f"abs({a})",
            f"max({a}, {b})",
            f"min({a}, {b})",
            f"{a} % 4.0",
            f"relu({a})",
            f"floor({a})",
            f"sum([{a}, {b}, {c}])",
            f"dot([{a}, {c}], [{self.n()}, {self.n()}])",
        )

    def test(self) -> str:
        """Write one comparison."""
        a, b = self.v(), self.a()
        if self.rng.random() < 0.3:
            b = self.term()
        return f"{a} {self.pick('<', '<=', '>', '>=', '<', '>', '==', '!=')} {b}"

    def condition(self) -> str:
        first, second = self.test(), self.test()
        a, b = self.v(), self.v()
        return self.pick(
            first,
            first,
            first,
            f"{first} and {second}",
            f"{first} or {second}",
            f"not {a} > {b}",
            f"{first} and not ({second} or {a} > 2)",
            f"{self.n()} < {a} <= {b}",
            f"{a} < {b} < {self.a()}",
            f"{a}",
            f"not {a}",
            f"{a} in ({self.some(3)})",
            f"{a} % 2 == 0",
            f"{a} == int({b})",
            f"int({a}) > k[0]",
            f"any(u > {a} for u in x)",
            f"all(u != {a} for u in t)",
            f"{a} != {a}",
        )

    def place(self, count: int) -> str:
        """Write a place of a list, which a number chooses."""
        a = self.v()
        return self.pick(
            f"int(abs({a})) % {count}",
            f"int({a}) % {count}",
            f"round({a}) % {count}",
            f"smallest({count - 1}, int(abs({a})))",
            f"int({a} > {self.a()})",
            f"k[{self.pick('0', '1')}] % {count}",
        )

    # ---- blocks ----------------------------------------------------------------------------

    def block(self, most: int, depth: int, tail: str = "") -> None:
        """Write statements, indented."""
        self.indent += 1
        for _ in range(self.rng.randint(1, most)):
            self.statement(depth)
        if tail:
            self.add(tail)
        self.indent -= 1

    def statement(self, depth: int) -> None:
        table = self.table
        chosen = [k for k in table if k not in self.without and (depth > 0 or k not in NESTED)]
        kind = self.rng.choices(chosen, [table[k][0] for k in chosen])[0]
        self.kinds.append(kind)
        table[kind][1](self, depth)

    def let(self, text: str) -> None:
        self.add(f"{self.pick(*NAMES)} = {text}")
