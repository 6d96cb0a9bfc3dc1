"""Numbers, names, arrays and lines in C."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ...compiler.program.program import Dtype, Floats, Ints
from ..loops.helpers import Helper
from ..loops.language import WIDTH, Language, Names, listed

__all__ = ["REALS", "Real", "broken", "integer_type", "is_free", "names_for", "real_of"]

KEYWORDS = """
auto break case char const continue default do double else enum extern float for goto if inline
int long register restrict return short signed sizeof static struct switch typedef union unsigned
void volatile while _Bool _Complex _Imaginary main TEST NULL INFINITY NAN HUGE_VAL EOF size_t
ptrdiff_t offsetof stdin stdout stderr printf memset memcpy i j k l m n batch fault worst
"""
FUNCTIONS = """
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs
fdim floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma log log10 log1p log2 logb modf
nearbyint pow remainder rint round sin sinh sqrt tan tanh tgamma trunc
"""
LIBRARY = frozenset(FUNCTIONS.split())
RESERVED = frozenset([*KEYWORDS.split(), *LIBRARY, "gamma", "abs", "div"]).union(
    [f"{name}f" for name in LIBRARY], ["gammaf", "absf", "divf"]
)


@dataclass(frozen=True, slots=True)
class Real(Language):
    """C with a type of numbers: its name, and how its constants end and how many digits they need."""

    name: str = "double"
    suffix: str = ""
    digits: tuple[int, ...] = (6, 15, 17)  # one of them is enough, the last for sure

    def number(self, number: float) -> str:
        """Write a number, which is rounded to the type."""
        if self.suffix and math.isfinite(number):
            with np.errstate(over="ignore"):
                number = float(np.float32(number))
        if math.isnan(number):
            return "NAN"
        if math.isinf(number):
            return "INFINITY" if number > 0.0 else "-INFINITY"
        texts = [f"{number:.{digits}g}" for digits in self.digits]
        text = next((text for text in texts if self._is(text, number)), texts[-1])
        if text.lstrip("-").isdigit():
            text += ".0"
        return text + self.suffix

    def _is(self, text: str, number: float) -> bool:
        found = float(np.float32(text)) if self.suffix else float(text)
        return found == number

    def library(self, name: str) -> str:
        """Name a function of math.h."""
        name = "fabs" if name == "abs" else name
        return f"{name}{self.suffix}" if name in LIBRARY else ""

    def constant(self, name: str, text: str, is_index: bool = False) -> str:
        """Declare a number that stays, or an index."""
        return f"const {self.counter if is_index else self.name} {name} = {text};"

    def variable(self, name: str, text: str) -> str:
        """Declare a number that changes."""
        return f"{self.name} {name} = {text};"

    def loop(self, index: str, begin: str, end: str) -> str:
        """Begin a loop over an index."""
        return f"for ({self.counter} {index} = {begin}; {index} < {end}; {index}++) {{"

    def helper(self, name: str, helper: Helper, text: str) -> str:
        """Write a function."""
        body = "\n".join(f"    {line}" for line in text.splitlines())
        found = f"static inline {helper.gives} {name}({helper.parameters})\n{{\n{body}\n}}\n"
        found = re.sub(r"\bN\b", "int", re.sub(r"\bR\b", self.name, found))
        return found.replace("0.5S", self.number(0.5))

    def array(self, name: str, numbers: Floats) -> Iterator[str]:
        """Declare an array of constants."""
        return _array(self.name, name, [self.number(number) for number in numbers.tolist()])

    def table(self, name: str, numbers: Ints) -> Iterator[str]:
        """Declare an array of whole numbers."""
        return _array(integer_type(numbers)[0], name, [str(one) for one in numbers.tolist()])


REALS = {8: Real(8), 4: Real(4, name="float", suffix="f", digits=(6, 9))}


def real_of(dtype: Dtype) -> Real:
    """Give the type in C."""
    return REALS[dtype.itemsize]


def is_free(name: str) -> bool:
    """Tell whether a function in C may have a name."""
    return bool(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)) and name not in RESERVED


def names_for(function: str = "") -> Names:
    """Give names beside those of C and of a function."""
    return Names(RESERVED, function)


def _array(kind: str, name: str, numbers: Collection[str]) -> Iterator[str]:
    yield f"static const {kind} {name}[{len(numbers)}] = {{"
    yield from listed("    ", numbers, "")
    yield "};"


def broken(line: str) -> Sequence[str]:
    """Break a line that is long."""
    if len(line) <= WIDTH:
        return [line]
    indent = " " * (len(line) - len(line.lstrip()))
    return textwrap.wrap(
        line.strip(),
        WIDTH,
        initial_indent=indent,
        subsequent_indent=f"{indent}    ",
        break_long_words=False,
        break_on_hyphens=False,
    )


def integer_type(numbers: Ints) -> tuple[str, int]:
    """Give the smallest type that holds some whole numbers, none of them negative; and its bytes."""
    most = int(numbers.max(initial=0))
    if most < 1 << 8:
        return "unsigned char", 1
    return ("unsigned short", 2) if most < 1 << 16 else ("unsigned long", 4)
