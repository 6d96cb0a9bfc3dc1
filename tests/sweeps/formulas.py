"""Models of finance, chemistry, orbits and crystals as their authors write them, for `likelihoods`.

They have what such code has: classes, loops until something converges, branches at a limit, sums over
lattices, complex numbers as pairs.
"""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from typing import Any

__all__ = ["FORMULAS"]


def sabr(m: Any, p: Sequence[Any]) -> Any:
    """Two volatilities, one at the money: P. S. Hagan and others, Wilmott Magazine (2002), 84-108."""
    alpha, beta, rho, nu = p
    forward, years = 0.031, 2.0

    def volatility(strike: float) -> Any:
        middle = (forward * strike) ** ((1.0 - beta) / 2.0)
        moved = 1.0 + years * (
            ((1.0 - beta) * alpha / middle) ** 2 / 24.0
            + rho * beta * nu * alpha / (4.0 * middle)
            + (2.0 - 3.0 * rho**2) * nu**2 / 24.0
        )
        if abs(strike - forward) < 1e-12:
            return alpha / middle * moved
        log_m = math.log(forward / strike)
        z = nu / alpha * middle * log_m
        x = m.log((m.sqrt(1.0 - 2.0 * rho * z + z * z) + z - rho) / (1.0 - rho))
        skew = (1.0 - beta) ** 2 * log_m**2
        below = middle * (1.0 + skew / 24.0 + skew**2 / 1920.0)
        return alpha / below * (z / x) * moved

    return volatility(0.031) + 2.0 * volatility(0.024)


class Pair:
    """A complex number of two real ones."""

    def __init__(self, m: Any, re: Any, im: Any) -> None:
        self.m, self.re, self.im = m, re, im

    def __add__(self, other: Pair) -> Pair:
        return Pair(self.m, self.re + other.re, self.im + other.im)

    def __sub__(self, other: Pair) -> Pair:
        return Pair(self.m, self.re - other.re, self.im - other.im)

    def __mul__(self, other: Pair) -> Pair:
        return Pair(
            self.m,
            self.re * other.re - self.im * other.im,
            self.re * other.im + self.im * other.re,
        )

    def __truediv__(self, other: Pair) -> Pair:
        size = other.re**2 + other.im**2
        return self * Pair(self.m, other.re / size, -other.im / size)

    def exp(self) -> Pair:
        size = self.m.exp(self.re)
        return Pair(self.m, size * self.m.cos(self.im), size * self.m.sin(self.im))

    def log(self) -> Pair:
        m = self.m
        return Pair(m, 0.5 * m.log(self.re**2 + self.im**2), m.atan2(self.im, self.re))

    def sqrt(self) -> Pair:
        return (self.log() * Pair(self.m, 0.5, 0.0)).exp()


class Heston:
    """S. L. Heston, Rev. Financ. Stud. 6 (1993), 327-343, by the root that stays on one branch."""

    def __init__(self, m: Any, kappa: Any, theta: Any, sigma: Any, rho: Any, v0: Any) -> None:
        self.m, self.kappa, self.theta = m, kappa, theta
        self.sigma, self.rho, self.v0 = sigma, rho, v0

    def characteristic(self, u: Any, lower: float, years: float) -> Pair:
        """Of the logarithm of the price, at u - lower i."""
        m, s2 = self.m, self.sigma**2
        z = Pair(m, u, -lower)
        iz = Pair(m, lower, u)
        beta = Pair(m, self.kappa, 0.0) - Pair(m, self.rho * self.sigma, 0.0) * iz
        d = (beta * beta + Pair(m, s2, 0.0) * (iz + z * z)).sqrt()
        g = (beta - d) / (beta + d)
        one, decay = Pair(m, 1.0, 0.0), (d * Pair(m, -years, 0.0)).exp()
        inner = ((one - g * decay) / (one - g)).log() * Pair(m, 2.0, 0.0)
        level = ((beta - d) * Pair(m, years, 0.0) - inner) * Pair(
            m, self.kappa * self.theta / s2, 0
        )
        spread = (beta - d) * (one - decay) / (one - g * decay) * Pair(m, self.v0 / s2, 0.0)
        return (level + spread).exp()

    def call(self, log_m: float, years: float) -> Any:
        """Price a call over its forward, by the integral of A. L. Lewis."""
        m = self.m

        def integrand(u: Any) -> Any:
            phi = self.characteristic(u, 0.5, years)
            return (m.cos(u * log_m) * phi.re - m.sin(u * log_m) * phi.im) / (u * u + 0.25)

        return 1.0 - math.exp(-0.5 * log_m) / math.pi * m.integral(integrand, 0.0, 60.0)


