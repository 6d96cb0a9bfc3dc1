"""Recurrences are listed as loops, which say what each step is."""

from __future__ import annotations

import random
import re
from typing import Any

from forms import at, given, inner, made, total
from listed import check_listing
from programs import inputs_of, numbers, program_of

from tinygrad_nn import tanh, value_and_grad
from tinygrad_nn.compiler.listing.listing import listing
from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce
from tinygrad_nn.functions import dot
from tinygrad_nn.scalar.ops import add
from tinygrad_nn.scalar.ops import tanh as tanh_row


def recurrent(W: Any, U: Any, inputs: Any) -> Any:
    state = [tanh(dot(row, inputs[0])) for row in W]
    for x in inputs[1:]:
        state = [tanh(dot(u, state) + dot(w, x)) for u, w in zip(U, W, strict=True)]
    return dot(state, state)


def arguments(steps: int) -> list[Any]:
    rng = random.Random(0)
    return [numbers(rng, 4, 3), numbers(rng, 4, 4), numbers(rng, steps, 3)]


LINEAR = r"\((?:\d+ - )?(?:\d+\*)?t(?: \+ \d+)?\)|(?:\d+ - )?(?:\d+\*)?\bt\b(?: \+ \d+)?"


def test_the_recurrence_of_a_network() -> None:
    text = listing(program_of(recurrent, *arguments(12))).split("\n")
    place = text.index("for t in range(10):")
    rows = [re.sub("  +", "  ", row) for row in text[place + 1 : place + 3]]
    assert rows == [
        "  z1[t + 1] = U @ h1[t] + W @ inputs[t + 2]  (4,)  280 nodes",
        "  h1[t + 1] = tanh(z1[t + 1])  (4,)  40 nodes",
    ]


def test_counts_are_those_of_the_lines_that_are_shown() -> None:
    few, many = (program_of(recurrent, *arguments(steps)) for steps in (12, 40))
    assert few.stats.statements == many.stats.statements
    assert many.stats.nodes - few.stats.nodes == 28 * (4 * 7 + 4)


# ---- programs by hand ---------------------------------------------------------------------------


def steps(count: int) -> Program:
    """h[0] = x; h[t + 1] = tanh(w[t] * h[t])."""
    product = Reduce(at(3, 2, 1), (2,), add, (total(at(2, 2, 1), at(1, 1, 0)),), nodes=2)
    state = Map(at(2, 2, 1, start=2), (2,), tanh_row, (at(3, 2, 1),), nodes=2)
    first = Reduce(at(2, 1), (2,), add, (total(at(0, 1)),), nodes=2)
    arrays = [given(2), given(count, name="w"), inner(2 * count + 2), inner(2 * count)]
    results = [Run(2, at(2, 1, start=2 * count))]
    return made(arrays, [first, Loop(count, (product, state))], results=results)


def test_a_letter_that_nothing_else_has() -> None:
    program = steps(3)
    program.arrays[1] = given(3, name="t")
    assert "for s in range(3):\n    z1[s] = h1[s] * t[s]" in re.sub(
        "  +\\(.*", "", listing(program)
    )


def test_the_listing_of_a_recurrence_is_read_back() -> None:
    program = program_of(value_and_grad(recurrent), *arguments(15))
    check_listing(program, inputs_of(program))
