"""A function recorded at other lengths: what is asked of it, and that it leaves nothing behind."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import Any

from ...errors import SizeError
from ...scalar.contexts import collector_paused
from ...scalar.value import Value
from ...tree import size_of
from ..proof.claim import Claim, Moves, Slopes
from ..roll.roll import compile_tape
from ..trace.asked import Asked
from ..trace.recorder import Argument
from ..trace.results import Reduce
from ..trace.tracing import Call, record, reduced
from ..watch.observer import Observer, Ran
from .lengths import Outline, key_of, resized
from .recordings import Sample
from .terms import apart

__all__ = [
    "FunctionSource",
    "Task",
    "claim_watched",
    "observed_call",
    "records_small",
    "small",
    "watched",
]


@dataclass(frozen=True, slots=True)
class Task:
    """A call that is to be compiled.

    `roots` are what the function can be reached from, `slopes` of what it is the derivative,
    `others` what shapes the program beside the lengths, and `again` makes of any function what this
    one is of that.
    """

    name: str
    roots: Sequence[tuple[str, Any]]
    arguments: Sequence[Argument]
    call: Call
    reduce: Reduce
    slopes: Slopes | Moves | None
    others: Hashable
    again: Callable[[Call], Call]
    is_derivative: bool = False

    @property
    def numbers(self) -> int:
        """How many numbers go in."""
        return sum(argument.nesting.size for argument in self.arguments)

    @property
    def may_be_a_loop(self) -> bool:
        """Whether it may be found to be nearly all one loop: by its operations, of no samples."""
        if isinstance(self.slopes, Moves) or (self.is_derivative and self.slopes is None):
            return False  # a product, or of higher order
        return not any(argument.per_sample for argument in self.arguments)


class _Here(threading.local):
    """What this thread does."""

    records_small = False


_here = _Here()


def records_small() -> bool:
    """Tell whether a function is recorded at small lengths, and what it calls with it."""
    return _here.records_small


class FunctionSource:
    """A function, to be recorded with other lengths."""

    def __init__(self, task: Task, forms: Sequence[Outline]) -> None:
        self._task = task
        self._forms = forms
        self.captured: tuple[Value, ...] = ()
        self.chooses = False
        self._ran: dict[int, Ran] = {}
        self._first = True

    @property
    def ran(self) -> tuple[Ran, ...]:
        """The code of the user's that ran at any lengths."""
        return tuple(self._ran.values())

    def numbers(self, sizes: Mapping[int, int]) -> int:
        """Count the numbers that go in."""
        return sum(size_of(key_of(resized(form, sizes))) for form in self._forms)

    def sample(self, sizes: Mapping[int, int]) -> Sample:
        """Record it; whatever it leaves behind is taken back, and refused."""
        arguments = [
            Argument(argument.name, key_of(resized(form, sizes)), argument.per_sample, ())
            for argument, form in zip(self._task.arguments, self._forms, strict=True)
        ]
        changed = ", ".join(f"{n} in place of {real}" for real, n in sizes.items())
        with small(), watched(self._task, f"with {changed}") as observer:
            call = observed_call(self._task.call, observer)
            recorder = record(self._task.name, arguments, call, asking=(Asked(), None))
            traced = reduced(recorder, self._task.reduce, self._task.call)
            assert traced.recording is not None
            with collector_paused():
                program = compile_tape(traced.recording)
        self._ran.update({id(code): (code, space) for code, space in observer.ran})
        if not self._first and list(map(id, self.captured)) != list(map(id, traced.captured)):
            raise SizeError("it takes other Values from outside at other lengths")
        self.captured, self._first = traced.captured, False
        self.chooses = self.chooses or traced.chooses
        return Sample(apart(program, traced.nesting.key), len(recorder.tape.rows))


@contextmanager
def small() -> Iterator[None]:
    """Let `records_small` say so inside this context."""
    outside, _here.records_small = _here.records_small, True
    try:
        yield
    finally:
        _here.records_small = outside


@contextmanager
def watched(task: Task, where: str, ran: Sequence[Ran] = ()) -> Iterator[Observer]:
    """Refuse, and take back, what is left behind inside this context, and every error."""
    observer = Observer(task.roots, touched=True, ran=ran)
    try:
        yield observer
        observer.check(task.name)
        if observer.changed:
            changes = ", ".join([*observer.drawn(), *observer.changes()])
            raise SizeError(f"calling it changes {changes or 'what it reads'}")
    except SizeError:
        observer.restore()
        raise
    except Exception as error:
        observer.restore()
        raise SizeError(f"{where}: {type(error).__name__}, {error}") from None
    except BaseException:
        observer.restore()
        raise


def observed_call(call: Call, observer: Observer) -> Call:
    """Let an observer look at what a call does."""

    def watched(nested: list[Any]) -> Any:
        with observer:
            return call(nested)

    return watched


def claim_watched(claim: Claim, observer: Observer) -> Claim:
    """Let an observer look at what the calls of a proof do."""
    slopes = claim.slopes
    if slopes is not None:
        slopes = replace(slopes, call=observed_call(slopes.call, observer))
    return replace(claim, call=observed_call(claim.call, observer), slopes=slopes)
