"""Dates, digits and divisors: floats that are whole numbers."""

from __future__ import annotations

from tinygrad_nn import floor

from .case import case


@case(lambda r: (r.randint(1600, 2400), r.randint(1, 12), float(r.randint(1, 28))))
def julian_day(year, month, day):
    if month <= 2:
        year, month = year - 1, month + 12
    century = year // 100
    return (
        floor(365.25 * (year + 4716))
        + floor(30.6001 * (month + 1))
        + day
        + 2
        - century
        + century // 4
    )


@case(lambda r: (r.randint(1890, 2110), r.uniform(0.5, 2.0)))
def leap(year, x):
    return x * 366 if year % 4 == 0 and (year % 100 != 0 or year % 400 == 0) else x * 365


@case(lambda r: (float(r.randint(1, 60)), float(r.randint(1, 60))))
def greatest_divisor(a, b):
    while b != 0:
        a, b = b, a % b
    return a


@case(lambda r: (float(r.randint(0, 99_999)),))
def digit_sum(n):
    total = 0.0
    while n > 0:
        total = total + n % 10
        n = floor(n / 10.0)
    return total


@case(lambda r: (float(r.randint(1, 30)),))
def collatz(n):
    steps = 0.0
    while n > 1 and steps < 120:
        n = n / 2.0 if n % 2 == 0 else 3.0 * n + 1.0
        steps = steps + 1.0
    return steps + n


@case(lambda r: (float(r.randint(0, 80)),))
def is_triangular(n):
    k, total = 0, 0
    while total < n:
        k += 1
        total += k
    return n * 2.0 if total == n else n - total


@case(lambda r: (r.randint(0, 12), r.uniform(0.5, 1.5)))
def fibonacci(n, start):
    a, b = 0.0, start
    for _ in range(n):
        a, b = b, a + b
    return a


@case(lambda r: (r.uniform(0.0, 90_000.0),))
def clock(seconds):
    hours, rest = divmod(seconds, 3600.0)
    minutes, rest = divmod(rest, 60.0)
    return hours * 100 + minutes + rest * 0.01 if hours < 24 else rest


@case(lambda r: (r.uniform(-3.0, 3.0), r.randint(0, 20)))
def power(x, n):
    found = 1.0
    while n > 0:
        if n % 2 == 1:
            found = found * x
        x = x * x
        n = n // 2
    return found
