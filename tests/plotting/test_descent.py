"""Pictures of gradient descent show what `minimize` did, and nothing else."""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any

import matplotlib.figure
import numpy as np
import pytest

from tinygrad_nn import log, minimize
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, MissingExtraError, ShapeError
from tinygrad_nn.plotting import (
    gradient_norms,
    plot_contours,
    plot_convergence,
    plot_descent,
    plot_learning_rates,
    plot_surface,
    save_figure,
)
from tinygrad_nn.train import Epoch, History


def parabola(x: Any) -> Any:
    return (x - 3) ** 2 + 1


def bowl(p: Any) -> Any:
    return p[0] ** 2 + 3 * p[1] ** 2 + p[0] * p[1]


def bowl_gradient(p: Any) -> tuple[float, float]:
    return 2 * p[0] + p[1], 6 * p[1] + p[0]


WALK = minimize(parabola, 0.0, lr=0.2)
WALK_2D = minimize(bowl, [1.8, 1.4], lr=0.1)


# ------------------------------------------------------------- one dimension


def test_the_curve_is_the_function() -> None:
    curve = plot_descent(parabola, WALK).lines[0]
    np.testing.assert_allclose(curve.get_ydata(), (curve.get_xdata() - 3) ** 2 + 1, rtol=1e-12)


def test_the_points_are_those_of_minimize() -> None:
    points = plot_descent(parabola, WALK).lines[-1]
    assert tuple(points.get_xdata()) == WALK.path
    assert tuple(points.get_ydata()) == WALK.values


def test_tangents_touch_the_curve_with_its_slope() -> None:
    axes = plot_descent(parabola, WALK)
    tangents = [line for line in axes.lines if len(line.get_xdata()) == 2]
    assert len(tangents) == 3
    for a, line in zip(WALK.path, tangents, strict=False):
        (x1, x2), (y1, y2) = line.get_xdata(), line.get_ydata()
        assert (y2 - y1) / (x2 - x1) == pytest.approx(2 * (a - 3), rel=1e-9)  # f'(x) = 2 (x - 3)
        assert (x1 + x2) / 2 == pytest.approx(a, abs=1e-12)
        assert (y1 + y2) / 2 == pytest.approx((a - 3) ** 2 + 1, rel=1e-12)


def test_tangents_have_one_length_on_paper() -> None:
    axes = plot_descent(parabola, WALK)
    axes.figure.draw_without_rendering()
    width, height = (high - low for low, high in (axes.get_xlim(), axes.get_ylim()))
    lengths = [
        math.hypot(np.ptp(line.get_xdata()) / width, np.ptp(line.get_ydata()) / height)
        for line in axes.lines
        if len(line.get_xdata()) == 2
    ]
    assert lengths == pytest.approx([lengths[0]] * 3)


def test_words() -> None:
    axes = plot_descent(parabola, WALK)
    assert axes.get_title() == f"converged after {WALK.steps} steps"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("$x$", "$f(x)$")
    assert [text.get_text() for text in axes.texts] == ["$a$", "$b$"]
    assert [text.xy[0] for text in axes.texts] == list(WALK.path[:2])
    assert len(axes.get_legend().get_texts()) == 2


def test_the_window() -> None:
    low, high = plot_descent(parabola, WALK).get_xlim()
    assert low < 0.0
    assert high > 3.0
    assert plot_descent(parabola, WALK, window=(-1, 7)).get_xlim() == (-1, 7)


def test_a_walk_of_no_step() -> None:
    axes = plot_descent(parabola, minimize(parabola, 3.0))
    assert axes.get_title() == "converged after 0 steps"
    assert list(axes.lines[-1].get_xdata()) == [3.0]


def test_a_gap_where_the_function_is_not_defined() -> None:
    def f(x: Any) -> Any:
        return x - log(x)

    curve = plot_descent(f, minimize(f, 0.5), window=(-1.0, 2.0)).lines[0]
    xs, ys = np.asarray(curve.get_xdata()), np.asarray(curve.get_ydata())
    assert (np.isnan(ys) == (xs <= 0)).all()


def test_a_walk_far_away_is_still_drawn() -> None:
    walk = minimize(lambda x: x**4, 2.0, lr=1.0)
    assert "moving away" in plot_descent(lambda x: x**4, walk).get_title()


