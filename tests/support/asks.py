"""All ways in which Python code can tell integers, floats, bools, NumPy's numbers and Values apart."""

from __future__ import annotations

import collections.abc
import functools
import math
import numbers
import operator
import typing
from collections.abc import Callable
from typing import Any

import numpy as np

__all__ = ["ANSWERED", "ASKS", "LEFT", "Function", "asking"]

Function = Callable[[Any, Any], Any]
Ask = Callable[[Any], Any]


class Box:
    """What holds a number."""

    def __init__(self, n: Any) -> None:
        self.n = n

    def is_integer(self) -> bool:
        return type(self.n) is int


@functools.singledispatch
def dispatched(n: Any) -> str:
    return "anything"


@dispatched.register
def _(n: int) -> str:
    return "int"


@dispatched.register
def _(n: float) -> str:
    return "float"


def does(call: Ask) -> Ask:
    """Make what tells whether something can be done with a number."""

    def ask(n: Any) -> bool:
        try:
            call(n)
        except (TypeError, AttributeError, ValueError):
            return False
        return True

    return ask


def by_pattern(n: Any) -> str:
    match n:
        case bool():
            return "bool"
        case int():
            return "int"
        case float():
            return "float"
    return "other"


def by_another_name(n: Any) -> bool:
    ask = isinstance
    return ask(n, int)


def by_another_type(n: Any) -> bool:
    kind = type
    return kind(n) is int


def validated(n: Any) -> bool:
    if not isinstance(n, (int, float)):
        raise ValueError("no number")
    return bool(n > 2)


def refused(n: Any) -> bool:
    if isinstance(n, int):
        raise KeyError("an integer")
    return bool(n > 2)


ANSWERED: dict[str, Ask] = {  # of symbols
    "isinstance int": lambda n: isinstance(n, int),
    "isinstance float": lambda n: isinstance(n, float),
    "isinstance of both": lambda n: isinstance(n, (int, float)),
    "isinstance of a union": lambda n: isinstance(n, int | float),
    "isinstance bool": lambda n: isinstance(n, bool),
    "isinstance list": lambda n: isinstance(n, list),
    "isinstance in map": lambda n: any(map(isinstance, [n], [int])),
    "isinstance in a lambda": lambda n: (lambda u: isinstance(u, int))(n),
    "isinstance by another name": by_another_name,
    "Integral": lambda n: isinstance(n, numbers.Integral),
    "Rational": lambda n: isinstance(n, numbers.Rational),
    "Real": lambda n: isinstance(n, numbers.Real),
    "np.floating": lambda n: isinstance(n, np.floating),
    "np.integer": lambda n: isinstance(n, np.integer),
    "np.generic": lambda n: isinstance(n, np.generic),
    "SupportsIndex": lambda n: isinstance(n, typing.SupportsIndex),
    "SupportsInt": lambda n: isinstance(n, typing.SupportsInt),
    "Hashable": lambda n: isinstance(n, collections.abc.Hashable),
    "__class__ is": lambda n: n.__class__ is int,
    "__class__, its name": lambda n: n.__class__.__name__ == "float",
    "__class__, a dict of them": lambda n: {int: True}.get(n.__class__, False),
    "a pattern, int": lambda n: by_pattern(n) == "int",
    "a pattern, float": lambda n: by_pattern(n) == "float",
    "singledispatch, int": lambda n: dispatched(n) == "int",
    "singledispatch, float": lambda n: dispatched(n) == "float",
    "hasattr bit_length": lambda n: hasattr(n, "bit_length"),
    "hasattr numerator": lambda n: hasattr(n, "numerator"),
    "hasattr dtype": lambda n: hasattr(n, "dtype"),
    "getattr bit_length": lambda n: getattr(n, "bit_length", None) is not None,
    "a product": lambda n: isinstance(n * 2, int),
    "a sum": lambda n: isinstance(n + 1.0, float),
    "//": lambda n: isinstance(n // 1, int),
    "validated": validated,
}
LEFT: dict[str, Ask] = {  # to Python
    "type is": lambda n: type(n) is int,
    "type ==": lambda n: type(n) == float,  # noqa: E721  # as people write
    "type in": lambda n: type(n) in (int, bool),
    "type, its name": lambda n: type(n).__name__ == "int",
    "type, a dict of them": lambda n: {int: True, float: False}.get(type(n), False),
    "type by another name": by_another_type,
    "type in map": lambda n: list(map(type, [n])) == [int],
    "type of an entry": lambda n: type([n][0]) is int,
    "type of an attribute": lambda n: type(Box(n).n) is int,
    "type of an attribute of self": lambda n: Box(n).is_integer(),
    "type, called": lambda n: type(n + 0)(2.7) == 2,
    "issubclass": lambda n: issubclass(type(n), int),
    "hasattr is_integer": lambda n: hasattr(n, "is_integer"),
    "bit_length": does(lambda n: n.bit_length()),
    "is_integer": does(lambda n: n.is_integer()),
    "real": lambda n: n.real > 2,
    "index": does(operator.index),
    "an index": does(lambda n: [1, 2, 3, 4, 5][n]),
    "range": does(range),
    "a list, repeated": does(lambda n: [0] * n),
    "chr": does(chr),
    "factorial": does(math.factorial),
    "&": does(lambda n: n & 1),
    "<<": does(lambda n: n << 1),
    "~": does(lambda n: ~n),
    "f-string": lambda n: "." in f"{n}",
    "str": lambda n: "." in str(n),
    "repr": lambda n: "." in repr(n),
    "%s": lambda n: "." in "%s" % n,  # noqa: UP031  # as people write
    "format": lambda n: "." in "{}".format(n),  # noqa: UP032  # as people write
    "repr of a list": lambda n: "." in repr([n]),
    "format d": does(lambda n: f"{n:d}"),
    "is True": lambda n: n is True,
    "a key": lambda n: {2: True}.get(n, False),
    "a set": lambda n: n in {2, 5},
    "type of a square": lambda n: type(n * n) is float,
    "a comparison": lambda n: isinstance(n > 1, bool),
    "refused": refused,
}
ASKS = ANSWERED | LEFT


def asking(name: str, form: int = 0) -> Function:
    """Make a function of n and x that asks about n, in one of some forms."""
    ask = ASKS[name]

    def at_once(n: Any, x: Any) -> Any:
        return x * 2.0 if ask(n) else x * 3.0

    def late(n: Any, x: Any) -> Any:
        if x > 0:
            return x * 2.0 if ask(n) else x * 3.0
        return x - n

    def computed(n: Any, x: Any) -> Any:
        return x * n * 2.0 if ask(n) else x * n * 3.0

    def in_turns(n: Any, x: Any) -> Any:
        total = 0.0
        for u in (x, x * 0.5):
            total = total + u * n if u > 0.3 and ask(n) else total - u
        return total

    return (at_once, late, computed, in_turns)[form % 4]
