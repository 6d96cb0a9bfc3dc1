"""Integers and numbers as rules in the lengths: exact, and met at points that were held out."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import product
from typing import TypeAlias

from ...cached import cached_property
from ...errors import SizeError

__all__ = ["Exponents", "Fitter", "NumberRule", "Polynomial", "exponents", "without_squares"]

Point: TypeAlias = tuple[int, ...]
Exponents: TypeAlias = tuple[int, ...]

LARGEST = 1_000_000  # denominator that a number may have by chance


def exponents(count: int, degree: int) -> list[Exponents]:
    """List the monomials of so many variables up to a degree, as their exponents."""
    found = product(range(degree + 1), repeat=count)
    return sorted([e for e in found if sum(e) <= degree], key=lambda e: (sum(e), e))


def without_squares(count: int) -> list[Exponents]:
    """List the monomials up to degree 3 in which no variable is squared."""
    return [powers for powers in exponents(count, min(count, 3)) if max(powers, default=0) < 2]


def _monomial(powers: Exponents, at: Point) -> int:
    return math.prod(x**power for x, power in zip(at, powers, strict=True) if power)


@dataclass(frozen=True, slots=True)
class Polynomial:
    """The sum of coefficients times monomials, over a whole number."""

    terms: tuple[tuple[int, Exponents], ...]
    over: int = 1

    def exactly(self, at: Point) -> Fraction:
        """Give the number at a point."""
        return Fraction(sum(c * _monomial(powers, at) for c, powers in self.terms), self.over)

    def at(self, at: Point) -> int:
        """Give the integer at a point."""
        found = self.exactly(at)
        if found.denominator != 1:
            raise SizeError(f"a place would be the fraction {found}")
        return found.numerator

    def text(self, names: Sequence[str]) -> str:
        """Write it, with a name for each of the variables."""
        found = ""
        for factor, powers in sorted(self.terms, key=lambda term: [-n for n in term[1]]):
            letters = [
                name if power == 1 else f"{name}**{power}"
                for name, power in zip(names, powers, strict=True)
                if power
            ]
            size = [str(abs(factor))] if abs(factor) != 1 or not letters else []
            sign = "-" if factor < 0 else "+"
            found += f" {sign} {'*'.join([*size, *letters])}"
        found = found.removeprefix(" + ").replace(" - ", "-", 1) if found[1] == "-" else found[3:]
        if self.over == 1:
            return found
        return f"({found})/{self.over}" if len(self.terms) > 1 else f"{found}/{self.over}"

    def primitive(self) -> tuple[Fraction, Polynomial]:
        """Give the greatest factor of all terms, and what is left."""
        shared = math.gcd(*[c for c, _ in self.terms])
        terms = tuple([(c // shared, powers) for c, powers in self.terms])
        return Fraction(shared, self.over), Polynomial(terms)


class Fitter:
    """Finds rules from values at points, of which the first ones are enough for some monomials."""

    def __init__(self, points: Sequence[Point], monomials: Sequence[Exponents]) -> None:
        self.points = tuple(points)
        self._monomials = monomials
        self._known: dict[tuple[Fraction | int, ...], Polynomial | None] = {}

    @cached_property
    def _plain(self) -> _Basis:
        """The sums of the monomials."""
        return _Basis(self.points, self._monomials)

    @cached_property
    def _cubic(self) -> list[_Basis]:
        """Those with one monomial of degree 3 beside."""
        count = len(self.points[0])
        cubic = sorted([e for e in exponents(count, 3) if sum(e) == 3], key=max)
        return [_Basis(self.points, [*self._monomials, e]) for e in cubic]

    def polynomial(self, values: Sequence[Fraction | int]) -> Polynomial | None:
        """Find the polynomial through values at all points; None if there is none."""
        key = tuple(values)
        if key not in self._known:
            self._known[key] = self._polynomial(key)
        return self._known[key]

    def _polynomial(self, values: tuple[Fraction | int, ...]) -> Polynomial | None:
        if all(value == values[0] for value in values):
            first = Fraction(values[0])
            return Polynomial(((first.numerator, (0,) * len(self.points[0])),), first.denominator)
        quadratic = self._plain.through(values)
        if quadratic is not None:
            return quadratic
        found = (basis.through(values) for basis in self._cubic)
        return next((rule for rule in found if rule is not None), None)

    def integer(self, values: Sequence[int]) -> Polynomial:
        """Find the rule of an integer."""
        found = self.polynomial(values)
        if found is None:
            raise SizeError(f"the integers {', '.join(map(str, values[:6]))} ... follow no rule")
        return found

    def number(self, values: Sequence[float]) -> NumberRule:
        """Find the rule of a number, which meets all values bit by bit."""
        if len(set(map(float.hex, values))) == 1:
            return NumberRule(values[0])
        for rule in self._candidates(values):
            if all(rule.at(p) == value for p, value in zip(self.points, values, strict=True)):
                return rule
        text = ", ".join(map(repr, values[:4]))
        raise SizeError(f"the numbers {text} ... follow no rule")

    def _candidates(self, values: Sequence[float]) -> Iterable[NumberRule]:
        if not all(map(math.isfinite, values)) or 0.0 in values:
            return
        negative = values[0] < 0.0
        if any((value < 0.0) != negative for value in values):
            return
        for power in (1, -1, 2, -2):
            exact = [_near(abs(value) ** power) for value in values]
            polynomial = self.polynomial(exact)
            if polynomial is not None:
                sign = -1.0 if negative else 1.0
                content, rest = polynomial.primitive()
                unit = float(content) if power > 0 else float(1 / content)
                unit = math.sqrt(unit) if abs(power) == 2 else unit
                for form in _FORMS[power]:
                    yield NumberRule(sign, polynomial, form)
                    yield NumberRule(sign * unit, rest, form)


def _near(number: float) -> Fraction:
    """Give the simplest fraction near a number that was rounded once or twice."""
    exact = Fraction(number)
    for most in (1, 100, 10_000, LARGEST):
        found = exact.limit_denominator(most)
        if abs(found - exact) <= abs(exact) * Fraction(1, 10**14):
            return found
    return exact


class _Basis:
    """Monomials, and the matrix that gives their coefficients from the values at as many points."""

    def __init__(self, points: Sequence[Point], monomials: Sequence[Exponents]) -> None:
        self._monomials = monomials
        rows = [[_monomial(powers, point) for powers in monomials] for point in points]
        self._rest = rows[len(monomials) :]
        self._inverse, self._over = _inverse(rows[: len(monomials)])

    def through(self, values: Sequence[Fraction | int]) -> Polynomial | None:
        """Find the polynomial through values, if it meets those at the points held out too."""
        if not self._inverse or not self._rest:
            return None
        size = len(self._monomials)
        known = values[:size]
        found = [sum(a * v for a, v in zip(row, known, strict=True) if a) for row in self._inverse]
        for row, value in zip(self._rest, values[size:], strict=True):
            if sum(a * c for a, c in zip(row, found, strict=True)) != value * self._over:
                return None
        scale = math.lcm(*[Fraction(c).denominator for c in found])
        whole = [int(c * scale) for c in found]
        over = self._over * scale
        shared = math.gcd(over, *whole)
        terms = [(c // shared, e) for c, e in zip(whole, self._monomials, strict=True) if c]
        return Polynomial(tuple(terms), over // shared)


def _inverse(rows: Sequence[Sequence[int]]) -> tuple[list[list[int]], int]:
    """Invert a matrix exactly: give what is to be divided by one number, or no rows.

    Every quotient is a whole number here (Bareiss, 1968).
    """
    size = len(rows)
    table = [[*row, *[int(n == place) for n in range(size)]] for place, row in enumerate(rows)]
    earlier = 1
    for place in range(size):
        pivot = next((n for n in range(place, size) if table[n][place] != 0), None)
        if pivot is None:
            return [], 1
        table[place], table[pivot] = table[pivot], table[place]
        own = table[place]
        head = own[place]
        for n, row in enumerate(table):
            if n != place:
                factor = row[place]
                table[n] = [
                    (x * head - factor * y) // earlier for x, y in zip(row, own, strict=True)
                ]
        earlier = head
    found = [row[size:] for row in table]
    shared = math.gcd(earlier, *[x for row in found for x in row])
    shared = -shared if earlier < 0 else shared
    return [[x // shared for x in row] for row in found], earlier // shared


# ---- numbers ----------------------------------------------------------------------------------

Form: TypeAlias = Callable[[float, Fraction], float]

# How Python comes to a number from one that it has and an exact one.
_FORMS: dict[int, tuple[Form, ...]] = {
    1: (lambda scale, x: scale * float(x),),
    -1: (
        lambda scale, x: scale / float(x),
        lambda scale, x: scale * (1.0 / float(x)),
        lambda scale, x: scale * float(1 / x),
    ),
    2: (lambda scale, x: scale * math.sqrt(float(x)),),
    -2: (
        lambda scale, x: scale / math.sqrt(float(x)),
        lambda scale, x: scale * (1.0 / math.sqrt(float(x))),
        lambda scale, x: scale * math.sqrt(float(1 / x)),
    ),
}


@dataclass(frozen=True, slots=True)
class NumberRule:
    """A number that is the same at all points, or a form of it and a polynomial."""

    scale: float
    polynomial: Polynomial | None = None
    form: Form = _FORMS[1][0]

    def at(self, at: Point) -> float:
        """Give the number at a point."""
        if self.polynomial is None:
            return self.scale
        exact = self.polynomial.exactly(at)
        if exact <= 0:
            raise SizeError("a number would have another sign")
        return self.form(self.scale, exact)
