"""Logarithms of vectors, given one of normal numbers: the same steps for float64 and float32."""

from __future__ import annotations

import math
from collections.abc import Callable

from .lanes import Lanes

__all__ = ["log1p_by", "log_by"]

# Of a normal number; a third, unless it is "", is added to the logarithm.
Core = Callable[[Lanes, str, str], str]


def log_by(core: Core, v: Lanes, x: str, least: float, bits: int) -> str:
    """Give the natural logarithm; what is below the `least` normal number is made greater by bits."""
    small = v.compare("lt", x, v.number(least))
    normal = v.select(small, v.mul(x, v.number(2.0**bits)), x)
    found = core(v, normal, "")
    less = v.add(found, v.number(-bits * math.log(2.0)))
    return _ends(v, x, v.select(small, less, found))


def log1p_by(core: Core, v: Lanes, x: str) -> str:
    """Give log(1 + x)."""
    one = v.number(1.0)
    u = v.add(one, x)
    added = v.sub(u, one)
    lost = v.add(v.sub(x, added), v.sub(one, v.sub(u, added)))
    found = _ends(v, u, core(v, u, v.div(lost, u)))
    return v.select(v.compare("eq", x, v.number(0.0)), x, found)


def _ends(v: Lanes, x: str, found: str) -> str:
    """Settle the logarithm of 0, of what is less, of infinity and of NaN."""
    found = v.select(v.compare("eq", x, v.number(math.inf)), x, found)
    found = v.select(v.compare("eq", x, v.number(0.0)), v.number(-math.inf), found)
    found = v.select(v.compare("lt", x, v.number(0.0)), v.number(math.nan), found)
    return v.select(v.compare("eq", x, x), found, x)
