"""Looking again at what a recording has looked at, in this process or in another one.

Nothing is run: the code that ran is found again from the same roots, by what is in it, and what its
names lead to is noted as when it was recorded. Where the likeness of all that is the same, so is
what would be recorded.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from types import CodeType
from typing import Any

from ...scalar.value import Value
from .checks import Check, Names, Numbers, Slots
from .digest import digest_of
from .explorer import Explorer
from .likeness import Likeness, Unlike
from .watch import Watch

__all__ = ["Replay", "Root"]

Root = tuple[str, Any, Collection[str] | None]  # as `Explorer.add_root` takes it


class Replay:
    """What the code of some digests leads to, from some roots.

    `likeness` is None where something has been found that cannot be compared, or code has not
    been found; `values` are all Values that were met, in an order that is the same elsewhere.
    """

    def __init__(self, roots: Iterable[Root], digests: Collection[bytes]) -> None:
        self._explorer = Explorer()
        self._digests = frozenset(digests)
        self._spaces: list[dict[str, Any]] = []
        self._codes: list[CodeType] = []
        roots = tuple(roots)
        for name, thing, but in roots:
            self._explorer.add_root(thing, name, but=but)
        found = self._run()
        self.likeness: bytes | None = None
        self.values: list[Value] = []
        if found != self._digests or self._explorer.refusal:
            return
        likeness = Likeness(self._explorer, self._spaces)
        try:
            self.likeness = likeness.of([thing for _, thing, _ in roots])
        except (Unlike, RecursionError):
            return
        self.values = likeness.values

    def _run(self) -> set[bytes]:
        """Add all code that has one of the digests, until no more of it is found."""
        found: set[bytes] = set()
        done: dict[int, CodeType] = {}
        while True:
            new = [(c, space) for c, space in self._known() if id(c) not in done]
            if not new:
                return found
            for code, space in new:
                done[id(code)] = code
                digest = digest_of(code)
                if digest in self._digests:
                    found.add(digest)
                    self._codes.append(code)
                    self._spaces.append(space)
                    self._explorer.add_code(code, space)

    def _known(self) -> list[tuple[CodeType, dict[str, Any]]]:
        """List the code of functions that may run, and what is made by code that did."""
        functions = self._explorer.functions_near()
        known = [(one.__code__, one.__globals__) for one in functions]
        for code, space in zip(self._codes, self._spaces, strict=True):
            known += [(inner, space) for inner in _inside(code)]
        return known

    def watch(self, captured: Iterable[Value]) -> Watch:
        """Watch everything from now on, as `Observer.watch` does."""
        checks = [*self._explorer.checks, *self._explorer.numbers_read(captured)]
        return Watch([check for check in checks if check.is_useful], self._codes)

    def covers(self, watch: Watch, captured: Iterable[Value]) -> bool:
        """Tell whether nothing is watched that was not found again."""
        known: dict[tuple[type, int], Check] = {}
        for check in [*self._explorer.checks, *self._explorer.numbers_read(captured)]:
            known[type(check), _subject(check)] = check
        return all(
            (type(check), _subject(check)) in known
            and _more(known[type(check), _subject(check)], check)
            for check in watch.checks
        )


def _inside(code: CodeType) -> Iterator[CodeType]:
    return (inner for inner in code.co_consts if isinstance(inner, CodeType))


def _subject(check: Check) -> int:
    return hash(check.path) if isinstance(check, Numbers) else id(check.subject)


def _more(known: Check, check: Check) -> bool:
    """Tell whether one check looks at all that another looks at."""
    if isinstance(check, Numbers) and isinstance(known, Numbers):
        return set(check.values) <= set(known.values)
    if isinstance(check, Names | Slots) and isinstance(known, Names | Slots):
        open_ended = check.others is None or known.others is not None
        return check.values.keys() <= known.values.keys() and open_ended
    return True
