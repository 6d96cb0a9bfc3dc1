"""A GPT of half the width: it compiles in a third of the time, and is as deep."""

from __future__ import annotations

import pytest

from examples import scalar_gpt


def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Halve the width of the GPT of the examples."""
    letters = scalar_gpt.EDGE + 1
    for name, (rows, columns) in scalar_gpt.SHAPES.items():
        shape = rows if rows == letters else rows // 2, columns // 2
        monkeypatch.setitem(scalar_gpt.SHAPES, name, shape)
    monkeypatch.setattr(scalar_gpt, "WIDTH", scalar_gpt.WIDTH // 2)
    monkeypatch.setattr(scalar_gpt, "HEAD_WIDTH", scalar_gpt.HEAD_WIDTH // 2)
