"""How the solution of a differential equation moves: its derivatives solve equations of their own.

For z = (y, v), where v is what varies in the arguments, and the first and second derivatives J and T
of f by z, the derivatives S_j of y by each number that varies, and C_jk by two of them, are given by

    S_j' = J Z_j,    C_jk' = J (C_jk, 0) + T Z_j Z_k,    Z_j = (S_j, derivative of v).

Each is multiplied by the numbers that it is a derivative by, so that all are of the size of y.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from ..compiler import compile as compiled
from ..errors import TraceError
from ..scalar.value import Value
from ..transforms import jacobian
from .implicit import Floats

__all__ = ["Sensitivities", "Slopes"]


@dataclass(frozen=True)
class Slopes:
    """f as a function of z and t, with its derivatives.

    `of` gives dy/dt of t, y and the arguments, `arguments` those of v, and `size` is that of y.
    """

    of: Callable[[Any, Sequence[Any], tuple[Any, ...]], list[Any]]
    arguments: Callable[[Sequence[Any]], tuple[Any, ...]]
    size: int

    def __call__(self, z: Sequence[Any], t: Any) -> list[Any]:
        """Compute f, of Values too."""
        return self.of(t, list(z[: self.size]), self.arguments(z[self.size :]))

    @cached_property
    def first(self) -> _Quick:
        """J: a row for each number of y."""
        return _Quick(jacobian(self))

    @cached_property
    def second(self) -> _Quick:
        """T: a matrix for each number of y."""
        return _Quick(jacobian(jacobian(self)))

    @cached_property
    def third(self) -> _Quick:
        """The derivatives of T, for implicit methods."""
        return _Quick(jacobian(jacobian(jacobian(self))))


class _Quick:
    """A function of lists, compiled if that is possible, whose results are arrays."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self._function = function
        self._call = compiled(function)

    def __call__(self, z: list[float], t: float) -> Floats:
        try:
            found = self._call(z, t)
        except TraceError:  # as of a solver in f
            self._call = self._function
            found = self._call(z, t)
        return np.array(found, dtype=float)


class Sensitivities:
    """y, its derivatives up to an order, one block after the other, and their slopes.

    Parameters
    ----------
    f : Slopes
        The equation.
    y : list of float
        The first state.
    places : list of int
        Which of its numbers vary: what varies begins with these.
    numbers : sequence of float
        All that varies.
    order : int
        0, 1 or 2.
    """

    def __init__(
        self,
        f: Slopes,
        y: list[float],
        places: list[int],
        numbers: Sequence[float],
        order: int,
    ) -> None:
        self._f = f
        self._order = order
        self._v = list(numbers[len(places) :])
        self._count = count = len(numbers)
        self._scale = np.array([abs(number) or 1.0 for number in numbers])
        self._pairs = np.triu_indices(count)
        of_v = np.diag(self._scale)[:, len(places) :]
        self._of_v = of_v
        first = np.zeros((count, len(y)))
        first[range(len(places)), places] = self._scale[: len(places)]
        second = np.zeros((len(self._pairs[0]), len(y)))
        blocks = [np.array([y]), first, second][: order + 1]
        self.start: Floats = np.concatenate(blocks).ravel()

    def slopes(self, t: float, state: Floats, plain: Sequence[float]) -> Floats:
        """Compute the slopes of all blocks; those of y are known."""
        if self._order == 0:
            return np.array(plain)
        blocks = state.reshape(-1, self._f.size)
        end = 1 + self._count
        z = [*blocks[0].tolist(), *self._v]
        J = self._f.first(z, t)
        Z = self._moved(blocks)
        slopes = [np.array([plain]), Z @ J.T]
        if self._order == 2:
            T = self._f.second(z, t)
            curved = np.einsum("iab,ja,kb->jki", T, Z, Z, optimize=True)[self._pairs]
            slopes.append(blocks[end:] @ J[:, : self._f.size].T + curved)
        return np.concatenate(slopes).ravel()

    def jacobian(self, t: float, state: Floats) -> Floats:
        """Compute the derivatives of all slopes by all blocks."""
        size, count = self._f.size, self._count
        blocks = state.reshape(-1, size)
        z = [*blocks[0].tolist(), *self._v]
        found = np.zeros((len(blocks), size, len(blocks), size))
        each = range(len(blocks))
        found[each, :, each, :] = self._f.first(z, t)[:, :size]
        if self._order:
            by_y = self._f.second(z, t)[:, :size]
            moved = np.einsum("iya,ja->jiy", by_y, self._moved(blocks))
            found[1 : 1 + count, :, 0] = moved
        if self._order == 2:
            thirds = np.einsum(
                "iyab,ja,kb->jkiy", self._f.third(z, t)[:, :size], *[self._moved(blocks)] * 2
            )
            for place, (j, k) in enumerate(zip(*self._pairs, strict=True), 1 + count):
                found[place, :, 0] = thirds[j, k] + by_y[:, :, :size] @ blocks[place]
                found[place, :, 1 + j] += moved[k]
                found[place, :, 1 + k] += moved[j]
        return found.reshape(state.size, state.size)

    def _moved(self, blocks: Floats) -> Floats:
        """Join the derivatives of y and those of v: a row for each number that varies."""
        return np.hstack([blocks[1 : 1 + self._count], self._of_v])

    def recorded(self, state: Floats) -> list[Value]:
        """Make z of Values."""
        return list(map(Value, [*state[: self._f.size].tolist(), *self._v]))

    def of_order(self, state: Floats) -> Floats:
        """Give the block of the highest order: an axis for y, and one for each derivative."""
        blocks = state.reshape(-1, self._f.size)
        end = 1 + self._count
        if self._order == 0:
            return np.array(blocks[0])
        if self._order == 1:
            return np.array((blocks[1:end] / self._scale[:, None]).T)
        found = np.zeros((self._f.size, self._count, self._count))
        found[(slice(None), *self._pairs)] = found[(slice(None), *self._pairs[::-1])] = blocks[
            end:
        ].T
        return np.array(found / (self._scale[:, None] * self._scale))
