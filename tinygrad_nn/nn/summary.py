"""What a model is made of, as a table."""

from __future__ import annotations

from dataclasses import dataclass
from math import prod

from .parameters import Parametric, parameter_arrays, parameters_of

__all__ = ["Summary", "summary_of"]


@dataclass(frozen=True)
class Summary:
    """The arrays of parameters of a model, which print as a table.

    Attributes
    ----------
    title : str
    arrays : tuple of (str, tuple of int, int)
        The name of each, its shape (empty where it is ragged or a single number), and how many
        parameters are in it.
    parameters : int
        How many there are in all, each once even when it is shared.

    Examples
    --------
    >>> Summary("Line", (("slope", (), 1),), 1)
    Line
      slope     1
      in all    1 parameter
    """

    title: str
    arrays: tuple[tuple[str, tuple[int, ...], int], ...]
    parameters: int

    def __str__(self) -> str:
        rows = [
            (name, " x ".join(map(str, shape)), f"{count:,}") for name, shape, count in self.arrays
        ]
        rows.append(("in all", "", f"{self.parameters:,}"))
        widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
        lines = [
            f"  {name.ljust(widths[0])}  {shape.ljust(widths[1])}  {count.rjust(widths[2])}"
            for name, shape, count in rows
        ]
        lines[-1] += f" parameter{'s' * (self.parameters != 1)}"
        return "\n".join([self.title, *lines])

    __repr__ = __str__


def summary_of(model: Parametric) -> Summary:
    """Count the parameters of a model, array by array."""
    arrays = []
    for name, places in parameter_arrays(model).items():
        axes = zip(*places, strict=True) if len(set(map(len, places))) == 1 else ()
        shape = tuple(max(axis) + 1 for axis in axes)
        arrays.append((name, shape if prod(shape) == len(places) else (), len(places)))
    return Summary(type(model).__name__, tuple(arrays), len(parameters_of(model)))
