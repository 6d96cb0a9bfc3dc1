"""Functions at any size: recorded at small lengths, written for the real ones, and proved there."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from typing import Any, TypeAlias, TypeVar

from ...errors import SizeError
from ...scalar import contexts
from ...scalar.value import Value
from ..program.program import Program
from ..program.verify import verify
from ..proof.claim import Claim, claim_of
from ..proof.prove import operations_of, prove
from ..trace.recorder import Argument
from ..trace.structure import Nesting
from ..trace.tracing import Trace
from ..watch.late import LateObserver
from ..watch.observer import Observer, Ran
from ..watch.watch import Watch
from .fit import Fitter, Polynomial, exponents
from .infer import Rules, infer
from .lengths import Outline, key_of, lengths_of, outline, pattern_of, resized
from .recordings import BudgetError, Refusal, if_quick
from .report import Sizes, sizes_of
from .source import FunctionSource, Task, claim_watched, small, watched
from .terms import together

__all__ = [
    "AnySize",
    "Found",
    "lengths_in",
    "named_lengths",
    "refused",
]

T = TypeVar("T")
Point: TypeAlias = tuple[int, ...]

MANY_NUMBERS = 1_000  # numbers that go in: a function of fewer is recorded in full without asking
VERY_MANY = 20_000  # of fewer it is seen first whether it records little
_FEW_NUMBERS = "few numbers go in"
MOST_ALIKE = 4  # programs for one structure, of which one holds when what is outside is as it was
MOST_KNOWN = 16  # structures of which it is known that they are, or are not, one program


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
    operations: Polynomial | None = None  # of the function, as a proof counts them

    def free(self, lengths: Sequence[int]) -> tuple[int, ...] | None:
        """Give the free ones of some lengths; None if it is another program."""
        found = tuple([lengths[place] for place in self.places])
        renamed = dict(zip(self.rules.free, found, strict=True))
        same = all(
            renamed.get(old, old) == new for old, new in zip(self.lengths, lengths, strict=True)
        )
        return found if same and self.rules.covers(found) else None


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
            if not task.may_be_a_loop:
                return record(BudgetError(_FEW_NUMBERS))
            unless = None if task.is_derivative else _differentiates()
            quick = partial(if_quick, record, _FEW_NUMBERS, unless)
            return _taking_back(LateObserver(task.roots), quick)
        if task.numbers >= VERY_MANY:
            return None
        kind = _kind(task, *_outlined(task))
        if kind in self._known or kind in self._refused:
            return None
        observer = Observer(task.roots, touched=True, passive=True)
        return _taking_back(observer, partial(if_quick, record))

    def find(self, task: Task, patient: bool = False) -> Found:
        """Give a program for a call without recording everything, or raise `Refusal`."""
        forms, lengths = _outlined(task)
        if not patient and task.numbers < MANY_NUMBERS:
            raise BudgetError(_FEW_NUMBERS)
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
        source = FunctionSource(task, forms)
        rules = infer(source, lengths, patient)
        places = tuple([lengths.index(length) for length in rules.free])
        form = _Form(rules, places, tuple(lengths), source.captured, source.chooses, source.ran)
        found = _built(task, form, rules.free)
        _keep(self._known, kind, [form, *known[: MOST_ALIKE - 1]])
        return found


def _taking_back(observer: Observer, quick: Callable[[], T | None]) -> T | None:
    """Record if that is quick; else take back what was done."""
    with observer:
        found = quick()
    if found is None:
        observer.restore()
    return found


def _differentiates() -> Callable[[], bool]:
    """Make what tells whether derivatives were recorded since, or will be: then it is no loop."""
    before = contexts.state.derivations

    def told() -> bool:
        open_to_symbols = any(node.is_symbolic for node in contexts.watched())
        return open_to_symbols or contexts.state.derivations != before

    return told


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
        claim = claim_watched(claim_of(trace, task.name, task.slopes), observer)
        operations, with_graph = prove(program, claim)
        if operations != _operations(claim, form, with_graph).at(free):
            raise SizeError("at great lengths it computes what it does not at small ones")
    form.watch = observer.watch(form.captured)
    return Found(trace, program, form.watch, partial(_sizes, task, form, free))


def _operations(claim: Claim, form: _Form, with_graph: bool) -> Polynomial:
    """Find how many operations the function takes at any lengths, if it is the same at all.

    Else a proof would not see what only rounding makes: by the laws of arithmetic that is 0.
    """
    if form.operations is None:
        rules = form.rules

        def counted(points: Iterable[Point]) -> list[int]:
            return [_operations_at(claim, rules.free, point, with_graph) for point in points]

        found = rules.fitter.polynomial(counted(rules.points))
        if found is None:  # loops in loops in loops take a number that is no place of a program
            count = len(rules.free)
            cubic = exponents(count, 3)
            held = [(4,) * count, tuple(range(5, 5 + count))]
            points = [_beside(rules.points[0], powers) for powers in (*cubic, *held)]
            found = Fitter(points, cubic).integer(counted(points))
        form.operations = found
    return form.operations


def _beside(base: Point, steps: Sequence[int]) -> Point:
    return tuple([length + step for length, step in zip(base, steps, strict=True)])


def _operations_at(claim: Claim, free: Sequence[int], point: Point, with_graph: bool) -> int:
    """Count the operations of the function at small lengths."""
    sizes = dict(zip(free, point, strict=True))
    arguments = [
        Argument(
            argument.name,
            key_of(resized(outline(argument.nesting.key), sizes)),
            argument.per_sample,
            (),
        )
        for argument in claim.arguments
    ]
    with small():
        return operations_of(replace(claim, arguments=arguments), with_graph)


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
