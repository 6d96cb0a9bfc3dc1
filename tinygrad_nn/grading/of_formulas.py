"""Mistakes in one formula: the value of an operation, or its slope."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from .engine import OPERATIONS, Rules
from .mistake import Hints, Mistake, shown
from .of_operations import BINARY

__all__ = ["of_formulas"]


def of_formulas() -> Iterator[Mistake]:
    """List them."""
    yield from _reflected_values()
    yield from _values()
    yield from _powers()
    yield from _slopes()
    yield from _functions()


_FROM_RESULT = (
    "Compare the slope with a difference: change x by a millionth, and see how the result changes.",
    "The formula of this derivative is short when it is written with the result, not with x.",
    "Which of x and the result does your formula need, and which does it read?",
)
_BY_DIFFERENCE = (
    "Compare the slope with a difference: change the operand by a millionth, and see how the result "
    "changes.",
    "Derive the formula on paper, for each operand by itself with the other held fixed.",
    "Put numbers into what you derived and into what you wrote, factor by factor.",
)
_SIGNS = (
    "Make the operand a little larger: does the result grow or fall?",
    "The sign of a slope says just that.",
    "Follow the minus through the derivation: where was it lost, or where did one come in?",
)


def _value(
    operation: str, wrong: Callable[..., float], sentence: str, hints: Hints, name: str = "a value"
) -> Mistake:
    def change(rules: Rules) -> Rules:
        return replace(rules, values={**rules.values, operation: wrong})

    return Mistake(name, sentence, hints, change, (operation,))


def _slope(
    operation: str,
    wrong: Callable[[tuple[float, ...], float], tuple[float, ...]],
    sentence: str,
    hints: Hints,
    name: str = "a slope",
) -> Mistake:
    def change(rules: Rules) -> Rules:
        return replace(rules, slopes={**rules.slopes, operation: wrong})

    return Mistake(name, sentence, hints, change, (operation,))


def _reflected_values() -> Iterator[Mistake]:
    hints = (
        "Compute `3 - x` and `x - 3` for the same x.",
        "In a reflected method (`__rsub__`, `__rtruediv__`) which side does `self` stand on?",
        "`self` is the right operand there, and `other` the left one.",
    )
    yield _value(
        "n - x", lambda x, n: x - n, "`3 - x` gives `x - 3`: the operands of the reflected "
        "subtraction are in the wrong order.", hints, "reflected",
    )  # fmt: skip
    yield _value(
        "n / x", lambda x, n: x / n, "`3 / x` gives `x / 3`: the operands of the reflected "
        "division are in the wrong order.", hints, "reflected",
    )  # fmt: skip


def _values() -> Iterator[Mistake]:
    hints = (
        "Compute one by hand, and compare with `.data`.",
        "Which formula does the name of the operation stand for?",
        "Look the definition up, and follow it for one positive and one negative number.",
    )
    wrong: list[tuple[str, Callable[..., float], str]] = [
        ("x - y", lambda x, y: y - x, "`x - y` gives `y - x`."),
        ("x - y", lambda x, y: x + y, "`x - y` gives the sum."),
        ("-x", lambda x: x, "`-x` gives x itself."),
        ("x / y", lambda x, y: y / x, "`x / y` gives `y / x`."),
        ("x / y", lambda x, y: x // y, "`x / y` is rounded down to a whole number."),
        ("x ** n", lambda x, n: x * n, "`x ** n` gives `x * n`."),
        ("x ** n", lambda x, n: n**x, "`x ** n` gives `n ** x`: base and exponent are swapped."),
        ("n + x", lambda x, n: x, "`3 + x` gives x."),
        ("n * x", lambda x, n: x, "`3 * x` gives x."),
        ("x.tanh()", lambda x: math.tanh(x / 2), "`tanh` is computed with e^x in place of e^(2x)."),
        ("x.tanh()", lambda x: -math.tanh(x), "`tanh` has the wrong sign."),
        ("x.relu()", lambda x: min(0.0, x), "`relu` keeps the negative numbers, not the positive."),
        ("x.relu()", abs, "`relu` gives the absolute value."),
        ("x.exp()", lambda x: math.exp(-x), "`exp` has the wrong sign in its exponent."),
        ("x.exp()", lambda x: 2.0**x, "`exp` gives a power of 2, not of e."),
        ("x.log()", lambda x: math.log10(x), "`log` is to base 10, not the natural one."),
        ("x.log()", lambda x: math.log2(x), "`log` is to base 2, not the natural one."),
        ("x.sigmoid()", lambda x: 1 / (1 + math.exp(x)), "`sigmoid` has the wrong sign in its exponent."),
        ("x.sigmoid()", lambda x: 1 / (1 - math.exp(-x)), "`sigmoid` has a minus in its denominator."),
    ]  # fmt: skip
    for operation, rule, sentence in wrong:
        yield _value(operation, rule, sentence, hints)


def _powers() -> Iterator[Mistake]:
    hints = (
        "Try the square and the cube of a number by hand.",
        "The power rule has two parts: what comes down in front, and what becomes of the exponent.",
        "One of the two parts is not as the rule has it.",
    )
    wrong: list[tuple[Callable[[float, float], float], str]] = [
        (lambda x, n: n * x**n, "the exponent is not lowered by one"),
        (lambda x, n: x ** (n - 1), "the exponent does not come down as a factor"),
        (
            lambda x, n: (n - 1) * x ** (n - 1),
            "the factor is the lowered exponent, not the exponent",
        ),
        (lambda x, n: (n - 1) * x**n, "the factor is lowered, and the exponent is not"),
        (lambda x, n: n * x ** (n + 1), "the exponent is raised by one, not lowered"),
        (lambda x, n: n * x, "the power is left out"),
        (lambda x, n: n * x ** (n - 2), "the exponent is lowered by two"),
        (lambda x, n: n, "the slope is the exponent alone"),
        (lambda x, n: x**n, "the slope is the power itself"),
        (lambda x, n: x ** (n + 1) / (n + 1) if n != -1 else 0.0, "it is the integral"),
        (lambda x, n: n ** (x - 1) if n > 0 else 0.0, "base and exponent are swapped"),
        (
            lambda x, n: (n * x) ** (n - 1) if n * x else 0.0,
            "the factor is raised to the power too",
        ),
        (lambda x, n: -n * x ** (n - 1), "the sign is wrong"),
        (lambda x, n: 2 * x, "the slope is that of a square, whatever the exponent"),
    ]
    for rule, what in wrong:
        yield _slope(
            "x ** n",
            _power(rule),
            f"The power rule in `x ** n` is wrong: {what}.",
            hints,
            "power rule",
        )


def _power(rule: Callable[[float, float], float]) -> Callable[[Any, float], tuple[float, float]]:
    return lambda xs, y: (rule(xs[0], xs[1]), 0.0)


def _slopes() -> Iterator[Mistake]:
    two: list[tuple[str, Callable[[float, float], tuple[float, float]], str, Hints]] = [
        ("x * y", lambda x, y: (x, y), "In `x * y` each operand gets itself as its slope: the two are "
         "swapped.", _BY_DIFFERENCE),
        ("x * y", lambda x, y: (1.0, 1.0), "In `x * y` the slopes are 1, as if it were a sum.", _BY_DIFFERENCE),
        ("x * y", lambda x, y: (x * y, x * y), "In `x * y` the slopes are the product itself.", _BY_DIFFERENCE),
        ("x * y", lambda x, y: (y, y), "In `x * y` both operands get the right one as their slope.", _BY_DIFFERENCE),
        ("x * y", lambda x, y: (x, x), "In `x * y` both operands get the left one as their slope.", _BY_DIFFERENCE),
        ("x + y", lambda x, y: (y, x), "In `x + y` the slopes are those of a product.", _BY_DIFFERENCE),
        ("x + y", lambda x, y: (x, y), "In `x + y` the slopes are the operands themselves.", _BY_DIFFERENCE),
        ("x + y", lambda x, y: (x + y, x + y), "In `x + y` the slopes are the sum itself.", _BY_DIFFERENCE),
        ("x + y", lambda x, y: (1.0, -1.0), "In `x + y` the slope of the right operand has the wrong sign.", _SIGNS),
        ("x - y", lambda x, y: (1.0, 1.0), "In `x - y` the slope of the right operand has the wrong sign.", _SIGNS),
        ("x - y", lambda x, y: (-1.0, 1.0), "In `x - y` both slopes have the wrong sign.", _SIGNS),
        ("x - y", lambda x, y: (-1.0, -1.0), "In `x - y` the slope of the left operand has the wrong sign.", _SIGNS),
        ("x / y", lambda x, y: (1 / y, x / y**2), "In `x / y` the slope by y has the wrong sign.", _SIGNS),
        ("x / y", lambda x, y: (1 / y, -x / y), "In `x / y` the slope by y has y in its denominator where y "
         "squared belongs.", _BY_DIFFERENCE),
        ("x / y", lambda x, y: (1 / y, -1 / y**2), "In `x / y` the slope by y lacks the factor x.", _BY_DIFFERENCE),
        ("x / y", lambda x, y: (1 / y, 1 / x), "In `x / y` the slope by y is 1 over the other operand, as if it "
         "were the left one.", _BY_DIFFERENCE),
        ("x / y", lambda x, y: (1 / y, x), "In `x / y` the slope by y is that of a product.", _BY_DIFFERENCE),
        ("x / y", lambda x, y: (1 / y, -y / x**2), "In `x / y` the slope by y has its operands swapped.", _BY_DIFFERENCE),
        ("x / y", lambda x, y: (y, -x / y**2), "In `x / y` the slope by x is y where 1 over y belongs.", _BY_DIFFERENCE),
        ("x / y", lambda x, y: (1.0, -x / y**2), "In `x / y` the slope by x is 1.", _BY_DIFFERENCE),
    ]  # fmt: skip
    for operation, rule, sentence, hints in two:
        yield _slope(
            operation, _both(rule), sentence, hints, "a sign" if hints is _SIGNS else "a slope"
        )
    reflected: list[tuple[str, Callable[[float, float], float], str]] = [
        ("n - x", lambda x, n: 1.0, "In `3 - x` the slope has the sign of `x - 3`."),
        ("n / x", lambda x, n: n / x**2, "In `3 / x` the slope has the wrong sign."),
        ("n / x", lambda x, n: 1 / n, "In `3 / x` the slope is that of `x / 3`."),
        ("n / x", lambda x, n: -1 / x**2, "In `3 / x` the slope lacks the number on the left."),
        ("n / x", lambda x, n: -n / x, "In `3 / x` the slope has x where x squared belongs."),
        (
            "n * x",
            lambda x, n: x,
            "In `3 * x` the slope is x where the number on the left belongs.",
        ),
        ("n * x", lambda x, n: 1.0, "In `3 * x` the slope is 1."),
    ]
    for operation, first, sentence in reflected:
        yield _slope(operation, _power(first), sentence, _BY_DIFFERENCE, "reflected slope")
    yield _slope(
        "-x", lambda xs, y: (1.0,), "In `-x` the slope has the wrong sign.", _SIGNS, "a sign"
    )
    for name in OPERATIONS:
        yield _sign_of(name)
        if name in BINARY:
            for k, side in enumerate(("left", "right")):
                yield _without(name, k, f"In `{name}` the {side} operand gets no gradient.")


def _both(
    rule: Callable[[float, float], tuple[float, float]],
) -> Callable[[Any, float], tuple[float, float]]:
    return lambda xs, y: rule(xs[0], xs[1])


def _sign_of(operation: str) -> Mistake:
    def change(rules: Rules) -> Rules:
        right = rules.slopes[operation]
        return replace(
            rules,
            slopes={**rules.slopes, operation: lambda xs, y: tuple(-s for s in right(xs, y))},
        )

    sentence = f"The slope of `{shown(operation)}` has the wrong sign."
    return Mistake("a sign", sentence, _SIGNS, change, (operation,))


def _without(operation: str, k: int, sentence: str) -> Mistake:
    def change(rules: Rules) -> Rules:
        right = rules.slopes[operation]

        def wrong(xs: tuple[float, ...], y: float) -> tuple[float, ...]:
            return tuple(0.0 if j == k else s for j, s in enumerate(right(xs, y)))

        return replace(rules, slopes={**rules.slopes, operation: wrong})

    hints = (
        "Call backward on this operation alone, and look at both operands.",
        "How many operands does the backward step write to?",
        "Each operand that is a number of yours has a slope of its own.",
    )
    return Mistake("an operand left out", sentence, hints, change, (operation,))


def _functions() -> Iterator[Mistake]:
    one: list[tuple[str, Callable[[float, float], float], str, Hints]] = [
        ("tanh", lambda x, y: 1 - x * x, "is computed from x where the result belongs", _FROM_RESULT),
        ("tanh", lambda x, y: 1 - y, "lacks the square", _FROM_RESULT),
        ("tanh", lambda x, y: 1 + y * y, "has a plus where a minus belongs", _SIGNS),
        ("tanh", lambda x, y: y, "is the result itself", _BY_DIFFERENCE),
        ("tanh", lambda x, y: y * (1 - y), "is that of sigmoid", _BY_DIFFERENCE),
        ("tanh", lambda x, y: 1.0, "is 1 everywhere", _BY_DIFFERENCE),
        ("tanh", lambda x, y: 1 - math.tanh(y) ** 2, "is computed from tanh of the result: tanh is taken "
         "twice", _FROM_RESULT),
        ("tanh", lambda x, y: 1 / math.cosh(x), "lacks a square", _BY_DIFFERENCE),
        ("relu", lambda x, y: 1.0, "is 1 on the negative side too", _BY_DIFFERENCE),
        ("relu", lambda x, y: 1.0 if x < 0 else 0.0, "is 1 on the negative side and 0 on the positive", _SIGNS),
        ("relu", lambda x, y: y, "is the result itself", _BY_DIFFERENCE),
        ("relu", lambda x, y: x, "is x itself", _BY_DIFFERENCE),
        ("relu", lambda x, y: 1.0 if x > 0 else -1.0, "is -1 on the negative side", _BY_DIFFERENCE),
        ("relu", lambda x, y: 1.0 if x > 0 else 0.01, "is not 0 on the negative side", _BY_DIFFERENCE),
        ("exp", lambda x, y: x, "is x", _FROM_RESULT),
        ("exp", lambda x, y: 1.0, "is 1", _BY_DIFFERENCE),
        ("exp", lambda x, y: x * math.exp(x - 1), "follows the power rule, which is for a fixed exponent",
         _BY_DIFFERENCE),
        ("exp", lambda x, y: x * y, "has a factor x too many", _BY_DIFFERENCE),
        ("exp", lambda x, y: math.exp(y), "is exp of the result: exp is taken twice", _FROM_RESULT),
        ("log", lambda x, y: 1 / y if y else math.inf, "is computed from the result where x belongs", _FROM_RESULT),
        ("log", lambda x, y: x, "is x where 1 over x belongs", _BY_DIFFERENCE),
        ("log", lambda x, y: y, "is the result itself", _BY_DIFFERENCE),
        ("log", lambda x, y: 1.0, "is 1", _BY_DIFFERENCE),
        ("log", lambda x, y: 1 / (x * math.log(10)), "is that of log to base 10", _BY_DIFFERENCE),
        ("log", lambda x, y: -1 / x**2, "is the second derivative", _BY_DIFFERENCE),
        ("sigmoid", lambda x, y: x * (1 - x), "is computed from x where the result belongs", _FROM_RESULT),
        ("sigmoid", lambda x, y: 1 - y, "lacks the factor of the result", _FROM_RESULT),
        ("sigmoid", lambda x, y: y, "is the result itself", _FROM_RESULT),
        ("sigmoid", lambda x, y: y * (1 + y), "has a plus where a minus belongs", _SIGNS),
        ("sigmoid", lambda x, y: y * y, "is the square of the result", _BY_DIFFERENCE),
        ("sigmoid", lambda x, y: 1 - y * y, "is that of tanh", _BY_DIFFERENCE),
        ("sigmoid", lambda x, y: 1.0, "is 1 everywhere", _BY_DIFFERENCE),
        ("sigmoid", lambda x, y: _twice(y), "is computed from sigmoid of the result: sigmoid is taken "
         "twice", _FROM_RESULT),
    ]  # fmt: skip
    for name, rule, what, hints in one:
        yield _slope(f"x.{name}()", _single(rule), f"The slope of `{name}` {what}.", hints)


def _single(rule: Callable[[float, float], float]) -> Callable[[Any, float], tuple[float]]:
    return lambda xs, y: (rule(xs[0], y),)


def _twice(y: float) -> float:
    s = 1 / (1 + math.exp(-y))
    return s * (1 - s)
