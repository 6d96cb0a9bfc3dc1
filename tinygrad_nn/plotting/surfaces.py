"""Gradient descent in two dimensions: the walk of `minimize` on a surface, and on a map."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise
from typing import Any, TypeAlias

from ..errors import ArgumentError, ArgumentTypeError
from ..extras import load_extra
from ..optim import Descent
from .files import new_axes
from .landscape import Window, around, finite, height, interval, outcome, points_of, spread
from .style import AMBER, ORANGE

__all__ = ["plot_contours", "plot_surface"]

Windows: TypeAlias = tuple[Window, Window]
Grid: TypeAlias = tuple[list[float], list[float], list[list[float]]]

GRID = 61  # points to either side
LEVELS = 16
FINE = 20  # parts of a step


def plot_surface(
    f: Callable[[Any], Any], walk: Descent, *, window: Windows | None = None, axes: Any = None
) -> Any:
    """Plot a walk of `minimize` on the surface of a function of two numbers.

    Parameters
    ----------
    f : callable
        What `minimize` was given, a function of a list of two numbers.
    walk : Descent
        What it returned.
    window : pair of pairs of float, optional
        The intervals of both numbers to show; a little more than the walk needs if not
        given.
    axes : mpl_toolkits.mplot3d.Axes3D, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    mpl_toolkits.mplot3d.Axes3D

    Raises
    ------
    ShapeError
        When `f` is not a function of two numbers.
    ArgumentError
        When a window is no interval, or `axes` are flat.
    ArgumentTypeError
        When `walk` is not what `minimize` returns.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> from tinygrad_nn import minimize
    >>> def f(p):
    ...     return p[0] ** 2 + 3 * p[1] ** 2
    >>> walk = minimize(f, [2.0, 1.0], lr=0.1)
    >>> axes = plot_surface(f, walk)
    >>> list(axes.lines[-1].get_data_3d()[2]) == list(walk.values)
    True
    """
    xs, ys, zs = _grid(f, walk, window)
    if axes is not None and getattr(axes, "name", "") != "3d":
        raise ArgumentError(
            "axes are flat: expected axes of three dimensions; make them with "
            'figure.add_subplot(projection="3d"), or use plot_contours'
        )
    if axes is None:
        axes = new_axes(6, 5, "3d")
        axes.view_init(elev=45, azim=-65)  # from above: into the bowl, not against it
    numpy = load_extra("numpy", "plot", "plotting")
    axes.computed_zorder = False  # the walk lies on the surface, never behind it
    look = {"cmap": "cividis", "antialiased": False, "zorder": 1}
    axes.plot_surface(*numpy.meshgrid(xs, ys), numpy.array(zs), rcount=GRID, ccount=GRID, **look)
    between = _between(walk)
    line = [*zip(*between, strict=True), [height(f, point) for point in between]]
    _draw_walk(axes, line, [*_coordinates(walk), walk.values])
    axes.set(xlabel="$x_1$", ylabel="$x_2$", zlabel="$f(x_1, x_2)$", title=outcome(walk))
    return axes


def plot_contours(
    f: Callable[[Any], Any], walk: Descent, *, window: Windows | None = None, axes: Any = None
) -> Any:
    """Plot a walk of `minimize` on a map of a function of two numbers.

    Every step is at right angles to the contour that it starts from, as the gradient
    is. Contours are closer in height near the minimum.

    Parameters
    ----------
    f, walk, window
        As for `plot_surface`.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ShapeError, ArgumentError, ArgumentTypeError, MissingExtraError
        As `plot_surface` does.

    Examples
    --------
    >>> from tinygrad_nn import minimize
    >>> def f(p):
    ...     return p[0] ** 2 + 3 * p[1] ** 2
    >>> walk = minimize(f, [2.0, 1.0], lr=0.1)
    >>> axes = plot_contours(f, walk)
    >>> [list(point) for point in axes.lines[-1].get_xydata()] == list(walk.path)
    True
    """
    xs, ys, zs = _grid(f, walk, window)
    axes = axes or new_axes(6, min(6.0, max(3.0, 0.9 + 4.4 * (ys[-1] - ys[0]) / (xs[-1] - xs[0]))))
    found = finite([z for row in zs for z in row])
    low, high = min(found), max(found) if max(found) > min(found) else min(found) + 1.0
    levels = [low + (high - low) * (k / LEVELS) ** 2 for k in range(LEVELS + 1)]
    filled = axes.contourf(xs, ys, zs, levels=levels, cmap="cividis", alpha=0.75)
    axes.contour(xs, ys, zs, levels=levels[1:-1], colors="white", linewidths=0.6)
    ticks = load_extra("matplotlib.ticker", "plot", "plotting").MaxNLocator(6)
    label = "$f(x_1, x_2)$"
    axes.figure.colorbar(filled, ax=axes, label=label, spacing="proportional", ticks=ticks)
    _draw_walk(axes, _coordinates(walk), _coordinates(walk))
    # One unit is as long both ways: else right angles would not look like it.
    axes.set(xlabel="$x_1$", ylabel="$x_2$", title=outcome(walk), aspect="equal")
    axes.set(xlim=(xs[0], xs[-1]), ylim=(ys[0], ys[-1]))
    return axes


def _grid(f: Callable[[Any], Any], walk: Descent, window: Windows | None) -> Grid:
    """Evaluate f on a grid around a walk, or in a window."""
    points = points_of(walk, 2)
    if window is None:
        windows = [around(numbers) for numbers in zip(*points, strict=True)]
    else:
        try:
            one, other = window
        except (TypeError, ValueError):
            raise ArgumentTypeError(
                f"window is {window!r}: expected two intervals, ((low, high), (low, high))"
            ) from None
        windows = [interval(one, "window[0]"), interval(other, "window[1]")]
    xs, ys = (spread(shown, GRID) for shown in windows)
    return xs, ys, [[height(f, [x, y]) for x in xs] for y in ys]


def _coordinates(walk: Descent) -> list[list[float]]:
    """Give the first numbers of all points, and the second."""
    return [list(numbers) for numbers in zip(*points_of(walk, 2), strict=True)]


def _between(walk: Descent) -> list[list[float]]:
    """Give points so close together that their heights follow the surface."""
    points = points_of(walk, 2)[:1]
    for a, b in pairwise(points_of(walk, 2)):
        sides = list(zip(a, b, strict=True))
        points += [[p + (q - p) * k / FINE for p, q in sides] for k in range(1, FINE + 1)]
    return points


def _draw_walk(axes: Any, line: Sequence[Any], points: Sequence[Any]) -> None:
    """Draw the line of a walk, where it begins and ends, and its points."""
    axes.plot(*line, color=ORANGE, linewidth=1.6, zorder=3)
    for end, color, marker in ((0, AMBER, "s"), (-1, ORANGE, "o")):
        place = [[numbers[end]] for numbers in points]
        axes.plot(*place, marker, color=color, markersize=8, markeredgecolor="black", zorder=4)
    axes.plot(*points, "o", color=ORANGE, markersize=4, zorder=3)
