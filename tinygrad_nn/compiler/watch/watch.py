"""What a program depends on, in one quick question."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from .checks import Check

__all__ = ["Watch"]

ASKED = 4  # calls, after which it pays to write a function
MOST_TERMS = 256  # in one expression; what has more takes longer anyhow


class Watch:
    """The checks of a program."""

    def __init__(self, checks: Iterable[Check] = ()) -> None:
        self.checks = tuple(checks)
        self._asked = 0
        self._quick: Callable[[], bool] | None = None  # written when it has been asked for a while

    def holds(self) -> bool:
        """Tell whether everything is as it was, most often after one quick look."""
        quick = self._quick
        if quick is None:
            self._asked += 1
            if self._asked == ASKED:
                self._quick = _written(self.checks)
            return self.same()
        try:
            if quick():
                return True
        except (LookupError, ValueError):  # a name is gone
            pass
        return self.same()

    def same(self) -> bool:
        """Tell whether everything is as it was."""
        return all(check.same() for check in self.checks)

    def changed(self) -> list[str]:
        """Name what is not as it was."""
        return [name for check in self.checks for name, _, _ in check.changes()]


def _written(checks: tuple[Check, ...]) -> Callable[[], bool]:
    """Write one function of all checks: to call each would take five times as long."""
    names: dict[int, str] = {}
    bound: dict[str, Any] = {}

    def bind(thing: Any) -> str:
        name = names.setdefault(id(thing), f"v{len(names)}")
        bound[name] = thing
        return name

    terms = [term for check in checks for term in check.terms(bind)]
    if len(terms) > MOST_TERMS:
        terms = [f"{bind(check.same)}()" for check in checks]
    if len(terms) > MOST_TERMS:
        return lambda: all(check.same() for check in checks)
    parameters = ", ".join(bound)
    source = f"lambda {parameters}: lambda: {' and '.join(terms) or True}"
    quick: Callable[[], bool] = eval(source, {"__builtins__": {}, "__name__": __name__})(
        *bound.values()
    )
    return quick
