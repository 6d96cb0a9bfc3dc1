"""Random functions made of rows of the table: well-conditioned, and readable as Python."""

from __future__ import annotations

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

from ..scalar.operation import Interval, Op

__all__ = ["Expression", "Operand", "Step", "fitting", "value_range"]

GRID = 9  # points an argument is tried at, to find the range of a row


@dataclass(frozen=True)
class Operand:
    """An earlier number, brought into the interval of a row: ``slope * number + shift``.

    Attributes
    ----------
    place : int or None
        Which: inputs come first, then the results of the steps. None for a constant.
    slope, shift : float
        The straight line that is applied to it; `shift` alone is a constant.
    """

    place: int | None
    slope: float = 1.0
    shift: float = 0.0

    def value(self, numbers: Sequence[Any]) -> Any:
        """Evaluate on floats or Values."""
        if self.place is None:
            return self.shift
        number = numbers[self.place]
        if self.slope != 1.0:
            number = self.slope * number
        return number + self.shift if self.shift != 0.0 else number

    def source(self, names: Sequence[str]) -> str:
        """Write it as Python."""
        if self.place is None:
            return repr(self.shift)
        text = names[self.place]
        if self.slope != 1.0:
            text = f"{self.slope!r} * {text}"
        if self.shift != 0.0:
            text += f" {'-' if self.shift < 0 else '+'} {abs(self.shift)!r}"
        return text


@dataclass(frozen=True)
class Step:
    """One row applied to operands."""

    row: Op
    operands: tuple[Operand, ...]


@dataclass(frozen=True)
class Expression:
    """A function of a few numbers, made of rows of the table, and a point to try it at.

    It can be called with floats or with Values. Its representation is Python; a
    result that is used more than once has a line of its own there.

    Attributes
    ----------
    steps : tuple of Step
        The operations in order; the last is the result.
    point : tuple of float
        One number for each input.

    Examples
    --------
    >>> from tinygrad_nn import tanh, mul
    >>> inner = Step(tanh, (Operand(0, 0.5),))
    >>> Expression((inner, Step(mul, (Operand(1), Operand(1)))), (2.0,))
    def f(x0):
        a = tanh(0.5 * x0)
        return mul(a, a)
    f(2.0)
    >>> Expression((inner,), (0.0,))(3.0) == tanh(1.5)
    True
    """

    steps: tuple[Step, ...]
    point: tuple[float, ...]

    @property
    def inputs(self) -> int:
        """How many numbers it takes."""
        return len(self.point)

    def __call__(self, *numbers: Any) -> Any:
        """Evaluate on floats or Values."""
        found = list(numbers)
        for step in self.steps:
            row: Any = step.row
            found.append(row(*[operand.value(found) for operand in step.operands]))
        return found[-1]

    def __repr__(self) -> str:
        arguments = [f"x{place}" for place in range(self.inputs)]
        uses = [0] * (self.inputs + len(self.steps))
        for step in self.steps:
            for operand in step.operands:
                if operand.place is not None:
                    uses[operand.place] += 1
        names = list(arguments)
        lines = [f"def f({', '.join(arguments)}):"]
        letters = _letters()
        for place, step in enumerate(self.steps, start=self.inputs):
            text = f"{step.row.name}({', '.join(o.source(names) for o in step.operands)})"
            if uses[place] > 1:
                letter = next(letters)
                lines.append(f"    {letter} = {text}")
                text = letter
            names.append(text)
        lines.append(f"    return {names[-1]}")
        lines.append(f"f({', '.join(map(repr, self.point))})")
        return "\n".join(lines)


def _letters() -> Any:
    """Yield a, b ... z, aa, ab ..."""
    for length in itertools.count(1):
        for letters in itertools.product("abcdefghijklmnopqrstuvwxyz", repeat=length):
            yield "".join(letters)


@cache
def value_range(row: Op) -> Interval:
    """Find what values a row takes on its sample intervals, by trying a grid."""
    axes = [
        [low + (high - low) * place / (GRID - 1) for place in range(GRID)]
        for low, high in row.sample
    ]
    values = [row.quiet(*point) for point in itertools.product(*axes)]
    finite = [value for value in values if math.isfinite(value)]
    return (min(finite), max(finite)) if finite else (0.0, 0.0)


def fitting(place: int, source: Interval, target: Interval) -> Operand:
    """Bring a number of one interval into another by a straight line.

    A number that lies there already is left alone. Three digits are kept of the line, so
    that it can be read, and a tenth of the target is kept free for what that rounds.

    Examples
    --------
    >>> fitting(0, (-3.0, 3.0), (0.2, 5.0))
    Operand(place=0, slope=0.72, shift=2.6)
    >>> fitting(0, (0.5, 3.0), (0.2, 5.0))
    Operand(place=0, slope=1.0, shift=0.0)
    """
    (low, high), (floor, ceiling) = source, target
    if floor <= low and high <= ceiling:
        return Operand(place)
    width = high - low
    slope = _three_digits(0.9 * (ceiling - floor) / width) if width > 0.0 else 1.0
    return Operand(place, slope, _three_digits((floor + ceiling) / 2 - slope * (low + high) / 2))


def _three_digits(number: float) -> float:
    return float(f"{number:.3g}")
