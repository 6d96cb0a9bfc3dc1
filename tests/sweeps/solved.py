"""Models with a solver inside, against closed forms or the same model solved in many digits.

    python -m tests.sweeps.solved

Implied volatilities, boundary values by shooting, times of events, populations, a stiff oscillator.
Gradient and Hessian to 1e-6 where an equation is integrated, to 1e-8 elsewhere.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import mpmath as mp

import tinygrad_nn as tg
from tests.sweeps.likelihoods import true_derivatives
from tinygrad_nn import grad, hessian
from tinygrad_nn.solvers import fixed_point, ode, quad, root
from tinygrad_nn.special import ndtr

Numbers = Sequence[Any]


class Case(NamedTuple):
    """A model, what is the same in mpmath, where, and how near they are to be."""

    ours: Callable[[Numbers], Any]
    theirs: Callable[[Numbers], Any]
    point: tuple[float, ...]
    limit: float
    digits: int = 100


# ---- equations ----------------------------------------------------------------------------------


def _call(m: Any, normal: Any, volatility: Any, spot: Any, strike: Any, rate: Any) -> Any:
    spread = volatility * math.sqrt(0.75)
    d = (m.log(spot / strike) + (rate + 0.5 * volatility**2) * 0.75) / spread
    return spot * normal(d) - strike * m.exp(-0.75 * rate) * normal(d - spread)


def implied_volatility(p: Numbers) -> Any:
    def missed(volatility: Any, price: Any, spot: Any, strike: Any, rate: Any) -> Any:
        return _call(tg, ndtr, volatility, spot, strike, rate) - price

    return root(missed, 0.3, tuple(p), bracket=(1e-6, 5.0))


def _implied_volatility(p: Numbers) -> Any:
    price, *rest = p
    return mp.findroot(lambda v: _call(mp, mp.ncdf, v, *rest) - price, (0.2, 0.3))


def last_scattering(p: Numbers) -> Any:
    """The share of ions in a gas, of M. N. Saha's equation, as a fixed point."""
    return fixed_point(lambda x, a, b: (1.0 + a * x * tg.exp(b)) ** -0.5, 0.5, tuple(p))


def _last_scattering(p: Numbers) -> Any:
    return mp.findroot(lambda x: x - (1 + p[0] * x * mp.exp(p[1])) ** mp.mpf(-0.5), (0.5, 0.6))


def distance(p: Numbers) -> Any:
    """Of light in an expanding universe, by its matter, and the red shift."""
    return quad(lambda z, m: (m * (1.0 + z) ** 3 + 1.0 - m) ** -0.5, 0.0, p[1], (p[0],))


def _distance(p: Numbers) -> Any:
    return mp.quad(lambda z: (p[0] * (1 + z) ** 3 + 1 - p[0]) ** mp.mpf(-0.5), [0, p[1]])


# ---- differential equations ---------------------------------------------------------------------


def shooting(p: Numbers) -> Any:
    """The slope at 0 of y'' = -a exp(y), y(0) = y(1) = 0: G. Bratu."""

    def missed(slope: Any, a: Any) -> Any:
        return ode(lambda t, y, a: [y[1], -a * tg.exp(y[0])], [0.0, slope], [0.0, 1.0], (a,))[-1][0]

    return root(missed, 0.6, tuple(p))


def _shooting(p: Numbers) -> Any:
    (a,) = p
    theta = mp.findroot(lambda x: x - mp.sqrt(2 * a) * mp.cosh(x / 4), (1.5, 1.6))
    return theta * mp.tanh(theta / 4)


def landing(p: Numbers) -> Any:
    """When what falls from a height, in air, comes down: the time of an event."""
    height, gravity, drag = p

    def above(time: Any, height: Any, gravity: Any, drag: Any) -> Any:
        def fall(t: Any, y: Any, gravity: Any, drag: Any) -> Any:
            return [y[1], -gravity + drag * y[1] ** 2]

        return ode(fall, [height, 0.0], [0.0, time], (gravity, drag))[-1][0]

    return root(above, 1.5, (height, gravity, drag))


def _landing(p: Numbers) -> Any:
    height, gravity, drag = p
    return mp.acosh(mp.exp(height * drag)) / mp.sqrt(gravity * drag)


def _hunt(t: Any, y: Numbers, a: Any, b: Any, c: Any, d: Any) -> list[Any]:
    return [a * y[0] - b * y[0] * y[1], c * y[0] * y[1] - d * y[1]]


SEEN = ((1.0, 3.1, 1.2), (2.5, 5.8, 5.0), (4.0, 1.0, 3.3))


