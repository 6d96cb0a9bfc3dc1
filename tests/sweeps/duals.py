"""Dual numbers, nested for derivatives of derivatives, and the rows of the table on them.

They share nothing with the package. Numbers are computed by Python's arithmetic, as written; slopes
by rules of their own, forward, and a slope that is 0 by structure is never multiplied.
"""

from __future__ import annotations

import math
import operator
import random
from collections.abc import Callable
from typing import Any

SMALL, FINE = 2.0**30, 2.0**7  # whole multiples of 1 / FINE below SMALL add up without rounding
BIG = 2.0**50  # only sums whose rounding is meant have such numbers

Rule = tuple[Callable[..., float], tuple[Callable[..., Any] | None, ...]]


class State:
    """What holds for all numbers: open contexts, and how exact the numbers were."""

    def __init__(self) -> None:
        self.no_grad = False
        self.level = 0
        self.exact = True
        self.noise = 0.0  # relative, of each operation
        self.rng = random.Random(0)

    def seen(self, z: float, rounds: bool) -> float:
        """Look at a number that was computed: shake it, or see whether it was rounded."""
        if self.noise:
            return z * (1.0 + self.noise * self.rng.uniform(-1.0, 1.0)) if rounds else z
        size = abs(z)
        if size > SMALL or not (z * FINE).is_integer():
            self.exact = self.exact and not SMALL < size < BIG and not size <= SMALL
        return z


STATE = State()


class Dual:
    """A number and its slope, of the innermost transform that it depends on."""

    __slots__ = ("level", "slope", "value")

    def __init__(self, level: int, value: Any, slope: Any) -> None:
        self.level = level
        self.value = value
        self.slope = slope

    def __add__(self, other: Any) -> Any:
        return add(self, other)

    def __radd__(self, other: Any) -> Any:
        return add(other, self)

    def __sub__(self, other: Any) -> Any:
        return sub(self, other)

    def __rsub__(self, other: Any) -> Any:
        return sub(other, self)

    def __mul__(self, other: Any) -> Any:
        return mul(self, other)

    def __rmul__(self, other: Any) -> Any:
        return mul(other, self)

    def __truediv__(self, other: Any) -> Any:
        return div(self, other)

    def __rtruediv__(self, other: Any) -> Any:
        return div(other, self)

    def __pow__(self, other: Any) -> Any:
        return power(self, other)

    def __rpow__(self, other: Any) -> Any:
        return power(other, self)

    def __mod__(self, other: Any) -> Any:
        return apply(RULES["mod"], self, other)

    def __floordiv__(self, other: Any) -> Any:
        return apply(RULES["floordiv"], self, other)

    def __neg__(self) -> Any:
        return apply(RULES["neg"], self)

    def __abs__(self) -> Any:
        return apply(RULES["abs"], self)

    def __lt__(self, other: Any) -> bool:
        return plain(self) < plain(other)

    def __le__(self, other: Any) -> bool:
        return plain(self) <= plain(other)

    def __gt__(self, other: Any) -> bool:
        return plain(self) > plain(other)

    def __ge__(self, other: Any) -> bool:
        return plain(self) >= plain(other)

    def __eq__(self, other: Any) -> bool:
        return plain(self) == plain(other)

    def __ne__(self, other: Any) -> bool:
        return plain(self) != plain(other)

    __hash__ = object.__hash__

    def __copy__(self) -> Any:
        return plain(self) if STATE.no_grad else self

    def __deepcopy__(self, memo: Any) -> Any:
        return self.__copy__()


def plain(x: Any) -> Any:
    """Give the number without its slopes."""
    while isinstance(x, Dual):
        x = x.value
    return x


def apply(rule: Rule, *args: Any) -> Any:
    """Compute a row of the table on numbers with slopes, or without."""
    level = max([x.level for x in args if isinstance(x, Dual)], default=0)
    if not level:
        return STATE.seen(float(rule[0](*args)), rule[0] not in KEEPING)
    if STATE.no_grad:
        return apply(rule, *map(plain, args))
    here = [isinstance(x, Dual) and x.level == level for x in args]
    values = [x.value if own else x for x, own in zip(args, here, strict=True)]
    z = apply(rule, *values)
    slope: Any = None
    for x, own, partial in zip(args, here, rule[1], strict=True):
        factor = partial(*values, z) if own and partial is not None else None
        if factor is not None:
            term = mul(factor, x.slope)
            slope = term if slope is None else add(slope, term)
    return z if slope is None else Dual(level, z, slope)


# ---- rows --------------------------------------------------------------------------------------


def _sigmoid(x: float) -> float:
    return 1.0 / (1.0 + math.exp(-x)) if x >= 0.0 else math.exp(x) / (1.0 + math.exp(x))


def _logaddexp(x: float, y: float) -> float:
    return max(x, y) + math.log1p(math.exp(-abs(x - y))) if x != y else x + math.log(2.0)


def _compared(compare: Callable[[float, float], bool]) -> Rule:
    def compute(x: float, y: float) -> float:
        return 1.0 if compare(x, y) else 0.0

    KEEPING.add(compute)
    return compute, (None, None)


def row_of(name: str) -> Callable[..., Any]:
    """Name a row before it is there."""
    return lambda *args: apply(RULES[name], *args)


def greater(x: float, y: float) -> float:
    return x if x >= y or x != x else y


def lesser(x: float, y: float) -> float:
    return x if x <= y or x != x else y


def _sign(x: float) -> float:
    return float((x > 0.0) - (x < 0.0)) if x == x else x  # NaN stays NaN, as with NumPy


def _step(x: float) -> float:
    return float(x > 0.0) if x == x else x


def _floor(x: float) -> float:
    return float(math.floor(x))


def _ceil(x: float) -> float:
    return float(math.ceil(x))


