"""What a row of the table is: one primitive operation, stated once.

The table itself is in :mod:`tinygrad_nn.scalar.ops`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from importlib import import_module
from typing import Any, Final, Protocol, TypeAlias, cast

from ..errors import ArgumentError, DomainError, PoleError, RangeError
from .contexts import state
from .convert import to_number
from .methods import add_methods, remove_method
from .user_line import describe_place, user_place

__all__ = [
    "SPECIAL",
    "TABLE",
    "USUAL",
    "Interval",
    "Op",
    "Operand",
    "find_function",
    "find_special",
    "flat",
    "forget",
]

Interval: TypeAlias = tuple[float, float]
Rule: TypeAlias = Callable[..., Any]

INF = math.inf
REALS: Interval = (-INF, INF)


def flat(*numbers: Any) -> Any:
    """The slope of a staircase: 0, or NaN where there is no step to stand on."""
    return numbers[-1] - numbers[-1]


TABLE: dict[str, Op] = {}
"""Every operation by its name, in the order of definition."""

UNLISTED: dict[str, Op] = {}
"""What makes nodes and is no operation on numbers: leaves, constants, aliases."""

SPECIAL: dict[str, Op] = {}
"""The rows of :mod:`tinygrad_nn.special`, by their names, once it is loaded."""

USUAL: Final[list[type]] = [float]
"""The class of nearly all operands that are no plain numbers, once it is defined: to find the
method of what is known to have it is faster than to ask for it."""


class Operand(Protocol):
    """What operations ask of an operand that is not a plain number."""

    def _apply(self, op: Op, args: tuple[object, ...]) -> Any: ...


class Documentation:
    """What ``__doc__`` is: of a class its docstring, of a row the text made from the row."""

    def __init__(self, docstring: str | None) -> None:
        self.docstring = docstring

    def __get__(self, row: Op | None, owner: type) -> str | None:
        return self.docstring if row is None else row.document()


def _document_instances(kind: type) -> None:
    """Let the rows of a class have documentation of their own."""
    kind.__doc__ = Documentation(kind.__doc__)  # type: ignore[assignment]  # it gives a text


class Op:
    """One primitive operation: all that is known of it, and nothing elsewhere.

    Making an instance adds it to the table; `Unary`, `Binary` and `Ternary`
    say how many arguments it takes. Calling it applies it: to floats it gives
    a float, and any other operand is asked to apply it (a `Value` records a node).

    Parameters
    ----------
    name : str
        Its name, also the name of the method on `Value` if it takes one argument.
    compute : callable
        Floats to a float; raises as `math` does where it is not defined.
    partials : callable, None or tuple of them
        One per argument, called with the arguments and the result `z`; written
        with ordinary arithmetic and rows of the table, so that it works on
        floats and on Values alike. It never compares or branches in Python.
        None says that the derivative is zero everywhere.
    summary : str
        The first sentence of its documentation.
    label : str
        What a drawing shows; the name if not given.
    latex : str
        A template with ``<x>``, ``<y>``, ``<c>`` for the arguments.
    binds : int
        How tightly its LaTeX holds together: 0 looser than a sum, 1 sum, 2 product,
        3 sign and power, 4 closed.
    domain : tuple of float, or tuple of such pairs
        The ends of the interval on which it is defined, for each argument.
    sample : tuple of float, or tuple of such pairs
        The interval in which random tests choose each argument.
    special : tuple
        Arguments that tests must visit: kinks, ties, limits.
    remedy : str
        What a bad argument means, and what to do instead.
    array : str, tuple of str or callable
        Its form on arrays: a ufunc of NumPy by name, one of SciPy as
        ``"special.NAME"``, several in a row as a tuple of names, or a function of the module numpy and the arrays, which if
        it has a parameter `out` writes its result there; without it Python computes an array number by number.
    beyond : callable
        The IEEE result where `compute` raises; not a number if not given.
    pull, push : tuple of callable or None
        How a slope passes backward through the operation, and a rate of change forward,
        where that is not by multiplying with a partial derivative: one per argument,
        called with the number to pass and the arguments. A choice chooses: 0 times an
        infinite number would be NaN.
    associative : bool
        Whether ``op(a, b, c)`` and ``op([a, b, c])`` fold it from the left.
    listed : bool
        Whether it goes into the table; what the graph itself needs does not.
    table : dict, optional
        The table that it goes into, if not the usual one, whose rows are methods too.
    """

    arity: int = 0
    letters: str = ""

    def __init_subclass__(cls) -> None:
        _document_instances(cls)

    def __init__(
        self,
        name: str,
        compute: Callable[..., float],
        partials: Rule | tuple[Rule | None, ...] | None,
        summary: str = "",
        *,
        label: str = "",
        latex: str = "",
        binds: int = 4,
        domain: Interval | tuple[Interval, ...] = REALS,
        sample: Interval | tuple[Interval, ...] = (-3.0, 3.0),
        special: tuple[Any, ...] = (),
        remedy: str = "",
        array: str | tuple[str, ...] | Callable[..., Any] = "",
        beyond: Callable[..., float] | None = None,
        pull: tuple[Rule | None, ...] = (),
        push: tuple[Rule | None, ...] = (),
        associative: bool = False,
        listed: bool = True,
        table: dict[str, Op] | None = None,
    ) -> None:
        home = TABLE if table is None else table
        if listed and name in home:
            raise ArgumentError(f"name {name!r} is in the table already: choose another name")
        self.name = name
        self.compute = compute
        self.partials: tuple[Rule | None, ...] = (
            partials if isinstance(partials, tuple) else (partials,) * self.arity
        )
        if len(self.partials) != self.arity:
            raise ArgumentError(
                f"partials of {name!r} must be {self.arity}, one per argument, "
                f"got {len(self.partials)}"
            )
        self.is_total = False  # whether it has a result for all numbers, infinite ones and NaN too
        self.is_flat = self.arity > 0 and not any(self.partials)  # its derivative is 0 everywhere
        self.summary = summary or f"The operation {name}."
        self.label = label or name
        self.latex = latex or rf"\operatorname{{{name}}}\left({_placeholders(self.letters)}\right)"
        self.binds = binds
        self.domain = _per_argument(domain, self.arity)
        self.sample = _per_argument(sample, self.arity)
        self.special: tuple[tuple[float, ...], ...] = tuple(
            point if isinstance(point, tuple) else (point,) for point in special
        )
        self.remedy = remedy
        self.array = array
        self.beyond = beyond
        self.pull = pull
        self.push = push
        self.associative = associative
        self.listed = listed
        self.is_special = table is not None
        if listed:
            if table is None:
                add_methods(**{name: self})
            home[name] = self

    def __call__(self, *args: Any) -> Any:
        """Apply the operation to floats, or to operands that know what to do with it."""
        return self._dispatch(args)

    def evaluate(self, numbers: Sequence[float]) -> Any:
        """Compute the result on floats; raise our error where it is not defined.

        In a branch that is recorded it is recorded there: it fails where that branch is chosen.
        """
        failure = None
        try:
            return self.compute(*numbers)
        except (ValueError, ArithmeticError) as error:
            if not state.guards:
                failure = self.failure(error, numbers)
        if failure is not None:  # out here, so that Python's error is not its context
            raise failure
        constant = state.guards[-1].condition._constant
        return self._dispatch(tuple([constant(number) for number in numbers]))

    def quiet(self, *numbers: float) -> float:
        """Compute the result as IEEE arithmetic does: infinity or NaN, never an error."""
        try:
            return self.compute(*numbers)
        except (ValueError, ArithmeticError):
            return math.nan if self.beyond is None else self.beyond(*numbers)

    def _dispatch(self, args: tuple[object, ...]) -> Any:
        """Let the first operand that is no plain number apply the operation."""
        for arg in args:
            if type(arg) is float:
                continue  # to be refused an attribute is slow
            if type(arg) is USUAL[0]:
                return cast(Any, arg)._apply(self, args)
            apply = getattr(arg, "_apply", None)
            if apply is not None:
                return apply(self, args)
        names = [f"argument {letter} of {self.name}" for letter in self.letters]
        return self.evaluate([to_number(arg, name) for arg, name in zip(args, names, strict=True)])

    def failure(
        self,
        error: Exception,
        numbers: Sequence[float],
        labels: Sequence[str] = (),
        places: Sequence[str] = (),
    ) -> DomainError:
        """Make our error of Python's: with the operands, the remedy, and the user's line.

        Labels and places are those of the operands, as far as they are known.
        """
        shown = []
        for position, number in enumerate(numbers):
            label = labels[position] if position < len(labels) else ""
            shown.append(
                f"{self.letters[position]} = {number!r}" + (f" ({label})" if label else "")
            )
        result = self.quiet(*numbers)
        kind: type[DomainError] = DomainError
        what = "has no real result"
        if isinstance(error, OverflowError):
            kind, what = RangeError, "is too large for a float"
        elif math.isinf(result) or isinstance(error, ZeroDivisionError):
            kind, what = PoleError, "is not defined"
        lines = [f"{self.name} at {', '.join(shown)} {what}"]
        if self.remedy or str(error):
            lines[0] += f": {self.remedy or error}"
        here = describe_place(user_place())
        if here:
            lines.append(f"  at {here}")
        for letter, place in zip(self.letters, places, strict=False):
            if place:
                lines.append(f"  {letter} was computed at {place}")
        return kind("\n".join(lines))

    def document(self) -> str:
        """Write the documentation of the operation, from what the row says."""
        lines = [self.summary, "", f"Formula: ``{self.latex}``."]
        if any(interval != REALS for interval in self.domain):
            ends = (
                f"{letter} in [{low:g}, {high:g}]"
                for letter, (low, high) in zip(self.letters, self.domain, strict=True)
            )
            lines.append(f"Defined for {', '.join(ends)}.")
        if self.remedy:
            lines.append(f"A bad argument: {self.remedy}.")
        return "\n".join(lines)

    def __reduce__(self) -> tuple[Any, ...]:
        return _special if self.is_special else _row, (self.name,)

    def __repr__(self) -> str:
        return f"<operation {self.name}({', '.join(self.letters)})>"


_document_instances(Op)


def forget(row: Op) -> None:
    """Take an operation out of the table again; graphs that have it keep it."""
    del TABLE[row.name]
    remove_method(row.name)


def _row(name: str) -> Op:
    """Find a row again when it is unpickled."""
    row = TABLE.get(name) or UNLISTED.get(name)
    if row is None:
        raise ArgumentError(
            f"operation {name!r} is not in the table: import the module that defines it first"
        )
    return row


def find_special(name: str) -> Op | None:
    """Find a row of the special functions, which are loaded when one is first asked for."""
    found: Op | None = import_module("tinygrad_nn.special").find_row(name)
    return found


def find_function(name: str) -> Callable[..., Any] | None:
    """Find a special function by the name that SciPy or NumPy has for it."""
    found: Callable[..., Any] | None = import_module("tinygrad_nn.special").find_function(name)
    return found


def _special(name: str) -> Op:
    """Find a row of the special functions again when it is unpickled."""
    row = find_special(name)
    if row is None:
        raise ArgumentError(f"operation {name!r} is none of tinygrad_nn.special")
    return row


def _per_argument(interval: Interval | tuple[Interval, ...], arity: int) -> tuple[Interval, ...]:
    first = interval[0]
    if isinstance(first, tuple):
        return interval  # type: ignore[return-value]  # pairs, one per argument
    return (interval,) * arity  # type: ignore[return-value]  # one pair for all


def _placeholders(letters: str) -> str:
    return ", ".join(f"<{letter}>" for letter in letters)
