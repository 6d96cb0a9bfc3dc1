"""Figures as files."""

from __future__ import annotations

from io import BytesIO
from typing import Any

__all__ = ["figure_bytes"]


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
