"""Random programs that ask for the classes of their numbers, compiled: is it what Python gives?

    python -m tests.sweeps.asks --count 500 --seed 1

Programs tell integers, floats, bools and NumPy's numbers apart in all ways that are known, of arguments
and of what is computed from them, among ifs on numbers, loops, caught errors, functions that ask for
them, dicts of numbers, and what no program can follow. They are called with numbers of other classes
from call to call, in every way of calling; what is wanted is what the function gives on the same
numbers, each time by itself. An error of ours is none, nor is what a warning says; all else is printed, and makes
the exit status 1.
"""

from __future__ import annotations

import argparse
import linecache
import random
import sys
import warnings
from collections.abc import Callable, Iterator, Sequence
from importlib.util import find_spec
from typing import Any

import numpy as np

import tinygrad_nn as tg
from tests.support.asks import ASKS
from tinygrad_nn import Value
from tinygrad_nn.errors import FaultWarning, TinygradNNError

Function = Callable[..., Any]
Way = tuple[str, Function, Function]  # its text, what Python gives, and the same compiled

NUMBERS = [2.0, 2, True, 3.0, 3, 1.0, 1, False, 0.0, 2.5, np.float64(2.0), np.int64(2)]
REALS = [0.5, 1.0, -1.0, 2.0, -0.25]
CLOSE = 1e-6


class Writer:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.rng = random.Random(seed)
        self.lines = ["def f(n, m, x, y):", "    a = x"]

    def source(self) -> str:
        self.block(1, 3, self.rng.randint(2, 5))
        return "\n".join([*self.lines, f"    return {self.real()} + a * 0.5", ""])

    def line(self, depth: int, text: str) -> None:
        self.lines.append("    " * depth + text)

    def real(self) -> str:
        return self.rng.choice(
            ["x", "y", "a", "x * y", "a + x", "y * 2.0", "a * n", "n + x", "m * y"]
        )

    def number(self) -> str:
        usual = ["n", "n", "n", "m", "m"]
        return self.rng.choice([*usual, "x", "n * 2", "n + m", "m * 1.0", "[n, m][0]", "-n", "a"])

    def ask(self) -> str:
        return f"ASKS[{self.rng.choice(list(ASKS))!r}]({self.number()})"

    def condition(self) -> str:
        asked = self.ask()
        return self.rng.choice(
            [
                asked,
                asked,
                f"x > 0 and {asked}",
                f"{asked} or y > 0.3",
                f"not {asked}",
                "a > y",
                "n > m",
            ]
        )

    def block(self, depth: int, nested: int, count: int) -> None:
        for _ in range(count):
            self.statement(depth, nested)

    def statement(self, depth: int, nested: int) -> None:
        rng = self.rng
        kind = rng.random()
        if nested == 0 or kind < 0.25:
            self.line(depth, f"a = {self.real()} * {rng.choice(['0.5', '2.0', 'n', '1.5'])}")
        elif kind < 0.6:
            self.line(depth, f"if {self.condition()}:")
            self.block(depth + 1, nested - 1, rng.randint(1, 2))
            if rng.random() < 0.6:
                self.line(depth, "else:")
                self.block(depth + 1, nested - 1, 1)
        elif kind < 0.68:
            self.line(depth, "for u in (n, m):")
            self.line(
                depth + 1, f"if {rng.choice(['isinstance(u, int)', 'u > 1', 'type(u) is int'])}:"
            )
            self.line(depth + 2, f"a = a + {self.real()}")
        elif kind < 0.74:
            self.line(depth, f"if {self.condition()}:")
            self.line(depth + 1, f"return {self.real()}")
        elif kind < 0.82:
            self.line(depth, "try:")
            self.line(depth + 1, f"if {self.ask()}: a = a + 1.0")
            self.line(depth, f"except {rng.choice(['Exception', 'TypeError', 'KeyError'])}:")
            self.line(depth + 1, "a = a - 1.0")
        elif kind < 0.9:
            self.line(depth, f"a = a + {{1: 5.0, 2: 7.0}}.get({rng.choice(['n', 'm'])}, 2.0)")
        elif kind < 0.94:
            self.line(depth, f"a = a + float({rng.choice(['n', 'm', 'x'])})")
        else:
            self.line(depth, f"a = a + helped({self.number()}, x)")


HELP = """\
def helped(u, x):
    if isinstance(u, bool):
        return 3.0
    return x * 2.0 if isinstance(u, int) else x - 1.0

"""


def program(seed: int) -> tuple[str, Function]:
    """Write a program, and make its function."""
    source = HELP + Writer(seed).source()
    name = f"<asks {seed}>"
    linecache.cache[name] = len(source), None, source.splitlines(True), name
    space: dict[str, Any] = {"ASKS": ASKS, "__name__": "asked_program"}
    exec(compile(source, name, "exec"), space)
    return source, space["f"]


