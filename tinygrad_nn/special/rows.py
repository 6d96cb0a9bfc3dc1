"""What the rows of special functions have in common: their table, SciPy, and orders.

An order (the n of ``jn(n, x)``) is a plain number and part of the row: ``jn[2]`` is the row of the
second. So is how often a function was differentiated, where its derivatives are a family of which
each member has a formula of its own that does not cancel: ``erfcx[3]`` is the third derivative.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from numbers import Integral
from typing import Any, TypeAlias

from ..errors import ArgumentError, ArgumentTypeError
from ..extras import load_extra
from ..scalar.arities import Binary, Ternary, Unary
from ..scalar.convert import to_number
from ..scalar.operation import SPECIAL, Op

__all__ = [
    "HIDDEN",
    "Family",
    "Order",
    "derivatives",
    "find_function",
    "find_row",
    "of_scipy",
    "order_of",
    "real_order",
    "scipy_special",
    "special",
    "special2",
    "special3",
    "whole_order",
]

Order: TypeAlias = int | float
FAMILIES: dict[str, Family] = {}
HIDDEN: dict[str, Op] = {}  # rows that only derivatives are made of


def scipy_special() -> Any:
    """Load what computes most of the functions."""
    return load_extra("scipy.special", "science", "computing special functions")


class of_scipy:  # noqa: N801  # called like a function, and made by one
    """A function of SciPy on floats, which raises where it has no finite result.

    `overflows` says that an infinite result is one that is too large.
    """

    def __init__(self, name: str, overflows: bool = False) -> None:
        self.name = name
        self.overflows = overflows
        self._function: Any = None

    def raw(self, *numbers: float) -> float:
        """Compute the result as SciPy does, infinite or NaN."""
        if self._function is None:
            self._function = getattr(scipy_special(), self.name)
        return float(self._function(*numbers))

    def __call__(self, *numbers: float) -> float:
        """Compute the result; raise as `math` does where there is none."""
        return checked(self.raw(*numbers), numbers, self.overflows)


def checked(result: float, numbers: tuple[float, ...], overflows: bool = False) -> float:
    """Give a finite result, or that of numbers that are not finite; raise else."""
    if result - result == 0.0 or not all(map(math.isfinite, numbers)):
        return result
    if overflows and result == result:
        raise OverflowError("math range error")
    raise ValueError("math domain error")


def special(
    name: str, compute: Callable[..., float], partials: Any, summary: str, **options: Any
) -> Unary:
    """Make a row of one argument in the table of special functions."""
    return Unary(name, compute, partials, summary, **_usual(compute, options))


def special2(
    name: str, compute: Callable[..., float], partials: Any, summary: str, **options: Any
) -> Binary:
    """Make a row of two arguments in the table of special functions."""
    letters = options.pop("letters", "xy")
    row = Binary(name, compute, partials, summary, **_usual(compute, options))
    row.letters = letters
    return row


def special3(
    name: str, compute: Callable[..., float], partials: Any, summary: str, **options: Any
) -> Ternary:
    """Make a row of three arguments in the table of special functions."""
    letters = options.pop("letters")
    row = Ternary(name, compute, partials, summary, **_usual(compute, options))
    row.letters = letters
    return row


def _usual(compute: Any, options: dict[str, Any]) -> dict[str, Any]:
    if isinstance(compute, of_scipy):
        options.setdefault("beyond", compute.raw)
    options.setdefault("remedy", "it has no finite real result there; choose with where(...)")
    options.setdefault("table", SPECIAL)
    return options


class Family:
    """Rows of one name, one for each order, made when they are first asked for.

    Parameters
    ----------
    name : str
        Its name; a row is called ``name[order]``.
    make : callable
        Makes a row of the name of the row, the table that it goes into, and the orders.
    check : callable, optional
        Takes orders from a user and gives them in one form, or refuses them.
    """

    def __init__(self, name: str, make: Callable[..., Op], check: Callable[..., Any]) -> None:
        self.name = name
        self.rows: dict[str, Op] = {}
        self._make = make
        self._check = check
        self._known: dict[Any, Op] = {}
        FAMILIES[name] = self

    def __getitem__(self, order: Any) -> Any:
        """Give the row of an order."""
        row = self._known.get(order)
        if row is None:
            orders = order if isinstance(order, tuple) else (order,)
            name = f"{self.name}[{', '.join(map(repr, orders))}]"
            row = self.rows.get(name) or self._make(name, self.rows, *orders)
            self._known[order] = row
        return row

    def __call__(self, order: Any, x: Any) -> Any:
        """Apply the row of an order."""
        return self[self._check(order)](x)

    def named(self, order: Any, name: str) -> Any:
        """Make the row of an order that has a name of its own, in the table."""
        orders = order if isinstance(order, tuple) else (order,)
        row = self._known[order] = self._make(name, SPECIAL, *orders)
        return row

    def listed(self, order: Any) -> Any:
        """Put the row of an order into the table, as one of many."""
        row = self[order]
        SPECIAL[row.name] = row
        return row

    def find(self, text: str) -> Op | None:
        """Find the row of orders that are written, as of a file."""
        try:
            orders = [_plain(word) for word in text.split(",")]
            order = tuple(orders) if len(orders) > 1 else orders[0]
            row: Op = self[self._check(order)]
        except (ValueError, TypeError, OverflowError):
            return None
        return row

    def __repr__(self) -> str:
        return f"<operations {self.name}(order, x)>"


def _plain(word: str) -> Order:
    try:
        return int(word)
    except ValueError:
        return float(word)


def find_row(name: str) -> Op | None:
    """Find a row by its name: of the table, or the member of a family."""
    if name in SPECIAL or name in HIDDEN:
        return SPECIAL.get(name) or HIDDEN[name]
    stem, bracket, order = name.removesuffix("]").partition("[")
    family = FAMILIES.get(stem)
    return family.find(order) if bracket and family is not None else None


def find_function(name: str) -> Callable[..., Any] | None:
    """Find a function by the name of a universal function of SciPy or NumPy."""
    name = {"jv": "jn", "psi": "digamma"}.get(name, name)
    for row in SPECIAL.values():
        if name in (row.name, str(row.array).removeprefix("special.")):
            return row
    return FAMILIES.get(name)


# ---- orders ------------------------------------------------------------------------------------


def order_of(order: Any, argument: str) -> float:
    """Take an order, which is a plain number; refuse a Value, of which there is no derivative."""
    if hasattr(order, "_apply"):
        raise ArgumentTypeError(
            f"{argument} must be a plain number, got a {type(order).__name__}: there is no "
            "derivative by it; give the number itself, and name it in static= of compile"
        )
    return to_number(order, argument)


def whole_order(function: str, least: int | None = None) -> Callable[[Any], int]:
    """Make what takes orders that are whole numbers."""

    def check(order: Any) -> int:
        argument = f"order of {function}"
        number = order_of(order, argument)
        if isinstance(order, Integral):
            whole = int(order)
        elif number.is_integer():
            whole = int(number)
        else:
            raise ArgumentError(f"{argument} must be a whole number, got {order!r}: round it")
        if least is not None and whole < least:
            raise ArgumentError(f"{argument} must be {least} or more, got {whole}")
        return whole

    return check


def real_order(function: str) -> Callable[[Any], float]:
    """Make what takes orders that are any finite numbers."""

    def check(order: Any) -> float:
        number = order_of(order, f"order of {function}")
        if not math.isfinite(number):
            raise ArgumentError(f"order of {function} must be finite, got {number}")
        return number + 0.0

    return check


# ---- derivatives that are a family ----------------------------------------------------------------


def derivatives(
    name: str,
    compute: Callable[[int, float], float],
    summary: str,
    latex: str,
    *,
    array: Any = "",
    **options: Any,
) -> Any:
    """Make the row of a function whose derivative of every order is computed by itself.

    `compute` takes how often the function was differentiated. The other rows are found as
    ``FAMILIES[name]``, by that number.
    """
    family: Family

    def make(row: str, table: dict[str, Op], order: int) -> Op:
        written = rf"{latex}^{{({order})}}" if order else latex
        return special(
            row,
            lambda x: compute(order, x),
            lambda x, z: family[order + 1](x),
            summary if not order else f"The derivative of order {order} of {name}.",
            latex=rf"{written}\left(<x>\right)",
            array="" if order else array,
            table=table,
            **options,
        )

    family = Family(name, make, whole_order(name, 0))
    return family.named(0, name)
