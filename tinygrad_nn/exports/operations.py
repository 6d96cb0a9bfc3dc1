"""The operations that loops are made of, as C: the one place that says how each is written."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TypeAlias

from .text import Real

__all__ = [
    "COMPARISONS",
    "EXTREMES",
    "Level",
    "Text",
    "applied",
    "bound",
    "chosen",
    "compared",
    "helper_text",
    "is_known",
    "number",
]

Text: TypeAlias = "tuple[str, int]"  # an expression, and how tightly its outermost operation binds


class Level(IntEnum):
    """How tightly an operation binds."""

    CHOSEN = 0
    COMPARED = 1
    PLUS = 2
    TIMES = 3
    SIGN = 4
    ATOM = 5


FUNCTIONS = """
acos acosh asin asinh atan atan2 atanh cbrt ceil cos cosh erf erfc exp exp2 expm1 floor hypot log
log10 log1p log2 pow rint sin sinh sqrt tan tanh trunc
"""
LIBRARY = {"abs": "fabs", **{name: name for name in FUNCTIONS.split()}}  # of math.h
FOLDS = {
    "add": ("+", Level.PLUS),
    "mul": ("*", Level.TIMES),
    "sub": ("-", Level.PLUS),
    "div": ("/", Level.TIMES),
}
COMPARISONS = {"eq": "==", "ge": ">=", "gt": ">", "le": "<=", "lt": "<", "ne": "!="}
EXTREMES = {"max": ">", "min": "<"}

# What takes more than an expression; R is the type, and F(name) a function of math.h for it.
HELPERS = {
    "max": """\
static inline R P_max(R x, R y)
{
    return x > y || x != x ? x : y;
}
""",
    "min": """\
static inline R P_min(R x, R y)
{
    return x < y || x != x ? x : y;
}
""",
    "sigmoid": """\
static inline R P_sigmoid(R x)
{
    const R e = F(exp)(-F(fabs)(x));
    return (x < 0 ? e : 1) / (1 + e);
}
""",
    "mod": """\
static inline R P_mod(R x, R y)
{
    const R r = F(fmod)(x, y);
    return r == 0 ? F(copysign)(0, y) : (r < 0) != (y < 0) ? r + y : r;
}
""",
    "floordiv": """\
static inline R P_floordiv(R x, R y)
{
    const R r = F(fmod)(x, y);
    R q = (x - r) / y, whole;
    if (y == 0)
        return x / y;
    if (r != 0 && (r < 0) != (y < 0))
        q -= 1;
    whole = F(floor)(q);
    return q == 0 ? F(copysign)(0, x / y) : q - whole > 0.5S ? whole + 1 : whole;
}
""",
    "place": """\
static inline int P_place(R x, int size)
{
    const int n = x >= 0 && x < size ? (int)x : -1;
    return n == x ? n : -1;
}
""",
}


def is_known(op: str) -> bool:
    """Tell whether an operation can be written."""
    return (
        op in LIBRARY
        or op in FOLDS
        or op in COMPARISONS
        or op in HELPERS
        or op in ("neg", "select")
    )


def bound(text: Text, least: int) -> str:
    """Give an expression, in parentheses where it does not bind as tightly."""
    return text[0] if text[1] >= least else f"({text[0]})"


def number(value: float, real: Real) -> Text:
    """Write a number."""
    text = real.number(value)
    return text, Level.SIGN if text.startswith("-") else Level.ATOM


def applied(
    op: str,
    parts: Sequence[Text],
    known: Sequence[float | None],
    real: Real,
    helper: Callable[[str], str],
) -> Text:
    """Apply an operation; `known` has the parts that are plain numbers, `helper` names functions."""
    if op in FOLDS:
        sign, level = FOLDS[op]
        first, *others = parts
        shown = [bound(first, level), *[bound(one, _tighter(level, one)) for one in others]]
        return f" {sign} ".join(shown), level
    if op in EXTREMES:
        found, number = parts[0], known[0]
        for part, other in zip(parts[1:], known[1:], strict=True):
            found, number = extreme(op, found, part, number, other, helper), None
        return found
    if op == "neg":
        return f"-{bound(parts[0], Level.ATOM)}", Level.SIGN
    if op in COMPARISONS:
        return f"{compared(op, parts)} ? {real.number(1.0)} : {real.number(0.0)}", Level.CHOSEN
    if op == "select":
        condition, x, y = parts
        return (
            f"{bound(condition, Level.ATOM)} != 0 ? {bound(x, Level.COMPARED)} : {bound(y, Level.CHOSEN)}",
            Level.CHOSEN,
        )
    inside = ", ".join([text for text, _ in parts])
    if op in LIBRARY:
        return f"{LIBRARY[op]}{real.suffix}({inside})", Level.ATOM
    return f"{helper(op)}({inside})", Level.ATOM


def compared(op: str, parts: Sequence[Text]) -> str:
    """Write a comparison as a condition."""
    x, y = parts
    return f"{bound(x, Level.PLUS)} {COMPARISONS[op]} {bound(y, Level.PLUS)}"


def chosen(condition: str, x: Text, y: Text) -> Text:
    """Write a choice by a condition."""
    return f"{condition} ? {bound(x, Level.COMPARED)} : {bound(y, Level.CHOSEN)}", Level.CHOSEN


def _tighter(level: int, text: Text) -> int:
    """Say how tightly an operand on the right must bind; a sign there is in parentheses."""
    return Level.ATOM if text[1] == Level.SIGN else level + 1


def extreme(
    op: str,
    x: Text,
    y: Text,
    known_x: float | None,
    known_y: float | None,
    helper: Callable[[str], str],
) -> Text:
    """Take the greater or the less; a NaN stays. A plain number is no NaN, and comes first."""
    for number, other, of in ((x, y, known_x), (y, x, known_y)):
        if of is not None and not math.isnan(of) and other[1] == Level.ATOM:
            return f"{number[0]} {EXTREMES[op]} {other[0]} ? {number[0]} : {other[0]}", Level.CHOSEN
    return f"{helper(op)}({x[0]}, {y[0]})", Level.ATOM


def helper_text(name: str, prefix: str, real: Real) -> str:
    """Write a function that operations need."""
    text = HELPERS[name]
    for function in ("exp", "fabs", "fmod", "copysign", "floor"):
        text = text.replace(f"F({function})", f"{function}{real.suffix}")
    text = text.replace("0.5S", real.number(0.5))
    return text.replace("P_", f"{prefix}_").replace("R ", f"{real.name} ")
