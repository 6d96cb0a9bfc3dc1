"""Which classes code asks for where it asks: read from the instructions before the one that runs."""

from __future__ import annotations

import dis
from types import CodeType, FrameType, UnionType
from typing import Any
from weakref import WeakKeyDictionary

from ...scalar.graph import Node
from ...scalar.user_line import Place

__all__ = ["calls_ours", "classes_at", "place_of", "runs_ours", "speaks_of"]

BACK = 24  # instructions that are looked at: a tuple of classes has as many at most

_PACKAGE = __name__.partition(".")[0]
_OPERATIONS = ("BINARY_OP", "BINARY_SUBSCR", "COMPARE_OP", "UNARY_")

_waiting: WeakKeyDictionary[CodeType, dict[int, tuple[str, tuple[str, ...]]]] = WeakKeyDictionary()
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


def runs_ours(frame: FrameType) -> bool:
    """Tell whether a frame of the user's waits for compiled code of ours, which has no frame.

    That is so in arithmetic and comparisons, and in a call of what is ours.
    """
    return _awaited(frame)[0].startswith(_OPERATIONS) or calls_ours(frame)


def calls_ours(frame: FrameType) -> bool:
    """Tell whether a frame of the user's has called what is ours."""
    names = _awaited(frame)[1]
    if not names:
        return False
    first, *rest = names
    thing = frame.f_locals.get(first, frame.f_globals.get(first, frame.f_builtins.get(first)))
    for name in rest:
        if issubclass(type(thing), Node):
            return True
        thing = getattr(thing, name, None) if _has_names(thing) else None
    return _is_ours(thing)


def _awaited(frame: FrameType) -> tuple[str, tuple[str, ...]]:
    known = _waiting.setdefault(frame.f_code, {})
    found = known.get(frame.f_lasti)
    if found is None:
        found = known[frame.f_lasti] = _running(frame.f_code, frame.f_lasti)
    return found


def _is_ours(thing: Any) -> bool:
    return str(getattr(thing, "__module__", "")).partition(".")[0] == _PACKAGE


def _running(code: CodeType, place: int) -> tuple[str, tuple[str, ...]]:
    """Name the instruction that runs; of a call also what it calls, nothing where that is not told."""
    steps = [one for one in dis.get_instructions(code) if one.offset <= place]
    steps = [one for one in steps if one.opname not in ("CACHE", "RESUME")]
    if not steps or steps[-1].opname != "CALL":
        return (steps[-1].opname if steps else ""), ()
    if (
        len(steps) > 1 and steps[-2].opname == "PRECALL"
    ):  # of Python 3.11, which takes off arguments
        del steps[-2]
    missing = (steps[-1].arg or 0) + 2  # its arguments, itself, and NULL or what it is a method of
    begin = len(steps) - 1
    while missing > 0 and begin > 0:
        begin -= 1
        one = steps[begin]
        if one.opcode in dis.hasjrel or one.opcode in dis.hasjabs:
            return "CALL", ()
        missing -= dis.stack_effect(one.opcode, one.arg)
    own = [one for one in steps[begin:-1] if one.opname != "PUSH_NULL"]
    if (
        missing
        or not own
        or not own[0].opname.startswith(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FAST", "LOAD_DEREF"))
    ):
        return "CALL", ()
    names = [own[0].argval]
    for one in own[1:]:
        if one.opname not in ("LOAD_ATTR", "LOAD_METHOD"):
            break
        names.append(one.argval)
    return "CALL", tuple(names)


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
