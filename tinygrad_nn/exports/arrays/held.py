"""What arrays of a program hold: which expression has the number at each place."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from ...compiler.program.program import Ints
from .form import Constant, Expr, Spread
from .views import flat, joined, viewed

__all__ = ["Held"]


class Held:
    """The numbers of one array, as parts of expressions."""

    def __init__(self, size: int, rows: bool) -> None:
        self.rows = rows
        self._parts: list[Expr] = []
        self._owners: Ints = np.full(size, -1)  # the number of the part
        self._places: Ints = np.zeros(size, np.int64)  # and where in it

    def __len__(self) -> int:
        return len(self._owners)

    def put(self, expr: Expr, places: Ints) -> None:
        """Hold the numbers of an expression, in their order, at some places."""
        self._owners[places.ravel()] = len(self._parts)
        self._places[places.ravel()] = np.arange(places.size)
        self._parts.append(expr)

    def read(self, places: Ints) -> tuple[Expr, tuple[int, ...]]:
        """Read places; give which axis of them each axis of what is read is."""
        wanted = self._owners[places]
        owners = wanted.ravel()[np.sort(np.unique(wanted, return_index=True)[1])]  # as they come
        if len(owners) == 1 and owners[0] >= 0:
            return viewed(self._parts[int(owners[0])], self._places[places])
        own = [self._part(int(owner)) for owner in owners]
        starts = np.cumsum([0, *[math.prod(part.shape) for part in own]])
        of_owner = dict(zip(owners.tolist(), starts.tolist(), strict=False))
        shifts = np.array([of_owner[owner] for owner in wanted.ravel().tolist()])
        inside = self._places[places] + shifts.reshape(places.shape)
        return viewed(joined(own), inside)

    def _part(self, owner: int) -> Expr:
        nothing = Constant((1,), False, np.zeros(1))  # where nobody has written
        part = nothing if owner < 0 else self._parts[owner]
        return part if part.rows == self.rows else Spread(part.shape, self.rows, part)

    def parts(self) -> Iterator[tuple[Expr, Ints]]:
        """Walk through what is held, and where."""
        for number, part in enumerate(self._parts):
            places = np.flatnonzero(self._owners == number)
            if len(places):
                yield viewed(part, self._places[places])[0], places

    @property
    def is_full(self) -> bool:
        """Whether something is held everywhere."""
        return bool((self._owners >= 0).all())

    def whole(self) -> Expr:
        """Read all of it, as a vector."""
        return flat(self.read(np.arange(len(self._owners)))[0])
