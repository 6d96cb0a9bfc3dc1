"""Random programs with ordinary control flow, compiled: is it what the eager engine gives?

    python -m tests.sweeps.guards --count 20000 --seed 1 --engine both

Programs ask numbers: ifs, loops until something is small, early returns, indices, sorting, caught
errors, recursion, generators. They are called at points that take other paths from call to call,
with ties, sums that tie up to their rounding, zeros, NaN and infinities, one by one and as samples
that take several paths at once; values, slopes and second derivatives are compared with the eager
engine. Two thirds compute with whole numbers: each must be the same to the last bit. Differences
are printed as small programs, and make the exit status 1.
"""

from __future__ import annotations

import random
import re
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from importlib.util import find_spec
from typing import Any

import tinygrad_nn as tg
from tests.sweeps import command
from tests.sweeps.asked import Point, Program, RaisedError, Truth, called, drawn
from tests.sweeps.control_flow import KINDS
from tests.sweeps.differences import Difference
from tests.sweeps.program import Expected, header, joined, reduced
from tests.sweeps.reference import leaves
from tinygrad_nn import Value

FEW = 8  # calls of ways that take long
ENDING = re.compile(r"\s*(\w+ [+-]= 1|u = |\w = max\(-64)")  # without these a loop may never end
PLAIN = frozenset({"arithmetic", "where"})  # what asks nothing of itself: errors become NaN there

Way = tuple[str, str, Callable[..., Any], int]  # its text, what it gives, itself, how many points


@dataclass(frozen=True)
class Wrong(Difference):
    """What differs, after which calls."""

    def __str__(self) -> str:
        points = f"points = {list(self.given)!r}"
        loop = (
            f"g = {self.way}\nfor x, t, k, c in points:\n"
            "    C[0].data, C[1].data = c\n    print(g(x, t, k))"
        )
        body = "\n".join([self.program.source, points, loop])
        title = f"# seed {self.program.seed}: {self.way}"
        return "\n".join([title, f"# {self.details}", header(body), body])


def ways_of(program: Program, rng: random.Random) -> Iterator[Way]:
    """Give the ways of calling with one sample; of those that are rarer some."""
    f = program.function
    both = tg.value_and_grad(f, argnums=(0, 1))
    yield "compile(f)", "value", tg.compile(f), 99
    yield (
        "compile(value_and_grad(f, argnums=(0, 1)))",
        "value slopes",
        tg.compile(both),
        99,
    )
    rarer = list(_rarer(program))
    yield from rng.sample(rarer, 3)


def _rarer(program: Program) -> Iterator[Way]:
    f = program.function
    compiled = tg.compile(f)
    yield "compile(f, check=True)", "value", tg.compile(f, check=True), 99
    yield "compile(summed)", "second", tg.compile(_second(f)), FEW
    yield (
        "value_and_grad(compile(f), argnums=(0, 1))",
        "value slopes",
        tg.value_and_grad(compiled, argnums=(0, 1)),
        FEW,
    )
    yield (
        "compile(lambda x, t, k: compile(f)(x, t, k) * 1.0)",
        "value",
        tg.compile(lambda x, t, k: compiled(x, t, k) * 1.0),
        FEW,
    )
    yield (
        "compile(value_and_grad(compile(f), argnums=(0, 1)))",
        "value slopes",
        tg.compile(tg.value_and_grad(compiled, argnums=(0, 1))),
        FEW,
    )

    def through(x: Any, t: Any, k: Any) -> Any:
        inputs = [Value(n) for n in (*x, *t)]
        found = compiled(inputs[:3], inputs[3:], k)
        if isinstance(found, Value):
            found.backward()
        return [found, *[value.grad for value in inputs]]

    yield "backward of compile(f)", "value slopes", through, FEW
    if find_spec("llvmlite"):
        yield (
            'compile(value_and_grad(f, argnums=(0, 1)), backend="machine")',
            "value slopes",
            tg.compile(tg.value_and_grad(f, argnums=(0, 1)), backend="machine"),
            99,
        )


def _second(f: Callable[..., Any]) -> Callable[..., Any]:
    """The slope of the sum of the slopes by x, by x."""

    def summed(x: Any, t: Any, k: Any) -> Any:
        return sum(tg.grad(lambda x: f(x, t, k))(x))

    return tg.grad(summed)


def check(
    program: Program, counts: Counter[str], refused: Counter[str], frozen: bool
) -> list[Difference]:
    """Try every way of calling a program."""
    checker = Checker(program, counts)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        warnings.simplefilter("error", RuntimeWarning)  # of what nobody should see computed
        checker.one_by_one()
        checker.in_batches()
    return checker.found


