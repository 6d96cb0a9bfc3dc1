"""Which classes code asks for where it asks: read from the instructions before the one that runs."""

from __future__ import annotations

import dis
from types import CodeType, FrameType, UnionType
from typing import Any
from weakref import WeakKeyDictionary

from ...scalar.user_line import Place

__all__ = ["classes_at", "place_of", "speaks_of"]

BACK = 24  # instructions that are looked at: a tuple of classes has as many at most

_steps: WeakKeyDictionary[CodeType, dict[int, list[dis.Instruction]]] = WeakKeyDictionary()


def place_of(frame: FrameType) -> Place:
    """Give the line that runs."""
    return frame.f_code.co_filename, frame.f_lineno


def classes_at(frame: FrameType) -> tuple[type, ...] | None:
    """Give the classes that a frame asks for; None where that is not told by names.

    They are what is on the stack before a call, and before a pattern of a class.
    """
    known = _steps.setdefault(frame.f_code, {})
    steps = known.get(frame.f_lasti)
    if steps is None:
        before = [one for one in dis.get_instructions(frame.f_code) if one.offset <= frame.f_lasti]
        steps = known[frame.f_lasti] = before[-BACK:]
    if not steps:
        return None
    *before, last = steps
    stack: list[Any] = []
    for step in before:
        _follow(step, frame, stack)
    if last.opname == "MATCH_CLASS":
        stack = stack[-2:-1]  # before the names of attributes
    elif not last.opname.startswith("CALL"):
        return None
    return _classes(stack[-1]) if stack else None


def _follow(step: dis.Instruction, frame: FrameType, stack: list[Any]) -> None:
    """Do what an instruction does to the stack, if it may name a class; else forget all."""
    name, argument = step.opname, step.argval
    if name in ("LOAD_GLOBAL", "LOAD_NAME"):
        stack.append(frame.f_globals.get(argument, frame.f_builtins.get(argument)))
    elif name in ("LOAD_FAST", "LOAD_FAST_CHECK", "LOAD_DEREF", "LOAD_CLOSURE"):
        stack.append(frame.f_locals.get(argument))
    elif name == "LOAD_CONST":
        stack.append(argument)
    elif name == "LOAD_ATTR" and stack:
        stack[-1] = getattr(stack[-1], argument, None) if _has_names(stack[-1]) else None
    elif name == "BUILD_TUPLE" and len(stack) >= argument:
        parts = tuple(stack[len(stack) - argument :])
        del stack[len(stack) - argument :]
        stack.append(parts)
    elif name == "BINARY_OP" and step.argrepr == "|" and len(stack) > 1:
        other = stack.pop()
        stack[-1] = (stack[-1], other)
    elif name not in ("PRECALL", "CACHE", "NOP", "PUSH_NULL"):
        stack.clear()


def _has_names(thing: Any) -> bool:
    return isinstance(thing, type) or type(thing) is type(dis)


def _classes(thing: Any) -> tuple[type, ...] | None:
    if isinstance(thing, type):
        return (thing,)
    if isinstance(thing, UnionType):
        thing = thing.__args__
    if not isinstance(thing, tuple):
        return None
    found: list[type] = []
    for part in thing:
        own = _classes(part)
        if own is None:
            return None
        found += own
    return tuple(found)


def speaks_of(code: CodeType, space: dict[str, Any], kind: type) -> bool:
    """Tell whether code asks for a class that is not one of plain numbers, by its name."""
    found = [space.get(name) for name in code.co_names]
    found += [vars(one).get(kind.__name__) for one in found if type(one) is type(dis)]
    if not any(
        type(one) is type(kind) and issubclass(kind, one) and one is not object for one in found
    ):
        return False
    steps = dis.get_instructions(code)
    return "isinstance" in code.co_names or any(one.opname == "MATCH_CLASS" for one in steps)
