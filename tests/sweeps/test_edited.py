"""The sweep of edited modules, in small, and that it notices what is wrong."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterator

import pytest

import tinygrad_nn as tg
from tests.sweeps import edited
from tinygrad_nn.compiler.watch.replay import Replay

SOURCE = """
calls = []
scale, powers = 2.0, [1, 2, 3]
def helper(x, k=1.5): return k * x + scale
def f(x):
    calls.append(1)
    return sum(helper(x) ** p for p in powers)
"""
FUNCTIONS = {"f": tg.grad}


@pytest.fixture(autouse=True)
def _no_world_stays() -> Iterator[None]:
    yield
    sys.modules.pop("world", None)


def test_some_edits() -> None:
    counts: Counter[str] = Counter()
    assert list(edited.sweep(SOURCE, FUNCTIONS, 60, 1, counts)) == []
    assert counts["recorded"] > 10
    assert counts["carried"] > 2


def test_a_program_that_is_not_asked_about_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    class Blind(Replay):
        likeness = property(lambda self: b"the same", lambda self, _: None)  # type: ignore[assignment]  # blind

    monkeypatch.setattr("tinygrad_nn.compiler.carried.Replay", Blind)
    assert next(edited.sweep(SOURCE, FUNCTIONS, 60, 1, Counter()), None) is not None
