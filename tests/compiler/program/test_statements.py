"""What everybody asks of statements."""

from __future__ import annotations

import gc
from dataclasses import FrozenInstanceError, replace

import pytest
from forms import at, over_samples, total

from tinygrad_nn.compiler.program.statements import (
    Access,
    Chosen,
    Loop,
    Map,
    Reduce,
    Runs,
    Term,
    accesses_of,
    extents_of,
    is_onto,
    reads_of,
    sums_samples,
    terms_of,
    unnested,
    with_accesses,
)
from tinygrad_nn.scalar.ops import add, mul

chosen = at(1, 0, 1, chosen=Chosen(2, 3, at(2, 1, 0)))
map_ = Map(at(0, 1), (4,), mul, (at(1, 1), 2.0))
reduce = Reduce(at(0, 1), (4,), add, (total(at(3, 1, 1), chosen, over=[5]), Term(1.0)))
scatter = Reduce(at(0, chosen=Chosen(1, 3, at(2))), (), add, (over_samples(at(1)),), onto=True)
runs = Runs(at(0, 1), (2,), add, total(at(1, 1), over=[5]), 0)


def test_what_is_read() -> None:
    assert reads_of(map_) == [at(1, 1)]
    assert reads_of(reduce) == [at(3, 1, 1), chosen, at(2, 1, 0)]
    assert reads_of(scatter) == [at(1), at(2)]
    assert reads_of(runs) == [at(1, 1)]
    assert accesses_of(scatter) == [scatter.target, at(1), at(2)]


def test_terms_and_how_far_they_run() -> None:
    assert terms_of(map_) == ()
    assert terms_of(reduce) == reduce.terms
    assert terms_of(runs) == (runs.term,)
    assert extents_of(reduce, reduce.terms[0]) == (4, 5)
    assert extents_of(reduce, reduce.terms[1]) == (4,)
    assert extents_of(runs, runs.term) == (5,)


def test_it_stands_for_no_numbers_of_the_graph_unless_told() -> None:
    assert map_.nodes == reduce.nodes == runs.nodes == 0


def test_what_is_joined_and_summed() -> None:
    assert [is_onto(s) for s in (map_, reduce, scatter, runs)] == [False, False, True, False]
    assert [sums_samples(s) for s in (map_, reduce, scatter, runs)] == [False, False, True, False]


def test_statements_in_loops_are_met_once() -> None:
    loop = Loop(3, (map_, Loop(2, (reduce,)), runs))
    assert list(unnested([scatter, loop, map_])) == [scatter, map_, reduce, runs, map_]


def test_statements_stay_as_they_are_and_are_compared() -> None:
    with pytest.raises(FrozenInstanceError):
        map_.nodes = 3  # type: ignore[misc]
    assert at(1, 2) == Access(1, 0, (2,))
    assert {reduce, scatter, reduce} == {scatter, reduce}
    assert hash(Loop(2, (reduce,))) == hash(Loop(2, (reduce,)))


def test_every_access_is_changed_what_chooses_first() -> None:
    met: list[Access] = []

    def moved(access: Access) -> Access:
        met.append(access)
        return replace(access, start=access.start + 10)

    loop = Loop(3, (map_, Loop(2, (reduce, scatter)), runs))
    found = with_accesses(loop, moved)
    assert isinstance(found, Loop)
    one, inner, last = found.body
    assert isinstance(inner, Loop)
    assert (found.count, inner.count) == (3, 2)
    for before, after in zip((map_, reduce, scatter, runs), unnested([found]), strict=True):
        assert [
            a.start - b.start for a, b in zip(accesses_of(after), accesses_of(before), strict=True)
        ] == ([10] * len(accesses_of(before)))
        assert type(after) is type(before)
    assert isinstance(one, Map)
    assert one.operands[1] == 2.0
    assert isinstance(last, Runs)
    assert (last.ends, last.term.over) == (runs.ends, runs.term.over)
    assert met[:2] == [at(0, 1), at(1, 1)]
    by = next(place for place, access in enumerate(met) if access == at(2, 1, 0))
    assert met[by + 1].chosen == Chosen(2, 3, at(2, 1, 0, start=10))


def test_statements_written_anew_leave_nothing_to_the_collector() -> None:
    """Compiling pauses it, and writes statements by the thousand."""
    gc.collect()
    gc.disable()
    try:
        for one in (map_, reduce, scatter, runs, Loop(2, (map_,))):
            with_accesses(one, lambda access: access)
        assert gc.collect() == 0
    finally:
        gc.enable()
