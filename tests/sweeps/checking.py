"""The ways of calling a program, each compared with what is right."""

from __future__ import annotations

import random
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

import tinygrad_nn as tg
from tests.sweeps.differences import Difference, may_refuse, shape
from tests.sweeps.program import (
    Expected,
    Function,
    Point,
    Program,
    Truth,
    UnknownError,
    joined,
    reduced,
)
from tests.sweeps.reference import leaves
from tinygrad_nn import Value
from tinygrad_nn.errors import TinygradNNError
from tinygrad_nn.scalar.graph import ancestors

Way = tuple[str, str, Function]  # its text, what it gives, and how it is called


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
            if isinstance(error, TinygradNNError) and may_refuse(way, kind):
                self.refused[f"{way.partition('(w')[0]}: {kind}"] += 1
                return
        if what:
            self.found.append(Difference(self.program, way, given, kind, what))

    # ---- at single points ------------------------------------------------------------------

    def at_points(self, truths: Sequence[Truth]) -> None:
        """Call with plain numbers, with Values and with arrays, eager and compiled."""
        ways = list(self._ways())
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

    def _ways(self) -> Iterator[Way]:
        f, cost, short = self.f, self.cost, not self.program.is_long
        compiled, compiled_cost = tg.compile(f), tg.compile(cost)
        both = tg.value_and_grad(cost, argnums=(0, 1))
        compiled_both = tg.compile(both)
        yield EAGER, "results", lambda w, x, k, dw, dx: f(w, x, k)
        yield COMPILED, "results", lambda w, x, k, dw, dx: compiled(w, x, k)
        yield (
            "compile(f)(np.array(w), np.array(x), np.array(k))",
            "results",
            lambda w, x, k, dw, dx: compiled(np.array(w), np.array(x), np.array(k)),
        )
        yield (
            "value_and_grad(cost, argnums=(0, 1))(w, x, k)",
            "both",
            lambda w, x, k, dw, dx: both(w, x, k),
        )
        yield (
            "compile(value_and_grad(cost, argnums=(0, 1)))(w, x, k)",
            "both",
            lambda w, x, k, dw, dx: compiled_both(w, x, k),
        )
        through = tg.value_and_grad(compiled_cost, argnums=(0, 1))
        yield (
            "value_and_grad(compile(cost), argnums=(0, 1))(w, x, k)",
            "both",
            lambda w, x, k, dw, dx: through(w, x, k),
        )
        yield (
            "compile(cost).value_and_grad(w, x, k)",
            "by w",
            lambda w, x, k, dw, dx: compiled_cost.value_and_grad(w, x, k),
        )
        if "copies" not in self.program.kinds:  # outside of transforms a copy is a graph of its own
            yield "cost(W, X, k).backward()", "both", backward(cost)
        yield "compile(cost)(W, X, k).backward()", "both", backward(compiled_cost)
        yield (
            "jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx))",
            "along",
            lambda w, x, k, dw, dx: tg.jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx)),
        )
        pushed = tg.compile(
            lambda w, x, k, dw, dx: tg.jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx))
        )
        yield (
            "compile(lambda w, x, k, dw, dx: jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx)))"
            "(w, x, k, dw, dx)",
            "along",
            pushed,
        )
        if "copies" not in self.program.kinds:
            yield from self._captured()
        if short:
            yield from self._second(compiled_cost)

    def _captured(self) -> Iterator[Way]:
        cost = self.cost
        W = [Value(0.0) for _ in self.program.points[0][0]]

        def both(x: Any, k: Any) -> Any:
            found = cost(W, x, k)
            return found, tg.gradients(found, W) if isinstance(found, Value) else [0.0] * len(W)

        compiled = tg.compile(both)
        frozen = COMPARED.search("\n".join(self.program.lines))  # as the documentation says

        def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
            for value, number in zip(W, w, strict=True):
                value.data = number
            return (tg.compile(both) if frozen else compiled)(x, k)

        yield (
            "compile(lambda x, k: (cost(W, x, k), gradients(cost(W, x, k), W)))(x, k)",
            "by w",
            call,
        )

    def _second(self, compiled_cost: Function) -> Iterator[Way]:
        cost = self.cost

        def product(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
            return tg.hvp(lambda w: cost(w, x, k))(w, dw)

        compiled = tg.compile(product)
        yield "hvp(lambda w: cost(w, x, k))(w, dw)", "second", product
        yield "compile(hvp(...))(w, x, k, dw)", "second", compiled
        yield (
            "hvp(lambda w: compile(cost)(w, x, k))(w, dw)",
            "second",
            lambda w, x, k, dw, dx: tg.hvp(lambda w: compiled_cost(w, x, k))(w, dw),
        )
        if not re.search("None|np", self.program.result):
            slopes = tg.compile(tg.jacobian(self.f))
            yield (
                "compile(jacobian(f))(w, x, k)",
                "jacobian",
                lambda w, x, k, dw, dx: slopes(w, x, k),
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
        used = [value in below for value in [*W, *X]]
        inputs = [value for value in [*W, *X] if value in below]
        if not inputs:
            return
        compiled: list[Any] = []

        def call(numbers: Sequence[float]) -> Any:
            if not compiled:
                compiled.append(tg.compile(output, inputs=inputs))
            return compiled[0]([n for n, is_used in zip(numbers, used, strict=True) if is_used])

        frozen = frozen or "no_grad" in self.program.kinds  # what it gives is a number of the graph
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
        "along": lambda: joined([truth.value, truth.along]),
        "second": lambda: truth.second,
        "jacobian": lambda: truth.jacobian,
    }


COMPARED = re.compile(r" [<>]=? | == ")
EAGER, COMPILED = "f(w, x, k)", "compile(f)(w, x, k)"


def backward(cost: Function) -> Function:
    """Call with Values, and give the value and the gradients."""

    def call(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        W, X = [Value(n) for n in w], [Value(n) for n in x]
        found = cost(W, X, k)
        if isinstance(found, Value):
            found.backward()
        return [found, *[value.grad for value in [*W, *X]]]

    return call
