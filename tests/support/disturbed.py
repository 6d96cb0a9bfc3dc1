"""Another thread that draws random numbers while something is recorded."""

from __future__ import annotations

import random
from typing import Any

import numpy as np
import pytest

from tinygrad_nn.compiler.watch import settled


def disturbed(monkeypatch: pytest.MonkeyPatch, draws: list[int]) -> None:
    """Let so many recordings end with random numbers that another thread has drawn."""

    def record(*given: Any) -> Any:
        found = recorded(*given)
        if draws[0]:
            draws[0] -= 1
            random.random()
            np.random.rand()
        return found

    recorded = settled._recorded
    monkeypatch.setattr(settled, "_recorded", record)
    monkeypatch.setattr("threading.active_count", lambda: 2)
