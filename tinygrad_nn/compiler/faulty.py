"""Why a result is not finite: the operation, found number by number."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..errors import NonFiniteError
from ..scalar.contexts import debug
from ..scalar.number import plain
from .calling import call_as_it_is, samples_of
from .program.program import DOUBLE, Array, Dtype, Role
from .tape.faults import find_fault
from .trace.structure import flat
from .trace.tracing import Trace

__all__ = ["raise_fault"]


def raise_fault(trace: Trace, dtype: Dtype, leaves: list[list[Any]]) -> None:
    """Raise for the first operation that has no finite result."""
    recording = trace.recording
    if recording is None:
        with debug():
            call_as_it_is(trace, leaves, dtype)
        return
    rows = [
        [[float(plain(number)) for number in row] for row in array]
        for array in _rows(trace, recording.tape.arrays, leaves)
    ]
    find_fault(recording.tape, recording.outputs, rows)
    if dtype != DOUBLE:
        raise NonFiniteError(
            f"a result is infinite or NaN in {dtype.name}, and none is in "
            f"{DOUBLE.name}: give dtype={DOUBLE.name!r}"
        )


def _rows(trace: Trace, arrays: Sequence[Array], leaves: list[list[Any]]) -> list[list[list[Any]]]:
    """List the numbers of every array of the tape, sample by sample."""
    given = [
        samples_of(numbers, argument.nesting.size) if argument.per_sample else [flat(numbers)]
        for argument, numbers in zip(trace.arguments, leaves, strict=True)
    ]
    counts = [len(rows) for rows, a in zip(given, trace.arguments, strict=True) if a.per_sample]
    count = counts[-1] if counts else 0
    others: dict[Role, list[list[Any]]] = {
        Role.CAPTURED: [list(trace.captured)],
        Role.BATCH: [[float(count), 1.0 / count if count else float("nan")]],
    }
    of_arguments = iter(given)
    return [others[a.role] if a.role in others else next(of_arguments) for a in arrays]