# ------------------------------------------------------------- learning rates

RATES = {"too small": 0.02, "right": 0.3, "too large": 1.05}


def test_each_learning_rate_has_its_walk() -> None:
    panels = plot_learning_rates(parabola, 0.0, RATES)
    for panel, (title, lr) in zip(panels, RATES.items(), strict=True):
        assert panel.get_title().startswith(f"{title}, α = {lr:g}\n")
        points = list(panel.lines[-1].get_xdata())
        for a, b in pairwise(points):
            assert b == pytest.approx(a - lr * 2 * (a - 3), rel=1e-12)
        assert points[0] == 0.0
    assert [panel.get_title().split("\n")[1] for panel in panels] == [
        "not converged after 20 steps",
        "converged after 10 steps",
        "moving away after 20 steps",
    ]


def test_learning_rates_share_a_window_with_the_minimum_in_the_middle() -> None:
    panels = plot_learning_rates(parabola, 0.0, RATES)
    assert len({(panel.get_xlim(), panel.get_ylim()) for panel in panels}) == 1
    assert sum(panels[0].get_xlim()) / 2 == pytest.approx(3.0, abs=1e-2)
    assert panels[0].get_xlim()[0] < 0.0


def test_learning_rates_on_axes_of_ones_own() -> None:
    grid = matplotlib.figure.Figure().subplots(1, 2)
    assert plot_learning_rates(parabola, 0.0, {"a": 0.1, "b": 0.2}, axes=grid) == list(grid)
    with pytest.raises(ShapeError, match="axes has 2 axes and there are 3 panels"):
        plot_learning_rates(parabola, 0.0, RATES, axes=grid)


# ------------------------------------------------------------- two dimensions


def test_the_surface_and_its_walk() -> None:
    axes = plot_surface(bowl, WALK_2D)
    first, second, heights = axes.lines[-1].get_data_3d()
    assert [list(point) for point in zip(first, second, strict=True)] == list(WALK_2D.path)
    assert tuple(heights) == WALK_2D.values
    assert axes.get_zlabel() == "$f(x_1, x_2)$"
    # The greatest height is that of a corner of the window: the surface is there.
    corners = [bowl((a, b)) for a in axes.xy_dataLim.intervalx for b in axes.xy_dataLim.intervaly]
    assert axes.zz_dataLim.xmax == pytest.approx(max(corners), rel=1e-12)
    assert len(axes.collections) == 1


def test_the_line_follows_the_surface() -> None:
    line = next(x for x in plot_surface(bowl, WALK_2D).lines if x.get_linestyle() == "-")
    points = np.asarray(line.get_data_3d(), dtype=float)
    assert points.shape[1] == 20 * WALK_2D.steps + 1
    np.testing.assert_allclose(points[2], bowl(points), rtol=1e-12, atol=1e-15)
    np.testing.assert_allclose(points[:2, ::20].T, WALK_2D.path, rtol=1e-12)


def test_the_map_and_its_walk() -> None:
    axes = plot_contours(bowl, WALK_2D)
    assert [list(point) for point in axes.lines[-1].get_xydata()] == list(WALK_2D.path)
    contours = axes.collections[1]
    for level, path in zip(contours.levels, contours.get_paths(), strict=True):
        heights = bowl(path.vertices.T)
        np.testing.assert_allclose(heights, level, atol=0.05)


def test_steps_look_at_right_angles_to_contours() -> None:
    assert plot_contours(bowl, WALK_2D).get_aspect() == 1.0


def test_a_window_of_two_intervals() -> None:
    axes = plot_contours(bowl, WALK_2D, window=((-2, 2), (-1, 1.5)))
    assert (axes.get_xlim(), axes.get_ylim()) == ((-2, 2), (-1, 1.5))


# ------------------------------------------------------------- convergence


def test_gradient_norms_are_those_of_the_closed_form() -> None:
    norms = gradient_norms(bowl, WALK_2D)
    expected = [math.hypot(*bowl_gradient(point)) for point in WALK_2D.path]
    assert norms == pytest.approx(expected, rel=1e-9)
    assert norms[-1] == WALK_2D.gradient_norm
    assert gradient_norms(parabola, WALK)[0] == 6.0


