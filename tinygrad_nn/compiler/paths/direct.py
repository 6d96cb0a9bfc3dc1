"""The entry of a function that is called as it is: with plain numbers, as anybody would."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from ...tree import Key
from ..entries.source import Source, Unfit
from ..entries.takes import is_static, same
from ..entries.written import Builtin, Entry
from ..whole import LARGEST
from .eager import Eager, plainly

__all__ = ["direct"]

_NOT_GIVEN = object()


def direct(
    function: Callable[..., Any], eager: Eager, key: Key, positional: int, is_coded: bool
) -> Entry | None:
    """Make it for arguments nested as the key says; None if they are more than numbers.

    What fails is called on Values: it has an error that says more, or a result. Machine code looks at
    numbers if there `is_coded` anything.
    """
    writer = _Writer(function, eager, key, positional)
    try:
        quick = writer.any_numbers()
    except Unfit:
        return None
    if positional != len(key):
        return Entry(lambda args, kwargs: quick(*args, **kwargs))
    joined = cache(writer.floats_in_code if is_coded and writer.has_numbers_only else writer.floats)
    return Entry(lambda args, kwargs: NotImplemented if kwargs else quick(*args), quick, joined)


class _Writer:
    def __init__(
        self, function: Callable[..., Any], eager: Eager, key: Key, positional: int
    ) -> None:
        self._function = function
        self._eager = eager
        self._positional = positional
        self._by_name = tuple([name for name, _ in key[positional:]])
        self._keys = [*key[:positional], *[own for _, own in key[positional:]]]

    @property
    def has_numbers_only(self) -> bool:
        """Whether no argument is static."""
        return not any(map(is_static, self._keys))

    def any_numbers(self) -> Builtin:
        """Write what takes integers too; what is an integer becomes a float, as everywhere."""
        source = Source()
        names = [source.variable() for _ in self._keys]
        positional, by_name = self._positional, self._by_name
        parameters = [*[f"{name}=None" for name in names[:positional]], "*others"]
        parameters += ["**named"] * bool(by_name)
        with source.block(f"def entry({', '.join(parameters)}):"):
            source.refuse("others")
            if by_name:
                source.refuse(f"tuple(named) != {source.bind(by_name)}")
                source.line(f"{', '.join(names[positional:])}, = named.values()")
            for own, name in zip(self._keys, names, strict=True):
                if is_static(own):
                    source.refuse(f"not ({same(source, own[1], name)})")
                elif own == 0:
                    _take(source, name)
                else:
                    raise Unfit
            self._call(source, names)
        return source.function("entry")

    def floats(self, others: Builtin) -> Builtin:
        """Write what takes floats alone, and leaves all other calls to others."""
        source = Source()
        bind = source.bind
        names = [source.variable() for _ in self._keys]
        parameters = [*[f"{name}={bind(_NOT_GIVEN)}" for name in names], *["/"] * bool(names)]
        terms = ["not others", "not named"]
        for own, name in zip(self._keys, names, strict=True):
            is_as_known = same(source, own[1], name) if is_static(own) else f"type({name}) is float"
            terms.append(is_as_known)
        with source.block(f"def entry({', '.join([*parameters, '*others', '**named'])}):"):
            with source.block(f"if {' and '.join(terms)}:"):
                self._call(source, names)
            given = f"{bind(_given)}({', '.join([*names, '*others'])})"
            source.line(f"return {bind(others)}(*{given}, **named)")
        return source.function("entry")

    def floats_in_code(self, others: Builtin) -> Builtin:
        """Make the same of machine code."""
        from ..entries.making import direct

        def failed(*numbers: float) -> Any:
            return self._eager.on_values([[number] for number in numbers])

        made = direct(self._function, len(self._keys), plainly, failed, others)
        return made or self.floats(others)

    def _call(self, source: Source, names: Sequence[str]) -> None:
        """Write the call of the function, and what becomes of its result."""
        bind, positional = source.bind, self._positional
        numbers = [f"[{n}]" for own, n in zip(self._keys, names, strict=True) if own == 0]
        pairs = zip(self._by_name, names[positional:], strict=True)
        given = [*names[:positional], *[f"{of}={name}" for of, name in pairs]]
        with source.block("try:"):
            source.line(f"result = {bind(self._function)}({', '.join(given)})")
            with source.block("if type(result) is float:"):
                source.line("return result")
            source.line(f"return {bind(plainly)}(result)")
        with source.block("except Exception:"):
            source.line(f"return {bind(self._eager.on_values)}([{', '.join(numbers)}])")


def _take(source: Source, name: str) -> None:
    """Look at a number."""
    with source.block(f"if type({name}) is not float:"):
        source.refuse(f"type({name}) is not int or not {-LARGEST} <= {name} <= {LARGEST}")
        source.line(f"{name} = float({name})")


def _given(*arguments: Any) -> list[Any]:
    """List the arguments that were given."""
    return [argument for argument in arguments if argument is not _NOT_GIVEN]
