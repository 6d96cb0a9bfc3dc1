"""Engines: what LLVM does for them is done where forks wait for it."""

from __future__ import annotations

import gc
import itertools
import sys
import weakref
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("llvmlite")

from tinygrad_nn.compiler.backends.llvm import disk
from tinygrad_nn.compiler.backends.llvm import engine as engines
from tinygrad_nn.compiler.backends.llvm.engine import Engine, target

TEXT = "define void @nothing(ptr %t, i64 %n, i64 %r) {\n  ret void\n}\n"


@pytest.mark.parametrize("in_a_cycle", [False, True])
def test_code_is_freed_by_whoever_makes_code_next(in_a_cycle: bool) -> None:
    engine: Any = Engine(TEXT, target())
    inner, gone = engine._engine, weakref.ref(engine)
    if in_a_cycle:
        engine.itself = engine
    del engine
    gc.collect()
    assert gone() is None
    assert not inner.closed
    Engine(TEXT, target())
    assert inner.closed
    assert id(inner) not in engines._made


def test_what_cannot_be_made_leaves_nothing() -> None:
    before = len(engines._made) - len(engines._freed)
    with pytest.raises(RuntimeError):
        Engine("define nothing", target())
    gc.collect()
    assert len(engines._made) - len(engines._freed) == before


@pytest.mark.skipif(sys.platform == "win32", reason="folders are looked at otherwise")
def test_where_code_is_kept_it_is_tried_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(disk.VARIABLE, str(tmp_path / "kept"))
    tries = itertools.count()
    monkeypatch.setattr(engines, "_trial", lambda: ["no", ""][next(tries) > 0])
    try:
        found = [engines.trouble.__wrapped__() for _ in range(4)]
    finally:
        disk._checked.cache_clear()
    assert ["(no)" in one for one in found] == [True, False, False, False]
    assert next(tries) == 2
    monkeypatch.setattr(engines, "refusal", lambda: "Permission denied")
    assert "Permission denied" in engines.trouble.__wrapped__()