KEEPING: set[Any] = {
    operator.neg,
    abs,
    greater,
    lesser,
    _sign,
    _step,
    _floor,
    _ceil,
    operator.floordiv,
}


def add(x: Any, y: Any) -> Any:
    return apply(RULES["add"], x, y)


def sub(x: Any, y: Any) -> Any:
    return apply(RULES["sub"], x, y)


def mul(x: Any, y: Any) -> Any:
    return apply(RULES["mul"], x, y)


def div(x: Any, y: Any) -> Any:
    return apply(RULES["div"], x, y)


def power(x: Any, y: Any) -> Any:
    """Give x ** y; a constant exponent goes by multiplication, so that no slope needs a log."""
    if isinstance(y, Dual):
        return apply(RULES["pow"], x, y)

    def slope(x: Any, z: Any) -> Any:
        return 0.0 if y == 0.0 else mul(y, power(x, y - 1.0))

    return apply((lambda x: math.pow(x, y), (slope,)), x)


sin, cos, exp, sqrt, sigmoid, hypot, sinh, cosh = map(
    row_of, ["sin", "cos", "exp", "sqrt", "sigmoid", "hypot", "sinh", "cosh"]
)
_ROOT = 2.0 / math.sqrt(math.pi)


def _zero(*args: Any) -> float:
    return 0.0  # times a slope, which may be infinite


def _one(*args: Any) -> float:
    return 1.0


def _flat(*args: Any) -> float | None:
    """Give no slope, but at NaN, where a step has none."""
    z = plain(args[-1])
    return None if z == z else z


RULES: dict[str, Rule] = {
    "add": (operator.add, (_one, _one)),
    "sub": (operator.sub, (_one, lambda x, y, z: -1.0)),
    "mul": (operator.mul, (lambda x, y, z: y, lambda x, y, z: x)),
    "div": (operator.truediv, (lambda x, y, z: 1.0 / y, lambda x, y, z: -x / (y * y))),
    "pow": (
        math.pow,
        (lambda x, y, z: y * power(x, y - 1.0), lambda x, y, z: z * row_of("log")(x)),
    ),
    "mod": (operator.mod, (_one, lambda x, y, z: -row_of("floordiv")(x, y))),
    "floordiv": (operator.floordiv, (_flat, _flat)),
    "neg": (operator.neg, (lambda x, z: -1.0,)),
    "abs": (abs, (lambda x, z: _sign(plain(x)),)),
    "sign": (_sign, (_flat,)),
    "step": (_step, (_flat,)),
    "floor": (_floor, (_flat,)),
    "ceil": (_ceil, (_flat,)),
    "ge": _compared(operator.ge),
    "gt": _compared(operator.gt),
    "le": _compared(operator.le),
    "lt": _compared(operator.lt),
    "eq": _compared(operator.eq),
    "exp": (math.exp, (lambda x, z: z,)),
    "exp2": (math.exp2, (lambda x, z: z * math.log(2.0),)),
    "expm1": (math.expm1, (lambda x, z: exp(x),)),
    "log": (math.log, (lambda x, z: 1.0 / x,)),
    "log1p": (math.log1p, (lambda x, z: 1.0 / (1.0 + x),)),
    "log2": (math.log2, (lambda x, z: 1.0 / (x * math.log(2.0)),)),
    "sqrt": (math.sqrt, (lambda x, z: 0.5 / z,)),
    "cbrt": (math.cbrt, (lambda x, z: 1.0 / (3.0 * z * z),)),
    "sin": (math.sin, (lambda x, z: cos(x),)),
    "cos": (math.cos, (lambda x, z: -sin(x),)),
    "tan": (math.tan, (lambda x, z: 1.0 + z * z,)),
    "asin": (math.asin, (lambda x, z: 1.0 / sqrt(1.0 - x * x),)),
    "acos": (math.acos, (lambda x, z: -1.0 / sqrt(1.0 - x * x),)),
    "atan": (math.atan, (lambda x, z: 1.0 / (1.0 + x * x),)),
    "sinh": (math.sinh, (lambda x, z: cosh(x),)),
    "cosh": (math.cosh, (lambda x, z: sinh(x),)),
    "tanh": (math.tanh, (lambda x, z: power(1.0 / cosh(x), 2.0),)),
    "asinh": (math.asinh, (lambda x, z: 1.0 / sqrt(1.0 + x * x),)),
    "erf": (math.erf, (lambda x, z: _ROOT * exp(-x * x),)),
    "erfc": (math.erfc, (lambda x, z: -_ROOT * exp(-x * x),)),
    "sigmoid": (_sigmoid, (lambda x, z: z * sigmoid(-x),)),
    "softplus": (lambda x: _logaddexp(0.0, x), (lambda x, z: sigmoid(x),)),
    "log_sigmoid": (lambda x: -_logaddexp(0.0, -x), (lambda x, z: sigmoid(-x),)),
    "hypot": (math.hypot, (lambda x, y, z: x / z, lambda x, y, z: y / z)),
    "atan2": (
        math.atan2,
        (lambda x, y, z: y / (x * x + y * y), lambda x, y, z: -x / (x * x + y * y)),
    ),
    "logaddexp": (
        _logaddexp,
        (lambda x, y, z: sigmoid(x - y), lambda x, y, z: sigmoid(y - x)),
    ),
}


def extreme(compute: Callable[[float, float], float], first: Callable[[Any, Any], bool]) -> Any:
    def row(*args: Any) -> Any:
        numbers = list(args[0]) if len(args) == 1 else args
        found = numbers[0]
        for x in numbers[1:]:
            partials = (_one, _zero) if first(plain(found), plain(x)) else (_zero, _one)
            found = apply((compute, partials), found, x)
        return found

    return row
