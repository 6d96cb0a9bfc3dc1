"""Programs that go along with what is pickled, and whether they hold where they arrive."""

from __future__ import annotations

import pickle
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from ..errors import ArgumentError
from ..scalar.value import Value
from .file import VERSION
from .program.program import Program
from .program.store import Numbers, Plain, plain, restored
from .watch.digest import digest_of
from .watch.replay import Replay, Root
from .watch.watch import Watch

__all__ = ["NOTHING", "Carried", "Origin", "made_by", "packed", "unpacked"]


@cache
def made_by() -> tuple[str, int]:
    """Name what makes programs: those of another package are left where they are."""
    try:
        return version("tinygrad-nn"), VERSION
    except PackageNotFoundError:  # the sources as they are
        return "", VERSION


@dataclass(frozen=True, slots=True)
class Origin:
    """What was watched, so that it can be looked at again: code that ran, and what it led to."""

    digests: frozenset[bytes]
    likeness: bytes
    captured: tuple[int, ...]  # places among the Values that are met

    @classmethod
    def of(cls, watch: Watch, roots: Sequence[Root], captured: Sequence[Value]) -> Origin | None:
        """Describe what is watched; None where it has changed, or cannot be described."""
        if not watch.same():
            return None
        digests = frozenset(map(digest_of, watch.codes))
        replay = Replay(roots, digests)
        places = {id(value): place for place, value in enumerate(replay.values)}
        met = all(id(value) in places for value in captured)
        if replay.likeness is None or not met or not replay.covers(watch, captured):
            return None
        found = tuple([places[id(value)] for value in captured])
        return cls(digests, replay.likeness, found)

    def found(self, roots: Iterable[Root]) -> tuple[Watch, tuple[Value, ...]] | None:
        """Find the like of it again, with the Values that are captured; None if it is not there."""
        replay = Replay(roots, self.digests)
        if replay.likeness != self.likeness:
            return None
        captured = tuple([replay.values[place] for place in self.captured])
        return replay.watch(captured), captured


NOTHING = Origin(frozenset(), b"", ())  # nothing was watched


@dataclass(frozen=True, slots=True)
class Carried:
    """A program as plain data, with what must hold of the process that it comes to.

    `about` is what else its owner knows of it.
    """

    head: Plain
    numbers: list[Numbers]
    origin: Origin
    about: Any

    @classmethod
    def of(cls, program: Program, origin: Origin | None, about: Any) -> Carried | None:
        """Take a program along; None if it cannot be."""
        numbers: list[Numbers] = []
        if origin is None:
            return None
        try:
            return cls(plain(program, numbers, Program), numbers, origin, about)
        except ArgumentError:  # an operation of the user's own
            return None

    @property
    def program(self) -> Program:
        """The program."""
        return restored(self.head, self.numbers)


def packed(thing: Any) -> bytes | None:
    """Pickle what goes along; None where it cannot be, as with classes that have no name."""
    try:
        return pickle.dumps((made_by(), thing))
    except Exception:
        return None


def unpacked(content: bytes) -> Any:
    """Read what was packed; None where it was made by another package, or cannot be read."""
    try:
        made, thing = pickle.loads(content)
    except Exception:
        return None
    return thing if made == made_by() else None
