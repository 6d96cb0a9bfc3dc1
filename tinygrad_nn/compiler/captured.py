"""Names for the Values that a function takes from elsewhere."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator, Sequence
from types import CellType, CodeType, FunctionType, MethodType, ModuleType
from typing import Any

from ..scalar.value import Value
from ..tree import is_array

__all__ = ["names_of"]

MOST = 100_000  # things that are looked at


def names_of(values: Sequence[Value], roots: Sequence[tuple[str, Any]]) -> list[str]:
    """Name Values by their labels, or by the way to them from a function and what it is given."""
    unnamed = {id(value) for value in values if not value.label}
    ways = _ways(unnamed, roots) if unnamed else {}
    found: list[str] = []
    for place, value in enumerate(values):
        name = value.label or ways.get(id(value), f"captured[{place}]")
        found.append(name if name not in found else f"{name} ({place})")
    return found


def _ways(wanted: set[int], roots: Sequence[tuple[str, Any]]) -> dict[int, str]:
    """Find the shortest ways to some things."""
    found: dict[int, str] = {}
    met: dict[int, Any] = {}  # alive, so that an id stays its own
    waiting = deque((thing, "") for _, thing in roots)
    while waiting and len(met) < MOST and len(found) < len(wanted):
        thing, way = waiting.popleft()
        if id(thing) in met:
            continue
        met[id(thing)] = thing
        if isinstance(thing, Value):
            if id(thing) in wanted:
                found[id(thing)] = way
            continue
        waiting.extend(_parts(thing, way))
    return found


def _parts(thing: Any, way: str) -> Iterator[tuple[Any, str]]:
    """List what a thing leads to, and what Python calls it from where the function stands."""
    if isinstance(thing, FunctionType):
        for name, cell in zip(thing.__code__.co_freevars, thing.__closure__ or (), strict=True):
            yield _content(cell), name
        for name in _globals_of(thing.__code__):
            if name in thing.__globals__:
                yield thing.__globals__[name], name
        yield getattr(thing, "__wrapped__", None), way
    elif isinstance(thing, MethodType):
        yield thing.__self__, "self"
        yield thing.__func__, way
    elif isinstance(thing, dict):
        for name, part in thing.items():
            yield part, f"{way}[{name!r}]"
    elif isinstance(thing, list | tuple) or (is_array(thing) and thing.dtype == object):
        for place, part in enumerate(thing):
            yield part, f"{way}[{place}]"
    elif not isinstance(thing, type | ModuleType) and isinstance(
        getattr(thing, "__dict__", None), dict
    ):
        for name, part in vars(thing).items():
            yield part, f"{way}.{name}" if way else name


def _globals_of(code: CodeType) -> Iterator[str]:
    yield from code.co_names
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            yield from _globals_of(inner)


def _content(cell: CellType) -> Any:
    try:
        return cell.cell_contents
    except ValueError:  # it is empty
        return None
