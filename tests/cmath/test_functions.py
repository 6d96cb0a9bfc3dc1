"""Functions of complex numbers against Python's own, with their cuts, eager and compiled."""

from __future__ import annotations

import cmath as python
import math
from collections.abc import Callable
from itertools import product
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_nn import Value, cmath, compile, grad, hessian, jacobian
from tinygrad_nn.cmath import Complex
from tinygrad_nn.errors import TinygradNNError

SLOPES: dict[str, Callable[[complex], complex]] = {
    "exp": python.exp,
    "log": lambda z: 1.0 / z,
    "log10": lambda z: 1.0 / z / math.log(10.0),
    "sqrt": lambda z: 0.5 / python.sqrt(z),
    "sin": python.cos,
    "cos": lambda z: -python.sin(z),
    "tan": lambda z: 1.0 + python.tan(z) ** 2,
    "sinh": python.cosh,
    "cosh": python.sinh,
    "tanh": lambda z: 1.0 - python.tanh(z) ** 2,
    "asin": lambda z: _reciprocal(_root(1.0 - z) * _root(1.0 + z)),
    "acos": lambda z: -_reciprocal(_root(1.0 - z) * _root(1.0 + z)),
    "atan": lambda z: 1.0 / (1.0 + z * z),
    "asinh": lambda z: 1.0 / (python.sqrt(1.0 - 1j * z) * python.sqrt(1.0 + 1j * z)),
    "acosh": lambda z: 1.0 / (python.sqrt(z - 1.0) * python.sqrt(z + 1.0)),
    "atanh": lambda z: 1.0 / (1.0 - z * z),
}
PARTS = [-2.0, -1.0, -0.0, 0.0, 0.5, 1.0]
POINTS = st.complex_numbers(min_magnitude=1e-3, max_magnitude=30.0, allow_nan=False)
every_function = pytest.mark.parametrize("name", SLOPES)


def _reciprocal(z: complex) -> complex:
    return 1.0 / z


def _root(z: complex) -> complex:
    return python.sqrt(z)


def ours(name: str, z: complex) -> complex | None:
    """Compute it; None where it has no result."""
    try:
        return complex(getattr(cmath, name)(z))
    except (TinygradNNError, ArithmeticError):
        return None


def pythons(name: str, z: complex) -> complex | None:
    try:
        found: complex = getattr(python, name)(z)
    except (ValueError, ArithmeticError):
        return None
    return found


def sides(z: complex) -> list[float]:
    return [math.copysign(1.0, part) for part in (z.real, z.imag)]


@every_function
def test_values_and_signs_of_zeros_on_every_side_of_every_cut(name: str) -> None:
    for x, y in product(PARTS, PARTS):
        z = complex(x, y)
        expected, found = pythons(name, z), ours(name, z)
        if expected is None or found is None:
            assert found is expected, z
            continue
        assert found == pytest.approx(expected, rel=1e-15, abs=1e-15), z
        close_to_none = max(abs(expected.real), abs(expected.imag)) > 0.0 and (
            0.0 < abs(expected.real) < 1e-15 or 0.0 < abs(expected.imag) < 1e-15
        )
        assert close_to_none or sides(found) == sides(expected), z


@settings(max_examples=10, deadline=None)
@given(z=POINTS)
def test_values_are_pythons(z: complex) -> None:
    for name in SLOPES:
        expected, found = pythons(name, z), ours(name, z)
        assert expected is not None
        assert found is not None
        assert found.real == pytest.approx(expected.real, rel=4e-15, abs=1e-290)
        assert found.imag == pytest.approx(expected.imag, rel=4e-15, abs=1e-290)


COMPILED = ("sqrt", "log", "atanh", "tanh")
CUTS = {
    "log": (-2.0, 0.0),
    "sqrt": (-2.0, 0.0),
    "asin": (2.0, 0.0),
    "acos": (-2.0, 0.0),
    "acosh": (-0.5, 0.0),
    "atanh": (2.0, 0.0),
    "atan": (0.0, 2.0),
    "asinh": (0.0, 2.0),
}


def both(name: str) -> Any:
    """Give a function of both parts, and as many numbers."""

    def f(z: Any) -> Any:
        found = getattr(cmath, name)(z)
        return [found.real, found.imag]

    return f


