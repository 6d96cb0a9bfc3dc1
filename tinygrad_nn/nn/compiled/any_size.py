"""Models compiled at any size: recorded at small ones, their program found as a rule, and proved."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count
from typing import Any, Generic, TypeVar

from ...compiler.backends.backend import Backend
from ...compiler.batched import Batched
from ...compiler.program.program import Piece, Program
from ...compiler.program.verify import verify
from ...compiler.proof.claim import Claim, Slopes
from ...compiler.proof.prove import prove
from ...compiler.roll.roll import compile_tape
from ...compiler.sizes.infer import Rules, infer
from ...compiler.sizes.recordings import Refusal, Sample
from ...compiler.sizes.report import Sizes, sizes_of
from ...compiler.sizes.terms import apart, together
from ...compiler.tape.recording import Recording
from ...compiler.trace.recorder import Argument
from ...compiler.trace.results import Reduce
from ...compiler.waiting import shown_if_long
from ...compiler.watch.observer import Observer, left_alone
from ...compiler.watch.settled import settled
from ...compiler.watch.watch import Watch
from ...errors import ProofError, SizeError
from ...scalar.contexts import collector_paused
from ...scalar.value import Value
from ...transforms.of_graphs import gradients
from ...tree import Key, branches_of, size_of
from ..parameters import Parametric
from .naming import is_covered, named, resized
from .shorter import Outline
from .symbolic import Twins

__all__ = ["Task", "compile_model"]

M = TypeVar("M", bound=Parametric)

LARGE = 1000  # numbers that go in: a model of fewer is recorded in full without asking
QUICK = 60_000  # nodes that are recorded in full, if each number is used about as often as here
CLOSE = 8  # lengths that differ by no more are changed together


@dataclass(frozen=True, slots=True)
class Task(Generic[M]):
    """What is to be compiled, of a model that is given samples.

    `arguments` are the parameters and what the model is given, `others` what is called beside the
    model. `record` records a model like it with some lengths in place of others, or itself.
    `values` computes, of a model and what it is given, the results of a sample, each a list; with
    `derived` the derivatives of the first number by the parameters are one more. `reduce` joins
    those of all samples, and `pieces` names them, given the parameters' argument and their sizes.
    """

    name: str
    model: M
    parameters: Sequence[Value]
    arguments: Sequence[Argument]
    others: Sequence[tuple[str, Any]]
    record: Callable[[M, Mapping[int, int]], tuple[Recording, Watch]]
    values: Callable[..., tuple[list[Any], ...]]
    derived: bool
    reduce: tuple[Reduce, ...]
    pieces: Callable[[Argument, Sequence[int]], Sequence[Piece]]

    @property
    def numbers(self) -> int:
        """How many numbers go in."""
        return sum(argument.nesting.size for argument in self.arguments)

    @property
    def lengths(self) -> list[tuple[int, str]]:
        """The lengths of what the model is given, each with what it is the length of."""
        inputs = [(argument.nesting.key, argument.name) for argument in self.arguments[1:]]
        return [(key[1], f"len({name})") for key, name in inputs if key != 0]


def compile_model(task: Task[M], backend: Backend) -> tuple[Batched, Watch]:
    """Compile a model for a backend.

    It is not recorded in full if it is large, and one program at all sizes.
    """
    source = _Source(task) if task.numbers >= LARGE else None
    if source is None or source.nodes() < QUICK:
        recording, watch = task.record(task.model, {})
        return Batched(recording, partial(sizes_of, task.lengths), backend), watch
    try:
        return _found(task, source, backend)
    except SizeError as error:
        why = error.why if isinstance(error, Refusal) else {}
        sizes = partial(sizes_of, source.named, (), why, str(error))
    with shown_if_long(lambda: f"recording all of {task.name}: {sizes().reason}"):
        recording, watch = task.record(task.model, {})
        return Batched(recording, sizes, backend), watch


class _Source(Generic[M]):
    """A model and what it is given, to be recorded at other lengths.

    `named` are the lengths, and what has them; `ties` those that go with another one.
    """

    def __init__(self, task: Task[M]) -> None:
        self._task = task
        self._outline = Outline(task.model)
        self.named = [*task.lengths, *self._outline.lengths.items()]
        self.ties = _ties({size for size, _ in self.named})
        self.per_sample: list[bool] = []  # whether each sample has its own of a result
        self._latest: tuple[dict[int, int], Recording] | None = None

    @property
    def lengths(self) -> list[int]:
        """Those that may be changed each by itself."""
        return sorted({size for size, _ in self.named}.difference(self.ties))

    def numbers(self, sizes: Mapping[int, int]) -> int:
        """Count the numbers that go in."""
        sizes = _with_ties(self.ties, sizes)
        inputs = [argument.nesting.size for argument in self._task.arguments[1:]]
        return self._outline.parameters(sizes) + sum(sizes.get(n, n) for n in inputs)

    def nodes(self) -> float:
        """Estimate how many nodes all of it has, from a small one; too many if that is not known.

        What uses its numbers again and again has more than this.
        """
        bases = zip(self.lengths, count(4, 3), strict=False)
        sizes = {n: base for n, base in bases if n > 2 * base}
        try:
            recording = self._recorded(sizes)
        except Exception:
            return math.inf
        return len(recording.tape.rows) / self.numbers(sizes) * self._task.numbers

    def _recorded(self, sizes: Mapping[int, int]) -> Recording:
        """Record it; whatever that leaves behind is taken back."""
        sizes = _with_ties(self.ties, sizes)
        if self._latest is None or self._latest[0] != sizes:
            model = self._outline.shorter(sizes)
            with left_alone(model, *[thing for _, thing in self._task.others], passive=True):
                recording, _ = self._task.record(model, sizes)
            self._latest = sizes, recording
        return self._latest[1]

    def sample(self, sizes: Mapping[int, int]) -> Sample:
        """Record it with some other lengths, and take its program apart."""
        try:
            recording = self._recorded(sizes)
            with collector_paused():
                program = compile_tape(recording)
        except Exception as error:
            changed = ", ".join(f"{other} in place of {n}" for n, other in sizes.items())
            raise SizeError(f"with {changed}: {type(error).__name__}: {error}") from None
        self.per_sample = [result.per_sample for result in recording.results]
        key = (tuple, tuple([(list, len(result.entries)) for result in recording.results]))
        return Sample(apart(program, key), len(recording.tape.rows))


def _ties(lengths: Iterable[int]) -> dict[int, int]:
    """Give, for lengths that are a little more than another one, this other.

    A layer that follows a convolution has some weights less than the convolution has inputs.
    """
    found: dict[int, int] = {}
    base = 0
    for size in sorted(lengths):
        if base and size - base <= CLOSE:
            found[size] = base
        else:
            base = size
    return found


def _with_ties(ties: Mapping[int, int], sizes: Mapping[int, int]) -> dict[int, int]:
    """Give other lengths also for those that go with some."""
    tied = {n: sizes[base] + n - base for n, base in ties.items() if base in sizes}
    return tied | dict(sizes)


# ---- programs at the real lengths ------------------------------------------------------------


def _found(task: Task[M], source: _Source[M], backend: Backend) -> tuple[Batched, Watch]:
    """Find a program and prove it, or raise `SizeError`."""
    rules = infer(source, source.lengths)
    known = _Known(rules, tuple(task.arguments), task.pieces, dict(source.ties), source.named)
    program, key, results = known.at(rules.free)
    watch = _proved(program, key, task)
    kinds = zip(results, source.per_sample, strict=True)
    return Batched.of(program, list(kinds), True, known.sizes, backend), watch


@dataclass(frozen=True, slots=True)
class _Known:
    """What is kept of how a program was found: nothing of the model."""

    rules: Rules
    arguments: tuple[Argument, ...]
    pieces: Callable[[Argument, Sequence[int]], Sequence[Piece]]
    ties: dict[int, int]
    named: list[tuple[int, str]]

    def at(self, lengths: Sequence[int]) -> tuple[Program, Key, list[int]]:
        """Give the program for some lengths, how its results are nested, and their sizes."""
        arguments = self.arguments
        if tuple(lengths) != self.rules.free:
            sizes = _with_ties(self.ties, dict(zip(self.rules.free, lengths, strict=True)))
            arguments = tuple([resized(argument, sizes) for argument in arguments])
        keys = [argument.nesting.key for argument in arguments]
        program, key = together(self.rules.at(tuple(lengths)), keys)
        results = [size_of(part) for _, part in branches_of(key)]
        return named(program, arguments, self.pieces(arguments[0], results)), key, results

    def sizes(self) -> Sizes:
        """Say which lengths are free, and what the program is at others."""
        why = self.rules.fixed | {n: f"it goes with {base}" for n, base in self.ties.items()}
        points = self.rules.points if is_covered(self.arguments[0]) else ()
        samples = [(point, self.at(point)[0]) for point in points]
        return sizes_of(self.named, self.rules.free, why, samples=tuple(samples))


def _proved(program: Program, key: Key, task: Task[M]) -> Watch:
    """Prove a program with the model itself, which is watched meanwhile."""
    twins = Twins(task.model, task.parameters)

    def check(observer: Observer) -> None:
        def values(nested: list[Any]) -> Any:
            symbols, *given = nested
            with observer:
                return task.values(twins.next(symbols, observer), *given)

        def results(nested: list[Any]) -> Any:
            found = values(nested)
            return (*found, gradients(found[0][0], nested[0])) if task.derived else found

        slopes = Slopes(values, (0,), True) if task.derived else None
        claim = Claim(task.name, results, task.arguments, key, task.reduce, slopes=slopes)
        prove(program, claim)

    try:
        verify(program)
        roots = [("self", task.model), *task.others]
        _, observer = settled(task.name, roots, check, lambda one, other: True, may_draw=False)
    except Exception as error:
        what = "" if isinstance(error, ProofError) else f": {type(error).__name__}: {error}"
        raise SizeError(f"it is another program at these lengths{what}") from None
    return observer.watch()
