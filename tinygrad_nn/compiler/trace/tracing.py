"""Calling a function with symbols, and recording what it computes."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from itertools import islice
from typing import Any

from ...errors import TraceError
from ...scalar import contexts
from ...scalar.arrays import call_with_values
from ...scalar.contexts import collector_paused
from ...scalar.graph import Node
from ...scalar.value import Value
from ..program.program import Piece
from ..tape.recording import Recording, Result
from ..tape.tape import input_number
from .asked import Asked, Kinds
from .classes import Classes, classes_answered
from .handlers import Handlers
from .parts import parts_of
from .questions import Question
from .recorder import Argument, Recorder
from .results import Reduce, segments, summed
from .session import Session, answered
from .structure import Nesting
from .symbol import Symbol, record_two, symbols_of

__all__ = ["Asking", "Call", "Numbers", "Trace", "record", "reduced", "unasked", "with_symbols"]

Call = Callable[[list[Any]], Any]  # a function, given each of its arguments nested
Numbers = Callable[[], Sequence[Sequence[float]]]  # of each argument, in a call
Asking = tuple[Asked, Sequence[Kinds] | None]  # what was asked for classes, and which they are


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """What a function computes, and how numbers get in and out.

    The nesting is that of the result of one sample, the captured leaves, taken from
    elsewhere, are read at every call, and `call` is the function itself, for Values. If
    `chooses`, derivatives go through choices. A program that comes from elsewhere has no
    recording. After the results come the guards of its `questions`, or, where there are samples,
    the number of samples that answer another one.
    """

    recording: Recording | None
    arguments: tuple[Argument, ...]
    nesting: Nesting
    reduce: Reduce
    captured: tuple[Value, ...]
    call: Call
    chooses: bool = False
    questions: tuple[Question, ...] = ()
    looked_at: tuple[int, ...] = ()  # the entries of their guards
    asks_classes: bool = False  # so that it is for numbers of some classes
    of_values: bool = False  # whether it speaks of Values, and is always called on such

    @property
    def batched(self) -> bool:
        """Whether there are samples."""
        return any(argument.per_sample for argument in self.arguments)


@contextmanager
def with_symbols(recorder: Callable[..., Any]) -> Iterator[None]:
    """Call a function with symbols inside this context; `recorder` applies operations to them."""
    state = contexts.state
    with collector_paused(), contexts.recording(), contexts.symbolic(recorder):
        outside = state.derived, state.guards, state.chosen, state.choices
        state.derived, state.guards, state.chosen, state.choices = [], [], [], 0
        state.refused = None
        try:
            yield
        except IndexError as error:
            raise state.refused or error from None
        finally:
            state.derived, state.guards, state.chosen, state.choices = outside


def record(
    name: str,
    arguments: Sequence[Argument],
    call: Call,
    debug: bool = False,
    share: bool = False,
    numbers: Numbers | None = None,
    asking: Asking | None = None,
) -> Recorder:
    """Write what a function of some name computes on a tape, for one sample.

    `call` calls it, given the symbols in place of the arguments; with `share` also, after them,
    the inverse of the number of samples. `debug` remembers the user's line of every operation.
    The `numbers` of each argument answer what it asks; without them questions are refused. What it is
    `asking` for the classes of numbers is answered by those of the call, if they are told.
    """
    session = None if numbers is None else Session(numbers, Handlers(sys._getframe().f_code))
    classes = None if asking is None else _classes(name, asking, session)
    inputs: dict[Node, int] = {}
    recorder = Recorder(arguments, inputs, debug)
    nested: list[Any] = []
    for number, argument in enumerate(arguments):
        size = argument.nesting.size
        symbols = symbols_of(size, argument.name if size == 1 else "")
        first = input_number(number, 0)
        inputs.update(zip(symbols, range(first, first + size), strict=True))
        nested.append(argument.nesting.rebuild(symbols))
        if session is not None:
            session.begin(symbols)
        if classes is not None:
            classes.begin(symbols)
    if share:
        nested.append(Symbol("1/batch"))
        recorder.add_inverse(nested[-1])

    def check(leaf: Node) -> None:
        if leaf.is_symbolic:
            raise TraceError(
                f"{name} uses {leaf!r}, an argument of another function that is being recorded: "
                "hand it over as an argument"
            )

    with collector_paused():
        with with_symbols(record_two), contexts.debug() if debug else nullcontext():
            state = contexts.state
            before = state.derivations
            with answered(session), classes_answered(classes):
                result = call_with_values(call, nested)
                if session is not None:
                    session.finish()
            derived, chosen = state.derived or (), state.chosen
            recorder.chooses = state.choices > 0 and state.derivations > before
        recorder.write(result, check, derived, chosen, session.questions if session else ())
    return recorder


def _classes(name: str, asking: Asking, session: Session | None) -> Classes:
    def refuse(line: str) -> TraceError:
        return TraceError(
            f"{name} looks at the kind of a number, of which a symbol has another, at {line}: name the "
            "argument in static, or leave out strict, dtype and sizes, so that it is called as it is"
        )

    return Classes(*asking, refuse if session is None else session.end_at)


def unasked(name: str) -> AbstractContextManager[None]:
    """Refuse inside this context what a function of some name asks for the classes of symbols."""
    return classes_answered(_classes(name, (Asked(), None), None))


def reduced(recorder: Recorder, reduce: Reduce, call: Call) -> Trace:
    """Reduce what `call` gave over the samples, if there are some, and finish the recording."""
    key = recorder.nesting.key
    batched = any(argument.per_sample for argument in recorder.arguments)
    reduce = reduce if batched else None
    derived = {entry for block in recorder.blocks for entry in block} if batched else set()
    bare: dict[int, int] = {}
    results: list[Result] = []
    entries = iter(recorder.entries)
    # Of a batch that is parted by its questions, sums are put together, and then made means.
    for how, part in segments(summed(reduce) if recorder.questions else reduce, key):
        found = list(islice(entries, Nesting(part).size))
        if how is not None:
            sums = [recorder.reduce(entry, how, entry in derived) for entry in found]
            bare.update({entry: sum_ for entry, (_, sum_) in zip(found, sums, strict=True)})
            found = [total for total, _ in sums]
        results.append(Result(tuple(found), batched and how is None))
    blocks = recorder.blocks
    if bare:  # what is summed over the samples is kept together as sums, not for each sample
        blocks = [
            [bare.get(entry, entry) for entry in block if bare.get(entry, 0) >= 0]
            for block in blocks
        ]
    pieces = parts_of("result", key)
    questions, looked_at = tuple(recorder.questions.values()), tuple(recorder.questions)
    if questions:
        guards = (recorder.reduce(recorder.leaving(), "sum")[0],) if batched else looked_at
        name = "leaving" if batched else "answers"
        pieces.append(Piece(name, Nesting(key).size, (len(guards),)))
        results.append(Result(guards, False))
    recording = recorder.finish(results, pieces, blocks)
    captured = tuple(recorder.captured)
    return Trace(
        recording,
        recorder.arguments,
        recorder.nesting,
        reduce,
        captured,
        call,
        recorder.chooses,
        questions,
        looked_at,
    )
