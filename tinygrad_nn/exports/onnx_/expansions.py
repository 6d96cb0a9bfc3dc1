"""Operations that ONNX lacks, or that its runtimes have for float32 only, in terms of what they have."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

from ...compiler.backends.llvm.special import ERF, FAR, TAIL
from ..arrays.building import applied, plain
from ..arrays.form import Expr

__all__ = ["EXPANSIONS"]

LARGE = 1e8  # from which on a square and one more are the same
TERMS = 13  # of the series of the arc tangent


def _add(x: Expr, y: Expr) -> Expr:
    return applied("add", x, y)


def _sub(x: Expr, y: Expr) -> Expr:
    return applied("sub", x, y)


def _mul(x: Expr, y: Expr) -> Expr:
    return applied("mul", x, y)


def _div(x: Expr, y: Expr) -> Expr:
    return applied("div", x, y)


def _where(condition: Expr, x: Expr, y: Expr) -> Expr:
    return applied("select", condition, x, y)


def _less(x: Expr, y: Expr | float) -> Expr:
    return applied("lt", x, y if isinstance(y, Expr) else plain(y))


def _same(x: Expr, y: Expr | float) -> Expr:
    return applied("eq", x, y if isinstance(y, Expr) else plain(y))


def _abs(x: Expr) -> Expr:
    return applied("abs", x)


def _exp(x: Expr) -> Expr:
    return applied("exp", x)


def _signed(size: Expr, x: Expr) -> Expr:
    """Give a size with the sign of x."""
    return _where(_less(x, 0.0), applied("neg", size), size)


def _polynomial(x: Expr, numbers: Sequence[float]) -> Expr:
    found: Expr = plain(numbers[-1])
    for number in numbers[-2::-1]:
        found = _add(plain(number), _mul(x, found))
    return found


def _sigmoid(x: Expr) -> Expr:
    decay = _exp(applied("neg", _abs(x)))
    return _div(_where(_less(x, 0.0), decay, plain(1.0)), _add(plain(1.0), decay))


def _cosh(x: Expr) -> Expr:
    half = _exp(_mul(plain(0.5), _abs(x)))  # whose square may be too large where cosh is not
    return _add(_mul(_mul(plain(0.5), half), half), _div(_div(plain(0.5), half), half))


def _sinh(x: Expr) -> Expr:
    return _mul(applied("tanh", x), _cosh(x))


def _expm1(x: Expr) -> Expr:
    t = applied("tanh", _mul(plain(0.5), x))
    near = _div(_mul(plain(2.0), t), _sub(plain(1.0), t))
    return _where(_less(_abs(x), 0.5), near, _sub(_exp(x), plain(1.0)))


def _log1p(x: Expr) -> Expr:
    """Give log(u) x / (u - 1) of u = 1 + x: what rounding takes from both is the same."""
    u = _add(plain(1.0), x)
    found = _mul(applied("log", u), _div(x, _sub(u, plain(1.0))))
    return _where(_same(u, 1.0), x, _where(_same(x, math.inf), x, found))


def _log_of(base: float) -> Callable[[Expr], Expr]:
    return lambda x: _mul(applied("log", x), plain(1.0 / math.log(base)))


def _asinh(x: Expr) -> Expr:
    size = _abs(x)
    square = _mul(size, size)
    root = applied("sqrt", _add(plain(1.0), square))
    near = _log1p(_add(size, _div(square, _add(plain(1.0), root))))
    far = _add(applied("log", size), plain(math.log(2.0)))
    return _signed(_where(_less(size, LARGE), near, far), x)


def _acosh(x: Expr) -> Expr:
    t = _sub(x, plain(1.0))
    root = applied("sqrt", _mul(t, _add(plain(2.0), t)))
    far = _add(applied("log", x), plain(math.log(2.0)))
    return _where(_less(x, LARGE), _log1p(_add(t, root)), far)


def _atanh(x: Expr) -> Expr:
    size = _abs(x)
    found = _log1p(_div(_mul(plain(2.0), size), _sub(plain(1.0), size)))
    return _signed(_mul(plain(0.5), found), x)


def _atan(x: Expr) -> Expr:
    """Halve the angle twice, of which a series then takes few terms."""
    size = _abs(x)
    is_far = _less(plain(1.0), size)
    t = _where(is_far, _div(plain(1.0), size), size)
    for _ in range(2):
        root = applied("sqrt", _add(plain(1.0), _mul(t, t)))
        t = _div(t, _add(plain(1.0), root))
    series = [(-1.0) ** n / (2 * n + 1) for n in range(TERMS)]
    found = _mul(plain(4.0), _mul(t, _polynomial(_mul(t, t), series)))
    return _signed(_where(is_far, _sub(plain(math.pi / 2), found), found), x)


def _asin(x: Expr) -> Expr:
    one = plain(1.0)
    return _atan(_div(x, applied("sqrt", _mul(_sub(one, x), _add(one, x)))))


def _acos(x: Expr) -> Expr:
    one = plain(1.0)
    return _mul(plain(2.0), _atan(applied("sqrt", _div(_sub(one, x), _add(one, x)))))


def _is_negative(x: Expr) -> Expr:
    """Tell the sign, also that of 0."""
    return _less(_where(_same(x, 0.0), _div(plain(1.0), x), x), 0.0)


def _atan2(y: Expr, x: Expr) -> Expr:
    far = _mul(_same(_abs(x), math.inf), _same(_abs(y), math.inf))
    u = _where(far, _signed(plain(1.0), x), x)
    v = _where(far, _signed(plain(1.0), y), y)
    at_zero = _mul(_same(u, 0.0), _same(v, 0.0))
    found = _atan(_where(at_zero, v, _div(_abs(v), _abs(u))))
    found = _where(_is_negative(x), _sub(plain(math.pi), found), found)
    found = _where(_is_negative(y), applied("neg", found), found)
    bad = applied("max", applied("ne", x, x), applied("ne", y, y))
    return _where(bad, plain(math.nan), found)


def _hypot(x: Expr, y: Expr) -> Expr:
    large, small = applied("max", _abs(x), _abs(y)), applied("min", _abs(x), _abs(y))
    part = _div(small, large)
    found = _mul(large, applied("sqrt", _add(plain(1.0), _mul(part, part))))
    found = _where(_same(large, 0.0), large, found)
    far = applied("max", _same(_abs(x), math.inf), _same(_abs(y), math.inf))
    return _where(far, plain(math.inf), found)


def _erf_near(x: Expr) -> Expr:
    return _mul(x, _polynomial(_mul(x, x), ERF))


def _erf(x: Expr) -> Expr:
    size = _abs(x)
    bounded = applied("min", size, plain(6.0))
    t = _div(_sub(bounded, plain(3.0)), _add(bounded, plain(3.0)))
    rest = _mul(_exp(applied("neg", _mul(bounded, bounded))), _polynomial(t, FAR))
    far = _signed(_sub(plain(1.0), rest), x)
    return _where(_less(size, 0.75), _erf_near(x), far)


def _erfc(x: Expr) -> Expr:
    size = applied("min", _abs(x), plain(28.0))
    high = _div(applied("floor", _mul(size, plain(4096.0))), plain(4096.0))
    rest = _mul(_sub(high, size), _add(size, high))
    decay = _mul(_exp(applied("neg", _mul(high, high))), _exp(rest))
    t = _div(_sub(size, plain(5.0)), _add(size, plain(5.0)))
    below = _add(plain(1.0), _mul(plain(2.0), size))
    far = _mul(decay, _div(_polynomial(t, TAIL), below))
    far = _where(_less(x, 0.0), _sub(plain(2.0), far), far)
    return _where(_less(_abs(x), 0.75), _sub(plain(1.0), _erf_near(x)), far)


def _cbrt(x: Expr) -> Expr:
    return _signed(applied("pow", _abs(x), plain(1.0 / 3.0)), x)


def _trunc(x: Expr) -> Expr:
    return _where(_less(x, 0.0), applied("ceil", x), applied("floor", x))


def _mod(x: Expr, y: Expr) -> Expr:
    rest = applied("fmod", x, y)
    others = applied("ne", _less(rest, 0.0), _less(y, 0.0))
    moved = _mul(applied("ne", rest, plain(0.0)), others)
    return _where(moved, _add(rest, y), rest)


def _floordiv(x: Expr, y: Expr) -> Expr:
    rest = applied("fmod", x, y)
    found = _div(_sub(x, rest), y)
    others = applied("ne", _less(rest, 0.0), _less(y, 0.0))
    moved = _mul(applied("ne", rest, plain(0.0)), others)
    found = applied("rint", _where(moved, _sub(found, plain(1.0)), found))
    return _where(_same(y, 0.0), _div(x, y), found)


EXPANSIONS: dict[str, Callable[..., Expr]] = {
    "acos": _acos,
    "acosh": _acosh,
    "asin": _asin,
    "asinh": _asinh,
    "atan": _atan,
    "atan2": _atan2,
    "atanh": _atanh,
    "cbrt": _cbrt,
    "cosh": _cosh,
    "erf": _erf,
    "erfc": _erfc,
    "exp2": lambda x: applied("pow", plain(2.0), x),
    "expm1": _expm1,
    "floordiv": _floordiv,
    "hypot": _hypot,
    "log10": _log_of(10.0),
    "log1p": _log1p,
    "log2": _log_of(2.0),
    "mod": _mod,
    "sigmoid": _sigmoid,
    "sinh": _sinh,
    "tan": lambda x: _div(applied("sin", x), applied("cos", x)),
    "trunc": _trunc,
}
