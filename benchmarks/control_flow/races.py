"""What functions cost that look at numbers, beside others that compute the same."""

from __future__ import annotations

import sys
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from importlib.util import find_spec
from typing import Any

import numpy as np

from tinygrad_nn import compile, value_and_grad
from tinygrad_nn.tree import flatten

from .. import report
from ..job import Job, same
from ..timing import Contestant, measure
from . import functions

EAGER, WHERE, JAX = "eager", "where", "JAX"
NUMPY, MACHINE = "ours, NumPy", "ours"
FEW = 100  # samples that eager code takes, of as many as there are

Call = Callable[[], Any]

TEXT = """\
Functions with loops that end, indices and branches (`benchmarks/control_flow/functions.py`). Beside
ours stands what computes the same: the function itself in eager code, sample by sample (timed with a
hundred of them); JAX's `while_loop` under `vmap`, or its gather; a choice of all pieces with `where`;
the programs of both paths, each compiled alone. "Ours" is machine code. Medians, all in turn."""


@dataclass(frozen=True)
class Other:
    """What stands beside ours: which part of the work it does, and how often ours is to fit into it."""

    call: Call
    share: float = 1.0
    least: float | None = None


@dataclass(frozen=True)
class Race:
    """Ours on each backend, others, and how to read what any of them gives."""

    ours: dict[str, Call]
    beside: dict[str, Other]
    numbers: Callable[[Any], list[float]]

    @property
    def calls(self) -> dict[str, Call]:
        return self.ours | {way: other.call for way, other in self.beside.items()}


def backends() -> dict[str, str]:
    both = {NUMPY: "numpy"}
    return both | {MACHINE: "machine"} if find_spec("llvmlite") else both


def compiled(function: Any, *args: Any, **options: Any) -> dict[str, Call]:
    """Call a compiled function on each backend."""

    def called(backend: str) -> Call:
        found = compile(function, backend=backend, **options)
        return lambda: found(*args)

    return {way: called(backend) for way, backend in backends().items()}


def of_samples(
    function: Any, columns: dict[str, Any], in_jax: str, least: tuple[float | None, float | None]
) -> Race:
    """Call a function for many samples, beside eager code and JAX."""
    arrays = list(columns.values())
    rows = [list(map(float, row)) for row in zip(*[a[:FEW] for a in arrays], strict=True)]
    share = len(rows) / len(arrays[0])
    beside = {EAGER: Other(lambda: [function(*row) for row in rows], share, least[0])}
    if find_spec("jax"):
        from . import with_jax

        beside[JAX] = Other(with_jax.over_samples(in_jax, *arrays), least=least[1])

    def numbers(result: Any) -> list[float]:
        """The first samples, one after the other."""
        if isinstance(result, tuple):
            result = list(zip(*[np.asarray(part).tolist() for part in result], strict=True))
        return list(map(float, np.asarray(result[: len(rows)], float).ravel()))

    return Race(compiled(function, *arrays, batch=tuple(columns)), beside, numbers)


def options(count: int) -> dict[str, Any]:
    """Options, and their prices by the formula of Black and Scholes."""
    rng = np.random.default_rng(0)
    S, K, T = rng.uniform(80, 120, count), rng.uniform(80, 120, count), rng.uniform(0.5, 2, count)
    r, v = np.full(count, 0.03), rng.uniform(0.15, 0.6, count)
    price = compile(_price, batch=("S", "K", "T", "r", "v"))(S, K, T, r, v)
    return {"price": np.asarray(price), "S": S, "K": K, "T": T, "r": r}


def _price(S: Any, K: Any, T: Any, r: Any, v: Any) -> Any:
    import tinygrad_nn

    from ..engines.scalar import price_of

    return price_of(tinygrad_nn, S, K, T, r, v)


# ---- the rows ------------------------------------------------------------------------------------


def races(
    count: int = 100_000, points: int = 1_000_000, steps: int = 50
) -> Iterator[tuple[str, Race]]:
    """All races, with so many options, points, and steps of a tree."""
    given = options(count)
    name = f"implied volatility by Newton, {count:,} options"
    yield name, of_samples(functions.implied_volatility, given, "implied_volatility", (50.0, 1.0))
    slopes = value_and_grad(functions.implied_volatility)
    in_jax = "implied_volatility with its slope"
    yield f"{name}, slope by the price", of_samples(slopes, given, in_jax, (50.0, 1.0))
    yield f"eight cubics by int(8 * x), slopes, {points:,} points", of_pieces(points)
    yield f"American put, {steps} steps, slope", of_tree(steps)
    yield "another path at each call, slopes", of_paths()
    yield "16 bisections, after too many paths", of_bisections()


