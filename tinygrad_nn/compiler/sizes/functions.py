"""Functions at any size: recorded at small lengths, written for the real ones, and proved there."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeVar

from ...errors import SizeError
from ...scalar.contexts import collector_paused
from ...scalar.value import Value
from ...tree import size_of
from ..program.program import Program
from ..program.verify import verify
from ..proof.claim import Claim, Slopes, claim_of
from ..proof.prove import prove
from ..roll.roll import compile_tape
from ..trace.asked import Asked
from ..trace.recorder import Argument
from ..trace.results import Reduce
from ..trace.structure import Nesting
from ..trace.tracing import Call, Trace, record, reduced
from ..watch.observer import Observer, Ran
from ..watch.watch import Watch
from .infer import Rules, infer
from .lengths import Outline, key_of, lengths_of, outline, pattern_of, resized
from .recordings import BudgetError, Refusal, Sample, if_quick
from .report import Sizes, sizes_of
from .terms import apart, together

__all__ = [
    "AnySize",
    "Found",
    "Task",
    "lengths_in",
    "named_lengths",
    "records_small",
    "refused",
]

T = TypeVar("T")

MANY_NUMBERS = 1_000  # numbers that go in: a function of fewer is recorded in full without asking
VERY_MANY = 20_000  # of fewer it is seen first whether it records little
_FEW_NUMBERS = "few numbers go in"
MOST_ALIKE = 4  # programs for one structure, of which one holds when what is outside is as it was
MOST_KNOWN = 16  # structures of which it is known that they are, or are not, one program


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
    slopes: Slopes | None
    others: Hashable
    again: Callable[[Call], Call]
    is_derivative: bool = False

    @property
    def numbers(self) -> int:
        """How many numbers go in."""
        return sum(argument.nesting.size for argument in self.arguments)


@dataclass(frozen=True, slots=True)
class Found:
    """A program that was proved, and what it depends on beside its arguments."""

    trace: Trace
    program: Program
    watch: Watch
    sizes: Callable[[], Sizes]


@dataclass(slots=True)
class _Form:
    """What is known of a structure: the rules of its program, and what they were found from."""

    rules: Rules
    places: tuple[int, ...]  # of each free length: where it is first among all
    lengths: tuple[int, ...]  # all, when the rules were found
    captured: tuple[Value, ...]
    chooses: bool
    ran: tuple[Ran, ...]
    watch: Watch | None = None  # of the latest proof

    def free(self, lengths: Sequence[int]) -> tuple[int, ...] | None:
        """Give the free ones of some lengths; None if it is another program."""
        found = tuple([lengths[place] for place in self.places])
        renamed = dict(zip(self.rules.free, found, strict=True))
        same = all(
            renamed.get(old, old) == new for old, new in zip(self.lengths, lengths, strict=True)
        )
        return found if same and self.rules.covers(found) else None


class _Here(threading.local):
    """What this thread does."""

    records_small = False


_here = _Here()


def records_small() -> bool:
    """Tell whether a function is recorded at small lengths, and what it calls with it."""
    return _here.records_small


class AnySize:
    """The programs of one function that hold for any length."""

    def __init__(self) -> None:
        self._known: dict[Hashable, list[_Form]] = {}
        self._refused: dict[Hashable, Refusal] = {}

    def in_full(self, task: Task, record: Callable[[Refusal], T]) -> T | None:
        """Record a function in full where that may be quick, and is; None elsewhere.

        What it has done until it was stopped is taken back.
        """
        if task.numbers < MANY_NUMBERS:
            return if_quick(record, _FEW_NUMBERS)
        if task.numbers >= VERY_MANY:
            return None
        kind = _kind(task, *_outlined(task))
        if kind in self._known or kind in self._refused:
            return None
        observer = Observer(task.roots, touched=True, passive=True)
        with observer:
            found = if_quick(record)
        if found is None:
            observer.restore()
        return found

    def find(self, task: Task, patient: bool = False) -> Found:
        """Give a program for a call without recording everything, or raise `Refusal`."""
        if not patient and task.numbers < MANY_NUMBERS:
            raise BudgetError(_FEW_NUMBERS)
        forms, lengths = _outlined(task)
        kind = _kind(task, forms, lengths)
        if kind in self._refused and not patient:
            raise self._refused[kind]
        try:
            return self._known_or_new(task, forms, lengths, kind, patient)
        except BudgetError:
            raise  # it may pay at another size
        except SizeError as error:
            refusal = error if isinstance(error, Refusal) else Refusal(str(error))
            _keep(self._refused, kind, refusal)
            raise refusal from None

    def _known_or_new(
        self,
        task: Task,
        forms: Sequence[Outline],
        lengths: Sequence[int],
        kind: Hashable,
        patient: bool,
    ) -> Found:
        known = self._known.get(kind, [])
        for form in known:
            free = form.free(lengths)
            if free is not None and form.watch is not None and form.watch.same():
                try:
                    return _built(task, form, free)
                except SizeError:
                    known.remove(form)
                    break
        source = _Source(task, forms)
        rules = infer(source, lengths, patient)
        places = tuple([lengths.index(length) for length in rules.free])
        form = _Form(rules, places, tuple(lengths), source.captured, source.chooses, source.ran)
        found = _built(task, form, rules.free)
        _keep(self._known, kind, [form, *known[: MOST_ALIKE - 1]])
        return found


def _outlined(task: Task) -> tuple[list[Outline], list[int]]:
    """Give the nestings of the arguments, and all lengths in them."""
    forms = [outline(argument.nesting.key) for argument in task.arguments]
    return forms, [size for form in forms for size, _ in lengths_of(form)]


def _kind(task: Task, forms: Sequence[Outline], lengths: Sequence[int]) -> Hashable:
    """Say what is the same for all that may be one program."""
    unsized = tuple([resized(form, dict.fromkeys(lengths, 0)) for form in forms])
    named = tuple([(argument.name, argument.per_sample) for argument in task.arguments])
    return named, unsized, pattern_of(lengths), task.others


def _keep(known: dict[Hashable, Any], kind: Hashable, thing: Any) -> None:
    known.pop(kind, None)
    known[kind] = thing
    if len(known) > MOST_KNOWN:
        del known[next(iter(known))]


# ---- recordings at other lengths ----------------------------------------------------------------


class _Source:
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
    def watched(nested: list[Any]) -> Any:
        with observer:
            return call(nested)

    return watched


# ---- programs at real lengths -------------------------------------------------------------------


def _built(task: Task, form: _Form, free: tuple[int, ...]) -> Found:
    """Write a program for some lengths, and prove it."""
    keys = [argument.nesting.key for argument in task.arguments]
    program, key = together(form.rules.at(free), keys)
    trace = Trace(
        None,
        tuple(task.arguments),
        Nesting(key),
        task.reduce if any(argument.per_sample for argument in task.arguments) else None,
        form.captured,
        task.call,
        form.chooses,
    )
    with watched(task, "it is another program at these lengths", form.ran) as observer:
        verify(program)
        claim = claim_of(trace, task.name, task.slopes)
        prove(program, claim_watched(claim, observer))
    form.watch = observer.watch(form.captured)
    return Found(trace, program, form.watch, partial(_sizes, task, form, free))


def _sizes(task: Task, form: _Form, free: tuple[int, ...]) -> Sizes:
    """Say which lengths are free, and what the program is at others."""
    outlines = [outline(argument.nesting.key) for argument in task.arguments]
    samples = []
    for point in form.rules.points:
        sizes = dict(zip(free, point, strict=True))
        keys = [key_of(resized(one, sizes)) for one in outlines]
        samples.append((point, together(form.rules.at(point), keys)[0]))
    return sizes_of(named_lengths(task.arguments), free, form.rules.fixed, samples=tuple(samples))


def lengths_in(task: Task, why: Refusal | None = None) -> Sizes:
    """Say why all lengths of a call are fixed."""
    lengths = named_lengths(task.arguments)
    return sizes_of(lengths) if why is None else sizes_of(lengths, (), why.why, str(why))


def refused(task: Task, why: Refusal) -> SizeError:
    """Say that no length of a call is free, where one is to be."""
    return SizeError(
        f"{task.name} is not one program for all lengths: {lengths_in(task, why).reason}; leave out "
        "sizes='free', so that everything is recorded for these lengths"
    )


def named_lengths(arguments: Iterable[Argument]) -> list[tuple[int, str]]:
    """List the lengths of arguments, each with what has it."""
    return [
        pair
        for argument in arguments
        for pair in lengths_of(outline(argument.nesting.key), argument.name)
    ]


def claim_watched(claim: Claim, observer: Observer) -> Claim:
    slopes = claim.slopes
    if slopes is not None:
        slopes = replace(slopes, call=observed_call(slopes.call, observer))
    return replace(claim, call=observed_call(claim.call, observer), slopes=slopes)
