"""Functions of complex numbers against mpmath: values, slopes and second derivatives.

    python -m tests.sweeps.complexes --count 100

Eager and compiled, at so many points over several scales; errors are relative to what is computed,
in which nothing may have cancelled.
"""

from __future__ import annotations

import argparse
import random
import sys
from collections.abc import Callable
from typing import Any

import mpmath as mp

from tinygrad_nn import cmath, compile, hessian, jacobian
from tinygrad_nn.cmath import Complex

LIMITS = 1e-14, 1e-13, 1e-10  # of values, slopes and second derivatives
DIGITS = 50
SCALES = (1e-3, 0.1, 1.0, 10.0)

Function = Callable[[Any], Any]


def _between(z: Any) -> Any:
    return mp.sqrt(1 - z) * mp.sqrt(1 + z)


def _beyond(z: Any) -> Any:
    return mp.sqrt(z - 1) * mp.sqrt(z + 1)


def _around(z: Any) -> Any:
    return mp.sqrt(1 - 1j * z) * mp.sqrt(1 + 1j * z)


# The slope and the second derivative of each.
RULES: dict[str, tuple[Function, Function]] = {
    "exp": (mp.exp, mp.exp),
    "log": (lambda z: 1 / z, lambda z: -1 / z**2),
    "log10": (lambda z: 1 / z / mp.log(10), lambda z: -1 / z**2 / mp.log(10)),
    "sqrt": (lambda z: 1 / (2 * mp.sqrt(z)), lambda z: -1 / (4 * mp.sqrt(z) ** 3)),
    "sin": (mp.cos, lambda z: -mp.sin(z)),
    "cos": (lambda z: -mp.sin(z), lambda z: -mp.cos(z)),
    "tan": (lambda z: 1 / mp.cos(z) ** 2, lambda z: 2 * mp.tan(z) / mp.cos(z) ** 2),
    "sinh": (mp.cosh, mp.sinh),
    "cosh": (mp.sinh, mp.cosh),
    "tanh": (lambda z: 1 / mp.cosh(z) ** 2, lambda z: -2 * mp.tanh(z) / mp.cosh(z) ** 2),
    "asin": (lambda z: 1 / _between(z), lambda z: z / _between(z) ** 3),
    "acos": (lambda z: -1 / _between(z), lambda z: -z / _between(z) ** 3),
    "atan": (lambda z: 1 / (1 + z * z), lambda z: -2 * z / (1 + z * z) ** 2),
    "asinh": (lambda z: 1 / _around(z), lambda z: -z / _around(z) ** 3),
    "acosh": (lambda z: 1 / _beyond(z), lambda z: -z / _beyond(z) ** 3),
    "atanh": (lambda z: 1 / (1 - z * z), lambda z: 2 * z / (1 - z * z) ** 2),
}


def errors_of(name: str, points: list[complex]) -> list[float]:
    """Find the worst relative errors of a function, of its slope and of its second derivative."""
    function = getattr(cmath, name)

    def parts(z: Any) -> Any:
        found = function(z)
        return [found.real, found.imag]

    def all_of_it(z: Any) -> Any:
        return parts(z), jacobian(parts)(z), hessian(lambda z: function(z).real)(z)

    worst = [mp.mpf(0)] * 3
    for way in (all_of_it, compile(all_of_it, strict=True)):
        for z in points:
            value, (by_real, by_imag), table = way(Complex(z))
            found = [
                [mp.mpc(*value)],
                [mp.mpc(by_real.real, by_imag.real), mp.mpc(by_imag.imag, -by_real.imag)],
                [
                    mp.mpc(table.real.real, -table.real.imag),
                    mp.mpc(-table.imag.imag, -table.imag.real),
                ],
            ]
            truths = [one(mp.mpc(z)) for one in (getattr(mp, name), *RULES[name])]
            for order, (many, truth) in enumerate(zip(found, truths, strict=True)):
                error = max(abs(one - truth) for one in many) / abs(truth)
                worst[order] = max(worst[order], error)
    return list(map(float, worst))


def main() -> int:
    """Try every function; tell whether one is worse than it may be."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--count", type=int, default=100)
    parser.add_argument("--seed", type=int, default=0)
    asked = parser.parse_args()
    mp.mp.dps = DIGITS
    rng = random.Random(asked.seed)
    failed = 0
    for name in RULES:
        points = [
            complex(*[rng.uniform(-3.0, 3.0) * rng.choice(SCALES) for _ in range(2)])
            for _ in range(asked.count)
        ]
        worst = errors_of(name, points)
        wrong = any(error > limit for error, limit in zip(worst, LIMITS, strict=True))
        failed += wrong
        print(f"{name:6}", *[f"{error:9.1e}" for error in worst], "WRONG" if wrong else "")
    print(f"{len(RULES)} functions at {asked.count} points each, {failed} worse than {LIMITS}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
