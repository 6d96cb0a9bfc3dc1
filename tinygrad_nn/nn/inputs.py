"""What layers are given: sizes when they are made, numbers when they are called."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..arguments import check_count
from ..errors import ArgumentTypeError, ShapeError
from ..scalar.convert import is_number, to_number
from ..scalar.value import Value, constant

__all__ = ["Inputs", "as_inputs", "check_sizes"]


def check_sizes(nouts: Iterable[int]) -> list[int]:
    """Check the numbers of neurons of the layers of a network."""
    if isinstance(nouts, str) or not isinstance(nouts, Iterable):
        raise ArgumentTypeError(
            f"nouts is {nouts!r}, of type {type(nouts).__name__}: expected a list with the number "
            "of neurons of each layer, as [16, 1]"
        )
    sizes = [check_count(size, f"nouts[{i}]") for i, size in enumerate(nouts)]
    if not sizes:
        raise ShapeError("nouts is empty: expected the number of neurons of each layer, as [16, 1]")
    return sizes


class Inputs(list[Any]):
    """Inputs that are checked already: what a layer hands to its neurons."""


def as_inputs(x: Any, nin: int, owner: object) -> Inputs:
    """List the inputs of `owner`, plain numbers made constants once for all neurons."""
    if type(x) is Inputs and len(x) == nin:
        return x
    if hasattr(x, "to_numpy"):  # a row of a frame
        x = x.to_numpy()
    if hasattr(x, "tolist"):  # an array, a tensor
        x = x.tolist()
    if hasattr(x, "_apply") or is_number(x):
        x = [x]  # a layer of one neuron gives a number, so a layer of one input takes one
    if not isinstance(x, Iterable):
        raise ArgumentTypeError(
            f"x is {x!r}, of type {type(x).__name__}: {owner!r} expects a list of {nin} numbers"
        )
    values = Inputs(_input(item, i) for i, item in enumerate(x))
    if len(values) != nin:
        raise ShapeError(
            f"{owner!r} expects {nin} input{'s' * (nin != 1)}, got {len(values)}: "
            f"give a list of {nin} number{'s' * (nin != 1)}, or make it with nin={len(values)}"
        )
    return values


def _input(item: Any, position: int) -> Any:
    if isinstance(item, Value) or hasattr(item, "_apply"):
        return item
    if isinstance(item, list | tuple):
        raise ShapeError(
            f"x[{position}] is a row of {len(item)} numbers: a model computes one sample at a time; "
            "give predict(X) a table, or call the model for each row"
        )
    return constant(to_number(item, f"x[{position}]"))
