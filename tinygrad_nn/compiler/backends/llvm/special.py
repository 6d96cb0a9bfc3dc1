"""Sine, cosine and the error functions of vectors, in plain operations.

Errors are below 2 units in the last place, and below 4 in the tail of erfc.
"""

from __future__ import annotations

import math
from collections.abc import Callable

from .exponentials import exp, moderate_exp, whole
from .lanes import Lanes

__all__ = ["cos", "erf", "erfc", "sin"]

FARTHEST = 2.0**20  # what is larger is left to the library of C, number by number
HALF_PI = (  # pi/2, parted into pieces of 33 bits, and what is left
    1.57079632673412561417e00,
    6.07710050630396597660e-11,
    2.02226624871116645580e-21,
    8.47842766036889956997e-32,
)
SIN = (
    -1.66666666666666324348e-01,
    8.33333333332248946124e-03,
    -1.98412698298579493134e-04,
    2.75573137070700676789e-06,
    -2.50507602534068634195e-08,
    1.58969099521155010221e-10,
)
COS = (
    4.16666666666666019037e-02,
    -1.38888888888741095749e-03,
    2.48015872894767294178e-05,
    -2.75573143513906633035e-07,
    2.08757232129817482790e-09,
    -1.13596475577881948265e-11,
)
# erf(x) / x in x**2, to x = 0.77
ERF = (
    1.1283791670955126,
    -0.37612638903183754,
    0.11283791670955054,
    -0.026866170645108715,
    0.005223977625079197,
    -0.0008548326988925832,
    0.00012055330897602833,
    -1.4925567387402307e-05,
    1.64599046330275e-06,
    -1.6326779362620015e-07,
    1.4364858913772247e-08,
    -9.342264338329997e-10,
)
# exp(x**2) erfc(x) in (x - 3) / (x + 3), from x = 0.72 to 6
FAR = (
    0.17900115118138996,
    -0.32623356004303605,
    0.24560380171232982,
    -0.15011593650101804,
    0.07166583719785186,
    -0.024392499304190136,
    0.0042691363539681905,
    0.0007077460706725616,
    -0.0005970627939119729,
    4.52595219815097e-05,
    6.407068401708264e-05,
    -1.2876512168346847e-05,
    -8.08204343346063e-06,
    2.0588787919790648e-06,
    1.5035986703769258e-06,
    1.6120173400772513e-07,
)
# (1 + 2 x) exp(x**2) erfc(x) in (x - 5) / (x + 5), from x = 0.45 to 28
TAIL = (
    1.217751015063755,
    -0.13251411946952163,
    0.045685727395998625,
    0.02339844443549841,
    -0.06604593786203361,
    0.08189486374265972,
    -0.07711390938004065,
    0.060799230640720056,
    -0.04140591819443021,
    0.024563305014766106,
    -0.012635571349847911,
    0.005538405165769434,
    -0.0019888943118430815,
    0.0005312407632244462,
    -7.094223840784936e-05,
    -1.879557451509347e-05,
    1.4456486200473117e-05,
    -3.456073146700397e-06,
    -3.6548098923155483e-07,
    4.96925470518647e-07,
    -8.688804028137504e-08,
    -3.211054117601957e-08,
    1.0223669596891882e-08,
)


def _reduced(v: Lanes, x: str) -> tuple[str, str, str]:
    """Write x as n pi/2 + (high + low); return high, low, and n as an integer."""
    n, integer = whole(v, x, 2.0 / math.pi)
    first, second, third, fourth = [v.mul(n, v.number(part)) for part in HALF_PI]
    r, lost = _sum(v, v.sub(x, first), v.neg(second))
    r, less = _sum(v, r, v.sub(lost, third))
    rest = v.sub(less, fourth)
    high = v.add(r, rest)
    return high, v.add(v.sub(r, high), rest), integer


def _sum(v: Lanes, x: str, y: str) -> tuple[str, str]:
    """Add, and give what rounding lost."""
    found = v.add(x, y)
    of_y = v.sub(found, x)
    return found, v.add(v.sub(x, v.sub(found, of_y)), v.sub(y, of_y))


