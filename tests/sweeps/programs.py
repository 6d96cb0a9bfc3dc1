"""Random programs of single numbers, in every way of calling: is it one number everywhere?

    python -m tests.sweeps.programs --count 20000 --seed 1 --engine both

Two thirds are programs of few numbers, one third of 65 to 4,000. Half of the small ones compute
with whole numbers: each number must be the same to the last bit. Where real functions round, the
order of sums shows, and numbers must agree to 1e-9 of themselves and to what the program's own
rounding does, which is measured with every operation shaken by 2**-50. Differences are printed as
small programs, and make the exit status 1.

With --machine all compiled programs run as machine code, for this processor or for a lesser one.
"""

from __future__ import annotations

import random
import sys
from collections.abc import Collection, Sequence
from typing import Any

from tests.sweeps import command, statements, vectors
from tests.sweeps.checking import check
from tests.sweeps.differences import Difference
from tests.sweeps.drafts import ENTRIES, Draft, nested
from tests.sweeps.program import Program
from tests.sweeps.shrinking import shrunk

KNOWN = sorted({*statements.KINDS, *statements.REAL, *vectors.KINDS, "none", "graph"})


def drawn(seed: int, without: Collection[str] = ()) -> Program:
    """Draw a program: the same seed, the same program."""
    rng = random.Random(seed)
    long = seed % 3 == 0
    real = not long and rng.random() < 0.5
    sizes = [rng.randint(1, 4), rng.randint(1, 4)]
    if long:
        size = int(vectors.SHORTEST * (vectors.LONGEST / vectors.SHORTEST) ** rng.random())
        sizes[rng.randrange(2)] = size
    names = [f"{v}[{i}]" for v, n in zip("wx", sizes, strict=True) for i in range(min(n, 6))]
    draft = Draft(rng, real, without, names)
    missing = "x[-1]" if "missing" not in without and not long and rng.random() < 0.2 else ""
    if missing:
        draft.numbers.remove(f"x[{sizes[1] - 1}]")
    if long:
        pool = vectors.Vectors(draft, dict(zip("wx", sizes, strict=True)))
        vectors.written(pool, rng.randint(1, 6))
        result = vectors.nested(pool)
    else:
        statements.written(draft, rng.randint(2, 12))
        result = nested(draft)
    points = [_point(rng, sizes, real, bool(missing)) for _ in range(2)]
    return Program(seed, tuple(draft.lines), result, frozenset(draft.kinds), real, tuple(points))


def _point(rng: random.Random, sizes: Sequence[int], real: bool, missing: bool) -> Any:
    """Draw numbers, with zeros and ties among them."""

    def number() -> float:
        if real and rng.random() < 0.7:
            return round(rng.uniform(-2.0, 2.0), 3)
        return float(rng.choice([-4, -3, -2, -1, -1, 0, 0, 1, 1, 2, 3, 4]))

    w, x = ([number() for _ in range(n)] for n in sizes)
    if missing:
        x[-1] = rng.choice([float("nan"), float("inf"), float("-inf"), 0.0, 5.0])
    return w, x, [float(rng.randrange(ENTRIES)) for _ in range(2)]


def told(differences: Sequence[Difference]) -> str:
    """Write the first difference of a program as a small one, and how else it differs."""
    return command.written(shrunk(differences[0]), differences)


def main(arguments: Sequence[str] | None = None) -> int:
    """Try programs, and print each difference when it is found."""
    sweep = command.Sweep("tests.sweeps.programs", __doc__, KNOWN, drawn, check, told)
    return command.main(sweep, arguments)


if __name__ == "__main__":
    sys.exit(main())
