"""The arguments of a call: which of them vary, and the numbers in these."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeAlias

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar.convert import to_number
from ..scalar.inputs import as_numbers
from ..scalar.value import Value
from ..tree import flatten, leaf_paths

__all__ = ["Argnums", "Arguments", "numbers_of", "only"]

Argnums: TypeAlias = int | str | tuple[int | str, ...]


class Arguments:
    """The arguments of a call, of which some vary.

    `nesting` is what varies, a tuple of arguments if `argnums` is one, and `numbers` what is in it:
    floats, or Values too.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        argnums: Argnums,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        self.positional = list(args)
        self.named = dict(kwargs)
        self._several = isinstance(argnums, tuple | list)
        if isinstance(argnums, tuple | list):
            self._places = [self._place(function, which) for which in argnums]
            if len(set(self._places)) != len(self._places):
                argnums = tuple(argnums)
                raise ArgumentError(
                    f"argnums names an argument twice, got {argnums!r}: name each once"
                )
            self.nesting: Any = tuple([self._holder(place)[place] for place in self._places])
        else:
            place = self._place(function, argnums)
            self._places = [place]
            self.nesting = self._holder(place)[place]
        self.rebuild: Callable[[Sequence[Any]], Any]
        if type(self.nesting) is float:  # as often: it is told at once
            self.numbers, self.has_values = [self.nesting], False
            self.rebuild = only
        else:
            leaves, self.rebuild = flatten(self.nesting)
            self.numbers, self.has_values = numbers_of(leaves, self._paths)

    def replace(self, inputs: Sequence[Any]) -> None:
        """Put others in place of the numbers that vary."""
        varied = self.rebuild(inputs)
        if self._several:
            for place, part in zip(self._places, varied, strict=True):
                self._holder(place)[place] = part
        else:
            (place,) = self._places
            self._holder(place)[place] = varied

    def _holder(self, place: int | str) -> Any:
        return self.positional if isinstance(place, int) else self.named

    def _place(self, function: Callable[..., Any], which: int | str) -> int | str:
        """Find an argument: a position, or the name of one that was given by name."""
        count = len(self.positional)
        if isinstance(which, int) and -count <= which < count:
            return which % count
        if isinstance(which, str):
            if which in self.named:
                return which
            from inspect import signature  # slow to import, rarely needed

            names = list(signature(function).parameters)
            if which in names and names.index(which) < count:
                return names.index(which)
        raise ArgumentError(
            f"argnums names argument {which!r}, but the call has {count} by position and "
            f"{sorted(self.named)} by name: give a position from 0, or a name"
        )

    def _paths(self) -> Iterator[str]:
        parts = self.nesting if self._several else (self.nesting,)
        for place, part in zip(self._places, parts, strict=True):
            yield from leaf_paths(part, f"argument {place}")


def only(leaves: Sequence[Any]) -> Any:
    """Give the one leaf of what is nested in nothing."""
    return leaves[0]


def numbers_of(leaves: list[Any], paths: Callable[[], Any]) -> tuple[list[Any], bool]:
    """Make a float of every leaf that is no Value, and tell whether there are Values.

    `paths` names the leaves, where one is no number.
    """
    kinds = set(map(type, leaves))
    kinds.discard(float)
    others = [kind for kind in kinds if not issubclass(kind, Value)]
    if others:
        try:
            leaves = as_numbers(leaves)
        except (ArgumentError, ArgumentTypeError):
            leaves = list(map(_number, leaves, paths()))
    return leaves, len(kinds) > len(others)


def _number(leaf: Any, path: str) -> Any:
    return leaf if isinstance(leaf, Value) else to_number(leaf, path)
