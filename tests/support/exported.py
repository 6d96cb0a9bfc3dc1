"""What is exported in tests: compiled functions, with arguments and what they are to give."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache, reduce
from itertools import product
from typing import Any

import numpy as np
import programs
from hypothesis import given, settings
from random_functions import functions, vectors

import tinygrad_nn as tg
from tinygrad_nn import TABLE, compile, grad, lookup, nn, tanh, value_and_grad
from tinygrad_nn.errors import TinygradNNError
from tinygrad_nn.tree import flatten

TINY = 1e-300  # what is smaller has not all digits
BEYOND = (math.nan, math.inf, -math.inf, 0.0, -0.0, 1.0, -1.0)


@dataclass(frozen=True)
class Case:
    """A compiled function or a model; calls of it, and the numbers that each gives, in a row."""

    thing: Any
    calls: Sequence[tuple[Any, ...]]
    wanted: Sequence[Sequence[float]]
    one_by_one: bool = False  # whether each number is to be right to its own digits


def called(function: Any, *arguments: Any, **options: Any) -> Any:
    made = compile(function, **options)
    made(*arguments)
    return made


def flat(nesting: Any) -> list[float]:
    leaves = [leaf for leaf in flatten(nesting)[0] if leaf is not None]
    return np.concatenate([np.ravel(leaf) for leaf in leaves]).astype(float).tolist()


def case(thing: Any, *calls: tuple[Any, ...]) -> Case:
    run = thing.predict if isinstance(thing, nn.Module) else thing
    return Case(thing, calls, [flat(run(*call)) for call in calls])


def made(function: Any, *calls: tuple[Any, ...], **options: Any) -> Case:
    return case(called(function, *calls[0], **options), *calls)


def _points(row: Any, parts: Sequence[float]) -> list[tuple[float, ...]]:
    """Give points inside of a row's interval, and where it is special."""
    inside = [tuple([low + part * (high - low) for low, high in row.sample]) for part in parts]
    return [*inside, *[tuple(map(float, point)) for point in row.special]]


def _together(function: Any, points: dict[str, list[Any]], wanted: dict[str, list[Any]]) -> Case:
    """Make one case of many: each call has a point of each, from the beginning again at the end."""
    count = max(map(len, points.values()))
    calls = [({name: some[n % len(some)] for name, some in points.items()},) for n in range(count)]
    results = [
        [number for some in wanted.values() for number in some[n % len(some)]] for n in range(count)
    ]
    return Case(called(function, *calls[0]), calls, results, one_by_one=True)


@cache
def of_the_table() -> dict[str, Case]:
    """All rows, inside of their intervals, where they are special, and far out."""
    points: dict[str, list[Any]] = {}
    for name, row in TABLE.items():
        # What a condition is that is neither 1 nor 0 is not said.
        sets = [BEYOND if place or name != "where" else (0.0, 1.0) for place in range(row.arity)]
        points[name] = [*_points(row, (0.3, 0.1, 0.77)), *product(*sets)]
    wanted = {n: [[TABLE[n].quiet(*point)] for point in some] for n, some in points.items()}

    def rows(x: Any) -> Any:
        return [TABLE[name](*x[name]) for name in points]

    return {"rows": _together(rows, points, wanted)}


@cache
def slopes_by_row() -> dict[str, Case]:
    """The slopes of every row, inside of its interval and where it is special and has some."""
    found = {}
    for name, row in TABLE.items():
        function = value_and_grad(row, argnums=tuple(range(row.arity)))
        calls, wanted = [], []
        for point in _points(row, (0.2, 0.6)):
            try:
                wanted.append(flat(function(*point)))
            except TinygradNNError:
                continue
            calls.append(point)
        found[name] = Case(row, calls, wanted)
    return found


@cache
def slopes_of_the_table() -> dict[str, Case]:
    """The slopes of all rows."""
    rows = slopes_by_row()
    points = {name: list(case.calls) for name, case in rows.items()}
    wanted = {name: [some[1:] for some in case.wanted] for name, case in rows.items()}

    def total(x: Any) -> Any:
        return sum(TABLE[name](*x[name]) for name in points)

    return {"slopes": _together(grad(total), points, wanted)}


def recurrence(W: Any, h: Any, xs: Any) -> Any:
    for x in xs:
        h = [tanh(tg.dot(w, h) + x) for w in W]
    return sum(h)


cost_slopes = grad(lambda w, x, y: (tanh(tg.dot(w, x)) - y) ** 2)


def step(w: Any, x: Any, y: Any, rate: Any) -> Any:
    return [a - rate * b for a, b in zip(w, cost_slopes(w, x, y), strict=True)]


