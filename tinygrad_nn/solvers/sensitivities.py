"""How the solution of a differential equation moves: its derivatives solve equations of their own.

For z = (y, v), where v is what varies in the arguments, and the first and second derivatives J and T
of f by z, the derivatives S_j of y by each number that varies, and C_jk by two of them, are given by

    S_j' = J Z_j,    C_jk' = J (C_jk, 0) + T Z_j Z_k,    Z_j = (S_j, derivative of v).

Each is multiplied by the numbers that it is a derivative by, so that all are of the size of y.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ..scalar.value import Value
from .implicit import Floats
from .slopes import Slopes

__all__ = ["Sensitivities"]


class Sensitivities:
    """y, its derivatives up to an order, one block after the other, and their slopes.

    Parameters
    ----------
    f : Slopes
        The equation.
    fixed : list of float
        All numbers of its arguments, of which those that vary are not read.
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
        fixed: list[float],
        y: list[float],
        places: list[int],
        numbers: Sequence[float],
        order: int,
    ) -> None:
        self._f = f
        self._fixed = fixed
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
        J = self._f.first(z, self._fixed, t)
        Z = self._moved(blocks)
        slopes = [np.array([plain]), Z @ J.T]
        if self._order == 2:
            T = self._f.second(z, self._fixed, t)
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
        found[each, :, each, :] = self._f.first(z, self._fixed, t)[:, :size]
        if self._order:
            by_y = self._f.second(z, self._fixed, t)[:, :size]
            moved = np.einsum("iya,ja->jiy", by_y, self._moved(blocks))
            found[1 : 1 + count, :, 0] = moved
        if self._order == 2:
            thirds = np.einsum(
                "iyab,ja,kb->jkiy",
                self._f.third(z, self._fixed, t)[:, :size],
                *[self._moved(blocks)] * 2,
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
