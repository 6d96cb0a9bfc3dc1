"""A program that asks for the classes of its numbers, and what the sweep of them tells."""

from __future__ import annotations

from typing import Any

import pytest

import tinygrad_nn
from tests.sweeps import asks


def test_what_is_right_is_no_difference() -> None:
    assert list(asks.differences(17)) == []


def test_what_is_wrong_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    def wrong(f: Any, **_: Any) -> Any:
        return lambda *given, **named: 12345.0

    monkeypatch.setattr(tinygrad_nn, "compile", wrong)
    assert all("# seed 17: " in one and "12345.0" in one for one in asks.differences(17))
    assert list(asks.differences(17))
