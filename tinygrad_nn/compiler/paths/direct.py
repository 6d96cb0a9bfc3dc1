"""The entry of a function that is called as it is: with plain numbers, as anybody would."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...tree import Key
from ..entries.source import Source, Unfit
from ..entries.takes import is_static, same
from ..entries.written import Entry
from ..whole import LARGEST
from .eager import Eager, plainly

__all__ = ["direct"]


def direct(function: Callable[..., Any], eager: Eager, key: Key, positional: int) -> Entry | None:
    """Make it for arguments nested as the key says; None if they are more than numbers.

    What fails is called on Values: it has an error that says more, or a result.
    """
    source = Source()
    try:
        _write(source, function, eager, key, positional)
    except Unfit:
        return None
    quick = source.function("entry")
    if positional == len(key):
        return Entry(lambda args, kwargs: NotImplemented if kwargs else quick(*args), quick)
    return Entry(lambda args, kwargs: quick(*args, **kwargs))


def _write(
    source: Source, function: Callable[..., Any], eager: Eager, key: Key, positional: int
) -> None:
    names = [source.variable() for _ in key]
    by_name = tuple([name for name, _ in key[positional:]])
    keys = [*key[:positional], *[own for _, own in key[positional:]]]
    bind = source.bind
    parameters = [*[f"{name}=None" for name in names[:positional]], "*others"]
    parameters += ["**named"] * bool(by_name)
    with source.block(f"def entry({', '.join(parameters)}):"):
        source.refuse("others")
        if by_name:
            source.refuse(f"tuple(named) != {bind(by_name)}")
            source.line(f"{', '.join(names[positional:])}, = named.values()")
        numbers = []
        for own, name in zip(keys, names, strict=True):
            if is_static(own):
                source.refuse(f"not ({same(source, own[1], name)})")
            else:
                _take(source, own, name)
                numbers.append(f"[{name}]")
        given = names[:positional]
        given += [f"{of}={name}" for of, name in zip(by_name, names[positional:], strict=True)]
        with source.block("try:"):
            source.line(f"result = {bind(function)}({', '.join(given)})")
            result = f"result if type(result) is float else {bind(plainly)}(result)"
            source.line(f"return {result}")
        with source.block("except Exception:"):
            source.line(f"return {bind(eager.on_values)}([{', '.join(numbers)}])")


def _take(source: Source, key: Key, name: str) -> None:
    """Look at a number; what is an integer becomes a float, as everywhere."""
    if key != 0:
        raise Unfit
    with source.block(f"if type({name}) is not float:"):
        source.refuse(f"type({name}) is not int or not {-LARGEST} <= {name} <= {LARGEST}")
        source.line(f"{name} = float({name})")
