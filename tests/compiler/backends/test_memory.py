"""Where arrays lie."""

from __future__ import annotations

import random

import numpy as np
import pytest
from written import Making, at

from tinygrad_nn.compiler.backends.memory import Layout, Memory
from tinygrad_nn.compiler.program.program import Program, Role, Run
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce, Term, accesses_of, unnested
from tinygrad_nn.scalar.ops import add, exp, mul


def chain(length: int, per_sample: bool = True, keep: bool = False) -> Program:
    """Statements that each read what the one before wrote."""
    making = Making()
    last = making.input(4, per_sample)
    for _ in range(length):
        target = making.inner(4, per_sample)
        making.add(Map(at(target, 1), (4,), exp, (at(last, 1),)))
        last = target
    if not keep:
        making.results = [Run(4, at(last, 1))]
    return making.program()


def test_what_samples_share_lies_in_order() -> None:
    layout = Layout(chain(3, per_sample=False))
    assert layout.start == [0, 4, 8, 12]
    assert (layout.shared, layout.samples) == (16, 0)


def test_what_is_read_no_more_gives_its_place_away() -> None:
    layout = Layout(chain(5))
    assert layout.start == [0, 4, 8, 4, 8, 4]
    assert (layout.shared, layout.samples) == (0, 12)


def test_results_keep_their_places() -> None:
    layout = Layout(chain(5, keep=True))
    assert layout.start == [0, 4, 8, 12, 16, 20]


def test_places_go_to_arrays_of_the_same_size() -> None:
    making = Making()
    x, y, z, w = (
        making.input(4, True),
        making.inner(4, True),
        making.inner(3, True),
        making.inner(4, True),
    )
    making.add(
        Map(at(y, 1), (4,), exp, (at(x, 1),)),
        Map(at(z, 1), (3,), exp, (at(y, 1),)),
        Map(at(w, 1), (4,), exp, (at(z, 0),)),
    )
    making.results = [Run(4, at(w, 1))]
    assert Layout(making.program()).start == [0, 4, 8, 4]


def test_what_is_added_to_is_still_in_use() -> None:
    making = Making()
    x, y, z, sums = (
        making.input(2, True),
        making.inner(2, True),
        making.inner(2, True),
        making.inner(2, True),
    )
    making.add(
        Reduce(at(sums, 1), (2,), add, (Term(0.0),)),
        Map(at(y, 1), (2,), exp, (at(x, 1),)),
        Map(at(z, 1), (2,), exp, (at(y, 1),)),
        Reduce(at(sums, 1), (2,), add, (Term(1.0, (at(z, 1),)),), onto=True),
    )
    making.results = [Run(2, at(sums, 1))]
    assert len(set(Layout(making.program()).start)) == 4


def test_a_loop_is_taken_as_a_whole() -> None:
    making = Making()
    x, h, y, z = (
        making.input(2, True),
        making.inner(8, True),
        making.inner(6, True),
        making.inner(6, True),
    )
    body = (
        Map(at(y, 2, 1), (2,), exp, (at(h, 2, 1),)),
        Map(at(z, 2, 1), (2,), exp, (at(y, 2, 1),)),
        Map(at(h, 2, 1, start=2), (2,), exp, (at(z, 2, 1),)),
    )
    making.add(Map(at(h, 1), (2,), exp, (at(x, 1),)), Loop(3, body))
    making.results = [Run(8, at(h, 1))]
    start = Layout(making.program()).start
    assert start == [0, 2, 10, 16]  # each step writes y and z


@pytest.mark.parametrize("seed", range(20))
def test_no_place_is_given_away_too_early(seed: int) -> None:
    rng = random.Random(seed)
    making = Making()
    ready = [making.input(3, True), making.input(3, True)]
    for _ in range(25):
        target = making.inner(3, True)
        operands = at(rng.choice(ready[-6:]), 1), at(rng.choice(ready), 1)
        making.add(Map(at(target, 1), (3,), mul, operands))
        ready.append(target)
    making.results = [Run(3, at(array, 1)) for array in rng.sample(ready, 3)]
    program = making.program()
    layout = Layout(program)
    holds = {layout.start[n]: n for n, a in enumerate(program.arrays) if a.role is Role.INPUT}
    for statement in unnested(program.statements):
        target, *reads = [access.array for access in accesses_of(statement)]
        assert all(holds[layout.start[array]] == array for array in reads)
        assert layout.start[target] not in [layout.start[array] for array in reads]
        holds[layout.start[target]] = target
    for run in program.results:
        assert not isinstance(run.where, float)
        assert holds[layout.start[run.where.array]] == run.where.array
    assert layout.samples < 3 * len(program.arrays)


def test_numbers_and_places() -> None:
    making = Making()
    x, c, y = making.input(3), making.constant([1.0, -0.0]), making.input(2, True)
    memory = Memory(Layout(making.program()), 5)
    assert memory.numbers(x).shape == (3,)
    assert memory.numbers(c).tolist() == [1.0, -0.0]
    assert np.signbit(memory.numbers(c)[1])
    assert memory.numbers(y).shape == (2, 5)
    place = memory.place(c)
    assert place.arena is memory.shared
    assert place[1:] == (3, 1, 0)
    place = memory.place(y)
    assert place.arena is memory.samples
    assert place[1:] == (0, 5, 1)
    memory.numbers(y)[1, 2] = 7.0
    assert place.arena.ravel()[place.start + 1 * place.unit + 2 * place.sample] == 7.0
    assert [memory.is_apart(array) for array in (x, c, y)] == [False, False, True]


def test_memories_that_share_what_samples_share() -> None:
    layout = Layout(chain(2, per_sample=False))
    one = Memory(layout, 3)
    other = Memory(layout, 4, one.shared)
    one.numbers(0)[...] = 2.0
    assert other.numbers(0).tolist() == [2.0] * 4


def test_arrays_outside() -> None:
    making = Making()
    x, y = making.input(3), making.input(1, True)
    whole, each = np.arange(3.0), np.arange(5.0)
    memory = Memory(Layout(making.program()), 5, outside={x: whole, y: each})
    assert memory.place(x).arena is whole
    assert memory.place(x)[1:] == (0, 1, 0)
    assert memory.place(y).arena is each
    assert memory.place(y)[1:] == (0, 5, 1)
    memory.numbers(y)[0, 3] = -1.0
    assert each[3] == -1.0
    assert memory.numbers(x) is whole
    assert memory.is_apart(x)


def test_no_samples() -> None:
    making = Making()
    x = making.input(3, True)
    memory = Memory(Layout(making.program()), 0)
    assert memory.numbers(x).shape == (3, 0)
