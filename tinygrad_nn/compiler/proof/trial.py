"""Programs run on numbers of finite fields that are drawn, and what these say of their results."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from ...errors import ProofError
from ..program.program import Program, Role
from .arrays import Numbers, constants, drawn, residues
from .attempt import tried
from .memory import PLACES
from .plain import plain
from .run import run

__all__ = ["ALONG", "drawn_inputs", "is_symmetric", "run_on"]

ALONG = 1 << 20  # arrays: those from here on are directions, in which what is given moves


def drawn_inputs(program: Program, count: int) -> dict[int, Numbers]:
    """Draw numbers for all arrays that are given to a program."""
    found = {}
    for number, array in enumerate(program.arrays):
        if array.role in (Role.INPUT, Role.CAPTURED):
            found[number] = drawn(number << PLACES, count if array.per_sample else 1, array.size)
        elif array.role is Role.BATCH:
            numbers = np.array([float(count), 1.0 / count])[: array.size]
            found[number] = constants(numbers)[:, None]
    return found


def run_on(program: Program, inputs: Mapping[int, Numbers], count: int) -> Numbers:
    """Run a program, whose constants are no news."""
    plain.learns = False
    try:
        return run(program, inputs, count)
    finally:
        plain.learns = True


def is_symmetric(program: Program, by: int) -> bool:
    """Tell whether the first results are a symmetric matrix H times an input array.

    That is so if u times H v is v times H u, for numbers u, v and all others that are drawn: but
    for a chance as in `prove`. False as well where nobody can tell.
    """
    size = program.arrays[by].size
    found = False

    def compare(_: bool) -> None:
        nonlocal found
        inputs = drawn_inputs(program, 1)
        one, other = inputs[by], drawn(ALONG + by << PLACES, 1, size)

        def along(v: Numbers, u: Numbers) -> Numbers:
            results = run_on(program, {**inputs, by: v}, 1)[:, :, :size]
            if results.shape[2] != size:
                raise ProofError("it is no square matrix")
            total: Numbers = residues(residues(results * u).sum(axis=2))
            return total

        found = bool((along(one, other) == along(other, one)).all())

    try:
        tried(compare)
    except ProofError:
        return False
    return found
