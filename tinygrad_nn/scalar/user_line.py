"""Where in the user's code something was computed."""

from __future__ import annotations

import os
import sys

__all__ = ["Place", "describe_place", "user_place"]

Place = tuple[str, int]
_NOT_THE_USERS = (__name__.partition(".")[0], "numpy")


def user_place() -> Place | None:
    """Find the innermost line being executed that is neither this package's own nor NumPy's."""
    frame = sys._getframe()
    while frame.f_globals.get("__name__", "").partition(".")[0] in _NOT_THE_USERS:
        if frame.f_back is None:
            return None
        frame = frame.f_back
    return frame.f_code.co_filename, frame.f_lineno


def describe_place(place: Place | None) -> str:
    """Show a line as ``model.py:12: z = w * x + b``; empty if it is not known."""
    if place is None:
        return ""
    import linecache  # only errors need it

    name, number = place
    code = linecache.getline(name, number).strip()
    return f"{name.rpartition(os.sep)[2]}:{number}" + (f": {code}" if code else "")
