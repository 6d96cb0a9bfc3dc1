"""Hypothesis strategies: random numbers, expressions, graphs and networks.

They follow from the table: an operation added to it at run time is drawn as well.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeVar

from ..extras import load_extra
from ..scalar.operation import TABLE, Interval, Op
from .expression import Expression, Operand, Step, fitting, value_range

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

__all__ = ["Network", "expressions", "graphs", "networks", "numbers"]

Drawn = TypeVar("Drawn")

INPUTS: Interval = (-3.0, 3.0)  # where the inputs of random functions lie


def _hypothesis() -> Any:
    return load_extra("hypothesis.strategies", "testing", "drawing random examples")


def numbers(low: float = -3.0, high: float = 3.0) -> SearchStrategy[float]:
    """Draw floats of few digits between two bounds.

    Parameters
    ----------
    low, high : float
        The bounds.

    Examples
    --------
    >>> numbers(0.0, 1.0)
    floats(min_value=0.0, max_value=1.0).map(...)
    """
    st = _hypothesis()

    def shorten(number: float) -> float:
        short = round(number, 3)
        return short if low <= short <= high else number

    drawn: SearchStrategy[float] = st.floats(low, high).map(shorten)
    return drawn


def expressions(
    depth: int = 4, inputs: int = 3, rows: Sequence[Op] | None = None
) -> SearchStrategy[Expression]:
    """Draw nested expressions, in which each result is used once.

    What each row is applied to is brought into the row's sample interval by a straight
    line, so that the expression is defined and its derivatives are of moderate size.

    Parameters
    ----------
    depth : int
        How deep operations may be nested, 1 or more.
    inputs : int
        The number of arguments.
    rows : sequence of Op, optional
        Which operations to use; by default the whole table as it is when drawing.

    Returns
    -------
    SearchStrategy of Expression
        Functions, each with a point to try it at.
    """

    def build(draw: Callable[..., Any]) -> Expression:
        plan = _Plan(draw, inputs, rows)
        plan.nested(depth)
        return plan.expression()

    return _composite(build)


def graphs(
    size: int = 12, inputs: int = 3, rows: Sequence[Op] | None = None
) -> SearchStrategy[Expression]:
    """Draw functions whose graphs share nodes: each operation takes any earlier results.

    Parameters
    ----------
    size : int
        The greatest number of operations.
    inputs : int
        The number of arguments.
    rows : sequence of Op, optional
        Which operations to use; by default the whole table as it is when drawing.

    Returns
    -------
    SearchStrategy of Expression
        Functions, each with a point to try it at.
    """
    st = _hypothesis()

    def build(draw: Callable[..., Any]) -> Expression:
        plan = _Plan(draw, inputs, rows)
        for _ in range(draw(st.integers(1, size))):
            row = plan.draw_row()
            plan.apply(row, [draw(st.integers(0, plan.last)) for _ in range(row.arity)])
        return plan.expression()

    return _composite(build)


@dataclass(frozen=True)
class Network:
    """A small network with data to fit.

    Attributes
    ----------
    model : MLP
        The network, with one output.
    inputs : list of list of float
        The samples.
    targets : list of float
        What the output should be, one number for each sample.
    description : str
        How the model was made.
    """

    model: Any
    inputs: list[list[float]]
    targets: list[float]
    description: str

    def cost(self) -> Any:
        """Compute the mean squared error, the mean of (output - target)^2."""
        total: Any = 0.0
        for x, target in zip(self.inputs, self.targets, strict=True):
            output = self.model(x)
            error = (output[0] if isinstance(output, list | tuple) else output) - target
            total = total + error * error
        return total / len(self.inputs)

    def __repr__(self) -> str:
        return f"{self.description} on {self.inputs} -> {self.targets}"


def networks(
    activations: Sequence[str] = ("tanh", "sigmoid", "relu"), width: int = 4, depth: int = 2
) -> SearchStrategy[Network]:
    """Draw small multilayer perceptrons with one output, and data.

    Parameters
    ----------
    activations : sequence of str
        Which activations of the hidden layers to draw from.
    width, depth : int
        The greatest number of neurons in a layer, and of hidden layers.

    Returns
    -------
    SearchStrategy of Network
        Networks, each with one to four samples.
    """
    st = _hypothesis()

    def build(draw: Callable[..., Any]) -> Network:
        from ..nn import MLP  # only networks need it

        nin = draw(st.integers(1, width))
        nouts = [*draw(st.lists(st.integers(1, width), max_size=depth)), 1]
        activation = draw(st.sampled_from(activations))
        seed = draw(st.integers(0, 999))
        count = draw(st.integers(1, 4))
        return Network(
            MLP(nin, nouts, activation=activation, seed=seed),
            [[draw(numbers()) for _ in range(nin)] for _ in range(count)],
            [draw(numbers()) for _ in range(count)],
            f"MLP({nin}, {nouts}, activation={activation!r}, seed={seed})",
        )

    return _composite(build)


def _composite(build: Callable[[Callable[..., Any]], Drawn]) -> SearchStrategy[Drawn]:
    """Make a strategy of a function that draws."""
    strategy: SearchStrategy[Drawn] = _hypothesis().composite(build)()
    return strategy


class _Plan:
    """An expression in the making: its steps, and the range of each number in it."""

    def __init__(self, draw: Callable[..., Any], inputs: int, rows: Sequence[Op] | None) -> None:
        self.draw = draw
        self.inputs = inputs
        self.rows = list(TABLE.values()) if rows is None else list(rows)
        self.steps: list[Step] = []
        self.ranges: list[Interval] = [INPUTS] * inputs

    @property
    def last(self) -> int:
        """The index of the latest number."""
        return len(self.ranges) - 1

    def draw_row(self) -> Op:
        row: Op = self.draw(_hypothesis().sampled_from(self.rows))
        return row

    def apply(self, row: Op, places: Sequence[int | None]) -> int:
        """Apply a row to earlier numbers (a new constant for None); return its index."""
        operands = [
            Operand(None, shift=self.draw(numbers(*interval)))
            if place is None
            else fitting(place, self.ranges[place], interval)
            for place, interval in zip(places, row.sample, strict=True)
        ]
        self.steps.append(Step(row, tuple(operands)))
        self.ranges.append(value_range(row))
        return self.last

    def nested(self, depth: int) -> int:
        """Apply a random row to what is nested below it; return its index."""
        row = self.draw_row()
        places = [self._below(depth - 1) for _ in range(row.arity)]
        if all(place is None for place in places):
            places[-1] = self._input()
        return self.apply(row, places)

    def _below(self, depth: int) -> int | None:
        """Choose an input, a constant or an operation."""
        st = _hypothesis()
        kinds = ["input", "constant", "operation"] if depth > 0 else ["input", "constant"]
        kind = self.draw(st.sampled_from(kinds))
        if kind == "constant":
            return None
        return self._input() if kind == "input" else self.nested(depth)

    def _input(self) -> int:
        place: int = self.draw(_hypothesis().integers(0, self.inputs - 1))
        return place

    def expression(self) -> Expression:
        """Finish: choose the point."""
        point = [self.draw(numbers(*INPUTS)) for _ in range(self.inputs)]
        return Expression(tuple(self.steps), tuple(point))
