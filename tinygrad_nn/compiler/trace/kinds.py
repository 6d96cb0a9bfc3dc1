"""Code that looks at what kind of thing a number is: ``(x > 0) is True``, ``type(x)``.

Python asks nothing there, and a symbol is no bool, so that another way would be taken in silence.
Where it does so is read from the code; what is seen only there is whether a name may be a symbol.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType
from weakref import WeakKeyDictionary

from ...scalar.user_line import Place
from .symbol import Symbol

__all__ = ["asks_for_classes", "looks_at_kinds", "place_of_kind"]

_CALLS = ("PRECALL", "CALL")
_CONSTANT = ("LOAD_CONST", "CONTAINS_OP", "IS_OP", "UNARY_NOT")  # none of them gives a symbol
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_NAMED = ("LOAD_GLOBAL", "LOAD_NAME")


@dataclass(frozen=True, slots=True)
class _Looks:
    """The names whose kind is looked at, each with its line, and the line where any may be."""

    names: tuple[tuple[str, int], ...]
    always: int | None
    classes: tuple[str | None, ...]  # what `isinstance` is asked of; None for what has no name


_known: WeakKeyDictionary[CodeType, _Looks] = WeakKeyDictionary()


def looks_at_kinds(code: CodeType) -> bool:
    """Tell whether code does so anywhere."""
    looks = _looks(code)
    return bool(looks.names or looks.classes) or looks.always is not None


def place_of_kind(frame: FrameType) -> Place | None:
    """Give the line where code that begins to run may look at the kind of a symbol, if it does."""
    looks = _looks(frame.f_code)
    line = looks.always
    if line is None and looks.names:
        known = frame.f_locals
        line = next((at for name, at in looks.names if isinstance(known.get(name), Symbol)), None)
    return None if line is None else (frame.f_code.co_filename, line)


def asks_for_classes(frame: FrameType) -> bool:
    """Tell whether code that begins to run may ask whether a symbol is an integer."""
    classes = _looks(frame.f_code).classes
    if not classes:
        return False
    known = frame.f_locals
    return any(name is None or isinstance(known.get(name), Symbol) for name in classes)


def _looks(code: CodeType) -> _Looks:
    found = _known.get(code)
    if found is None:
        found = _known[code] = _read(code)
    return found


def _read(code: CodeType) -> _Looks:
    names: list[tuple[str, int]] = []
    steps = list(dis.get_instructions(code))
    classes = tuple(
        _given(steps, _name(steps[place + 1]))
        for place, step in enumerate(steps[:-1])
        if step.opname in _NAMED and step.argval == "isinstance"
    )
    for place in _looked_at(steps):
        step = steps[place]
        line = next(
            (one.starts_line for one in steps[place::-1] if one.starts_line), code.co_firstlineno
        )
        name = _name(step)
        if step.opname in _CONSTANT or step.opname in _NAMED:
            continue
        if step.opname in _ATTRIBUTE:
            if not any(one.opname == "STORE_ATTR" and one.argval == name for one in steps):
                continue
        elif name is not None and not _is_computed(steps, name):
            names.append((name, line))
            continue
        return _Looks((), line, classes)
    return _Looks(tuple(names), None, classes)


def _looked_at(steps: Sequence[dis.Instruction]) -> Iterator[int]:
    """Yield the places of the steps that give what is looked at."""
    for place, step in enumerate(steps):
        if step.opname == "IS_OP":
            if _is_bool(steps[place - 1]):
                yield place - 2
            elif _is_bool(steps[place - 2]) or steps[place - 1].opname == "COMPARE_OP":
                yield place - 1
        elif step.opname in _NAMED and step.argval == "type":
            ends = (n for n in range(place + 1, len(steps)) if steps[n].opname in _CALLS)
            end = next(ends, place + 1)
            if end > place + 1:
                yield end - 1
        elif step.opname in _ATTRIBUTE and step.argval == "__class__":
            yield place - 1


def _is_bool(step: dis.Instruction) -> bool:
    return step.opname == "LOAD_CONST" and isinstance(step.argval, bool)


def _name(step: dis.Instruction) -> str | None:
    """Give the name that a step loads."""
    simple = step.opname.startswith("LOAD_FAST") or step.opname in (*_ATTRIBUTE, "LOAD_DEREF")
    return step.argval if simple and isinstance(step.argval, str) else None


def _given(steps: Sequence[dis.Instruction], name: str | None) -> str | None:
    """Give a name that is an argument, and stays it."""
    return None if name is None or _is_computed(steps, name) else name


def _is_computed(steps: Sequence[dis.Instruction], name: str) -> bool:
    """Tell whether a name of the code's own is given anything but constants."""
    return any(
        one.opname in ("STORE_FAST", "STORE_DEREF")
        and one.argval == name
        and steps[place - 1].opname not in _CONSTANT
        for place, one in enumerate(steps)
    )