def ways(f: Function, rng: random.Random) -> Iterator[Way]:
    """Yield the ways of calling: two that are usual, and some of the others."""
    yield "compile(f)", f, tg.compile(f)
    slopes = tg.value_and_grad(f, argnums=(2, 3))
    yield "compile(value_and_grad(f))", slopes, tg.compile(slopes)
    yield from rng.sample(list(_others(f)), 4)


def _others(f: Function) -> Iterator[Way]:
    slopes = tg.value_and_grad(f, argnums=(2, 3))
    by_n = tg.value_and_grad(f, argnums=0)
    inner, named, many = tg.compile(f), tg.compile(f), tg.compile(f, batch=("n", "x"))
    yield "value_and_grad(compile(f))", slopes, tg.value_and_grad(inner, argnums=(2, 3))
    yield "compile(value_and_grad(f, 0))", by_n, tg.compile(by_n)
    yield "value_and_grad(compile(f), 0)", by_n, tg.value_and_grad(inner)
    yield (
        "compile(lambda: compile(f)(n, 2, x, y))",
        lambda n, m, x, y: f(n, 2, x, y) * 1.0 + m,
        tg.compile(lambda n, m, x, y: inner(n, 2, x, y) * 1.0 + m),
    )
    yield "compile(f, strict=True)", f, tg.compile(f, strict=True)
    yield 'compile(f, dtype="float32")', f, tg.compile(f, dtype="float32")
    yield "compile(f, check=True)", f, tg.compile(f, check=True)
    yield "by name", f, lambda n, m, x, y: named(y=y, x=x, n=n, m=m)
    yield (
        'compile(f, batch=("n", "x"))',
        lambda n, m, x, y: [f(n, m, x, y), f(n, m, -x, y)],
        lambda n, m, x, y: many([n, n], m, [x, -x], y),
    )
    for sizes in ("auto", "free"):
        whole = tg.compile(lambda ns, x, y: f(ns[0], ns[1], x, y), sizes=sizes)
        yield f"of a list, {sizes}", f, lambda n, m, x, y, g=whole: g([n, m] * 4, x, y)
    if find_spec("llvmlite"):
        yield 'compile(f, backend="machine")', f, tg.compile(f, backend="machine")


def outcome(call: Function, given: Sequence[Any]) -> Any:
    """Give the numbers of a result, or the error."""
    try:
        return [float(one.data if isinstance(one, Value) else one) for one in _flat(call(*given))]
    except Exception as error:
        return error


def _flat(result: Any) -> list[Any]:
    parts = list(result) if isinstance(result, tuple | list) else [result]
    return [
        one for part in parts for one in (_flat(part) if isinstance(part, tuple | list) else [part])
    ]


def is_same(found: Any, wanted: Any) -> bool:
    """Tell whether numbers are the same, or an error is that of Python, or one of ours."""
    if isinstance(found, Exception):
        return isinstance(found, TinygradNNError | type(wanted))
    return not isinstance(wanted, Exception) and np.allclose(
        found, wanted, rtol=CLOSE, atol=CLOSE, equal_nan=True
    )


def differences(seed: int) -> Iterator[str]:
    """Yield how a program differs, for each way of calling that does."""
    source, f = program(seed)
    rng = random.Random(seed)
    for text, python, compiled in ways(f, rng):
        numbers = rng.sample(NUMBERS, 4)
        met: list[Any] = []
        with warnings.catch_warnings(record=True) as told:
            warnings.simplefilter("always")
            warnings.simplefilter("error", FaultWarning)
            for _ in range(14):
                given = *rng.choices(numbers, k=2), *rng.choices(REALS, k=2)
                met.append(given)
                wanted, found = outcome(python, given), outcome(compiled, given)
                if any("recorded as for Values" in str(one.message) for one in told):
                    break
                if not is_same(found, wanted):
                    calls = f"points = {met}\n# {found!r} instead of {wanted!r}"
                    yield f"# seed {seed}: {text}\n{source}{calls}"
                    break


def main(arguments: Sequence[str] | None = None) -> int:
    """Try programs; print each that differs."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args(arguments)
    differ = 0
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", FaultWarning)
        for seed in range(options.seed * 1_000_000, options.seed * 1_000_000 + options.count):
            for difference in differences(seed):
                print(difference, flush=True)
                differ += 1
    print(f"{options.count} programs, {differ} ways of calling differ")
    return 1 if differ else 0


if __name__ == "__main__":
    sys.exit(main())
