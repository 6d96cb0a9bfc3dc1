"""Engines: what LLVM does for them is done where forks wait for it."""

from __future__ import annotations

import gc
import weakref
from typing import Any

import pytest

pytest.importorskip("llvmlite")

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
