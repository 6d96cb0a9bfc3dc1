"""Calls whose numbers are of other classes than those that were recorded, where a function asks that."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Sequence
from typing import Any

from ...tree import Key
from ..entries.source import Source
from ..entries.takes import is_static
from ..trace.asked import Asked, Kinds, Leaves, kinds_of
from ..trace.recorder import Argument

__all__ = ["ByClasses"]

MOST_CLASSES = 16  # of calls, each with programs of its own


class ByClasses:
    """Finds what is recorded for a call by what its numbers answer to the questions `asked` of them.

    `kinds` are those of the call that was recorded, if it asked; `record` does so for another one.
    """

    def __init__(
        self,
        asked: Asked,
        arguments: Sequence[Argument],
        kinds: Sequence[Kinds] | None,
        record: Callable[[list[list[Any]]], Any],
    ) -> None:
        self.asked = asked
        self.kinds = kinds
        self.others: tuple[Any, ...] = ()
        self._arguments = arguments
        self._record = record
        self._noted = asked.version  # at the latest recording
        self._known: tuple[int, dict[Hashable, Any]] = -1, {}  # for so many questions

    def note(self, leaves: Leaves) -> None:
        """Note for a call that was recorded what its numbers are, if it asked what no other one did."""
        if self.asked.version != self._noted:
            self._noted = self.asked.version
            self.kinds = list(map(kinds_of, self._arguments, leaves))

    def of(self, own: Any, leaves: list[list[Any]], only_known: bool = False) -> Any:
        """Give what is recorded for a call, which is `own`, or another that is recorded if need be.

        None where these are too many.
        """
        asked = self.asked
        if not asked.version:
            return own
        version, known = self._known
        if version != asked.version:  # what was the same may differ now
            known = {asked.signature(one.calls.kinds): one for one in (*self.others, own)}
            self._known = asked.version, known
        found = known.get(asked.signature_of(self._arguments, leaves))
        if found is own or only_known:
            return found
        if found is None or (found.is_watched and not found.watch.holds()):
            others = tuple([one for one in self.others if one is not found])
            if len(others) >= MOST_CLASSES:
                return None
            found = self._record(leaves)
            self.others = (*others, found)
            self._known = -1, {}
        return found

    def fitting(self, key: Key, positional: int) -> Callable[..., bool] | None:
        """Make what tells whether a call is one of those that are recorded; None if there is none."""
        if not self.asked.version or self.kinds is None:
            return _always
        keys = [*key[:positional], *[own for _, own in key[positional:]]]
        numbers = [own for own in keys if not is_static(own)]
        kinds = iter(self.kinds)
        of_places = iter(range(len(numbers)))
        source = Source()
        names = [source.variable() for _ in keys]
        terms = []
        for own, name in zip(keys, names, strict=True):
            if not is_static(own):
                kind = next(kinds)
                if self.asked.tells(next(of_places)):
                    terms.append(_term(source, own, name, kind))
        if None in terms:
            return None
        with source.block(f"def fits({', '.join([*names, '*others'])}):"):
            source.line(f"return {' and '.join(map(str, terms)) or True}")
        return source.function("fits")


def _always(*_: Any) -> bool:
    return True


def _term(source: Source, key: Key, name: str, kinds: Kinds) -> str | None:
    """Write whether an argument is of integers, or floats, only; None if that is no short question."""
    if key != 0 and not isinstance(key[1], int):
        return None
    if not kinds:
        return "True"
    if len(kinds) > 1 or kinds[0] not in (float, int):
        return None
    kind = source.bind(kinds[0])
    return f"type({name}) is {kind}" if key == 0 else f"set(map(type, {name})) == {{{kind}}}"
