"""Operations of one, two and three arguments: how each kind of row is called."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar, overload

from ..errors import ArgumentError, ArgumentTypeError
from .operation import Op, Operand

__all__ = ["Binary", "Opposite", "Ternary", "Unary"]

N = TypeVar("N", bound=Operand)


class Unary(Op):
    """An operation of one argument, ``z = op(x)``."""

    arity = 1
    letters = "x"

    # Floats come last, so that an argument of any type does not make a checker expect a float.
    @overload
    def __call__(self, x: N, /) -> N: ...
    @overload
    def __call__(self, x: float, /) -> float: ...
    def __call__(self, x: Any, /) -> Any:
        """Apply the operation."""
        if type(x) is not float:
            return self._dispatch((x,))
        try:
            return self.compute(x)
        except (ValueError, ArithmeticError):
            pass
        return self.evaluate((x,))


class Opposite(Unary):
    """The opposite of a condition: of a bool a bool, which `&` and `|` take."""

    def __call__(self, x: Any, /) -> Any:
        """Apply the operation."""
        return not x if type(x) is bool else super().__call__(x)


class Binary(Op):
    """An operation of two arguments, ``z = op(x, y)``."""

    arity = 2
    letters = "xy"

    # Floats come last here too.
    @overload
    def __call__(self, x: N, y: N | float, /, *more: N | float) -> N: ...
    @overload
    def __call__(self, x: float, y: N, /, *more: N | float) -> N: ...
    @overload
    def __call__(self, x: float, y: float, /, *more: float) -> float: ...
    @overload
    def __call__(self, x: Sequence[float], /) -> float: ...
    @overload
    def __call__(self, x: Sequence[N], /) -> N: ...
    def __call__(self, x: Any, /, *rest: Any) -> Any:
        """Apply the operation; an associative one takes any number of operands."""
        if len(rest) == 1:
            y = rest[0]
            if type(x) is not float or type(y) is not float:
                return self._dispatch((x, y))
            try:
                return self.compute(x, y)
            except (ValueError, ArithmeticError):
                pass
            return self.evaluate((x, y))
        return self._fold(x, rest)

    def _fold(self, x: Any, rest: tuple[Any, ...]) -> Any:
        """Apply an associative operation to more than two operands, from the left."""
        terms = (x, *rest) if rest else x
        if not self.associative or not hasattr(terms, "__iter__"):
            raise ArgumentTypeError(
                f"{self.name} takes two arguments, x and y, got {1 + len(rest)}"
            )
        terms = list(terms)
        if not terms:
            raise ArgumentError(f"{self.name} needs at least one operand, got an empty sequence")
        result = terms[0]
        for term in terms[1:]:
            result = self(result, term)
        return result


class Ternary(Op):
    """An operation of three arguments, ``z = op(c, x, y)``."""

    arity = 3
    letters = "cxy"

    def __call__(self, c: Any, x: Any, y: Any, /) -> Any:
        """Apply the operation."""
        return self._dispatch((c, x, y))
