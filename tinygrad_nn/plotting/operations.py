"""The graph of an operation and of its derivative."""

from __future__ import annotations

import math
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

from ..scalar.contexts import deriving
from ..scalar.operation import Op
from ..scalar.reverse import partial
from ..scalar.value import Value
from .files import new_axes
from .style import BLUE, ORANGE, tidy

__all__ = ["plot_operation", "slopes"]

REACH = 4.0  # the arguments shown, from -REACH to REACH, and the numbers, at most so large
POINTS = 801
JUMP = 0.5  # between neighbouring points: there the curve is interrupted


def plot_operation(row: Op, *, axes: Any = None) -> Any:
    """Plot an operation and its derivative over its first argument, from -4 to 4.

    Parameters
    ----------
    row : Op
        A row of the table. Its other arguments are held fixed, as the legend says.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; ``axes.figure.savefig("tanh.svg")`` writes the figure.

    Raises
    ------
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> from tinygrad_nn import tanh
    >>> axes = plot_operation(tanh)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['tanh(x)', 'derivative by x']
    """
    axes = axes or new_axes(3.6, 2.4)
    fixed = [_fixed(low, high) for low, high in row.sample[1:]]
    first, last = (max(-REACH, min(REACH, end)) for end in row.domain[0])
    places = [first + (last - first) * k / (POINTS - 1) for k in range(POINTS)]
    values = [row.quiet(x, *fixed) for x in places]
    derivatives = [slopes(row, (x, *fixed))[0] for x in places]
    letter = row.letters[0]
    name = f"{row.name}({', '.join([letter, *(f'{number:g}' for number in fixed)])})"
    axes.plot(places, _interrupted(values), color=BLUE, linewidth=1.8, label=name)
    axes.plot(
        places,
        _interrupted(derivatives),
        color=ORANGE,
        linewidth=1.4,
        linestyle=(0, (4, 1.5)),
        label=f"derivative by {letter}",
    )
    axes.set(xlabel=letter, xlim=(-REACH, REACH), ylim=_limits([*values, *derivatives]))
    axes.legend(frameon=False, fontsize="small")
    tidy(axes)
    return axes


def slopes(row: Op, point: Sequence[float]) -> list[float]:
    """Evaluate the derivatives of an operation by all of its arguments."""
    with deriving():  # infinity and NaN where the operation would raise
        operation: Any = row
        node = operation(*[Value(number) for number in point])
    return [partial(node, position) for position in range(row.arity)]


def _fixed(low: float, high: float) -> float:
    """Choose a number well inside an interval, and round."""
    return round(2.0 * (low + 0.85 * (high - low))) / 2.0


def _interrupted(numbers: Sequence[float]) -> list[float]:
    """Put NaN where a curve jumps, so that no line joins what is apart."""
    curve = list(numbers)
    for place, (before, behind) in enumerate(pairwise(numbers)):
        if abs(behind - before) > JUMP:
            curve[place] = math.nan
    return curve


def _limits(numbers: Sequence[float]) -> tuple[float, float]:
    """Show what is finite and not too large, and a margin."""
    shown = [max(-REACH, min(REACH, number)) for number in numbers if math.isfinite(number)]
    low, high = min(shown), max(shown)
    margin = 0.08 * (high - low) or 1.0
    return low - margin, high + margin
