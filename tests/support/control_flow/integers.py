"""Algorithms on integers, of the kinds that ask what type they are given, or look at bits and digits."""

from __future__ import annotations

import math

from .case import case


def _checked(n):
    if not isinstance(n, int):
        raise TypeError(f"{n!r} is no integer")
    if n < 0:
        raise ValueError(f"{n} is negative")
    return n


@case(lambda r: (r.choice([12, 18, 27]), r.choice([8, 6, 9])))
def common_divisor(a, b):
    _checked(a), _checked(b)
    while b:
        a, b = b, a % b
    return a


@case(lambda r: (r.choice([10, 20, 30, 31]),))
def primes_below(n):
    is_prime = [True] * (_checked(n) + 1)
    count = 0
    for p in range(2, n + 1):
        if is_prime[p]:
            count += 1
            for multiple in range(p * p, n + 1, p):
                is_prime[multiple] = False
    return count


@case(lambda r: (r.choice([79927398713, 79927398710, 4539578763621486, 1234567]),))
def luhn(number):
    digits = [int(digit) for digit in str(number)]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return float((sum(digits[-1::-2]) + sum(doubled)) % 10 == 0)


@case(lambda r: (r.randint(1, 8),))
def hailstone(n):
    _checked(n)
    steps = 0
    while n != 1:
        n = 3 * n + 1 if n & 1 else n >> 1
        steps += 1
    return steps


@case(lambda r: (r.choice([1600, 1999, 2000, 2024]), r.randint(1, 3), 1))
def day_of_the_week(year, month, day):
    offsets = {1: 0, 2: 3, 3: 2, 4: 5, 5: 0, 6: 3, 7: 5, 8: 1, 9: 4, 10: 6, 11: 2, 12: 4}
    year -= month < 3
    return (year + year // 4 - year // 100 + year // 400 + offsets[month] + day) % 7


@case(lambda r: (r.choice([0, 1, 5, 255, 1023]), r.uniform(0.5, 2.0)))
def weighted_by_bits(n, x):
    return x * bin(n).count("1") + x**2 * n.bit_length()


@case(lambda r: (r.randint(2, 5), r.randint(0, 3), 7))
def modular_power(base, exponent, modulus):
    result = 1
    while exponent:
        if exponent & 1:
            result = result * base % modulus
        base, exponent = base * base % modulus, exponent >> 1
    return result


@case(lambda r: (r.randint(0, 9), r.uniform(0.1, 0.9)))
def binomial_tail(k, p):
    return sum(math.comb(9, i) * p**i * (1.0 - p) ** (9 - i) for i in range(_checked(k), 10))


@case(lambda r: (r.choice([4, 9, 14, 1994]),))
def roman_length(n):
    text = ""
    for value, letters in ((1000, "M"), (900, "CM"), (100, "C"), (90, "XC"), (10, "X"), (9, "IX"),
                           (5, "V"), (4, "IV"), (1, "I")):  # fmt: skip
        count, n = divmod(n, value)
        text += letters * count
    return len(text)


@case(lambda r: ([r.randint(0, 1) for _ in range(3)], r.uniform(0.5, 2.0)))
def selected(flags, x):
    mask = 0
    for place, flag in enumerate(flags):
        mask |= flag << place
    return x * mask if mask ^ 7 else -x


@case(lambda r: (r.choice([28, 6, 12, 97]),))
def abundance(n):
    return sum(d for d in range(1, _checked(n)) if not n % d) - n


@case(lambda r: (r.choice([0, 3, 12, 60]), r.uniform(0.5, 2.0)))
def coefficient(n, x):
    known = {0: 1.0, 3: 0.75, 12: 0.3}
    return known.get(n, 0.1) * x
