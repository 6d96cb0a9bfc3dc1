"""Recording a function while what it takes from outside is watched."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any

from .trace.recorder import Argument, Recorder
from .trace.tracing import Asking, Numbers, record
from .watch.observer import Observer
from .watch.settled import settled

__all__ = ["observed"]


def observed(
    name: str,
    roots: Iterable[tuple[str, Any]],
    arguments: Sequence[Argument],
    call: Callable[[list[Any], Observer], Any],
    *,
    debug: bool = False,
    share: bool = False,
    numbers: Numbers | None = None,
    may_draw: bool = True,
    asking: Asking | None = None,
) -> tuple[Recorder, Observer]:
    """Record as `record` does, until nothing that is read changes any more; see `settled`.

    `roots` are where the function comes from, with the names that they have in errors.
    """

    def recorded(observer: Observer) -> Recorder:
        def watched(nested: list[Any]) -> Any:
            with observer:
                return call(nested, observer)

        return record(name, arguments, watched, debug, share, numbers, asking)

    return settled(name, roots, recorded, _are_same, may_draw)


def _are_same(one: Recorder, other: Recorder) -> bool:
    """Tell whether two recordings of a function compute the same."""
    a, b = one.tape, other.tape
    return (
        one.entries == other.entries
        and one.nesting.key == other.nesting.key
        and list(map(id, one.captured)) == list(map(id, other.captured))
        and a.rows == b.rows
        and (a.args.first, a.args.second, a.args.rest) == (b.args.first, b.args.second, b.args.rest)
        and list(a.number) == list(b.number)
        and list(map(float.hex, a.number.values())) == list(map(float.hex, b.number.values()))
    )
