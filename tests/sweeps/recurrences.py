"""Random recurrences, compiled from few of their turns: python -m tests.sweeps.recurrences.

Each computes what the same function computes number by number. In some of them a turn is odd, or
something depends on how many there are: those are compiled in full, or come out right all the same.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Callable
from typing import Any
from unittest.mock import patch

from tests.sweeps.options import asked
from tinygrad_nn import compile, max, sin, tanh, value_and_grad, where
from tinygrad_nn.compiler import planning
from tinygrad_nn.compiler.sizes import in_turns, recordings, turns
from tinygrad_nn.tree import flatten

Term = Callable[[Any, int], Any]  # of what a turn can read, and its number
LEAST = 0.1  # of those in which all turns are alike, so many are compiled from few


class Given:
    """What a turn can read."""

    def __init__(self, weights: Any, rows: Any, states: Any) -> None:
        self.weights = weights
        self.rows = rows
        self.states = states  # of all turns until now


def term(rng: random.Random, size: int, depth: int) -> Term:
    """Draw an expression."""
    kind = rng.choice(
        ("sum", "product", "bounded") if depth else ("state", "state", "weight", "row", "number")
    )
    place, delay = rng.randrange(size), rng.choice((1, 1, 1, 2))
    if kind == "state":
        return lambda g, t: g.states[-min(delay, len(g.states))][place]
    if kind == "weight":
        return lambda g, t: g.weights[place]
    if kind == "row":
        step, back = rng.choice((1, 1, 2)), rng.random() < 0.3
        return lambda g, t: g.rows[len(g.rows) - 1 - t if back else t * step][place]
    if kind == "number":
        number = rng.choice((0.5, 0.25, -1.0, 2.0, 0.1))
        return lambda g, t: number
    if kind == "turn":
        return rng.choice(
            (lambda g, t: t + 1.0, lambda g, t: 1.0 / (t + 1), lambda g, t: (-1.0) ** t)
        )
    x, y, z = (term(rng, size, depth - 1) for _ in range(3))
    if kind == "sum":
        return lambda g, t: x(g, t) * 0.5 + 0.25 * y(g, t) - z(g, t) * 0.125
    if kind == "product":
        return lambda g, t: x(g, t) * y(g, t) * 0.5
    how = rng.choice((tanh, sin, lambda v: max(v, 0.1), lambda v: where(v > 0.0, v, 0.5 * v)))
    return lambda g, t: how(x(g, t) + 0.5 * y(g, t))


def recurrence(rng: random.Random) -> tuple[Callable[..., Any], tuple[Any, ...], bool]:
    """Draw a function, its arguments, and whether all its turns are alike."""
    size, count = rng.choice((1, 2, 3, 8)), rng.randrange(60, 100)
    terms = [term(rng, size, rng.choice((1, 2))) for _ in range(min(size, 3))]
    result = rng.choice(("last", "last", "sum", "loss"))
    has_neighbours = size == 8 and rng.random() < 0.7
    odd = rng.choice((None, None, None, None, count // 2, rng.randrange(count), "half", "last"))

    def function(weights: Any, rows: Any) -> Any:
        given = Given(weights, rows, [list(weights)])
        total: Any = 0.0
        for t in range(count):
            now = given.states[-1]
            new = [tanh(terms[k % len(terms)](given, t) + 0.5 * now[k]) for k in range(size)]
            if has_neighbours:
                new[1:-1] = [
                    b + 0.1 * (a - 2.0 * b + c)
                    for a, b, c in zip(now, now[1:], now[2:], strict=False)
                ]
            if t == odd:
                new[0] = new[0] + 0.5
            given.states.append(new)
            total = total + (new[0] - rows[t][0]) ** 2
        picked = {"half": count // 2, "last": -3}.get(str(odd))
        extra = given.states[picked][0] if picked is not None else 0.0
        if result == "last":
            return sum(v * v for v in given.states[-1]) + extra
        if result == "sum":
            return sum(sum(state) for state in given.states) + extra
        return total + extra

    weights = [rng.uniform(-1, 1) for _ in range(size)]
    rows = [[rng.uniform(-1, 1) for _ in range(size)] for _ in range(2 * count)]
    argnums = rng.choice((0, (0, 1)))
    return value_and_grad(function, argnums=argnums), (weights, rows), odd is None


def main() -> None:
    """Compile many of them."""
    options = asked(__doc__, 200, "functions", seed=1)
    ways: Counter[tuple[bool, str]] = Counter()
    way = ""

    def proved(*args: Any) -> None:
        nonlocal way
        way = "refused"
        prove(*args)
        way = "few turns"

    def logged(*args: Any) -> Any:
        nonlocal way
        found = found_in_turns(*args)
        way = way if found is None else "logged"
        return found

    prove, found_in_turns = turns.prove_recording, in_turns.found_in_turns
    wrong = 0
    for seed in range(options.seed, options.seed + options.count):
        function, args, is_even = recurrence(random.Random(seed))
        way = "in full"
        most = 0 if seed % 2 else recordings.SMALL  # symbols, before every other one is logged
        with (
            patch.object(turns, "LONG_TAPE", 0),
            patch.object(turns, "prove_recording", proved),
            patch.object(in_turns, "LONG_LOOP", 0),
            patch.object(recordings, "SMALL", most),
            patch.object(planning, "found_in_turns", logged),
        ):
            found = flatten(compile(function)(*args))[0]
        ways[is_even, way] += 1
        wanted = [float(number) for number in flatten(function(*args))[0]]
        if not all(
            math.isclose(a, b, rel_tol=1e-8, abs_tol=1e-9)
            for a, b in zip(found, wanted, strict=True)
        ):
            print(f"seed {seed} ({way}) gives other numbers")
            wrong += 1
    for (is_even, how), number in sorted(ways.items()):
        print(f"{'even' if is_even else 'odd'}, {how}: {number}")
    even = sum(number for (is_even, _), number in ways.items() if is_even)
    if wrong or ways[True, "few turns"] < LEAST * even:
        sys.exit(1)


if __name__ == "__main__":
    main()
