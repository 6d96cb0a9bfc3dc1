"""Contexts that change how operations record, and the one switch they share.

And one that keeps Python's cyclic garbage collector out of the way while graphs are made and freed.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Iterator
from contextlib import ContextDecorator, contextmanager
from typing import Any, Final

from ..collector import collector_paused as collector_paused
from ..errors import ArgumentTypeError
from .switch import UNLIMITED, switch

__all__ = [
    "EnoughError",
    "at_most",
    "collector_paused",
    "copies_kept",
    "debug",
    "deriving",
    "enough",
    "evaluating",
    "looking",
    "no_grad",
    "open_calls",
    "recording",
    "state",
    "switched_on",
    "symbolic",
    "watched",
    "watching",
]

_lock = threading.Lock()


class State(threading.local):
    """Which contexts are open in this thread."""

    def __init__(self) -> None:
        self.no_grad = 0
        self.deriving = 0
        self.debug = 0
        self.scope: tuple[str, ...] = ()  # names of the open scopes, the outermost first
        self.kept = 0  # how many open contexts differentiate what is copied in them
        self.looked: list[Any] | None = None  # nodes that Python looked at, where all are asked for
        self.made: set[Any] | None = None  # leaves made while a function is recorded with symbols
        self.recorder: Callable[..., Any] | None = None  # ... and how operations are recorded then
        self.session: Any = None  # ... and what answers where Python looks at a number, if anything
        self.classes: Any = None  # ... and what answers where it is asked for the class of one
        self.guards: list[Any] = []  # the open branches of recorded code
        self.refused: Exception | None = None  # what NumPy was told about an index
        self.chosen: list[tuple[Any, int]] = []  # what is a place of a table, and its size
        self.choices = 0  # how many branches and tables were chosen from while recording
        self.derivations = 0  # how often derivatives were recorded
        self.refuses_derivations = False  # whether what is called is of no use if it takes one
        self.limit: at_most | None = None  # of symbols, while no more were recorded
        self.derived: list[list[Any]] | None = None  # of each call, while `compile` records


state = State()
open_calls: Final[dict[int, Iterable[Any]]] = {}
"""What each call that is open, in any thread, is differentiated by; under its address."""

_NOBODY: Final[frozenset[Any]] = frozenset()


@contextmanager
def switched_on(limiting: bool = False) -> Iterator[None]:
    """Take the slow path of recording inside this context, which looks at `state`.

    `limiting` says that derivatives end inside of it.
    """
    _switch(1, limiting)
    try:
        yield
    finally:
        _switch(-1, limiting)


def _switch(by: int, limiting: bool) -> None:
    with _lock:
        switch.active += by
        if limiting:
            switch.limiting += by


class _Context(ContextDecorator):
    """A context of this thread, which may be entered again, inside of itself too."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __enter__(self) -> None:
        self._count(1)

    def __exit__(self, *exception: object) -> None:
        self._count(-1)

    def _count(self, by: int) -> None:
        _switch(by, self._name == "no_grad")
        setattr(state, self._name, getattr(state, self._name) + by)

    def __call__(self, function: Any) -> Any:
        """Decorate a function: what it calls is inside. The body of a generator runs later."""
        if getattr(function, "__code__", None) and function.__code__.co_flags & _LATER:
            raise ArgumentTypeError(
                f"{self._name}() decorates {function.__name__}, a generator or a coroutine, whose "
                f"body runs after the call: write with {self._name}(): inside of it"
            )
        return super().__call__(function)


_LATER: Final = 0x20 | 0x80 | 0x200  # CO_GENERATOR, CO_COROUTINE, CO_ASYNC_GENERATOR


@contextmanager
def copies_kept() -> Iterator[None]:
    """Let copies depend on what they are copies of inside this context: it is differentiated."""
    state.kept += 1
    try:
        yield
    finally:
        state.kept -= 1


class recording:  # noqa: N801  # as the other contexts
    """Record inside this context, also within `no_grad`: a derivative needs its graph."""

    def __enter__(self) -> None:
        self._outside, state.no_grad = state.no_grad, 0
        if self._outside:
            _switch(-self._outside, limiting=True)
        state.kept += 1  # as in `copies_kept`

    def __exit__(self, *exception: object) -> None:
        state.kept -= 1
        if self._outside:
            _switch(self._outside, limiting=True)
        state.no_grad = self._outside


@contextmanager
def looking() -> Iterator[list[Any]]:
    """List the nodes that Python looks at inside this context, in this thread, and keep the lines."""
    found: list[Any] = []
    outside, state.looked = state.looked, found
    with switched_on():
        try:
            yield found
        finally:
            state.looked = outside


