"""Convolutions and pooling of small pictures, one number at a time: shapes as PyTorch's."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from functools import reduce
from typing import Any

from ..arguments import check_count, generator
from ..errors import ShapeError
from ..foreign import check_keywords
from ..functions import dot, mean
from ..scalar.ops import maximum
from ..scalar.value import Value
from .activations import Activation, activation_name, find_activation
from .init import Initialiser, find_initialiser
from .module import Module
from .shapes import as_nested

__all__ = ["AvgPool2d", "Conv1d", "Conv2d", "MaxPool2d"]


class Conv2d(Module):
    r"""Correlate a picture with small ones.

    .. math:: a_{k,i,j} = g\Big(b_k + \sum_{c,u,v} w_{k,c,u,v} \, x_{c,\, i s + u,\, j s + v}\Big)

    Parameters
    ----------
    nin, nout : int
        The number of channels that come in and go out.
    kernel : int
        Rows and columns of a small picture.
    activation : str or callable
        The function g, as in `Neuron`; identity when left out.
    stride : int
        How far apart the small pictures are laid, s.
    padding : int
        Rows and columns of zeros around the picture.
    init, seed, rng
        As in `Neuron`.

    Attributes
    ----------
    weight : nested lists of Value, shape (nout, nin, kernel, kernel)
    bias : list of Value, shape (nout,)

    Examples
    --------
    >>> layer = Conv2d(1, 1, 2, init=lambda nin, nout, rng: 1.0)
    >>> [[a.data for a in row] for row in layer([[[1, 2, 3], [4, 5, 6]]])[0]]
    [[12.0, 16.0]]
    """

    @check_keywords
    def __init__(
        self,
        nin: int,
        nout: int,
        kernel: int,
        activation: str | Activation = "identity",
        *,
        stride: int = 1,
        padding: int = 0,
        init: str | Initialiser | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        nin, nout = check_count(nin, "nin"), check_count(nout, "nout")
        kernel, self.stride = check_count(kernel, "kernel"), check_count(stride, "stride")
        self.padding = check_count(padding, "padding", 0)
        self.activation = find_activation(activation)
        draw = find_initialiser(init, self.activation)
        source = generator(seed, rng)
        area = self._area(kernel)

        def small() -> Any:
            row = [Value(draw(nin * area, nout * area, source)) for _ in range(area)]
            return _rows(row, kernel) if area > kernel else row

        self.weight = [[small() for _ in range(nin)] for _ in range(nout)]
        self.bias = [Value(0.0) for _ in range(nout)]

    @staticmethod
    def _area(kernel: int) -> int:
        return kernel * kernel

    def __call__(self, x: Any) -> Any:
        """Correlate one picture.

        Parameters
        ----------
        x : nested lists of numbers, shape (nin, rows, columns)

        Returns
        -------
        nested lists of Value, shape (nout, rows', columns')
            ``rows' = (rows + 2 padding - kernel) // stride + 1``.

        Raises
        ------
        ShapeError
            When `x` has another shape, or is smaller than the kernel.
        """
        x = as_nested(x, (len(self.weight[0]), None, None), self)
        x = [_padded(channel, self.padding) for channel in x]
        size = len(self.weight[0][0])
        windows = [_windows(channel, size, size, self.stride, self) for channel in x]
        return [
            [
                [self._number(k, parts) for parts in zip(*rows, strict=True)]
                for rows in zip(*windows, strict=True)
            ]
            for k in range(len(self.weight))
        ]

    def _number(self, k: int, parts: Sequence[list[Any]]) -> Any:
        """Compute one number of channel k from its windows in all channels."""
        weights = [
            w
            for small in self.weight[k]
            for row in small
            for w in (row if isinstance(row, list) else [row])
        ]
        return self.activation(dot(weights, [a for part in parts for a in part]) + self.bias[k])

    def __repr__(self) -> str:
        sizes = f"{len(self.weight[0])} -> {len(self.weight)}, {len(self.weight[0][0])}"
        name = activation_name(self.activation)
        return f"{type(self).__name__}({sizes}{'' if name == 'identity' else f', {name}'})"


class Conv1d(Conv2d):
    """Correlate rows with short ones: `Conv2d` in one direction.

    Parameters
    ----------
    nin, nout, kernel, activation, stride, padding, init, seed, rng
        As in `Conv2d`.

    Attributes
    ----------
    weight : nested lists of Value, shape (nout, nin, kernel)
    bias : list of Value, shape (nout,)

    Examples
    --------
    >>> layer = Conv1d(1, 1, 2, init=lambda nin, nout, rng: 1.0)
    >>> [a.data for a in layer([[1, 2, 3]])[0]]
    [3.0, 5.0]
    """

    @staticmethod
    def _area(kernel: int) -> int:
        return kernel

    def __call__(self, x: Any) -> Any:
        """Correlate rows.

        Parameters
        ----------
        x : nested lists of numbers, shape (nin, columns)

        Returns
        -------
        nested lists of Value, shape (nout, columns')

        Raises
        ------
        ShapeError
            When `x` has another shape, or is shorter than the kernel.
        """
        x = as_nested(x, (len(self.weight[0]), None), self)
        zeros = [0.0] * self.padding
        size = len(self.weight[0][0])
        rows = [_windows([zeros + channel + zeros], 1, size, self.stride, self)[0] for channel in x]
        return [
            [self._number(k, parts) for parts in zip(*rows, strict=True)]
            for k in range(len(self.weight))
        ]


class _Pool2d:
    """The base of what takes one number from each window of a picture; it has no parameters."""

    def __init__(self, size: int, stride: int | None = None) -> None:
        self.size = check_count(size, "size")
        self.stride = self.size if stride is None else check_count(stride, "stride")

    def __call__(self, x: Any) -> Any:
        """Take one number from each window.

        Parameters
        ----------
        x : nested lists of numbers, shape (channels, rows, columns)

        Returns
        -------
        nested lists of Value, shape (channels, rows', columns')

        Raises
        ------
        ShapeError
            When `x` is smaller than a window.
        """
        x = as_nested(x, (None, None, None), self)
        return [
            [
                [self._of(part) for part in row]
                for row in _windows(channel, self.size, self.size, self.stride, self)
            ]
            for channel in x
        ]

    def _of(self, window: list[Any]) -> Any:
        raise NotImplementedError

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.size})"


class MaxPool2d(_Pool2d):
    """The greatest number of each window.

    Parameters
    ----------
    size : int
        Rows and columns of a window.
    stride : int, optional
        How far apart windows are; `size` when left out.

    Examples
    --------
    >>> MaxPool2d(2)([[[1.0, 2.0], [4.0, 3.0]]])
    [[[4.0]]]
    """

    def _of(self, window: list[Any]) -> Any:
        return reduce(maximum, window)


class AvgPool2d(_Pool2d):
    """The mean of each window.

    Parameters
    ----------
    size, stride : int
        As in `MaxPool2d`.

    Examples
    --------
    >>> AvgPool2d(2)([[[1.0, 2.0], [4.0, 3.0]]])
    [[[2.5]]]
    """

    def _of(self, window: list[Any]) -> Any:
        return mean(window)


def _rows(numbers: list[Any], size: int) -> list[list[Any]]:
    return [numbers[k : k + size] for k in range(0, len(numbers), size)]


def _padded(channel: list[list[Any]], padding: int) -> list[list[Any]]:
    if not padding:
        return channel
    zeros = [0.0] * padding
    width = len(channel[0]) + 2 * padding
    empty = [[0.0] * width for _ in range(padding)]
    return [*empty, *(zeros + row + zeros for row in channel), *empty]


def _windows(
    channel: list[list[Any]], height: int, width: int, stride: int, owner: object
) -> list[list[list[Any]]]:
    """List the numbers of each window, by its row and column."""
    if len(channel) < height or len(channel[0]) < width:
        raise ShapeError(
            f"{owner!r} is laid on {len(channel)} x {len(channel[0])} numbers, which are fewer than "
            f"its {height} x {width}: give a larger picture, a smaller kernel, or padding"
        )

    def at(i: int, j: int) -> Iterator[Any]:
        for u in range(height):
            yield from channel[i + u][j : j + width]

    return [
        [list(at(i, j)) for j in range(0, len(channel[0]) - width + 1, stride)]
        for i in range(0, len(channel) - height + 1, stride)
    ]
