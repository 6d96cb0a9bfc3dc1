"""The operations that loops are made of, as C and its kin write them: the one place that says how."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from enum import IntEnum
from typing import TypeAlias

from .helpers import HELPERS
from .language import Language

__all__ = [
    "COMPARISONS",
    "EXTREMES",
    "Level",
    "Text",
    "applied",
    "bound",
    "chosen",
    "compared",
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
LIBRARY = frozenset(["abs", *FUNCTIONS.split()])
FOLDS = {
    "add": ("+", Level.PLUS),
    "mul": ("*", Level.TIMES),
    "sub": ("-", Level.PLUS),
    "div": ("/", Level.TIMES),
}
COMPARISONS = {"eq": "==", "ge": ">=", "gt": ">", "le": "<=", "lt": "<", "ne": "!="}
EXTREMES = {"max": ">", "min": "<"}


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


def number(value: float, language: Language) -> Text:
    """Write a number."""
    text = language.number(value)
    return text, Level.SIGN if text.startswith("-") else Level.ATOM


def applied(
    op: str,
    parts: Sequence[Text],
    known: Sequence[float | None],
    language: Language,
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
        return (
            f"{compared(op, parts)} ? {language.number(1.0)} : {language.number(0.0)}",
            Level.CHOSEN,
        )
    if op == "select":
        condition, x, y = parts
        return (
            f"{bound(condition, Level.ATOM)} != 0 ? {bound(x, Level.COMPARED)} : {bound(y, Level.CHOSEN)}",
            Level.CHOSEN,
        )
    inside = ", ".join([text for text, _ in parts])
    return f"{language.library(op) or helper(op)}({inside})", Level.ATOM


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
