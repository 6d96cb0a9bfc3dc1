"""Functions offered as methods: ``v.tanh()`` is ``tanh(v)``, also for operations added later."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

__all__ = ["add_methods", "offer_methods", "remove_method"]

_functions: dict[str, Callable[..., Any]] = {}
_classes: list[type] = []


def add_methods(**functions: Any) -> None:
    """Offer functions of an operand as its methods, under the names given."""
    _functions.update(functions)
    for owner in _classes:
        _install(owner, functions)


def remove_method(name: str) -> None:
    """Offer a method no longer."""
    del _functions[name]
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
        setattr(owner, name, _as_method(name, function))


def _as_method(name: str, function: Callable[..., Any]) -> Callable[..., Any]:
    def method(self: Any, *args: Any, **options: Any) -> Any:
        return function(self, *args, **options)

    method.__name__ = method.__qualname__ = name
    method.__doc__ = function.__doc__
    return method
