"""Fractions and Decimals as operands and arguments: rounded to a float, and compared exactly."""

from __future__ import annotations

import math
import operator
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import Value, asarray, compile, grad, where
from tinygrad_nn.errors import ArgumentError

EXACT = st.fractions(-5, 5, max_denominator=10**9) | st.decimals(-5, 5, places=17)
ARITHMETIC = [operator.add, operator.sub, operator.mul]
COMPARISONS = [operator.lt, operator.le, operator.gt, operator.ge, operator.eq, operator.ne]
TENTH = Decimal("0.1")


@settings(max_examples=12)
@given(EXACT, st.floats(-5, 5, width=16))
def test_an_operand_is_rounded_to_the_nearest_float(exact: Any, number: float) -> None:
    value, nearest = Value(number), Fraction(exact).numerator / Fraction(exact).denominator
    for operation in ARITHMETIC:
        assert operation(value, exact).data == operation(number, nearest)
        assert operation(exact, value).data == operation(nearest, number)
    if number and exact:
        assert (value / exact).data == number / nearest
        assert (exact / value).data == nearest / number
    if number > 0.0 and exact > 0:
        assert (value**exact).data == number**nearest
        assert (exact**value).data == nearest**number
    assert grad(lambda x: exact * x * exact)(number) == nearest * nearest
    assert grad(lambda x: x * x)(exact) == 2.0 * nearest


@settings(max_examples=12)
@given(EXACT)
def test_comparisons_are_exact(exact: Any) -> None:
    near = float(exact)
    for number in (near, math.nextafter(near, 9.0), math.nextafter(near, -9.0)):
        for compared in COMPARISONS:
            truth = compared(Fraction(number), Fraction(exact))
            assert compared(Value(number), exact) is truth
            assert compared(exact, Value(number)) is compared(Fraction(exact), Fraction(number))


@pytest.mark.parametrize("exact", [TENTH, Fraction(-1, 3)])
def test_compiled_it_is_the_same(exact: Any) -> None:
    def f(x: Any) -> Any:
        return (
            (exact - x) * exact / (x + exact) + (x if x > exact else exact * x) + tg.max(x, exact)
        )

    compiled = compile(f), compile(grad(f))
    for x in (2.0, -1.0):
        for _ in range(5):
            assert compiled[0](x) == f(Value(x)).data
            assert compiled[1](x) == pytest.approx(grad(f)(x), rel=1e-15)
    g = compile(grad(lambda p: p["a"] ** 2 * p["b"][0]))
    for _ in range(5):
        assert g({"a": exact, "b": [2]}) == {"a": 4 * float(exact), "b": [float(exact) ** 2]}
    rows = compile(lambda x: x * x, batch="x")([exact, exact])
    assert rows == [float(exact) ** 2] * 2


def test_compiled_comparisons_are_exact() -> None:
    compared = compile(lambda x: [where(x < TENTH, 1.0, 0.0), where(x == TENTH, 1.0, 0.0)])
    for x in (math.nextafter(0.1, 0.0), 0.1, math.nextafter(0.1, 1.0)):
        assert compared(x) == [float(x < TENTH), 0.0]  # no float is a tenth


RATE = TENTH


def test_one_from_elsewhere_is_read_at_every_call(monkeypatch: pytest.MonkeyPatch) -> None:
    f = compile(lambda x: x * RATE)
    for _ in range(5):
        assert f(2.0) == 0.2
    monkeypatch.setitem(globals(), "RATE", Decimal(3))
    assert f(2.0) == 6.0


def test_wherever_numbers_go() -> None:
    x = Value(2.0)
    assert Value(TENTH).data == tg.sqrt(Decimal("0.01")) == 0.1
    assert sum([x, TENTH, Fraction(1, 2)]).data == 2.6
    assert tg.dot([TENTH, x], [x, TENTH]).data == 0.4
    assert where(x > TENTH, TENTH, x).data == 0.1
    assert (np.exp(asarray([x, Decimal(0)])) * 2.0)[1] == 2.0
    assert tg.check_grad(lambda v: v * v, TENTH, seed=0).passed
    assert grad(lambda v: v * v)([TENTH, 1][0]) == 0.2
    assert not Value(1.0) < Decimal("nan")
    assert Value(1.0) != Decimal("nan")
    assert (x * Decimal("inf")).data == math.inf


def test_what_no_float_is_near_is_refused() -> None:
    for huge in (Decimal("-1e400"), Fraction(10**400, 3)):
        with pytest.raises(ArgumentError, match="must lie within the range of floats"):
            Value(1.0) * huge
        with pytest.raises(ArgumentError, match="must lie within the range of floats"):
            grad(lambda x: x)(huge)
        with pytest.raises(ArgumentError, match="range of floats"):
            compile(lambda x: x)(huge)
        assert (Value(1.0) < huge) is (huge > 0)
    with pytest.raises(ArgumentError, match=r"is Decimal\('sNaN'\), which is no number"):
        Value(1.0) + Decimal("sNaN")
