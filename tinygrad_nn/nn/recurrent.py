"""Recurrent layers: one step after the other, with a state in between.

Names, shapes and the order of the gates are those of `torch.nn.RNN`, `GRU` and `LSTM`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from typing import Any, ClassVar

from ..arguments import check_count, generator
from ..foreign import check_keywords
from ..functions import dot
from ..scalar.ops import sigmoid, tanh
from ..scalar.value import Value
from .activations import Activation, activation_name, find_activation
from .init import Initialiser
from .module import Module
from .shapes import as_steps

__all__ = ["GRU", "LSTM", "RNN"]


class _Recurrent(Module):
    """The base of recurrent layers: weights for what comes in and for the state, stacked by gate."""

    _gates: ClassVar[int] = 1

    @check_keywords
    def __init__(
        self,
        nin: int,
        size: int,
        *,
        sequences: bool = False,
        init: Initialiser | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        nin, size = check_count(nin, "nin"), check_count(size, "size")
        source = generator(seed, rng)
        draw = init or _evenly
        rows = self._gates * size

        def matrix(columns: int) -> list[list[Value]]:
            return [
                [Value(draw(columns, size, source)) for _ in range(columns)] for _ in range(rows)
            ]

        def vector() -> list[Value]:
            return [Value(0.0 if init else draw(size, size, source)) for _ in range(rows)]

        self.sequences = bool(sequences)
        self.weight_ih, self.weight_hh = matrix(nin), matrix(size)
        self.bias_ih, self.bias_hh = vector(), vector()

    @property
    def _size(self) -> int:
        return len(self.weight_hh[0])

    def __call__(self, x: Any) -> Any:
        """Go through the steps of one sample, from a state of zeros.

        Parameters
        ----------
        x : sequence of steps, each a sequence of `nin` numbers
            Or all of them in one row, step after step, as a table has them.

        Returns
        -------
        list of Value, shape (size,)
            The last state; with ``sequences=True`` a list of the states after each step.

        Raises
        ------
        ShapeError
            When a step has another number of numbers.
        """
        steps = as_steps(x, len(self.weight_ih[0]), self)
        state: tuple[list[Any], ...] = ([0.0] * self._size, [0.0] * self._size)
        states = []
        for step in steps:
            state = self._next(step, *state)
            states.append(state[0])
        return states if self.sequences else states[-1]

    def _next(self, x: Sequence[Any], h: list[Any], c: list[Any]) -> tuple[list[Any], ...]:
        raise NotImplementedError

    def _sums(self, x: Sequence[Any], h: list[Any]) -> tuple[list[Any], list[Any]]:
        """Compute W x + b of what comes in and of the state, for all gates."""
        from_input = [dot(w, x) + b for w, b in zip(self.weight_ih, self.bias_ih, strict=True)]
        from_state = [dot(w, h) + b for w, b in zip(self.weight_hh, self.bias_hh, strict=True)]
        return from_input, from_state

    def _parted(self, rows: list[Any]) -> list[list[Any]]:
        size = self._size
        return [rows[k : k + size] for k in range(0, len(rows), size)]

    def __repr__(self) -> str:
        return f"{type(self).__name__}({len(self.weight_ih[0])} -> {self._size})"


class RNN(_Recurrent):
    """A plain recurrent layer: h' = g(W x + b + V h + c) (Elman, 1990).

    Parameters
    ----------
    nin, size : int
        How many numbers a step has, and the state.
    activation : str or callable
        The function g.
    sequences : bool
        Whether it gives the states after all steps, for a further layer; else the last.
    init : callable, optional
        A function of ``(nin, nout, rng)`` that draws a weight, biases being 0; even from
        -1 / sqrt(size) to 1 / sqrt(size), biases too, when left out.
    seed, rng
        As in `Neuron`.

    Attributes
    ----------
    weight_ih, weight_hh : list of list of Value, shapes (size, nin) and (size, size)
    bias_ih, bias_hh : list of Value, shape (size,)

    Examples
    --------
    >>> layer = RNN(2, 3, seed=0)
    >>> layer
    RNN(2 -> 3)
    >>> len(layer([[0.1, 0.2], [0.3, 0.4]])), len(layer([0.1, 0.2, 0.3, 0.4, 0.5, 0.6]))
    (3, 3)
    """

    @check_keywords
    def __init__(
        self,
        nin: int,
        size: int,
        activation: str | Activation = "tanh",
        *,
        sequences: bool = False,
        init: Initialiser | None = None,
        seed: int | None = None,
        rng: random.Random | None = None,
    ) -> None:
        super().__init__(nin, size, sequences=sequences, init=init, seed=seed, rng=rng)
        self.activation = find_activation(activation)

    def _next(self, x: Sequence[Any], h: list[Any], c: list[Any]) -> tuple[list[Any], ...]:
        g = self.activation
        return [g(a + b) for a, b in zip(*self._sums(x, h), strict=True)], c

    def __repr__(self) -> str:
        name = activation_name(self.activation)
        return super().__repr__() if name == "tanh" else f"{super().__repr__()[:-1]}, {name})"


class GRU(_Recurrent):
    r"""A gated recurrent unit (Cho et al., 2014), in PyTorch's form.

    .. math::

        r, z = \sigma(\dots), \quad n = \tanh(W_n x + b_n + r (V_n h + c_n)), \quad
        h' = (1 - z) n + z h

    Parameters
    ----------
    nin, size, sequences, init, seed, rng
        As in `RNN`.

    Attributes
    ----------
    weight_ih, weight_hh : list of list of Value, shapes (3 size, nin) and (3 size, size)
        The rows of r, then of z, then of n.
    bias_ih, bias_hh : list of Value, shape (3 size,)

    Examples
    --------
    >>> len(GRU(2, 3, seed=0)([[0.1, 0.2], [0.3, 0.4]]))
    3
    """

    _gates = 3

    def _next(self, x: Sequence[Any], h: list[Any], c: list[Any]) -> tuple[list[Any], ...]:
        from_input, from_state = map(self._parted, self._sums(x, h))
        reset, keep = (
            [sigmoid(a + b) for a, b in zip(from_input[k], from_state[k], strict=True)]
            for k in range(2)
        )
        new = [tanh(a + r * b) for a, r, b in zip(from_input[2], reset, from_state[2], strict=True)]
        return [(1.0 - z) * n + z * a for z, n, a in zip(keep, new, h, strict=True)], c


class LSTM(_Recurrent):
    r"""Long short-term memory (Hochreiter and Schmidhuber, 1997; with forget gates).

    .. math::

        i, f, o = \sigma(\dots), \quad g = \tanh(\dots), \quad c' = f c + i g, \quad
        h' = o \tanh c'

    Parameters
    ----------
    nin, size, sequences, init, seed, rng
        As in `RNN`.

    Attributes
    ----------
    weight_ih, weight_hh : list of list of Value, shapes (4 size, nin) and (4 size, size)
        The rows of i, f, g and o.
    bias_ih, bias_hh : list of Value, shape (4 size,)

    Examples
    --------
    >>> len(LSTM(2, 3, sequences=True, seed=0)([[0.1, 0.2], [0.3, 0.4]]))
    2
    """

    _gates = 4

    def _next(self, x: Sequence[Any], h: list[Any], c: list[Any]) -> tuple[list[Any], ...]:
        sums = self._parted([a + b for a, b in zip(*self._sums(x, h), strict=True)])
        take, forget, give = ([sigmoid(a) for a in sums[k]] for k in (0, 1, 3))
        new = [tanh(a) for a in sums[2]]
        cell = [f * a + i * g for f, a, i, g in zip(forget, c, take, new, strict=True)]
        return [o * tanh(a) for o, a in zip(give, cell, strict=True)], cell


def _evenly(nin: int, size: int, rng: random.Random) -> float:
    """Draw as PyTorch's recurrent layers do."""
    bound = 1.0 / math.sqrt(size)
    return rng.uniform(-bound, bound)