class Checker:
    """Compares one program."""

    def __init__(self, program: Program, counts: Counter[str]) -> None:
        self.program = program
        self.counts = counts
        self.found: list[Difference] = []
        self.rng = random.Random(program.seed)
        self.truths = [Truth(program, point) for point in program.points]

    def one_by_one(self) -> None:
        """Call with the points in turn, and with some of them again."""
        again = self.rng.choices(self.truths, k=len(self.truths) // 2)
        for text, gives, call, most in ways_of(self.program, self.rng):
            met: list[Point] = []
            for truth in [*self.truths, *again][:most]:
                met.append(truth.point)
                if not self.compare(
                    text,
                    met,
                    lambda truth=truth, gives=gives: truth.result(gives),
                    lambda truth=truth, call=call: call(*truth.point[:3]),
                ):
                    break

    def in_batches(self) -> None:
        """Call with samples of x and k that take several paths."""
        rng, f = self.rng, self.program.function
        how = rng.choice(["mean", "sum", None])
        options = f'batch=("x", "k"), reduce={how!r}'
        values = tg.compile(f, batch=("x", "k"), reduce=how)
        slopes = tg.compile(tg.value_and_grad(f, argnums=1), batch=("x", "k"), reduce=how)
        each = tg.compile(tg.value_and_grad(f, argnums=(0, 1)), batch=("x", "k"))
        given: list[Any] = []
        for truths in self.batches(rng):
            point = [t.point for t in truths]
            x, k = [p[0] for p in point], [p[2] for p in point]
            _, t, _, c = point[0]
            given.append((x, t, k, c))
            for text, gives, call, reduce in (
                (f"compile(f, {options})", "value", values, how),
                (f"compile(value_and_grad(f, argnums=1), {options})", "by t", slopes, how),
                (
                    'compile(value_and_grad(f, argnums=(0, 1)), batch=("x", "k"))',
                    "value slopes",
                    each,
                    None,
                ),
            ):
                self.compare(
                    text,
                    given,
                    lambda truths=truths, gives=gives, reduce=reduce: _of_samples(
                        truths, gives, reduce
                    ),
                    lambda call=call, x=x, t=t, k=k: call(x, t, k),
                )

    def batches(self, rng: random.Random) -> Iterator[list[Truth]]:
        """Yield batches of several paths; half of the time those of one path come again between."""
        for _ in range(3):
            yield self.samples(rng, rng.choice([1, 2, 4, 8, 3, 5]))
        if rng.random() < 0.5:
            count = rng.choice([2, 3])
            for others in (5, 1):  # after as many there are entries
                for alike in (self.samples(rng, 1) * count, self.samples(rng, 1) * count):
                    yield from [alike] * others
                yield self.samples(rng, count)

    def samples(self, rng: random.Random, count: int) -> list[Truth]:
        _, t, _, c = rng.choice(self.program.points)
        made = []
        for _ in range(count):
            x, _, k, _ = rng.choice(self.program.points)
            made.append(Truth(self.program, ([*x[:-1], rng.choice(x)], t, k, c)))
        return made

    def compare(
        self,
        way: str,
        given: Sequence[Point | Any],
        expected: Callable[[], Expected],
        call: Callable[[], Any],
    ) -> bool:
        """Compare what a way gives at the last of some points; tell whether it is right."""
        self.counts["checks"] += 1
        error = ""
        try:
            right = expected()
        except RaisedError as raised:
            error = str(raised)
            self.counts["checks of errors"] += 1
        self.program.set_captured(given[-1][3])
        try:
            numbers = [n.data if isinstance(n, Value) else n for n in leaves(call())]
        except Exception as raised:
            kind = called(raised)
            what = "" if error == kind else f"{type(raised).__name__}: {raised}"
            if what and error:
                what = f"{what} instead of {error}"
        else:
            kind = "another number" if not error else "no error"
            what = f"{numbers} instead of {error}" if error else right.differs(numbers)
            if error and self.program.kinds <= PLAIN:
                what = ""
        if what:
            self.found.append(Wrong(self.program, way, tuple(given), kind, what))
        return not what


def _of_samples(truths: Sequence[Truth], gives: str, how: str | None) -> Expected:
    if gives == "by t":
        parts = [joined([t.result("value"), t.result("slopes").part(3, None)]) for t in truths]
        return reduced(parts, how)
    results = [truth.result(gives) for truth in truths]
    if how is None and gives == "value slopes":
        return joined(results)
    return reduced(results, how)


def told(differences: Sequence[Difference]) -> str:
    """Write the first difference of a program as a small one, and how else it differs."""
    return command.written(shrunk(differences[0]), differences)


def shrunk(difference: Difference) -> Difference:
    """Leave out statement by statement, as long as it differs in the same way."""
    best = difference
    program = difference.program
    for place in reversed(range(len(program.lines))):  # what reads a name before what makes it
        if ENDING.match(program.lines[place]):
            continue
        smaller = replace(program, lines=_without(program.lines, place))
        other = _again(smaller, difference)
        if other is not None:
            best, program = other, smaller
    return best


def _without(lines: Sequence[str], place: int) -> tuple[str, ...]:
    """Leave out a line with all that is indented below it."""

    def depth(line: str) -> int:
        return len(line) - len(line.lstrip())

    end = place + 1
    while end < len(lines) and depth(lines[end]) > depth(lines[place]):
        end += 1
    return (*lines[:place], *lines[end:])


def _again(program: Program, difference: Difference) -> Difference | None:
    try:
        found = check(program, Counter(), Counter(), False)
    except Exception:  # a part of a program need not run
        return None
    return next((d for d in found if d.way == difference.way and d.what == difference.what), None)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try programs, and print each difference when it is found."""
    sweep = command.Sweep("tests.sweeps.guards", __doc__, sorted(KINDS), drawn, check, told)
    return command.main(sweep, arguments)


if __name__ == "__main__":
    sys.exit(main())
