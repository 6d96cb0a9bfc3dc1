"""The loss as a function of the prediction."""

from __future__ import annotations

from typing import Any

from ..nn import binary_cross_entropy
from .files import new_axes
from .style import BLUE, ORANGE, tidy

__all__ = ["plot_cross_entropy"]

POINTS = 400
HEIGHT = 5.0  # the loss is infinite where the prediction is quite wrong


def plot_cross_entropy(*, axes: Any = None) -> Any:
    r"""Plot the loss L(ŷ, y) = -[y log ŷ + (1 - y) log(1 - ŷ)] of a prediction ŷ, for y = 1 and y = 0.

    Parameters
    ----------
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> axes = plot_cross_entropy()
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['$y = 1$:  $-\\log\\,\\hat{y}$', '$y = 0$:  $-\\log(1 - \\hat{y})$']
    """
    axes = axes or new_axes(6, 3.6)
    predictions = [(k + 0.5) / POINTS for k in range(POINTS)]
    curves = (
        (1, BLUE, "-", r"$y = 1$:  $-\log\,\hat{y}$"),
        (0, ORANGE, (0, (4, 1.5)), r"$y = 0$:  $-\log(1 - \hat{y})$"),
    )
    for y, color, linestyle, label in curves:
        losses = [binary_cross_entropy(y_hat, y) for y_hat in predictions]
        axes.plot(predictions, losses, color=color, linestyle=linestyle, linewidth=2, label=label)
    axes.set(
        xlabel=r"prediction $\hat{y}$",
        ylabel=r"loss $L(\hat{y}, y)$",
        xlim=(0, 1),
        ylim=(0, HEIGHT),
    )
    axes.legend(frameon=False, loc="upper center")
    tidy(axes)
    return axes
