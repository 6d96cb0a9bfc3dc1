"""Functions of a few lines that operations need, said once for all languages with loops.

R is the type of numbers and N that of whole ones, F(name) a function of the language's library.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["HELPERS", "Helper"]


@dataclass(frozen=True, slots=True)
class Helper:
    """A function: its parameters with their types, and its lines."""

    parameters: str
    text: str
    gives: str = "R"


HELPERS = {
    "max": Helper("R x, R y", "return x > y || x != x ? x : y;"),
    "min": Helper("R x, R y", "return x < y || x != x ? x : y;"),
    "sigmoid": Helper(
        "R x",
        """\
const R e = F(exp)(-F(abs)(x));
return (x < 0 ? e : 1) / (1 + e);""",
    ),
    "mod": Helper(
        "R x, R y",
        """\
const R r = F(fmod)(x, y);
return r == 0 ? F(copysign)(0, y) : (r < 0) != (y < 0) ? r + y : r;""",
    ),
    "floordiv": Helper(
        "R x, R y",
        """\
const R r = F(fmod)(x, y);
R q = (x - r) / y, whole;
if (y == 0)
    return x / y;
if (r != 0 && (r < 0) != (y < 0))
    q -= 1;
whole = F(floor)(q);
return q == 0 ? F(copysign)(0, x / y) : q - whole > 0.5S ? whole + 1 : whole;""",
    ),
    "place": Helper(
        "R x, N size",
        """\
const N n = x >= 0 && x < size ? (N)x : -1;
return n == x ? n : -1;""",
        "N",
    ),
}
