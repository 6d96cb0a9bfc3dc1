"""Modules of modules: one after the other, and around."""

from __future__ import annotations

import random
from collections.abc import Callable
from functools import partial
from typing import Any

from ..errors import ArgumentTypeError, ShapeError
from ..foreign import check_keywords
from .activations import ACTIVATIONS, Activation, activation_name
from .init import Initialiser
from .layers import Layer
from .module import Module
from .shapes import apply_to_all, flat_numbers

__all__ = ["Linear", "Residual", "Sequential"]


class Linear(Layer):
    """A layer without an activation: z_j = w_j . x + b_j, named as PyTorch's.

    Parameters
    ----------
    nin, nout : int
        The number of inputs, and of outputs.
    init, seed, rng
        As in `Neuron`.

    Examples
    --------
    >>> layer = Linear(2, 1, init=lambda nin, nout, rng: 0.5)
    >>> layer([1.0, 2.0]).data
    1.5
    >>> list(layer.state_dict())
    ['weight', 'bias']
    """

    @check_keywords
    def __init__(
        self,
        nin: int,
        nout: int,
        *,
        init: str | Initialiser | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(nin, nout, "identity", init=init, seed=seed, rng=rng)


class Sequential(Module):
    """Parts one after the other: each takes what the one before gives.

    Parameters
    ----------
    *parts : Module, callable, or str
        Modules; functions of all numbers, as `softmax`; and activation functions by their names,
        which are applied to each number.

    Attributes
    ----------
    layers : list
        The parts.

    Examples
    --------
    >>> from tinygrad_nn import nn
    >>> model = Sequential(nn.Linear(2, 3, seed=0), "tanh", nn.Linear(3, 1, seed=1))
    >>> model
    Sequential(Linear(2 -> 3, identity), tanh, Linear(3 -> 1, identity))
    >>> len(model.parameters())
    13
    """

    def __init__(self, *parts: Module | Callable[[Any], Any] | str) -> None:
        if not parts:
            raise ShapeError("parts is empty: give layers, as nn.Sequential(nn.Linear(2, 1))")
        self.layers = [_part(part, place) for place, part in enumerate(parts)]

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for one sample.

        Raises
        ------
        ShapeError
            When a part does not fit what the one before gives.
        """
        for place, part in enumerate(self.layers):
            try:
                x = part(x)
            except ShapeError as error:
                raise ShapeError(f"layers[{place}]: {error}") from None
        return x

    def __repr__(self) -> str:
        return f"{type(self).__name__}({', '.join(map(_name, self.layers))})"


class Residual(Module):
    """A part with a way around it: x + f(x) (He et al., 2015).

    Parameters
    ----------
    inner : Module or callable
        What gives as many numbers as it takes.

    Examples
    --------
    >>> from tinygrad_nn import nn
    >>> double = nn.Linear(2, 2, init=lambda nin, nout, rng: 0.0)
    >>> [a.data for a in Residual(double)([3.0, 4.0])]
    [3.0, 4.0]
    """

    def __init__(self, inner: Module | Callable[[Any], Any]) -> None:
        self.inner = _part(inner, 0)

    def __call__(self, x: Any) -> Any:
        """Compute x + f(x).

        Raises
        ------
        ShapeError
            When the inner part gives another number of numbers than it takes.
        """
        y = self.inner(x)
        around, through = list(flat_numbers(x)), list(flat_numbers(y))
        if len(around) != len(through):
            raise ShapeError(
                f"{self!r} takes {len(around)} numbers and its inner part gives {len(through)}: "
                "the two are added, so give a part with as many outputs as inputs"
            )
        sums = iter([a + b for a, b in zip(around, through, strict=True)])
        return apply_to_all(lambda _: next(sums), y)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({_name(self.inner)})"


def _part(part: Any, place: int) -> Any:
    if isinstance(part, str):
        if part not in ACTIVATIONS:
            raise ArgumentTypeError(
                f"part {place} is {part!r}: expected a module, a function, or the name of an "
                f"activation function: {', '.join(ACTIVATIONS)}"
            )
        return partial(apply_to_all, ACTIVATIONS[part])
    if not callable(part):
        raise ArgumentTypeError(
            f"part {place} is {part!r}, of type {type(part).__name__}: expected a module, a "
            "function, or the name of an activation function"
        )
    return part


def _name(part: Any) -> str:
    if isinstance(part, partial):
        return activation_name(part.args[0])
    if isinstance(part, Module):
        return repr(part)
    given: Activation = part
    return activation_name(given)
