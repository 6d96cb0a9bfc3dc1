"""The ways of calling a program, each compared with what is right."""

from __future__ import annotations

import random
import re
import warnings
from collections import Counter
from collections.abc import Callable, Sequence
from typing import Any

import tinygrad_nn as tg
from tests.sweeps.calls import COMPILED, EAGER, Way, ways_of
from tests.sweeps.differences import Difference, may_refuse, shape
from tests.sweeps.program import (
    Expected,
    Point,
    Program,
    Truth,
    UnknownError,
    joined,
    reduced,
)
from tests.sweeps.reference import leaves
from tinygrad_nn import Value
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.scalar.graph import CHOSEN, ancestors


def named(point: Point) -> list[tuple[str, Any]]:
    return list(zip("wxk", point, strict=True))


def check(
    program: Program, counts: Counter[str], refused: Counter[str], frozen: bool
) -> list[Difference]:
    """Try every way of calling a program; `frozen` graphs are asked for their own numbers only."""
    checker = Checker(program, counts, refused)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        truths = [Truth(program, point) for point in program.points]
        checker.at_points(truths)
        checker.in_batches()
        checker.as_graph(truths, frozen)
    return checker.found


class Checker:
    """Compares one program."""

    def __init__(self, program: Program, counts: Counter[str], refused: Counter[str]) -> None:
        self.program = program
        self.counts = counts
        self.refused = refused
        self.found: list[Difference] = []
        self.f, self.cost = program.of_package
        self.rng = random.Random(program.seed)

    def compare(
        self, way: str, given: Any, expected: Callable[[], Expected], call: Callable[[], Any]
    ) -> None:
        """Compare what a way of calling gives, if it is known what is right."""
        try:
            right = expected()
        except UnknownError as reason:
            if isinstance(reason.__cause__, IndexError):
                self._refused(way, given, call)
                return
            self.counts[f"checks left out: {reason}"] += 1
            return
        self.counts["checks"] += 1
        try:
            numbers = [n for n in leaves(call()) if n is not None]
            what = right.differs([n.data if isinstance(n, Value) else n for n in numbers])
            kind = "another number"
        except Exception as error:
            what = f"{type(error).__name__}: {error}"
            kind = re.sub(r"Value\(.*?\)|made by \w+, |-?\d\S*", "...", what.partition("\n")[0])[
                :70
            ]
            if may_refuse(way, error):
                self.refused[f"{way.partition('(w')[0]}: {kind}"] += 1
                return
        if what:
            self.found.append(Difference(self.program, way, given, kind, what))

    def _refused(self, way: str, given: Any, call: Callable[[], Any]) -> None:
        """See that a way of calling refuses an index that is in no table."""
        self.counts["checks"] += 1
        try:
            what, kind = f"{call()} instead of an error", "no error"
        except ArgumentError as error:
            if "as an index" in str(error) or "index is" in str(error) or may_refuse(way, error):
                return
            what, kind = str(error), "another error"
        except Exception as error:
            what, kind = f"{type(error).__name__}: {error}", "another error"
        self.found.append(Difference(self.program, way, given, kind, what))

    # ---- at single points ------------------------------------------------------------------

    def at_points(self, truths: Sequence[Truth]) -> None:
        """Call with plain numbers, with Values and with arrays, eager and compiled."""
        ways = list(ways_of(self.program))
        for truth in truths:
            point = truth.point
            dw, dx = truth.dw, truth.dx
            expected = _expected(truth)
            given = [*named(point), ("dw", dw), ("dx", dx)]
            for way, what, function in ways:
                self.compare(
                    way,
                    given,
                    expected[what],
                    lambda f=function, truth=truth: f(*truth.point, truth.dw, truth.dx),
                )
            self._structure(ways, point)

    def _structure(self, ways: Sequence[Way], point: Point) -> None:
        """Results are nested in one way."""
        functions = {way: function for way, _, function in ways}
        try:
            eager, compiled = (shape(functions[w](*point, [], [])) for w in (EAGER, COMPILED))
        except Exception:  # told already
            return
        if eager != compiled:
            text = f"nested as {compiled} instead of {eager}"
            self.found.append(
                Difference(self.program, COMPILED, named(point), "another nesting", text)
            )

    # ---- batches -----------------------------------------------------------------------------

    def in_batches(self) -> None:
        """Call with samples of x and k."""
        rng, program = self.rng, self.program
        most = 3 if program.is_long else 50
        count = rng.choice([1, 2, 2, 3, 4, rng.randint(1, most)]) if most > 3 else rng.randint(1, 3)
        w = program.points[0][0]
        rows = [program.points[0][1:], program.points[1][1:]]
        samples = []
        for _ in range(count):
            x, k = rng.choice(rows)[0], rng.choice(rows)[1]
            samples.append((rng.sample(x[:-1], len(x) - 1) + x[-1:], k))
        truths = [Truth(program, (w, x, k)) for x, k in samples]
        x, k = [list(x) for x, _ in samples], [list(k) for _, k in samples]
        how = rng.choice(["mean", "sum", None])
        size = len(w)
        options = f'batch=("x", "k"), reduce={how!r}'
        given = [("w", w), ("x", x), ("k", k)]
        f = tg.compile(self.f, batch=("x", "k"), reduce=how)
        both = tg.compile(tg.value_and_grad(self.cost), batch=("x", "k"), reduce=how)
        self.compare(
            f"compile(f, {options})(w, x, k)",
            given,
            lambda: reduced([truth.results for truth in truths], how),
            lambda: f(w, x, k),
        )

        def right() -> Expected:
            parts = [joined([t.value, t.slopes.part(0, size)]) for t in truths]
            return reduced(parts, how)

        self.compare(
            f"compile(value_and_grad(cost), {options})(w, x, k)",
            given,
            right,
            lambda: both(w, x, k),
        )
        if how != "sum" and count <= 4:
            cost = tg.compile(self.cost, batch=("x", "k"), reduce=how)

            def through() -> Any:
                W = [Value(number) for number in w]
                found = cost(W, x, k)
                parts = found if how is None else [found]
                for part in parts:
                    if isinstance(part, Value):
                        part.backward()
                return [*leaves(found), *[value.grad for value in W]]

            def right_sum() -> Expected:
                value = reduced([t.value for t in truths], how)
                slopes = reduced([t.slopes.part(0, size) for t in truths], how or "sum")
                return joined([value, slopes])

            self.compare(
                f"compile(cost, {options})(W, x, k), each .backward()", given, right_sum, through
            )

    # ---- graphs ------------------------------------------------------------------------------

    def as_graph(self, truths: Sequence[Truth], frozen: bool) -> None:
        """Compile a graph that was recorded at one point, and ask it for others."""
        if "copies" in self.program.kinds:
            return
        first = truths[0].point
        W, X = ([Value(number) for number in numbers] for numbers in first[:2])
        try:
            output = self.cost(W, X, first[2])
        except Exception:  # told already
            return
        if not isinstance(output, Value):
            return
        below = set(ancestors(output))
        # What Python has looked at is handed over too: that is refused.
        used = [value in below or value.mark & CHOSEN > 0 for value in [*W, *X]]
        inputs = [value for value, is_used in zip([*W, *X], used, strict=True) if is_used]
        if not inputs:
            return
        compiled: list[Any] = []

        def call(numbers: Sequence[float]) -> Any:
            if not compiled:
                compiled.append(tg.compile(output, inputs=inputs))
            return compiled[0]([n for n, is_used in zip(numbers, used, strict=True) if is_used])

        frozen = frozen or "no_grad()" in self.program.source  # it gives a number of the graph
        for truth in truths[: 1 if frozen else 2]:
            w, x = (  # what is no input of the graph keeps its number: Python may have looked at it
                [n if node in below else node.data for n, node in zip(numbers, nodes, strict=True)]
                for numbers, nodes in zip(truth.point, (W, X), strict=False)
            )
            moved = Truth(self.program, (w, x, first[2]))
            self.compare(
                "compile(cost(W, X, k), inputs=[*W, *X])([*w, *x])",
                [*named(moved.point), *zip(("recorded_w", "recorded_x"), first[:2], strict=True)],
                lambda moved=moved: moved.value,
                lambda w=w, x=x: call([*w, *x]),
            )


def _expected(truth: Truth) -> dict[str, Callable[[], Expected]]:
    size = len(truth.point[0])
    return {
        "results": lambda: truth.results,
        "cost": lambda: truth.value,
        "both": lambda: joined([truth.value, truth.slopes]),
        "by w": lambda: joined([truth.value, truth.slopes.part(0, size)]),
        "by x": lambda: joined([truth.value, truth.slopes.part(size, None)]),
        "along": lambda: joined([truth.value, truth.along]),
        "second": lambda: truth.second,
        "jacobian": lambda: truth.jacobian,
    }
