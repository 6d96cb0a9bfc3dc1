"""What a function's code reads from outside: names, attributes, modules."""

from __future__ import annotations

import dis
from collections.abc import Sequence
from dataclasses import dataclass
from types import CodeType
from weakref import WeakKeyDictionary

__all__ = ["Reads", "reads_of"]

_ADDING = frozenset({"add", "append", "appendleft", "extend", "insert", "update"})
_OF_FIELDS = "asdict", "astuple", "dir", "fields", "getmembers"
_OF_ANY_NAME = frozenset(
    {"__getattribute__", "attrgetter", "getattr", "hasattr", "vars", *_OF_FIELDS}
)
_OF_GLOBALS = frozenset({"eval", "exec", "globals", "locals", "vars"})
_ASKING = frozenset({"getattr", "hasattr"})
_TRYING = frozenset({"AttributeError", "BaseException", "Exception"})
_ATTRIBUTE = frozenset({"IMPORT_FROM", "LOAD_ATTR", "LOAD_METHOD", "LOAD_SUPER_ATTR"})
_KINDS = {
    **dict.fromkeys(("LOAD_GLOBAL", "LOAD_NAME", "LOAD_FROM_DICT_OR_GLOBALS"), "global"),
    **dict.fromkeys(("LOAD_DEREF", "LOAD_CLASSDEREF", "LOAD_FROM_DICT_OR_DEREF"), "free"),
    **dict.fromkeys(_ATTRIBUTE, "attribute"),
}
_CONSTANT = frozenset({"LOAD_CONST", "LOAD_SMALL_INT"})


@dataclass(frozen=True, slots=True)
class Reads:
    """The names that code reads as globals, from closures and as attributes, and modules it imports.

    A name that is only added to, as in ``calls += 1`` and ``seen.append(x)``, is not read, but
    it is with all that is written among those that are `touched`.
    """

    globals: frozenset[str]
    frees: frozenset[str]
    attributes: frozenset[str]
    modules: frozenset[str]
    written: frozenset[str]  # attributes
    asked: frozenset[str]  # attributes that things need not have
    unknown: bool  # whether attributes are read by position, as in a pattern of a class
    adds: bool  # whether anything is touched that is not read

    @property
    def any_attribute(self) -> bool:
        """Whether it may read attributes by names that it computes."""
        read = self.globals | self.attributes
        by_name = not _OF_ANY_NAME.isdisjoint(read) or "__dict__" in self.attributes
        return by_name or self.unknown


_known: tuple[WeakKeyDictionary[CodeType, Reads], ...] = WeakKeyDictionary(), WeakKeyDictionary()


def reads_of(code: CodeType, touched: bool = False) -> Reads:
    """List what code reads, or touches; the functions inside of it count for its closure."""
    known = _known[touched]
    found = known.get(code)
    if found is None:
        found = known[code] = _read(code, touched)
    return found


def _read(code: CodeType, touched: bool) -> Reads:
    names: dict[str, set[str]] = {kind: set() for kind in ("global", "free", "attribute")}
    modules, written = set(), set()
    unknown = adds = False
    steps = list(dis.get_instructions(code))
    for place, step in enumerate(steps):
        kind = _KINDS.get(step.opname)
        if kind is not None:
            only_adds = not touched and _only_adds(steps, place)
            adds = adds or only_adds
            if not only_adds:
                names[kind].add(step.argval)
        elif step.opname == "IMPORT_NAME":
            modules.add(step.argval)
        elif step.opname == "STORE_ATTR":
            written.add(step.argval)
            adds = True
            if touched:
                names["attribute"].add(step.argval)
        elif step.opname == "MATCH_CLASS":
            names["attribute"] |= set(steps[place - 1].argval)
            unknown = unknown or bool(step.arg)
    texts = [text for text in code.co_consts if isinstance(text, str)]
    words = {part for text in texts for part in text.split(".") if part.isidentifier()}
    if not _OF_ANY_NAME.isdisjoint(names["global"] | names["attribute"]):  # getattr(thing, "name")
        names["attribute"] |= words
    asked = words if not _ASKING.isdisjoint(names["global"]) else set()
    if code.co_exceptiontable and not _TRYING.isdisjoint(names["global"]):
        asked = asked | names["attribute"]
    if not _OF_GLOBALS.isdisjoint(names["global"]):  # globals()["name"]
        names["global"] |= words
    free = frozenset(code.co_freevars)
    for inner in code.co_consts:
        if isinstance(inner, CodeType):
            names["free"] |= reads_of(inner, touched).frees
    return Reads(
        frozenset(names["global"]),
        frozenset(names["free"]) & free,
        frozenset(names["attribute"]),
        frozenset(modules),
        frozenset(written),
        frozenset(asked),
        unknown,
        adds,
    )


def _only_adds(steps: Sequence[dis.Instruction], place: int) -> bool:
    """Tell whether what is read at a place is only added to, as in ``calls += 1``."""
    after = [(step.opname, step.argval, step.argrepr) for step in steps[place + 1 : place + 5]]
    if after and after[0][0] in _ATTRIBUTE and after[0][1] in _ADDING:
        return True
    if len(after) < 3 or after[0][0] not in _CONSTANT or not after[1][2].endswith("="):
        return False
    stored = after[3] if after[2][0] == "SWAP" and len(after) > 3 else after[2]
    return stored[0].startswith("STORE_") and stored[1] == steps[place].argval
