"""What libraries of arrays differ in, for whom programs are printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["Library", "known_to"]

# Functions of one name in all of them, beside signs between arrays.
COMMON = """
abs acos acosh asin asinh atan atanh ceil cos cosh exp exp2 expm1 floor hypot log log10 log1p log2
sin sinh sqrt tan tanh trunc
"""
PLAIN = (
    "add",
    "div",
    "eq",
    "ge",
    "gt",
    "le",
    "lt",
    "mul",
    "ne",
    "neg",
    "reciprocal",
    "select",
    "sub",
)
HEADER = '''\
def given(x, name, shape, leading):
    """Take an array of a shape, with some axes of samples in front."""
    x = {given}
    axes = x.ndim - len(shape)
    if axes < 0 or x.shape[axes:] != shape or not (leading is None or x.shape[:axes] == leading):
        raise ValueError(f"{{name}} has the shape {{tuple(x.shape)}}: expected {{shape}} of each sample")
    return x
'''


@dataclass(frozen=True, slots=True)
class Library:
    """How a library of arrays is used.

    `functions` has operations by names of ours, and `helpers` functions that a file defines
    if it calls them, by the names that it calls them by.
    """

    module: str  # what it is called in the file
    imports: str
    functions: Mapping[str, str]
    helpers: Mapping[str, str]
    array: str  # how an array is made of a list, as "np.array({}, {dtype})"
    integers: str  # and one of whole numbers, for places
    number: str  # a plain number as an operand of functions
    truth: str  # 1 where a comparison holds, else 0
    given: str  # an argument as an array
    buffer: str  # a vector that steps write into
    put: str  # a vector with other numbers at some places, as a statement
    loops: bool  # whether loops are those of Python
    moved: str  # an array with axes in another order
    raises: bool  # whether what is computed may raise
    decorator: str = ""  # of the function
    double: str = ""  # what a file with float64 does first
    always: str = ""  # a function that every file has


def known_to(library: Library) -> frozenset[str]:
    """Give the operations that can be written."""
    return frozenset([*PLAIN, *library.functions])
