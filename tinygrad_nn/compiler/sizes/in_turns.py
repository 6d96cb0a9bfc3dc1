"""Functions with a long loop: recorded with few turns of it, written for all, and proved.

All turns are called, but not recorded: of each operation it is logged which it is, and on what. That
says how the loop goes on, and so what the function would be with fewer turns.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any

import numpy as np

from ...errors import ProofError, SizeError
from ...scalar.arrays import call_with_values
from ...scalar.contexts import EnoughError, collector_paused, state
from ...scalar.graph import CONSTANT, LEAF
from ..program.program import Ints, Program
from ..program.split import split
from ..proof.claim import Slopes, claim_of
from ..proof.prove import prove
from ..tape.recording import Recording, Result
from ..tape.table import Table, kinds_of
from ..tape.turns import Turns, turns_in
from ..trace.logged import INPUT_CODE, NOBODY, NUMBER_CODE, PLACE, Log, log_two
from ..trace.parts import parts_of
from ..trace.recorder import Recorder
from ..trace.structure import Nesting, flat, nesting_of
from ..trace.tracing import Trace, record, reduced, unasked, with_symbols
from ..watch.observer import Ran
from .functions import Found, lengths_in
from .recordings import Refusal
from .source import Task, claim_watched, observed_call, small, watched
from .turns import TURNS, of_few

__all__ = ["found_in_turns"]

LONG_LOOP = 40_000  # operations: fewer are recorded as they are


def found_in_turns(task: Task, why: Refusal) -> Found | None:
    """Give the program of a function that is nearly all one loop, without recording all of it.

    None if it is none, or nobody can tell. `why` says why its lengths are not free.
    """
    if not task.may_be_a_loop:
        return None
    try:
        turns, nesting, ran = _turns(task)
        if turns is None:
            return None
        return _built(task, turns, nesting, why, ran)
    except (SizeError, ProofError):
        return None


def _turns(task: Task) -> tuple[Turns | None, Nesting, Sequence[Ran]]:
    """Log what a function computes, or that of which it is the derivative, and find its turns."""
    own = task.call if task.slopes is None else task.slopes.call
    log = Log()
    recorder = Recorder(task.arguments, {})  # whose tape stays empty
    nested = [
        argument.nesting.rebuild(log.inputs(number, argument.nesting.size))
        for number, argument in enumerate(task.arguments)
    ]
    with small(), watched(task, "it cannot be logged") as observer:
        call = observed_call(own, observer)
        try:
            with collector_paused(), with_symbols(log_two), unasked(task.name):
                derivations = state.derivations
                result = call_with_values(call, nested)
                if log.ended or state.derivations != derivations or state.chosen or state.choices:
                    raise SizeError("not all that it computes can be logged")
            leaves: list[Any] = []
            nesting = nesting_of(result, leaves)
            del nested, result
            entries = tuple([log.entry(leaf) for leaf in flat(leaves)])
        except EnoughError:
            raise SizeError("not all that it computes can be logged") from None
    if log.size < LONG_LOOP:
        return None, nesting, observer.ran
    pieces = tuple(parts_of("result", nesting.key))
    recording = Recording(recorder.tape, (Result(entries, False),), pieces)
    turns = turns_in(recording, _table(log))
    by = task.slopes.by if isinstance(task.slopes, Slopes) else ()
    if turns is not None and not turns.arrays_read().isdisjoint(by):
        return None, nesting, observer.ran  # there would be derivatives by what no turn reads
    return turns, nesting, observer.ran


def _table(log: Log) -> Table:
    """Write what was logged as a tape is written in a table."""
    packed: Ints = np.frombuffer(log.packed, np.int64)
    codes = packed >> 2 * PLACE
    read = [(packed >> PLACE) & NOBODY, packed & NOBODY]
    for operands in read:
        operands[operands == NOBODY] = -1
    if log.rest:
        third = np.full(len(packed), -1)
        third[list(log.rest)] = list(log.rest.values())
        read.append(third)
    given = {LEAF: INPUT_CODE, CONSTANT: NUMBER_CODE}
    numbered = {row: given.get(row, 4 * code) for code, row in enumerate(log.rows)}
    of_code = np.array([numbered[row] for row in log.rows])
    return Table(of_code[codes], read, kinds_of(numbered), log.numbers)


# ---- the function with fewer turns --------------------------------------------------------------


def _built(task: Task, turns: Turns, nesting: Nesting, why: Refusal, ran: Sequence[Ran]) -> Found:
    """Write the program of all turns from those of few, and prove it."""
    with collector_paused():
        program, trace = _written(task, turns, nesting)
    with watched(task, "it is another program with all turns", ran) as observer:
        prove(split(program), claim_watched(claim_of(trace, task.name, task.slopes), observer))
    return Found(trace, program, observer.watch(), partial(lengths_in, task, why))


def _written(task: Task, turns: Turns, nesting: Nesting) -> tuple[Program, Trace]:
    arguments, counts = tuple(task.arguments), (TURNS, TURNS + 1)
    few = [turns.shortened(count) for count in counts]
    if task.slopes is None:
        key, whole = nesting.key, turns.recording
    else:
        calls = [task.again(_replayed(recording, nesting)) for recording in few]
        traces = [reduced(record(task.name, arguments, call), None, call) for call in calls]
        few = [trace.recording for trace in traces if trace.recording is not None]
        key, whole = traces[0].nesting.key, few[0]
    program = of_few(few, whole, turns.count)
    return program, Trace(None, arguments, Nesting(key), None, (), task.call)


def _replayed(recording: Recording, nesting: Nesting) -> Callable[[list[Any]], Any]:
    """Make the function that computes what was recorded, of symbols or Values."""
    tape = recording.tape
    if len(recording.outputs) != nesting.size:
        raise SizeError("it has other results with fewer turns")

    def call(nested: list[Any]) -> Any:
        given: list[list[Any]] = []
        for part in nested:
            leaves: list[Any] = []
            nesting_of(part, leaves)
            given.append(flat(leaves))
        numbers: list[Any] = []
        for entry, row in enumerate(tape.rows):
            if row is LEAF:
                numbers.append(given[tape.args.first[entry]][tape.args.second[entry]])
            elif row is CONSTANT:
                numbers.append(tape.number[entry])
            else:
                numbers.append(row(*[numbers[operand] for operand in tape.args[entry]]))
        return nesting.rebuild([numbers[entry] for entry in recording.outputs])

    return call
