"""What a solver gives, as an operation: its number, and two derivatives that are found when asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final, TypeAlias

from ..errors import ArgumentError, ConversionError
from ..scalar.contexts import evaluating
from ..scalar.graph import CHOSEN, Node
from ..scalar.operation import Op

__all__ = ["HIGHEST", "Smooth", "limited", "tie_to"]

Solve: TypeAlias = Callable[[tuple[float, ...], int], Any]

HIGHEST: Final = 2  # the order up to which derivatives are offered
_FIRST_LETTERS: Final = "xyuvwstpqrabcdefghijklmno"
_FURTHER: Final = 0x4E00  # where Unicode has thousands of letters in a row


class Smooth(Op):
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
        self.arity = arity
        self.letters = _letters(arity)
        self.solver = name
        self.solve = solve
        self.index = index
        self.by = by
        self._slopes: dict[int, Smooth] = {}
        operands = ", ".join(f"<{letter}>" for letter in self.letters)
        title = name.replace("_", r"\_")
        by_place = "".join(rf"\partial_{{{position + 1}}} " for position in by)
        super().__init__(
            name + "".join(f" by {self.letters[position]}" for position in by),
            self._compute,
            tuple([partial(self._slope, position) for position in range(arity)]),
            f"What {name} gives.",
            latex=rf"{by_place}\operatorname{{{title}}}\left({operands}\right)",
            listed=False,
        )

    def _compute(self, *numbers: float) -> float:
        with evaluating():
            return float(self.solve(numbers, len(self.by))[(self.index, *self.by)])

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


def limited(name: str, numbers: Sequence[Any]) -> list[Any]:
    """Hand on Values whose derivatives are right up to the second ones; further ones are refused."""
    return list(map(Smooth(name, _itself, 1), numbers))


def tie_to(node: Node) -> None:
    """Note that what is recorded next is true only for the number that a node has now.

    As where Python looks at it, but that nothing is chosen: no step or kink comes of it.
    """
    if not node.is_constant:
        node.mark |= CHOSEN


def _itself(numbers: tuple[float, ...], order: int) -> Any:
    return {(0, *[0] * order): (numbers[0], 1.0, 0.0)[order]}


def _letters(count: int) -> str:
    """Give every operand a letter, as rows of the table have."""
    further = map(chr, range(_FURTHER, _FURTHER + count - len(_FIRST_LETTERS)))
    return (_FIRST_LETTERS + "".join(further))[:count]
