"""Special functions, by series and fractions that end when nothing changes any more."""

from __future__ import annotations

import math

from tinygrad_nn import exp, log, sin, sqrt

from .case import case


@case(lambda r: (r.uniform(-3.0, 3.0),))
def exponential(x):
    total, term, n = 1.0, 1.0, 1
    while abs(term) > 1e-12:
        term = term * x / n
        total = total + term
        n += 1
    return total


@case(lambda r: (r.uniform(-6.0, 6.0),))
def sine(x):
    while x > math.pi:
        x = x - 2.0 * math.pi
    while x < -math.pi:
        x = x + 2.0 * math.pi
    total, term, n = 0.0 * x, x, 1
    while abs(term) > 1e-10:
        total = total + term
        term = -term * x * x / ((n + 1) * (n + 2))
        n += 2
    return total


@case(lambda r: (r.uniform(0.1, 4.0), r.uniform(0.1, 8.0)))
def incomplete_gamma(a, x):
    if x < a + 1.0:
        term = total = 1.0 / a
        n = a
        while abs(term) > abs(total) * 1e-10:
            n = n + 1.0
            term = term * x / n
            total = total + term
        return total * exp(a * log(x) - x)
    b = x + 1.0 - a
    c = 1e30
    d = h = 1.0 / b
    for i in range(1, 60):
        share = -i * (i - a)
        b = b + 2.0
        d = share * d + b
        c = b + share / c
        d = 1.0 / d
        h = h * d * c
        if abs(d * c - 1.0) < 1e-10:
            break
    return h * exp(a * log(x) - x)


@case(lambda r: (r.uniform(0.3, 12.0),))
def log_gamma(x):
    shift = 0.0
    while x < 7.0:
        shift = shift - log(x)
        x = x + 1.0
    return shift + (x - 0.5) * log(x) - x + 0.5 * math.log(2.0 * math.pi) + 1.0 / (12.0 * x)


@case(lambda r: (r.uniform(0.3, 9.0),))
def digamma(x):
    found = 0.0
    while x < 6.0:
        found -= 1.0 / x
        x += 1.0
    return found + log(x) - 0.5 / x - 1.0 / (12.0 * x * x)


@case(lambda r: (r.uniform(0.0, 6.0), r.randint(0, 2)))
def bessel(x, n):
    term = 1.0
    for k in range(1, n + 1):
        term = term * x / (2.0 * k)
    total, k = term, 1
    while abs(term) > 1e-12 and k < 40:
        term = -term * x * x / (4.0 * k * (k + n))
        total = total + term
        k += 1
    return total


@case(lambda r: (r.uniform(-3.0, 3.0),))
def normal_cdf(x):
    t = 1.0 / (1.0 + 0.2316419 * abs(x))
    p = t * (
        0.31938153 + t * (-0.356563782 + t * (1.781477937 + t * (-1.821255978 + t * 1.330274429)))
    )
    tail = p * exp(-0.5 * x * x) / math.sqrt(2.0 * math.pi)
    return 1.0 - tail if x >= 0 else tail


@case(lambda r: (r.uniform(0.001, 0.999),))
def normal_quantile(p):
    if p < 0.02425:
        q = sqrt(-2.0 * log(p))
        return -(2.515517 + q * (0.802853 + q * 0.010328)) / (1.0 + q * (1.432788 + q * 0.189269))
    if p <= 1.0 - 0.02425:
        q = p - 0.5
        s = q * q
        return q * (2.50662823884 - 18.61500062529 * s) / (1.0 - 8.47351093090 * s + 23.0 * s * s)
    q = sqrt(-2.0 * log(1.0 - p))
    return q - (2.515517 + q * 0.802853) / (1.0 + q * 1.432788)


@case(lambda r: (r.randint(0, 6), r.uniform(-1.0, 1.0)))
def legendre(n, x):
    if n == 0:
        return 1.0
    before, now = 1.0, x
    for k in range(2, n + 1):
        before, now = now, ((2 * k - 1) * x * now - (k - 1) * before) / k
    return now


@case(lambda r: (r.randint(0, 5), r.uniform(-2.0, 2.0)))
def hermite(n, x):
    return (
        1.0
        if n == 0
        else 2.0 * x
        if n == 1
        else 2.0 * x * hermite(n - 1, x) - 2.0 * (n - 1) * hermite(n - 2, x)
    )


@case(lambda r: ([r.uniform(-2, 2) for _ in range(5)], r.uniform(-2.0, 2.0)))
def horner(coefficients, x):
    total = 0.0
    for c in reversed(coefficients):
        total = total * x + c
    return total if abs(x) <= 1 else total / (x * x)


@case(lambda r: (r.uniform(1.1, 4.0),))
def zeta(s):
    total, n = 0.0, 1
    while n < 12:
        term = exp(-s * math.log(n))
        total = total + term
        if term < 1e-2:
            break
        n += 1
    return total


@case(lambda r: (r.uniform(0.05, 0.95),))
def continued_fraction(x):
    parts = []
    for _ in range(3):
        n = int(1.0 / x)
        parts.append(n)
        x = 1.0 / x - n
        if x < 1e-6:
            break
    return sum(parts) * 0.01 + x


@case(lambda r: (r.uniform(-0.9, 0.9), r.uniform(0.5, 2.0)))
def hypergeometric(z, a):
    term = total = 1.0
    n = 0
    while n < 80 and abs(term) > 1e-7:
        term = term * (a + n) * z / (n + 1.5)
        total = total + term
        n += 1
    return total


@case(lambda r: (r.uniform(0.1, 30.0),))
def sinc(x):
    return 1.0 - x * x / 6.0 if abs(x) < 0.2 else sin(x) / x


@case(lambda r: (r.uniform(0.2, 0.98),))
def elliptic(k):
    a, b = 1.0, sqrt(1.0 - k * k)
    while abs(a - b) > 1e-13:
        a, b = 0.5 * (a + b), sqrt(a * b)
    return 0.5 * math.pi / a
