"""Random programs of single numbers, as Python text: one statement after the other.

A program is a function f(w, x, k) of two lists of numbers, by which it is differentiated, and a
list of whole numbers, by which it looks things up. Each kind of statement has a name, so that kinds
can be left out.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Collection
from dataclasses import dataclass, field

ENTRIES = 3  # of every table: what the numbers of k choose from


@dataclass
class Draft:
    """A program while it is written: its lines, and the numbers that have a name."""

    rng: random.Random
    real: bool  # whether numbers are rounded, so that the order of sums shows
    without: Collection[str]
    numbers: list[str]
    lines: list[str] = field(default_factory=list)
    kinds: list[str] = field(default_factory=list)
    names: int = 0

    def name(self) -> str:
        self.names += 1
        return f"t{self.names}"

    def a(self) -> str:
        """Choose a number, rather a new one; sometimes a constant."""
        rng = self.rng
        if rng.random() < 0.12:
            return rng.choice(["0.0", "1.0", "-1.0", "2.0", "-3.0", "0.5"])
        return self.v()

    def v(self) -> str:
        """Choose a number that has a name."""
        if self.rng.random() < 0.5:
            return self.rng.choice(self.numbers[-6:])
        return self.rng.choice(self.numbers)

    def some(self, count: int) -> str:
        return ", ".join([self.a() for _ in range(count)])

    def term(self) -> str:
        """Write a number that is no sum, so that it is one term wherever it is added."""
        given = [name for name in self.numbers if name[0] in "wx"]  # not what may be missing
        return self.pick(self.pick(*given), f"abs({self.v()})", f"max({self.v()}, {self.a()})")

    def let(self, text: str, new: bool = True) -> str:
        name = self.name()
        self.lines.append(f"{name} = {text}")
        if new:
            self.numbers.append(name)
        return name

    def pick(self, *texts: str) -> str:
        return self.rng.choice(texts)

    def condition(self) -> str:
        a, b = self.v(), self.a()
        row = self.pick("gt", "ge", "lt", "le", "eq")
        sign = {"gt": ">", "ge": ">=", "lt": "<", "le": "<=", "eq": "=="}[row]
        return self.pick(f"{row}({a}, {b})", f"{a} {sign} {b}", f"{row}({b}, {a})")

    def failing(self) -> str:
        """Write an expression that no number can be computed from, or none that is finite."""
        a, b, c = self.v(), self.v(), self.v()
        return self.pick(
            f"log(-1.0 - abs({a}))",
            f"log({a} - {a})",
            f"{b} / ({a} - {a})",
            f"1.0 / ({a} * 0.0)",
            f"exp(square({a}) + 1000.0) * {b}",
            f"sqrt(-1.0 - square({a}))",
            f"asin(2.0 + abs({a}))",
            f"pow(-1.0 - abs({a}), 0.5)",
            f"{a} ** (0.0 - 1.0 - abs({a} * 0.0)) / ({b} - {b})",
            f"mod({a}, {b} - {b})",
            f"log(log({a} * 0.0 + 1.0)) + {c}",
            f"({a} + 1e200) * 1e200 * {b}",
            f"({a} + 1e200) * ({b} - 1e200) * {c}",
            f"exp({a} + 800.0) - exp({b} + 900.0)",
            f"sqrt({a} - {a}) * {b}",
            f"lookup([{a}, {b}, {c}], k[0] + 7.0)",
        )


Statement = Callable[[Draft], None]


def nested(d: Draft) -> str:
    """Write a result of any nesting, with inputs, constants and repeated numbers among it."""
    rng = d.rng
    last = d.numbers[-1]

    def one(depth: int) -> str:
        kind = rng.randrange(6) if depth < 3 else 0
        if kind < 3:
            return rng.choice([d.v(), d.v(), d.a(), "w[0]", last])
        inner = [one(depth + 1) for _ in range(rng.randint(1, 3))]
        if kind == 3:
            return f"[{', '.join(inner)}]"
        if kind == 4:
            return f"({', '.join(inner)},)"
        return "{" + ", ".join(f"'{'abc'[i]}': {part}" for i, part in enumerate(inner)) + "}"

    if rng.random() < 0.3:
        return last
    parts = [last, *(one(1) for _ in range(rng.randint(0, 3)))]
    if rng.random() < 0.2:
        parts.append(f"np.array([{d.v()}, {last}, {d.v()}], dtype=object)")
    if "none" not in d.without and rng.random() < 0.1:
        parts.append("None")
    rng.shuffle(parts)
    return f"[{', '.join(parts)}]" if rng.random() < 0.5 else f"({', '.join(parts)},)"
