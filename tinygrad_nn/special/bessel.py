"""Bessel functions of whole orders, and modified ones of real orders (https://dlmf.nist.gov/10)."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

from ..scalar.operation import INF, Op
from .rows import Family, checked, of_scipy, real_order, scipy_special, special, whole_order
from .uniform import LEAST_ORDER, slope_over_value

__all__ = ["i0e", "i1e", "ive", "j0", "j1", "jn", "k0e", "k1e", "kve", "y0", "y1", "yn"]

ABOVE_ZERO = "it needs x > 0; choose with where(x > 0, lambda: ..., 0.0)"


# ---- J and Y -----------------------------------------------------------------------------------


def _bessel(letter: str, scipys: str, title: str, **options: Any) -> Family:
    """Make the rows of one kind: the slope is half the difference of two neighbours, DLMF 10.6.1."""
    family: Family

    def make(name: str, table: dict[str, Op], n: int) -> Op:
        own: dict[str, Any] = {"array": f"special.{letter.lower()}{n}"}
        compute: Any = of_scipy(f"{letter.lower()}{n}")
        if n not in (0, 1):
            known = of_scipy(scipys, overflows=True)

            def compute(x: float) -> float:
                if x == 0.0 and letter == "Y":
                    raise ValueError("math domain error")
                return known(float(n), x)

            own["beyond"] = lambda x: known.raw(float(n), x)
            own["array"] = lambda np, x: getattr(scipy_special(), scipys)(n, x)
        return special(
            name,
            compute,
            (lambda x, z: -family[1](x))
            if n == 0
            else (lambda x, z: 0.5 * (family[n - 1](x) - family[n + 1](x))),
            f"The Bessel function of the {title} kind of order {n}.",
            latex=rf"{letter}_{{{n}}}\left(<x>\right)",
            table=table,
            **own,
            **options,
        )

    family = Family(f"{letter.lower()}n", make, whole_order(f"{letter.lower()}n"))
    return family


jn = _bessel("J", "jv", "first", special=(0.0, 2.404825557695773, 100.0))
j0 = jn.named(0, "j0")
j1 = jn.named(1, "j1")
jn.listed(2)
yn = _bessel(
    "Y",
    "yn",
    "second",
    domain=(0.0, INF),
    sample=(0.5, 6.0),
    special=(0.8935769662791675, 1e-9, 100.0),
    remedy=ABOVE_ZERO,
)
y0 = yn.named(0, "y0")
y1 = yn.named(1, "y1")
yn.listed(2)


# ---- modified, times an exponential function -------------------------------------------------------

ASYMPTOTIC = 25.0  # from here on Hankel's series has all digits, if the order is small beside
CLOSENESS = 5.0


def _slope(kind: str, v: float, k: int, x: float) -> float:
    """Compute the k-th derivative of exp(-x) I_v(x), or of exp(x) K_v(x), at x >= 0.

    In terms of neighbours it is a difference of order 2 k (DLMF 10.29.1), which cancels as x grows:
    there Hankel's series is differentiated term by term (DLMF 10.40.1 and 10.40.2), and for large
    orders Debye's.
    """
    if not math.isfinite(x):
        return x if x != x else 0.0
    if x >= ASYMPTOTIC and v * v <= CLOSENESS * x:
        return _hankel(kind, abs(v), k, x)  # I of -v differs by less than digits tell
    scaled: Callable[[float, float], Any] = getattr(scipy_special(), f"{kind}ve")
    if k and abs(v) >= LEAST_ORDER and x >= 2.0 * abs(v):
        return slope_over_value(kind, abs(v), k, x) * float(scaled(v, x))
    total = 0.0
    for j in range(2 * k + 1):
        order = v - k + j
        if kind == "k" or order.is_integer():
            order = abs(order)
        total += (-1.0) ** j * math.comb(2 * k, j) * float(scaled(order, x))
    if total - total != 0.0:
        return _at_zero(kind, v, k)
    return total * 0.5**k * ((-1.0) ** k if kind == "k" else 1.0)


def _at_zero(kind: str, v: float, k: int) -> float:
    """Give the sign of what is too large near 0: the slopes of x^v, or of x^-v."""
    sign = (-1.0) ** k if kind == "k" else math.prod(v - j for j in range(k))
    return math.copysign(INF, sign)


def _hankel(kind: str, v: float, k: int, x: float) -> float:
    power = (-1.0) ** k / math.sqrt(x)
    for i in range(k):
        power *= (0.5 + i) / x
    total, term, m = 0.0, power, 0
    while True:
        total += term
        factor = (4.0 * v * v - (2.0 * m + 1.0) ** 2) / (8.0 * (m + 1.0) * x)
        factor *= (0.5 + m + k) / (0.5 + m) * (1.0 if kind == "k" else -1.0)
        if abs(term * factor) <= 1e-17 * abs(total) or (m > v and abs(factor) >= 1.0):
            return total * math.sqrt(0.5 * math.pi if kind == "k" else 0.5 / math.pi)
        term *= factor
        m += 1


def _scaled_i(v: float, k: int, x: float) -> float:
    if x < 0.0:
        if not v.is_integer():
            raise ValueError("math domain error")
        found = _scaled_i(v, k, -x)
        return -found if (v + k) % 2 else found
    if x == 0.0 and k and v.is_integer() and (v + k) % 2:
        return 0.0  # a kink, as that of abs
    return checked(_slope("i", v, k, x), (x,), overflows=x > 0.0)


def _scaled_k(v: float, k: int, x: float) -> float:
    if x < 0.0:
        raise ValueError("math domain error")
    return checked(_slope("k", v, k, x), (x,), overflows=x > 0.0)


def _beyond(kind: str, v: float, k: int, x: float) -> float:
    return _slope(kind, v, k, x) if x >= 0.0 else math.nan


def _modified(
    kind: str, compute: Callable[[float, int, float], float], latex: str, **options: Any
) -> Family:
    family: Family

    def make(name: str, table: dict[str, Op], v: float, k: int = 0) -> Op:
        shown = f"{v:g}"
        written = latex.replace("v", shown)
        own: dict[str, Any] = {"compute": lambda x: compute(v, k, x)}
        if k == 0 and v in (0.0, 1.0):
            own = {"compute": of_scipy(f"{kind}{shown}e"), "array": f"special.{kind}{shown}e"}
        if k:
            written = rf"\left(\frac{{\mathrm{{d}}}}{{\mathrm{{d}} t}}\right)^{{{k}}} {written}"
        return special(
            name,
            own.pop("compute"),
            lambda x, z: family[v, k + 1](x),
            f"The derivative of order {k} of {kind}ve of order {shown}."
            if k
            else f"The modified Bessel function {kind.upper()} of order {shown}, times an exponential.",
            latex=written,
            table=table,
            beyond=lambda x: _beyond(kind, v, k, x),
            **own,
            **options,
        )

    real, whole = real_order(f"{kind}ve"), whole_order(f"{kind}ve", 1)

    def check(order: Any) -> Any:
        if isinstance(order, tuple):
            return real(order[0]), whole(order[1])
        return real(order)

    family = Family(f"{kind}ve", make, check)
    return family


ive = _modified(
    "i", _scaled_i, r"e^{-\left|<x>\right|} I_{v}\left(<x>\right)",
    sample=(0.3, 4.0), special=(1e-9, 0.5, 24.5, 1e3), binds=2,
    remedy="of an order that is no whole number it needs x >= 0",
)  # fmt: skip
i0e = ive.named(0.0, "i0e")
i1e = ive.named(1.0, "i1e")
ive.listed(0.5)
kve = _modified(
    "k", _scaled_k, r"e^{<x>} K_{v}\left(<x>\right)",
    domain=(0.0, INF), sample=(0.3, 4.0), special=(1e-9, 0.5, 24.5, 1e3), binds=2, remedy=ABOVE_ZERO,
)  # fmt: skip
k0e = kve.named(0.0, "k0e")
k1e = kve.named(1.0, "k1e")
kve.listed(0.5)
