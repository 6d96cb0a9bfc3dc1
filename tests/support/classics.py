"""Classic functions to minimise, in ordinary Python, each at its standard starting point.

Numbers and definitions are those of Moré, Garbow and Hillstrom, Testing Unconstrained
Optimization Software, ACM TOMS 7 (1981), whose numbering is given, and of the usual collections
for global optimisation. A function takes where to find its mathematics: `tinygrad_nn` for
derivatives, `mpmath` for the truth about them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

PI = math.pi


class Classic(NamedTuple):
    """A function f(x, m), and where to begin."""

    function: Callable[[Sequence[Any], Any], Any]
    start: list[float]


def squares(residuals):
    return sum(r * r for r in residuals)


# ---- Moré, Garbow, Hillstrom -----------------------------------------------------------------


def rosenbrock(x, m):  # 1 and 21
    return sum(100.0 * (x[i + 1] - x[i] ** 2) ** 2 + (1.0 - x[i]) ** 2 for i in range(len(x) - 1))


def freudenstein_roth(x, m):  # 2
    a, b = x
    return squares([
        -13.0 + a + ((5.0 - b) * b - 2.0) * b,
        -29.0 + a + ((b + 1.0) * b - 14.0) * b,
    ])  # fmt: skip


def powell_badly_scaled(x, m):  # 3
    return squares([1e4 * x[0] * x[1] - 1.0, m.exp(-x[0]) + m.exp(-x[1]) - 1.0001])


def brown_badly_scaled(x, m):  # 4
    return squares([x[0] - 1e6, x[1] - 2e-6, x[0] * x[1] - 2.0])


def beale(x, m):  # 5
    return squares(y - x[0] * (1.0 - x[1] ** (i + 1)) for i, y in enumerate([1.5, 2.25, 2.625]))


def jennrich_sampson(x, m):  # 6
    return squares(2.0 + 2.0 * i - (m.exp(i * x[0]) + m.exp(i * x[1])) for i in range(1, 11))


def helical_valley(x, m):  # 7
    a, b, c = x
    angle = m.atan(b / a) / (2.0 * PI)
    if a < 0:
        angle = angle + 0.5
    return squares([10.0 * (c - 10.0 * angle), 10.0 * (m.sqrt(a * a + b * b) - 1.0), c])


BARD = [0.14, 0.18, 0.22, 0.25, 0.29, 0.32, 0.35, 0.39, 0.37, 0.58, 0.73, 0.96, 1.34, 2.10, 4.39]


def bard(x, m):  # 8
    return squares(
        y - (x[0] + u / ((16.0 - u) * x[1] + min(u, 16.0 - u) * x[2]))
        for u, y in enumerate(BARD, start=1)
    )


GAUSSIAN = [0.0009, 0.0044, 0.0175, 0.0540, 0.1295, 0.2420, 0.3521, 0.3989]
GAUSSIAN += GAUSSIAN[-2::-1]


def gaussian(x, m):  # 9
    return squares(
        x[0] * m.exp(-x[1] * ((8.0 - i) / 2.0 - x[2]) ** 2 / 2.0) - y
        for i, y in enumerate(GAUSSIAN, start=1)
    )


MEYER = [34780.0, 28610.0, 23650.0, 19630.0, 16370.0, 13720.0, 11540.0, 9744.0]
MEYER += [8261.0, 7030.0, 6005.0, 5147.0, 4427.0, 3820.0, 3307.0, 2872.0]


def meyer(x, m):  # 10
    return squares(
        x[0] * m.exp(x[1] / (45.0 + 5.0 * i + x[2])) - y for i, y in enumerate(MEYER, start=1)
    )


def box(x, m):  # 12
    return squares(
        m.exp(-t * x[0]) - m.exp(-t * x[1]) - x[2] * (m.exp(-t) - m.exp(-10.0 * t))
        for t in (0.1 * i for i in range(1, 11))
    )


def powell_singular(x, m):  # 13
    a, b, c, d = x
    return (a + 10.0 * b) ** 2 + 5.0 * (c - d) ** 2 + (b - 2.0 * c) ** 4 + 10.0 * (a - d) ** 4


def wood(x, m):  # 14
    a, b, c, d = x
    return (
        100.0 * (b - a**2) ** 2 + (1.0 - a) ** 2
        + 90.0 * (d - c**2) ** 2 + (1.0 - c) ** 2
        + 10.0 * (b + d - 2.0) ** 2 + 0.1 * (b - d) ** 2
    )  # fmt: skip


KOWALIK = [
    (4.0, 0.1957), (2.0, 0.1947), (1.0, 0.1735), (0.5, 0.1600), (0.25, 0.0844), (0.167, 0.0627),
    (0.125, 0.0456), (0.1, 0.0342), (0.0833, 0.0323), (0.0714, 0.0235), (0.0625, 0.0246),
]  # fmt: skip


def kowalik_osborne(x, m):  # 15
    a, b, c, d = x
    return squares(y - a * (u * u + u * b) / (u * u + u * c + d) for u, y in KOWALIK)


def brown_dennis(x, m):  # 16
    return squares(
        (x[0] + t * x[1] - m.exp(t)) ** 2 + (x[2] + x[3] * m.sin(t) - m.cos(t)) ** 2
        for t in (i / 5.0 for i in range(1, 21))
    )


OSBORNE = [0.844, 0.908, 0.932, 0.936, 0.925, 0.908, 0.881, 0.850, 0.818, 0.784, 0.751]
OSBORNE += [0.718, 0.685, 0.658, 0.628, 0.603, 0.580, 0.558, 0.538, 0.522, 0.506, 0.490]
OSBORNE += [0.478, 0.467, 0.457, 0.448, 0.438, 0.431, 0.424, 0.420, 0.414, 0.411, 0.406]


def osborne(x, m):  # 17
    a, b, c, d, e = x
    return squares(
        y - (a + b * m.exp(-10.0 * i * d) + c * m.exp(-10.0 * i * e)) for i, y in enumerate(OSBORNE)
    )


def penalty(x, m):  # 23
    return 1e-5 * squares(xi - 1.0 for xi in x) + (squares(x) - 0.25) ** 2


def variably_dimensioned(x, m):  # 25
    weighted = sum(i * (xi - 1.0) for i, xi in enumerate(x, start=1))
    return squares(xi - 1.0 for xi in x) + weighted**2 + weighted**4


def trigonometric(x, m):  # 26
    n = len(x)
    cosines = sum(m.cos(xi) for xi in x)
    return squares(
        n - cosines + i * (1.0 - m.cos(xi)) - m.sin(xi) for i, xi in enumerate(x, start=1)
    )


def broyden_tridiagonal(x, m):  # 30
    padded = [0.0, *x, 0.0]
    return squares(
        (3.0 - 2.0 * b) * b - a - 2.0 * c + 1.0
        for a, b, c in zip(padded, padded[1:], padded[2:], strict=False)
    )


# ---- global optimisation ---------------------------------------------------------------------


def booth(x, m):
    return (x[0] + 2.0 * x[1] - 7.0) ** 2 + (2.0 * x[0] + x[1] - 5.0) ** 2


def matyas(x, m):
    return 0.26 * (x[0] ** 2 + x[1] ** 2) - 0.48 * x[0] * x[1]


def himmelblau(x, m):
    return (x[0] ** 2 + x[1] - 11.0) ** 2 + (x[0] + x[1] ** 2 - 7.0) ** 2


def ackley(x, m):
    n = len(x)
    return (
        -20.0 * m.exp(-0.2 * m.sqrt(squares(x) / n))
        - m.exp(sum(m.cos(2.0 * PI * xi) for xi in x) / n)
        + math.e + 20.0
    )  # fmt: skip


def rastrigin(x, m):
    return 10.0 * len(x) + sum(xi**2 - 10.0 * m.cos(2.0 * PI * xi) for xi in x)


def goldstein_price(x, m):
    a, b = x
    first = 19.0 - 14.0 * a + 3.0 * a**2 - 14.0 * b + 6.0 * a * b + 3.0 * b**2
    second = 18.0 - 32.0 * a + 12.0 * a**2 + 48.0 * b - 36.0 * a * b + 27.0 * b**2
    return (1.0 + (a + b + 1.0) ** 2 * first) * (30.0 + (2.0 * a - 3.0 * b) ** 2 * second)


def three_hump_camel(x, m):
    a, b = x
    return 2.0 * a**2 - 1.05 * a**4 + a**6 / 6.0 + a * b + b**2


def easom(x, m):
    return -m.cos(x[0]) * m.cos(x[1]) * m.exp(-((x[0] - PI) ** 2) - (x[1] - PI) ** 2)


CLASSICS = {
    classic.function.__name__: classic
    for classic in [
        Classic(rosenbrock, [-1.2, 1.0]),
        Classic(freudenstein_roth, [0.5, -2.0]),
        Classic(powell_badly_scaled, [0.0, 1.0]),
        Classic(brown_badly_scaled, [1.0, 1.0]),
        Classic(beale, [1.0, 1.0]),
        Classic(jennrich_sampson, [0.3, 0.4]),
        Classic(helical_valley, [-1.0, 0.0, 0.0]),
        Classic(bard, [1.0, 1.0, 1.0]),
        Classic(gaussian, [0.4, 1.0, 0.0]),
        Classic(meyer, [0.02, 4000.0, 250.0]),
        Classic(box, [0.0, 10.0, 20.0]),
        Classic(powell_singular, [3.0, -1.0, 0.0, 1.0]),
        Classic(wood, [-3.0, -1.0, -3.0, -1.0]),
        Classic(kowalik_osborne, [0.25, 0.39, 0.415, 0.39]),
        Classic(brown_dennis, [25.0, 5.0, -5.0, -1.0]),
        Classic(osborne, [0.5, 1.5, -1.0, 0.01, 0.02]),
        Classic(penalty, [1.0, 2.0, 3.0, 4.0]),
        Classic(variably_dimensioned, [0.75, 0.5, 0.25, 0.0]),
        Classic(trigonometric, [0.25, 0.25, 0.25, 0.25]),
        Classic(broyden_tridiagonal, [-1.0, -1.0, -1.0, -1.0, -1.0]),
        Classic(booth, [-2.0, 5.0]),
        Classic(matyas, [3.0, -7.0]),
        Classic(himmelblau, [-1.0, 2.0]),
        Classic(ackley, [0.3, -1.2, 0.7]),
        Classic(rastrigin, [0.3, -1.2, 2.6]),
        Classic(goldstein_price, [-0.5, 0.25]),
        Classic(three_hump_camel, [2.0, -1.0]),
        Classic(easom, [2.5, 3.5]),
    ]
}
