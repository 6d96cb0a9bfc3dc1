"""Seeing which functions run while one is recorded, and what they take from outside."""

from __future__ import annotations

import gc
import sys
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from types import CodeType, FrameType, FunctionType
from typing import Any, TypeAlias

from ...errors import TraceError
from ...scalar.contexts import state
from ...scalar.user_line import describe_place
from ...scalar.value import Value
from .alike import alike
from .checks import Check
from .explorer import LARGEST, Explorer
from .generators import is_of_random, is_unseeded
from .ours import is_users_code, is_users_function
from .watch import Watch

__all__ = ["Observer", "Ran", "at_work", "include", "innermost", "left_alone", "unobserved"]

Ran: TypeAlias = tuple[CodeType, dict[str, Any]]  # code, and the globals of its module


class _Open(threading.local):
    """The observers at work in this thread, the innermost last."""

    def __init__(self) -> None:
        self.observers: list[Observer] = []


_open = _Open()
_lock = threading.Lock()
at_work = 0  # observers in any thread


class Observer:
    """A context in which every Python function of the user's that runs in this thread is noted.

    What its names lead to is looked at before its first line runs, and so known as it was. With
    `touched`, names that are only written are among them, and those of observers inside; a
    `passive` one sees no others. With the code that `ran` in other calls, each function is looked
    at beforehand, and none is noted, where no other one can be reached: noting takes longer than
    what most of them do. Without `shared`, draws are seen from generators that names lead to.
    """

    def __init__(
        self,
        roots: Iterable[tuple[str, Any]] = (),
        *,
        touched: bool = False,
        passive: bool = False,
        ran: Sequence[Ran] = (),
        shared: bool = True,
    ) -> None:
        self._explorer = Explorer(touched, shared)
        self._touched = touched
        self._passive = passive
        self._roots = tuple(roots)
        self.look = self._explorer.add_root
        self._seen: dict[int, CodeType] = {}
        self._users: list[CodeType] = []
        self._looking: set[int] = set()  # of these, the codes that look at the kind of things
        self._unseeded = ""
        self._included: list[Check] = []
        self._codes_included: list[CodeType] = []
        self.ran: list[Ran] = []  # of the user's
        self._known = ran

    def __enter__(self) -> Observer:
        global at_work
        for name, thing in self._roots:
            self.look(thing, name)
        if self._known:
            self._begin_with(self._known)
            self._known = ()
        with _lock:
            at_work += 1
        _open.observers.append(self)
        self._outside = sys.getprofile()
        if not self._passive:
            sys.setprofile(self._see())
        return self

    def __exit__(self, *exception: Any) -> None:
        global at_work
        _open.observers.pop()
        with _lock:
            at_work -= 1
        if self._passive:
            return
        sys.setprofile(None)
        outside: Any = self._outside
        if hasattr(outside, "enable"):  # the profiler of Python
            outside.enable()
        elif outside is not None:
            sys.setprofile(outside)

    def include(self, watch: Watch) -> None:
        """Take over what a compiled function depends on that was called."""
        self._included += watch.checks
        self._codes_included += watch.codes

    # ---- what runs -----------------------------------------------------------------------

    def _see(self) -> Callable[[FrameType, str, Any], None]:
        """Make what Python calls wherever a function begins or ends: most has to be told at once."""
        settled: set[int] = set()  # codes of which nothing more is asked

        def see(frame: FrameType, event: str, _: Any) -> None:
            if event == "call" and id(frame.f_code) not in settled:
                self._meet(frame, settled)

        return see

    def _meet(self, frame: FrameType, settled: set[int]) -> None:
        code = id(frame.f_code)
        if code not in self._seen:
            for observer in _open.observers:
                if observer is self or observer._touched:
                    observer._enter(frame)
        if code in self._looking:
            asked = state.classes or state.session
            if asked is not None:
                asked.look_at_kinds(frame)
        elif code in self._seen:
            settled.add(code)

    def _enter(self, frame: FrameType) -> None:
        code = frame.f_code
        if id(code) in self._seen:
            return
        if is_unseeded(frame):
            self._unseeded = self._unseeded or _user_line(frame)
            return
        if code.co_name == "seed":  # which is asked each time
            return
        self._seen[id(code)] = code
        if not is_users_code(code, frame.f_globals.get("__name__") or ""):
            return
        if self._explorer.reads_of(code).frees and id(code) not in self._explorer.functions:
            self._find(frame)
        for asked in (state.session, state.classes):
            if asked is not None and asked.meet(code, frame.f_globals):
                self._looking.add(id(code))
        self._take(code, frame.f_globals)

    def _take(self, code: CodeType, space: dict[str, Any]) -> None:
        """Look at what the names in code lead to."""
        self._users.append(code)
        self.ran.append((code, space))
        self._explorer.add_code(code, space)

    def _begin_with(self, known: Iterable[Ran]) -> None:
        """Look at code that ran before; without what is unknown yet, nothing is noted."""
        for code, space in known:
            self._seen[id(code)] = code
            self._take(code, space)
        inner = {id(c): c for code in self._users for c in code.co_consts if type(c) is CodeType}
        unknown = inner.keys() - self._seen.keys()
        for code in self._users:
            found = id(code) in inner or id(code) in self._explorer.functions
            if self._explorer.reads_of(code).frees and not found:
                unknown.add(id(code))
                del self._seen[id(code)]  # its closure is known when it runs
        for function in self._explorer.functions_near():
            if id(function.__code__) not in self._seen and is_users_function(function):
                unknown.add(id(function.__code__))
        if not unknown and state.session is None:
            self._passive = True

    def _find(self, frame: FrameType) -> None:
        """Find the function of a frame that no name leads to, as its closure counts."""
        code = frame.f_code
        if any(code is inner for outer in self._users for inner in outer.co_consts):
            return  # it was made by another that runs, and so is its closure
        first = frame.f_locals.get(code.co_varnames[0]) if code.co_argcount else None
        method = getattr(type(first), code.co_name, None)
        if getattr(method, "__code__", None) is code:
            self._explorer.look(method, code.co_name)
            return
        for found in gc.get_referrers(code):
            if type(found) is FunctionType:
                self._explorer.look(found, found.__name__)

    # ---- what it came to ---------------------------------------------------------------------

    def check(self, name: str) -> None:
        """Refuse what cannot be watched."""
        if self._explorer.refusal:
            raise TraceError(
                f"{name} reads {self._explorer.refusal}: what a compiled function takes from outside "
                f"is compared at every call, up to {LARGEST} numbers of a list, a dict or an array; "
                "hand it over as an argument, or make it a tuple, or name it in static"
            )

    def _checks(self) -> list[Check]:
        explorer = self._explorer
        return [*explorer.checks, *explorer.of_twins, *explorer.numbers_read()]

    def changes(self) -> list[str]:
        """Name what is other than before: it was changed while the function ran."""
        return [
            name
            for check in self._checks()
            for name, then, now in check.changes()
            if not alike(then, now)
        ]

    def drawn(self) -> list[str]:
        """Name the random generators that were drawn from here, or made without a seed."""
        self._leave_others()
        unseeded = [f"a generator without a seed, at {self._unseeded}"] if self._unseeded else []
        return unseeded + self._explorer.generators.drawn()

    def _leave_others(self) -> None:
        """Leave the draws of other threads to them, where nothing that ran here can have drawn."""
        if threading.active_count() > 1 and self._explorer.generators.drawn():
            drew = any(is_of_random(code) for code in self._seen.values())
            if not drew and not self._is_unsure() and self._explorer.draws_nothing():
                self._explorer.generators.leave_shared()

    def _is_unsure(self) -> bool:
        """Tell whether functions of the user's may have run that were not seen."""
        near = self._explorer.functions_near() if self._passive else ()
        return any(id(f.__code__) not in self._seen and is_users_function(f) for f in near)

    @property
    def changed(self) -> bool:
        """Whether the function changed anything that it reads, or drew random numbers."""
        return bool(self.drawn()) or any(not check.same() for check in self._checks())

    def restore(self) -> None:
        """Make everything that was seen, and the generators, what they were before."""
        for check in reversed(self._checks()):
            check.restore()
        self._leave_others()
        self._explorer.generators.restore()

    def renew(self) -> None:
        """Take everything as it is: the function has set it, and sets it so each time."""
        for check in self._checks():
            check.renew()

    def watch(self, captured: Iterable[Value] = ()) -> Watch:
        """Watch everything from now on; `captured` are Values that were used."""
        checks = [*self._explorer.checks, *self._explorer.numbers_read(captured)]
        useful = [check for check in checks if check.is_useful]
        return Watch([*useful, *self._included], [*self._users, *self._codes_included])


