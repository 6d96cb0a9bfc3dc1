"""Errors of ours on the way to a program: the function itself goes that way, and that is told."""

from __future__ import annotations

from ...errors import FaultWarning, ProgramError, TinygradNNError
from ...scalar.user_line import (
    describe_place,
    has_users_lines,
    is_raised_by_us,
    place_of,
    warn_user,
)

__all__ = ["Faults", "is_fault"]

_NO_FAULTS = TinygradNNError, MemoryError, RecursionError


def is_fault(error: BaseException, is_inside: bool) -> bool:
    """Tell whether an error is likely one of ours: no refusal, and not raised by what the user wrote.

    If it `is_inside`, the function was running, which may be one of C, without lines. It may still
    be the user's: lines of ours may be right to fail for the numbers of a call.
    """
    if isinstance(error, ProgramError):
        return True
    if isinstance(error, _NO_FAULTS) or not isinstance(error, Exception):
        return False
    return is_raised_by_us(error) if has_users_lines(error) else not is_inside


class Faults:
    """Tells of them, once for each function."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._are_told = False

    def tell(self, error: BaseException) -> None:
        """Warn of an error."""
        if self._are_told:
            return
        self._are_told = True
        where = describe_place(place_of(error))
        warn_user(
            f"{self._name} is called as it is where a path was to be recorded: tinygrad_nn failed there "
            f"with {type(error).__name__}: {error}"
            + (f", at {where}" if where else "")
            + "; results are those of the function, one number at a time; please report this",
            FaultWarning,
        )
