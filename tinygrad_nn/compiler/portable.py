"""Functions that transforms have made, pickled as what makes them again."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from inspect import signature
from types import FunctionType
from typing import Any

__all__ = ["made", "portable"]

_TRANSFORMS = f"{__name__.partition('.')[0]}.transforms."


def portable(function: Any) -> Any:
    """Give what is pickled in place of a function: itself, if no transform has made it.

    What it is read as again is the function.
    """
    if type(function) is partial:
        inner = portable(function.func)
        return (
            function
            if inner is function.func
            else _Made(partial, (inner, *function.args), function.keywords)
        )
    if type(function) is not FunctionType:
        return function
    space = function.__globals__
    factory = space.get(function.__code__.co_qualname.partition(".")[0])
    ours = str(space.get("__name__")).startswith(_TRANSFORMS)
    if not ours or not function.__closure__ or not callable(factory):
        return function
    cells = zip(function.__code__.co_freevars, function.__closure__, strict=True)
    given = {name: portable(cell.cell_contents) for name, cell in cells}
    if given.keys() != signature(factory).parameters.keys():
        return function
    return _Made(factory, (), given)


def made(function: Any) -> Any:
    """Give the function for what `portable` gave, where it was not pickled, but copied."""
    return function.make() if isinstance(function, _Made) else function


class _Made:
    """A call of a transform, which is pickled in place of what it gives."""

    def __init__(
        self, factory: Callable[..., Any], args: tuple[Any, ...], given: dict[str, Any]
    ) -> None:
        self._call = factory, args, given

    def __reduce__(self) -> tuple[Any, ...]:
        return _call, self._call

    def make(self) -> Any:
        """Make the function."""
        return _call(*self._call)


def _call(factory: Callable[..., Any], args: tuple[Any, ...], given: dict[str, Any]) -> Any:
    return factory(*map(made, args), **{name: made(value) for name, value in given.items()})
