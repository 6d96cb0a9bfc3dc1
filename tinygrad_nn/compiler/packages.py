"""Programs that run on arrays, pickled with what they were made for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import StateError
from .backends.auto import AUTO
from .backends.backend import Backend
from .backends.choice import resumed
from .batched import Batched
from .carried import NOTHING, Carried, Origin, packed, unpacked
from .watch.replay import Root
from .watch.watch import Watch

__all__ = ["Recorded", "arrived", "package_of", "received", "sent"]

Recorded = tuple[Batched, Watch]  # a program, and what it depends on


def package_of(recorded: Recorded, roots: Sequence[Root], about: Any) -> bytes | None:
    """Pickle a program, with what it was made for; None if it cannot go along."""
    batched, watch = recorded
    origin = Origin.of(watch, roots, ())
    known = batched.program.proved, batched.program.sizes.alone()
    own = about, batched.results, batched.standing, known
    carried = Carried.of(batched.data, origin, own)
    return None if carried is None else packed(carried)


def arrived(
    package: bytes | None, roots: Sequence[Root], about: Any, backend: Backend = AUTO
) -> Recorded | None:
    """Find what was pickled, if it is for the same and holds here.

    A backend runs it; AUTO is the one that did, where it is installed.
    """
    carried = None if package is None else unpacked(package)
    if carried is None or carried.about[0] != about:
        return None
    found = carried.origin.found(roots)
    if found is None:
        return None
    _, results, standing, (proved, sizes) = carried.about
    runs = resumed(*standing) if backend is AUTO else backend
    return Batched.of(carried.program, results, proved, sizes.alone, runs), found[0]


def sent(batched: Batched) -> bytes | None:
    """Pickle a program for a process that is given its numbers; None if it cannot go along."""
    carried = Carried.of(batched.data, NOTHING, batched.results)
    return None if carried is None else packed(carried)


def received(content: bytes, backend: Backend) -> Batched:
    """Make what was sent run here."""
    carried = unpacked(content)
    if carried is None:
        raise StateError(
            "a program was sent by another version of tinygrad_nn than this worker has: install the "
            "same everywhere"
        )
    return Batched.of(carried.program, carried.about, backend=backend)
