"""Activations and gradients, layer by layer: what a network does inside."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping
from typing import Any

from ..data.validation import check_table
from ..errors import ArgumentError, ArgumentTypeError
from ..extras import load_extra
from ..nn import MLP
from ..nn.activations import activation_name
from ..scalar.contexts import no_grad
from .files import new_axes
from .style import PALETTE, tidy

__all__ = ["plot_layer_activations", "plot_layer_gradients"]

PEAK = 0.85  # of the room between two layers


def plot_layer_activations(model: MLP, X: Iterable[Any], *, axes: Any = None) -> Any:
    r"""Plot a histogram of the activations of each layer.

    Layers whose activations crowd at the ends of tanh or sigmoid, or at the 0 of relu,
    learn slowly or not at all: the derivative there is small, or 0.

    Parameters
    ----------
    model : MLP
    X : table of numbers, shape (samples, features)
        What to compute them for.
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentTypeError
        When the model has no layers.
    DataError, ShapeError
        When `X` is no table of numbers, or has another width than the model.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> model = MLP(2, [4, 1], "tanh", seed=0)
    >>> axes = plot_layer_activations(model, [[0.5, -1.0], [2.0, 0.0]])
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['layer 1\ntanh', 'layer 2\nidentity']
    """
    _check_model(model)
    numbers: list[list[float]] = [[] for _ in model.layers]
    with no_grad():
        for row in check_table(X):
            x: Any = row
            for found, layer in zip(numbers, model.layers, strict=True):
                x = layer(x)
                found += map(float, x if isinstance(x, list) else [x])
    names = [
        f"layer {i}\n{activation_name(layer.neurons[0].activation)}"
        for i, layer in enumerate(model.layers, start=1)
    ]
    axes = axes or new_axes(6, 1.2 + 0.9 * len(names))
    _draw_ridges(axes, dict(zip(names, numbers, strict=True)))
    axes.set_xlabel(r"activation $a_j^{[i]}$")
    return axes


def plot_layer_gradients(model: MLP, *, axes: Any = None) -> Any:
    """Plot a histogram of the sizes of the gradients of each layer, on a logarithmic scale.

    The gradients are those that the parameters have, from the latest ``backward()``.
    Where they vanish, the sizes fall from the last layer to the first by orders of
    magnitude. Zeros, which have no logarithm, are counted beside the layer.

    Parameters
    ----------
    model : MLP
    axes : matplotlib.axes.Axes, optional
        Where to plot; a figure of its own if not given.

    Returns
    -------
    matplotlib.axes.Axes

    Raises
    ------
    ArgumentTypeError
        When the model has no layers.
    ArgumentError
        When all gradients are 0: there was no ``backward()``.
    MissingExtraError
        When matplotlib is not installed.

    Examples
    --------
    >>> model = MLP(2, [4, 1], "tanh", seed=0)
    >>> model([0.5, -1.0]).backward()
    >>> axes = plot_layer_gradients(model)
    >>> [label.get_text() for label in axes.get_yticklabels()]
    ['layer 1', 'layer 2']
    """
    _check_model(model)
    sizes: dict[str, list[float]] = {}
    for i, layer in enumerate(model.layers, start=1):
        gradients = [abs(parameter.grad) for parameter in layer.parameters()]
        zeros = gradients.count(0.0)
        name = f"layer {i}" + f"\n{zeros} of {len(gradients)} are 0" * (zeros > 0)
        sizes[name] = [math.log10(size) for size in gradients if size > 0.0]
    if not any(sizes.values()):
        raise ArgumentError(
            "model has no gradient that is not 0: expected those of a cost; call its backward() "
            "first"
        )
    axes = axes or new_axes(6, 1.2 + 0.9 * len(sizes))
    _draw_ridges(axes, sizes)
    axes.set_xlabel(r"size of the gradient, $\log_{10} |\partial J / \partial w|$")
    return axes


def _check_model(model: object) -> None:
    if not isinstance(model, MLP):
        raise ArgumentTypeError(
            f"model is {model!r}, of type {type(model).__name__}: expected an MLP, whose layers "
            "follow each other"
        )


def _draw_ridges(axes: Any, layers: Mapping[str, list[float]]) -> None:
    """Draw a histogram for each layer, the first layer's lowest, each as high as the others.

    A layer has bins of its own, from its least number to its greatest: none reaches
    where there is no number.
    """
    numpy = load_extra("numpy", "plot", "plotting")
    found = [number for numbers in layers.values() for number in numbers]
    for i, numbers in enumerate(layers.values()):
        color = PALETTE[i % len(PALETTE)]
        axes.axhline(i, color=color, linewidth=1)
        if numbers:
            sliver = 0.01 * (max(found) - min(found)) or 0.5  # shows numbers that are all the same
            low, high = min(numbers), max(numbers)
            ends = (low, high) if high > low else (low - sliver, high + sliver)
            counts, edges = numpy.histogram(numbers, bins="sqrt", range=ends)
            heights = i + PEAK * counts / counts.max()
            axes.stairs(heights, edges, baseline=i, fill=True, color=color, alpha=0.75)
    axes.set_yticks(range(len(layers)), list(layers), va="bottom")
    axes.set_ylim(-0.05, len(layers))
    tidy(axes)
    axes.grid(visible=False, axis="y")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
