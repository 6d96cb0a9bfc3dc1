"""Numbers, names, arrays and lines in C."""

from __future__ import annotations

import math
import re
import textwrap
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from ..compiler.program.program import Dtype, Floats, Ints

__all__ = [
    "REALS",
    "Names",
    "Real",
    "array_of",
    "broken",
    "integer_type",
    "is_free",
    "listed",
    "real_of",
    "texts",
]

WIDTH = 100  # of lines

KEYWORDS = """
auto break case char const continue default do double else enum extern float for goto if inline
int long register restrict return short signed sizeof static struct switch typedef union unsigned
void volatile while _Bool _Complex _Imaginary main TEST NULL INFINITY NAN HUGE_VAL EOF size_t
ptrdiff_t offsetof stdin stdout stderr printf memset memcpy i j k l m n batch fault worst
"""
FUNCTIONS = """
acos acosh asin asinh atan atan2 atanh cbrt ceil copysign cos cosh erf erfc exp exp2 expm1 fabs
fdim floor fma fmax fmin fmod frexp hypot ilogb ldexp lgamma log log10 log1p log2 logb modf
nearbyint pow remainder rint round sin sinh sqrt tan tanh tgamma trunc gamma abs div
"""
RESERVED = frozenset([*KEYWORDS.split(), *FUNCTIONS.split()]).union(
    [f"{name}f" for name in FUNCTIONS.split()]
)


@dataclass(frozen=True, slots=True)
class Real:
    """A type of numbers: its name, and how its constants end and how many digits they need."""

    name: str
    suffix: str
    digits: tuple[int, ...]  # one of them is enough, the last for sure
    size: int

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


REALS = {8: Real("double", "", (6, 15, 17), 8), 4: Real("float", "f", (6, 9), 4)}


def real_of(dtype: Dtype) -> Real:
    """Give the type in C."""
    return REALS[dtype.itemsize]


def is_free(name: str) -> bool:
    """Tell whether a function in C may have a name."""
    return bool(re.fullmatch(r"[A-Za-z_]\w*", name, re.ASCII)) and name not in RESERVED


class Names:
    """Names in C, each given once: none that is a function's, and none of what goes with it."""

    def __init__(self, function: str = "") -> None:
        self._taken = {*RESERVED, function}
        self._before = f"{function}_"

    def new(self, wanted: str) -> str:
        """Give a name like the one that is wanted."""
        name = re.sub(r"\W", "_", wanted, flags=re.ASCII).strip("_") or "x"
        if name[0].isdigit() or name.startswith(self._before) or re.fullmatch(r"i\d+", name):
            name = f"x{name}"
        found, number = name, 1
        while found in self._taken:
            number += 1
            found = f"{name}_{number}"
        self._taken.add(found)
        return found


def listed(before: str, items: Iterable[str], after: str) -> Iterator[str]:
    """Write items with commas between them, in as many lines as it takes."""
    line = before
    for item in items:
        if len(line) + len(item) >= WIDTH and line.strip():
            yield line.rstrip()
            line = "    "
        line += f"{item}, "
    yield line.removesuffix(", ") + after


def array_of(kind: str, name: str, numbers: Collection[str]) -> Iterator[str]:
    """Write an array of constants, line by line."""
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


def texts(numbers: Floats, real: Real) -> list[str]:
    """Write numbers of an array."""
    return [real.number(number) for number in numbers.tolist()]
