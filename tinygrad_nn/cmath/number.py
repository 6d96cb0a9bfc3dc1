"""A complex number as a pair of real ones, each of which may be a Value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ..errors import ArgumentTypeError
from ..scalar.convert import is_number, to_number
from ..scalar.ops import absolute, atan2, cos, exp, hypot, log, sin, where
from ..scalar.value import Value

__all__ = ["Complex", "as_complex"]


@dataclass(frozen=True, slots=True, eq=False, repr=False)
class Complex:
    """A complex number: two real ones, with the arithmetic of Python's complex numbers.

    Its parts are numbers or Values, so that what is computed of it has derivatives by them; with
    `real` a complex number of Python's, it is that. As an argument of a transform it is taken apart
    like any dataclass, and a gradient is the Complex of both derivatives: of f by the real part, and
    by the imaginary part.

    A real number has no imaginary part: 2 - z is (2 - x) - yi also where y is 0, as since Python 3.14.

    Parameters
    ----------
    real : float, Value or complex
        The real part.
    imag : float or Value
        The imaginary part.

    Raises
    ------
    ArgumentTypeError
        When a part is no real number.
    PoleError
        When a number is divided by 0.

    Examples
    --------
    >>> from tinygrad_nn import Value, grad
    >>> z = Complex(1.0, 2.0)
    >>> z * z, abs(Complex(3.0, 4.0)), 1 / Complex(0.0, 2.0)
    (Complex(-3.0, 4.0), 5.0, Complex(0.0, -0.5))
    >>> grad(lambda z: abs(z * z))(Complex(3.0, 4.0))
    Complex(6.0, 8.0)
    """

    real: Any
    imag: Any = 0.0

    def __post_init__(self) -> None:
        for name in ("real", "imag"):
            part = getattr(self, name)
            if type(part) is float or isinstance(part, Value):
                continue
            if is_number(part):
                object.__setattr__(self, name, to_number(part, name))
                continue
            if name == "real" and isinstance(part, complex) and self.imag == 0.0:
                object.__setattr__(self, "real", part.real)
                object.__setattr__(self, "imag", part.imag)
                return
            raise ArgumentTypeError(
                f"{name} is {part!r}, of type {type(part).__name__}: expected a real number or a "
                "Value; give Complex(x, y), or Complex(1 + 2j)"
            )

    # ---- arithmetic ----------------------------------------------------------------------

    def __add__(self, other: Any) -> Any:
        x = _real(other)
        if x is not None:
            return Complex(self.real + x, self.imag)
        return _with(other, lambda w: Complex(self.real + w.real, self.imag + w.imag))

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        x = _real(other)
        if x is not None:
            return Complex(self.real - x, self.imag)
        return _with(other, lambda w: Complex(self.real - w.real, self.imag - w.imag))

    def __rsub__(self, other: Any) -> Any:
        x = _real(other)
        if x is not None:
            return Complex(x - self.real, -self.imag)
        return _with(other, lambda w: w - self)

    def __mul__(self, other: Any) -> Any:
        x = _real(other)
        if x is not None:
            return Complex(self.real * x, self.imag * x)
        return _with(other, self._times)

    __rmul__ = __mul__

    def _times(self, w: Complex) -> Complex:
        x, y = self.real, self.imag
        return Complex(x * w.real - y * w.imag, x * w.imag + y * w.real)

    def __truediv__(self, other: Any) -> Any:
        x = _real(other)
        if x is not None:
            return Complex(self.real / x, self.imag / x)
        return _with(other, self._over)

    def __rtruediv__(self, other: Any) -> Any:
        return _with(other, lambda w: w / self)

    def _over(self, w: Complex) -> Complex:
        """Divide so that nothing overflows on the way: Smith, Algorithm 116, CACM 5 (1962)."""
        x, y, a, b = self.real, self.imag, w.real, w.imag
        wide = absolute(a) >= absolute(b)
        ratio = where(wide, lambda: b / a, lambda: a / b)
        size = where(wide, lambda: a + b * ratio, lambda: a * ratio + b)
        real = where(wide, lambda: x + y * ratio, lambda: x * ratio + y)
        imag = where(wide, lambda: y - x * ratio, lambda: y * ratio - x)
        return Complex(real / size, imag / size)

    def __pow__(self, exponent: Any) -> Any:
        is_whole = type(exponent) is int or (type(exponent) is float and exponent.is_integer())
        if is_whole and abs(exponent) <= 100:  # as Python's own
            return _whole_power(self, int(exponent))
        x = _real(exponent)
        if x is not None:
            size = hypot(self.real, self.imag) ** x
            angle = atan2(self.imag, self.real) * x
            return Complex(size * cos(angle), size * sin(angle))
        return _with(exponent, self._to)

    def __rpow__(self, base: Any) -> Any:
        return _with(base, lambda z: z**self)

    def _to(self, w: Complex) -> Complex:
        size, angle = log(hypot(self.real, self.imag)), atan2(self.imag, self.real)
        scale = exp(size * w.real - angle * w.imag)
        turn = size * w.imag + angle * w.real
        return Complex(scale * cos(turn), scale * sin(turn))

    def __neg__(self) -> Complex:
        return Complex(-self.real, -self.imag)

    def __pos__(self) -> Complex:
        return self

    def __abs__(self) -> Any:
        return hypot(self.real, self.imag)

    def conjugate(self) -> Complex:
        """Give the number with the other sign of the imaginary part."""
        return Complex(self.real, -self.imag)

    # ---- comparisons, conversions, text ----------------------------------------------------

    def __eq__(self, other: object) -> Any:
        return _with(other, lambda w: (self.real == w.real) & (self.imag == w.imag))

    __hash__ = object.__hash__  # by identity, as Values

    def __bool__(self) -> bool:
        return bool(self.real != 0.0) or bool(self.imag != 0.0)

    def __complex__(self) -> complex:
        return complex(float(self.real), float(self.imag))

    def __repr__(self) -> str:
        return f"Complex({self.real!r}, {self.imag!r})"


def as_complex(z: Any) -> Complex:
    """Make a Complex of any number."""
    return z if type(z) is Complex else Complex(z)


def _real(thing: Any) -> Any:
    """Give a real number as a float or a Value; None for whatever else."""
    if type(thing) is float or isinstance(thing, Value):
        return thing
    return to_number(thing, "the operand") if is_number(thing) else None


def _with(other: Any, compute: Callable[[Complex], Any]) -> Any:
    """Compute with the other operand, if it is a number."""
    if type(other) is not Complex:
        x = other if isinstance(other, complex) else _real(other)
        if x is None:
            return NotImplemented
        other = Complex(x)
    return compute(other)


def _whole_power(z: Complex, exponent: int) -> Complex:
    """Multiply a number with itself, by squares of squares."""
    if exponent < 0:
        return Complex(1.0)._over(_whole_power(z, -exponent))
    power: Complex | None = None
    while exponent:
        if exponent & 1:
            power = z if power is None else power._times(z)
        exponent >>= 1
        if exponent:
            z = z._times(z)
    return Complex(1.0) if power is None else power
