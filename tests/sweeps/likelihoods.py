"""Models of statistics and physics as their authors write them, against the same models in mpmath.

    python -m tests.sweeps.likelihoods

Each model is written once, for the functions of a module: those of the package, and those of mpmath at
50 digits, where the gradient and the Hessian are central differences. Both are compared to 1e-8, eager
and compiled.
"""

from __future__ import annotations

import math
import sys
from collections.abc import Callable, Sequence
from types import SimpleNamespace
from typing import Any

import mpmath as mp

import tinygrad_nn as tg
from tests.sweeps.formulas import FORMULAS
from tinygrad_nn import compile, grad, hessian, special
from tinygrad_nn.solvers import gauss_legendre

LIMIT = 1e-8
Model = Callable[[Any, Sequence[Any]], Any]

OURS = SimpleNamespace(
    exp=tg.exp, log=tg.log, log1p=tg.log1p, sqrt=tg.sqrt, sin=tg.sin, cos=tg.cos, pi=math.pi,
    gammaln=special.gammaln, betaln=special.betaln, log_binom=special.log_binom,
    xlogy=special.xlogy, expit=special.expit, i0e=special.i0e, kve=special.kve, ndtr=special.ndtr,
    log_ndtr=special.log_ndtr, gammaincc=special.gammaincc, betainc=special.betainc,
    ellipk=special.ellipk, lambertw=special.lambertw, erfcx=special.erfcx, j1=special.j1,
    digamma=special.digamma, exp1=special.exp1, atan=tg.atan, atan2=tg.atan2, tan=tg.tan,
    erfc=tg.erfc, integral=lambda f, a, b: gauss_legendre(f, a, b, n=160), least=1e-12, close=1e-8, rounds=20,
)  # fmt: skip


def _erfcx(x: Any) -> Any:
    return mp.exp(x * x) * mp.erfc(x)


THEIRS = SimpleNamespace(
    exp=mp.exp, log=mp.log, log1p=mp.log1p, sqrt=mp.sqrt, sin=mp.sin, cos=mp.cos, pi=mp.pi,
    gammaln=mp.loggamma, betaln=lambda x, y: mp.log(mp.beta(x, y)),
    log_binom=lambda n, k: mp.log(mp.binomial(n, k)), xlogy=lambda x, y: x * mp.log(y),
    expit=lambda x: 1 / (1 + mp.exp(-x)), i0e=lambda x: mp.exp(-x) * mp.besseli(0, x),
    kve=lambda v, x: mp.exp(x) * mp.besselk(v, x), ndtr=mp.ncdf,
    log_ndtr=lambda x: mp.log(mp.erfc(-x / mp.sqrt(2)) / 2),
    gammaincc=lambda a, x: mp.gammainc(a, x, regularized=True),
    betainc=lambda a, b, x: mp.betainc(a, b, 0, x, regularized=True), ellipk=mp.ellipk,
    lambertw=lambda x: mp.re(mp.lambertw(x)), erfcx=_erfcx, j1=lambda x: mp.besselj(1, x),
    digamma=mp.digamma, exp1=mp.e1, atan=mp.atan, atan2=mp.atan2, tan=mp.tan, erfc=mp.erfc,
    integral=lambda f, a, b: mp.quad(f, [a, b], method="gauss-legendre", maxdegree=6), least=mp.mpf(10) ** -98, close=mp.mpf(10) ** -50, rounds=60,
)  # fmt: skip

TIMES = (0.3, 1.7, 2.2, 0.9, 3.1)
CENSORED = (4.0, 2.5)
COUNTS = (3, 0, 5, 12, 1)
SHARES = (0.2, 0.71, 0.05, 0.44)
ANGLES = (0.3, -1.2, 2.8, 0.1)


def negative_binomial(m: Any, p: Sequence[Any]) -> Any:
    r, mu = m.exp(p[0]), m.exp(p[1])
    return sum(
        m.gammaln(k + r) - m.gammaln(r) - m.gammaln(k + 1.0)
        + m.xlogy(r, r / (r + mu)) + m.xlogy(float(k), mu / (r + mu))
        for k in COUNTS
    )  # fmt: skip


def beta_regression(m: Any, p: Sequence[Any]) -> Any:
    phi, total = m.exp(p[2]), 0.0
    for n, y in enumerate(SHARES):
        mu = m.expit(p[0] + p[1] * (0.5 * n))
        a, b = mu * phi, (1.0 - mu) * phi
        total = total + (a - 1.0) * math.log(y) + (b - 1.0) * math.log1p(-y) - m.betaln(a, b)
    return total


