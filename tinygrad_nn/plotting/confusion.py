"""The confusion table: what was predicted for samples of each class."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import ArgumentError, ShapeError
from .files import new_axes

__all__ = ["plot_confusion"]


def plot_confusion(
    counts: Sequence[Sequence[int]], names: Sequence[str] = (), *, axes: Any = None
) -> Any:
    """Show how many samples of each class were predicted as which.

    Parameters
    ----------
    counts : table of int, shape (classes, classes)
        A row for each true class, a column for each predicted one, as
        `Experiment.confusion` and scikit-learn's ``confusion_matrix`` give it.
    names : sequence of str, optional
        What the classes are called; their numbers if not given.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ShapeError
        When the table is not square, or there are not as many names as classes.
    ArgumentError
        When a count is negative, or all are 0.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> axes = plot_confusion([[8, 2], [0, 10]], ["cat", "dog"])
    >>> axes.get_title(), [text.get_text() for text in axes.texts]
    ('18 of 20 right (90.0 %)', ['8', '2', '0', '10'])
    """
    table = [[int(count) for count in row] for row in counts]
    classes = [str(name) for name in names] or [str(k) for k in range(len(table))]
    total = _checked_total(table, classes)
    right = sum(table[k][k] for k in range(len(table)))
    side = 1.8 + 0.55 * len(table)
    axes = axes or new_axes(max(3.6, side + 0.6), max(3.4, side))
    shares = [[count / max(1, sum(row)) for count in row] for row in table]
    axes.imshow(shares, cmap="Blues", vmin=0.0, vmax=1.0)
    for i, row in enumerate(table):
        for j, count in enumerate(row):
            ink = "white" if shares[i][j] > 0.5 else "black"
            axes.text(j, i, f"{count}", ha="center", va="center", color=ink)
    places = range(len(table))
    axes.set_xticks(places, classes, rotation=_slant(classes))
    axes.set_yticks(places, classes)
    axes.set(
        xlabel="predicted class",
        ylabel="true class",
        title=f"{right} of {total} right ({right / total:.1%})".replace("%", " %"),
    )
    axes.tick_params(length=0)
    axes.spines[:].set_visible(False)
    return axes


def _checked_total(table: list[list[int]], classes: list[str]) -> int:
    for i, row in enumerate(table):
        if len(row) != len(table):
            raise ShapeError(
                f"counts[{i}] has length {len(row)} and there are {len(table)} rows: expected a "
                "row and a column for each class"
            )
        if min(row) < 0:
            raise ArgumentError(f"counts[{i}] has {min(row)}: expected 0 or more; count samples")
    if len(classes) != len(table):
        raise ShapeError(
            f"names has length {len(classes)} and there are {len(table)} classes: expected one "
            "name for each; add or remove names"
        )
    total = sum(map(sum, table))
    if not total:
        raise ArgumentError("counts has no samples: expected one at least; predict some first")
    return total


def _slant(classes: list[str]) -> float:
    """Turn names that would run into each other."""
    return 30.0 if max(map(len, classes)) > 7 else 0.0
