"""Stretches: where it is looked for them, and where that is in vain."""

from __future__ import annotations

import numpy as np

from tinygrad_nn.compiler.tape.stretches import LEAST, levels_may_be_turns


def test_levels_are_turns_only_where_most_of_them_hold_no_more_than_a_turn() -> None:
    steps = np.repeat(np.arange(2 * LEAST), 5)
    assert levels_may_be_turns(steps)
    beside = np.zeros(len(steps) // 2, dtype=np.int64)
    assert levels_may_be_turns(np.concatenate([steps, beside]))  # what all turns read
    products = np.zeros(2 * len(steps), dtype=np.int64)
    assert not levels_may_be_turns(np.concatenate([steps, products]))
    assert not levels_may_be_turns(np.repeat(np.arange(LEAST // 2), 50))
