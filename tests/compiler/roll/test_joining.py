"""What is the same in all sums of a block is done once."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_nn.compiler.program.nests import Steps
from tinygrad_nn.compiler.roll.joining import join_common_terms
from tinygrad_nn.compiler.roll.terms import Factor, Joined, Mapped, Pattern, Recognised, Source
from tinygrad_nn.scalar.ops import add, exp, maximum

WEIGHTS, DATA, BLOCK, LATER = range(4)
SIZES = [30, 30, 5, 5]


def view(array: int, start: int, size: int) -> Factor:
    return Factor(Source(array), Steps(np.arange(start, start + size)))


def decayed(start: int, size: int, decay: float = 0.5, source: int = WEIGHTS) -> Joined:
    """A piece of the block: some term of its own, and a multiple of the weights 20 places on."""
    own = Pattern(1.0, [view(DATA, 2 * start, size)])
    shared = Pattern(decay, [view(source, start + 20, size)])
    return Joined(view(BLOCK, start, size), add, [own, shared], False, 2 * size)


def coefficients(found: list[Recognised]) -> list[list[float]]:
    return [[p.coef for p in one.patterns] for one in found if isinstance(one, Joined)]


def test_a_term_of_all_pieces_becomes_one_statement_after_the_last() -> None:
    reader = Mapped(view(LATER, 0, 5), exp, [view(BLOCK, 0, 5)])
    found = join_common_terms([decayed(3, 2), decayed(0, 3), reader], SIZES)
    assert coefficients(found) == [[1.0], [1.0], [0.5]]
    assert found[3] is reader
    joined = found[2]
    assert isinstance(joined, Joined)
    assert (joined.row, joined.accumulates, joined.samples) == (add, True, False)
    assert (joined.target.source.array, joined.target.rows.places.tolist()) == (
        BLOCK,
        [0, 1, 2, 3, 4],
    )
    (factor,) = joined.patterns[0].factors
    assert (factor.source.array, factor.rows.places.tolist()) == (WEIGHTS, [20, 21, 22, 23, 24])
    nodes = [one.nodes for one in found if isinstance(one, Joined)]
    assert nodes == [2, 3, 5]  # each number of the graph counts once


def scattered() -> Joined:
    one = decayed(3, 2)
    one.target = Factor(Source(BLOCK, np.array([4, 3])), Steps(np.arange(2)))
    return one


def over_samples() -> Joined:
    one = decayed(3, 2)
    one.samples = True
    return one


def extreme() -> Joined:
    one = decayed(3, 2)
    one.row = maximum
    return one


def with_nothing_else() -> Joined:
    one = decayed(3, 2)
    del one.patterns[0]
    return one


def summed() -> Joined:
    one = decayed(3, 2)
    one.patterns[1].over = (1,)
    return one


@pytest.mark.parametrize(
    "other",
    [
        decayed(3, 1),  # there is more of the block
        decayed(3, 2, 0.25),
        decayed(3, 2, source=DATA),
        scattered(),
        over_samples(),
        extreme(),
        with_nothing_else(),
        summed(),
    ],
    ids=["part", "coef", "source", "table", "samples", "extreme", "alone", "over"],
)
def test_what_is_not_the_same_in_all_pieces_stays(other: Joined) -> None:
    pieces: list[Recognised] = [decayed(0, 3), other]
    before = coefficients(pieces)
    assert join_common_terms(pieces, SIZES) == pieces
    assert coefficients(pieces) == before


def test_a_block_of_which_a_piece_is_made_from_another_one_stays() -> None:
    last = decayed(3, 2)
    last.patterns.append(Pattern(1.0, [view(BLOCK, 0, 2)]))
    pieces: list[Recognised] = [decayed(0, 3), last]
    assert join_common_terms(pieces, SIZES) == pieces


def test_a_block_that_is_read_in_between_must_be_complete() -> None:
    reader = Mapped(view(LATER, 0, 3), exp, [view(BLOCK, 0, 3)])
    pieces: list[Recognised] = [decayed(0, 3), reader, decayed(3, 2)]
    assert join_common_terms(pieces, SIZES) == pieces
