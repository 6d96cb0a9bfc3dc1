"""What a tape means: computed number by number, over floats with their bounds or over Values."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ...errors import ShapeError
from ...scalar.graph import CONSTANT, LEAF
from ...scalar.operation import Op
from ...scalar.reverse import local_partial
from .recording import Recording
from .tape import BATCH_SUM, Tape

__all__ = ["interpret", "replay", "sample_count"]

Sample = tuple[float, ...]


def interpret(
    tape: Tape,
    arrays: Sequence[Sequence[Sequence[float]]],
    found: Callable[[int, int, float, list[float]], None] | None = None,
) -> tuple[list[list[float]], list[list[float]]]:
    """Compute everything on a tape for all samples.

    Parameters
    ----------
    tape : Tape
    arrays : sequence
        For each array of the tape its numbers sample by sample; of one that all samples
        share, one row.
    found : callable, optional
        Called with every entry, the sample, the result and its operands.

    Returns
    -------
    list of list of float
        The numbers of each entry: one for each sample, or one that all share.
    list of list of float
        For each of them the size of what was added up to get it: a result computed in
        another order lies within some units of rounding of this size.
    """
    count = max(
        [len(rows) for a, rows in zip(tape.arrays, arrays, strict=True) if a.per_sample] or [0]
    )
    values: list[list[float]] = []
    sizes: list[list[float]] = []
    for entry, row in enumerate(tape.rows):
        args = tape.args[entry]
        if row is CONSTANT:
            numbers = [tape.number[entry]]
            bounds = [abs(numbers[0])]
        elif row is LEAF:
            array, place = args
            numbers = [sample[place] for sample in arrays[array]]
            bounds = [abs(number) for number in numbers]
        elif row is BATCH_SUM:
            numbers = [_added(values[args[0]])]
            bounds = [_added(sizes[args[0]])]
        else:
            numbers, bounds = [], []
            for sample in range(count if tape.varies[entry] else 1):
                operands = [_of(values[arg], sample) for arg in args]
                number = row.quiet(*operands)
                numbers.append(number)
                reach = [_of(sizes[arg], sample) for arg in args]
                bounds.append(abs(number) + _spread(row, operands, number, reach))
                if found is not None:
                    found(entry, sample, number, operands)
        values.append(numbers)
        sizes.append(bounds)
    return values, sizes


def replay(
    recording: Recording, arrays: Sequence[Sequence[Sequence[Any]]]
) -> tuple[list[Any], int]:
    """Apply the operations of a recording to Values or numbers.

    Parameters
    ----------
    recording : Recording
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
    tape = recording.tape
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
    found = [
        values[entry] if tape.varies[entry] else values[entry][0] for entry in recording.outputs
    ]
    return found, count


def sample_count(counts: Mapping[str, int]) -> int:
    """Give the number of samples, which is that of every argument; 0 without any.

    Raises
    ------
    ShapeError
        When the arguments have different numbers of them.
    """
    if len(set(counts.values())) > 1:
        shown = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise ShapeError(f"the arguments named in batch must have as many samples: {shown}")
    return next(iter(counts.values()), 0)


def _of(numbers: list[float], sample: int) -> float:
    return numbers[sample] if len(numbers) > 1 else numbers[0]


def _added(numbers: Sequence[Any]) -> Any:
    total: Any = 0.0
    for position, number in enumerate(numbers):
        total = number if position == 0 else total + number
    return total


def _spread(row: Op, operands: list[float], number: float, reach: list[float]) -> float:
    """Carry the operands' sizes over to the result, by the derivatives of the operation."""
    total = 0.0
    for position, rule in enumerate(row.partials):
        if rule is not None:
            slope = local_partial(row, position, operands, number)
            if math.isfinite(slope) and slope != 0.0:
                total += abs(slope) * reach[position]
    return total
