"""Machine code as one more judge of all programs: where TINYGRAD_NN_MACHINE=1 asks for it."""

from __future__ import annotations

import os

from tinygrad_nn.compiler.backends.backend import Backend

CODE: tuple[Backend, ...] = ()  # what beside NumPy runs the programs of all tests

if os.environ.get("TINYGRAD_NN_MACHINE"):
    from tinygrad_nn.compiler.backends.machine import MACHINE

    CODE = (MACHINE,)
