"""Pictures of computation graphs and of networks.

A number is a box, an operation a circle, and every use of a number an edge. Needs the
extra ``draw``: ``pip install "tinygrad-nn[draw]"``.
"""

from __future__ import annotations

from collections.abc import Sequence
from reprlib import repr as brief

from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError
from ..graph import Node
from ..nn import MLP, Layer, Neuron
from ..value import Value
from .architecture import draw_architecture
from .computation import draw_computation
from .picture import Drawing

__all__ = ["Drawing", "draw"]

_DIRECTIONS = ("LR", "RL", "TB", "BT")


def draw(
    value: Value | Sequence[Value] | MLP | Layer | Neuron,
    *,
    rankdir: str = "LR",
    precision: int = 4,
    derivatives: bool = False,
    max_nodes: int = 500,
) -> Drawing:
    """Draw the graph that a Value was made by, or the architecture of a network.

    A box shows a number's label, data and gradient, or a dash where no backward pass
    has been; leaves are blue and results orange. A circle is an operation; its operands
    come in from the top (from the left if the direction is down) in order. Plain
    numbers stand beside each of their uses.

    Parameters
    ----------
    value : Value, sequence of Value, or model
        The result or results whose graph to draw, as one picture; or an MLP, a Layer or
        a Neuron, whose units are drawn instead.
    rankdir : str
        Where the picture runs: ``"LR"`` from left to right, ``"TB"`` from top to bottom,
        ``"RL"`` or ``"BT"``.
    precision : int
        How many significant digits numbers have.
    derivatives : bool
        Whether each edge shows the local derivative, that of the operation's result by
        this operand. The chain rule multiplies them along a path, and adds up the paths.
    max_nodes : int
        The most numbers, or units of a network, that are drawn.

    Returns
    -------
    Drawing
        What a notebook shows, and what `Drawing.save` writes to a file.

    Raises
    ------
    ArgumentTypeError
        When `value` is nothing that can be drawn.
    ArgumentError
        When an option has a value that it cannot have.
    DrawingError
        When there are more than `max_nodes` numbers.
    MissingExtraError
        When the package graphviz is not installed.

    Examples
    --------
    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> picture = draw(y, derivatives=True)
    >>> picture
    <Drawing: Computation graph>
    """
    if rankdir not in _DIRECTIONS:
        known = ", ".join(_DIRECTIONS)
        raise ArgumentError(f"rankdir must be one of {known}, got {rankdir!r}")
    precision = check_count(precision, "precision")
    max_nodes = check_count(max_nodes, "max_nodes")
    if isinstance(value, MLP | Layer | Neuron):
        return Drawing(draw_architecture(value, rankdir=rankdir, max_nodes=max_nodes))
    return Drawing(
        draw_computation(
            _roots(value),
            rankdir=rankdir,
            precision=precision,
            derivatives=derivatives,
            max_nodes=max_nodes,
        )
    )


def _roots(value: object) -> list[Node]:
    """Take a Value, or several, as the roots of a graph."""
    candidates = list(value) if isinstance(value, list | tuple) else [value]
    if not candidates:
        raise ArgumentError("value must not be empty: give at least one Value to draw")
    roots = [candidate for candidate in candidates if isinstance(candidate, Node)]
    if len(roots) < len(candidates):
        other = next(candidate for candidate in candidates if not isinstance(candidate, Node))
        raise ArgumentTypeError(
            "value must be a Value, a list of Values, or a model (MLP, Layer, Neuron), got "
            f"{brief(other)} of type {type(other).__name__}: draw a result, as draw(cost)"
        )
    return roots
