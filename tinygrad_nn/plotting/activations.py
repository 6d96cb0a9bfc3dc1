"""Activation functions and their derivatives."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from ..errors import ArgumentError
from ..functions import leaky_relu, relu
from ..nn.activations import Activation, activation_name, find_activation
from ..scalar.contexts import no_grad
from ..scalar.number import plain
from ..scalar.ops import sigmoid, tanh
from ..transforms import grad
from .files import chosen_panels, new_axes
from .pieces import draw_pieces, in_pieces
from .style import BLUE, ORANGE, tidy

__all__ = ["NOTED", "plot_activation", "plot_activations"]

REACH = 4.0  # arguments are shown from -REACH to REACH
HEIGHT = (-1.25, 2.25)  # the common scale: relu is cut off, and all others are seen

NOTED: dict[str, Activation] = {
    r"sigmoid, $1\,/\,(1 + e^{-z})$": sigmoid,
    r"$\tanh z$": tanh,
    r"ReLU, $\max(0, z)$": relu,
    r"leaky ReLU, $\max(\varepsilon z, z)$ with $\varepsilon = 0.1$": partial(
        leaky_relu, slope=0.1
    ),
}
"""The activation functions of the lecture note; ε is large enough to be seen."""


def plot_activation(activation: str | Activation, *, title: str = "", axes: Any = None) -> Any:
    """Plot an activation function g(z) and its derivative g'(z), from z = -4 to 4.

    The derivative is the engine's own. Where it jumps, at the kink of relu, a dot is
    the number that is used and a ring the one that is not.

    Parameters
    ----------
    activation : str or callable
        A name, as ``"tanh"``, or any function of one Value.
    title : str
        What to write above; the name of the function if not given.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        When there is no activation function of this name.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> axes = plot_activation("relu")
    >>> axes.get_title(), [text.get_text() for text in axes.get_legend().get_texts()]
    ('relu', ['$g(z)$', "$g'(z)$"])
    """
    g = find_activation(activation)
    axes = axes or new_axes(4.5, 3.2)
    draw_pieces(axes, in_pieces(_number(g), -REACH, REACH), BLUE, linewidth=2, label="$g(z)$")
    slope = in_pieces(_number(grad(g)), -REACH, REACH)
    look = {"linewidth": 1.6, "linestyle": (0, (4, 1.5))}
    draw_pieces(axes, slope, ORANGE, label="$g'(z)$", **look)
    axes.set(title=title or activation_name(g), xlabel="$z$", xlim=(-REACH, REACH))
    axes.legend(frameon=False, loc="upper left")
    tidy(axes)
    return axes


def plot_activations(
    activations: Mapping[str, Activation] = NOTED, *, axes: Sequence[Any] | None = None
) -> list[Any]:
    """Plot several activation functions and their derivatives, to one scale.

    Parameters
    ----------
    activations : mapping of str to callable
        Each function under its title; sigmoid, tanh, ReLU and leaky ReLU if not given.
    axes : sequence of matplotlib.axes.Axes, optional
        Where to plot, one for each function; a figure of their own if not given.

    Returns
    -------
    list of matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        When there are no functions.
    ShapeError
        When there are not as many axes as functions.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> from tinygrad_nn import sigmoid, tanh
    >>> [axes.get_title() for axes in plot_activations({"sigmoid": sigmoid, "tanh": tanh})]
    ['sigmoid', 'tanh']
    """
    if not activations:
        raise ArgumentError('activations is empty: expected one at least, as {"tanh": tanh}')
    panels = chosen_panels(axes, len(activations), 2, 7.5, 2.8 * -(-len(activations) // 2))
    for panel, (title, activation) in zip(panels, activations.items(), strict=True):
        plot_activation(activation, title=title, axes=panel)
        panel.set_ylim(HEIGHT)
        panel.label_outer()
    return panels


def _number(function: Callable[[Any], Any]) -> Callable[[float], float]:
    """Give a function plain numbers, and take plain numbers from it."""

    def number(z: float) -> float:
        with no_grad():
            return float(plain(function(z)))

    return number