def lotka_volterra(p: Numbers) -> Any:
    """How far two populations are from what was counted: A. J. Lotka, V. Volterra."""
    found = ode(_hunt, [2.0, 1.0], [0.0, *[t for t, _, _ in SEEN]], tuple(p))[1:]
    return _misfit(found)


def _lotka_volterra(p: Numbers) -> Any:
    y, now, found = [mp.mpf(2), mp.mpf(1)], 0.0, []
    for t, _, _ in SEEN:
        y = _solved(lambda y: _hunt(0, y, *p), y, t - now, 12)
        now = t
        found.append(y)
    return _misfit(found)


def _misfit(found: Sequence[Numbers]) -> Any:
    return sum(
        (y[0] - prey) ** 2 + (y[1] - hunters) ** 2
        for y, (_, prey, hunters) in zip(found, SEEN, strict=True)
    )


def _swing(y: Numbers, mu: Any) -> list[Any]:
    return [y[1], mu * ((1.0 - y[0] ** 2) * y[1]) - y[0]]


def van_der_pol(p: Numbers) -> Any:
    """A stiff oscillator on its slow branch: B. van der Pol."""
    mu, start = p
    return ode(
        lambda t, y, mu: _swing(y, mu), [start, 0.0], [0.0, 1.0], (mu,),
        method="Radau", rtol=1e-10, atol=1e-13,
    )[-1][0]  # fmt: skip


def _van_der_pol(p: Numbers) -> Any:
    mu, start = p
    return _solved(lambda y: _swing(y, mu), [start, mp.mpf(0)], 1.0, 120)[0]


def _solved(f: Callable[[Numbers], Numbers], y: Numbers, time: float, steps: int) -> list[Any]:
    """Solve y' = f(y) by extrapolated midpoint steps: W. B. Gragg, R. Bulirsch, J. Stoer."""
    h = mp.mpf(time) / steps
    for _ in range(steps):
        rows: list[list[list[Any]]] = []
        for k in range(1, 13):
            row = [_midpoints(f, y, h, 2 * k)]
            for j, before in enumerate(rows[-1] if rows else []):
                factor = 1 / ((mp.mpf(k) / (k - 1 - j)) ** 2 - 1)
                row.append([a + (a - b) * factor for a, b in zip(row[j], before, strict=True)])
            rows.append(row)
        y = rows[-1][-1]
    return list(y)


def _midpoints(f: Callable[[Numbers], Numbers], y: Numbers, h: Any, count: int) -> list[Any]:
    s = h / count
    before, now = list(y), [a + s * b for a, b in zip(y, f(y), strict=True)]
    for _ in range(count - 1):
        before, now = now, [a + 2 * s * b for a, b in zip(before, f(now), strict=True)]
    return [(a + b + s * c) / 2 for a, b, c in zip(before, now, f(now), strict=True)]


CASES = [
    Case(implied_volatility, _implied_volatility, (9.4, 100.0, 102.0, 0.03), 1e-8),
    Case(last_scattering, _last_scattering, (1.3, 0.4), 1e-8),
    Case(distance, _distance, (0.3, 1.7), 1e-8),
    Case(shooting, _shooting, (1.2,), 1e-6),
    Case(landing, _landing, (12.0, 9.81, 0.02), 1e-6),
    Case(lotka_volterra, _lotka_volterra, (1.1, 0.4, 0.35, 1.2), 1e-6, 30),
    Case(van_der_pol, _van_der_pol, (60.0, 1.9), 1e-6, 30),
]


def errors(case: Case) -> list[float]:
    """Compare value, gradient and Hessian, relative to the greatest entry, in units of arguments."""
    value, slopes, second = true_derivatives(lambda _, p: case.theirs(p), case.point, case.digits)
    point, unit = list(case.point), [abs(mp.mpf(number)) for number in case.point]
    rows, places = hessian(case.ours)(point), range(len(point))
    own = grad(case.ours)(point)
    firsts = [(own[i] * unit[i], slopes[i] * unit[i]) for i in places]
    seconds = [
        (rows[i][j] * unit[i] * unit[j], second[i][j] * unit[i] * unit[j])
        for i in places
        for j in places
    ]
    return [
        float(max(abs(a - b) for a, b in pairs) / max(abs(b) for _, b in pairs))
        for pairs in ([(case.ours(point), value)], firsts, seconds)
    ]


def main() -> None:
    """Compare all models, or those that are named."""
    bad = []
    for case in CASES:
        name = case.ours.__name__
        if sys.argv[1:] and name not in sys.argv[1:]:
            continue
        found = errors(case)
        print(f"{name:32}", *[f"{error:.0e}" for error in found], flush=True)
        bad += [name] if not max(found) <= case.limit else []
    if bad:
        sys.exit(f"beyond the limit: {', '.join(bad)}")


if __name__ == "__main__":
    main()
