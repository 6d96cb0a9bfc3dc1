"""Code that looks at what kind of thing a number is: ``(x > 0) is True``, ``type(x)``.

Python asks nothing there, and a symbol is no bool, so that another way would be taken in silence.
Where it does so is read from the code; what is seen only there is whether a name may be a symbol.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from inspect import getattr_static
from types import CodeType, FrameType
from typing import Any
from weakref import WeakKeyDictionary

from ...scalar.user_line import Place
from .symbol import Symbol

__all__ = ["looks_at_kinds", "place_of_kind"]

_CALLS = ("PRECALL", "CALL")
_CONSTANT = ("LOAD_CONST", "CONTAINS_OP", "IS_OP", "UNARY_NOT")  # none of them gives a symbol
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_NAMED = ("LOAD_GLOBAL", "LOAD_NAME")


@dataclass(frozen=True, slots=True)
class _Looks:
    """The names whose kind is looked at, with attributes, each with its line, and the line where any may be."""

    names: tuple[tuple[tuple[str, ...], int], ...]
    always: int | None


_known: WeakKeyDictionary[CodeType, _Looks] = WeakKeyDictionary()


def looks_at_kinds(code: CodeType) -> bool:
    """Tell whether code does so anywhere."""
    looks = _looks(code)
    return bool(looks.names) or looks.always is not None


def place_of_kind(frame: FrameType) -> Place | None:
    """Give the line where code that begins to run may look at the kind of a symbol, if it does."""
    looks = _looks(frame.f_code)
    line = looks.always
    if line is None and looks.names:
        known = frame.f_locals
        line = next((at for path, at in looks.names if _is_symbol(known, path)), None)
    return None if line is None else (frame.f_code.co_filename, line)


def _is_symbol(known: Mapping[str, Any], path: Sequence[str]) -> bool:
    """Tell whether a name leads to a symbol."""
    name, *attributes = path
    thing = known.get(name)
    for attribute in attributes:
        thing = getattr_static(thing, attribute, None)
    return isinstance(thing, Symbol)


def _looks(code: CodeType) -> _Looks:
    found = _known.get(code)
    if found is None:
        found = _known[code] = _read(code)
    return found


def _read(code: CodeType) -> _Looks:
    names: list[tuple[tuple[str, ...], int]] = []
    steps = list(dis.get_instructions(code))
    for place in _looked_at(steps):
        step = steps[place]
        if step.opname in _CONSTANT:
            continue
        line = next(
            (one.starts_line for one in steps[place::-1] if one.starts_line), code.co_firstlineno
        )
        path = _path(steps, place)
        if path is None:
            return _Looks((), line)
        if path:
            names.append((path, line))
    return _Looks(tuple(names), None)


def _looked_at(steps: Sequence[dis.Instruction]) -> Iterator[int]:
    """Yield the places of the steps that give what is looked at."""
    for place, step in enumerate(steps):
        if step.opname == "IS_OP":
            if _is_bool(steps[place - 1]):
                yield place - 2
            elif _is_bool(steps[place - 2]) or steps[place - 1].opname == "COMPARE_OP":
                yield place - 1
        elif step.opname in _NAMED and step.argval == "type":
            if "NULL" in step.argrepr or step.opname == "LOAD_NAME":
                end = next(n for n in range(place + 1, len(steps)) if steps[n].opname in _CALLS)
                if end > place + 1:
                    yield end - 1
            elif steps[place + 1].opname not in _CALLS:  # it is no class of an `isinstance`
                yield place


def _is_bool(step: dis.Instruction) -> bool:
    return step.opname == "LOAD_CONST" and isinstance(step.argval, bool)


def _path(steps: Sequence[dis.Instruction], place: int) -> tuple[str, ...] | None:
    """Give the name that steps load, and its attributes; empty if it is global, None if it is computed."""
    attributes: list[str] = []
    while steps[place].opname in _ATTRIBUTE:
        attributes.insert(0, steps[place].argval)
        place -= 1
    step = steps[place]
    if step.opname in _NAMED and step.argval != "type":
        return ()
    simple = step.opname.startswith("LOAD_FAST") or step.opname == "LOAD_DEREF"
    if not simple or not isinstance(step.argval, str) or _is_computed(steps, step.argval):
        return None
    if any(one.opname == "STORE_ATTR" and one.argval in attributes for one in steps):
        return None
    return (step.argval, *attributes)


def _is_computed(steps: Sequence[dis.Instruction], name: str) -> bool:
    """Tell whether a name of the code's own is given anything but constants."""
    return any(
        one.opname in ("STORE_FAST", "STORE_DEREF")
        and one.argval == name
        and steps[place - 1].opname not in _CONSTANT
        for place, one in enumerate(steps)
    )
