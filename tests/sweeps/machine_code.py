"""Random programs as machine code, for this processor and lesser ones: the numbers of the reference?

    python -m tests.sweeps.machine_code --count 20000 --seed 1

The programs are those of tests.sweeps.programs, with the same bounds: whole numbers must be the same
to the last bit. Each runs on one processor, or begins in NumPy; they take turns. Batches have no
sample, one, and up to 300, one number of samples after the other in the same program. Where the
reference says nothing, infinite numbers and NaN must be those of NumPy. Differences are printed as
small programs, and make the exit status 1.
"""

from __future__ import annotations

import argparse
import math
import random
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import AbstractContextManager, nullcontext
from functools import cache, partial
from typing import Any, NamedTuple, TypeAlias

import numpy as np

import tinygrad_nn as tg
from tests.support.machine_code import PROCESSORS, running
from tests.support.thresholds import LOW, forced
from tests.sweeps.differences import Difference
from tests.sweeps.options import parser_of
from tests.sweeps.program import Expected, Program, Truth, UnknownError, joined, reduced
from tests.sweeps.programs import drawn
from tests.sweeps.reference import leaves
from tests.sweeps.shrinking import shrunk
from tinygrad_nn.compiler.backends.machine import Machine

LATER = "later"  # NumPy first, and machine code from a run on whose number the program decides
SOON = {"compiler.backends.work.LOADING": 0.0, "compiler.backends.work.MAKING": 1.0}
WAYS = (*PROCESSORS, LATER)
FEW, MANY = (0, 1, 2, 3, 7), (8, 9, 63, 64, 65, 100, 129, 255, 300)  # numbers of samples
DIFFERENT = 6  # samples; batches repeat them


class Way(NamedTuple):
    """A way of calling: what makes the function, what it is given, and what is right."""

    name: str
    make: Callable[[], Any]
    calls: list[tuple[tuple[Any, ...], Callable[[], Expected]]]


def ways(program: Program) -> Iterator[Way]:
    """Give the ways of calling a program, at single points and in batches."""
    f, cost = program.of_package
    truths = [Truth(program, point) for point in program.points]

    def along(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        return tg.jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx))

    def second(w: Any, x: Any, k: Any, dw: Any, dx: Any) -> Any:
        return tg.hvp(lambda w: cost(w, x, k))(w, dw)

    def alone(function: Any, right: Callable[[Truth], Expected], more: bool = False) -> Any:
        return partial(tg.compile, function), [
            ((*t.point, t.dw, t.dx) if more else t.point, partial(right, t)) for t in truths
        ]

    yield Way("compile(f)(w, x, k)", *alone(f, lambda t: t.results))
    both = tg.value_and_grad(cost, argnums=(0, 1))
    yield Way(
        "compile(value_and_grad(cost, argnums=(0, 1)))(w, x, k)",
        *alone(both, lambda t: joined([t.value, t.slopes])),
    )
    yield Way(
        "compile(lambda w, x, k, dw, dx: jvp(lambda w, x: cost(w, x, k), (w, x), (dw, dx)))"
        "(w, x, k, dw, dx)",
        *alone(along, lambda t: joined([t.value, t.along]), True),
    )
    if not program.is_long:
        yield Way("compile(hvp(...))(w, x, k, dw)", *alone(second, lambda t: t.second, True))
    yield from batches(program, random.Random(program.seed))


def batches(program: Program, rng: random.Random) -> Iterator[Way]:
    """Give the ways of calling with samples of x and k, some numbers of them."""
    f, cost = program.of_package
    w, size = program.points[0][0], len(program.points[0][0])
    rows = [point[1:] for point in program.points]
    pool = []
    for _ in range(2 if program.is_long else DIFFERENT):
        x, k = rng.choice(rows)[0], rng.choice(rows)[1]
        pool.append(Truth(program, (w, rng.sample(x[:-1], len(x) - 1) + x[-1:], k)))
    counts = [*rng.sample(FEW, 2), *([] if program.is_long else rng.sample(MANY, 2))]
    counts = [*rng.sample(counts, len(counts)), counts[0]]
    samples = [rng.choices(pool, k=count) for count in counts]

    def calls(right: Callable[[Truth], Expected], how: Any) -> list[Any]:
        return [
            (
                (w, *([list(t.point[place]) for t in some] for place in (1, 2))),
                partial(_reduced, some, right, how),
            )
            for some in samples
        ]

    def slopes(truth: Truth) -> Expected:
        return joined([truth.value, truth.slopes.part(0, size)])

    for function, right, text in (
        (f, lambda t: t.results, "f"),
        (tg.value_and_grad(cost), slopes, "value_and_grad(cost)"),
    ):
        how = rng.choice(["mean", "sum", None])
        options = {"batch": ("x", "k"), "reduce": how}
        name = f"compile({text}, batch=('x', 'k'), reduce={how!r})(w, x, k)"
        yield Way(name, partial(tg.compile, function, **options), calls(right, how))  # type: ignore[arg-type]


def _reduced(some: Sequence[Truth], right: Callable[[Truth], Expected], how: Any) -> Expected:
    if not some:
        raise UnknownError("no samples")
    return reduced([right(truth) for truth in some], how)


# ---- compared ------------------------------------------------------------------------------------


Outcome: TypeAlias = list[float] | Exception


