"""Random numbers of a training: drawn by whoever trains, and handed to the model.

So a step is a function of its samples and of numbers that come with them, which compiles, and is
the same whether it is compiled or not.
"""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

from ..arguments import generator
from ..errors import ArgumentError, StateError
from ..foreign import check_keywords
from ..scalar.contexts import no_grad
from ..scalar.convert import to_number
from ..scalar.ops import lt, where
from .draws import drawing, nobody_draws, source
from .module import Module
from .parameters import PlacedParameter, modules_and_leaves
from .shapes import apply_to_all, as_lists

__all__ = ["Dropout", "Noisy", "draws_of", "noisy"]


class Dropout(Module):
    r"""Leave numbers out at random while the model is trained (Srivastava et al., 2014).

    .. math:: y_j = \begin{cases} 0 & u_j < p \\ x_j / (1 - p) & \text{else} \end{cases}

    with even random :math:`u_j`, so that the mean of y is x. The `Trainer` hands them to each
    step. Predictions and evaluations leave nothing out, and no more does a call of yours, but
    after ``model.train()``, until ``model.eval()``.

    Parameters
    ----------
    p : float
        The share that is left out, from 0 to below 1.
    seed, rng : int, random.Random, optional
        Where the random numbers of your own calls come from.

    Examples
    --------
    >>> drop = Dropout(0.5, seed=1)
    >>> drop([1.0, 2.0, 3.0])
    [1.0, 2.0, 3.0]
    >>> drop.train()([1.0, 2.0, 3.0])
    [0.0, 4.0, 6.0]
    """

    @check_keywords
    def __init__(
        self, p: float = 0.5, *, seed: int | None = None, rng: random.Random | None = None
    ) -> None:
        self.p = to_number(p, "p")
        if not 0.0 <= self.p < 1.0:
            raise ArgumentError(f"p is {p!r}: expected the share to leave out, 0 to below 1")
        # Not the module `random` itself, which cannot be copied with the model.
        self._rng = None if seed is None and rng is None else generator(seed, rng)

    def __call__(self, x: Any) -> Any:
        """Leave out numbers of one sample, nested as it is."""
        draw = source.draw
        if draw is None:
            if source.is_off or not self.training:
                return x
            draw = (self._rng or generator(None, None)).random
        take, p, scale = draw, self.p, 1.0 / (1.0 - self.p)
        return apply_to_all(lambda a: _kept(take(), p, a * scale), as_lists(x))

    def __repr__(self) -> str:
        return f"{type(self).__name__}({self.p:g})"


def _kept(u: Any, p: float, a: Any) -> Any:
    if isinstance(u, float):
        return 0.0 if u < p else a
    return where(lt(u, p), 0.0, a)


class Noisy(Module):
    """A model that is trained with random numbers, which come in a row after those of the sample.

    A row without them gets the outputs of a prediction.
    """

    def __init__(self, inner: Module, inputs: int, draws: int) -> None:
        self.inner = inner
        self.inputs = inputs
        self.draws = draws

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for one row."""
        if len(x) != self.inputs + self.draws:
            with nobody_draws():
                return self.inner(x)
        left = iter(x[self.inputs :])
        with drawing(left.__next__):
            try:
                output = self.inner(x[: self.inputs])
            except StopIteration:
                raise _other_count(self.draws) from None
        if next(left, None) is not None:
            raise _other_count(self.draws)
        return output

    def _entries(self, prefix: str, met: set[int]) -> Iterator[PlacedParameter]:
        return self.inner._entries(prefix, met)


def _other_count(draws: int) -> StateError:
    return StateError(
        f"the model took {draws} random numbers for the first sample, and now another number: a "
        "Trainer hands over as many for each; let Dropout be applied to as many numbers each time"
    )


def noisy(model: Module, row: list[float]) -> Module:
    """Give what is trained in place of a model: itself, if it takes no random numbers."""
    count = draws_of(model, row)
    return Noisy(model, len(row), count) if count else model


def draws_of(model: Module, row: list[float]) -> int:
    """Count the random numbers that a model takes with a row, or one that is trained in its place."""
    if isinstance(model, Noisy):
        model = model.inner
    if not any(isinstance(part, Dropout) for part in modules_and_leaves(model)[0]):
        return 0
    count = 0

    def draw() -> float:
        nonlocal count
        count += 1
        return 1.0  # nothing is left out

    with no_grad(), drawing(draw):
        model(list(row))
    return count
