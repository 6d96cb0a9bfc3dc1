"""What holds for the tests of the benchmarks."""

import gc
from collections.abc import Iterator

import pytest

from examples import scalar_gpt


@pytest.fixture(autouse=True)
def set_aside() -> Iterator[None]:
    """Set aside again what a measurement has handed back to the collector."""
    yield
    gc.freeze()


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train a GPT of half the width: it compiles in a third of the time."""
    letters = scalar_gpt.EDGE + 1
    for name, (rows, columns) in scalar_gpt.SHAPES.items():
        shape = rows if rows == letters else rows // 2, columns // 2
        monkeypatch.setitem(scalar_gpt.SHAPES, name, shape)
    monkeypatch.setattr(scalar_gpt, "WIDTH", scalar_gpt.WIDTH // 2)
    monkeypatch.setattr(scalar_gpt, "HEAD_WIDTH", scalar_gpt.HEAD_WIDTH // 2)
