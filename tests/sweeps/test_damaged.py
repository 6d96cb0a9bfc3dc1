"""The sweep of damaged program files, in small, and that it notices what is wrong."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from tests.sweeps import damaged
from tinygrad_nn.compiler import file


def test_some_files(tmp_path: Path) -> None:
    counts: Counter[str] = Counter()
    assert list(damaged.sweep(160, 7, tmp_path / "f", counts)) == []
    assert counts["refused"] > 100
    assert counts["computed"] > 5
    assert counts["compared"] > 5


def test_what_is_not_checked_is_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(file, "verify", lambda program: None)
    assert next(damaged.sweep(1000, 7, tmp_path / "f", Counter()), None) is not None
