"""Loops as they are printed, and computed from what is printed."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from forms import at, inner, loops, made, over_samples, total
from hypothesis import assume, given, settings
from listed import check_listing, shaped, shown

from tinygrad_nn.compiler.listing.listing import lines_of, listing
from tinygrad_nn.compiler.listing.stats import stats_of
from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.statements import Chosen, Loop, Map, Reduce
from tinygrad_nn.compiler.program.unroll import unroll
from tinygrad_nn.scalar.ops import add, mul, tanh

W, X, B, H, Z, G = range(6)
ARRAYS = [shaped("W", 4, 4), shaped("x", 6, 4), shaped("b", 4)]
ARRAYS += [inner(28), inner(24), inner(28)]

begin = Map(at(H, 1), (4,), tanh, (at(B, 1),), nodes=4)
product = total(at(W, 0, 4, 1), at(H, 4, 0, 1), over=[4])
summed = Reduce(at(Z, 4, 1), (4,), add, (product, total(at(X, 4, 1))), nodes=32)
step = Map(at(H, 4, 1, start=4), (4,), tanh, (at(Z, 4, 1),), nodes=4)
forwards = Loop(6, (summed, step))


def of(*statements: Any, results: Sequence[Run] = (), tables: Any = ()) -> Program:
    return made(ARRAYS, statements, tables, results or [Run(4, at(H, 1, start=24))])


def printed(program: Program, inputs: Any = ()) -> list[str]:
    """The lines of the listing, without shapes and inputs, if they mean what the program does."""
    count = 2 if any(array.per_sample for array in program.arrays) else 1
    shown(program, inputs, count)
    rows = listing(program).split("\n")
    texts = [row[: row.index("  (")].rstrip() if "  (" in row else row for row in rows]
    return texts[len(lines_of(program).inputs) :]


def test_a_step_is_printed_once() -> None:
    assert listing(of(begin, forwards)) == (
        "W                             (4, 4)\n"
        "x                             (6, 4)\n"
        "b                             (4,)\n"
        "h1[0] = tanh(b)               (4,)          4 nodes\n"
        "for t in range(6):\n"
        "    z1[t] = W @ h1[t] + x[t]  (4,)        192 nodes\n"
        "    h1[t + 1] = tanh(z1[t])   (4,)         24 nodes\n"
        "result = h1[6]                (4,)"
    )
    printed(of(begin, forwards))


def test_costs_are_those_of_all_steps() -> None:
    stats = stats_of(of(begin, forwards))
    assert (stats.statements, stats.nodes) == (3, 4 + 6 * 36)
    assert stats.flops == 4 + 6 * (4 * 4 * 2 + 4 - 4 + 4)


def test_two_loops_count_alike() -> None:
    """The second goes back through what the first has made."""
    last = Map(at(G, 1, start=24), (4,), tanh, (at(H, 1, start=24),))
    transposed = total(at(W, 0, 1, 4), at(G, -4, 0, 1, start=24), over=[4])
    back = Reduce(at(G, -4, 1, start=20), (4,), add, (transposed, total(at(H, -4, 1, start=20))))
    program = of(begin, forwards, last, Loop(6, (back,)), results=[Run(4, at(G, 1))])
    assert printed(program) == [
        "h1[0] = tanh(b)",
        "for t in range(6):",
        "    z1[t] = W @ h1[t] + x[t]",
        "    h1[t + 1] = tanh(z1[t])",
        "z2[6] = tanh(h1[6])",
        "for t in range(6):",
        "    z2[5 - t] = W.T @ z2[6 - t] + h1[5 - t]",
        "result = z2[0]",
    ]


def test_two_arrays_are_carried() -> None:
    other = Map(at(G, 1), (4,), tanh, (at(B, 1),))
    left = Reduce(at(H, 4, 1, start=4), (4,), add, (total(at(G, 4, 1)), total(at(X, 4, 1))))
    right = Map(at(G, 4, 1, start=4), (4,), mul, (at(H, 4, 1), at(G, 4, 1)))
    program = of(begin, other, Loop(6, (left, right)), results=[Run(28, at(G, 1))])
    assert printed(program) == [
        "z1[0] = tanh(b)",
        "result[0:4] = tanh(b)",
        "for t in range(6):",
        "    z1[t + 1] = result[4*t:4*t + 4] + x[t]",
        "    result[4*t + 4:4*t + 8] = z1[t] * result[4*t:4*t + 4]",
    ]


def test_what_is_added_up_over_the_steps_stays_where_it_is() -> None:
    zero = Reduce(at(Z, 1), (4,), add, (total(coef=0.0),))
    more = Reduce(at(Z, 0, 1), (4,), add, (total(at(X, 4, 1)),), onto=True)
    program = of(zero, Loop(6, (more,)), results=[Run(4, at(Z, 1))])
    assert printed(program) == ["result = 0", "for t in range(6):", "    result += x[t]"]


def test_lines_do_not_reach_over_the_ends_of_loops() -> None:
    """What is added in a loop is no part of the sum before it, nor is a piece that it reads."""
    ahead = Reduce(at(Z, 1), (4,), add, (total(at(B, 1)),))
    more = Reduce(at(Z, 0, 1), (4,), add, (total(at(X, 4, 1)),), onto=True)
    after = Reduce(at(Z, 1), (4,), add, (total(at(B, 1)),), onto=True)
    program = of(ahead, Loop(6, (more,)), after, results=[Run(4, at(Z, 1))])
    assert printed(program) == [
        "result = b",
        "for t in range(6):",
        "    result += x[t]",
        "result += b",
    ]
    reads = Reduce(at(H, 4, 1), (4,), add, (total(at(Z, 0, 1)), total(at(X, 4, 1))), nodes=4)
    assert printed(of(ahead, Loop(6, (reads,)), results=[Run(4, at(H, 1))])) == [
        "z2 = b",
        "for t in range(6):",
        "    z1[t] = z2 + x[t]",
        "result = z1[0]",
    ]


def test_pieces_are_written_inside_of_a_step() -> None:
    piece = Reduce(at(Z, 4, 1), (4,), add, (product,))
    reads = Reduce(
        at(H, 4, 1, start=4), (4,), add, (total(at(Z, 4, 1)), total(at(B, 0, 1))), nodes=4
    )
    assert printed(of(begin, Loop(6, (piece, reads)))) == [
        "z1[0] = tanh(b)",
        "for t in range(6):",
        "    z1[t + 1] = W @ z1[t] + b",
        "result = z1[6]",
    ]


def test_loops_within_loops() -> None:
    inside = Map(at(H, 4, 2, 1), (2,), tanh, (at(X, 4, 2, 1),), nodes=2)
    program = of(Loop(6, (Loop(2, (inside,)),)), results=[Run(24, at(H, 1))])
    assert printed(program) == [
        "for t in range(6):",
        "    for s in range(2):",
        "        h1[t, 2*s:2*s + 2] = tanh(x[t, 2*s:2*s + 2])",
        "result = h1.ravel()[0:24]",
    ]
    assert lines_of(program).statements[0].nodes == 24


def test_letters_of_steps_are_no_names() -> None:
    program = of(begin, forwards)
    program.arrays[X] = shaped("t", 6, 4)
    assert "    z1[s] = W @ h1[s] + t[s]" in printed(program)


@pytest.mark.parametrize(
    ("target", "source", "text"),
    [
        (at(H, 4, 1), at(X, 3, 1), "h1[t] = tanh(x.ravel()[3*t:3*t + 4])"),
        (at(H, 4, 1, start=2), at(X, 4, 1), "h1.ravel()[4*t + 2:4*t + 6] = tanh(x[t])"),
        (at(H, 4, -1, start=3), at(X, 4, 1), "h1[t, 3::-1] = tanh(x[t])"),
        (at(H, 4, 1), at(B, 0, -1, start=3), "h1[t] = tanh(b[3::-1])"),
        (at(H, 1, 6), at(X, 1, 6), "h1[t:t + 19:6] = tanh(x.ravel()[t:t + 19:6])"),
        (at(H, 4, 1), at(X, 0, 1, table=0), "h1[t] = tanh(take(x, [3, 1, 4, 1]))"),
        (at(H, 4, 1), at(X, 2, 1, table=1), "h1[t] = tanh(take(x, T)[2*t:2*t + 4])"),
        (at(H, 4, 1, table=2), at(X, 4, 1), "h1.ravel()[T[4*t + [0, 1, 2, 3]]] = tanh(x[t])"),
    ],
)
def test_how_places_move(target: Any, source: Any, text: str) -> None:
    tables = [[3, 1, 4, 1], [n * 5 % 24 for n in range(14)], [n * 5 % 28 for n in range(24)]]
    one = Map(target, (4,), tanh, (source,))
    last = replace(target, start=target.start + 5 * target.strides[0], strides=target.strides[1:])
    program = of(Loop(6, (one,)), results=[Run(4, last)], tables=tables)
    head, line, _ = printed(program)
    assert head == "for t in range(6):"
    assert re.sub(r"\[[^\[]*#\w+\]", "T", line).strip() == text


def test_choices_move() -> None:
    """Each step takes a row of W, and adds what it is told to a place of its own row."""
    told = at(B, 0, 1, start=1)
    row = Reduce(at(H, 4, 1), (4,), add, (total(at(W, 0, 1, chosen=Chosen(4, 4, at(X, 4, 0)))),))
    zero = Reduce(at(G, 4, 1), (4,), add, (total(coef=0.0),))
    target = at(G, 4, 0, chosen=Chosen(1, 4, told))
    more = Reduce(target, (2,), add, (total(at(X, 4, 2)),), onto=True)
    program = of(Loop(6, (row, zero, more)), results=[Run(24, at(H, 1)), Run(24, at(G, 1))])
    numbers = [0.0, 3.0, 1.0, 2.0, 0.0, 1.0] * 4
    assert printed(program, [None, numbers, [0.0, 3.0, 1.0, 2.0]])[1:3] == [
        "    z1[t] = W[x[t, 0]]",
        "    z2[t] = 0; z2[t][b[1:3]] += x[t, 0:3:2]",
    ]


def test_samples() -> None:
    """Sums over the samples are known after each step."""
    arrays = [shaped("x", 6, 4, per_sample=True), inner(24), inner(24, True)]
    own = Map(at(2, 4, 1), (4,), tanh, (at(0, 4, 1),))
    summed = Reduce(at(1, 4, 1), (4,), add, (over_samples(at(2, 4, 1)),))
    program = made(arrays, [Loop(6, (own, summed))])
    assert printed(program)[1:3] == ["    h1[t] = tanh(x[t])", "    z1[t] = sum_batch(h1[t])"]
    assert stats_of(program).sample_bytes == 8 * (24 + 24)


def test_rows_of_matrices_stay_matrices() -> None:
    """The second has the shape of what it is computed from, though its statement has one axis."""
    arrays = [shaped("W", 4, 4), shaped("b", 2, 4), inner(56), inner(48)]
    begin = Map(at(2, 1), (8,), tanh, (at(1, 1),))
    product = total(at(2, 8, 4, 0, 1), at(0, 0, 0, 4, 1), over=[4])
    summed = Reduce(at(3, 8, 4, 1), (2, 4), add, (product,))
    step = Map(at(2, 8, 1, start=8), (8,), tanh, (at(3, 8, 1),))
    program = made(arrays, [begin, Loop(6, (summed, step))], results=[Run(8, at(2, 1, start=48))])
    assert printed(program) == [
        "h1[0] = tanh(b)",
        "for t in range(6):",
        "    z1[t] = h1[t] @ W.T",
        "    h1[t + 1] = tanh(z1[t])",
        "result = h1.ravel()[48:56]",
    ]


@settings(max_examples=80)
@given(loops)
def test_loops_say_what_their_steps_say(program: Program) -> None:
    """Whatever can be read back step by step can be read back as loops."""
    rng = np.random.default_rng(0)
    arrays = []
    for number, name in enumerate("xyab"):
        array = program.arrays[number] = replace(program.arrays[number], name=name)
        rows = rng.uniform(0.5, 2.0, (2 if array.per_sample else 1, array.size))
        arrays.append((np.floor(rows) if name in "ab" else rows).tolist())
    try:
        check_listing(unroll(program), arrays)
    except Exception:
        assume(False)  # random programs hold what no program does
    check_listing(program, arrays)
