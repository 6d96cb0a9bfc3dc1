"""Python code over views that are made once: what the NumPy backend runs."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from types import CodeType
from typing import Any, TypeAlias

import numpy as np

from ...program.program import DOUBLE, Dtype
from .views import Strided

__all__ = ["Emitter"]

Sizes: TypeAlias = tuple[int, ...]

_WORD = re.compile(r"\w+")


class Emitter:
    """Collects lines of code and what they speak of, and counts the calls of NumPy in them.

    `dtype` is that of the arrays that lines compute with.
    """

    def __init__(self, dtype: Dtype = DOUBLE) -> None:
        self.dtype = dtype
        self._blocks: list[list[str]] = [[]]  # the innermost last
        self.things: dict[str, Any] = {}
        self.calls = 0
        self._names: dict[int, str] = {}
        self._constants: dict[str, Any] = {}
        self._views: dict[tuple[int, int, Sizes, Sizes], tuple[Any, Any]] = {}
        self._scratch: list[Any] = []
        self._used = 0

    def name(self, thing: Any) -> str:
        """Name an object that lines may speak of; plain numbers and texts name themselves."""
        if isinstance(thing, str):
            return repr(thing)
        found = self._names.get(id(thing))
        if found is None:
            found = f"v{len(self.things)}"
            self._names[id(thing)] = found
            self.things[found] = thing
        return found

    def number(self, number: float) -> str:
        """Write a float so that it is read back as the same one."""
        if number != number or number in (np.inf, -np.inf):
            return self.name(float(number))  # one of NumPy's would warn
        return repr(float(number))

    def operand(self, operand: Any) -> str:
        """Name an operand of NumPy's; a plain number is made an array once, not in every call."""
        if type(operand) is float:
            operand = self._constants.setdefault(operand.hex(), np.array(operand, self.dtype))
        return self.name(operand)

    def function(self, name: str, function: Any) -> str:
        """Give a function, or what is as well known, a name of its own."""
        self.things.setdefault(name, function)
        return name

    def call(self, name: str, *operands: Any, out: Any) -> None:
        """Emit a call of a function of NumPy that writes into `out`."""
        shown = [self.operand(x) for x in operands]
        self.function(name, _find(name))
        by_name = "out=" if name in ("einsum", "maximum", "minimum") else ""  # these demand it
        self.line(f"{name}({', '.join(shown)}, {by_name}{self.name(out)})")

    def copy(self, target: Any, source: Any) -> None:
        """Emit a copy."""
        self.function("copyto", np.copyto)
        self.line(f"copyto({self.name(target)}, {self.operand(source)})")

    def line(self, line: str, calls: int = 1, block: int = -1) -> None:
        """Emit any line, in the innermost block or another one around."""
        self.calls += calls
        self._blocks[block].append(line)

    def begin(self) -> None:
        """Begin a block: lines that are put aside."""
        self._blocks.append([])

    def end(self) -> list[str]:
        """End the innermost block; give its lines."""
        return self._blocks.pop()

    def view(self, numbers: Strided, sizes: Sizes) -> Any:
        """View numbers, always by the same object: NumPy tells by it that nothing overlaps."""
        (arena, start), strides = numbers
        key = id(arena), start, sizes, strides
        found = self._views.get(key)
        if found is None:  # the arena is kept, so that its id stays its own
            found = self._views[key] = arena, numbers.view(sizes)
        return found[1]

    def scratch(self, size: int) -> Any:
        """Make room for an intermediate result of one statement."""
        if self._used == len(self._scratch):
            self._scratch.append(np.zeros(size, self.dtype))
        elif self._scratch[self._used].size < size:
            self._scratch[self._used] = np.zeros(size, self.dtype)
        self._used += 1
        return self._scratch[self._used - 1][:size]

    def reuse_scratch(self) -> None:
        """Begin another statement: what the last one put aside is no more needed."""
        self._used = 0

    def build(self) -> Callable[[], Any]:
        """Make a function of the lines."""
        (lines,) = self._blocks
        if not lines:
            return _nothing
        body = "\n    ".join(lines)
        spoken_of = set(_WORD.findall(body))
        names = ", ".join(f"{name}={name}" for name in self.things if name in spoken_of)
        source = f"def run({names}):\n    {body}\n"
        space = {"__name__": __name__, **self.things}
        exec(_compiled(source), space)  # our own lines only
        run: Callable[[], Any] = space["run"]
        return run


@lru_cache(maxsize=256)
def _compiled(source: str) -> CodeType:
    """Compile lines once: programs of one form, and one for blocks of other sizes, have the same."""
    return compile(source, "<program>", "exec")


def _nothing() -> None:
    """Compute nothing, as most programs do before and after the samples."""


def _find(name: str) -> Callable[..., Any]:
    if name.startswith("special_"):
        import scipy.special

        found: Callable[..., Any] = getattr(scipy.special, name.removeprefix("special_"))
        return found
    function: Callable[..., Any] = getattr(np, name)
    return function
