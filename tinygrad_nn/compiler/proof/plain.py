"""Plain numbers in the fields: what was rounded is taken for what it was meant to be.

A compiler computes with constants beforehand, and rounds: 1 - 2 * 0.1 is 0.8 to it, and 4 pi ** 2 is
no square of 2 pi any more. So a number that is next to a simple fraction, or to a decimal fraction
of few digits, is taken for it; any other one is itself, and what is next to a product of such
others is taken for the product.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from fractions import Fraction
from itertools import combinations_with_replacement
from typing import Final

from .field import P, Pair, Q

__all__ = ["MOST_WHOLE", "Plain", "plain"]

_NEAR: Final = 2.0**-50  # how far rounding takes a number, relatively
_NOT_FAR: Final = 2.0**-44  # and how far where numbers cancelled each other
_DENOMINATOR: Final = 30_000  # the greatest of a simple fraction
MOST_WHOLE: Final = 1 << 40  # the greatest whole number, and numerator, that is itself
_FACTOR: Final = 1_000  # the greatest of both in what scales a product
_DIGITS: Final = 9  # of a decimal fraction
_MOST_OTHERS: Final = 16  # with more, products are not looked for


class Plain:
    """The numbers of one proof: what is met while it learns is what later ones are made of."""

    def __init__(self) -> None:
        self.begin()

    def begin(self) -> None:
        """Forget everything, and learn."""
        self._known: dict[float, Pair] = {}
        self._parts: dict[float, Pair] = {}  # of what is no simple fraction, between 1/2 and 1
        self._others: list[float] = []  # of these, what is no product of others
        self._fractions: list[Fraction] = []  # that were met, but 0 and 1
        self.strange: list[float] = []  # what was met later and is nothing that was known
        self.learns = True

    @property
    def rounded(self) -> float | None:
        """A number that may have been rounded, of which sums and products are not known."""
        return self._others[0] if self._others else None

    def pair(self, number: float) -> Pair:
        """Give a number in both fields."""
        found = self._known.get(number)
        if found is None:
            found = self._known[number] = self._made(number)
        return found

    def _made(self, number: float) -> Pair:
        if not math.isfinite(number):
            if number != number:
                self.strange.append(number)
            return _not_finite(number)
        fraction = _fraction(number, _NEAR) or _reciprocal(number) or _decimal(number, _NOT_FAR)
        if fraction is not None:
            if self.learns and abs(fraction) not in (0, 1, *self._fractions):
                self._fractions.append(abs(fraction))
            return _pair(fraction)
        # The sign, and powers of two, are exact.
        mantissa, exponent = math.frexp(abs(number))
        v, w = self._parts.get(mantissa) or self._other(mantissa, exponent)
        sign = -1 if number < 0.0 else 1
        return v * sign * pow(2, exponent, P) % P, w * sign * pow(2, exponent, Q) % Q

    def _other(self, number: float, exponent: int) -> Pair:
        found = self._product(number, _small)
        if found is None and self.learns:
            self._others.append(number)
            found = _pair(Fraction(number))
        elif found is None:
            # It would be nothing known: more is tried.
            whole = math.ldexp(number, exponent)
            fraction = _quotient(whole) or self._of_fractions(whole)
            if fraction is not None:
                found = _pair(fraction / Fraction(2) ** exponent)
            else:
                found = self._product(number, _any)
        if found is None:
            self.strange.append(math.ldexp(number, exponent))
            found = _pair(Fraction(number))
        self._parts[number] = found
        return found

    def _of_fractions(self, number: float) -> Fraction | None:
        """Find a number as a few times a product of fractions that were met, or of one over them."""
        if len(self._fractions) > _MOST_OTHERS:
            return None
        powers = [power for one in self._fractions for power in (one, 1 / one)]
        for count in (2, 3):
            for factors in combinations_with_replacement(powers, count):
                product = math.prod(map(float, factors))
                times = round(number / product) if number < 10.0 * product else 0
                if times and _is_near(times * product, number, _NEAR):
                    return math.prod(factors, start=Fraction(times))
        return None

    def _product(
        self, number: float, fraction_of: Callable[[float], Fraction | None]
    ) -> Pair | None:
        """Find a number as a product of others, or of one over them, and a fraction."""
        if len(self._others) > _MOST_OTHERS:
            return None
        powers = [(one, power) for one in self._others for power in (1, -1)]
        ways = [[one] for one in powers]
        for way in [*ways, *map(list, combinations_with_replacement(powers, 2))]:
            fraction = fraction_of(number / math.prod([one**power for one, power in way]))
            if fraction is not None:
                return _times(fraction, way)
        return None


def _small(number: float) -> Fraction | None:
    """Find the fraction of small parts that a number is next to."""
    return _simple(number, _FACTOR, _FACTOR, _NEAR)


def _any(number: float) -> Fraction | None:
    """Find the fraction that a number is next to."""
    return _fraction(number, _NEAR)


def _fraction(number: float, near: float) -> Fraction | None:
    """Find the fraction, simple or a decimal one of few digits, that a number is next to."""
    return _simple(number, MOST_WHOLE, _DENOMINATOR, near) or _decimal(number, near)


def _quotient(number: float) -> Fraction | None:
    """Find the fraction that a number is not far from: one as above, or a decimal over a digit."""
    fraction = _simple(number, MOST_WHOLE, _DENOMINATOR, _NOT_FAR)
    for divisor in range(1, 10):
        if fraction is None:
            decimal = _decimal(number * divisor, _NOT_FAR)
            fraction = None if decimal is None else decimal / divisor
    return fraction


def _reciprocal(number: float) -> Fraction | None:
    """Find the simple fraction that a number is next to one over."""
    fraction = _simple(1.0 / number, MOST_WHOLE, _FACTOR, _NEAR) if number else None
    return 1 / fraction if fraction else None


def _simple(number: float, most: float, denominator: float, near: float) -> Fraction | None:
    """Find the simple fraction that a number is next to: its continued fraction begins with it."""
    if number == 0.0 or not abs(number) <= most:
        return None if number else Fraction(0)
    rest = abs(number)
    n, d = 1.0, 0.0
    earlier_n, earlier_d = 0.0, 1.0
    while True:
        whole = math.floor(rest)
        n, earlier_n = whole * n + earlier_n, n
        d, earlier_d = whole * d + earlier_d, d
        if d > denominator or n > most:
            return None
        if _is_near(n / d, abs(number), near):
            return Fraction(int(math.copysign(n, number)), int(d))
        rest = rest - whole
        if rest * most < 1.0:
            return None
        rest = 1.0 / rest


def _decimal(number: float, near: float) -> Fraction | None:
    """Find the decimal fraction of few digits that a number is next to."""
    text = f"{number:.{_DIGITS}g}"
    return Fraction(text) if _is_near(float(text), number, near) else None


def _is_near(one: float, number: float, near: float) -> bool:
    return abs(one - number) <= near * abs(number)


def _pair(fraction: Fraction) -> Pair:
    n, d = fraction.numerator, fraction.denominator
    return n * pow(d, -1, P) % P, n * pow(d, -1, Q) % Q


def _times(fraction: Fraction, powers: list[tuple[float, int]]) -> Pair:
    v, w = _pair(fraction)
    for one, power in powers:
        a, b = _pair(Fraction(one))
        v, w = v * pow(a, power, P) % P, w * pow(b, power, Q) % Q
    return v, w


def _not_finite(number: float) -> Pair:
    """Give a random number for infinity, and one for NaN."""
    rng = random.Random("NaN" if number != number else "infinity")
    v, w = rng.randrange(P), rng.randrange(Q)
    return (-v % P, -w % Q) if number < 0.0 else (v, w)


plain: Final = Plain()
