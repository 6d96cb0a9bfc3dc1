"""Batches that need no more than an entry: all their samples take the path of the latest batch."""

from __future__ import annotations

from typing import Any

from ...tree import Key
from ..entries.entries import Entered, Entries
from ..entries.written import Entry
from ..missed import Missed
from .samples import Samples
from .tree import Path

__all__ = ["EnteredBatches"]


class EnteredBatches:
    """Makes entries of the path that all samples took, each for one number of them."""

    def __init__(self, samples: Samples, key: Key) -> None:
        self._samples = samples
        self._key = key

    def meet(
        self,
        guarded: Entered,
        entries: Entries,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        leaves: list[list[Any]],
    ) -> Any:
        """Note a batch that no entry took; make one if it is time, and call it.

        NotImplemented if it is not, or its samples take other paths.
        """
        samples = self._samples
        path = samples.sole
        if path is None:
            return NotImplemented
        made: list[Entry] = []

        def keep(entry: Entry, instead: Entry | None) -> None:
            made.append(_entry_of(samples, path, entry))
            entries.add(guarded, made[-1], None if instead is None else made[-2])

        result = entries.meet(path.plan, self._key, args, kwargs, leaves, keep)
        return _taken(samples, path, result)


def _entry_of(samples: Samples, path: Path, entry: Entry) -> Entry:
    """Take batches as long as samples take this path; the first that do not are parted."""
    run, builtin, _ = entry

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if samples.sole is not path:
            return NotImplemented
        result = run(args, kwargs) if kwargs or builtin is None else builtin(*args)
        return _taken(samples, path, result)

    return Entry(call)


def _taken(samples: Samples, path: Path, result: Any) -> Any:
    """Note that a path was taken, or left."""
    if type(result) is Missed:
        samples.left = path
        return NotImplemented
    if result is not NotImplemented:
        path.taken += 1
    return result
