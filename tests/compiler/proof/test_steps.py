"""Loops give the same numbers of the fields one by one, and as arrays."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from forms import at, given, inner, loops, made, total
from hypothesis import given as drawn_from
from hypothesis import settings

from tinygrad_nn.compiler.program.program import Array, Program, Role
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce
from tinygrad_nn.compiler.proof import steps
from tinygrad_nn.compiler.proof.arrays import drawn
from tinygrad_nn.compiler.proof.memory import PLACES
from tinygrad_nn.compiler.proof.run import run
from tinygrad_nn.errors import ProofError
from tinygrad_nn.scalar.ops import add, maximum, mul, power, tanh


def both(program: Program, count: int = 2) -> tuple[Any, Any]:
    """Compute all results as arrays, and with each loop one number at a time if it can be."""
    arrays = program.arrays
    inputs = {
        n: drawn(n << PLACES, count if one.per_sample else 1, one.size)
        for n, one in enumerate(arrays)
        if one.role is Role.INPUT
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(steps, "FEW_NUMBERS", 0)
        as_arrays = run(program, inputs, count)
        patch.setattr(steps, "FEW_NUMBERS", 10**6)
        patch.setattr(steps, "QUICK", 10**6)
        return as_arrays, run(program, inputs, count)


@settings(max_examples=40)
@drawn_from(loops)
def test_any_loop(program: Program) -> None:
    as_arrays, one_by_one = both(program)
    assert (as_arrays == one_by_one).all()


@pytest.mark.parametrize("varies", [False, True])
def test_a_recurrence(varies: bool) -> None:
    """What is added up, read where it is written, raised to known powers, and in two loops."""
    arrays = [given(2, varies), inner(24, varies), inner(2, varies), Array(3, False, Role.CONSTANT)]
    begin = Map(at(1, 1), (2,), tanh, (at(0, 1),))
    swapped = Map(at(1, 0, 1), (2,), mul, (at(1, 0, -1, start=1), 3.0))
    raised = Map(at(1, 2, 1, start=2), (2,), power, (at(1, 2, 1), at(3, 0, 1)))
    greatest = Reduce(at(1, 2, start=3), (), maximum, (total(at(1, 2, 1), over=[2]),))
    summed = Reduce(at(2, 0, 1), (2,), add, (total(at(1, 2, 1), at(1, 2, 0), coef=0.5),), onto=True)
    inside = Loop(2, (Map(at(2, 0, 0, 1), (2,), mul, (at(2, 0, 0, 1), at(1, 2, 2, 1))),))
    zero = Reduce(at(2, 1), (2,), add, (total(coef=0.0),))
    program = made(arrays, [begin, zero, Loop(10, (swapped, raised, greatest, summed, inside))])
    program.constants[3] = np.array([2.0, 0.5, 3.0])
    as_arrays, one_by_one = both(program)
    assert (as_arrays == one_by_one).all()


def test_what_lies_outside_or_is_given_is_refused() -> None:
    arrays = [given(4), inner(8)]
    for one in (
        Map(at(1, 1), (), tanh, (at(0, 1),)),
        Map(at(1, -1, start=4), (), tanh, (at(0, 0),)),
        Map(at(0, 0), (), tanh, (at(1, 0),)),
        Map(at(1, 1, 0), (2,), tanh, (at(0, 0, 1),)),
    ):
        with pytest.raises(ProofError, match="means nothing"):
            run(made(arrays, [Loop(6, (one,))]), {0: drawn(0, 1, 4)}, 1)
