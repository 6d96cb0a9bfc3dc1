"""Recordings of small functions, and what they mean."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from bounded import interpret

from tinygrad_nn.compiler.tape.recording import Recording
from tinygrad_nn.compiler.trace.recorder import Argument, Recorder
from tinygrad_nn.compiler.trace.tracing import Trace, record, reduced


def recorded(f: Callable[..., Any], arguments: Sequence[Argument], share: bool = False) -> Recorder:
    return record(f.__name__, arguments, lambda nested: f(*nested), share=share)


def traced(
    f: Callable[..., Any], arguments: Sequence[Argument], reduce: Any = None, debug: bool = False
) -> Trace:
    def call(nested: list[Any]) -> Any:
        return f(*nested)

    return reduced(record(f.__name__, arguments, call, debug), reduce, call)


def computed(recording: Recording, *arrays: list[list[float]]) -> list[list[list[float]]]:
    """Interpret a recording that captures nothing: the numbers of each result, sample by sample."""
    count = max(map(len, arrays))
    values, _ = interpret(recording.tape, [*arrays, [[]], [[float(count), 1.0 / count]]])
    return [[values[entry] for entry in result.entries] for result in recording.results]


def contents(recording: Recording) -> list[Any]:
    """Copy everything that a recording holds."""
    tape, args = recording.tape, recording.tape.args
    return [
        *[list(each) for each in (tape.arrays, tape.rows, tape.varies, tape.nodes)],
        *[list(args.first), list(args.second), dict(args.rest), dict(tape.number)],
        *[recording.results, recording.pieces, recording.blocks, recording.read_in_blocks],
        recording.lookups,
    ]
