"""A few calls of the sweep of entries."""

from __future__ import annotations

from typing import Any

from tests.sweeps import entries


def test_a_leak_is_seen() -> None:
    kept: list[Any] = []
    thing = object()
    assert entries.left_behind(lambda: None, 1000, [thing]) <= (entries.SPARE, 0)
    more, references = entries.left_behind(
        lambda: kept.append((thing, 1.5 * len(kept))), 1000, [thing]
    )
    assert more > entries.SPARE
    assert references == 1000
