"""Elements compute what the table of operations says, however they are asked."""

from __future__ import annotations

import random
from typing import Any

import pytest

from tinygrad_nn import lookup, where
from tinygrad_nn.compiler.proof.element import Element, elements, proving, record_two
from tinygrad_nn.compiler.trace.tracing import with_symbols
from tinygrad_nn.scalar.ops import eq


def drawn(count: int) -> list[Element]:
    """Make elements with slopes."""
    rng = random.Random(count)
    numbers = [[rng.randrange(1 << 61) for _ in range(count)] for _ in "vd"]
    return elements(*numbers)


def parts(nested: Any) -> list[tuple[int, ...]]:
    """List the numbers of elements and their slopes."""
    return [(x.v, x.w, x.dv, x.dw) for x in (nested if isinstance(nested, list) else [nested])]


@pytest.mark.parametrize("keeps_graph", [False, True])
def test_a_row_that_is_looked_up_is_a_sum_of_choices(
    keeps_graph: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(proving, "keeps_graph", keeps_graph)
    index, *entries = drawn(13)
    table = [[*entries[k : k + 3], 0.5 + k, k] for k in range(0, 12, 3)]
    with with_symbols(record_two):
        found = lookup(table, index)
        single = lookup([row[0] for row in table], index)
        expected = [
            sum(where(eq(index, float(k)), x, 0.0) for k, x in enumerate(column))
            for column in zip(*table, strict=True)
        ]
    assert parts(found) == parts(expected)
    assert parts(single) == parts(found)[:1]


def test_rows_of_a_table_that_is_looked_up_are_as_long() -> None:
    index, *entries = drawn(4)
    with with_symbols(record_two), pytest.raises(ValueError, match="zip"):
        lookup([entries[:2], entries[2:]], index)
    with with_symbols(record_two), pytest.raises(TypeError):
        lookup([["text"], entries[2:]], index)