def _user_line(frame: FrameType | None) -> str:
    """Show the innermost line of the user's."""
    while frame is not None:
        if is_users_code(frame.f_code, frame.f_globals.get("__name__") or ""):
            return describe_place((frame.f_code.co_filename, frame.f_lineno))
        frame = frame.f_back
    return "a line that is not known"


@contextmanager
def left_alone(*things: Any, passive: bool = False) -> Iterator[None]:
    """Make what is touched inside what it was before, random generators too.

    `things` are what may be reached beside by names in code; functions of ours touch nothing. A
    `passive` one looks at what is recorded inside only.
    """
    if all(map(_touches_nothing, things)):
        yield
        return
    observer = Observer([("", thing) for thing in things], touched=True, passive=passive)
    try:
        with observer:
            yield
    finally:
        observer.restore()


def _touches_nothing(thing: Any) -> bool:
    if type(thing) is not FunctionType or thing.__closure__:
        return False
    return not is_users_function(thing)


@contextmanager
def unobserved() -> Iterator[None]:
    """Note nothing inside this context: what runs there is no part of the function."""
    outside = sys.getprofile() if _open.observers else None
    if outside is not None:
        sys.setprofile(None)
    try:
        yield
    finally:
        if outside is not None:
            sys.setprofile(outside)


def innermost() -> Observer:
    """Give the observer that notes what runs here."""
    return _open.observers[-1]


def include(watch: Watch) -> None:
    """Tell the observer at work, if any, that a compiled function was called."""
    if _open.observers:
        _open.observers[-1].include(watch)
