"""Interpolation, tables and functions in pieces."""

from __future__ import annotations

from tinygrad_nn import cos, exp, floor, log, sin, sqrt

from .case import case

KNOTS = [0.0, 0.5, 1.2, 2.0, 3.1, 4.0]
HEIGHTS = [1.0, 0.3, -0.5, 2.0, 1.5, 0.0]


@case(lambda r: (r.uniform(-1.0, 5.0),))
def interpolated(x):
    if x <= KNOTS[0]:
        return HEIGHTS[0]
    if x >= KNOTS[-1]:
        return HEIGHTS[-1]
    i = 0
    while x > KNOTS[i + 1]:
        i += 1
    share = (x - KNOTS[i]) / (KNOTS[i + 1] - KNOTS[i])
    return HEIGHTS[i] + share * (HEIGHTS[i + 1] - HEIGHTS[i])


@case(lambda r: (r.uniform(0.0, 4.0),))
def by_bisection(x):
    low, high = 0, len(KNOTS) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if x >= KNOTS[middle]:
            low = middle
        else:
            high = middle
    return HEIGHTS[low] + (x - KNOTS[low]) ** 2


@case(lambda r: (r.uniform(0.0, 0.999),))
def cubic_pieces(x):
    i = int(8 * x)
    d = x - i / 8
    return 1.0 + i * d + d * d * (i - 3.0) - d**3


@case(lambda r: ([r.uniform(-1, 1) for _ in range(6)], r.uniform(0.0, 4.99)))
def table(heights, x):
    i = int(x)
    return heights[i] * (1.0 + i - x) + heights[i + 1] * (x - i)


@case(lambda r: ([r.uniform(-1, 1) for _ in range(9)], r.uniform(0.0, 1.99), r.uniform(0.0, 1.99)))
def bilinear(grid, x, y):
    i, j = int(x), int(y)
    u, v = x - i, y - j

    def at(a, b):
        return grid[3 * a + b]

    low = at(i, j) * (1.0 - v) + at(i, j + 1) * v
    return low * (1.0 - u) + (at(i + 1, j) * (1.0 - v) + at(i + 1, j + 1) * v) * u


@case(lambda r: (r.uniform(-2.5, 2.5),))
def smooth_step(x):
    if x <= 0:
        return 0.0
    if x >= 1:
        return 1.0
    return x * x * (3.0 - 2.0 * x)


@case(lambda r: (r.uniform(-3.0, 3.0), r.uniform(0.5, 2.0)))
def huber(x, width):
    return 0.5 * x * x if abs(x) <= width else width * (abs(x) - 0.5 * width)


@case(lambda r: (r.uniform(0.0, 400.0), r.uniform(0.0, 1.0), r.uniform(0.0, 1.0)))
def hue_to_red(h, s, v):
    sector = int(floor(h / 60.0)) % 6
    f = h / 60.0 - floor(h / 60.0)
    p, q, t = v * (1.0 - s), v * (1.0 - f * s), v * (1.0 - (1.0 - f) * s)
    return [v, q, p, p, t, v][sector]


@case(lambda r: (r.uniform(0.0, 1.0),))
def srgb(c):
    return 12.92 * c if c <= 0.0031308 else 1.055 * c ** (1.0 / 2.4) - 0.055


@case(lambda r: (r.uniform(-2.0, 3.0),))
def basis_spline(x):
    def b(i, k, x):
        if k == 0:
            return 1.0 if i <= x < i + 1 else 0.0
        return (x - i) / k * b(i, k - 1, x) + (i + k + 1 - x) / k * b(i + 1, k - 1, x)

    return b(-1, 2, x) + 2.0 * b(0, 2, x)


@case(lambda r: (r.uniform(-4.0, 4.0), r.uniform(-4.0, 4.0)))
def quadrant(x, y):
    if x > 0 and y > 0:
        return x * y
    if x < 0 < y:
        return sin(x) + y
    if x < 0 and not y > 0:
        return cos(x * y)
    return x - y if x > 0 or y == 0 else 0.0


@case(lambda r: (r.uniform(-5.0, 5.0),))
def triangle_wave(x):
    x = x % 4.0
    return x if x < 1 else 2.0 - x if x < 3 else x - 4.0


@case(lambda r: (r.uniform(-1.0, 2.0), r.uniform(0.1, 3.0)))
def guarded_log(x, a):
    try:
        return log(x) * a
    except ValueError:
        return -a * x


@case(lambda r: (r.choice([0.0, 1.0, r.uniform(-2, 2)]), r.uniform(0.1, 3.0)))
def guarded_quotient(x, a):
    try:
        return a / x
    except ZeroDivisionError:
        return 100.0 * a


@case(lambda r: (r.uniform(-3.0, 3.0), r.uniform(-3.0, 3.0), r.uniform(-3.0, 3.0)))
def clamped(x, low, high):
    if low > high:
        low, high = high, low
    return max(low, min(high, x)) * exp(-abs(x)) + (sqrt(x) if x > 0 else 0.0)
