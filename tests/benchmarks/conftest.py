"""What holds for the tests of the benchmarks."""

import gc
from collections.abc import Iterator

import pytest


@pytest.fixture(autouse=True)
def set_aside() -> Iterator[None]:
    """Set aside again what a measurement has handed back to the collector."""
    yield
    gc.freeze()
