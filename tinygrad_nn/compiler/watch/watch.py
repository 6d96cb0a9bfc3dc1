"""What a program depends on, in one quick question."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from types import CodeType
from typing import Any

from .checks import Check

__all__ = ["GONE", "Watch", "terms_of"]

ASKED = 4  # calls, after which it pays to write a function
MOST_TERMS = 512  # in one expression; what has more takes longer anyhow
GONE = AttributeError, LookupError, ValueError  # what terms raise where a name has gone


class Watch:
    """The checks of a program, and the code of the user's that ran when it was recorded."""

    def __init__(self, checks: Iterable[Check] = (), codes: Iterable[CodeType] = ()) -> None:
        self.checks = tuple(checks)
        self.codes = tuple(codes)
        self._asked = 0
        self.holds: Callable[[], bool] = self._first  # tells whether everything is as it was

    def _first(self) -> bool:
        """Look at the checks one by one; from some call on a function is written for all."""
        self._asked += 1
        if self._asked == ASKED:
            self.holds = self.written()
        return self.same()

    def written(self) -> Callable[[], bool]:
        """Write a function that tells whether everything is as it was."""
        return _written(self.checks, self.same)

    def same(self) -> bool:
        """Tell whether everything is as it was."""
        return all(check.same() for check in self.checks)

    def changed(self) -> list[str]:
        """Name what is not as it was."""
        return [name for check in self.checks for name, _, _ in check.changes()]


def _written(checks: tuple[Check, ...], same: Callable[[], bool]) -> Callable[[], bool]:
    """Write one function of all checks: to call each would take five times as long.

    Where it finds a difference, or that a name is gone, `same` looks closely.
    """
    names: dict[int, str] = {}
    bound: dict[str, Any] = {}

    def bind(thing: Any) -> str:
        name = names.setdefault(id(thing), f"v{len(names)}")
        bound[name] = thing
        return name

    terms = terms_of(checks, bind)
    if terms is None:
        return same
    bound |= {"same": same, "gone": GONE}
    source = (
        f"def holds({', '.join(f'{name}={name}' for name in bound)}):\n"
        f"    try:\n        if {' and '.join(terms) or True}: return True\n"
        "    except gone: pass\n"
        "    return same()\n"
    )
    space = {"__builtins__": {}, "__name__": __name__, **bound}
    exec(source, space)
    quick: Callable[[], bool] = space["holds"]
    return quick


def terms_of(checks: Sequence[Check], bind: Callable[[Any], str]) -> list[str] | None:
    """Write what is to be true as Python, if it is not too much; `bind` names an object in it."""
    terms = [fact.text(bind) for check in checks for fact in check.facts()]
    if len(terms) > MOST_TERMS:
        terms = [f"{bind(check.same)}()" for check in checks]
    return None if len(terms) > MOST_TERMS else terms