def von_mises(m: Any, p: Sequence[Any]) -> Any:
    mu, kappa = p[0], m.exp(p[1])
    normal = m.log(2.0 * m.pi * m.i0e(kappa)) + kappa
    return sum(kappa * m.cos(x - mu) - normal for x in ANGLES)


def censored_weibull(m: Any, p: Sequence[Any]) -> Any:
    shape, scale = m.exp(p[0]), m.exp(p[1])
    seen = sum(
        m.log(shape / scale) + (shape - 1.0) * m.log(t / scale) - (t / scale) ** shape
        for t in TIMES
    )
    return seen - sum((t / scale) ** shape for t in CENSORED)


def censored_gamma(m: Any, p: Sequence[Any]) -> Any:
    shape, scale = m.exp(p[0]), m.exp(p[1])
    seen = sum(
        (shape - 1.0) * m.log(t / scale) - t / scale - m.log(scale) - m.gammaln(shape)
        for t in TIMES
    )
    return seen + sum(m.log(m.gammaincc(shape, t / scale)) for t in CENSORED)


def beta_binomial(m: Any, p: Sequence[Any]) -> Any:
    a, b = m.exp(p[0]), m.exp(p[1])
    return sum(
        m.log_binom(20.0, k + 0.0) + m.betaln(k + a, 20.0 - k + b) - m.betaln(a, b) for k in COUNTS
    )


def student(m: Any, p: Sequence[Any]) -> Any:
    nu, mu, s = m.exp(p[0]), p[1], m.exp(p[2])
    normal = m.gammaln(0.5 * (nu + 1.0)) - m.gammaln(0.5 * nu) - 0.5 * m.log(nu * m.pi) - m.log(s)
    return sum(normal - 0.5 * (nu + 1.0) * m.log1p(((x - mu) / s) ** 2 / nu) for x in ANGLES)


def probit(m: Any, p: Sequence[Any]) -> Any:
    return sum(
        m.log_ndtr(sign * (p[0] + p[1] * x))
        for x, sign in zip((-9.0, 0.5, 2.0, 7.0), (1.0, -1.0, 1.0, -1.0), strict=True)
    )


def skew_normal(m: Any, p: Sequence[Any]) -> Any:
    mu, s, shape = p[0], m.exp(p[1]), p[2]
    total = 0.0
    for x in TIMES:
        z = (x - mu) / s
        total = total + math.log(2.0) - m.log(s) - 0.5 * z * z + m.log_ndtr(shape * z)
    return total


def rice(m: Any, p: Sequence[Any]) -> Any:
    nu, s = p[0], m.exp(p[1])
    total = 0.0
    for x in TIMES:
        both = x * nu / (s * s)
        total = total + m.log(x / (s * s)) - (x - nu) ** 2 / (2.0 * s * s) + m.log(m.i0e(both))
    return total


def exponentially_modified_normal(m: Any, p: Sequence[Any]) -> Any:
    mu, s, rate = p[0], m.exp(p[1]), m.exp(p[2])
    total = 0.0
    for x in TIMES:
        z = (mu + rate * s * s - x) / (math.sqrt(2.0) * s)
        total = total + m.log(0.5 * rate * m.erfcx(z)) - 0.5 * ((x - mu) / s) ** 2
    return total


def pendulum(m: Any, p: Sequence[Any]) -> Any:
    length, gravity, angle = p
    return 4.0 * m.sqrt(length / gravity) * m.ellipk(m.sin(0.5 * angle) ** 2)


def call_option(m: Any, p: Sequence[Any]) -> Any:
    spot, volatility, rate = p
    strike, years = 95.0, 0.75
    spread = volatility * math.sqrt(years)
    d = (m.log(spot / strike) + (rate + 0.5 * volatility**2) * years) / spread
    return spot * m.ndtr(d) - strike * m.exp(-rate * years) * m.ndtr(d - spread)


def diode(m: Any, p: Sequence[Any]) -> Any:
    voltage, resistance, saturation = p
    heat = 0.02585
    inner = saturation * resistance / heat * m.exp((voltage + saturation * resistance) / heat)
    return heat / resistance * m.lambertw(inner) - saturation


def matern(m: Any, p: Sequence[Any]) -> Any:
    distance, length = p
    x = math.sqrt(2.6) * distance / length
    return x**1.3 * m.kve(1.3, x) * m.exp(-x)


