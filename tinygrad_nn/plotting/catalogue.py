"""Every figure by name, with an example to show: what ``tinygrad-nn plot NAME`` draws."""

from __future__ import annotations

import os
import random
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from .. import nn
from ..arguments import did_you_mean
from ..errors import ArgumentError
from ..extras import load_extra
from ..optim import Adam, minimize
from ..train import Trainer
from .activations import plot_activations
from .boundary import animate_boundary, plot_boundary
from .confusion import plot_confusion
from .curves import plot_convergence, plot_cost
from .descent import gradient_norms, plot_descent, plot_learning_rates
from .files import check_path, save_figure
from .histograms import plot_layer_activations, plot_layer_gradients
from .losses import plot_cross_entropy
from .network import plot_network
from .surfaces import plot_contours, plot_surface

__all__ = ["FIGURES", "plot_by_name"]

LOSS = nn.binary_cross_entropy_with_logits
EPOCHS = 40
FRAMES = 10  # of the film


def parabola(x: Any) -> Any:
    """Compute (x - 3)^2 + 1, whose minimum is 1 at 3."""
    return (x - 3) ** 2 + 1


def bowl(x: Any) -> Any:
    """Compute x_1^2 + 3 x_2^2 + x_1 x_2, whose minimum is 0 at the origin."""
    return x[0] ** 2 + 3 * x[1] ** 2 + x[0] * x[1]


def clouds(seed: int) -> tuple[list[list[float]], list[int]]:
    """Make samples of exclusive or: a cloud of 20 around each corner of a square."""
    rng = random.Random(seed)
    corners = [(-1, -1), (-1, 1), (1, -1), (1, 1)] * 20
    X = [[a + rng.gauss(0.0, 0.45), b + rng.gauss(0.0, 0.45)] for a, b in corners]
    return X, [int(a != b) for a, b in corners]


class _Lesson:
    """A small network that is to learn the clouds."""

    def __init__(self) -> None:
        self.X, self.y = clouds(seed=0)
        self.model = nn.MLP(2, [8, 1], activation="tanh", seed=0)
        optimizer = Adam(self.model.parameters(), lr=0.04)
        self.trainer = Trainer(self.model, LOSS, optimizer, batch_size=16, seed=0)

    def learn(self, epochs: int) -> Any:
        """Train, with other clouds to validate on, and return the history."""
        return self.trainer.fit(self.X, self.y, epochs, validation=clouds(seed=1), progress=False)


def _descent() -> Any:
    return plot_descent(parabola, minimize(parabola, 0.0, lr=0.2), window=(-1.0, 7.0))


def _learning_rates() -> Any:
    rates = {"too small": 0.02, "right": 0.3, "too large": 1.05}
    return plot_learning_rates(parabola, 0.0, rates)


def _surface(plot: Callable[..., Any]) -> Any:
    walk = minimize(bowl, [1.8, 1.4], lr=0.1)
    return plot(bowl, walk, window=((-2.2, 2.2), (-1.6, 1.6)))


def _convergence() -> Any:
    walk = minimize(bowl, [1.8, 1.4], lr=0.1, tol=1e-6)
    return plot_convergence(gradient_norms(bowl, walk), tol=1e-6)


def _boundary() -> Any:
    lesson = _Lesson()
    lesson.learn(EPOCHS)
    return plot_boundary(lesson.model, LOSS, lesson.X, lesson.y)


def _training() -> Any:
    lesson = _Lesson()
    return animate_boundary(
        lesson.trainer, lesson.X, lesson.y, frames=FRAMES, epochs=EPOCHS // FRAMES
    )


def _confusion() -> Any:
    lesson = _Lesson()
    lesson.learn(EPOCHS // 4)
    X, y = clouds(seed=1)
    counts = [[0, 0], [0, 0]]
    for truth, predicted in zip(y, lesson.trainer.predict(X), strict=True):
        counts[truth][predicted] += 1
    return plot_confusion(counts, ["equal", "different"])


def _layer_activations() -> Any:
    lesson = _Lesson()
    lesson.learn(EPOCHS)
    return plot_layer_activations(lesson.model, lesson.X)


def _layer_gradients() -> Any:
    deep = nn.MLP(2, [8, 8, 8, 1], activation="sigmoid", seed=0)  # where gradients vanish
    X, y = clouds(seed=0)
    nn.cost([LOSS(deep(row), target) for row, target in zip(X, y, strict=True)]).backward()
    return plot_layer_gradients(deep)


FIGURES: dict[str, Callable[[], Any]] = {
    "network": lambda: plot_network([3, 4, 12, 2], unit=(2, 1)),
    "activations": plot_activations,
    "cross-entropy": plot_cross_entropy,
    "descent": _descent,
    "surface": lambda: _surface(plot_surface),
    "contours": lambda: _surface(plot_contours),
    "learning-rates": _learning_rates,
    "convergence": _convergence,
    "cost": lambda: plot_cost(_Lesson().learn(EPOCHS)),
    "boundary": _boundary,
    "training": _training,
    "confusion": _confusion,
    "layer-activations": _layer_activations,
    "layer-gradients": _layer_gradients,
}
"""Each figure as a function that draws its example; ``training`` is an animation."""


def plot_by_name(
    name: str, path: str | os.PathLike[str] | None = None, *, dark: bool = False
) -> Path:
    """Draw a figure of `FIGURES`, and write it to a file, whole or not at all.

    The suffix chooses the format; without a path it is the name and .png, or .gif for a film.
    """
    if name not in FIGURES:
        raise ArgumentError(f"name is {name!r}: {did_you_mean(name, list(FIGURES))}")
    film = name == "training"
    path = check_path(path or f"{name}.{'gif' if film else 'png'}", film)  # before any work
    style = load_extra("matplotlib.style", "plot", "plotting")
    with style.context("dark_background") if dark else nullcontext():
        return save_figure(FIGURES[name](), path)
