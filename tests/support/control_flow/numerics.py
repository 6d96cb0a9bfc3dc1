"""Roots, minima, integrals and matrices, as textbooks have them."""

from __future__ import annotations

from tinygrad_nn import cos, exp, grad, log, sin, sqrt, tanh

from .case import case


@case(lambda r: (r.uniform(0.1, 50.0),))
def newton_root(a):
    x = a
    while abs(x * x - a) > 1e-9 * a:
        x = 0.5 * (x + a / x)
    return x


@case(lambda r: (r.uniform(0.0, 9.0),))
def bisected(a):
    low, high = 0.0 * a, 1.0 + a
    for _ in range(6):
        middle = 0.5 * (low + high)
        if middle * middle > a:
            high = middle
        else:
            low = middle
    return 0.5 * (low + high)


@case(lambda r: (r.uniform(0.5, 3.0), r.uniform(1.0, 4.0)))
def secant(a, b):
    def f(x):
        return x * x * x - 2.0 * x - b

    x, y = a, a + 1.0
    turns = 0
    while abs(f(y)) > 1e-9 and turns < 30:
        x, y = y, y - f(y) * (y - x) / (f(y) - f(x))
        turns += 1
    return y


@case(lambda r: (r.uniform(1.0, 6.0), r.uniform(0.5, 2.0)))
def regula_falsi(top, c):
    def f(x):
        return x * x - c

    low, high = 0.0, top
    if f(low) * f(high) > 0:
        return top
    middle = high
    for _ in range(4):
        middle = (low * f(high) - high * f(low)) / (f(high) - f(low))
        if f(middle) * f(low) < 0:
            high = middle
        else:
            low = middle
    return middle


@case(lambda r: (r.uniform(-2.0, 2.0), r.uniform(0.5, 2.0)))
def newton_minimum(x, c):
    slope = grad(lambda u: u**4 - 3.0 * u * u + c * u)
    turns = 0
    while abs(slope(x)) > 1e-8 and turns < 40:
        x = x - 0.02 * slope(x)
        turns += 8
    return x


@case(lambda r: (r.uniform(0.0, 0.9), r.uniform(0.1, 3.0)))
def eccentric_anomaly(e, m):
    big = m if e < 0.8 else 3.14159
    for _ in range(50):
        step = (big - e * sin(big) - m) / (1.0 - e * cos(big))
        big = big - step
        if abs(step) < 1e-10:
            break
    return big


@case(lambda r: (r.uniform(0.2, 4.0), r.uniform(0.2, 2.0)))
def adaptive_simpson(b, w):
    def f(x):
        return sin(w * x) * x

    def simpson(low, high):
        return (high - low) * (f(low) + 4.0 * f(0.5 * (low + high)) + f(high)) / 6.0

    def integral(low, high, depth):
        middle = 0.5 * (low + high)
        whole = simpson(low, high)
        halves = simpson(low, middle) + simpson(middle, high)
        if depth == 0 or abs(halves - whole) < 1e-4:
            return halves
        return integral(low, middle, depth - 1) + integral(middle, high, depth - 1)

    return integral(0.0, b, 3)


@case(lambda r: (r.uniform(0.3, 2.0), r.uniform(0.1, 1.5)))
def adaptive_euler(y, end):
    t, h = 0.0, 0.25
    turns = 0
    while t < end and turns < 40:
        if t + h > end:
            h = end - t
        slope = -2.0 * y
        error = abs(0.5 * h * h * 4.0 * y)
        if error > 0.2:
            h = 0.5 * h
        else:
            y = y + h * slope
            t = t + h
        turns += 1
    return y


@case(lambda r: ([r.uniform(-2, 2) for _ in range(9)],))
def determinant(m):
    rows = [m[0:3], m[3:6], m[6:9]]
    found = 1.0
    for i in range(3):
        pivot = max(range(i, 3), key=lambda k: abs(rows[k][i]))
        if rows[pivot][i] == 0:
            return 0.0
        if pivot != i:
            rows[i], rows[pivot] = rows[pivot], rows[i]
            found = -found
        found = found * rows[i][i]
        for k in range(i + 1, 3):
            share = rows[k][i] / rows[i][i]
            rows[k] = [a - share * b for a, b in zip(rows[k], rows[i], strict=True)]
    return found