def of_pieces(points: int) -> Race:
    x = np.random.default_rng(1).uniform(0.0, 1.0, points)
    slopes, in_jax = value_and_grad(functions.pieces), "pieces with their slopes"
    race = of_samples(slopes, {"x": x}, in_jax, (None, None))
    chosen = compiled(value_and_grad(functions.pieces_by_where), x, batch="x")
    beside = {f"{WHERE}, {way}": Other(call, least=1.0) for way, call in chosen.items()}
    return Race(race.ours, beside | race.beside, race.numbers)


def of_tree(steps: int) -> Race:
    point = 100.0, 100.0, 1.0, 0.05, 0.2

    def put(S: Any, K: Any, T: Any, r: Any, v: Any) -> Any:
        return functions.american_put(S, K, T, r, v, steps)

    function = value_and_grad(put)
    ours = compiled(function, *point)
    return Race(ours, {EAGER: Other(lambda: function(*point), least=20.0)}, _flat)


def of_paths() -> Race:
    """Two calls that take two paths; beside them both programs, compiled alone, twice each."""
    points = (1.0, 2.0), (-1.0, 2.0)

    def in_turn(*calls: Any) -> Call:
        return lambda: [call(*point) for call, point in zip(calls, points, strict=True)]

    def both(backend: str) -> tuple[Call, Call]:
        def made(function: Any) -> Any:
            return compile(value_and_grad(function, (0, 1)), backend=backend)

        whole, one, other = map(made, (functions.either, functions.first, functions.second))
        alone = in_turn(one, other)
        return in_turn(whole, whole), lambda: [alone(), alone()][0]

    pairs = {way: both(backend) for way, backend in backends().items()}
    beside = {f"both programs, {way}": Other(p[1], least=1.0 / 1.3) for way, p in pairs.items()}
    return Race({way: pair[0] for way, pair in pairs.items()}, beside, _flat)


def of_bisections(calls: int = 100) -> Race:
    numbers = np.random.default_rng(0).uniform(0.0, 9.0, calls).tolist()

    def all_of(function: Any) -> Call:
        return lambda: [function(number) for number in numbers]

    found = {way: compile(functions.bisected, backend=name) for way, name in backends().items()}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it gives up, and says so
        for function in found.values():
            all_of(function)()
    ours = {way: all_of(function) for way, function in found.items()}
    return Race(ours, {EAGER: Other(all_of(functions.bisected), least=1.0 / 1.1)}, _flat)


def _flat(result: Any) -> list[float]:
    return list(map(float, flatten(result)[0]))


# ---- measured ------------------------------------------------------------------------------------


def check(name: str, race: Race) -> None:
    """Refuse to time those who do not compute the same numbers."""
    found = {way: race.numbers(call()) for way, call in race.calls.items()}
    first, *others = found
    for way in others:
        if not same(found[way], found[first]):
            sys.exit(f"{name}: {way} does not compute what {first} does")


def rows(name: str, race: Race, rounds: int) -> Iterator[list[str]]:
    """Time all of a race in turn; a row for each of those beside ours, a part for the whole."""
    check(name, race)
    timings = measure({way: _contestant(call) for way, call in race.calls.items()}, rounds)
    ours = {way: timings[way].median for way in race.ours}
    for way, other in race.beside.items():
        title, _, backend = way.partition(", ")  # that of what runs on one as well
        time = timings[way].median / other.share
        met = [w for w in (NUMPY, MACHINE) if w in ours and backend in ("", w)]
        times = [report.duration(ours[w]) if w in met else "–" for w in (NUMPY, MACHINE)]
        ratios = [report.digits(time / ours[w]) if w in met else "–" for w in (NUMPY, MACHINE)]
        least = "–" if other.least is None else report.digits(other.least)
        yield [name, title, report.duration(time), *times, *ratios, least]


def _contestant(call: Call) -> Contestant:
    return Contestant(Job({"run": lambda _: call()}, lambda result: []))


def section(rounds: int) -> str:
    """Race in all of them, and lay out the table."""
    table = [row for name, race in races() for row in rows(name, race, rounds)]
    headings = ["control flow", "beside", "its time", NUMPY, MACHINE]
    headings += [f"its time / {way}" for way in (NUMPY, MACHINE)] + ["at least"]
    return f"### Control flow\n\n{TEXT}\n\n{report.table(headings, table)}"
