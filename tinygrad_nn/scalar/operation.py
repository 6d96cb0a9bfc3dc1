"""What a row of the table is: one primitive operation, stated once.

The table itself is in :mod:`tinygrad_nn.scalar.ops`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from functools import partial
from types import FunctionType, MethodType
from typing import Any, Final, Protocol, TypeAlias, TypeVar, cast, overload

from ..errors import ArgumentError, ArgumentTypeError, DomainError, PoleError, RangeError
from .contexts import state
from .convert import is_number, to_number
from .methods import add_methods, remove_method
from .switch import switch
from .user_line import describe_place, user_place

__all__ = [
    "TABLE",
    "USUAL",
    "Binary",
    "Choice",
    "Interval",
    "Op",
    "Operand",
    "Ternary",
    "Unary",
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

USUAL: Final[list[type]] = [float]
"""The class of nearly all operands that are no plain numbers, once it is defined: to find the
method of what is known to have it is faster than to ask for it."""


class Operand(Protocol):
    """What operations ask of an operand that is not a plain number."""

    def _apply(self, op: Op, args: tuple[object, ...]) -> Any: ...


N = TypeVar("N", bound=Operand)


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
    ) -> None:
        if listed and name in TABLE:
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
        if listed:
            add_methods(**{name: self})
            TABLE[name] = self

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
        return _row, (self.name,)

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


def _per_argument(interval: Interval | tuple[Interval, ...], arity: int) -> tuple[Interval, ...]:
    first = interval[0]
    if isinstance(first, tuple):
        return interval  # type: ignore[return-value]  # pairs, one per argument
    return (interval,) * arity  # type: ignore[return-value]  # one pair for all


def _placeholders(letters: str) -> str:
    return ", ".join(f"<{letter}>" for letter in letters)


class Unary(Op):
    """An operation of one argument, ``z = op(x)``."""

    arity = 1
    letters = "x"

    # Floats come last, so that an argument of any type does not make a checker expect a float.
    @overload
    def __call__(self, x: N, /) -> N: ...
    @overload
    def __call__(self, x: float, /) -> float: ...
    def __call__(self, x: Any, /) -> Any:
        """Apply the operation."""
        if type(x) is not float:
            return self._dispatch((x,))
        try:
            return self.compute(x)
        except (ValueError, ArithmeticError):
            pass
        return self.evaluate((x,))


class Opposite(Unary):
    """The opposite of a condition: of a bool a bool, which `&` and `|` take."""

    def __call__(self, x: Any, /) -> Any:
        """Apply the operation."""
        return not x if type(x) is bool else super().__call__(x)


class Binary(Op):
    """An operation of two arguments, ``z = op(x, y)``."""

    arity = 2
    letters = "xy"

    # Floats come last here too.
    @overload
    def __call__(self, x: N, y: N | float, /, *more: N | float) -> N: ...
    @overload
    def __call__(self, x: float, y: N, /, *more: N | float) -> N: ...
    @overload
    def __call__(self, x: float, y: float, /, *more: float) -> float: ...
    @overload
    def __call__(self, x: Sequence[float], /) -> float: ...
    @overload
    def __call__(self, x: Sequence[N], /) -> N: ...
    def __call__(self, x: Any, /, *rest: Any) -> Any:
        """Apply the operation; an associative one takes any number of operands."""
        if len(rest) == 1:
            y = rest[0]
            if type(x) is not float or type(y) is not float:
                return self._dispatch((x, y))
            try:
                return self.compute(x, y)
            except (ValueError, ArithmeticError):
                pass
            return self.evaluate((x, y))
        return self._fold(x, rest)

    def _fold(self, x: Any, rest: tuple[Any, ...]) -> Any:
        """Apply an associative operation to more than two operands, from the left."""
        terms = (x, *rest) if rest else x
        if not self.associative or not hasattr(terms, "__iter__"):
            raise ArgumentTypeError(
                f"{self.name} takes two arguments, x and y, got {1 + len(rest)}"
            )
        terms = list(terms)
        if not terms:
            raise ArgumentError(f"{self.name} needs at least one operand, got an empty sequence")
        result = terms[0]
        for term in terms[1:]:
            result = self(result, term)
        return result


class Ternary(Op):
    """An operation of three arguments, ``z = op(c, x, y)``."""

    arity = 3
    letters = "cxy"

    def __call__(self, c: Any, x: Any, y: Any, /) -> Any:
        """Apply the operation."""
        return self._dispatch((c, x, y))


def _condition(c: Any) -> Any:
    """Refuse a condition that is neither 1 nor 0, as ~True, which is -2."""
    if hasattr(c, "_as_condition"):
        return c._as_condition()
    number = to_number(c, "argument c of where")
    if number == 1.0 or number == 0.0:
        return c
    raise condition_refused(number)


def condition_refused(number: float) -> ArgumentError:
    """Make the error of a condition that is neither 1 nor 0."""
    shown = repr(float(number)).removesuffix(".0")
    return ArgumentError(
        f"the condition of where is {shown}: expected 1 or 0, as comparisons give; write "
        "logical_not(c) for ~c, which is -1 or -2 in Python, and x != 0 for any other number"
    )


class Choice(Ternary):
    """A choice whose branches may be functions, so that only the chosen one is evaluated."""

    def __call__(self, c: Any, x: Any, y: Any, /) -> Any:
        """Choose x where c is 1, and y where it is 0."""
        if type(c) is not bool:
            c = _condition(c)
        if callable(x) or callable(y):
            other = None
            if switch.symbolic and state.derived is not None and hasattr(c, "_choose"):
                chosen = c._choose(x, y)
            else:
                branch, other = (x, y) if c else (y, x)
                chosen = branch() if callable(branch) else branch
                if type(chosen) is USUAL[0]:
                    return chosen
            if type(chosen) is float or (not hasattr(chosen, "_apply") and is_number(chosen)):
                operand = _operand_of(c) or _operand_of(other)
                return chosen if operand is None else operand[0]._constant(chosen)
            return chosen
        return super().__call__(c, x, y)


def _operand_of(thing: object) -> tuple[Any] | None:
    """Find an operand that a branch is, or would have computed with."""
    if type(thing) is float or type(thing) is bool:  # nearly always
        return None
    if hasattr(thing, "_constant"):
        return (thing,)
    parts: Sequence[object] = ()
    if isinstance(thing, FunctionType):
        parts = _around(thing)
    elif isinstance(thing, list | tuple):
        parts = thing
    elif isinstance(thing, MethodType):
        parts = (thing.__self__,)
    elif isinstance(thing, partial):
        parts = thing.args
    for part in parts:
        found = _operand_of(part)
        if found is not None:
            return found
    return None


def _around(function: FunctionType) -> list[object]:
    """List what a function finds around it that is no function: in its closure, among globals."""
    parts: list[object] = [function.__globals__.get(name) for name in function.__code__.co_names]
    for cell in function.__closure__ or ():
        try:
            parts.append(cell.cell_contents)
        except ValueError:  # a name that has no value yet
            continue
    return [part for part in parts if not callable(part)]