@case(lambda r: ([r.uniform(-2, 2) for _ in range(4)], [r.uniform(-2, 2) for _ in range(2)]))
def solved(m, b):
    (p, q, u, v), (e, f) = m, b
    if abs(u) > abs(p):
        p, q, e, u, v, f = u, v, f, p, q, e
    if p == 0:
        raise ValueError("singular")
    share = u / p
    y = (f - share * e) / (v - share * q)
    return (e - q * y) / p + y


@case(lambda r: (r.uniform(0.2, 3.0), r.uniform(0.2, 3.0), r.uniform(-1.0, 4.0)))
def spectral_radius(p, q, c):
    """The greater eigenvalue of [[p, c], [c, q]], by turning until nothing is left."""
    turns = 0
    while abs(c) > 1e-10 and turns < 5:
        theta = 0.5 * (q - p) / c
        t = 1.0 / (abs(theta) + sqrt(theta * theta + 1.0))
        if theta < 0:
            t = -t
        p, q, c = p - t * c, q + t * c, 0.0 * c
        turns += 1
    return max(p, q)


@case(lambda r: (r.uniform(0.1, 5.0), r.uniform(0.1, 5.0)))
def geometric_mean(a, b):
    turns = 0
    while abs(a - b) > 1e-12 and turns < 10:
        a, b = 0.5 * (a + b), sqrt(a * b)
        turns += 1
    return a


@case(lambda r: (r.uniform(-2.0, 2.0), r.uniform(-2.0, 2.0)))
def descent(x, y):
    """Gradient descent whose steps are halved until they help."""

    def cost(x, y):
        return (1.0 - x) ** 2 + 2.0 * (y - x * x) ** 2

    for _ in range(2):
        dx, dy = grad(cost, argnums=(0, 1))(x, y)
        step = 0.25
        while step > 0.01 and cost(x - step * dx, y - step * dy) > cost(x, y):
            step = 0.5 * step
        x, y = x - step * dx, y - step * dy
    return cost(x, y)


@case(lambda r: (r.uniform(-3.0, 3.0), r.uniform(-3.0, 3.0), r.uniform(-3.0, 3.0)))
def quadratic(a, b, c):
    if a == 0:
        return -c / b
    d = b * b - 4.0 * a * c
    if d < 0:
        return 0.0 * a
    root = sqrt(d)
    q = -0.5 * (b + root) if b > 0 else -0.5 * (b - root)
    return q / a if q != 0 else 0.0


@case(lambda r: (r.uniform(0.1, 4.0),))
def fixed_point(a):
    x = 1.0
    for _ in range(200):
        y = exp(-a * x) if a < 1 else 1.0 / (1.0 + tanh(a) * x)
        if abs(y - x) < 1e-7:
            return y
        x = y
    return x


@case(lambda r: (r.uniform(0.1, 3.0), r.uniform(0.0, 5.0)))
def golden_section(c, top):
    def f(x):
        return (x - c) * (x - c) + 0.1 * x

    low, high = 0.0, top + 1.0
    for _ in range(4):
        third = 0.382 * (high - low)
        if f(low + third) < f(high - third):
            high = high - third
        else:
            low = low + third
    return 0.5 * (low + high)


@case(lambda r: (r.uniform(1.5, 30.0),))
def lambert(x):
    w = log(x) if x > 3 else 0.5 * x
    turns = 0
    while turns < 20:
        e = exp(w)
        step = (w * e - x) / (e * (w + 1.0))
        w = w - step
        if abs(step) < 1e-12 * (1.0 + abs(w)):
            return w
        turns += 1
    raise RuntimeError("no convergence")
