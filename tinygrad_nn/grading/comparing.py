"""The gradients of a function, and what they should be: differences of its loss."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

__all__ = ["PRECISION", "Subject", "agrees"]

PRECISION = 1e-5  # of the largest entry; differences of a smooth loss are right to some 1e-10 of it
_STEPS = (1e-3, 1e-5, 1e-7)  # of an entry, or of 1


class Subject(NamedTuple):
    """The function that is graded, and what it is called with."""

    np: Any
    f: Callable[..., Any]
    X: Any
    y: Any
    parameters: Any

    @property
    def arrays(self) -> list[Any]:
        """Give fresh arrays of the parameters."""
        given = self.parameters
        values = list(given.values()) if isinstance(given, dict) else list(given)
        return [self.np.array(value, float) for value in values]

    def called(self, arrays: Sequence[Any], rows: slice = slice(None)) -> tuple[float, list[Any]]:
        """Give the loss and the gradients, in the order of the parameters."""
        np, given = self.np, self.parameters
        fresh = [np.array(value) for value in arrays]
        handed: Any = tuple(fresh) if isinstance(given, tuple) else fresh
        if isinstance(given, dict):
            handed = dict(zip(given, fresh, strict=True))
        loss, gradients = self.f(self.X[rows].copy(), self.y[rows].copy(), handed)
        found = [gradients[key] for key in given] if isinstance(given, dict) else list(gradients)
        if len(found) != len(arrays):
            raise ValueError(f"{len(found)} gradients for {len(arrays)} parameters")
        return float(np.squeeze(loss)), [np.asarray(gradient, float) for gradient in found]

    def loss(self, arrays: Sequence[Any], rows: slice = slice(None)) -> float:
        """Give the loss alone."""
        return self.called(arrays, rows)[0]

    def slopes(self, k: int, rows: slice = slice(None)) -> Any:
        """Give the right gradient of a parameter: differences at two steps, extrapolated."""
        arrays = self.arrays
        right = self.np.zeros(arrays[k].shape)
        for index in self.np.ndindex(arrays[k].shape):
            right[index] = self._slope(arrays, k, index, rows)
        return right

    def _slope(self, arrays: list[Any], k: int, index: tuple[int, ...], rows: slice) -> float:
        """Extrapolate from the steps whose differences agree best: a kink may lie in the others."""
        at = float(arrays[k][index])

        def difference(h: float) -> float:
            ends = []
            for number in (at + h, at - h):
                arrays[k][index] = number
                ends.append(self.loss(arrays, rows))
            arrays[k][index] = at
            return (ends[0] - ends[1]) / (2 * h)

        steps = [step * max(1.0, abs(at)) for step in _STEPS]
        pairs = [(difference(h), difference(h / 2)) for h in steps]
        wide, narrow = min(pairs, key=lambda pair: abs(pair[0] - pair[1]))
        return (4 * narrow - wide) / 3


def agrees(np: Any, theirs: Any, right: Any) -> bool:
    """Tell whether a gradient is right, but for the error of differences."""
    if theirs.shape != right.shape:
        return False
    scale = max(float(np.abs(right).max(initial=0.0)), 1e-8)
    return bool(np.all(np.abs(theirs - right) <= PRECISION * scale))
