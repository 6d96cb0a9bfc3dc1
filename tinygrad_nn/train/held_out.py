"""Samples that are held out of a training, to test on."""

from __future__ import annotations

import random

from ..data.preparation import parted
from ..errors import ArgumentError, DataError
from .samples import Samples

__all__ = ["held_out_of"]


def held_out_of(samples: Samples, fraction: float) -> tuple[Samples, Samples]:
    """Part samples into those to learn from and those to test on: the same whenever it is done.

    So a training that goes on does not learn from what it was tested on.
    """
    if not 0.0 < fraction < 1.0:
        raise ArgumentError(
            f"validation is {fraction!r}: expected samples (X, y), or the part of those to learn "
            "from that is held out, between 0 and 1, as 0.1"
        )
    if len(samples) < 2:
        raise DataError(
            f"X has {len(samples)} row and validation is {fraction!r}: expected two rows or more"
        )
    parts = parted(samples.targets, fraction, True, random.Random(0))
    train, test = (samples.take(samples.places(part)) for part in parts)
    return train, test
