"""Whether an error raised here would be seen by an `except` of the user's.

CPython keeps for each code object a table of what handles errors, by the offsets of instructions. A
`finally` does not count, as it goes on raising, nor does a `with` of ours; any other one may suppress
an error.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from types import CodeType, FrameType
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dis import Instruction

__all__ = ["Handlers", "ranges_of"]

Range = tuple[int, int]
MOST_CODES = 1_000  # that are known
_GENERATOR = 0x20 | 0x80 | 0x200  # of its frame, the caller may be another each time
_known: dict[int, tuple[CodeType, tuple[Range, ...]]] = {}


class Handlers:
    """Tells it again and again for one recording, whose frames end at that of some code."""

    def __init__(self, end: CodeType) -> None:
        self._end = end
        self._quiet: FrameType | None = None  # with no handlers in its code, nor at work around it

    def are_there(self) -> bool:
        """Tell whether an error raised by who calls this would be seen."""
        frame: FrameType | None = sys._getframe(1)
        lasting: FrameType | None = (
            None  # the innermost whose callers are the same while it is there
        )
        while frame is not None and frame.f_code is not self._end and frame is not self._quiet:
            if frame.f_globals.get("__name__", "").partition(".")[0] != _OURS:
                ranges = ranges_of(frame.f_code, frame.f_globals)
                if any(begin <= frame.f_lasti < end for begin, end in ranges):
                    return True
                if lasting is None and not ranges and not frame.f_code.co_flags & _GENERATOR:
                    lasting = frame
            frame = frame.f_back
        self._quiet = lasting or self._quiet
        return False


_OURS = __name__.partition(".")[0]


def ranges_of(code: CodeType, names: Mapping[str, Any]) -> tuple[Range, ...]:
    """List from where to where in a code errors are handled; what its global names are is said."""
    found = _known.get(id(code))
    if found is None:
        if len(_known) >= MOST_CODES:
            _known.clear()
        found = _known[id(code)] = (
            code,
            tuple(_ranges(code, names)) if code.co_exceptiontable else (),
        )
    return found[1]


def _ranges(code: CodeType, known: Mapping[str, Any]) -> Iterator[Range]:
    """Read the table: its entries are the begin, the length and the target of each range."""
    import dis  # few functions handle errors

    instructions = list(dis.get_instructions(code))
    after = {one.offset: place for place, one in enumerate(instructions)}
    suppresses = not all(
        _is_of_ours(instructions, place, known)
        for place, one in enumerate(instructions)
        if one.opname in _ENTERS
    )
    table = iter(code.co_exceptiontable)
    for byte in table:
        begin, length, target = [2 * n for n in (_number(byte, table), *_numbers(table, 2))]
        _numbers(table, 1)  # how much is on the stack
        names = [one.opname for one in instructions[after[target] : after[target] + _LOOKED_AT]]
        if names[:2] == ["PUSH_EXC_INFO", "POP_TOP"] or _handles(names, suppresses):
            yield begin, begin + length


_ENTERS = ("BEFORE_WITH", "BEFORE_ASYNC_WITH", "LOAD_SPECIAL")


def _is_of_ours(instructions: Sequence[Instruction], place: int, known: Mapping[str, Any]) -> bool:
    """Tell whether the `with` at a place is one of ours: the name that it begins with is."""
    at = instructions[place - 1].positions
    for one in reversed(instructions[:place]):
        where = one.positions
        same = where is not None and at is not None and where[::2] == at[::2]
        if same and one.opname.startswith("LOAD_GLOBAL"):
            head = known.get(one.argval)
            name = getattr(head, "__module__", None) or getattr(head, "__name__", None)
            return str(name).partition(".")[0] == _OURS
    return False


_LOOKED_AT = 40  # instructions of a handler


def _handles(names: list[str], suppresses: bool) -> bool:
    for name in names:
        if name in ("CHECK_EXC_MATCH", "CHECK_EG_MATCH"):
            return True
        if name == "WITH_EXCEPT_START":
            return suppresses
        if name == "RERAISE":
            return False
    return False


def _numbers(table: Iterator[int], count: int) -> list[int]:
    return [_number(next(table), table) for _ in range(count)]


def _number(byte: int, table: Iterator[int]) -> int:
    """Read a number, six bits in each byte, of which another follows where bit 6 is set."""
    found = byte & 63
    while byte & 64:
        byte = next(table)
        found = found << 6 | byte & 63
    return found
