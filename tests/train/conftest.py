"""Every test of training runs on NumPy, and on machine code where that is asked for."""

from __future__ import annotations

import sys
from typing import Any

import pytest
from machine_code import CODE

from tinygrad_nn.train import trainer

make_engine = trainer.make_engine


@pytest.fixture(autouse=True, params=["numpy", *[backend.name for backend in CODE]])
def runs_on(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> str:
    """Train on a backend whoever leaves the choice open."""
    if request.param == "machine":
        monkeypatch.setattr(trainer, "make_engine", _on_machine_code)
    return request.param


def _on_machine_code(kind: str, backend: str, *given: Any) -> Any:
    is_open = backend == "auto" and kind != "eager" and sys.modules.get("numpy") is not None
    return make_engine(kind, "machine" if is_open else backend, *given)
