"""The entry of a function that is called as it is: with plain numbers, as anybody would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...tree import Key
from ..entries.source import Source, Unfit
from ..entries.takes import is_static, same
from ..entries.written import Entry
from ..whole import LARGEST
from .eager import plainly

__all__ = ["direct"]


def direct(function: Callable[..., Any], key: Key, positional: int) -> Entry | None:
    """Make it for arguments nested as the key says; None if they are more than numbers.

    Where the function raises it returns NotImplemented: the general way calls it again.
    """
    source = Source()
    try:
        _write(source, function, key, positional)
    except Unfit:
        return None
    return Entry(source.function("entry"))


def _write(source: Source, function: Callable[..., Any], key: Key, positional: int) -> None:
    names = [source.variable() for _ in key]
    by_name = tuple([name for name, _ in key[positional:]])
    keys = [*key[:positional], *[own for _, own in key[positional:]]]
    bind = source.bind
    with source.block("def entry(args, kwargs):"):
        terms = [f"len(args) != {positional}"]
        terms.append(f"tuple(kwargs) != {bind(by_name)}" if by_name else "kwargs")
        source.refuse(" or ".join(terms))
        if positional:
            source.line(f"{', '.join(names[:positional])}, = args")
        if by_name:
            source.line(f"{', '.join(names[positional:])}, = kwargs.values()")
        for own, name in zip(keys, names, strict=True):
            _take(source, own, name)
        given = names[:positional]
        given += [f"{of}={name}" for of, name in zip(by_name, names[positional:], strict=True)]
        with source.block("try:"):
            source.line(f"result = {bind(function)}({', '.join(given)})")
            result = f"result if type(result) is float else {bind(plainly)}(result)"
            source.line(f"return {result}")
        with source.block("except Exception:"):
            source.line("return NotImplemented")


def _take(source: Source, key: Key, name: str) -> None:
    """Look at an argument; what is an integer becomes a float, as everywhere."""
    if is_static(key):
        source.refuse(f"not ({same(source, key[1], name)})")
        return
    if key != 0:
        raise Unfit
    with source.block(f"if type({name}) is not float:"):
        source.refuse(f"type({name}) is not int or not {-LARGEST} <= {name} <= {LARGEST}")
        source.line(f"{name} = float({name})")
