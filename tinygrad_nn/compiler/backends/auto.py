"""NumPy at once, and machine code from a run on whose number follows from the program's size.

That run waits for the code if it is not ready, so that the same runs give the same bits whenever
they are made. The code is made in a thread, which begins when about as much time has been spent
in NumPy as it will take: a program that runs a few times costs nothing.
"""

from __future__ import annotations

import math
import threading
import warnings
from collections.abc import Mapping
from functools import cache
from importlib.util import find_spec

from ...errors import ArgumentError, MissingExtraError
from ..program.precision import fitted
from ..program.program import DOUBLE, Dtype, Floats, Program
from .backend import Backend
from .guard import MAKING, is_ending, watch_the_process
from .numpy.code import NUMPY, NumPy
from .placement import Placement, placement_of
from .prepared import Prepared, prepare
from .work import time_to_make, time_to_run

__all__ = ["AUTO", "Auto", "Standing", "Tiers"]

Standing = tuple[str, float]  # what runs a program, and of "auto" the time that was spent


class Auto(NumPy):
    """Stands for NumPy, and machine code when that has run for some time.

    `spent` is the time that it has run before, as a program that was pickled: infinite for one
    that was machine code already.
    """

    def __init__(self, spent: float = 0.0) -> None:
        self.spent = spent

    @property
    def name(self) -> str:  # type: ignore[override]  # read as the attribute is
        """How it is called by users, who could have asked for the latter."""
        return "machine" if self.spent == math.inf else "auto"


AUTO = Auto()


class Tiers:
    """What runs a program, wherever its arrays live: a backend, or with Auto one after another.

    Whoever runs it asks before each run, until it `is_settled`, whether something else `is_due`.
    `spent` is the time of NumPy's runs, as estimated, and `calls` how many of NumPy the latest made.
    """

    def __init__(self, program: Program, backend: Backend, dtype: Dtype = DOUBLE) -> None:
        self.program = program = fitted(program, dtype)
        self.dtype = dtype
        self.backend, self.is_settled, self.spent = backend, True, 0.0
        self.why = ""  # NumPy goes on
        if isinstance(backend, Auto):
            self.why = _missing()
            self.backend, self.is_settled, self.spent = NUMPY, bool(self.why), backend.spent
        self.calls: int | None = None
        self._found: dict[Placement, Prepared] = {}
        self._error: Exception | None = None
        self._thread: threading.Thread | None = None
        self._goes_on = isinstance(backend, Auto)  # in NumPy, where there is no code
        if not self.is_settled:
            self._once, self._each = time_to_run(program)
            self._begin = time_to_make(program)
            self._end = 2.0 * self._begin

    @classmethod
    def of(cls, program: Program, backend: Backend | Tiers, dtype: Dtype = DOUBLE) -> Tiers:
        """Give what runs a program by a backend; one that runs already goes on."""
        return backend if isinstance(backend, Tiers) else cls(program, backend, dtype)

    @property
    def name(self) -> str:
        """Say what runs the program, and why it is not machine code where that might be."""
        if self.why:
            return f"numpy, as {self.why}"
        if self.is_settled:
            return self.backend.name
        return "machine" if self.spent == math.inf else "numpy, and machine code later"

    @property
    def waits_for_none(self) -> bool:
        """Whether a call is not to wait for code: that comes when it is ready."""
        return self._goes_on

    @property
    def standing(self) -> Standing:
        """Say how a copy is to go on, wherever it comes to."""
        if self._goes_on and self.backend is NUMPY:
            return "auto", 0.0 if self.is_settled else self.spent
        return self.backend.name, 0.0

    def prepared(self, outside: Mapping[int, Floats]) -> Prepared:
        """Take the program up, with some arrays outside of its memory."""
        if self.backend is not NUMPY:
            try:
                return self._made(self.backend, outside)
            except Exception as error:
                if not self._goes_on:
                    raise
                self._give_up(error)
        return prepare(NUMPY, self.program, outside, self.dtype)

    def is_due(self, count: int, outside: Mapping[int, Floats]) -> bool:
        """Count a run of so many samples, unless it is to be made by what comes next."""
        spent = self.spent
        if spent >= self._end:
            return True
        self.spent = spent + self._once + self._each * count
        if spent >= self._begin and self._thread is None:
            self._start(outside)
        return False

    def settle(self, outside: Mapping[int, Floats]) -> None:
        """Change to what comes next, or say why that is not possible."""
        thread = self._thread
        if thread is not None:
            thread.join()
        with MAKING:
            if not self.is_settled:
                self._settle(outside)

    # ---- making code --------------------------------------------------------------------------

    def _start(self, outside: Mapping[int, Floats]) -> None:
        watch_the_process()
        own = dict(outside)
        thread = threading.Thread(target=self._try, args=(own,), name="machine code", daemon=True)
        try:
            thread.start()
            self._thread = thread
        except RuntimeError:  # there are no more threads: whose turn it is makes the code
            self._begin = math.inf

    def _try(self, outside: Mapping[int, Floats]) -> None:
        try:
            with MAKING:
                if is_ending():
                    return
                from .llvm.engine import trouble
                from .machine import MACHINE

                why = trouble()
                if why:
                    self._error = ArgumentError(why)
                else:
                    self._made(MACHINE, outside)
        except Exception as error:
            self._error = error

    def _made(self, backend: Backend, outside: Mapping[int, Floats]) -> Prepared:
        """Make the code, once for all memories that are placed alike."""
        key = placement_of(outside)
        found = self._found.get(key)
        if found is None:
            found = prepare(backend, self.program, outside, self.dtype)
            found.maker.make(outside)
            self._found[key] = found
        return found

    def _settle(self, outside: Mapping[int, Floats]) -> None:
        self._thread = None
        if not self._found and self._error is None:
            self._try(outside)  # neither a copy of the process has the thread, nor one of this
        if self._error is None:
            from .machine import MACHINE

            self.backend = MACHINE
        self.is_settled = True  # then other threads take the backend for good
        if self._error is not None:
            self._give_up(self._error)

    def _give_up(self, error: Exception) -> None:
        """Stay with NumPy and say why; a mistake of ours is shown too."""
        self.backend = NUMPY
        self.why = str(error)
        if not isinstance(error, MissingExtraError | ArgumentError):
            self.why = f"its machine code could not be made ({type(error).__name__}: {error})"
            warnings.warn(
                f"{self.why}: NumPy goes on, with right results; this is a mistake of tinygrad_nn, "
                "please report it",
                RuntimeWarning,
                stacklevel=2,
            )


@cache
def _missing() -> str:
    """Say that LLVM is missing, if it is."""
    if find_spec("llvmlite") is not None:
        return ""
    return 'llvmlite is not installed: pip install "tinygrad-nn[machine]"'
