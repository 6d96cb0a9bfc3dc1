"""Functions offered as methods: ``v.tanh()`` is ``tanh(v)``, also for operations added later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..errors import ArgumentError

__all__ = ["add_methods", "offer_methods", "remove_method"]

_functions: dict[str, Callable[..., Any]] = {}
_classes: list[type] = []
_installed: set[str] = set()


def add_methods(**functions: Any) -> None:
    """Offer functions of an operand as its methods, under the names given."""
    for owner in _classes:
        _install(owner, functions)
    _functions.update(functions)


def remove_method(name: str) -> None:
    """Offer a method no longer."""
    del _functions[name]
    _installed.discard(name)
    for owner in _classes:
        delattr(owner, name)


def offer_methods(owner: type) -> None:
    """Give a class every method there is and will be.

    They are put on the class, not found by ``__getattr__``, which would make every
    access to an attribute of its instances slow.
    """
    _classes.append(owner)
    _install(owner, _functions)


def _install(owner: type, functions: dict[str, Callable[..., Any]]) -> None:
    for name, function in functions.items():
        if any(name in parent.__dict__ for parent in owner.__mro__[:-1]) and name not in _installed:
            raise ArgumentError(
                f"name {name!r} is taken: {owner.__name__} has it already; choose another name"
            )
        _installed.add(name)
        setattr(owner, name, _as_method(name, function))


def _as_method(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = function.__doc__
    return method
