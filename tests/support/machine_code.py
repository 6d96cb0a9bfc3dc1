"""Machine code in the tests, where the variable TINYGRAD_NN_MACHINE asks for it.

With 1 it computes every program that a test compiles, and is compared with NumPy; with all it
runs them too, in place of NumPy. Tests that count NumPy's calls then fail.
"""

from __future__ import annotations

import math
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from typing import Any

import pytest

from tinygrad_nn.compiler.backends import auto
from tinygrad_nn.compiler.backends.backend import Backend
from tinygrad_nn.compiler.backends.guard import MAKING
from tinygrad_nn.compiler.backends.llvm import engine
from tinygrad_nn.compiler.backends.llvm.engine import Engine, Target
from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.program import Program

NOWHERE: Mapping[int, Any] = {}
ASKED = os.environ.get("TINYGRAD_NN_MACHINE", "")
PROCESSORS = {
    "this": None,
    "avx2": Target("haswell", "+avx2,+fma"),
    "baseline": Target("x86-64", ""),
}
make = Engine._make
made: dict[tuple[str, str, str], bytes] = {}  # of texts and processors
CODE: tuple[Backend, ...] = ()  # what beside NumPy computes the programs of all tests

if ASKED:
    from tinygrad_nn.compiler.backends.machine import MACHINE

    CODE = (MACHINE,)


@contextmanager
def running(chosen: Backend) -> Iterator[None]:
    """Run all programs that are made inside on one backend."""
    make = Runner.__init__

    def made(
        self: Runner,
        program: Program,
        outside: Any = NOWHERE,
        backend: Any = None,
        *more: Any,
        **others: Any,
    ) -> None:
        if isinstance(backend, auto.Tiers):  # which know the type of their numbers
            others.setdefault("dtype", backend.dtype)
        make(self, program, outside, chosen, *more, **others)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "__init__", made)
        yield


@contextmanager
def untried() -> Iterator[None]:
    """Look anew, inside and after, for LLVM and whether its code runs."""
    known = auto._missing, engine.trouble, engine.target, engine.versions, engine._llvm
    for one in known:
        one.cache_clear()
    try:
        yield
    finally:
        for one in known:
            one.cache_clear()


def make_once(self: Engine, text: str, target: Target) -> None:
    """Make code of a text, or load what was made of the same text for another test."""
    key = text, target.cpu, target.features
    if self.name:  # it is kept in a folder
        make(self, text, target)
    elif key in made:
        self._load(made[key], target)
    else:
        with MAKING:
            self._begin(text, target)
            self._engine.set_object_cache(notify_func=lambda _, code: made.update({key: code}))
            self._engine.finalize_object()


@contextmanager
def machine_code() -> Iterator[None]:
    """Run all programs as machine code if that is asked for, else those that ask for it themselves.

    Programs do not go over to it in the midst of a test, if it does not do that on purpose.
    """
    with (
        pytest.MonkeyPatch.context() as patch,
        running(CODE[0]) if ASKED == "all" else nullcontext(),
    ):
        patch.setattr("tinygrad_nn.compiler.backends.work.LOADING", math.inf)
        patch.setattr(Engine, "_make", make_once)
        yield
