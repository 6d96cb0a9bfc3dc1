"""Layer normalisation, and vectors for things that are counted."""

from __future__ import annotations

import random
from typing import Any

from ..arguments import check_count, generator
from ..errors import ArgumentError
from ..foreign import check_keywords
from ..functions import lookup, mean
from ..scalar.convert import to_number
from ..scalar.ops import sqrt
from ..scalar.value import Value
from .init import Initialiser
from .inputs import as_inputs
from .module import Module

__all__ = ["Embedding", "LayerNorm"]


class LayerNorm(Module):
    r"""Layer normalisation: numbers of mean 0 and variance 1, then scaled and shifted.

    .. math:: y_j = w_j \frac{x_j - \mu}{\sqrt{\sigma^2 + \epsilon}} + b_j

    with the mean and the variance (divided by n) of the sample's own numbers (Ba et al., 2016).

    Parameters
    ----------
    size : int
        How many numbers.
    eps : float
        What is added to the variance.

    Attributes
    ----------
    weight, bias : list of Value, shape (size,)
        Ones and zeros at first.

    Examples
    --------
    >>> [round(a.data, 4) for a in LayerNorm(3)([1.0, 2.0, 3.0])]
    [-1.2247, 0.0, 1.2247]
    """

    @check_keywords
    def __init__(self, size: int, eps: float = 1e-5) -> None:
        size = check_count(size, "size")
        self.eps = to_number(eps, "eps")
        if not self.eps > 0.0:
            raise ArgumentError(f"eps is {eps!r}: expected a number above 0, as 1e-5")
        self.weight = [Value(1.0) for _ in range(size)]
        self.bias = [Value(0.0) for _ in range(size)]

    def __call__(self, x: Any) -> list[Any]:
        """Normalise the numbers of one sample."""
        x = as_inputs(x, len(self.weight), self)
        middle = mean(x)
        apart = [a - middle for a in x]
        deviation = sqrt(mean([a * a for a in apart]) + self.eps)
        return [
            w * (a / deviation) + b for w, a, b in zip(self.weight, apart, self.bias, strict=True)
        ]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.weight)})"


class Embedding(Module):
    """A vector of parameters for each of so many things, chosen by its number.

    Parameters
    ----------
    count, size : int
        How many things, and how many numbers each has.
    init : callable, optional
        A function of ``(nin, nout, rng)`` that draws a number; normal with deviation 1, as
        PyTorch's, when left out.
    seed, rng
        As in `Neuron`.

    Attributes
    ----------
    weight : list of list of Value, shape (count, size)

    Examples
    --------
    >>> table = Embedding(3, 2, init=lambda nin, nout, rng: 0.5)
    >>> [a.data for a in table(1)]
    [0.5, 0.5]
    >>> len(table([0, 2]))
    2
    """

    @check_keywords
    def __init__(
        self,
        count: int,
        size: int,
        *,
        init: Initialiser | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        count, size = check_count(count, "count"), check_count(size, "size")
        source = generator(seed, rng)
        draw = init or (lambda nin, nout, rng: rng.gauss(0.0, 1.0))
        self.weight = [
            [Value(draw(count, size, source)) for _ in range(size)] for _ in range(count)
        ]

    def __call__(self, x: Any) -> Any:
        """Look up a vector, or one for each of several numbers.

        Parameters
        ----------
        x : number, or sequence of numbers
            From 0; whole.

        Returns
        -------
        list of Value, shape (size,), or list of such lists

        Raises
        ------
        ArgumentError
            When there is no such thing.
        """
        if hasattr(x, "tolist"):
            x = x.tolist()
        if isinstance(x, list | tuple):
            return [lookup(self.weight, index) for index in x]
        return lookup(self.weight, x)

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.weight)}, {len(self.weight[0])})"
