"""The arguments of a call that is recorded, and the function called with others in their place."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial, wraps
from typing import Any

from ..containers import Form, Wrapped
from ..containers.registered import is_registered
from ..errors import ArgumentError, ShapeError
from ..transforms.known import derivative_of
from ..tree import branches_of, has_nothing, reached
from .arguments import Arguments
from .proof.claim import Moves, Slopes, slopes_of
from .sizes.source import Task
from .statics import Static
from .trace.recorder import Argument
from .trace.results import Reduce
from .trace.structure import Key
from .trace.tracing import Call

__all__ = ["Given", "check_reduce"]

Function = Callable[..., Any]


class Given:
    """The arguments of a call that is recorded, by their names."""

    def __init__(
        self,
        name: str,
        function: Function,
        names: Arguments,
        key: Key,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self.key = key
        self.arguments: list[Argument] = []
        self.statics: list[tuple[str, Any]] = []
        self._fixed: list[Key] = []
        where: list[int | str] = []
        given: list[tuple[str, int | str, Key]] = [
            (names.name(i), i, key[i]) for i in range(len(args))
        ]
        given += [(of, of, own) for of, own in key[len(args) :]]
        for of, place, own in given:
            if of in names.static:
                self.statics.append((of, args[place] if isinstance(place, int) else kwargs[place]))
                self._fixed.append(own)
                continue
            per_sample = of in names.batch
            if per_sample and own[1] is None:
                raise ShapeError(
                    f"{of} has no samples, and the function has not been recorded yet: call it "
                    "once with one sample at least"
                )
            self.arguments.append(Argument(of, own[1] if per_sample else own, per_sample))
            where.append(place)
        self._where, self._names = where, names.names
        self._caller = partial(_caller, args=args, kwargs=kwargs, where=where)
        self.call = self._caller(function)
        held = [found for a in self.arguments for found in _held(a.name, a.nesting.key)]
        self.roots = [(name, function), *self.statics, *held]

    def slopes(self) -> Slopes | Moves | None:
        """Say of what other function this is the derivative."""
        return slopes_of(self.roots[0][1], self._caller, self._where, self._names)

    def again(self, inner: Call) -> Call:
        """Make of another function, given the arguments in order, what this one is of its own."""
        made = derivative_of(self.roots[0][1])
        if made is None:
            return inner
        where = self._where

        @wraps(made.function)  # whose parameters have names
        def function(*args: Any, **kwargs: Any) -> Any:
            return inner([args[p] if isinstance(p, int) else kwargs[p] for p in where])

        return self._caller(made.transform(function, made.argnums))

    def task(self, reduce: Reduce) -> Task:
        """Say what is to be compiled, whatever the lengths."""
        name = self.roots[0][0]
        fixed = tuple(self._where), tuple(self._fixed)
        return Task(
            name,
            self.roots,
            self.arguments,
            self.call,
            reduce,
            self.slopes(),
            fixed,
            self.again,
            derivative_of(self.roots[0][1]) is not None,
        )


def _held(name: str, key: Key) -> Iterator[tuple[str, Any]]:
    """List what a function reaches through an argument beside numbers: classes, and what is kept."""
    if key == 0 or key[0] == "array":
        return
    kind, _ = key
    if has_nothing(key):
        if isinstance(kind, Static):
            yield name, kind.thing
        return
    own = kind.kind if isinstance(kind, Form | Wrapped) else kind
    if is_registered(own):
        yield name, kind.rest.thing
    if own not in (list, tuple, dict):
        yield own.__name__, own
    if not isinstance(key[1], int):
        for step, part in branches_of(key):
            yield from _held(reached(name, kind, step), part)


def _caller(
    function: Function, args: Sequence[Any], kwargs: dict[str, Any], where: Sequence[int | str]
) -> Call:
    """Make what calls a function with others in place of some arguments, which it does not keep."""
    kept = [None if place in where else argument for place, argument in enumerate(args)]
    kept_named = {name: argument for name, argument in kwargs.items() if name not in where}

    def call(nested: list[Any]) -> Any:
        positional, named = list(kept), dict.fromkeys(kwargs) | kept_named
        for place, argument in zip(where, nested, strict=True):
            if isinstance(place, int):
                positional[place] = argument
            else:
                named[place] = argument
        return function(*positional, **named)

    return call


def check_reduce(
    function: Callable[..., Any], names: Sequence[str], batch: frozenset[str], reduce: Reduce
) -> None:
    """Refuse to add up derivatives by samples: those of a mean by each are something else.

    What a function of the user's own makes of such derivatives is a result like all others.
    """
    made = derivative_of(function)
    if made is None:
        return
    how = _parts(reduce, 2)[-1] if made.after_value else reduce
    if isinstance(made.argnums, tuple | list):
        pairs = list(zip(made.argnums, _parts(how, len(made.argnums)), strict=False))
    else:
        pairs = [(made.argnums, how)]
    for which, own in pairs:
        if _name_of(which, names) in batch and _reduces(own):
            raise ArgumentError(
                f"reduce is {own!r} for a derivative by an argument that is named in batch: "
                "each sample has its own; give None for it"
            )


def _name_of(which: int | str, names: Sequence[str]) -> str | None:
    if isinstance(which, str):
        return which
    return names[which] if -len(names) <= which < len(names) else None


def _parts(reduce: Reduce, count: int) -> Sequence[Reduce]:
    """Say how each of some parts is reduced; nothing where what is given does not fit."""
    return reduce if isinstance(reduce, list | tuple) else [reduce] * count


def _reduces(how: Reduce) -> bool:
    if isinstance(how, dict | list | tuple):
        return any(map(_reduces, how.values() if isinstance(how, dict) else how))
    return how is not None