@cache
def of_programs() -> dict[str, Case]:
    """What programs are made of: products, windows, loops, lookups, batches, nestings, numbers."""
    rng = random.Random(1)

    def some(*shape: int) -> Any:
        return programs.numbers(rng, *shape)

    mlp = nn.MLP(4, [6, 3], activation="tanh", seed=1)
    costs = value_and_grad(lambda p, x, y: tg.relu(1 - y * programs.network(p, x)[0]))
    p = [list(layer) for layer in programs.weights(rng, [2, 5, 1])]
    table = some(5, 2)
    found = {
        "moons": made(
            costs,
            (p, some(7, 2), some(7)),
            (p, some(1, 2), some(1)),
            batch=("x", "y"),
            reduce="mean",
        ),
        "digits": made(
            value_and_grad(programs.cross_entropy),
            (programs.weights(rng, [6, 4, 3]), some(6, 6), some(6, 3)),
            batch=("x", "t"),
            reduce="mean",
        ),
        "attention": made(
            value_and_grad(programs.attention_cost), (some(4, 3), some(4, 3), some(4, 3))
        ),
        "causal": made(
            value_and_grad(lambda Q, K, V: programs.attention_cost(Q, K, V, True)),
            (some(6, 4), some(6, 4), some(6, 4)),
        ),
        "valley": made(value_and_grad(programs.rosenbrock), (some(30),)),
        "filtered": made(programs.convolution, (some(3, 3), some(8, 9))),
        "windows": made(
            value_and_grad(
                lambda W, x: sum(tanh(v) for r in programs.convolution(W, x) for v in r)
            ),
            (some(3, 3), some(8, 9)),
        ),
        "steps": made(value_and_grad(recurrence), (some(3, 3), some(3), some(12))),
        "chosen": made(lambda t, i: lookup(t, i)[1] ** 2, (table, 3), (table, 0)),
        "chosen_slopes": made(
            grad(lambda t, i: lookup(t, i)[1] ** 2), (table, [0, 1, 1, 4]), batch="i", reduce="mean"
        ),
        "sums": made(
            lambda x, c: (tg.dot(x, x) * c, c),
            ([[1.0, 2.0]] * 3, 2.0),
            batch="x",
            reduce=("sum", None),
        ),
        "numbers": made(
            lambda x, unused: {"exp": tg.exp(x), "int": 2.0 - x, "one": 1.0}, (0.5, 1.0)
        ),
        "captures": made(lambda x: mlp(x)[0], (some(4),)),
        "step": made(step, (some(3), some(3), 0.7, 0.1)),
        "names": made(
            lambda batch, fault, names_arena, i6, i, result: [
                tanh(tg.dot(batch, fault)) * names_arena + i6 * a - i * result for a in fault
            ],
            (some(12), some(12), 0.3, 0.5, 0.7, 0.9),
        ),
        "choice": made(
            lambda x, y: [
                tg.where(tg.gt(a, b), lambda a=a: tg.log(a + 2.0), a * b)
                for a, b in zip(x, y, strict=True)
            ],
            (some(5), some(5)),
        ),
        "nested": made(
            lambda p, q: {"a": [p["w"][0] * q[0], (q[1][0], p["b"])], "b": (p["b"] + q[1][1],)},
            ({"w": some(2), "b": 0.5}, (0.25, some(2))),
        ),
    }
    found["prefixes"] = made(
        lambda x: [sum(x[: n + 1]) for n in range(9)],
        ([some(9), some(9)],),
        batch="x",
        reduce="sum",
    )
    found["runs"] = made(
        grad(lambda w, x: sum(reduce(tg.max, x[n:]) * tg.dot(w[n:], x[n:]) for n in range(6))),
        (some(6), [some(6), some(6)]),
        batch="x",
        reduce="sum",
    )
    rows = some(5, 4)
    found["each"] = made(
        lambda x, w: [tanh(tg.dot(w, x)), x[0]], (rows, some(4)), batch="x", reduce=None
    )
    found["model"] = case(mlp, (rows,), (some(1, 4),))
    return found


@cache
def of_random_functions(count: int = 12) -> dict[str, Case]:
    found: dict[str, Case] = {}

    @settings(max_examples=count, database=None, derandomize=True, deadline=None)
    @given(functions(), vectors(3), vectors(5))
    def add(function: Any, p: Any, x: Any) -> None:
        name = f"random_{len(found)}"
        try:
            if len(found) % 2:
                found[name] = made(function, (p, [x]), batch="x")
            else:
                found[name] = made(value_and_grad(function.cost), (p, x))
        except TinygradNNError:
            found.pop(name, None)

    add()
    return found


def close(found: Sequence[float], wanted: Sequence[float], tolerance: float = 1e-12) -> bool:
    """Tell whether numbers are the same, as parts of the largest of them; NaN where NaN is wanted."""
    a, b = np.array(found, float), np.array(wanted, float)
    if a.shape != b.shape:
        return False
    finite = np.isfinite(b)
    if not np.array_equal(a[~finite], b[~finite], equal_nan=True):
        return False
    largest = abs(b[finite]).max(initial=0.0) or 1.0
    return bool((abs(a[finite] - b[finite]) <= tolerance * largest + TINY).all())


def different(
    name: str, case: Case, call: Any, found: Any, wanted: Any, allowed: float
) -> dict[Any, Any]:
    """Tell what differs in the results of a call."""
    if not case.one_by_one or len(found) != len(wanted):
        return {} if close(found, wanted, allowed) else {(name, str(call)): (found, list(wanted))}
    labels = [label for label, point in call[0].items() for _ in point]
    labels = labels if len(labels) == len(wanted) else list(call[0])
    return {
        (label, call[0][label]): (a, b)
        for label, a, b in zip(labels, found, wanted, strict=True)
        if not close([a], [b], allowed)
    }


def wrong(run: Any, cases: dict[str, Case], allowed: float = 1e-12) -> dict[Any, Any]:
    """Find the calls that give other numbers; `run` makes a function of a name and a case."""
    missed: dict[Any, Any] = {}
    for name, one in cases.items():
        function = run(name, one)
        for call, wanted in zip(one.calls, one.wanted, strict=True):
            found = flat(function(*call))
            missed |= different(name, one, call, found, wanted, allowed)
    return missed


def defined(text: str, name: str) -> Any:
    """Run a file of Python; give its function of a name."""
    scope: dict[str, Any] = {}
    exec(text, scope)
    return scope[name]
