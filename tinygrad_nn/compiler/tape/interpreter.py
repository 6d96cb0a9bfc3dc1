"""What a tape means: computed number by number, with any kind of number."""

from __future__ import annotations

import operator
from collections.abc import Callable, Mapping, Sequence
from functools import reduce
from typing import Any, TypeVar

from ...errors import ShapeError
from ...scalar.graph import CONSTANT, LEAF
from .tape import BATCH_SUM, Tape

__all__ = ["compute", "sample_count"]

T = TypeVar("T")


def compute(
    tape: Tape,
    arrays: Sequence[Sequence[Sequence[Any]]],
    number: Callable[[Any], T],
    apply: Callable[[int, int, list[T]], T],
) -> list[list[T]]:
    """Compute everything on a tape with numbers of any kind that can be added.

    `arrays` has for each array of the tape its numbers sample by sample; of one that all
    samples share, one row. `number` makes a number of what stands there, and `apply` computes
    an entry for a sample from its operands. The result has for each entry a number for each
    sample, or one that all share.
    """
    count = max(
        [len(rows) for a, rows in zip(tape.arrays, arrays, strict=True) if a.per_sample] or [0]
    )
    values: list[list[T]] = []
    for entry, row in enumerate(tape.rows):
        args = tape.args[entry]
        if row is CONSTANT:
            values.append([number(tape.number[entry])])
        elif row is LEAF:
            values.append([number(sample[args[1]]) for sample in arrays[args[0]]])
        elif row is BATCH_SUM:
            terms: Sequence[Any] = values[args[0]]
            values.append([reduce(operator.add, terms) if terms else number(0.0)])
        else:
            operands = [(values[arg], tape.varies[arg]) for arg in args]
            values.append(
                [
                    apply(entry, sample, [each[sample if own else 0] for each, own in operands])
                    for sample in range(count if tape.varies[entry] else 1)
                ]
            )
    return values


def sample_count(counts: Mapping[str, int]) -> int:
    """Give the number of samples, which must be that of every argument; 0 without any."""
    if len(set(counts.values())) > 1:
        shown = ", ".join(f"{name} has {count}" for name, count in counts.items())
        raise ShapeError(f"the arguments named in batch must have as many samples: {shown}")
    return next(iter(counts.values()), 0)
