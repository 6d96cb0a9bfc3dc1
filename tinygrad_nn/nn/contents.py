"""What a module holds, as far down as parameters are looked for."""

from __future__ import annotations

import weakref
from operator import is_
from typing import Any

from ..value import Value
from .module import Module

__all__ = ["Form", "contents"]


def contents(thing: Any, nesting: list[Any] | None = None) -> tuple[list[Module], list[Any]]:
    """List everything below a thing that modules, lists, tuples and dicts lead to.

    Parameters
    ----------
    thing : object
        A module, or a dict of attributes.
    nesting : list, optional
        Takes how it is nested: kinds, lengths and keys of containers, numbers of arrays.

    Returns
    -------
    modules, others : list
        The modules, and what is none of these containers, in a fixed order.

    Examples
    --------
    >>> from tinygrad_nn import nn
    >>> modules, others = contents(nn.Layer(2, 1, "tanh"))
    >>> modules
    [Layer(2 -> 1, tanh), Neuron(2, tanh)]
    >>> [type(part).__name__ for part in others]
    ['Unary', 'Value', 'Value', 'Value']
    """
    modules: list[Module] = []
    others: list[Any] = []
    met: set[int] = set()
    stack = [thing]

    def note(item: Any, what: object) -> None:
        if nesting is not None:
            nesting.append((type(item), what))

    while stack:
        item = stack.pop()
        if isinstance(item, Module):
            if id(item) not in met:
                met.add(id(item))
                modules.append(item)
                stack.extend(reversed(vars(item).values()))
        elif isinstance(item, dict):
            note(item, tuple(item))
            stack.extend(reversed(item.values()))
        elif isinstance(item, list | tuple):
            note(item, len(item))
            if item and set(map(type, item)) == {Value}:  # nearly always: the quick way
                others.extend(item)
            else:
                stack.extend(reversed(item))
        else:
            others.append(item)
            if hasattr(item, "tobytes"):
                note(item, item.tobytes())
    return modules, others


class Form:
    """What a thing consisted of: a compiled program is good as long as it does.

    Parameters and settings count by identity, arrays by their numbers. Modules are not kept
    alive. Attributes in ``__slots__`` and of classes are not looked at.

    Parameters
    ----------
    thing : object
        As for `contents`.

    Examples
    --------
    >>> from tinygrad_nn import nn
    >>> layer = nn.Layer(2, 1)
    >>> form = Form(layer)
    >>> form.is_of(layer)
    True
    >>> layer.neurons[0].b = Value(1.0)
    >>> form.is_of(layer)
    False
    """

    def __init__(self, thing: Any) -> None:
        self._nesting: list[Any] = []
        modules, self._others = contents(thing, self._nesting)
        self._modules = [weakref.ref(module) for module in modules]

    def is_of(self, thing: Any) -> bool:
        """Tell whether a thing consists of the same."""
        nesting: list[Any] = []
        modules, others = contents(thing, nesting)
        return (
            nesting == self._nesting
            and len(modules) == len(self._modules)
            and len(others) == len(self._others)
            and all(map(is_, others, self._others))
            and all(known() is module for known, module in zip(self._modules, modules, strict=True))
        )
