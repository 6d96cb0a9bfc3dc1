"""Recording a function until it changes nothing that it reads any more."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from ...errors import TraceError
from .observer import Observer

__all__ = ["settled"]

T = TypeVar("T")

ATTEMPTS = 4  # where other threads may draw from the generators that all have in common


def settled(
    name: str,
    roots: Iterable[tuple[str, Any]],
    record: Callable[[Observer], T],
    same: Callable[[T, T], bool],
    may_draw: bool = True,
) -> tuple[T, Observer]:
    """Record inside an observer, and again if the function changed what it reads.

    A table that is filled at the first call, or what is only kept for others to see, makes no
    difference then. A function that is still another one, or draws random numbers (with
    `may_draw`: again), is refused, and everything made what it was.
    """
    roots = tuple(roots)
    first, found = (_recorded if may_draw else _undisturbed)(name, roots, record)
    if not first.changed:
        return found, first
    drawn, changes = first.drawn(), first.changes()
    if may_draw or not drawn:
        try:
            second, again = _undisturbed(name, roots, record)
        except TraceError:  # it uses a symbol that it kept
            pass
        else:
            drawn, changes = second.drawn(), second.changes() or changes
            if not drawn and not second.changes() and same(found, again):
                second.renew()
                return again, second
    first.restore()
    raise _refusal(name, drawn, changes)


def _undisturbed(
    name: str, roots: tuple[tuple[str, Any], ...], record: Callable[[Observer], T]
) -> tuple[Observer, T]:
    """Record, and again if another thread may have drawn random numbers meanwhile.

    A function that draws does so each time; the first observer knows what there was before.
    """
    kept = _recorded(name, roots, record)
    for _ in range(ATTEMPTS - 1 if threading.active_count() > 1 else 0):
        if not kept[0].drawn():
            break
        again = _recorded(name, roots, record)
        if not again[0].drawn():
            return again
    return kept


def _recorded(
    name: str, roots: tuple[tuple[str, Any], ...], record: Callable[[Observer], T]
) -> tuple[Observer, T]:
    observer = Observer(roots)
    try:
        found = record(observer)
        observer.check(name)
    except BaseException:
        observer.restore()
        raise
    return observer, found


def _refusal(name: str, drawn: list[str], changes: list[str]) -> TraceError:
    if drawn:
        return TraceError(
            f"{name} draws random numbers ({', '.join(drawn)}): a program repeats what was "
            "recorded, the same numbers at every call; draw outside of it, and hand the noise "
            "over as an argument"
        )
    return TraceError(
        f"{name} changes {', '.join(changes)}, which it reads: a program repeats what was recorded "
        "with the numbers of one call; hand it over as an argument, and return what it becomes"
    )
