"""A tape computed with Values: its operations, one by one, as ordinary nodes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from ..graph import CONSTANT, LEAF
from .structure import sample_count
from .tape import BATCH_SUM, Tape

__all__ = ["replay"]


def replay(tape: Tape, arrays: Sequence[Sequence[Sequence[Any]]]) -> tuple[list[Any], int]:
    """Apply the operations of a tape to Values or numbers.

    Parameters
    ----------
    tape : Tape
    arrays : sequence
        For each array of the tape its numbers sample by sample; of one that all samples
        share, one row.

    Returns
    -------
    list
        The outputs; of one that differs between samples the list of all of them.
    int
        How many samples there are.

    Raises
    ------
    ShapeError
        When one array has more samples than another.
    """
    count = sample_count(
        {a.name: len(rows) for a, rows in zip(tape.arrays, arrays, strict=True) if a.per_sample}
    )
    values: list[list[Any]] = []
    for entry, row in enumerate(tape.rows):
        args = tape.args[entry]
        if row is CONSTANT:
            values.append([tape.number[entry]])
        elif row is LEAF:
            values.append([sample[args[1]] for sample in arrays[args[0]]])
        elif row is BATCH_SUM:
            values.append([_added(values[args[0]])])
        else:
            samples = range(count if tape.varies[entry] else 1)
            values.append(
                [
                    row(*[values[arg][sample if tape.varies[arg] else 0] for arg in args])
                    for sample in samples
                ]
            )
    found = [values[entry] if tape.varies[entry] else values[entry][0] for entry in tape.outputs]
    return found, count


def _added(numbers: Sequence[Any]) -> Any:
    total: Any = 0.0
    for position, number in enumerate(numbers):
        total = number if position == 0 else total + number
    return total
