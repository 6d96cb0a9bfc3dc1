"""Figures: made with axes of their own, rendered, and written to files."""

from __future__ import annotations

import os
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from ..errors import ArgumentError, ShapeError
from ..extras import load_extra
from ..files import write_whole

__all__ = ["check_path", "chosen_panels", "figure_bytes", "new_axes", "save_figure"]

STILL = ("png", "svg", "pdf")
MOVING = ("gif",)


def new_axes(width: float, height: float, projection: str | None = None) -> Any:
    """Make the axes of a new figure, its size in inches; no window belongs to it."""
    return _new_figure(width, height).add_subplot(projection=projection)


def chosen_panels(
    axes: Sequence[Any] | None, count: int, columns: int, width: float, height: float
) -> list[Any]:
    """Take the axes given, one for each panel, or make a figure of panels with one scale."""
    if axes is None:
        grid = _new_figure(width, height).subplots(
            -(-count // columns), columns, sharex=True, sharey=True, squeeze=False
        )
        panels = list(grid.flat)
        for panel in panels[count:]:
            panel.remove()
        return panels[:count]
    panels = list(getattr(axes, "flat", axes))
    if len(panels) != count:
        raise ShapeError(
            f"axes has {len(panels)} axes and there are {count} panels: expected one for each; "
            f"make them with figure.subplots(1, {count})"
        )
    return panels


def figure_bytes(drawn: Any, suffix: str = "png") -> bytes:
    """Render axes as png, svg or pdf, or an animation as gif."""
    film = _is_film(drawn)
    _check_format(suffix, film)
    if film:
        return _film_bytes(drawn)
    first = drawn[0] if isinstance(drawn, list) else drawn
    buffer = BytesIO()
    first.figure.savefig(buffer, format=suffix, dpi=160)
    return buffer.getvalue()


def save_figure(drawn: Any, path: str | os.PathLike[str]) -> Path:
    """Write a figure or an animation to a file, whole or not at all.

    Parameters
    ----------
    drawn : matplotlib.axes.Axes, a list of them, or matplotlib.animation.Animation
        What a function of this package has returned.
    path : str or path
        Where to; its suffix chooses the format: .png, .svg or .pdf, and .gif for an
        animation.

    Returns
    -------
    Path
        The path of the file.

    Raises
    ------
    ArgumentError
        When the suffix is none of these, or the folder does not exist.

    Examples
    --------
    >>> from tinygrad_nn.plotting import plot_cost
    >>> with TemporaryDirectory() as folder:
    ...     save_figure(plot_cost([0.7, 0.3]), f"{folder}/cost.svg").name
    'cost.svg'
    """
    path = check_path(path, _is_film(drawn))
    write_whole(path, figure_bytes(drawn, _suffix(path)))
    return path


def check_path(path: str | os.PathLike[str], film: bool) -> Path:
    """Check that a figure, or a film, can be written to a path."""
    path = Path(path)
    _check_format(_suffix(path), film)
    if not path.parent.is_dir():
        raise ArgumentError(
            f"path {str(path)!r} is in a folder that does not exist: create it first"
        )
    return path


def _is_film(drawn: Any) -> bool:
    """Tell an animation from axes."""
    return hasattr(drawn, "to_jshtml")


def _suffix(path: Path) -> str:
    return path.suffix.lower().removeprefix(".")


def _check_format(suffix: str, film: bool) -> None:
    known = MOVING if film else STILL
    if suffix not in known:
        names = " or ".join(f".{name}" for name in known)
        raise ArgumentError(
            f"the format is .{suffix}: expected {names} for "
            f"{'an animation' if film else 'a figure'}; change the suffix of the file"
        )


def _new_figure(width: float, height: float) -> Any:
    return load_extra("matplotlib.figure", "plot", "plotting").Figure(
        figsize=(width, height), layout="constrained"
    )


def _film_bytes(film: Any) -> bytes:
    """Render an animation; its writer takes the name of a file only."""
    with TemporaryDirectory() as folder:
        path = Path(folder, "film.gif")
        film.save(path, writer="pillow", dpi=100)
        return path.read_bytes()
