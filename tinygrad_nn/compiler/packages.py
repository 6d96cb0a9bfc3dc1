"""Programs that run on arrays, pickled with what they were made for."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .backends.auto import AUTO
from .backends.backend import Backend
from .backends.choice import resumed
from .batched import Batched
from .carried import Carried, Origin, packed, unpacked
from .watch.replay import Root
from .watch.watch import Watch

__all__ = ["Recorded", "arrived", "package_of"]

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