def heston(m: Any, p: Sequence[Any]) -> Any:
    model = Heston(m, *p)
    return model.call(0.05, 1.0)


class Svensson:
    """L. E. O. Svensson, NBER Working Paper 4871 (1994)."""

    def __init__(self, m: Any, betas: Sequence[Any], first: Any, second: Any) -> None:
        self.m, self.betas, self.first, self.second = m, betas, first, second

    def __call__(self, years: float) -> Any:
        level, slope, hump, second = self.betas
        a, b = years / self.first, years / self.second
        near = (1.0 - self.m.exp(-a)) / a
        far = (1.0 - self.m.exp(-b)) / b
        return (
            level + slope * near + hump * (near - self.m.exp(-a)) + second * (far - self.m.exp(-b))
        )


def svensson(m: Any, p: Sequence[Any]) -> Any:
    curve = Svensson(m, p[:4], p[4], p[5])
    quoted = {0.5: 0.010, 1.0: 0.013, 2.0: 0.014, 5.0: 0.020, 10.0: 0.030, 30.0: 0.040}
    return sum((curve(years) - rate) ** 2 for years, rate in quoted.items()) * 1e4


def progress_curve(m: Any, p: Sequence[Any]) -> Any:
    """Substrate left by Michaelis and Menten: S. Schnell, C. Mendoza, J. Theor. Biol. 187 (1997)."""
    fastest, half, start = p
    measured = {1.0: 4.1, 3.0: 2.6, 6.0: 1.1, 9.0: 0.35}
    total = 0.0
    for t, left in measured.items():
        model = half * m.lambertw(start / half * m.exp((start - fastest * t) / half))
        total = total + (model - left) ** 2
    return total


def substrate_inhibition(m: Any, p: Sequence[Any]) -> Any:
    fastest, half, inhibition = (m.exp(number) for number in p)
    seen = [(0.1, 0.8), (0.5, 2.4), (2.0, 3.1), (8.0, 2.0)]
    rates = [fastest * s / (half + s * (1.0 + s / inhibition)) for s, _ in seen]
    return sum((rate - v) ** 2 for rate, (_, v) in zip(rates, seen, strict=True))


def kepler(m: Any, p: Sequence[Any]) -> Any:
    """The radial velocity of a star, with Newton's method until nothing moves."""
    period, eccentricity, omega, speed, start = p
    total = 0.0
    for t, v in ((0.3, 12.0), (1.9, -30.0), (4.4, 25.0)):
        mean = 2.0 * m.pi * (t - start) / period
        anomaly, step = mean, 1.0
        while abs(step) > m.close:
            step = (anomaly - eccentricity * m.sin(anomaly) - mean) / (
                1.0 - eccentricity * m.cos(anomaly)
            )
            anomaly = anomaly - step
        half = m.atan2(
            m.sqrt(1.0 + eccentricity) * m.sin(0.5 * anomaly),
            m.sqrt(1.0 - eccentricity) * m.cos(0.5 * anomaly),
        )
        model = speed * (m.cos(2.0 * half + omega) + eccentricity * m.cos(omega))
        total = total + (model - v) ** 2
    return total


