"""Calling a function and its compiled form at many points, and counting how each was answered."""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest

from tinygrad_nn import compile, value_and_grad
from tinygrad_nn.compiler.paths import entered
from tinygrad_nn.compiler.paths.eager import Eager
from tinygrad_nn.tree import flatten

from .case import Case


@contextmanager
def eager_calls() -> Iterator[list[str]]:
    """List the calls that compiled functions leave to the function itself."""
    calls: list[str] = []
    eagerly = Eager.__call__

    def counted(self: Eager, leaves: Any) -> Any:
        calls.append("called")
        return eagerly(self, leaves)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Eager, "__call__", counted)
        patch.setattr(entered, "direct", lambda *_: None)
        yield calls


def outcome(call: Any, point: tuple[Any, ...]) -> list[float] | Exception:
    """List the numbers that a call gives, or give the error that it raises."""
    try:
        return list(map(float, flatten(call(*point))[0]))
    except (ValueError, ArithmeticError, RuntimeError) as error:
        return error


def alike(found: list[float] | Exception, wanted: list[float] | Exception) -> bool:
    """Tell whether both are the same numbers, or an error is of the kind that was wanted."""
    if isinstance(found, Exception) or isinstance(wanted, Exception):
        return isinstance(found, type(wanted))
    return len(found) == len(wanted) and all(
        a == b or math.isclose(a, b, rel_tol=1e-9, abs_tol=1e-9)
        for a, b in zip(found, wanted, strict=True)
    )


def differences(
    case: Case, points: list[tuple[Any, ...]], **options: Any
) -> tuple[list[str], float]:
    """Compare the compiled value and slopes with the eager ones; count what programs answered."""
    wrong: list[str] = []
    answered = 0
    functions = [case.function]
    if case.argnums:
        functions.append(value_and_grad(case.function, argnums=case.argnums))
    for eager in functions:
        with eager_calls() as calls:
            compiled = compile(eager, **options)
            for point in points:
                before = len(calls)
                found, wanted = outcome(compiled, point), outcome(eager, point)
                answered += len(calls) == before
                if not alike(found, wanted):
                    wrong.append(
                        f"{case.function.__name__}{point}: {found!r} instead of {wanted!r}"
                    )
    return wrong, answered / len(functions)
