"""Arithmetic of complex numbers against Python's own, in transforms and compiled."""

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
from tinygrad_nn import Value, cmath, compile, grad, hvp, jvp, value_and_grad
from tinygrad_nn.cmath import Complex
from tinygrad_nn.errors import ArgumentTypeError, PoleError

OPERATIONS = [operator.add, operator.sub, operator.mul, operator.truediv]
NUMBERS = st.complex_numbers(min_magnitude=1e-3, max_magnitude=1e3, allow_nan=False)


def close(found: Any, expected: complex, rel: float = 1e-14) -> bool:
    return complex(found) == pytest.approx(expected, rel=rel, abs=1e-300)


@settings(max_examples=10, deadline=None)
@given(NUMBERS, NUMBERS)
def test_arithmetic_is_pythons(z: complex, w: complex) -> None:
    x = 0.5 + abs(w.real)
    for operation in OPERATIONS:
        for one, other in ((z, w), (z, x), (x, z)):
            expected = operation(one, other)
            for a in (one, Complex(one)):
                for b in (other, Complex(other)):
                    if type(a) is Complex or type(b) is Complex:
                        found = complex(operation(a, b))
                        assert abs(found - expected) <= 1e-15 * (
                            abs(one) + abs(other) + abs(expected)
                        )


@pytest.mark.parametrize("exponent", [0, 1, 2, -3, 7, 0.5, -1.5, 100, 101.5, 1 + 2j, 2.0])
def test_powers_are_pythons(exponent: Any) -> None:
    for z in (1.5 - 0.5j, -0.3 + 1j, -2.0 + 0j):
        expected = z**exponent
        assert close(Complex(z) ** exponent, expected, 1e-12)
    assert close(1.5 ** Complex(2.0, 1.0), 1.5 ** (2 + 1j))
    assert close((-1.5) ** Complex(2.0, 1.0), (-1.5) ** (2 + 1j))


def test_no_quotient_overflows_on_the_way() -> None:
    for size in (1e-200, 1e200):
        for z in (complex(size, 2 * size), complex(2 * size, size)):
            assert close(Complex(z) / Complex(z), 1.0)
            assert close(1.0 / Complex(z), 1.0 / z)
    with pytest.raises(ZeroDivisionError):
        Complex(1.0, 2.0) / Complex(0.0, 0.0)
    with pytest.raises(PoleError):
        Complex(Value(1.0)) / 0


def test_a_real_number_has_no_imaginary_part() -> None:
    assert math.copysign(1.0, (2.0 - Complex(1.0, 0.0)).imag) == -1.0
    assert math.copysign(1.0, (2.0 + Complex(1.0, -0.0)).imag) == -1.0
    assert math.copysign(1.0, (2.0 * Complex(1.0, -0.0)).imag) == -1.0


def impedance(z: Any, k: Any) -> Any:
    w = (z * z - 1j) / (k + z) + k * z.conjugate() - z**3 / 2
    return abs(w) + w.imag * cmath.phase(w)


def by_hand(x: float, y: float, k: float) -> float:
    z = complex(x, y)
    w = (z * z - 1j) / (k + z) + k * z.conjugate() - z**3 / 2
    return abs(w) + w.imag * math.atan2(w.imag, w.real)


def test_every_transform_takes_them_apart() -> None:
    z, k, h = Complex(0.6, -1.1), 0.7, 1e-6
    value, slope = value_and_grad(impedance)(z, k)
    assert value == pytest.approx(by_hand(0.6, -1.1, k))
    differences = [
        (by_hand(0.6 + h, -1.1, k) - by_hand(0.6 - h, -1.1, k)) / (2 * h),
        (by_hand(0.6, -1.1 + h, k) - by_hand(0.6, -1.1 - h, k)) / (2 * h),
    ]
    assert type(slope) is Complex
    assert [slope.real, slope.imag] == pytest.approx(differences, rel=1e-7)
    assert jvp(impedance, (z, k), (Complex(0.0, 1.0), 0.0))[1] == pytest.approx(slope.imag)
    assert tg.check_grad(impedance, z, k, seed=0).passed
    direction = Complex(1.0, 2.0)
    along = hvp(impedance)(z, direction, k)
    moved = [grad(impedance)(z + s * 1e-6 * direction, k) for s in (1.0, -1.0)]
    assert along.real == pytest.approx((moved[0].real - moved[1].real) / 2e-6, rel=1e-6)
    compiled = compile(value_and_grad(impedance))
    for _ in range(5):
        again, found = compiled(z, k)
        assert again == pytest.approx(value)
        assert [found.real, found.imag] == pytest.approx([slope.real, slope.imag])
    rows = compile(lambda z, k: z * k, batch="z", reduce=None)([z, 2.0 * z], 2.0)
    assert list(map(complex, rows)) == [1.2 - 2.2j, 2.4 - 4.4j]


def test_sums_of_waves_with_numpy() -> None:
    def spectrum(samples: Any) -> Any:
        turn = Complex(0.0, -2.0 * cmath.pi / 4)
        waves = [
            sum((s * cmath.exp(turn * (k * n)) for n, s in enumerate(samples)), Complex(0.0))
            for k in range(4)
        ]
        return sum(abs(w) ** 2 for w in waves)

    samples = [1.0, -2.0, 0.5, 3.0]
    expected = np.sum(np.abs(np.fft.fft(samples)) ** 2)
    assert spectrum(samples) == pytest.approx(expected)
    assert compile(grad(spectrum))(samples) == pytest.approx([8.0 * s for s in samples])  # Parseval


def test_operands_of_every_kind() -> None:
    x, z = Value(2.0), Complex(1.0, 3.0)
    assert repr(z**x).startswith("Complex(Value(data=-8.")
    assert (x * z - z * x).real.data == (x / z - 2.0 / z).imag.data == 0.0
    for real in (2, np.float64(2.0), Fraction(2), Decimal(2)):
        assert complex(real * z) == complex(z * real) == 2 + 6j
        assert complex(real - z) == -complex(z - real) == 1 - 3j
        assert close(real / z, 2.0 / (1 + 3j))
    assert (z == 1 + 3j) is True
    assert (z != Complex(1.0, 3.0)) is False
    assert (Complex(2.0) == 2.0) is True
    assert bool(Complex(0.0)) is False
    assert bool(Complex(0.0, Value(1.0))) is True
    assert z != "z"
    assert len({z, Complex(1.0, 3.0)}) == 2
    assert repr(+z) == "Complex(1.0, 3.0)"
    assert repr(Complex(1 + 2j)) == "Complex(1.0, 2.0)"
    (z * x).imag.backward()
    assert x.grad == 3.0


def test_what_is_no_real_number_is_refused() -> None:
    for parts in (("a",), (1.0, 2j), (1j, 1.0), ([1.0],)):
        with pytest.raises(ArgumentTypeError, match=r"(real|imag) is .*: expected a real number"):
            Complex(*parts)
    with pytest.raises(TypeError, match="unsupported operand"):
        Complex(1.0) + "a"
    with pytest.raises(ArgumentTypeError, match="real is 'a'"):
        cmath.exp("a")
