"""What an engine makes of a graph: every number and gradient, or how it failed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from math import isclose, isnan
from types import CodeType
from typing import Any, NamedTuple

from .graphs import Graph, names

__all__ = ["Observation", "agrees", "close", "observe", "same"]

# What Python raises where an engine does not know an operation, or a plain number as an operand.
_MISSING = (AttributeError, TypeError, NotImplementedError, AssertionError)

_NOTHING: Mapping[str, float] = {}


class Observation(NamedTuple):
    """The numbers by name, and the gradients of the leaves; with `then`, once more in its order."""

    data: Mapping[str, float] = _NOTHING
    grads: tuple[Mapping[str, float], ...] = ()
    failed: str = ""  # "missing", "raised", "endless", "died": then `error` says more
    error: str = ""


def observe(make: Callable[[float], Any], graph: Graph) -> Observation:
    """Run a graph on numbers that `make` makes."""
    space = {name: make(number) for name, number in graph.leaves.items()}
    leaves = dict(space)
    grads: list[dict[str, float]] = []
    for code in filter(None, (graph.code, graph.then)):
        try:
            exec(_compiled(code), {}, space)
        except _MISSING as error:
            return Observation(failed="missing", error=_told(error))
        except Exception as error:
            return Observation(failed="raised", error=_told(error))
        try:
            if grads:
                for leaf in leaves.values():
                    leaf.grad = 0.0
            space[names(code)[-1]].backward()
            grads.append({name: _number(leaf, "grad") for name, leaf in leaves.items()})
        except Exception as error:
            return Observation(failed="raised", error=_told(error))
    try:
        data = {name: _number(node, "data") for name, node in space.items() if name != "_"}
    except Exception as error:
        return Observation(failed="raised", error=_told(error))
    return Observation(data, tuple(grads))


@cache
def _compiled(code: str) -> CodeType:
    return compile(code, "<graph>", "exec")


def agrees(one: Observation, other: Observation) -> bool:
    """Tell whether two engines gave the same numbers, to rounding, or failed alike."""
    if one.failed or other.failed:
        return one.failed == other.failed
    return same(one.data, other.data) and all(map(same, one.grads, other.grads))


def same(one: Mapping[str, float], other: Mapping[str, float]) -> bool:
    """Tell whether the numbers of two engines are the same, for the names that both have."""
    return all(close(number, other[name]) for name, number in one.items() if name in other)


def close(one: float, other: float) -> bool:
    """Tell whether two numbers are the same to rounding."""
    return isclose(one, other, rel_tol=1e-9, abs_tol=1e-12) or (isnan(one) and isnan(other))


def _number(node: Any, attribute: str) -> float:
    """Read a number; a gradient that nothing has come to may be None, or missing."""
    found = getattr(node, attribute, None) if attribute == "grad" else getattr(node, attribute)
    found = getattr(found, "data", found) if not isinstance(found, float) else found
    return 0.0 if found is None else float(found)


def _told(error: Exception) -> str:
    return f"{type(error).__name__}: {error}" if str(error) else type(error).__name__