def _circular(v: Lanes, x: str, quarter: int, library: Callable[[str], str]) -> str:
    """Give sin(x + quarter * pi/2)."""
    high, low, n = _reduced(v, x)
    if quarter:
        n = v.integers("add", n, quarter)
    z = v.mul(high, high)
    half = v.mul(v.number(0.5), z)
    cube = v.mul(z, high)
    series = v.horner(z, SIN[1:])
    bent = v.sub(v.mul(v.number(0.5), low), v.mul(cube, series))
    sine = v.sub(v.mul(z, bent), low)
    sine = v.sub(high, v.sub(sine, v.mul(cube, v.number(SIN[0]))))
    most = v.sub(v.number(1.0), half)
    series = v.mul(v.mul(z, z), v.horner(z, COS))
    rest = v.sub(v.sub(v.number(1.0), most), half)
    cosine = v.add(most, v.add(rest, v.sub(series, v.mul(high, low))))
    odd = v.builder.let(f"icmp ne {v.whole} {v.integers('and', n, 1)}, {v.integer(0)}")
    found = v.select(odd, cosine, sine)
    sign = v.integers("shl", v.integers("and", n, 2), 62)
    found = v.from_bits(v.integers("xor", v.bits(found), sign))
    return _beyond(v, x, found, library)


def _beyond(v: Lanes, x: str, found: str, library: Callable[[str], str]) -> str:
    """Ask the library where a number is too large, or none."""
    builder = v.builder
    near = v.compare("le", v.intrinsic("fabs", x), v.number(FARTHEST))
    far = builder.let(f"xor {v.bools} {near}, {v.always}")
    branch = builder.begin_if(v.any_of(far))
    other = v.select(near, found, v.each(library, x))
    (found,) = builder.end_if(branch, [v.kind], [other], [found])
    return found


def sin(v: Lanes, x: str, library: Callable[[str], str]) -> str:
    """Give the sine."""
    found = _circular(v, x, 0, library)
    return v.select(v.compare("eq", x, v.number(0.0)), x, found)


def cos(v: Lanes, x: str, library: Callable[[str], str]) -> str:
    """Give the cosine."""
    return _circular(v, x, 1, library)


def _erf_near(v: Lanes, x: str) -> str:
    z = v.mul(x, x)
    return v.mul(x, v.fma(z, v.polynomial(z, ERF[1:]), v.number(ERF[0])))


def _erfc_near(v: Lanes, x: str) -> str:
    """Give 1 - erf(x), of which the most is taken away at once."""
    z = v.mul(x, x)
    most = v.fma(v.neg(x), v.number(ERF[0]), v.number(1.0))
    return v.sub(most, v.mul(x, v.mul(z, v.polynomial(z, ERF[1:]))))


def _erfc_far(v: Lanes, size: str) -> str:
    """Give erfc of what is not small: exp(-x**2), whose square is parted, times a series."""
    size = v.select(v.compare("gt", size, v.number(28.0)), v.number(28.0), size)
    below, lost = _sum(v, v.add(size, size), v.number(1.0))
    high = v.from_bits(v.integers("and", v.bits(size), -(1 << 27)))
    low = v.mul(v.sub(high, size), v.add(size, high))
    low = v.sub(low, v.div(lost, below))  # what rounding lost of the divisor
    decay = exp(v, v.neg(v.mul(high, high)), low)
    five = v.number(5.0)
    t = v.div(v.sub(size, five), v.add(size, five))
    series = v.fma(t, v.polynomial(t, TAIL[1:]), v.number(TAIL[0]))
    return v.mul(decay, v.div(series, below))


def erf(v: Lanes, x: str) -> str:
    """Give the error function."""
    size = v.intrinsic("fabs", x)
    six, three = v.number(6.0), v.number(3.0)
    bound = v.select(v.compare("lt", size, six), size, six)
    t = v.div(v.sub(bound, three), v.add(bound, three))
    rest = v.mul(moderate_exp(v, v.neg(v.mul(bound, bound))), v.polynomial(t, FAR))
    far = v.sub(v.number(1.0), rest)
    near = v.compare("lt", size, v.number(0.75))
    found = v.select(near, _erf_near(v, x), v.signed(far, x))
    return v.select(v.compare("eq", x, x), found, x)


def erfc(v: Lanes, x: str) -> str:
    """Give 1 - erf(x)."""
    size = v.intrinsic("fabs", x)
    far = _erfc_far(v, size)
    far = v.select(v.compare("lt", x, v.number(0.0)), v.sub(v.number(2.0), far), far)
    near = v.compare("lt", size, v.number(0.75))
    found = v.select(near, _erfc_near(v, x), far)
    return v.select(v.compare("eq", x, x), found, x)
