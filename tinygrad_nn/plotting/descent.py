"""Gradient descent in one dimension: the walk of `minimize` on the curve of its function."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from ..optim import Descent, minimize
from ..scalar.contexts import no_grad
from ..scalar.convert import to_number
from ..transforms import grad
from .files import chosen_panels, new_axes
from .landscape import (
    Window,
    around,
    check_walk,
    finite,
    height,
    interval,
    outcome,
    points_of,
    spread,
)
from .style import AMBER, BLUE, GREY, ORANGE, tidy

__all__ = ["gradient_norms", "plot_descent", "plot_learning_rates"]

CURVE_POINTS = 401
TANGENTS = 3  # of the first points; those of later ones would hide each other
TANGENT_REACH = 0.2  # to either side, as a share of the picture
ROOM = 1.5  # around the minimum, in distances from the start
TOL = 1e-3  # of walks that are compared by eye


def gradient_norms(f: Callable[[Any], Any], walk: Descent) -> list[float]:
    """Give the length of the gradient at every point of a walk, for `plot_convergence`.

    Parameters
    ----------
    f : callable
        What `minimize` was given.
    walk : Descent
        What it returned.

    Returns
    -------
    list of float, shape (steps + 1,)

    Raises
    ------
    ArgumentTypeError
        When `walk` is not what `minimize` returns.

    Examples
    --------
    >>> def f(x):
    ...     return x * x
    >>> gradient_norms(f, minimize(f, 1.0, lr=0.25, max_steps=2))
    [2.0, 1.0, 0.5]
    """
    with no_grad():
        gradients = [grad(f)(point) for point in check_walk(walk).path]
    return [math.hypot(*(g if isinstance(g, list) else [g])) for g in gradients]


def plot_descent(
    f: Callable[[Any], Any], walk: Descent, *, window: Window | None = None, axes: Any = None
) -> Any:
    """Plot a walk of `minimize` on the curve of a function of one number.

    The first points have their tangents, from the engine's own derivative: the steeper
    the tangent, the longer the step b = a - α f'(a).

    Parameters
    ----------
    f : callable
        What `minimize` was given.
    walk : Descent
        What it returned.
    window : pair of float, optional
        The interval to show; a little more than the walk needs if not given.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ShapeError
        When `f` is a function of several numbers.
    ArgumentError
        When `window` is no interval.
    ArgumentTypeError
        When `walk` is not what `minimize` returns.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> def f(x):
    ...     return (x - 3) ** 2 + 1
    >>> walk = minimize(f, 0.0, lr=0.25)
    >>> axes = plot_descent(f, walk)
    >>> axes.get_title(), tuple(axes.lines[-1].get_xdata()) == walk.path
    ('converged after 23 steps', True)
    """
    points = points_of(walk, 0)
    shown = around(points) if window is None else interval(window)
    axes = axes or new_axes(6, 4)
    low, high = _draw_curve(axes, f, shown)
    scale = (high - low) / (shown[1] - shown[0])
    for k in range(min(TANGENTS, walk.steps)):
        a = points[k]
        with no_grad():
            slope = grad(f)(a)
        # As long on paper whatever the slope.
        reach = TANGENT_REACH * (shown[1] - shown[0]) / math.hypot(1.0, slope / scale)
        axes.plot(
            [a - reach, a + reach],
            [walk.values[k] - slope * reach, walk.values[k] + slope * reach],
            color=ORANGE,
            linewidth=1.4,
            label="" if k else "tangents, of slope $f'(a)$",
        )
    for name, x, y in zip("ab", points, walk.values, strict=False):
        axes.annotate(f"${name}$", (x, y), (7, 5), textcoords="offset points", fontsize="large")
    _draw_steps(axes, walk, r"steps, $b = a - \alpha f'(a)$")
    axes.legend(frameon=False, loc="upper center")
    axes.set(xlabel="$x$", ylabel="$f(x)$", title=outcome(walk))
    return axes


def plot_learning_rates(
    f: Callable[[Any], Any],
    x0: float,
    rates: Mapping[str, float],
    *,
    max_steps: int = 20,
    axes: Sequence[Any] | None = None,
) -> list[Any]:
    """Plot walks of `minimize` with different learning rates side by side, on one curve.

    Parameters
    ----------
    f : callable
        A function of one number.
    x0 : float
        Where all walks start.
    rates : mapping of str to float
        Each learning rate under its title, as ``{"too small": 0.02, "right": 0.3}``.
    max_steps : int
        The greatest number of steps.
    axes : sequence of matplotlib.axes.Axes, optional
        Where to plot, one for each rate; a figure of their own if not given.

    Returns
    -------
    list of matplotlib.axes.Axes

    Raises
    ------
    ArgumentError, ArgumentTypeError
        When there are no rates, or they have no titles.
    ShapeError
        When `f` is a function of several numbers, or there are not as many axes as
        rates.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> rates = {"too small": 0.02, "right": 0.3, "too large": 1.05}
    >>> panels = plot_learning_rates(lambda x: (x - 3) ** 2 + 1, 0.0, rates)
    >>> print(panels[2].get_title())
    too large, α = 1.05
    moving away after 20 steps
    """
    if not isinstance(rates, Mapping):
        raise ArgumentTypeError(
            f"rates is {rates!r}: expected each learning rate under its title, as "
            '{"too small": 0.02, "right": 0.3}'
        )
    if not rates:
        raise ArgumentError('rates is empty: expected one at least, as {"right": 0.3}')
    numbers = {title: to_number(lr, f"rates[{title!r}]") for title, lr in rates.items()}
    walks = [minimize(f, x0, lr=lr, tol=TOL, max_steps=max_steps) for lr in numbers.values()]
    (best,) = points_of(min(walks, key=lambda walk: walk.f), 0)[-1:]
    room = ROOM * abs(best - x0) or 1.0
    panels = chosen_panels(axes, len(walks), len(walks), 2.6 * len(walks), 3.2)
    for panel, walk, (title, lr) in zip(panels, walks, numbers.items(), strict=True):
        _draw_curve(panel, f, (best - room, best + room))
        _draw_steps(panel, walk)
        panel.set(xlabel="$x$", title=f"{title}, α = {lr:g}\n{outcome(walk)}")
        panel.title.set_fontsize("medium")
    panels[0].set_ylabel("$f(x)$")
    return panels


def _draw_curve(axes: Any, f: Callable[[Any], Any], window: Window) -> Window:
    """Draw the function in a window, and return the heights shown."""
    xs = spread(window, CURVE_POINTS)
    ys = [height(f, x) for x in xs]
    axes.plot(xs, ys, color=GREY, linewidth=2)
    shown = around(finite(ys), margin=0.12)
    axes.set(xlim=window, ylim=shown)
    tidy(axes)
    return shown


def _draw_steps(axes: Any, walk: Descent, label: str = "") -> None:
    """Draw where a walk begins and ends, and its points, joined in their order."""
    ends = ((0, AMBER, "s"), (-1, BLUE, "o"))
    for end, color, marker in ends:
        axes.plot(walk.path[end], walk.values[end], marker, color=color, markersize=8, zorder=4)
    look = {"color": BLUE, "linewidth": 0.8, "marker": "o", "markersize": 4}
    axes.plot(walk.path, walk.values, zorder=3, label=label, **look)
