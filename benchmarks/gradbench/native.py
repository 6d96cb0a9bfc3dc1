"""The same derivatives in C, written by hand, compiled when they are to be measured."""

from __future__ import annotations

import ctypes
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

FOLDER = Path(__file__).parent / "c"
COMPILER = "gcc"
EXACT = ("-O3", "-march=native")
FAST = (*EXACT, "-ffast-math")  # sums in any order, vectors of exp and log
POINTER = ctypes.c_void_p


class Native:
    """A gradient at some numbers, computed in place as often as asked for.

    The C function takes all numbers in a row; it gives the value, and then the slopes.
    """

    def __init__(
        self, name: str, numbers: Sequence[float], results: int, folder: str, flags: Sequence[str]
    ) -> None:
        self._in = np.array(numbers, float)
        self.out = np.full(results, np.nan)
        library = compiled([f"{name}.c", "repeat.c"], folder, flags)
        self._gradient, self._repeat = library.gradient, library.repeat
        self._gradient.argtypes = POINTER, POINTER
        self._repeat.argtypes = POINTER, POINTER, POINTER, ctypes.c_long
        self._gradient.restype = self._repeat.restype = None
        self._pointers = [POINTER(array.ctypes.data) for array in (self._in, self.out)]

    def call(self) -> None:
        """Compute once, as Python calls it."""
        self._gradient(*self._pointers)

    def repeat(self, runs: int) -> None:
        """Compute so many times, in one call from Python."""
        self._repeat(self._gradient, *self._pointers, runs)


def has_compiler() -> bool:
    return shutil.which(COMPILER) is not None


def compiled(files: Sequence[str], folder: str, flags: Sequence[str]) -> Any:
    """Make a library of files, and load it."""
    made = Path(folder) / f"{len(list(Path(folder).iterdir()))}.so"
    sources = [str(FOLDER / file) for file in files]
    command = [COMPILER, *flags, "-shared", "-fPIC", "-o", str(made), *sources, "-lm"]
    subprocess.run(command, check=True)
    return ctypes.CDLL(str(made))
