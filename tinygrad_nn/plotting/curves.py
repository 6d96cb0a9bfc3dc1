"""Curves of a training run."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .files import new_axes

__all__ = ["plot_cost"]

# Two colours that colour-blind eyes tell apart, on light and on dark (Okabe and Ito 2008).
TRAINING = "#0072B2"
VALIDATION = "#D55E00"


def plot_cost(cost: Sequence[float], validation: Sequence[float] = (), *, axes: Any = None) -> Any:
    """Plot the cost J over the epochs, on a logarithmic scale.

    Parameters
    ----------
    cost : sequence of float
        The cost of each epoch.
    validation : sequence of float, optional
        The cost of each epoch on the validation set.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes
        The axes; ``axes.figure.savefig("cost.png")`` writes the figure.

    Raises
    ------
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> axes = plot_cost([0.7, 0.3, 0.1])
    >>> axes.get_xlabel(), axes.get_ylabel()
    ('epoch', 'cost J')
    """
    axes = axes or new_axes(6, 3.6)
    _plot_series(axes, cost, TRAINING, "training")
    if validation:
        _plot_series(axes, validation, VALIDATION, "validation")
        axes.legend(frameon=False)
    if min([*cost, *validation], default=0.0) > 0:
        axes.set_yscale("log")
    axes.set(xlabel="epoch", ylabel="cost J", xlim=(1, max(2, len(cost))))
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(visible=True, which="both", color="0.9", linewidth=0.6)
    axes.spines[["top", "right"]].set_visible(False)
    return axes


def _plot_series(axes: Any, cost: Sequence[float], color: str, label: str) -> None:
    marker = "o" if len(cost) == 1 else None  # a line through one point is not seen
    epochs = range(1, len(cost) + 1)
    axes.plot(epochs, cost, color=color, linewidth=2, marker=marker, clip_on=False, label=label)