def geodesic(m: Any, p: Sequence[Any]) -> Any:
    """The distance of two places on an ellipsoid: T. Vincenty, Survey Review 23 (1975), 88-93."""
    axis, flat = 6378.137, 1.0 / 298.257223563
    polar = axis * (1.0 - flat)
    first, second = (m.atan((1.0 - flat) * m.tan(latitude)) for latitude in (p[0], p[2]))
    sin1, cos1, sin2, cos2 = m.sin(first), m.cos(first), m.sin(second), m.cos(second)
    moved = across = p[3] - p[1]
    for _ in range(m.rounds):
        sin_m, cos_m = m.sin(moved), m.cos(moved)
        sin_s = m.sqrt((cos2 * sin_m) ** 2 + (cos1 * sin2 - sin1 * cos2 * cos_m) ** 2)
        cos_s = sin1 * sin2 + cos1 * cos2 * cos_m
        arc = m.atan2(sin_s, cos_s)
        sin_a = cos1 * cos2 * sin_m / sin_s
        square = 1.0 - sin_a**2
        cos_2m = cos_s - 2.0 * sin1 * sin2 / square
        c = flat / 16.0 * square * (4.0 + flat * (4.0 - 3.0 * square))
        inner = cos_2m + c * cos_s * (2.0 * cos_2m**2 - 1.0)
        before, moved = moved, across + (1.0 - c) * flat * sin_a * (arc + c * sin_s * inner)
        if abs(moved - before) < m.least:
            break
    u = square * (axis**2 - polar**2) / polar**2
    big = 1.0 + u / 16384.0 * (4096.0 + u * (u * (320.0 - 175.0 * u) - 768.0))
    small = u / 1024.0 * (256.0 + u * (u * (74.0 - 47.0 * u) - 128.0))
    rest = cos_s * (2.0 * cos_2m**2 - 1.0) - small / 6.0 * cos_2m * (4.0 * sin_s**2 - 3.0) * (
        4.0 * cos_2m**2 - 3.0
    )
    return polar * big * (arc - small * sin_s * (cos_2m + small / 4.0 * rest))


def ewald(m: Any, p: Sequence[Any]) -> Any:
    """The energy of two ions in a cube: P. P. Ewald, Ann. Phys. 369 (1921), 253-287."""
    side, *place = p
    charges, split = (1.0, -1.0), 5.0
    places = ((0.0, 0.0, 0.0), tuple(place))
    pairs = list(itertools.product(range(2), repeat=2))
    energy = 0.0
    for shift in itertools.product((-1, 0, 1), repeat=3):
        for i, j in pairs:
            if i == j and shift == (0, 0, 0):
                continue
            steps = [(a - b + n) ** 2 for a, b, n in zip(places[i], places[j], shift, strict=True)]
            r = m.sqrt(sum(steps))
            energy = energy + 0.5 * charges[i] * charges[j] * m.erfc(split * r) / (r * side)
    for wave in itertools.product(range(-2, 3), repeat=3):
        k2 = 4.0 * math.pi**2 * sum(n * n for n in wave)
        if k2 == 0.0:
            continue
        phases = [
            2.0 * math.pi * sum(n * x for n, x in zip(wave, one, strict=True)) for one in places
        ]
        re = sum(q * m.cos(phase) for q, phase in zip(charges, phases, strict=True))
        im = sum(q * m.sin(phase) for q, phase in zip(charges, phases, strict=True))
        weight = 2.0 * math.pi * math.exp(-k2 / (4.0 * split**2)) / k2
        energy = energy + weight * (re**2 + im**2) / side
    return energy - sum(q * q for q in charges) * split / math.sqrt(math.pi) / side


FORMULAS: dict[Any, tuple[float, ...]] = {
    sabr: (0.04, 0.5, -0.3, 0.4),
    heston: (1.5, 0.06, 0.4, -0.6, 0.05),
    svensson: (0.028, -0.03, -0.04, -0.015, 1.1, 4.0),
    progress_curve: (0.9, 1.7, 5.0),
    substrate_inhibition: (1.5, 0.1, 1.2),
    kepler: (7.3, 0.35, 0.8, 31.0, 0.2),
    geodesic: (0.85, -0.02, 0.71, 1.29),
    ewald: (5.6, 0.45, 0.52, 0.38),
}
