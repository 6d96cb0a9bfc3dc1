"""Curves of a training run."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError
from ..train import History
from .files import new_axes
from .style import BLUE, GREY, ORANGE, tidy

__all__ = ["plot_convergence", "plot_cost"]


def plot_cost(
    cost: Sequence[float] | History, validation: Sequence[float] = (), *, axes: Any = None
) -> Any:
    """Plot the cost J over the epochs, on a logarithmic scale.

    Parameters
    ----------
    cost : sequence of float, or History
        The cost of each epoch; a history brings its validation cost along.
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
    if isinstance(cost, History):
        validation = validation or cost.validation_cost
        cost = cost.cost
    axes = axes or new_axes(6, 3.6)
    _plot_series(axes, cost, BLUE, "training")
    if validation:
        _plot_series(axes, validation, ORANGE, "validation")
        axes.legend(frameon=False)
    if min([*cost, *validation], default=0.0) > 0:
        axes.set_yscale("log")
    axes.set(xlabel="epoch", ylabel="cost J", xlim=(1, max(2, len(cost))))
    axes.xaxis.get_major_locator().set_params(integer=True)
    tidy(axes)
    return axes


def plot_convergence(
    norms: Sequence[float] | History, tol: float | None = None, *, axes: Any = None
) -> Any:
    r"""Plot the length of the gradient over the iterations, on a logarithmic scale.

    Gradient descent has converged when the gradient is shorter than `tol`, the ε of
    the lecture note.

    Parameters
    ----------
    norms : sequence of float, or History
        The length at each point from the first on: `gradient_norms` of a walk; or a
        training, whose iterations are epochs.
    tol : float, optional
        The length at which it has converged: a line across, and a dot on the first
        point below it.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentError
        When there are no iterations, or `tol` is not positive.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> axes = plot_convergence([1.0, 0.1, 0.01], tol=0.05)
    >>> axes.get_ylabel(), [text.get_text() for text in axes.get_legend().get_texts()]
    ('$|\\nabla f|$', ['$\\varepsilon$ = 0.05', 'converged after 2 iterations'])
    """
    epochs = isinstance(norms, History)
    unit = "epoch" if epochs else "iteration"
    lengths = norms.gradient_norm if isinstance(norms, History) else list(norms)
    if not lengths:
        raise ArgumentError("norms is empty: expected one length at least; make a step first")
    if tol is not None and not 0.0 < tol < math.inf:
        raise ArgumentError(f"tol is {tol!r}: expected a positive number, as 1e-6")
    axes = axes or new_axes(6, 3.6)
    iterations = range(epochs, len(lengths) + epochs)  # epochs are counted from 1
    axes.plot(iterations, lengths, ".-", color=BLUE, linewidth=1.5, markersize=5)
    if tol is not None:
        axes.axhline(tol, color=GREY, linestyle="--", label=rf"$\varepsilon$ = {tol:g}")
        found = next(
            (pair for pair in zip(iterations, lengths, strict=True) if pair[1] < tol), None
        )
        if found:
            axes.plot(
                *found, "o", color=ORANGE, zorder=3, label=f"converged after {found[0]} {unit}s"
            )
        axes.legend(frameon=False)
    if max(lengths) > 0.0:
        axes.set_yscale("log")
    axes.set(xlabel=unit, ylabel=rf"$|\nabla {'J' if epochs else 'f'}|$")
    axes.xaxis.get_major_locator().set_params(integer=True)
    tidy(axes)
    axes.grid(visible=False, which="minor")  # there may be many decades
    return axes


def _plot_series(axes: Any, cost: Sequence[float], color: str, label: str) -> None:
    marker = "o" if len(cost) == 1 else None  # a line through one point is not seen
    epochs = range(1, len(cost) + 1)
    axes.plot(epochs, cost, color=color, linewidth=2, marker=marker, clip_on=False, label=label)