def outcome(call: Callable[[], Any]) -> Outcome:
    """Give the numbers of a call, or its error."""
    try:
        return [float(number) for number in leaves(call()) if number is not None]
    except Exception as error:
        return error


def running_on(name: str) -> AbstractContextManager[None]:
    """Run programs as machine code for a processor, or at first as calls of NumPy."""
    return forced(SOON) if name == LATER else running(Machine(PROCESSORS[name]))


def check(
    program: Program, counts: Counter[str], processors: Collection[str] = WAYS
) -> list[Difference]:
    """Call in every way, as machine code for each processor, and where it is asked for as NumPy."""
    found = []
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for way in ways(program):
            by_numpy = cache(partial(called, way, nullcontext()))  # where somebody asks
            for name in processors:
                by_code = called(way, running_on(name), 2 if name == LATER else 1)
                for n, ((given, right), other) in enumerate(zip(way.calls, by_code, strict=True)):
                    what = compared(right, partial(_of, by_numpy, n), other, counts)
                    if what:
                        names = zip(("w", "x", "k", "dw", "dx"), given, strict=False)
                        text = f"{way.name}  # {name}"
                        kind = what.partition(":")[0]
                        found.append(Difference(program, text, [*names], kind, what))
    return found


def _of(outcomes: Callable[[], list[Outcome]], place: int) -> Outcome:
    return outcomes()[place]


def called(way: Way, context: AbstractContextManager[Any], times: int = 1) -> list[Outcome]:
    """Make the function of a way, and call it with all numbers in turn, lists and arrays."""
    with context:
        function = way.make()
        order = sorted(range(len(way.calls)), key=lambda n: not way.calls[n][0][1])
        results: dict[int, Any] = {}
        for n in order * times:  # first some samples: what none are is not known
            given = way.calls[n][0]
            if n % 2 and given[1] and "reduce=None" not in way.name:  # which nests in another order
                given = tuple(map(np.array, given))
            results[n] = outcome(lambda given=given: function(*given))
    return [results[n] for n in range(len(way.calls))]


def compared(
    right: Callable[[], Expected],
    by_numpy: Callable[[], Outcome],
    by_code: Outcome,
    counts: Counter[str],
) -> str:
    """Describe what is wrong with the numbers of machine code; nothing if they are right."""
    if isinstance(by_code, Exception):
        counts["errors"] += 1
        same = repr(by_code) == repr(by_numpy())
        return "" if same else f"another outcome: {by_code!r} instead of {by_numpy()!r}"[:300]
    try:
        expected = right()
    except UnknownError as reason:
        counts[f"checks left out: {reason}"] += 1
        if str(reason) in ("not exact", "rounding decides"):
            return ""
        other = by_numpy()
        if isinstance(other, Exception):
            return f"another outcome: numbers instead of {other!r}"
        return not_finite(by_code, other)
    counts["checks"] += 1
    what = expected.differs(by_code)
    return f"another number: {what}" if what else ""


def not_finite(found: Sequence[float], expected: Sequence[float]) -> str:
    """Describe the first number that is infinite or NaN in one of two only."""
    if len(found) != len(expected):
        return f"another length: {len(found)} instead of {len(expected)}"
    for place, (a, b) in enumerate(zip(found, expected, strict=True)):
        if repr(a) != repr(b) and not (math.isfinite(a) and math.isfinite(b)):
            return f"not finite: number {place} is {a!r} instead of {b!r}"
    return ""


# ---- the command ---------------------------------------------------------------------------------


def main(arguments: Sequence[str] | None = None) -> int:
    """Try programs, and print each difference when it is found."""
    options = _options(arguments)
    first = options.seed * 1_000_000
    seeds = range(first, first + options.count)
    if options.only is not None:
        seeds = range(options.only, options.only + 1)
    known = options.processors or WAYS
    counts: Counter[str] = Counter()
    kinds: Counter[str] = Counter()
    differ, interrupted = 0, False
    with forced(LOW if options.low else {}):
        try:
            for seed in seeds:
                processors = (known[seed // 3 % len(known)],)  # a third of the seeds are long
                found = check(drawn(seed, options.without), counts, processors)
                counts["programs"] += 1
                differ += bool(found)
                kinds.update(f"{one.way}: {one.what}" for one in found)
                if found and differ <= options.show:
                    again = partial(check, counts=Counter(), processors=processors)
                    print(shrunk(found[0], again), flush=True)
        except KeyboardInterrupt:
            print("Interrupted; until then:", file=sys.stderr)
            interrupted = True
    print(", ".join(f"{count:,} {what}" for what, count in sorted(counts.items())))
    for kind, count in kinds.most_common():
        print(f"{count:6} differ: {kind}")
    print(f"{differ} programs differ.")
    return int(differ > 0 or interrupted)


def _options(arguments: Sequence[str] | None) -> argparse.Namespace:
    def names(text: str) -> tuple[str, ...]:
        return tuple(filter(None, text.split(",")))

    parser = parser_of(__doc__, 300, "programs", seed=1)
    parser.add_argument("--only", type=int, help="the seed of one program, as it was printed")
    parser.add_argument("--show", type=int, default=20, help="differences that are printed (20)")
    parser.add_argument("--low", action="store_true", help="with every threshold forced low")
    parser.add_argument("--without", type=names, default=(), help="kinds to leave out")
    known = ", ".join(WAYS)
    parser.add_argument(
        "--processors", type=names, default=(), help=f"some of {known} (each in turn)"
    )
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main())
