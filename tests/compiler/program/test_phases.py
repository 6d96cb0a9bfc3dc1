"""What runs before, for, and after the samples of a batch."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from forms import at, computed, given, inner, made, over_samples, total

from tinygrad_nn.compiler.program.phases import Phases, phases_of
from tinygrad_nn.compiler.program.program import Program, Run
from tinygrad_nn.compiler.program.statements import Chosen, Loop, Map, Reduce, Statement, Term
from tinygrad_nn.scalar.ops import add, mul

X = np.random.default_rng(0).uniform(-1.0, 1.0, (2, 5))
v = np.array([0.3, -0.4])

SHARED, EACH, A, B, H, K = range(6)


def of(*statements: Statement) -> Program:
    """On inputs that samples share or have, A and B that they share, H and K that they have."""
    arrays = [given(2), given(2, True), inner(4), inner(4), inner(4, True), inner(4, True)]
    return made(arrays, statements, results=[])


def phases(*statements: Statement) -> str:
    """The phase of each statement: before, for, after; or c for a batch that is coupled."""
    found = phases_of(of(*statements))
    if found.coupled:
        assert found == Phases((), statements, (), (), True)
        return "c"
    assert sorted(map(repr, (*found.before, *found.body, *found.after))) == sorted(
        map(repr, statements)
    )
    names = {id(s): n for n, part in zip("bfa", parts(found), strict=True) for s in part}
    return "".join(names[id(s)] for s in statements)


def parts(found: Phases) -> tuple[tuple[Statement, ...], ...]:
    return found.before, found.body, found.after


def sums(target: int, source: int, start: int = 0, **more: Any) -> Reduce:
    return Reduce(at(target, 1, start=start), (2,), add, (over_samples(at(source, 1)),), **more)


def copy(target: int, source: int, start: int = 0, **more: Any) -> Reduce:
    return Reduce(at(target, 1, start=start), (2,), add, (total(at(source, 1)),), **more)


def test_what_samples_share_comes_before_and_what_waits_for_them_after() -> None:
    lines = copy(A, SHARED), copy(H, EACH), sums(B, H), copy(B, B, start=2)
    assert phases(*lines) == "bffa"
    assert phases_of(of(*lines)).sums == (B,)


def test_what_does_not_wait_comes_before_wherever_it_stands() -> None:
    assert phases(sums(B, EACH), copy(A, SHARED)) == "fb"


def test_a_sample_that_reads_what_depends_on_all_couples_them() -> None:
    assert phases(sums(B, EACH), copy(H, B)) == "c"
    assert phases(sums(B, EACH), copy(A, B), copy(H, A)) == "c"
    by = Chosen(1, 2, at(B, 0))
    assert phases(sums(B, EACH), Reduce(at(H), (), add, (total(at(EACH, chosen=by)),))) == "c"


def test_a_sum_over_samples_may_be_added_to_by_another() -> None:
    again = sums(B, EACH, onto=True)
    assert phases(sums(B, EACH), again) == "ff"
    assert phases(sums(B, EACH), copy(B, SHARED, onto=True), again) == "faf"


def test_what_is_begun_after_the_samples_cannot_be_added_to_by_them() -> None:
    lines = sums(A, EACH), copy(B, A), sums(B, EACH, onto=True)
    assert phases(*lines) == "c"


def test_another_place_of_what_is_written_after_may_be_a_sum() -> None:
    lines = sums(A, EACH), copy(B, A), sums(B, EACH, start=2)
    assert phases(*lines) == "faf"


def test_adding_to_what_waits_waits_too() -> None:
    lines = sums(A, EACH), copy(B, A), copy(B, SHARED, onto=True), copy(A, B, start=2)
    assert phases(*lines) == "faaa"


# ---- loops ---------------------------------------------------------------------------------------


def loop(*body: Statement) -> Loop:
    return Loop(2, body)


def step(target: int, source: int, **more: Any) -> Map | Reduce:
    """target[t] = source[t]"""
    return Map(at(target, 1, **more), (), mul, (at(source, 1), 2.0))


def test_a_loop_is_taken_as_a_whole() -> None:
    assert phases(loop(step(A, SHARED)), loop(step(H, EACH)), loop(step(K, H))) == "bff"
    assert phases(sums(B, EACH), loop(step(A, SHARED), step(A, B, start=2))) == "fa"


def test_samples_may_have_beside_them_what_they_share() -> None:
    lines = loop(step(H, EACH), step(A, SHARED)), copy(A, A, start=2), copy(B, SHARED)
    assert phases(*lines) == "fab"


def test_a_loop_that_reads_its_own_sums_takes_all_samples() -> None:
    total = Reduce(at(B, 1), (), add, (over_samples(at(EACH, 1)),))
    assert phases(loop(total, step(A, SHARED))) == "f"
    assert phases(loop(total, step(A, B))) == "c"


def test_a_loop_adds_once_to_what_samples_share() -> None:
    """Each block of samples would do it again."""
    more = Reduce(at(A, 1), (), add, (Term(1.0),), onto=True)
    assert phases(copy(A, SHARED), loop(more, step(H, EACH))) == "c"
    assert phases(copy(A, SHARED), loop(more, step(B, SHARED), step(H, EACH))) == "c"
    assert phases(copy(A, SHARED), loop(more), loop(step(H, EACH))) == "bbf"


def test_what_a_loop_writes_lies_in_no_sum_over_samples() -> None:
    assert phases(sums(A, EACH), loop(step(A, SHARED, start=2), step(H, EACH))) == "c"


@pytest.mark.parametrize(
    ("written", "lines"),
    [
        ({A: 4, B: 4}, [copy(A, SHARED), sums(B, EACH), copy(B, B, start=2), copy(A, B, start=2)]),
        (
            {A: 2, B: 2},
            [sums(B, EACH), copy(B, SHARED, onto=True), sums(B, EACH, onto=True), copy(A, B)],
        ),
        (
            {A: 2, B: 2, H: 2},
            [sums(B, EACH), Map(at(H, 1), (2,), mul, (at(B, 1), at(EACH, 1))), sums(A, H)],
        ),
        (
            {A: 4, B: 2, H: 2},
            [loop(step(H, EACH), step(A, SHARED)), copy(A, A, start=2), sums(B, H)],
        ),
        (
            {A: 4, H: 2},
            [sums(A, EACH), loop(step(A, SHARED, start=2), step(H, A)), copy(B, A)],
        ),
    ],
)
def test_blocks_of_samples_compute_the_same(
    written: dict[int, int], lines: list[Statement]
) -> None:
    results = [Run(size, at(array, 1)) for array, size in written.items()]
    computed(made(of().arrays, lines, results=results), {SHARED: v, EACH: X}, 5)
