"""Recurrences are listed as loops, which say what each step is."""

from __future__ import annotations

import random
import re
from typing import Any

import pytest
from forms import at, given, inner, made, total
from listed import check_listing, shown
from programs import inputs_of, numbers, program_of

from tinygrad_nn import tanh, value_and_grad
from tinygrad_nn.compiler.listing.listing import lines_of, listing
from tinygrad_nn.compiler.listing.loops import evenly, row_lengths, steps_of
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


def at_step(line: str, t: int) -> str:
    return re.sub(LINEAR, lambda match: str(eval(match[0], {"t": t})), line)


def expanded(text: str) -> list[str]:
    """Write each step of the loops of a listing out, without shapes and counts."""
    found: list[str] = []
    body: list[str] = []
    count = 0

    def close() -> None:
        for t in range(count):
            found.extend([at_step(line, t) for line in body])
        body.clear()

    for line in text.split("\n"):
        row = re.split(r"  +", line.strip())[0]
        if line.startswith("    "):
            body.append(row)
            continue
        close()
        match = re.fullmatch(r"for t in range\((\d+)\):", row)
        count = int(match[1]) if match else 0
        if not match:
            found.append(row)
    close()
    return found


@pytest.mark.parametrize("derived", [False, True])
def test_a_loop_says_what_each_step_is(derived: bool) -> None:
    program = program_of(value_and_grad(recurrent) if derived else recurrent, *arguments(12))
    assert [one.count for one in program.statements if isinstance(one, Loop)] == [10] * (
        1 + derived
    )
    text = listing(program)
    assert text.count("for t in range(10):") == 1 + derived
    lines = lines_of(program)
    every = [line.text for line in (*lines.inputs, *lines.statements, *lines.results)]
    assert expanded(text) == every
    assert len(every) > len(text.split("\n")) + 10


def test_the_recurrence_of_a_network() -> None:
    text = listing(program_of(recurrent, *arguments(12))).split("\n")
    place = text.index("for t in range(10):")
    rows = [re.sub("  +", "  ", row) for row in text[place + 1 : place + 3]]
    assert rows == [
        "  b1[t + 1] = U @ b2[t] + W @ inputs[t + 2]  (4,)  280 nodes",
        "  b2[t + 1] = tanh(b1[t + 1])  (4,)  40 nodes",
    ]


def test_counts_are_those_of_the_lines_that_are_shown() -> None:
    few, many = (program_of(recurrent, *arguments(steps)) for steps in (12, 40))
    assert few.stats.statements == many.stats.statements
    assert many.stats.nodes - few.stats.nodes == 28 * (4 * 7 + 4)


# ---- text -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("texts", "whole"),
    [
        (["h[0] = x", "h[1] = x", "h[2] = x"], "h[t] = x"),
        (["h[0:4] = z1", "h[4:8] = z1"], "h[4*t:4*t + 4] = z1"),
        (["a[9] - b[3, 1]", "a[8] - b[4, 1]"], "a[9 - t] - b[t + 3, 1]"),
        (["x[i - 4]", "x[i - 2]"], "x[i - (4 - 2*t)]"),
        (["x[2*i + 1]", "x[2*i + 2]"], "x[2*i + (t + 1)]"),
        (["x[1]", "x[2]", "x[4]"], None),
        (["x[1]", "x[2, 1]"], None),
        (["x[1:]", "y[2:]"], None),
        (["take(x, [0, 1 ... 9 in all, #ab])", "take(x, [0, 1 ... 9 in all, #cd])"], None),
    ],
)
def test_numbers_that_move_evenly(texts: list[str], whole: str | None) -> None:
    assert evenly(texts, "t") == whole
    if whole is not None:
        for t, text in enumerate(texts):
            assert at_step(whole, t) == text


# ---- programs by hand ---------------------------------------------------------------------------


def steps(count: int) -> Program:
    """h[0] = x; h[t + 1] = tanh(w[t] * h[t])."""
    product = Reduce(at(3, 2, 1), (2,), add, (total(at(2, 2, 1), at(1, 1, 0)),), nodes=2)
    state = Map(at(2, 2, 1, start=2), (2,), tanh_row, (at(3, 2, 1),), nodes=2)
    first = Reduce(at(2, 1), (2,), add, (total(at(0, 1)),), nodes=2)
    arrays = [given(2), given(count, name="w"), inner(2 * count + 2), inner(2 * count)]
    results = [Run(2, at(2, 1, start=2 * count))]
    return made(arrays, [first, Loop(count, (product, state))], results=results)


def test_rows_and_steps_of_a_loop() -> None:
    program = steps(3)
    assert row_lengths(program) == {2: 2, 3: 2}
    assert steps_of(program) == [None, (1, 0), (1, 0), (1, 1), (1, 1), (1, 2), (1, 2)]
    assert shown(program)[:3] == ["b1[0] = x", "b2[0] = b1[0] * w[0]", "b1[1] = tanh(b2[0])"]
    assert [row.text for row in lines_of(program).rows()][2:] == [
        "b1[0] = x",
        "for t in range(3):",
        "    b2[t] = b1[t] * w[t]",
        "    b1[t + 1] = tanh(b2[t])",
        "result = b1[3]",
    ]
    assert [row.nodes for row in lines_of(program).rows()][2:] == [2, 0, 6, 6, 0]


def test_a_letter_that_nothing_else_has() -> None:
    program = steps(3)
    program.arrays[1] = given(3, name="t")
    assert "for step in range(3):\n    b2[step] = b1[step] * t[step]" in re.sub(
        "  +\\(.*", "", listing(program)
    )


def test_an_array_that_is_written_through_a_table_has_no_rows() -> None:
    program = steps(3)
    program.tables.append([1, 0])  # type: ignore[arg-type]
    first = program.statements[0]
    assert isinstance(first, Reduce)
    program.statements[0] = Reduce(at(2, 1, table=0), (2,), add, first.terms)
    assert row_lengths(program) == {3: 2}


def test_the_listing_of_a_recurrence_is_read_back() -> None:
    program = program_of(value_and_grad(recurrent), *arguments(15))
    check_listing(program, inputs_of(program))
