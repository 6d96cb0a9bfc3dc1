"""What holds for the tests of the benchmarks."""

import gc
from collections.abc import Iterator

import narrow_gpt
import pytest


@pytest.fixture(autouse=True)
def set_aside() -> Iterator[None]:
    """Set aside again what a measurement has handed back to the collector."""
    yield
    gc.freeze()


@pytest.fixture(autouse=True)
def narrow(monkeypatch: pytest.MonkeyPatch) -> None:
    """Train a GPT of half the width."""
    narrow_gpt.narrow(monkeypatch)
