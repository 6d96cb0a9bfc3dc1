"""Where weights start: an initialiser draws one weight of a neuron."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import TypeAlias

from ..arguments import named_function
from ..functions import leaky_relu, relu
from .activations import Activation, gelu, mish, silu

__all__ = ["INITIALISERS", "Initialiser", "find_initialiser", "he", "uniform", "xavier"]

Initialiser: TypeAlias = Callable[[int, int, random.Random], float]


def he(nin: int, nout: int, rng: random.Random) -> float:
    """Draw from the normal distribution of variance 2 / nin (He et al., 2015).

    ReLU lets half of the numbers through; with this variance they keep their size
    from layer to layer.

    Parameters
    ----------
    nin, nout : int
        The number of inputs and of neurons of the layer.
    rng : random.Random
        The source of random numbers.

    Examples
    --------
    >>> -1 < he(200, 10, random.Random(0)) < 1
    True
    """
    return rng.gauss(0.0, math.sqrt(2.0 / nin))


def xavier(nin: int, nout: int, rng: random.Random) -> float:
    """Draw from the normal distribution of variance 2 / (nin + nout) (Glorot and Bengio, 2010).

    For tanh, sigmoid and identity, it keeps the size of the outputs on the way
    forward and that of the gradients on the way back about the same.

    Parameters
    ----------
    nin, nout, rng
        As in `he`.

    Examples
    --------
    >>> -1 < xavier(200, 10, random.Random(0)) < 1
    True
    """
    return rng.gauss(0.0, math.sqrt(2.0 / (nin + nout)))


def uniform(nin: int, nout: int, rng: random.Random) -> float:
    """Draw evenly from -1 to 1, whatever the size of the layer, as micrograd does.

    Parameters
    ----------
    nin, nout, rng
        As in `he`.

    Examples
    --------
    >>> -1 <= uniform(200, 10, random.Random(0)) <= 1
    True
    """
    return rng.uniform(-1.0, 1.0)


INITIALISERS: dict[str, Initialiser] = {"he": he, "xavier": xavier, "uniform": uniform}
"""Every initialiser that has a name."""


def find_initialiser(init: str | Initialiser | None, activation: Activation) -> Initialiser:
    """Find an initialiser by its name; None is `he` for relu and its kind, else `xavier`."""
    if init is None:
        return he if activation in (relu, leaky_relu, gelu, silu, mish) else xavier
    return named_function(init, "init", INITIALISERS, "(nin, nout, rng)")
