"""What a classifier says of every point of a plane: a picture, and a film of its training."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from .. import nn
from ..arguments import check_count
from ..data.validation import check_labels, validate
from ..errors import ArgumentError, ShapeError
from ..extras import load_extra
from ..train import Trainer, outputs
from ..train.prediction import Loss, evaluate
from ..train.samples import check_fit
from .files import new_axes
from .landscape import around, spread
from .style import PALETTE

__all__ = ["animate_boundary", "plot_boundary"]

POINTS = 61  # of the picture's sides where the model is asked
FILM_POINTS = 35  # fewer, as every scene asks anew
MARKERS = "osD^vP"  # the shape tells the class as well as the colour
PAUSE = 5  # how many times the last picture of a film is shown

# A score for each class, from the outputs of a model trained with this loss: the greatest wins.
_SCORES: dict[Loss, Callable[[Any], Sequence[float]]] = {
    nn.binary_cross_entropy: lambda y_hat: (0.5, y_hat),
    nn.binary_cross_entropy_with_logits: lambda z: (0.0, z),
    nn.cross_entropy: tuple,
    nn.hinge: lambda score: (0.0, score),
}


def plot_boundary(
    model: nn.Module,
    loss: Loss,
    X: Iterable[Any],
    y: Iterable[Any],
    *,
    names: Sequence[str] = (),
    axes: Any = None,
) -> Any:
    """Plot samples with two features, and where a model puts which class.

    Parameters
    ----------
    model : Module
        A classifier of two numbers.
    loss : callable
        What it was trained with, one of classification: it says what outputs mean.
    X : table of numbers, shape (samples, 2)
    y : labels, shape (samples,)
    names : sequence of str, optional
        What the classes are called; their labels if not given.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ShapeError
        When samples have not two features, or names are not as many as classes.
    ArgumentError
        When the loss is not one of classification.
    DataError
        When samples are bad, or the loss does not know a label.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> from tinygrad_nn.data import load
    >>> X, y = load("xor")
    >>> model = nn.MLP(2, [1], seed=0)
    >>> axes = plot_boundary(model, nn.binary_cross_entropy_with_logits, X, y)
    >>> [text.get_text() for text in axes.get_legend().get_texts()]
    ['class 0', 'class 1']
    """
    plane = _Plane.of(model, loss, X, y, names, POINTS)
    axes = axes or new_axes(5.4, 4.8)
    plane.draw(axes, plane.scores(model))
    return axes


def animate_boundary(
    trainer: Trainer,
    X: Iterable[Any],
    y: Iterable[Any],
    *,
    frames: int = 30,
    epochs: int = 1,
    names: Sequence[str] = (),
    axes: Any = None,
) -> Any:
    """Train a model, and make a film of what it says of every point of the plane.

    The training happens now; the film shows what was recorded.

    Parameters
    ----------
    trainer : Trainer
        What trains a classifier of two numbers.
    X, y, names
        As for `plot_boundary`.
    frames : int
        How many pictures follow the first, which shows the model as it is.
    epochs : int
        How many epochs pass from one picture to the next.
    axes : matplotlib.axes.Axes, optional
        Where to draw; a figure of its own if not given.

    Returns
    -------
    matplotlib.animation.FuncAnimation
        `save_figure` writes it to a GIF file.

    Raises
    ------
    ShapeError, ArgumentError, DataError, MissingExtraError
        As `plot_boundary` does.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from tinygrad_nn.data import load
    >>> from tinygrad_nn.optim import Adam
    >>> from tinygrad_nn.plotting import save_figure
    >>> X, y = load("xor")
    >>> model = nn.MLP(2, [4, 1], seed=0)
    >>> loss = nn.binary_cross_entropy_with_logits
    >>> trainer = Trainer(model, loss, Adam(model.parameters(), lr=0.1))
    >>> film = animate_boundary(trainer, X, y, frames=2, epochs=10)
    >>> with TemporaryDirectory() as folder:
    ...     save_figure(film, f"{folder}/training.gif").name
    'training.gif'
    """
    frames, epochs = check_count(frames, "frames"), check_count(epochs, "epochs")
    plane = _Plane.of(trainer.model, trainer.loss, X, y, names, FILM_POINTS)
    animation = load_extra("matplotlib.animation", "plot", "plotting")
    own = axes is None
    axes = axes or new_axes(4.5, 4.4)
    scenes = [plane.scene(trainer.model, "before the training")]
    for frame in range(1, frames + 1):
        trainer.fit(plane.X, plane.y, epochs, progress=False)
        scenes.append(plane.scene(trainer.model, f"epoch {frame * epochs}"))

    def draw(number: int) -> None:
        if own and number:  # all stands where the first picture has put it
            axes.figure.set_layout_engine("none")
        scores, title = scenes[min(number, frames)]
        axes.clear()
        plane.draw(axes, scores)
        axes.set_title(title)

    return animation.FuncAnimation(axes.figure, draw, frames=frames + 1 + PAUSE, interval=150)


@dataclass(frozen=True)
class _Plane:
    """The samples, the points around them, and how to read a model's outputs there."""

    loss: Loss
    X: list[list[float]]
    y: list[float]
    labels: list[int]
    names: list[str]
    sides: tuple[list[float], list[float]]

    @classmethod
    def of(
        cls,
        model: nn.Module,
        loss: Loss,
        X: Iterable[Any],
        y: Iterable[Any],
        names: Sequence[str],
        points: int,
    ) -> _Plane:
        """Check what is to be plotted."""
        if loss not in _SCORES:
            known = ", ".join(known.__name__ for known in _SCORES)
            raise ArgumentError(f"loss is {loss!r}: expected one of classes, one of {known}")
        rows, targets = validate(X, y)
        if len(rows[0]) != 2:
            raise ShapeError(
                f"X has {len(rows[0])} columns: expected 2, the sides of the picture; train on "
                "two features, as [[row[0], row[1]] for row in X]"
            )
        check_fit(model, loss, rows, targets)
        classes = len(_SCORES[loss](outputs(model, rows[:1])[0]))
        labels = [-1, 1] if loss is nn.hinge else list(range(classes))
        if loss is not nn.hinge:
            targets = list(check_labels(targets, "y", classes))
        titles = [str(name) for name in names] or [f"class {label}" for label in labels]
        if len(titles) != classes:
            raise ShapeError(
                f"names has length {len(titles)} and there are {classes} classes: expected one "
                "name for each; add or remove names"
            )
        first, second = (spread(around(column, 0.15), points) for column in zip(*rows, strict=True))
        return cls(loss, rows, targets, labels, titles, (first, second))

    def scores(self, model: nn.Module) -> list[list[list[float]]]:
        """Give by how much each class wins at each point, shape (classes, points, points)."""
        first, second = self.sides
        read = _SCORES[self.loss]
        points = list(map(read, model.predict([[a, b] for b in second for a in first])))
        winning = [[_lead(scores, k) for scores in points] for k in range(len(points[0]))]
        width = len(first)
        return [[row[i : i + width] for i in range(0, len(row), width)] for row in winning]

    def scene(self, model: nn.Module, title: str) -> tuple[list[list[list[float]]], str]:
        """Record what a picture of a film shows."""
        cost, _ = evaluate(model, self.loss, self.X, self.y)
        return self.scores(model), f"{title}, cost {cost:.3f}"

    def draw(self, axes: Any, winning: list[list[list[float]]]) -> None:
        """Draw the regions, their boundary, and the samples."""
        look = {"colors": [axes.xaxis.label.get_color()], "linewidths": 1.2}  # on dark as well
        for k, leads in enumerate(winning):
            color = PALETTE[k % len(PALETTE)]
            most = max(map(max, leads))
            if most > 0.0:  # else it wins nowhere
                axes.contourf(*self.sides, leads, levels=[0.0, most], colors=[color], alpha=0.2)
            if min(map(min, leads)) < 0.0 < most:
                axes.contour(*self.sides, leads, levels=[0.0], **look)
        for k, label in enumerate(self.labels):
            members = [row for row, target in zip(self.X, self.y, strict=True) if target == label]
            axes.scatter(
                [row[0] for row in members],
                [row[1] for row in members],
                color=PALETTE[k % len(PALETTE)],
                marker=MARKERS[k % len(MARKERS)],
                edgecolor="white",
                linewidth=0.6,
                s=34,
                zorder=3,
                label=self.names[k],
            )
        axes.set(xlabel="$x_1$", ylabel="$x_2$")
        # Below, where it hides no sample.
        place = {"loc": "upper center", "bbox_to_anchor": (0.5, -0.12)}
        axes.legend(frameon=False, ncols=min(4, len(self.names)), **place)


def _lead(scores: Sequence[float], k: int) -> float:
    """Give by how much a class is ahead of the best of the others."""
    return scores[k] - max(score for j, score in enumerate(scores) if j != k)
