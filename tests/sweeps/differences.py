"""What a program gives that is not right, as a small program."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from tests.sweeps.program import header
from tinygrad_nn.errors import TinygradNNError

OUTSIDE = "with "  # what the ways begin with in which numbers change outside


class Draw(Protocol):
    """A random program."""

    @property
    def seed(self) -> int: ...

    @property
    def source(self) -> str: ...


@dataclass(frozen=True)
class Difference:
    """A way of calling that gives something else."""

    program: Any  # a Draw
    way: str
    given: Any
    what: str
    details: str

    def __str__(self) -> str:
        given = [f"{name} = {written(value)}" for name, value in self.given]
        body = [self.program.source, *given, self.way]
        title = f"# seed {self.program.seed}: {self.way}"
        return "\n".join([title, f"# {self.details}", header("\n".join(body)), *body])


def may_refuse(way: str, error: Exception) -> bool:
    """Tell what does not go: graphs, sums of slopes by what each sample has, and 1 / 0.

    That Python divides by 0 itself, in a branch that is recorded, with numbers from outside.
    """
    if not isinstance(error, TinygradNNError):
        return False
    if isinstance(error.__cause__, ZeroDivisionError):
        return way.startswith(OUTSIDE)
    return way.startswith("compile(cost(W") or str(error).startswith("reduce is")


def written(numbers: Any) -> str:
    """Write numbers; many of them, which are whole and small, as digits."""
    text = repr(numbers)
    if len(text) < 200 or not all(isinstance(n, float) and -4.0 <= n <= 4.0 for n in numbers):
        return text
    return f"[float(c) - 4.0 for c in '{''.join(str(int(n) + 4) for n in numbers)}']"


def shape(nesting: Any) -> Any:
    """Describe how numbers are nested."""
    if isinstance(nesting, dict):
        return {key: shape(part) for key, part in nesting.items()}
    if isinstance(nesting, np.ndarray):
        return nesting.shape
    if isinstance(nesting, list | tuple):
        return type(nesting)([shape(part) for part in nesting])
    return None if nesting is None else 0