def test_convergence_marks_the_first_below() -> None:
    axes = plot_convergence([3.0, 1.0, 0.5, 0.7, 0.1], tol=0.6)
    line, across, dot = axes.lines
    assert list(line.get_xdata()) == [0, 1, 2, 3, 4]
    assert list(line.get_ydata()) == [3.0, 1.0, 0.5, 0.7, 0.1]
    assert set(across.get_ydata()) == {0.6}
    assert (list(dot.get_xdata()), list(dot.get_ydata())) == ([2], [0.5])
    assert axes.get_yscale() == "log"
    assert axes.get_ylabel() == r"$|\nabla f|$"


def test_no_convergence_no_mark() -> None:
    axes = plot_convergence([3.0, 2.0], tol=1e-3)
    assert [text.get_text() for text in axes.get_legend().get_texts()] == [r"$\varepsilon$ = 0.001"]
    assert len(plot_convergence([3.0, 2.0]).lines) == 1


def test_convergence_of_a_training() -> None:
    history = History([Epoch(1.0, 0.5, 0.1), Epoch(0.5, 0.01, 0.1)], "tolerance")
    axes = plot_convergence(history, tol=0.1)
    assert list(axes.lines[0].get_xdata()) == [1, 2]
    assert list(axes.lines[0].get_ydata()) == [0.5, 0.01]
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("epoch", r"$|\nabla J|$")
    assert axes.get_legend().get_texts()[1].get_text() == "converged after 2 epochs"


def test_lengths_of_nothing_have_no_logarithm() -> None:
    axes = plot_convergence([0.0, 0.0], tol=1e-6)
    assert axes.get_yscale() == "linear"


# ------------------------------------------------------------- mistakes


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: plot_descent(parabola, 3.0), ArgumentTypeError, "walk is of type float"),
        (lambda: plot_descent(bowl, WALK_2D), ShapeError, "use plot_surface or plot_contours"),
        (lambda: plot_surface(parabola, WALK), ShapeError, "use plot_descent"),
        (lambda: plot_descent(parabola, WALK, window=(2, 1)), ArgumentError, "low below high"),
        (lambda: plot_descent(parabola, WALK, window=2), ArgumentTypeError, "two numbers"),
        (
            lambda: plot_contours(bowl, WALK_2D, window=(0, 1)),
            ArgumentTypeError,
            r"window\[0\] is 0",
        ),
        (lambda: plot_surface(bowl, WALK_2D, window=1), ArgumentTypeError, "two intervals"),
        (lambda: plot_convergence([]), ArgumentError, "norms is empty"),
        (lambda: plot_convergence([1.0], tol=0.0), ArgumentError, "tol is 0.0"),
        (lambda: plot_learning_rates(parabola, 0.0, {}), ArgumentError, "rates is empty"),
        (lambda: plot_learning_rates(parabola, 0.0, [0.1]), ArgumentTypeError, "under its title"),
        (lambda: plot_learning_rates(bowl, [1.0, 1.0], {"a": 0.1}), ShapeError, "single numbers"),
        (
            lambda: plot_surface(bowl, WALK_2D, axes=matplotlib.figure.Figure().add_subplot()),
            ArgumentError,
            "axes are flat",
        ),
        (
            lambda: plot_descent(
                lambda x: x - log(x), minimize(lambda x: x - log(x), 0.5), window=(-2, -1)
            ),
            ArgumentError,
            "defined nowhere",
        ),
    ],
)
def test_mistakes(draw: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw()


def test_every_figure_is_written(tmp_path: Any) -> None:
    drawn = [
        plot_descent(parabola, WALK),
        plot_learning_rates(parabola, 0.0, RATES),
        plot_surface(bowl, WALK_2D),
        plot_contours(bowl, WALK_2D),
    ]
    for number, axes in enumerate(drawn):
        assert save_figure(axes, tmp_path / f"{number}.png").stat().st_size > 10_000


def test_without_matplotlib(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(__import__("sys").modules, "matplotlib.figure", None)
    with pytest.raises(MissingExtraError, match=r"tinygrad-nn\[plot\]"):
        plot_descent(parabola, WALK)