@every_function
def test_derivatives_are_those_of_the_side_of_the_cut_eager_and_compiled(name: str) -> None:
    f = both(name)
    ways = [lambda z: [f(z), jacobian(f)(z)]]
    if name in COMPILED:  # of whose parts the others are made
        ways.append(compile(ways[0], strict=True))
    points = [(-1.5, 0.7)]
    if name in CUTS:
        x, y = CUTS[name]
        points += [(x, y), (x, -y) if x else (-0.0, y)]
    for x, y in points:
        # A formula may have cuts of its own: what it is near by.
        near = [part if part else math.copysign(1e-9, part) for part in (x, y)]
        slope, value = SLOPES[name](complex(*near)), ours(name, complex(x, y))
        for way in ways:
            again, (of_real, of_imag) = way(Complex(x, y))
            assert complex(*again) == pytest.approx(value, rel=1e-14)
            found = [of_real.real, of_real.imag, of_imag.real, of_imag.imag]
            expected = [slope.real, -slope.imag, slope.imag, slope.real]
            assert found == pytest.approx(expected, rel=1e-8, abs=1e-8), (x, y)


FAR_OUT = [5e-324, 5e-324j, 1e-310 + 5e-324j, 1.7e308 + 1.7e308j, 1e160j, -1.7e308j, 1e160 + 1e150j]


@pytest.mark.parametrize("name", ["sqrt", "atan", "atanh"])
def test_values_far_out_and_beside_poles_keep_their_digits(name: str) -> None:
    for z in [*FAR_OUT, 1.0 + 1e-310j, -1.0 - 1e-160j, 1e-310 + 1.0j, 1.0 + 1e-9j]:
        expected, found = pythons(name, z), ours(name, z)
        assert found is not None
        assert expected is not None
        assert found.real == pytest.approx(expected.real, rel=1e-14, abs=1e-307), z
        assert found.imag == pytest.approx(expected.imag, rel=1e-14, abs=1e-307), z


def test_slopes_far_out_keep_their_digits() -> None:
    slope = grad(lambda z: cmath.tanh(z).real)(Complex(27.7, 0.74))
    expected = 1.0 / python.cosh(27.7 + 0.74j) ** 2
    assert [slope.real, slope.imag] == pytest.approx(
        [expected.real, -expected.imag], rel=1e-14, abs=0
    )


def test_second_derivatives_are_those_of_the_second_slope() -> None:
    z = Complex(0.3, 0.4)
    second = 2.0 / complex(0.3, 0.4) ** 3  # of 1 / z
    table = hessian(lambda z: (1.0 / z).real)(z)
    assert [table.real.real, table.real.imag, table.imag.imag] == pytest.approx(
        [second.real, -second.imag, -second.real]
    )
    curved = hessian(lambda z: cmath.log(cmath.exp(z)).real)(z)
    flat = [curved.real.real, curved.real.imag, curved.imag.real, curved.imag.imag]
    assert flat == pytest.approx([0.0] * 4, abs=1e-15)


def test_polar_coordinates() -> None:
    for z in (complex(-1.5, 0.0), complex(-1.5, -0.0), 1j, 3 - 4j):
        assert cmath.polar(z) == python.polar(z)
        assert complex(cmath.rect(*cmath.polar(z))) == pytest.approx(z)
    assert complex(cmath.conj(1 + 2j)) == 1 - 2j
    slope = grad(lambda z: cmath.phase(z))(Complex(3.0, 4.0))
    assert (slope.real, slope.imag) == pytest.approx((-0.16, 0.12))
    slope = grad(abs)(Complex(0.0, 0.0))
    assert math.isnan(slope.real)  # it has none, and does not say 0
    assert math.isnan(slope.imag)
    x = Value(2.0)
    cmath.rect(x, 0.5).real.backward()
    assert x.grad == math.cos(0.5)


def test_logarithms_near_one_keep_their_digits() -> None:
    for z in (complex(1.0, 1e-9), complex(1e-9, 1.0), complex(-1.0, 1e-9), complex(0.6, 0.8)):
        assert complex(cmath.log(z)) == pytest.approx(python.log(z), rel=1e-15, abs=1e-300)
    assert complex(cmath.log(8.0, 2.0)) == pytest.approx(3.0)
    assert complex(cmath.pow(2j, 3)) == -8j


def test_what_numbers_are() -> None:
    values = [complex(*pair) for pair in product([1.0, math.inf, math.nan], repeat=2)]
    for name in ("isfinite", "isinf", "isnan"):
        for z in values:
            assert bool(getattr(cmath, name)(z)) is getattr(python, name)(z)
    assert cmath.isclose(1 + 1j, Complex(1.0, 1.0 + 1e-10))
    assert not cmath.isclose(1 + 1j, Complex(1.0, 1.1))
    assert (cmath.pi, cmath.e, cmath.infj) == (python.pi, python.e, python.infj)
    everything = {name for name in dir(python) if not name.startswith("_")}
    assert everything <= set(cmath.__all__)
