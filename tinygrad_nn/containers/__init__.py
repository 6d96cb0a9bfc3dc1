"""Objects that hold numbers in fields of their own: taken apart into parts, and made of others.

Named tuples, and dataclasses, frozen ones and those with slots too, Series and frames of pandas,
and classes that were registered. What a field holds is a part, a number or a nesting, or it is kept as it is: a text,
None, a function, a date.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any, TypeAlias

from .fields import fields_apart, is_dataclass, other_attribute, row_apart
from .forms import Apart, Form, Kept, Wrapped
from .frames import frame_apart, is_frame
from .registered import is_registered, register, unwrapped

__all__ = [
    "Form",
    "Kept",
    "Wrapped",
    "is_container",
    "other_attribute",
    "parts_of",
    "register_container",
]

Way: TypeAlias = Callable[[Any, Callable[[Any], Any]], Apart]


def is_container(thing: Any) -> bool:
    """Tell whether a thing is taken apart by its fields, or as its class is known to be."""
    kind: Any = type(thing)
    return _way_of(kind) is not None


def parts_of(thing: Any, keep: Callable[[Any], Any] = Kept) -> Apart:
    """Take a container apart: what makes it of its parts, and these.

    `keep` makes what gives the rest of a registered one, and says when two are alike.
    """
    kind: Any = type(thing)
    way = _way_of(kind)
    assert way is not None, "it is a container"
    return way(thing, keep)


@lru_cache(maxsize=512)
def _way_of(kind: Any) -> Way | None:
    """Say how objects of a class are taken apart."""
    if is_registered(kind):
        return unwrapped
    if is_dataclass(kind):
        return fields_apart
    if is_frame(kind):
        return frame_apart
    if issubclass(kind, tuple) and hasattr(kind, "_fields"):
        return row_apart
    return None


def register_container(
    cls: type, flatten: Callable[[Any], tuple[Any, Any]], unflatten: Callable[[Any, Any], Any]
) -> None:
    """Say how objects of a class of your own are taken apart, and made of other numbers.

    From then on they are arguments and results of transforms and of compiled functions, and
    gradients come back in the same form. Classes derived from it are registered by themselves.

    Parameters
    ----------
    cls : type
        The class.
    flatten : callable
        Gives for an object a pair: its numbers, nested in lists, tuples, dicts or arrays, and the
        rest, which is no number: None, a text, a tuple of such. In compiled functions another rest
        is another program.
    unflatten : callable
        Makes an object of the rest and of numbers so nested, which may be Values, symbols or
        derivatives: it must not look at them, nor convert them.

    Raises
    ------
    ArgumentTypeError
        When `cls` is no class, or one that is taken apart already, as list; later, when what
        ``flatten`` and ``unflatten`` give for an object does not fit together.

    Examples
    --------
    >>> from tinygrad_nn import grad, register_container
    >>> class Polynomial:
    ...     def __init__(self, coefficients, variable):
    ...         self.coefficients, self.variable = coefficients, variable
    ...     def __call__(self, x):
    ...         return sum(c * x**n for n, c in enumerate(self.coefficients))
    >>> register_container(
    ...     Polynomial,
    ...     lambda p: (p.coefficients, p.variable),
    ...     lambda variable, coefficients: Polynomial(coefficients, variable),
    ... )
    >>> slope = grad(lambda p: p(2.0))(Polynomial([1.0, 0.5, 3.0], "t"))
    >>> slope.coefficients, slope.variable
    ([1.0, 2.0, 4.0], 't')
    """
    register(cls, flatten, unflatten)
    _way_of.cache_clear()
