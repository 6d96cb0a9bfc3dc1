"""Numbers, names, arrays and functions in JavaScript."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...compiler.backends.llvm.special import ERF, FAR, TAIL
from ...compiler.program.program import Dtype, Floats, Ints
from ..loops.helpers import Helper
from ..loops.language import Language, Names, listed

__all__ = ["JavaScript", "is_free", "language_of", "names_for"]

KEYWORDS = """
arguments async await break case catch class const continue debugger default delete do else enum
eval export extends false finally for function get if implements import in instanceof interface
let new null of package private protected public return set static super switch this throw true
try typeof var void while with yield undefined NaN Infinity Math Number Array Object Float64Array
Float32Array Int32Array RangeError TypeError globalThis isNaN isFinite i j k l m n batch
"""
RESERVED = frozenset(KEYWORDS.split())
MATH = frozenset(
    [
        "abs",
        "acos",
        "acosh",
        "asin",
        "asinh",
        "atan",
        "atan2",
        "atanh",
        "cbrt",
        "ceil",
        "cos",
        "cosh",
        "exp",
        "expm1",
        "floor",
        "hypot",
        "log",
        "log10",
        "log1p",
        "log2",
        "sin",
        "sinh",
        "sqrt",
        "tan",
        "tanh",
        "trunc",
    ]
)


def _horner(x: str, numbers: Sequence[float]) -> str:
    """Write a polynomial, the constant first."""
    text = repr(numbers[-1])
    for number in numbers[-2::-1]:
        text = f"{number!r} + {x} * ({text})"
    return text


# What JavaScript lacks of the library of C, or has otherwise.
LACKING = {
    "copysign": Helper("R x, R y", "return y < 0 || 1 / y < 0 ? -F(abs)(x) : F(abs)(x);"),
    "erf": Helper(
        "R x",
        f"""\
const R size = F(abs)(x);
if (!(size >= 0.75))
    return x * F(erf_near)(x * x);
const R bound = size < 6 ? size : 6;
const R t = (bound - 3) / (bound + 3);
const R far = 1 - F(exp)(-bound * bound) * ({_horner("t", FAR)});
return x < 0 ? -far : far;""",
    ),
    "erf_near": Helper("R z", f"return {_horner('z', ERF)};"),
    "erfc": Helper(
        "R x",
        f"""\
let R size = F(abs)(x);
if (!(size >= 0.75))
    return 1 - x * F(erf_near)(x * x);
size = size < 28 ? size : 28;
const R high = Math.fround(size);
const R decay = F(exp)(-high * high) * F(exp)((high - size) * (size + high));
const R t = (size - 5) / (size + 5);
const R far = decay * ({_horner("t", TAIL)}) / (2 * size + 1);
return x < 0 ? 2 - far : far;""",
    ),
    "exp2": Helper("R x", "return Math.pow(2, x);"),
    "fmod": Helper("R x, R y", "return x % y;"),
    "pow": Helper(
        "R x, R y",
        "return x == 1 || (x == -1 && F(abs)(y) == Infinity) ? 1 : Math.pow(x, y);",
    ),
    "rint": Helper(
        "R x",
        """\
const R size = F(abs)(x), most = 4503599627370496;
return size < most ? F(copysign)(size + most - most, x) : x;""",
    ),
}


@dataclass(frozen=True, slots=True)
class JavaScript(Language):
    """JavaScript, with arrays of numbers of one type."""

    @property
    def kind(self) -> str:
        """The type of arrays."""
        return "Float32Array" if self.size == 4 else "Float64Array"

    def number(self, number: float) -> str:
        """Write a number."""
        if self.size == 4 and math.isfinite(number):
            with np.errstate(over="ignore"):
                number = float(np.float32(number))
        if math.isnan(number):
            return "NaN"
        if math.isinf(number):
            return "Infinity" if number > 0.0 else "-Infinity"
        return repr(number)

    def library(self, name: str) -> str:
        """Name a function of Math."""
        return f"Math.{name}" if name in MATH else ""

    def function(self, name: str) -> Helper:
        """Find a function of a few lines."""
        return LACKING[name] if name in LACKING else Language.function(self, name)

    def constant(self, name: str, text: str, is_index: bool = False) -> str:
        """Declare a number that stays."""
        return f"const {name} = {text};"

    def variable(self, name: str, text: str) -> str:
        """Declare a number that changes."""
        return f"let {name} = {text};"

    def loop(self, index: str, begin: str, end: str) -> str:
        """Begin a loop over an index."""
        return f"for (let {index} = {begin}; {index} < {end}; {index}++) {{"

    def helper(self, name: str, helper: Helper, text: str) -> str:
        """Write a function, which has no types here."""
        body = "\n".join(f"    {line}" for line in text.splitlines()).replace(
            "(N)x", "Math.trunc(x)"
        )
        body = re.sub(r"\b(const|let) [RN] ", r"\1 ", body)
        body = re.sub(r"\bR ", "let ", body).replace("0.5S", "0.5")
        return f"function {name}({re.sub(r'[RN] ', '', helper.parameters)}) {{\n{body}\n}}\n"

    def array(self, name: str, numbers: Floats) -> Iterator[str]:
        """Declare an array of constants."""
        return _array(self.kind, name, [self.number(number) for number in numbers.tolist()])

    def table(self, name: str, numbers: Ints) -> Iterator[str]:
        """Declare an array of whole numbers."""
        return _array("Int32Array", name, [str(one) for one in numbers.tolist()])


def language_of(dtype: Dtype) -> JavaScript:
    """Give the language with numbers of a type."""
    return JavaScript(dtype.itemsize)


def is_free(name: str) -> bool:
    """Tell whether a function may have a name."""
    return bool(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)) and name not in RESERVED


def names_for(function: str = "") -> Names:
    """Give names beside those of JavaScript and of a function."""
    return Names(RESERVED, function)


def _array(kind: str, name: str, numbers: Collection[str]) -> Iterator[str]:
    yield f"const {name} = new {kind}(["
    yield from listed("    ", numbers, "")
    yield "]);"
