"""Calls that need no more than entries: each path has one, and so has a function called as it is.

The path that was taken last is run; where it is left, the one below that answer.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ...tree import Key
from ..entries.entries import Entered, Entries, due_after, enter, is_due
from ..entries.written import Builtin, Entry
from ..missed import Missed
from ..trace.asked import Asked
from .by_classes import ByClasses
from .direct import direct
from .eager import Eager
from .patience import Patience
from .tree import Path, Tree

__all__ = ["EnteredPaths"]


class EnteredPaths:
    """Makes the entries of a function with paths, for calls of one structure that come again."""

    def __init__(
        self,
        tree: Tree,
        patience: Patience,
        eager: Eager,
        function: Callable[..., Any],
        key: Key,
        calls: ByClasses,
    ) -> None:
        self._tree = tree
        self._patience = patience
        self._eager = eager
        self._function = function
        self._key = key
        self._calls = calls
        self._entry: Entry | None = None
        self._version = -1  # how much was asked when it was made
        self._asked = 0
        self._due = 1

    def meet(
        self, guarded: Entered, entries: Entries, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        """Note a call that no entry took; make one if it is time, and call it.

        NotImplemented if it is not, or there is none that takes this call.
        """
        if self._patience.is_over:
            return self._directly(guarded, entries, args, kwargs)
        path = self._tree.latest
        if path is None:
            return NotImplemented
        if self._version != self._calls.asked.version:
            self._renew(guarded, entries, len(args))
        if path.entered is path.plan.runner:  # the call goes on below, or others are in its place
            if self._entry is None or entries.has(guarded):
                return NotImplemented
            entries.add(guarded, self._entry)
            return self._entry.call(args, kwargs)
        if not is_due(path.plan):
            return NotImplemented
        result = enter(path.plan, self._key, args, kwargs, 0, path.enter)
        if result is NotImplemented or type(result) is Missed:
            return NotImplemented
        self._tree.take(path)
        return result

    def _renew(self, guarded: Entered, entries: Entries, positional: int) -> None:
        """Make the entry of all paths for calls of those classes that are told apart now."""
        old, self._version = self._entry, self._calls.asked.version
        fits = self._calls.fitting(self._key, positional)
        self._entry = None if fits is None else _entry_of(self._tree, self._calls.asked, fits)
        if old is not None and self._entry is not None and entries.has(guarded):
            entries.add(guarded, self._entry, old)

    def _directly(
        self, guarded: Entered, entries: Entries, args: tuple[Any, ...], kwargs: dict[str, Any]
    ) -> Any:
        self._asked += 1
        if self._asked < self._due or not self._eager.takes_floats:
            return NotImplemented
        self._due = due_after(self._due)
        entry = direct(self._function, self._eager, self._key, len(args), self._is_coded())
        result = NotImplemented if entry is None else entry.call(args, kwargs)
        if entry is not None and result is not NotImplemented:
            entries.add(guarded, entry, self._entry)
        return result

    def _is_coded(self) -> bool:
        """Tell whether there is machine code of any path."""
        return any(path.plan.runner.backend.name == "machine" for path in self._tree.paths)


def _entry_of(tree: Tree, asked: Asked, fits: Callable[..., bool]) -> Entry:
    """Make the entry of all paths, for calls that fit as long as no more is asked.

    NotImplemented is for the general way: where no path is known, or none that has an entry.
    """
    root, version = tree.root, asked.version

    def call(args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        if asked.version != version or (version and not fits(*args, *kwargs.values())):
            return NotImplemented
        path: Any = root.latest
        builtin = path.builtin
        result = path.call(args, kwargs) if kwargs or builtin is None else builtin(*args)
        if type(result) is Missed:
            return _elsewhere(tree, path, result, args, kwargs)
        if result is not NotImplemented:
            path.taken += 1
        return result

    def joined(others: Builtin) -> Builtin:
        def quick(*args: Any, **kwargs: Any) -> Any:
            if asked.version != version or (version and not fits(*args, *kwargs.values())):
                return others(*args, **kwargs)
            path: Any = root.latest
            builtin = path.builtin
            result = path.call(args, kwargs) if kwargs or builtin is None else builtin(*args)
            if type(result) is Missed:
                result = _elsewhere(tree, path, result, args, kwargs)
            elif result is not NotImplemented:
                path.taken += 1
            return others(*args, **kwargs) if result is NotImplemented else result

        return quick

    return Entry(call, joined=joined)


def _elsewhere(
    tree: Tree, path: Path, missed: Missed, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Any:
    """Go on where a path was left, until one is taken."""
    tried = [path]
    while True:
        branch = path.branches[missed.place]
        below = branch.below.get(missed.answer)
        if below is None or below.latest is None or below.latest in tried:
            return NotImplemented
        if branch.denied and tree.is_for_eager(path, missed.place, missed.answer):
            return NotImplemented
        path = below.latest
        builtin = None if kwargs else path.builtin
        result = path.call(args, kwargs) if builtin is None else builtin(*args)
        if type(result) is not Missed:
            if result is not NotImplemented:
                tree.take(path)
            return result
        missed = result
        tried.append(path)
