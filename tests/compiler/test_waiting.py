"""People who wait see what for."""

from __future__ import annotations

import io
import sys
import time

import pytest
from terminals import Terminal

from tinygrad_nn.compiler import waiting


def test_what_takes_long_is_shown_on_a_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    monkeypatch.setattr(waiting, "LONG", 0.0)
    with waiting.shown_if_long(lambda: "recording all of f"):
        for _ in range(500):
            if "recording all of f" in shown.getvalue():
                break
            time.sleep(0.01)
    assert "recording all of f" in shown.getvalue()


def test_what_is_quick_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    shown = Terminal()
    monkeypatch.setattr(sys, "stderr", shown)
    with waiting.shown_if_long(lambda: "recording all of f"):
        pass
    assert shown.getvalue() == ""


def test_nothing_is_shown_where_nobody_looks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(waiting, "LONG", 0.0)
    shown = io.StringIO()
    monkeypatch.setattr(sys, "stderr", shown)
    with waiting.shown_if_long(lambda: "recording all of f"):
        time.sleep(0.01)
    assert shown.getvalue() == ""
