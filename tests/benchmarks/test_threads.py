"""What is measured of threads."""

from __future__ import annotations

import pytest

from benchmarks import threads


def test_a_row_for_each_way_of_sharing_work(monkeypatch: pytest.MonkeyPatch) -> None:
    for name, small in {"COUNT": 5_000, "BYTES": 1000, "TURNS": 1}.items():
        monkeypatch.setattr(threads, name, small)
    monkeypatch.setattr(threads, "BACKENDS", {"": "numpy"})
    text = threads.section(2)
    assert [line.count("|") for line in text.splitlines()[-3:]] == [3] * 3
    assert "5,000 Greeks, threads=2" in text
