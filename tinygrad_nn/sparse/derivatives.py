"""Sparse Jacobians and Hessians: compressed products with few vectors, put into their places."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Sequence
from functools import update_wrapper
from threading import RLock
from typing import Any, NamedTuple, TypeAlias, TypeGuard

import numpy as np
import numpy.typing as npt
from scipy import sparse

from ..compiler import compile as compiled
from ..compiler.program.program import Role
from ..compiler.proof.trial import is_symmetric
from ..errors import ArgumentTypeError
from ..scalar.value import Value
from ..transforms import grad, hvp, jvp
from ..transforms.known import Along
from ..transforms.of_graphs import gradients
from ..tree import flatten
from .colouring import colours_of, stars_of
from .graph import dependence_of_nodes
from .pattern import Pattern, dependence

__all__ = ["HessianTimes", "JacobianTimes", "Sparse"]

Floats: TypeAlias = npt.NDArray[np.float64]
Ints: TypeAlias = npt.NDArray[np.int64]
Function: TypeAlias = Callable[..., Any]

MOST_PATTERNS = 16  # of programs that are kept


class Times(Along):
    """A matrix of derivatives of a function times a vector."""

    symmetric = False  # whether the matrix is

    def __init__(self, function: Function) -> None:
        self.function = function

    @abstractmethod
    def pattern(self, x: Any, /, *args: Any, **named: Any) -> Pattern:
        """Find in the graph at x where the matrix may have entries."""


class JacobianTimes(Times):
    """The Jacobian of a function by its first argument, times a vector."""

    @property
    def moved(self) -> Function:  # noqa: D102
        return self.function

    def __call__(self, x: Any, v: Any, /, *args: Any, **named: Any) -> Any:  # noqa: D102
        return jvp(lambda x: self.function(x, *args, **named), (x,), (_like(x, v),))[1]

    def pattern(self, x: Any, /, *args: Any, **named: Any) -> Pattern:  # noqa: D102
        leaves, again = _leaves(x)
        return dependence_of_nodes(flatten(self.function(again, *args, **named))[0], leaves)


class HessianTimes(Times):
    """The Hessian of a function by its first argument, times a vector."""

    symmetric = True

    @property
    def moved(self) -> Function:  # noqa: D102
        return grad(self.function)

    def __call__(self, x: Any, v: Any, /, *args: Any, **named: Any) -> Any:  # noqa: D102
        return hvp(lambda x: self.function(x, *args, **named))(x, _like(x, v))

    def pattern(self, x: Any, /, *args: Any, **named: Any) -> Pattern:  # noqa: D102
        leaves, again = _leaves(x)
        output = self.function(again, *args, **named)
        slopes = gradients(output, leaves) if isinstance(output, Value) else [0.0] * len(leaves)
        return dependence_of_nodes(slopes, leaves)


class _Plan(NamedTuple):
    """Where the entries of one pattern are, and which vectors give them."""

    pattern: Pattern
    directions: Floats  # a row for each colour
    places: Ints  # of each entry, in the products one after the other


class Further(NamedTuple):
    """What a function is called with after its first argument."""

    args: tuple[Any, ...]
    named: dict[str, Any]


class Sparse:
    """A derivative as a sparse matrix, by the first argument.

    The matrix times a vector v is compiled, and where the matrix may have entries is how the
    program of it depends on v. Where there is no program, the graph says so.
    """

    def __init__(self, times: Times) -> None:
        f = times.function
        if not callable(f):
            raise ArgumentTypeError(
                f"f is {f!r}, of type {type(f).__name__}: expected a function of numbers"
            )
        update_wrapper(self, f, updated=())
        self._times = times
        self._product = compiled(times)
        self._plans: dict[int, tuple[Any, _Plan]] = {}  # by program, which is kept alive by it
        self._latest: _Plan | None = None
        self._lock = RLock()  # which program has run is asked after it has

    def __call__(self, x: Any, /, *args: Any, **named: Any) -> Any:
        """Compute the matrix; the same places are stored whatever their numbers are."""
        with self._lock:
            further = Further(args, named)
            plan, first = self._planned(x, further)
            found = [first, *(self._along(x, v, further) for v in plan.directions[1:])]
        data = np.concatenate(found)[plan.places]
        pattern = plan.pattern
        return sparse.csr_array((data, pattern.indices, pattern.indptr), shape=pattern.shape)

    def __reduce__(self) -> tuple[Any, ...]:
        return Sparse, (self._times,)

    def pattern(self, x: Any, /, *args: Any, **named: Any) -> Any:
        """Tell which entries the matrix may have, along the path that x takes."""
        with self._lock:
            return sparse.csr_array(self._planned(x, Further(args, named))[0].pattern, dtype=bool)

    def _planned(self, x: Any, further: Further) -> tuple[_Plan, Floats]:
        """Give the plan of the path that x takes, and the product with its first direction.

        Which path it takes is seen when the product is computed: that of the call before is tried.
        """
        width = x.size if _is_plain(x) else len(flatten(x)[0])
        plan = self._latest
        if plan is not None and plan.directions.shape[1] == width:
            first = self._along(x, plan.directions[0], further)
            if self._known() is plan:
                return plan, first
        height = len(self._along(x, np.zeros(width), further))
        self._latest = plan = self._known() or self._new(x, (height, width), further)
        return plan, self._along(x, plan.directions[0], further)

    def _known(self) -> _Plan | None:
        """Find the plan of the program of the latest call."""
        found = self._plans.get(id(self._product.program))
        return None if found is None or found[0] is None else found[1]

    def _new(self, x: Any, shape: tuple[int, int], further: Further) -> _Plan:
        program = self._product.program
        if program is None:
            return _plan_of(self._times.pattern(x, *further.args, **further.named))
        given = [k for k, array in enumerate(program.arrays) if array.role is Role.INPUT]
        pattern = dependence(program, given[1], shape)
        # Rules of a user's own need not be derivatives of one function.
        symmetric = self._times.symmetric and is_symmetric(program, given[1])
        plan = _plan_of(pattern, symmetric)
        while len(self._plans) >= MOST_PATTERNS:
            self._plans.pop(next(iter(self._plans)))
        self._plans[id(program)] = program, plan
        return plan

    def _along(self, x: Any, v: Floats, further: Further) -> Floats:
        return _numbers(self._product(x, v, *further.args, **further.named))


def _is_plain(x: Any) -> TypeGuard[Floats]:
    return isinstance(x, np.ndarray) and x.dtype == float


def _numbers(nesting: Any) -> Floats:
    """Give the numbers of a nesting in order."""
    if _is_plain(nesting):
        return nesting.ravel()
    return np.array(flatten(nesting)[0], dtype=float)


def _plan_of(pattern: Pattern, symmetric: bool = False) -> _Plan:
    """Choose few vectors that give all entries of a pattern; at least one, which gives its height."""
    most = np.diff(pattern.indptr).max(initial=0)  # in a row: columns have at least as many colours
    stars = stars_of(pattern + pattern.T) if symmetric else None
    if stars is not None and stars.max(initial=0) < most:
        return _plan_of_stars(pattern, stars)
    colours = colours_of(pattern)
    if stars is not None and stars.max(initial=0) < colours.max(initial=0):
        return _plan_of_stars(pattern, stars)
    places = colours[pattern.indices] * pattern.shape[0] + _rows_of(pattern)
    return _Plan(pattern, _directions(colours), places)


def _plan_of_stars(pattern: Pattern, colours: Ints) -> _Plan:
    """Read entries that do not stand alone in products where their mirror images do."""
    both = sparse.csr_array(pattern + pattern.T)
    height = pattern.shape[0]
    met = np.bincount(colours[both.indices] * height + _rows_of(both))
    rows, columns = _rows_of(pattern), pattern.indices
    places, mirrored = colours[columns] * height + rows, colours[rows] * height + columns
    return _Plan(pattern, _directions(colours), np.where(met[places] == 1, places, mirrored))


def _directions(colours: Ints) -> Floats:
    """Make the sum of the unit vectors of each colour."""
    found = np.zeros((max(int(colours.max(initial=0)) + 1, 1), len(colours)))
    found[colours, np.arange(len(colours))] = 1.0
    return found


def _rows_of(pattern: Pattern) -> Ints:
    """Give the row of each entry."""
    return np.repeat(np.arange(pattern.shape[0]), np.diff(pattern.indptr))


def _like(x: Any, v: Any) -> Any:
    """Nest numbers as x is."""
    return flatten(x)[1](list(v))


def _leaves(x: Any) -> tuple[Sequence[Value], Any]:
    numbers, rebuild = flatten(x)
    leaves = [Value(number) for number in numbers]
    return leaves, rebuild(leaves)
