"""What a solver gives, as an operation: its number, and two derivatives that are found when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from ..errors import ArgumentError, ConvergenceError, ConversionError
from ..scalar.contexts import evaluating
from ..scalar.custom import Custom
from ..scalar.graph import CHOSEN, Node
from ..scalar.operation import Op

__all__ = ["HIGHEST", "Kept", "Smooth", "is_of_solver", "limited", "tie_to"]

Solve: TypeAlias = Callable[[tuple[float, ...], int], Any]

HIGHEST: Final = 2  # the order up to which derivatives are offered


class Smooth:
    """One number that a solver gives of its operands, or a derivative of it.

    Parameters
    ----------
    name : str
        The solver's.
    solve : callable
        Gives all numbers of the solver at certain operands, or their derivatives of an order: an
        array of one axis, and one more for each order.
    arity : int
        How many operands there are.
    index : int
        Which of the numbers.
    by : tuple of int
        By which operands it is differentiated.
    """

    def __init__(
        self, name: str, solve: Solve, arity: int, index: int = 0, by: tuple[int, ...] = ()
    ) -> None:
        self.solver = name
        self.solve = solve
        self.arity = arity
        self.index = index
        self.by = by
        self._slopes: dict[int, Smooth] = {}

    def row(self) -> Custom:
        """Make the operation, which is not kept: a graph without circles is freed at once."""
        rules = tuple([partial(self._slope, position) for position in range(self.arity)])
        row = Custom(self._compute, rules, self.solver)
        row.compute = self._compute  # which does not hold the row
        operands = ", ".join(f"<{letter}>" for letter in row.letters)
        title = self.solver.replace("_", r"\_")
        signs = "".join(rf"\partial_{{{position + 1}}} " for position in self.by)
        row.latex = rf"{signs}\operatorname{{{title}}}\left({operands}\right)"
        row.label = row.name = row.name + "".join(f" by {row.letters[k]}" for k in self.by)
        return row

    def __call__(self, *operands: Any) -> Any:
        """Apply the operation."""
        return self.row()(*operands)

    def _compute(self, *numbers: float) -> float:
        failure: Exception
        try:
            with evaluating():
                return float(self.solve(numbers, len(self.by))[(self.index, *self.by)])
        except (ValueError, ArithmeticError, TypeError) as error:
            if not self.by:
                raise
            failure = error  # which would be NaN where derivatives are recorded
        raise ConvergenceError(
            f"{self.solver} finds no derivative at {numbers!r}: {type(failure).__name__}: {failure}"
        ) from failure

    def _slope(self, position: int, *operands: Any) -> Any:
        """Apply the derivative by one operand: the operands come, and the result after them."""
        if len(self.by) == HIGHEST:
            raise ArgumentError(
                f"a derivative of {self.solver} of order {HIGHEST + 1} is asked for: its first and "
                "second ones are offered; differentiate less often, or write the steps of the "
                "solver as a loop, which has all derivatives"
            )
        if position not in self._slopes:
            by = tuple(sorted((*self.by, position)))
            self._slopes[position] = Smooth(self.solver, self.solve, self.arity, self.index, by)
        return self._slopes[position](*operands[:-1])

    def __reduce__(self) -> tuple[Any, ...]:
        if self.solve is not _itself:
            raise ConversionError(
                f"pickle of a Value that {self.solver} has given: it holds the function that was "
                "handed over. Pickle its number, .data, and the function that calls the solver"
            )
        return Smooth, (self.solver, self.solve, self.arity, self.index, self.by)


def is_of_solver(row: Op) -> bool:
    """Tell whether a row is the operation of a solver."""
    return isinstance(row, Custom) and isinstance(getattr(row.function, "__self__", None), Smooth)


class Kept:
    """The latest results, up to so many."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._known: dict[Any, Any] = {}

    def result(self, *key: Any, of: Callable[..., Any]) -> Any:
        """Give what a function gives, called at most once."""
        if key not in self._known:
            while len(self._known) >= self._most:
                self._known.pop(next(iter(self._known)), None)
            self._known[key] = of(*key)
        return self._known[key]


def limited(name: str, numbers: Sequence[Any]) -> list[Any]:
    """Hand on Values whose derivatives are right up to the second ones; further ones are refused."""
    return list(map(Smooth(name, _itself, 1).row(), numbers))


def tie_to(node: Node) -> None:
    """Note that what is recorded next is true only for the number that a node has now.

    As where Python looks at it, but that nothing is chosen: no step or kink comes of it.
    """
    if not node.is_constant:
        node.mark |= CHOSEN


def _itself(numbers: tuple[float, ...], order: int) -> Any:
    return {(0, *[0] * order): (numbers[0], 1.0, 0.0)[order]}
