"""Where in the user's code something was computed."""

from __future__ import annotations

import os
import sys
from types import FrameType, TracebackType

__all__ = [
    "Place",
    "describe_place",
    "has_users_lines",
    "is_raised_by_us",
    "is_raised_by_user",
    "place_of",
    "user_place",
    "warn_user",
]

Place = tuple[str, int]
_NOT_THE_USERS = (
    __name__.partition(".")[0],
    *("numpy", "scipy", "pandas", "matplotlib", "sklearn"),
)
_LIBRARY = os.__file__.rpartition(os.sep)[0] + os.sep  # of Python itself: statistics, copy, random


def user_place() -> Place | None:
    """Find the innermost line being executed that is the user's, and no library's."""
    frame = _user_frame()
    return None if frame is None else (frame.f_code.co_filename, frame.f_lineno)


def _user_frame() -> FrameType | None:
    frame: FrameType | None = sys._getframe(1)
    while frame is not None and _is_a_librarys(frame):
        frame = frame.f_back
    return frame


def _is_a_librarys(frame: FrameType) -> bool:
    if _package_of(frame) in _NOT_THE_USERS:
        return True
    file = frame.f_code.co_filename
    return file.startswith((_LIBRARY, "<frozen ")) and "-packages" not in file


def _package_of(frame: FrameType) -> str:
    name: str = frame.f_globals.get("__name__", "")
    return name.partition(".")[0]


def is_raised_by_user(error: BaseException) -> bool:
    """Tell whether an error comes of a `raise` or an `assert` of the user's, and of nothing that failed."""
    import opcode  # only errors need it

    last = _last_of(error)
    if last is None or _is_a_librarys(last.tb_frame):
        return False
    code = last.tb_frame.f_code.co_code
    return opcode.opname[code[last.tb_lasti]] == "RAISE_VARARGS"


def is_raised_by_us(error: BaseException) -> bool:
    """Tell whether an error comes of a line of this package, which lines of the user's have called."""
    last = _last_of(error)
    if last is None or _package_of(last.tb_frame) != _NOT_THE_USERS[0]:
        return False
    return has_users_lines(error)


def has_users_lines(error: BaseException) -> bool:
    """Tell whether lines of the user's were running when an error was raised."""
    one = error.__traceback__
    while one is not None and _is_a_librarys(one.tb_frame):
        one = one.tb_next
    return one is not None


def place_of(error: BaseException) -> Place | None:
    """Give the line that an error comes of."""
    last = _last_of(error)
    return None if last is None else (last.tb_frame.f_code.co_filename, last.tb_lineno)


def _last_of(error: BaseException) -> TracebackType | None:
    last = error.__traceback__
    while last is not None and last.tb_next is not None:
        last = last.tb_next
    return last


def warn_user(message: str, category: type[Warning]) -> None:
    """Warn at the user's line, once for each, as Python's own warnings are shown."""
    import warnings  # only what goes wrong needs it

    frame = _user_frame()
    if frame is None:
        warnings.warn(message, category, stacklevel=1)
        return
    warnings.warn_explicit(
        message,
        category,
        frame.f_code.co_filename,
        frame.f_lineno,
        frame.f_globals.get("__name__", "<unknown>"),
        frame.f_globals.setdefault("__warningregistry__", {}),
    )


def describe_place(place: Place | None) -> str:
    """Show a line as ``model.py:12: z = w * x + b``; empty if it is not known."""
    if place is None:
        return ""
    import linecache  # only errors need it

    name, number = place
    code = linecache.getline(name, number).strip()
    return f"{name.rpartition(os.sep)[2]}:{number}" + (f": {code}" if code else "")
