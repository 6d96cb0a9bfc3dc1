"""Operations in terms of few plain ones, for those who print loops.

A row of the table says what it is on arrays, and that says it here too: the ufuncs that rows name
have their forms below, and a row's own function of arrays is called with a module that notes what
it does.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Collection, Sequence
from typing import Any

from ...scalar.operation import Op
from .loops import Apply, Value

__all__ = ["SERIES", "form_of"]

Form = Callable[..., Value]
Whole = Collection[str]  # what is one operation to whoever prints it, though it could be composed

# One operation of the same meaning: by the ufunc's name, what printers know it as.
PLAIN = {
    "absolute": "abs",
    "add": "add",
    "arccos": "acos",
    "arccosh": "acosh",
    "arcsin": "asin",
    "arcsinh": "asinh",
    "arctan": "atan",
    "arctan2": "atan2",
    "arctanh": "atanh",
    "cbrt": "cbrt",
    "ceil": "ceil",
    "cos": "cos",
    "cosh": "cosh",
    "divide": "div",
    "equal": "eq",
    "exp": "exp",
    "exp2": "exp2",
    "expm1": "expm1",
    "floor": "floor",
    "floor_divide": "floordiv",
    "greater": "gt",
    "greater_equal": "ge",
    "hypot": "hypot",
    "less": "lt",
    "less_equal": "le",
    "log": "log",
    "log10": "log10",
    "log1p": "log1p",
    "log2": "log2",
    "maximum": "max",
    "minimum": "min",
    "mod": "mod",
    "multiply": "mul",
    "negative": "neg",
    "not_equal": "ne",
    "rint": "rint",
    "sin": "sin",
    "sinh": "sinh",
    "special.erf": "erf",
    "special.erfc": "erfc",
    "special.expit": "sigmoid",
    "sqrt": "sqrt",
    "subtract": "sub",
    "tan": "tan",
    "tanh": "tanh",
    "trunc": "trunc",
}

# Those of one instruction or few; all others are computed in many steps.
QUICK = [
    "abs",
    "add",
    "ceil",
    "div",
    "eq",
    "floor",
    "ge",
    "gt",
    "le",
    "lt",
    "max",
    "min",
    "mul",
    "ne",
    "neg",
    "rint",
    "select",
    "sqrt",
    "sub",
    "trunc",
]
SERIES = frozenset([*PLAIN.values(), "pow"]).difference(QUICK)


def _apply(op: str, *parts: Value) -> Value:
    return Apply(op, parts)


def _select(condition: Value, x: Value, y: Value) -> Value:
    return Apply("select", (condition, x, y))


def _power(x: Value, y: Value) -> Value:
    """Raise to a power; where all have the same exponent, by what is exact and fast.

    A root of -0.0 is -0.0, and one of -inf NaN: their powers of 1/2 are 0 and inf.
    """
    if y == 1.0:
        return x
    if y == 2.0:
        return _apply("mul", x, x)
    if y == -1.0:
        return _apply("div", 1.0, x)
    if y in (0.5, -0.5):
        root = _select(_apply("eq", x, -math.inf), math.inf, _apply("sqrt", _apply("add", x, 0.0)))
        return root if y == 0.5 else _apply("div", 1.0, root)
    return _apply("pow", x, y)


def _sign(x: Value) -> Value:
    zero = _apply("add", x, 0.0)
    return _select(_apply("gt", x, 0.0), 1.0, _select(_apply("lt", x, 0.0), -1.0, zero))


def _heaviside(x: Value, at_zero: Value) -> Value:
    zero = _select(_apply("eq", x, 0.0), at_zero, x)
    return _select(_apply("gt", x, 0.0), 1.0, _select(_apply("lt", x, 0.0), 0.0, zero))


def _decay(x: Value) -> Value:
    """Give exp(-|x|)."""
    return _apply("exp", _apply("neg", _apply("abs", x)))


def _log_sigmoid(x: Value) -> Value:
    return _apply("neg", _apply("sub", _apply("log1p", _decay(x)), _apply("min", x, 0.0)))


def _logaddexp(x: Value, y: Value) -> Value:
    """Add logarithms; infinities of one sign would give inf - inf."""
    joined = _apply("add", _apply("max", x, y), _apply("log1p", _decay(_apply("sub", x, y))))
    return _select(_apply("eq", x, y), _apply("add", x, math.log(2.0)), joined)


def _sech(x: Value) -> Value:
    """Give 2 d / (1 + d**2) of d = exp(-|x|), with what rounding loses of the sum."""
    decay = _decay(x)
    square = _apply("mul", decay, decay)
    below = _apply("add", 1.0, square)
    lost = _apply("sub", square, _apply("sub", below, 1.0))
    found = _apply("div", _apply("mul", 2.0, decay), below)
    inverse = _apply("add", 0.957, _apply("mul", -0.457, square))  # of `below`, nearly
    return _apply("sub", found, _apply("mul", found, _apply("mul", lost, inverse)))


COMPOSED: dict[str, Form] = {
    "heaviside": _heaviside,
    "isfinite": lambda x: _apply("lt", _apply("abs", x), math.inf),
    "isinf": lambda x: _apply("eq", _apply("abs", x), math.inf),
    "isnan": lambda x: _apply("ne", x, x),
    "logaddexp": _logaddexp,
    "positive": lambda x: x,
    "power": _power,
    "reciprocal": lambda x: _apply("div", 1.0, x),
    "sign": _sign,
    "special.log_expit": _log_sigmoid,
    "where": _select,
}

CHAINS: dict[tuple[str, ...], Form] = {("cosh", "reciprocal"): _sech}  # better than one by one


def form_of(op: Op, operands: Sequence[Value], whole: Whole = ()) -> Value | None:
    """Give what an operation computes of some operands; None if that cannot be said.

    What is `whole` stays one operation, though others compose it.
    """
    form = op.array
    if isinstance(form, str):
        return _by_name(form, operands, whole)
    if isinstance(form, tuple):
        return _by_chain(form, operands, whole)
    return _by_calling(form, operands, whole)


def _by_name(name: str, operands: Sequence[Value], whole: Whole) -> Value | None:
    if name in PLAIN:
        return _apply(PLAIN[name], *operands)
    if name in whole:
        return _apply(name, *operands)
    composed = COMPOSED.get(name)
    return None if composed is None else composed(*operands)


def _by_chain(names: tuple[str, ...], operands: Sequence[Value], whole: Whole) -> Value | None:
    if names in CHAINS and not all(name in PLAIN or name in whole for name in names):
        return CHAINS[names](*operands)
    found: Value | None = _by_name(names[0], operands, whole)
    for name in names[1:]:
        found = None if found is None else _by_name(name, [found], whole)
    return found


def _by_calling(
    function: Callable[..., Any], operands: Sequence[Value], whole: Whole
) -> Value | None:
    """Call a function of arrays with a module that notes what it does."""
    noted = [_Noted(operand) for operand in operands]
    module = _Module(whole)
    try:
        found = function(module, *noted)
    except TypeError:  # it writes into what it is given
        found = _into(function, module, noted)
    except (AttributeError, ValueError):
        return None
    return found.value if isinstance(found, _Noted) else None


def _into(function: Callable[..., Any], module: _Module, noted: Sequence[_Noted]) -> Any:
    out = _Noted(math.nan)
    try:
        function(module, *noted, out=out)
    except (TypeError, AttributeError, ValueError):
        return None
    return out


class _Noted:
    """Stands for an array in a row's function of arrays."""

    def __init__(self, value: Value) -> None:
        self.value = value

    def __add__(self, other: Any) -> _Noted:
        return _MODULE.add(self, other)

    def __radd__(self, other: Any) -> _Noted:
        return _MODULE.add(other, self)

    def __sub__(self, other: Any) -> _Noted:
        return _MODULE.subtract(self, other)

    def __rsub__(self, other: Any) -> _Noted:
        return _MODULE.subtract(other, self)

    def __mul__(self, other: Any) -> _Noted:
        return _MODULE.multiply(self, other)

    def __rmul__(self, other: Any) -> _Noted:
        return _MODULE.multiply(other, self)

    def __truediv__(self, other: Any) -> _Noted:
        return _MODULE.divide(self, other)

    def __rtruediv__(self, other: Any) -> _Noted:
        return _MODULE.divide(other, self)

    def __neg__(self) -> _Noted:
        return _MODULE.negative(self)

    def __eq__(self, other: object) -> Any:
        return _MODULE.equal(self, other)

    def __ne__(self, other: object) -> Any:
        return _MODULE.not_equal(self, other)

    __hash__ = None  # type: ignore[assignment]  # as of an array

    def __bool__(self) -> bool:
        raise TypeError("an array of numbers that nobody knows yet is neither true nor false")


class _Module:
    """Stands for NumPy: its functions note what is asked of them."""

    nan = math.nan
    inf = math.inf
    pi = math.pi
    e = math.e

    def __init__(self, whole: Whole) -> None:
        self._whole = whole

    def __getattr__(self, name: str) -> Callable[..., _Noted]:
        if name not in PLAIN and name not in COMPOSED:
            raise AttributeError(name)

        def noted(*operands: Any, out: _Noted | None = None) -> _Noted:
            value = _by_name(name, [_value(operand) for operand in operands], self._whole)
            assert value is not None
            if out is None:
                return _Noted(value)
            out.value = value
            return out

        return noted

    def copyto(self, out: _Noted, source: Any, where: Any = 1.0) -> None:
        """Copy numbers, where a condition holds."""
        out.value = _select(_value(where), _value(source), out.value)


_MODULE = _Module(())  # for signs between arrays, which are plain


def _value(operand: Any) -> Value:
    return operand.value if isinstance(operand, _Noted) else float(operand)
