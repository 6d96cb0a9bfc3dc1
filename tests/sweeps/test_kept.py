"""The sweep through damaged files of machine code, in short."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.sweeps import kept
from tinygrad_nn.compiler.backends.llvm import disk


def test_damaged_code_is_not_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("llvmlite")
    monkeypatch.setenv(disk.VARIABLE, str(tmp_path))
    tmp_path.chmod(0o700)
    kept.check(6, 1, tmp_path)
    disk._checked.cache_clear()
