"""Taking back what a function has only added to, without looking at functions that add nothing."""

from __future__ import annotations

from collections.abc import Iterable
from types import FrameType
from typing import Any

from .observer import Observer, Ran, innermost
from .ours import is_users_code
from .reads import reads_of

__all__ = ["LateObserver"]


class LateObserver(Observer):
    """A passive observer of what is touched, from when code begins that adds to anything.

    Until then nothing is changed but what is read, and that is known to the observer inside, which
    runs first, and so is told last to restore it. Most functions add to nothing.
    """

    def __init__(self, roots: Iterable[tuple[str, Any]]) -> None:
        super().__init__(touched=True, passive=True, shared=False)
        self._later = tuple(roots)
        self._before: dict[int, Ran] = {}
        self._inside: Observer | None = None

    def _enter(self, frame: FrameType) -> None:
        if self._inside is None:
            if not is_users_code(frame.f_code, frame.f_globals.get("__name__") or ""):
                return
            if not reads_of(frame.f_code).adds:
                self._before[id(frame.f_code)] = frame.f_code, frame.f_globals
                return
            self._begin(frame)
        super()._enter(frame)

    def _begin(self, frame: FrameType) -> None:
        """Look at what all code that ran by now leads to, with the closures of what calls a frame."""
        self._inside = innermost()
        for name, thing in self._later:
            self.look(thing, name)
        outer = frame.f_back
        while outer is not None:
            if self._before.pop(id(outer.f_code), None) is not None:
                super()._enter(outer)
            outer = outer.f_back
        for code, space in self._before.values():
            self._take(code, space)

    def restore(self) -> None:
        """Make everything that was seen what it was before."""
        if self._inside is not None:
            super().restore()
            self._inside.restore()