class watching:  # noqa: N801
    """Refuse inside this context to turn what depends on `nodes` into plain numbers.

    In every thread, as a function may hand its work to others.
    """

    def __init__(self, nodes: Iterable[Any]) -> None:
        self._own = list(nodes)

    def __enter__(self) -> None:
        open_calls[id(self._own)] = self._own

    def __exit__(self, *exception: object) -> None:
        del open_calls[id(self._own)]


def watched() -> frozenset[Any]:
    """Give what the open calls are differentiated by."""
    return frozenset().union(*list(open_calls.values())) if open_calls else _NOBODY


@contextmanager
def symbolic(recorder: Callable[..., Any]) -> Iterator[None]:
    """Record with symbols inside this context: no number from outside may be made plain.

    `recorder` records an operation on any two numbers with a symbol as the result.
    """
    outside = state.made, state.recorder
    state.made, state.recorder = set(), recorder
    with _lock:
        switch.symbolic += 1
    try:
        yield
    finally:
        with _lock:
            switch.symbolic -= 1
        state.made, state.recorder = outside


def no_grad() -> _Context:
    """Record nothing inside this context: results are constants, without operands.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> a = Value(2.0)
    >>> with no_grad():
    ...     b = a * 3
    >>> b.data, b.args
    (6.0, ())
    """
    return _Context("no_grad")


def debug() -> _Context:
    """Remember inside this context where in your code each node was computed.

    Errors then also name the lines that made the operands, the first number that is
    infinite or NaN raises, and `backward` and all transforms check derivatives too.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> with debug():
    ...     x = Value(1e308) * 10
    Traceback (most recent call last):
    ...
    tinygrad_nn.errors.NonFiniteError: mul at x = 1e+308, y = 10.0 gives inf: the first number that is not finite...
    """
    return _Context("debug")


class evaluating:  # noqa: N801  # as the other contexts
    """Compute inside this context as outside of `deriving`: errors are raised, nothing is simplified."""

    def __enter__(self) -> None:
        self._outside, state.deriving = state.deriving, 0
        _switch(-self._outside, limiting=False)

    def __exit__(self, *exception: object) -> None:
        _switch(self._outside, limiting=False)
        state.deriving = self._outside


class EnoughError(BaseException):
    """A function has recorded more than it may; no function of the user's takes it for an error."""


class at_most:  # noqa: N801  # as the other contexts
    """Record so many symbols at most inside this context, in this thread, or raise `EnoughError`.

    It goes on if `unless` tells it to when it has recorded as many; not inside another limit.
    """

    def __init__(self, most: int, unless: Callable[[], bool] | None = None) -> None:
        self._most = most
        self._unless = unless
        self.recorded = 0

    def __enter__(self) -> at_most:
        self._outside = switch.left, state.limit
        switch.left = self._most = min(self._most, switch.left)
        state.limit = self
        return self

    def __exit__(self, kind: type[BaseException] | None, *exception: object) -> None:
        # Another thread may have met the limit, which is none for it.
        exceeded = state.limit is not self
        ended = exceeded or switch.left > self._most
        self.recorded = self._most if ended else self._most - switch.left
        switch.left, state.limit = self._outside
        if exceeded and kind is None:  # the function went on all the same
            raise EnoughError

    def is_met(self) -> bool:
        """Tell whether it holds when it has been reached."""
        alone = self._outside[1] is None
        return not (alone and self._unless is not None and self._unless())


def enough() -> None:
    """Stop recording, once, where this thread wanted no more."""
    switch.left = UNLIMITED
    if state.limit is not None and state.limit.is_met():
        state.limit = None
        raise EnoughError


class deriving:  # noqa: N801  # as the other contexts
    """Record derivatives inside this context.

    Operations give IEEE infinity and NaN where they would raise, and what the
    rules bring in (x * 1, x + 0, ...) is simplified away.
    """

    __slots__ = ("_collector", "_session")

    def __enter__(self) -> None:
        state.derivations += 1
        if state.refuses_derivations:
            raise EnoughError
        self._session = state.session or state.classes
        self._collector = collector_paused()
        self._collector.__enter__()
        _switch(1, False)
        state.deriving += 1
        if self._session is not None:
            self._session.let_hash(True)

    def __exit__(self, *exception: object) -> None:
        if self._session is not None:
            self._session.let_hash(False)
        state.deriving -= 1
        _switch(-1, False)
        self._collector.__exit__()
