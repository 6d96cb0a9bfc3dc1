"""Numbers that never raise: IEEE arithmetic through the rows of the table.

A derivative may be infinite or undefined where the function is not, as that of
sqrt at 0. The reverse pass then evaluates the row's rule on `Quiet` numbers,
which turn what Python raises into infinity and NaN, and nothing into a wrong
finite number.
"""

from __future__ import annotations

from typing import Any

from .ops import TABLE, Op

__all__ = ["Arithmetic", "Quiet"]


class Arithmetic:
    """The operators, each by its row: a number type need only say how a row is applied."""

    __slots__ = ()

    def _apply(self, op: Op, args: tuple[object, ...]) -> Any:
        raise NotImplementedError

    def __add__(self, other: object) -> Any:
        return self._apply(TABLE["add"], (self, other))

    def __radd__(self, other: object) -> Any:
        return self._apply(TABLE["add"], (other, self))

    def __sub__(self, other: object) -> Any:
        return self._apply(TABLE["sub"], (self, other))

    def __rsub__(self, other: object) -> Any:
        return self._apply(TABLE["sub"], (other, self))

    def __mul__(self, other: object) -> Any:
        return self._apply(TABLE["mul"], (self, other))

    def __rmul__(self, other: object) -> Any:
        return self._apply(TABLE["mul"], (other, self))

    def __truediv__(self, other: object) -> Any:
        return self._apply(TABLE["div"], (self, other))

    def __rtruediv__(self, other: object) -> Any:
        return self._apply(TABLE["div"], (other, self))

    def __pow__(self, other: object) -> Any:
        return self._apply(TABLE["pow"], (self, other))

    def __rpow__(self, other: object) -> Any:
        return self._apply(TABLE["pow"], (other, self))

    def __mod__(self, other: object) -> Any:
        return self._apply(TABLE["mod"], (self, other))

    def __floordiv__(self, other: object) -> Any:
        return self._apply(TABLE["floordiv"], (self, other))

    def __neg__(self) -> Any:
        return self._apply(TABLE["neg"], (self,))

    def __abs__(self) -> Any:
        return self._apply(TABLE["abs"], (self,))


class Quiet(Arithmetic):
    """A float whose operations give infinity or NaN where Python's would raise."""

    __slots__ = ("number",)

    def __init__(self, number: float) -> None:
        self.number = number

    def _apply(self, op: Op, args: tuple[object, ...]) -> Quiet:
        numbers = [arg.number if isinstance(arg, Quiet) else float(arg) for arg in args]  # type: ignore[arg-type]  # rules mix Quiet with floats only
        return Quiet(op.quiet(*numbers))
