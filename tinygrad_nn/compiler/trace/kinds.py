"""Code that looks at what kind of thing a number is: ``(x > 0) is True``, ``type(x)``.

Python asks nothing there, and a symbol is no bool, so that another way would be taken in silence.
Where it does so is read from the code; what is seen only there is whether a name may be a symbol.
"""

from __future__ import annotations

import dis
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from types import CodeType, FrameType
from typing import NamedTuple
from weakref import WeakKeyDictionary

from ...scalar.user_line import Place
from .symbol import Symbol

__all__ = ["asks_for_classes", "looks_at_kinds", "place_of_kind"]

_CALLS = ("PRECALL", "CALL")
_CONSTANT = ("LOAD_CONST", "CONTAINS_OP", "IS_OP", "UNARY_NOT")  # none of them gives a symbol
_ATTRIBUTE = ("LOAD_ATTR", "LOAD_METHOD")
_NAMED = ("LOAD_GLOBAL", "LOAD_NAME")
_PARTS = (*_ATTRIBUTE, "LOAD_CONST", "BINARY_SUBSCR")  # steps to what is asked, from a name


class _Asked(NamedTuple):
    """What is asked for its class, and for which; None for what has no name, or may be any."""

    name: str | None
    classes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class _Looks:
    """The names whose kind is looked at, each with its line, and the line where any may be."""

    names: tuple[tuple[str, int], ...]
    always: int | None
    classes: tuple[_Asked, ...]  # by `isinstance`, or by a pattern


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


def asks_for_classes(frame: FrameType, with_integers: bool) -> bool:
    """Tell whether code that begins to run may ask what an integer answers otherwise than a symbol.

    Without integers, what it answers otherwise than a float.
    """
    known = frame.f_locals
    return any(
        (one.name is None or isinstance(known.get(one.name), Symbol))
        and (one.classes is None or _tells(one.classes, frame, with_integers))
        for one in _looks(frame.f_code).classes
    )


def _tells(names: Sequence[str], frame: FrameType, with_integers: bool) -> bool:
    found = [frame.f_globals.get(name, frame.f_builtins.get(name)) for name in names]
    classes = tuple([one for one in found if type(one) is type])
    if len(classes) < len(found):  # it may say so by a method
        return True
    other = issubclass(Symbol, classes) if with_integers else isinstance(0.0, classes)
    return isinstance(0, classes) != other


def _looks(code: CodeType) -> _Looks:
    found = _known.get(code)
    if found is None:
        found = _known[code] = _read(code)
    return found


def _read(code: CodeType) -> _Looks:
    names: list[tuple[str, int]] = []
    steps = list(dis.get_instructions(code))
    classes = tuple(_asked(steps))
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


def _asked(steps: Sequence[dis.Instruction]) -> Iterator[_Asked]:
    """Yield what is asked for its class."""
    for place, step in enumerate(steps):
        if step.opname in _NAMED and step.argval == "isinstance":
            first, rest = steps[place + 1], iter(steps[place + 2 :])
            one = next(rest, steps[-1])
            name = _name(first) if one.opname in _NAMED else None
            while one.opname in _PARTS:
                one = next(rest, steps[-1])
            classes: list[str] = []
            while one.opname in _NAMED or one.opname == "BUILD_TUPLE":
                if one.opname in _NAMED:
                    classes.append(one.argval)
                one = next(rest, steps[-1])
            is_whole = bool(classes) and one.opname in _CALLS and first.opname not in _NAMED
            yield _Asked(_given(steps, name), tuple(classes) if is_whole else None)
        elif step.opname == "MATCH_CLASS":
            kind = steps[place - 2]  # before the names of attributes
            yield _Asked(None, (kind.argval,) if kind.opname in _NAMED else None)


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
