"""Rules are exact, and met at points that were held out."""

from __future__ import annotations

import math
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_nn.compiler.sizes.fit import Fitter, Polynomial, exponents
from tinygrad_nn.compiler.sizes.infer import HELD, SCHEDULES
from tinygrad_nn.errors import SizeError


def fitter(count: int) -> Fitter:
    """Make one with the points of the first recordings."""
    base = SCHEDULES[0][0][:count]
    monomials = exponents(count, 2)
    steps = [*monomials, *[held[:count] for held in HELD]]
    points = [tuple(b + s for b, s in zip(base, own, strict=True)) for own in steps]
    return Fitter(points, monomials)


@settings(max_examples=50)
@given(st.integers(1, 3), st.data())
def test_any_polynomial_of_degree_2_is_found(count: int, data: st.DataObject) -> None:
    monomials = exponents(count, 2)
    factors = data.draw(st.lists(st.integers(-9, 9), min_size=len(monomials)))
    given_one = Polynomial(tuple(zip(factors, monomials, strict=False)))
    found = fitter(count)
    rule = found.integer([given_one.at(point) for point in found.points])
    real = tuple(range(1000, 1000 + count))
    assert rule.at(real) == given_one.at(real)


def test_one_monomial_of_degree_3_is_found() -> None:
    found = fitter(3)
    for powers in ((1, 1, 1), (2, 1, 0), (3, 0, 0)):
        values = [math.prod(x**e for x, e in zip(p, powers, strict=True)) + 7 for p in found.points]
        assert found.integer(values).at((100, 200, 300)) == 7 + math.prod(
            x**e for x, e in zip((100, 200, 300), powers, strict=True)
        )


def test_what_is_no_polynomial_is_refused() -> None:
    found = fitter(1)
    for rule in (lambda n: 2**n, lambda n: n % 7, lambda n: max(n, 7)):
        with pytest.raises(SizeError, match="follow no rule"):
            found.integer([rule(n) for (n,) in found.points])
    with pytest.raises(SizeError, match="the fraction 11/2"):
        Polynomial(((1, (1,)),), 2).at((11,))


@pytest.mark.parametrize(
    "rule",
    [
        lambda n: 0.3,
        lambda n: 1 / n,
        lambda n: -2 / (n - 1),
        lambda n: math.sqrt(n),
        lambda n: 1 / math.sqrt(2 * n + 1),
        lambda n: 0.1 * n,
        lambda n: 0.1 / n,
        lambda n: (n * n + 1) / 3,
    ],
)
def test_numbers_come_out_bit_by_bit(rule: object) -> None:
    assert callable(rule)
    found = fitter(1)
    number = found.number([rule(n) for (n,) in found.points])
    assert [number.at((n,)).hex() for n in range(20, 400)] == [
        rule(n).hex() for n in range(20, 400)
    ]


def test_other_numbers_are_refused() -> None:
    found = fitter(1)
    for rule in (math.sin, math.exp, lambda n: 1.0 if n < 8 else 2.0):
        with pytest.raises(SizeError, match="follow no rule"):
            found.number([rule(n) for (n,) in found.points])


def test_a_polynomial_is_written_with_names() -> None:
    names = ["n", "m"]
    assert Polynomial(((1, (1, 1)), (-2, (0, 1)), (-1, (0, 0)))).text(names) == "n*m - 2*m - 1"
    assert Polynomial(((-1, (2, 0)), (3, (0, 0))), 2).text(names) == "(-n**2 + 3)/2"
    assert Polynomial(((1, (1, 0)),), 2).text(names) == "n/2"
    assert Polynomial(((1, (1, 0)),), 2).exactly((3, 0)) == Fraction(3, 2)
