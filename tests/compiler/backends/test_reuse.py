"""Which arrays need memory for one step of a loop alone."""

from __future__ import annotations

import pytest
from written import Making, at

from tinygrad_nn.compiler.backends.reuse import reusing
from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce, Term, accesses_of, unnested
from tinygrad_nn.scalar.ops import add, exp, tanh

STEPS = 4


def chain(step: int = 3) -> tuple[Making, int, int]:
    """h[t + 1] = tanh(2 h[t]), where the double is an array of its own."""
    making = Making()
    x, h, z = making.input(3), making.inner(3 * STEPS + 3), making.inner(3 * STEPS)
    start = 0 if step > 0 else -step * (STEPS - 1)
    making.add(
        Map(at(h, 1), (3,), exp, (at(x, 1),)),
        Loop(
            STEPS,
            (
                Reduce(at(z, step, 1, start=start), (3,), add, (Term(2.0, (at(h, 3, 1),)),)),
                Map(at(h, 3, 1, start=3), (3,), tanh, (at(z, step, 1, start=start),)),
            ),
        ),
    )
    making.results = [Run(3, at(h, 1, start=3 * STEPS))]
    return making, h, z


def sizes(program: Program) -> list[int]:
    return [array.size for array in reusing(program).arrays]


@pytest.mark.parametrize("step", [3, -3])
def test_what_only_a_step_reads(step: int) -> None:
    making, h, z = chain(step)
    found = reusing(making.program())
    assert found.arrays[h].size == 3 * STEPS + 3
    assert found.arrays[z].size == 3
    inside = [a for one in unnested(found.statements) for a in accesses_of(one) if a.array == z]
    assert {(access.start, access.strides) for access in inside} == {(0, (0, 1))}


def test_what_others_read_stays() -> None:
    making, _, z = chain()
    before = sizes(making.program())
    assert before[z] == 3
    making.results.append(Run(1, at(z, 1)))
    assert sizes(making.program())[z] == 3 * STEPS
    making.results.pop()
    making.add(Map(at(making.inner(1)), (), exp, (at(z, start=5),)))
    assert sizes(making.program())[z] == 3 * STEPS
    making.statements[-1] = Loop(STEPS, (Map(at(3, 1), (), exp, (at(z, 3),)),))
    assert sizes(making.program())[z] == 3 * STEPS


def test_what_another_step_reads_stays() -> None:
    making, _, z = chain()
    loop = making.statements[-1]
    assert isinstance(loop, Loop)
    more = making.inner(STEPS)
    making.statements[-1] = Loop(STEPS, (*loop.body, Map(at(more, 1), (), exp, (at(z, 0),))))
    assert sizes(making.program())[z] == 3 * STEPS
    making.statements[-1] = Loop(STEPS, (*loop.body, Map(at(more, 1), (), exp, (at(z, 3),))))
    assert sizes(making.program())[z] == 3
    table = at(z, 1, table=making.table([0, 3, 6, 9]))
    making.statements[-1] = Loop(STEPS, (*loop.body, Map(at(more, 1), (), exp, (table,))))
    assert sizes(making.program())[z] == 3 * STEPS


def test_a_loop_inside_is_a_part_of_the_step() -> None:
    making = Making()
    x, z, h = making.input(3), making.inner(3 * STEPS), making.inner(3 * STEPS)
    body = (
        Map(at(z, 3, 1), (), exp, (at(x, 0, 1),)),
        Map(at(h, 3, 1), (), exp, (at(z, 3, 1),)),
    )
    making.add(Loop(STEPS, (Loop(3, body),)))
    making.results = [Run(3 * STEPS, at(h, 1))]
    assert sizes(making.program())[z] == 3


def test_without_loops_nothing_changes() -> None:
    making, _, _ = chain()
    making.statements.pop()
    program = making.program()
    assert reusing(program) is program