def airy_disc(m: Any, p: Sequence[Any]) -> Any:
    return sum((2.0 * m.j1(r * p[0]) / (r * p[0])) ** 2 * p[1] for r in TIMES)


def drawdown(m: Any, p: Sequence[Any]) -> Any:
    rate, transmissivity, storage = p
    return sum(
        rate / (4.0 * m.pi * transmissivity) * m.exp1(100.0 * storage / (4.0 * transmissivity * t))
        for t in TIMES
    )


def order_statistic(m: Any, p: Sequence[Any]) -> Any:
    a, b = m.exp(p[0]), m.exp(p[1])
    return sum(m.log(m.betainc(a, b, y)) for y in SHARES)


MODELS: dict[Model, tuple[float, ...]] = {
    negative_binomial: (0.4, 1.1),
    beta_regression: (-0.3, 0.4, 1.5),
    von_mises: (0.2, 0.7),
    censored_weibull: (0.3, 0.8),
    censored_gamma: (0.5, 0.2),
    beta_binomial: (0.2, 1.3),
    student: (1.2, 0.3, -0.2),
    probit: (0.4, -1.1),
    skew_normal: (0.9, 0.3, 2.0),
    rice: (1.4, -0.3),
    exponentially_modified_normal: (0.8, -0.5, 0.3),
    pendulum: (1.3, 9.81, 0.9),
    call_option: (100.0, 0.25, 0.03),
    diode: (0.6, 0.01, 1e-12),
    matern: (0.7, 1.9),
    airy_disc: (1.6, 2.0),
    drawdown: (3.0, 2.0, 0.01),
    order_statistic: (0.6, 1.1),
    **FORMULAS,
}


def true_derivatives(
    model: Model, point: Sequence[float], digits: int = 100
) -> tuple[Any, Any, Any]:
    """Give the value, the gradient and the Hessian, by central differences in many digits."""
    with mp.workdps(digits):
        x = [mp.mpf(number) for number in point]
        steps = [mp.mpf(10) ** (-digits // 4) * abs(number) for number in x]
        places = range(len(x))

        def at(*moves: tuple[int, int]) -> Any:
            moved = list(x)
            for place, count in moves:
                moved[place] += count * steps[place]
            return model(THEIRS, moved)

        value = at()
        slopes = [(at((i, 1)) - at((i, -1))) / (2 * steps[i]) for i in places]
        second = [
            [
                (
                    at((i, 1), (j, 1))
                    - at((i, 1), (j, -1))
                    - at((i, -1), (j, 1))
                    + at((i, -1), (j, -1))
                )
                / (4 * steps[i] * steps[j])
                for j in places
            ]
            for i in places
        ]
        return value, slopes, second


def errors(model: Model, point: Sequence[float]) -> list[float]:
    """Compare value, gradient and Hessian, eager and compiled: each relative to the greatest entry."""
    value, slopes, second = true_derivatives(model, point)

    def ours(p: Any) -> Any:
        return model(OURS, p)

    found = []
    compiled = compile(ours), compile(grad(ours)), compile(hessian(ours))
    for f, g, h in ((ours, grad(ours), hessian(ours)), compiled):
        p = list(point)
        found.append(float(abs(f(p) - value) / max(1, abs(value))))
        # Of each argument in its own unit: x df/dx.
        unit = [abs(mp.mpf(number)) for number in point]
        scale = max(abs(s * u) for s, u in zip(slopes, unit, strict=True))
        found.append(
            float(max(abs(a - b) * u for a, b, u in zip(g(p), slopes, unit, strict=True)) / scale)
        )
        rows = h(p)
        pairs = [(i, j) for i in range(len(point)) for j in range(len(point))]
        scale = max(abs(second[i][j]) * unit[i] * unit[j] for i, j in pairs)
        found.append(
            float(max(abs(rows[i][j] - second[i][j]) * unit[i] * unit[j] for i, j in pairs) / scale)
        )
    assert all(each.program is not None for each in compiled), f"{model.__name__} is not compiled"
    return found


def main() -> None:
    """Compare all models, or those that are named."""
    bad = []
    for model, point in MODELS.items():
        if sys.argv[1:] and model.__name__ not in sys.argv[1:]:
            continue
        found = errors(model, point)
        print(f"{model.__name__:32}", *[f"{error:.0e}" for error in found], flush=True)
        if not max(found) <= LIMIT:
            bad.append(model.__name__)
    if bad:
        sys.exit(f"beyond {LIMIT}: {', '.join(bad)}")


if __name__ == "__main__":
    main()
