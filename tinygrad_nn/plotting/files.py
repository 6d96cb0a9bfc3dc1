"""Figures: made with axes of their own, and rendered."""

from __future__ import annotations

from io import BytesIO
from typing import Any

from ..extras import load_extra

__all__ = ["figure_bytes", "new_axes"]


def new_axes(width: float, height: float) -> Any:
    """Make the axes of a new figure, its size in inches; no window belongs to it."""
    figure = load_extra("matplotlib.figure", "plot", "plotting").Figure(
        figsize=(width, height), layout="constrained"
    )
    return figure.add_subplot()


def figure_bytes(axes: Any, suffix: str = "png") -> bytes:
    """Render the figure of some axes.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Any axes of the figure.
    suffix : str
        The format: png, svg or pdf.

    Returns
    -------
    bytes
        What a file of that format holds.

    Examples
    --------
    >>> from tinygrad_nn.plotting import plot_cost
    >>> figure_bytes(plot_cost([0.7, 0.3]))[1:4]
    b'PNG'
    """
    buffer = BytesIO()
    axes.figure.savefig(buffer, format=suffix, dpi=160)
    return buffer.getvalue()
