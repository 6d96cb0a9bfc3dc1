"""The architecture of a network, unit by unit, in the notation of the lecture note.

Unit j of layer i has z_j^[i] = w_j^[i] . a^[i-1] + b_j^[i] and the activation
a_j^[i] = g(z_j^[i]); a^[0] is the input x_1 ... x_n.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any, TypeAlias

from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..extras import load_extra
from ..nn import MLP, Layer, Neuron
from .files import new_axes
from .style import AMBER, BLUE, GREY, ORANGE

__all__ = ["plot_network"]

Unit: TypeAlias = tuple[int, int]

SHOWN_WHOLE = 6  # a layer of more units is abbreviated to the first few and the last
SHOWN_FIRST = 3
APART = 2.6  # layers, where units are 1 apart
RADIUS = 0.33
INCHES = 0.62  # of paper for each


@dataclass(frozen=True)
class _Column:
    """One layer as it is drawn; number 0 is the input."""

    number: int
    units: int
    shown: tuple[int | None, ...]  # counted from 1; None stands for those left out

    @property
    def places(self) -> dict[int, tuple[float, float]]:
        """Where the centre of each unit is."""
        middle = (len(self.shown) - 1) / 2
        return {
            unit: (APART * self.number, middle - slot)
            for slot, unit in enumerate(self.shown)
            if unit is not None
        }

    def symbol(self, unit: int) -> str:
        """Write the symbol of a unit, x_1 or a_1^[2]."""
        return f"$a_{{{unit}}}^{{[{self.number}]}}$" if self.number else f"$x_{{{unit}}}$"


def plot_network(
    network: MLP | Layer | Neuron | Sequence[int], *, unit: Unit | None = None, axes: Any = None
) -> Any:
    r"""Draw a network: layer i has units j = 1, 2 ..., each connected with all of the layer before.

    Parameters
    ----------
    network : MLP, Layer, Neuron or sequence of int
        What to draw; or sizes alone, the number of inputs first, as ``[2, 4, 1]``.
    unit : pair of int, optional
        The unit (i, j) to show in colour, with its weights and its formula.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError, ArgumentTypeError
        When a size is no whole number above 0, or there is no such unit.
    ShapeError
        When there are fewer than two sizes.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> axes = plot_network([2, 3, 1], unit=(1, 2))
    >>> [text.get_text() for text in axes.texts][:2]
    ['$x_{1}$', '$x_{2}$']
    >>> axes.get_title()
    '$z_{2}^{[1]} = w_{2}^{[1]} \\cdot x + b_{2}^{[1]}$,   $a_{2}^{[1]} = g(z_{2}^{[1]})$'
    """
    sizes = _sizes(network)
    if unit is not None:
        _check_unit(unit, sizes)
    columns = [
        _Column(number, units, _shown(units, unit[1] if unit and unit[0] == number else 1))
        for number, units in enumerate(sizes)
    ]
    tallest = max(len(column.shown) for column in columns)
    width, height = APART * (len(columns) - 1) + 2.0, tallest + 1.1
    axes = axes or new_axes(max(4.0, INCHES * width), INCHES * height + 0.5 * (unit is not None))
    for before, after in pairwise(columns):
        _draw_weights(axes, before, after, unit)
    for column in columns:
        _draw_units(axes, column, unit)
        title = "input" if column.number == 0 else f"layer $i = {column.number}$"
        count = f"{column.units} {'unit' if column.number else 'number'}{'s' * (column.units > 1)}"
        place = (APART * column.number, -0.5 * tallest - 0.15)
        axes.text(*place, f"{title}\n{count}", ha="center", va="top", fontsize="medium")
    axes.set(
        xlim=(-1.0, width - 1.0), ylim=(-0.5 * tallest - 0.9, 0.5 * tallest + 0.2), aspect="equal"
    )
    axes.set_axis_off()
    if unit:
        axes.set_title(_formula(*unit))
    return axes


def _sizes(network: MLP | Layer | Neuron | Sequence[int]) -> list[int]:
    """Give the number of inputs, and of units of each layer."""
    if isinstance(network, MLP):
        return [len(network.layers[0].neurons[0].w), *(len(x.neurons) for x in network.layers)]
    if isinstance(network, Layer):
        return [len(network.neurons[0].w), len(network.neurons)]
    if isinstance(network, Neuron):
        return [len(network.w), 1]
    if isinstance(network, str) or not isinstance(network, Iterable):
        raise ArgumentTypeError(
            f"network is {network!r}, of type {type(network).__name__}: expected an MLP, a Layer, "
            "a Neuron, or a list of sizes, as [2, 4, 1]"
        )
    sizes = [check_count(size, f"network[{i}]") for i, size in enumerate(network)]
    if len(sizes) < 2:
        raise ShapeError(
            f"network is {network!r}: expected the number of inputs and of units of each layer; "
            "give two numbers at least, as [2, 4, 1]"
        )
    return sizes


def _check_unit(unit: Unit, sizes: Sequence[int]) -> None:
    try:
        i, j = unit
    except (TypeError, ValueError):
        raise ArgumentTypeError(f"unit is {unit!r}: expected a pair, as (1, 2)") from None
    if not 1 <= i < len(sizes) or not 1 <= j <= sizes[i]:
        layers = ", ".join(f"{k} (of {size})" for k, size in enumerate(sizes[1:], start=1))
        raise ArgumentError(
            f"unit is {unit!r}: expected a layer and a unit of it, both counted from 1; there are "
            f"the layers {layers}"
        )


def _shown(units: int, wanted: int) -> tuple[int | None, ...]:
    """Choose the units to draw: all, or the first few, one that is wanted, and the last."""
    if units <= SHOWN_WHOLE:
        return tuple(range(1, units + 1))
    shown: list[int | None] = []
    for unit in sorted({*range(1, SHOWN_FIRST + 1), wanted, units}):
        if shown and unit - 1 not in shown:
            shown.append(None)
        shown.append(unit)
    return tuple(shown)


def _draw_weights(axes: Any, before: _Column, after: _Column, unit: Unit | None) -> None:
    for other, end in after.places.items():
        chosen = unit == (after.number, other)
        look = {"color": ORANGE, "linewidth": 2} if chosen else {"color": GREY, "linewidth": 0.7}
        for start in before.places.values():
            axes.plot(*zip(start, end, strict=True), zorder=1 + chosen, alpha=0.7, **look)


def _draw_units(axes: Any, column: _Column, unit: Unit | None) -> None:
    circle = load_extra("matplotlib.patches", "plot", "plotting").Circle
    for j, place in column.places.items():
        chosen = unit == (column.number, j)
        edge = ORANGE if chosen else AMBER if column.number == 0 else BLUE
        look = {"edgecolor": edge, "facecolor": axes.get_facecolor(), "zorder": 3}
        axes.add_patch(circle(place, RADIUS, linewidth=2.6 if chosen else 1.6, **look))
        size = 11 if len(str(j)) < 3 else 8  # so that a thousand fits into its circle
        axes.text(*place, column.symbol(j), ha="center", va="center", fontsize=size, zorder=4)
    middle = (len(column.shown) - 1) / 2
    for slot, shown in enumerate(column.shown):
        if shown is None:
            place = (APART * column.number, middle - slot)
            axes.text(*place, r"$\vdots$", ha="center", va="center", fontsize=16, zorder=4)


def _formula(i: int, j: int) -> str:
    index = f"_{{{j}}}^{{[{i}]}}"
    operand = "x" if i == 1 else f"a^{{[{i - 1}]}}"
    return rf"$z{index} = w{index} \cdot {operand} + b{index}$,   $a{index} = g(z{index})$"
