"""Special functions in mpmath: their values, and their derivatives by differences in many digits."""

from __future__ import annotations

import itertools
import math
import random
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import mpmath as mp

from tinygrad_nn import special

DIGITS = 50
LIMIT = 1e-10

Point = tuple[float, ...]
Orders = tuple[int, ...]


@dataclass(frozen=True)
class Truth:
    """What a function is, and where it is tried.

    `ranges` are intervals of its arguments, `sizes` powers of ten of distances from 0 (with a
    sign), `near` numbers whose neighbours are tried, `ends` what the distance is kept from.
    `exact` gives a derivative of some orders where differences are slow. `note` says where the function
    is worse.
    """

    value: Callable[..., Any]
    ranges: Sequence[tuple[float, float]]
    sizes: Sequence[tuple[float, float, float]] = ()
    near: Sequence[float] = ()
    ends: Sequence[float] = (0.0,)
    exact: Callable[..., Any] | None = None
    orders: int = 3
    limit: float = LIMIT
    arity: int = 1
    others: Sequence[Sequence[tuple[float, float]]] = field(default=())
    inside: Callable[..., bool] = lambda *point: True
    note: str = ""

    def points(self, count: int, seed: str) -> Iterator[Point]:
        """Give points inside, in the tails, and beside zeros and ends."""
        rng = random.Random(seed)
        left = count
        while left:
            point = tuple(self._argument(rng, place) for place in range(self.arity))
            if self.inside(*point):
                left -= 1
                yield point

    def _argument(self, rng: random.Random, place: int) -> float:
        ranges = self.others[place - 1] if place else self.ranges
        kind = rng.random()
        if self.sizes and not place and kind < 0.3:
            sign, low, high = rng.choice(self.sizes)
            return sign * 10.0 ** rng.uniform(low, high)
        if self.near and not place and kind < 0.5:
            at = rng.choice(self.near)
            return at + rng.choice((-1, 1)) * 10.0 ** rng.uniform(-15, -1) * max(1.0, abs(at))
        low, high = rng.choice(ranges)
        if place and low > 0.0:
            return math.exp(rng.uniform(math.log(low), math.log(high)))
        return rng.uniform(low, high)

    def derivatives(self, point: Point, wanted: Iterable[Orders]) -> dict[Orders, Any]:
        """Give some derivatives, and those of theirs by each argument."""
        orders = {more for one in wanted for more in [one, *_more(one)]}
        if self.exact is not None:
            with mp.workdps(DIGITS + 30):
                numbers = [mp.mpf(x) for x in point]
                return {order: self.exact(order, *numbers) for order in sorted(orders)}
        (x,) = point
        slopes = self._slopes(x, max(order[0] for order in orders))
        return {(k,): slope for k, slope in enumerate(slopes)}

    def _slopes(self, x: float, top: int) -> list[Any]:
        distance = [abs(mp.mpf(x) - mp.mpf(end)) for end in self.ends]
        scale = min([one for one in distance if one], default=max(mp.mpf(1), abs(mp.mpf(x))))
        step = scale * mp.mpf(10) ** -20
        digits = DIGITS + 40 * top + 2 * abs(int(mp.log10(abs(mp.mpf(x)) + mp.mpf(10) ** -320)))
        with mp.workdps(min(digits, 700)):
            half = top // 2 + 1
            values = [self.value(mp.mpf(x) + k * step) for k in range(-half, half + 1)]
            return [_difference(values, k) / step**k for k in range(top + 1)]


def _difference(values: Sequence[Any], order: int) -> Any:
    """Take the central difference of an order, of the middle of a list of an odd length."""
    middle = len(values) // 2
    if order % 2 == 0:
        half = order // 2
        return sum(
            (-1) ** (order - k) * math.comb(order, k) * values[middle - half + k]
            for k in range(order + 1)
        )
    below = _difference(values[: 2 * (middle - 1) + 1], order - 1)
    above = _difference(values[2:], order - 1)
    return (above - below) / 2


def _more(orders: Orders) -> list[Orders]:
    """List the derivatives of a derivative by each argument."""
    places = range(len(orders))
    return [tuple(o + (n == place) for n, o in enumerate(orders)) for place in places]


def worst(found: Any, point: Point, exact: dict[Orders, Any], orders: Orders) -> Any:
    """Give the error of a derivative relative to itself and what it changes by with its arguments."""
    scale = abs(exact[orders])
    for x, more in zip(point, _more(orders), strict=True):
        scale += abs(mp.mpf(x) * exact[more])
    error = abs(mp.mpf(found) - exact[orders])
    return error / scale if scale else error


# ---- the functions -------------------------------------------------------------------------------


def _kept(function: Callable[..., Any], order: Any, x: Any) -> Any:
    """Compute once what neighbours have in common."""
    return _known(function, order, x, mp.mp.prec)


@lru_cache(maxsize=300)
def _known(function: Callable[..., Any], order: Any, x: Any, precision: int) -> Any:
    return function(order, x)


def _log_gamma(x: Any) -> Any:
    return mp.log(abs(mp.gamma(x))) if x < 1e3 else mp.re(mp.loggamma(x))


def _erfcx(x: Any) -> Any:
    if x > 50:
        with mp.workdps(mp.mp.dps + 10):
            return mp.hyperu(0.5, 0.5, x * x) / mp.sqrt(mp.pi)
    return mp.exp(x * x) * mp.erfc(x)


def _normal(x: Any) -> Any:
    return mp.erfc(-x / mp.sqrt(2)) / 2


def _log_ndtr(x: Any) -> Any:
    if x > 5:
        return mp.log1p(-_normal(-x))
    return -x * x / 2 - mp.log(2) + mp.log(_erfcx(-x / mp.sqrt(2)))


def _dawsn(x: Any) -> Any:
    if abs(x) > 200:
        return mp.nsum(
            lambda m: mp.fac2(2 * m - 1) / (2 ** (m + 1) * x ** (2 * m + 1)), [0, 60], method="d"
        )
    return mp.sqrt(mp.pi) / 2 * mp.exp(-x * x) * mp.erfi(x)


def _inverse(start: Callable[[Any], Any], slope: Callable[[Any], Any]) -> Callable[[Any], Any]:
    """Invert a function by Newton's method, from what is nearly right."""

    def value(x: Any) -> Any:
        z = start(x)
        for _ in range(12):
            moved = slope(z)(x)
            z -= moved
            if abs(moved) < mp.mpf(10) ** (-mp.mp.dps + 5) * abs(z):
                break
        return z

    return value


def _erfinv_exact(scale: Any, sign: int, start: Callable[[float], float]) -> Any:
    """Differentiate the inverse of an error function: by w' = c exp(w^2), from its value."""

    def exact(order: Orders, x: Any) -> Any:
        z = _erf_inverse(x, sign)
        slope = sign * mp.sqrt(mp.pi) / 2 * mp.exp(z * z)
        w = z
        terms = [
            w,
            slope,
            2 * w * slope**2,
            slope**3 * (2 + 8 * w * w),
            slope**4 * (28 * w + 48 * w**3),
        ]
        return terms[order[0]]

    return exact


def _erf_inverse(x: Any, sign: int) -> Any:
    """Solve erf(z) = x, or erfc(z) = x for a sign below 0."""
    from scipy import special as scipys

    z = mp.mpf(float(scipys.erfinv(float(x)) if sign > 0 else scipys.erfcinv(float(x))))
    for _ in range(8):
        error = mp.erf(z) - x if sign > 0 else mp.erfc(z) - x
        step = error / (sign * 2 / mp.sqrt(mp.pi) * mp.exp(-z * z))
        z -= step / (1 + z * step)
    return z


def _ndtri_exact(order: Orders, x: Any) -> Any:
    root = mp.sqrt(2)
    return -root * 2 ** order[0] * _erfinv_exact(1, -1, float)(order, 2 * x)


def _log1mexp(x: Any) -> Any:
    return mp.log1p(-mp.exp(x)) if x < -1 else mp.log(-mp.expm1(x))


def _sinc(x: Any) -> Any:
    return mp.sin(mp.pi * x) / (mp.pi * x) if x else mp.mpf(1)


def _psi(n: int, x: Any) -> Any:
    return _kept(_derivative_of_lgamma, n, x)


def _derivative_of_lgamma(n: int, x: Any) -> Any:
    return _log_gamma(x) if n < 0 else mp.psi(n, x)


def _betaln_exact(order: Orders, x: Any, y: Any) -> Any:
    a, b = order
    return (
        (_psi(a - 1, x) if b == 0 else 0)
        + (_psi(b - 1, y) if a == 0 else 0)
        - _psi(a + b - 1, x + y)
    )


def _log_binom_exact(order: Orders, n: Any, k: Any) -> Any:
    a, b = order
    return (
        (_psi(a - 1, n + 1) if b == 0 else 0)
        - ((-1) ** b) * _psi(a + b - 1, n - k + 1)
        - (_psi(b - 1, k + 1) if a == 0 else 0)
    )


def _beta_exact(order: Orders, x: Any, y: Any) -> Any:
    with mp.workdps(mp.mp.dps - 5 * int(mp.log10(min(x, y, 1)))):  # derivatives of 1 / x cancel
        return _exponential(_betaln_exact, (x, y), mp.mp.prec)(order)


@lru_cache(maxsize=2)
def _exponential(slope: Callable[..., Any], point: tuple[Any, ...], precision: int) -> Any:
    """Differentiate exp(L) at a point by the derivatives of L, each once."""
    known = {(0,) * len(point): mp.exp(slope((0,) * len(point), *point))}

    def at(order: Orders) -> Any:
        if order not in known:
            place = next(n for n, one in enumerate(order) if one)
            moved = tuple(one - (n == place) for n, one in enumerate(order))
            total = mp.mpf(0)
            for inner in itertools.product(*[range(one + 1) for one in moved]):
                count = math.prod(map(math.comb, moved, inner))
                rest = [
                    m - i + (n == place) for n, (m, i) in enumerate(zip(moved, inner, strict=True))
                ]
                total += count * slope(tuple(rest), *point) * at(inner)
            known[order] = total
        return known[order]

    return at


def _xlog(shift: int) -> Any:
    def exact(order: Orders, x: Any, y: Any) -> Any:
        a, b = order
        if a > 1:
            return mp.mpf(0)
        part = (
            (mp.log(y) if not shift else mp.log1p(y))
            if b == 0
            else (-1) ** (b - 1) * mp.factorial(b - 1) / (y + shift) ** b
        )
        return part if a else x * part

    return exact


def _difference_exact(order: Orders, x: Any, y: Any) -> Any:
    n = sum(order)
    return _psi(n, x + y) - (_psi(n, x) if order[1] == 0 else 0)


# ---- Bessel functions and integrals ----------------------------------------------------------------


def _bessel(function: Callable[..., Any], n: int) -> Any:
    """Differentiate by neighbours, DLMF 10.6.1, in many digits."""

    def exact(order: Orders, x: Any) -> Any:
        (k,) = order
        terms = [
            (-1) ** j * math.comb(k, j) * _kept(function, n - k + 2 * j, x) for j in range(k + 1)
        ]
        return mp.fsum(terms) / 2**k

    return exact


def _modified(function: Callable[..., Any], v: float, sign: int) -> Any:
    """Differentiate exp(sign x) times a function by its neighbours, DLMF 10.29.1."""

    def exact(order: Orders, x: Any) -> Any:
        (k,) = order
        if x < 0:
            return (-1) ** (int(v) + k) * exact(order, -x)
        with mp.workdps(mp.mp.dps + 10 + 8 * max(0, int(mp.log10(x)) + 1)):
            scaled = [_kept(function, v - k + j, x) for j in range(2 * k + 1)]
            total = mp.fsum((-1) ** j * math.comb(2 * k, j) * f for j, f in enumerate(scaled))
            return mp.exp(sign * x) * total / mp.mpf(2 * -sign) ** k

    return exact


def _bessel_y(n: int, x: Any) -> Any:
    """Compute Y_n: Y_0 by its series, DLMF 10.8.2, and upward by the recurrence."""
    if n < 0:
        return (-1) ** n * _bessel_y(-n, x)
    if n > 1:
        return 2 * (n - 1) / x * _kept(_bessel_y, n - 1, x) - _kept(_bessel_y, n - 2, x)
    with mp.workdps(mp.mp.dps + int(x) + 20):
        if n == 1:
            known = mp.besselj(1, x) * _kept(_bessel_y, 0, x) - 2 / (mp.pi * x)
            return known / mp.besselj(0, x)
        total, term, harmonic, k = mp.mpf(0), mp.mpf(1), mp.mpf(0), 0
        while abs(term) > mp.mpf(10) ** (-mp.mp.dps):
            k += 1
            term *= -x * x / 4 / (k * k)
            harmonic += mp.mpf(1) / k
            total -= term * harmonic
        return 2 / mp.pi * ((mp.log(x / 2) + mp.euler) * mp.besselj(0, x) + total)


def _scaled_k(v: float) -> Any:
    """Differentiate exp(x) K_v(x), the integral of exp(x (1 - cosh t)) cosh(v t), DLMF 10.32.9.

    The trapezoidal rule has all digits there.
    """
    return lambda order, x: _scaled_k_sums(v, x, mp.mp.prec)[order[0]]


@lru_cache(maxsize=2)
def _scaled_k_sums(v: float, x: Any, precision: int) -> list[Any]:
    """Add up for all orders at once."""
    step = min(mp.mpf("0.08") / (1 + v / 50), mp.mpf("0.3") / mp.sqrt(x))
    totals, t = [mp.mpf(0)] * 5, mp.mpf(0)
    while True:
        size = mp.cosh(t) - 1
        term = mp.exp(-x * size) * mp.cosh(v * t) / (1 if t else 2)
        for order in range(5):
            totals[order] += term
            term *= -size
        if x * size > 160 + (v + 5) * t:
            return [step * total for total in totals]
        t += step


def _stencil(order: int) -> dict[int, Any]:
    """Give the weights of a central difference of second order."""
    if order == 0:
        return {0: mp.mpf(1)}
    if order == 1:
        return {-1: mp.mpf(-1) / 2, 1: mp.mpf(1) / 2}
    inner, found = _stencil(order - 2), {}
    for place, weight in inner.items():
        for move, factor in ((-1, 1), (0, -2), (1, 1)):
            found[place + move] = found.get(place + move, 0) + factor * weight
    return found


def _by_differences(
    value: Callable[..., Any],
    log_density: Callable[..., Any],
    lost: Callable[..., int],
    sign: int = 1,
) -> Callable[..., Any]:
    """Differentiate by the shapes by differences, and by the last argument too by its density.

    `lost` says how many digits are left out where the value is nearly 1.
    """
    known: dict[Any, Any] = {}

    def exact(order: Orders, *numbers: Any) -> Any:
        *shapes, last = order
        if last:
            return sign * _exponential(log_density, numbers, mp.mp.prec)((*shapes, last - 1))
        with mp.workdps(120 + lost(*map(float, numbers))):
            total = mp.mpf(0)
            steps = [x * mp.mpf(10) ** -16 for x in numbers]
            for places in itertools.product(*[_stencil(one).items() for one in order]):
                weight = mp.fprod([w for _, w in places])
                moved = tuple(
                    x + p * h for x, h, (p, _) in zip(numbers, steps, places, strict=True)
                )
                if moved not in known:
                    if len(known) > 300:
                        known.clear()
                    known[moved] = value(*moved)
                total += weight * known[moved]
            for one, step in zip(order, steps, strict=True):
                total /= step**one
            return total if sign > 0 else (0 if any(shapes) else 1) - total

    return exact


def _gamma_lost(a: float, x: float) -> int:
    return int(x)


def _beta_lost(a: float, b: float, x: float) -> int:
    return int(-b * math.log10(1.0 - x) - a * math.log10(x))


def _gammainc(a: Any, x: Any) -> Any:
    term = mp.exp(a * mp.log(x) - x - mp.loggamma(a + 1))
    total, n = mp.mpf(0), 0
    while n < x or term > total * mp.mpf(10) ** -mp.mp.dps:
        total += term
        n += 1
        term *= x / (a + n)
    return total


def _log_gamma_density(order: Orders, a: Any, x: Any) -> Any:
    """Differentiate (a - 1) log(x) - x - lgamma(a)."""
    i, k = order
    total = (1 if i else a - 1) * _log_slope(k, x) if i < 2 else mp.mpf(0)
    if i == 0:
        total -= {0: x, 1: 1}.get(k, 0)
    return total if k else total - _psi(i - 1, a)


def _betainc(a: Any, b: Any, x: Any) -> Any:
    """Add up terms that are all positive, DLMF 8.17.8, in integers."""
    if x > 0.5:
        return 1 - _betainc(b, a, 1 - x)
    one = 1 << mp.mp.prec + 40
    step, top, below = [int(mp.floor(number * one)) for number in (x, a + b, a + 1)]
    term, total = one, 0
    while term > total >> mp.mp.prec + 20:
        total += term
        term = term * step // one * top // below
        top += one
        below += one
    front = mp.exp(a * mp.log(x) + b * mp.log1p(-x) - _log_beta(a, b))
    return front / a * total / one


def _log_beta(a: Any, b: Any) -> Any:
    return _psi(-1, a) + _psi(-1, b) - _psi(-1, a + b)


def _log_beta_density(order: Orders, a: Any, b: Any, x: Any) -> Any:
    """Differentiate (a - 1) log(x) + (b - 1) log(1 - x) - betaln(a, b)."""
    i, j, k = order
    total = mp.mpf(0)
    if j == 0 and i < 2:
        total += (1 if i else a - 1) * _log_slope(k, x)
    if i == 0 and j < 2:
        total += (1 if j else b - 1) * (-1) ** k * _log_slope(k, 1 - x)
    return total if k else total - _betaln_exact((i, j), a, b)


def _log_slope(k: int, x: Any) -> Any:
    return (-1) ** (k - 1) * mp.factorial(k - 1) / x**k if k else mp.log(x)


BRANCH = -math.exp(-1.0)
POSITIVE = [(0.0, 5.0), (0.0, 60.0)]
TWO = [[(1e-3, 20.0), (20.0, 1e4), (1e-8, 1e8)]]
TRUTH: dict[str, Truth] = {
    "lgamma": Truth(
        _log_gamma, [(0.0, 5.0), (5.0, 200.0), (-6.0, 0.0)], [(1, -300, 0), (1, 2, 250)],
        [1.0, 2.0, -2.4570247382208, -0.5], (0.0, -1, -2, -3, -4, -5, -6),
        exact=lambda o, x: _psi(o[0] - 1, x),
    ),
    "gamma": Truth(
        mp.gamma, [(0.0, 5.0), (5.0, 160.0), (-6.0, 0.0), (-160.0, -6.0)], [(1, -60, 0)],
        [1.4616321449683623, 1.0, -0.5], (0.0, *range(-200, 0)),
    ),
    "digamma": Truth(
        mp.digamma, [(0.0, 5.0), (5.0, 200.0), (-6.0, 0.0)], [(1, -60, 0), (1, 2, 60)],
        [1.4616321449683623, -0.5040830082644554], (),
        exact=lambda o, x: _psi(o[0], x),
    ),
    "polygamma[1]": Truth(
        mp.digamma, [(0.0, 5.0), (5.0, 200.0), (-6.0, 0.0)], [(1, -60, 0), (1, 2, 60)],
        [1.0, -0.5], (), exact=lambda o, x: _psi(o[0] + 1, x),
    ),
    "betaln": Truth(mp.beta, [(1e-3, 20.0), (20.0, 1e6)], [(1, -60, 15)], [1.0], arity=2, others=TWO,
                    exact=_betaln_exact),
    "beta": Truth(mp.beta, [(1e-3, 20.0), (20.0, 50.0)], [(1, -60, 1)], [1.0], arity=2,
                  others=[[(1e-4, 80.0), (1e-60, 1e-3), (80.0, 1e15)]], exact=_beta_exact),
    "log_binom": Truth(
        mp.binomial, [(0.0, 20.0), (20.0, 1e6)], [(1, 1, 12)], [2.0, 10.0], arity=2,
        others=[[(1e-9, 1.0), (0.1, 1e3)]], exact=_log_binom_exact, inside=lambda n, k: k < n + 1,
    ),
    "digamma_difference": Truth(
        mp.digamma, [(1e-3, 20.0), (20.0, 1e6)], [(1, -10, 15)], arity=2, others=TWO,
        exact=_difference_exact,
    ),
    "erfinv": Truth(mp.erfinv, [(-1.0, 1.0)], [(1, -300, 0), (-1, -30, 0)], [0.0, 1.0, -1.0],
                    exact=_erfinv_exact(1, 1, float), inside=lambda x: abs(x) < 1.0),
    "erfcinv": Truth(mp.erfinv, [(0.0, 2.0)], [(1, -300, 0)], [1.0],
                     exact=_erfinv_exact(1, -1, float), inside=lambda x: 0.0 < x < 2.0),
    "erfcx": Truth(_erfcx, [(-5.0, 5.0), (0.0, 30.0), (-20.0, 0.0)], [(1, 1, 60), (1, -20, 0)],
                   [0.5, 50.0], ()),
    "ndtr": Truth(_normal, [(-5.0, 5.0), (-37.0, 9.0)], [(1, -20, 0)], [1.0, -1.0], ()),
    "log_ndtr": Truth(_log_ndtr, [(-5.0, 5.0), (-40.0, 12.0)], [(-1, 1, 30), (1, -20, 0)],
                      [0.0, -10.0, -1.0], ()),
    "ndtri": Truth(mp.erfinv, [(0.0, 1.0)], [(1, -300, 0)], [0.5], exact=_ndtri_exact,
                   inside=lambda x: 0.0 < x < 1.0),
    **{
        name: Truth(mp.besselj, [(-10.0, 10.0), (0.0, 100.0)], [(1, -15 if n > 9 else -60, 3)],
                    [2.404825557695773, 3.8317059702075123, 30.0], exact=_bessel(mp.besselj, n))
        for name, n in (("j0", 0), ("j1", 1), ("jn[2]", 2), ("jn[15]", 15))
    },
    **{
        name: Truth(mp.bessely, [(0.0, 10.0), (0.0, 100.0)], [(1, -15 if n > 9 else -60, 2.5)],
                    [0.8935769662791675, 2.197141326031017, 30.0], exact=_bessel(_bessel_y, n),
                    inside=lambda x: x > 0.0)
        for name, n in (("y0", 0), ("y1", 1), ("yn[2]", 2), ("yn[15]", 15))
    },
    **{
        name: Truth(mp.besseli, POSITIVE if v % 1 else [*POSITIVE, (-30.0, 0.0)], [(1, -20, 8)],
                    [25.0, 1.0], exact=_modified(mp.besseli, v, -1))
        for name, v in (("i0e", 0.0), ("i1e", 1.0), ("ive[0.5]", 0.5), ("ive[7.25]", 7.25))
    },
    **{
        name: Truth(mp.besselk, POSITIVE, [(1, -28 if v > 1 else -60, 8)], [25.0, 1.0],
                    exact=_scaled_k(v))
        for name, v in (("k0e", 0.0), ("k1e", 1.0), ("kve[0.5]", 0.5), ("kve[7.25]", 7.25))
    },
    "ive[-30.5]": Truth(mp.besseli, [(40.0, 300.0)], [(1, 1, 8)], [61.0, 186.05],
                        exact=_modified(mp.besseli, -30.5, -1), inside=lambda x: x > 40.0),
    "ive[100.25]": Truth(mp.besseli, [(5.0, 600.0)], [(1, 1, 8)], [200.5, 2010.0125],
                         exact=_modified(mp.besseli, 100.25, -1)),
    "kve[100.25]": Truth(mp.besselk, [(5.0, 600.0)], [(1, 1, 8)], [200.5, 2010.0125],
                         exact=_scaled_k(100.25)),
    "exp1": Truth(mp.e1, [(0.0, 5.0), (0.0, 600.0)], [(1, -60, 0)]),
    "expi": Truth(mp.ei, [(0.0, 5.0), (-10.0, 0.0), (-600.0, 600.0)], [(1, -60, 0), (-1, -60, 0)],
                  [0.3725074107813666, 1.0]),
    "lambertw": Truth(mp.lambertw, [(BRANCH, 0.0), (0.0, 10.0)], [(1, -60, 60), (-1, -60, -1)],
                      [BRANCH], (BRANCH,), inside=lambda x: x > BRANCH),
    "lambertw[-1]": Truth(lambda x: mp.re(mp.lambertw(x, -1)), [(BRANCH, 0.0)], [(-1, -200, -1)],
                          [BRANCH], (0.0, BRANCH), inside=lambda x: BRANCH < x < 0.0),
    "ellipk": Truth(mp.ellipk, [(-1.0, 1.0), (-50.0, 1.0)], [(-1, -30, 15), (1, -30, -1)],
                    [0.0, 0.5, -0.5, 1.0], (1.0,), inside=lambda m: m < 1.0),
    "ellipe": Truth(mp.ellipe, [(-1.0, 1.0), (-50.0, 1.0)], [(-1, -30, 15), (1, -30, -1)],
                    [0.0, 0.5, -0.5, 1.0], (1.0,), inside=lambda m: m < 1.0),
    **{
        name: Truth(_gammainc, [(0.05, 5.0), (5.0, 200.0)], [(1, -2, 2.5)], [1.0, 15.0], arity=2,
                    others=[[(1e-6, 1.0), (0.1, 20.0), (10.0, 400.0)]], limit=1e-8,
                    exact=_by_differences(_gammainc, _log_gamma_density, _gamma_lost, sign))
        for name, sign in (("gammainc", 1), ("gammaincc", -1))
    },
    "betainc": Truth(_betainc, [(0.001, 5.0), (5.0, 1000.0)], [(1, -3, 3)], [1.0], arity=3,
                     others=[[(0.001, 5.0), (0.001, 1000.0)],
                             [(0.02, 0.98), (1e-6, 0.5), (1e-30, 1e-6), (0.98, 1.0)]], limit=1e-8,
                     exact=_by_differences(_betainc, _log_beta_density, _beta_lost),
                     inside=lambda a, b, x: (
                         x < 1.0 and a * math.log10(x) + b * math.log10(1.0 - x) > -290.0
                     ),
                     note="values below 1e-300: third derivatives to 1e-6; shapes a or b below 1e-3: "
                          "of order 2 up to 2e-18 / a², of order 3 2e-13 / a²"),
    "xlogy": Truth(mp.log, [(-5.0, 5.0)], [(1, -60, 30)], [0.0], arity=2,
                   others=[[(1e-3, 20.0), (0.9, 1.1), (1e-60, 1e60)]], exact=_xlog(0)),
    "xlog1py": Truth(mp.log, [(-5.0, 5.0)], [(1, -60, 30)], [0.0], arity=2,
                     others=[[(-0.999, 3.0), (1e-60, 1e-3), (1e-60, 1e60)]], exact=_xlog(1)),
    "logit": Truth(lambda x: mp.log(x) - mp.log1p(-x), [(0.0, 1.0)], [(1, -200, -1)], [0.5],
                   (0.0, 1.0), inside=lambda x: 0.0 < x < 1.0),
    "sinc": Truth(_sinc, [(-4.0, 4.0), (4.0, 300.0)], [(1, -60, 6), (-1, -20, 4)],
                  [1.0, 2.0, 1.4302966531242027, 50.0], ()),
    "cosm1": Truth(lambda x: mp.cos(x) - 1, [(-10.0, 10.0)], [(1, -60, 4), (-1, -60, 4)],
                   [6.283185307179586], (0.0,)),
    "log1mexp": Truth(_log1mexp, [(-10.0, 0.0), (-700.0, 0.0)],
                      [(-1, -200, 0)], [-0.6931471805599453], (0.0,)),
    "dawsn": Truth(_dawsn, [(-3.0, 3.0), (0.0, 30.0)], [(1, 1, 60), (-1, -60, 1)],
                   [0.9241388730045916, 6.5, 1.5019752682837], ()),
}  # fmt: skip


def as_truths() -> dict[str, tuple[Callable[..., Any], ...]]:
    """Give values and first derivatives as those of the table are given, in `truth`."""
    found = {name: _as_truth(one) for name, one in TRUTH.items() if name in special.TABLE}

    def sign(x: Any) -> int:
        return -1 if x < 0 else 1

    def same(x: Any, y: Any) -> Any:
        return mp.mpf(sign(x) * sign(y))

    def zero(*_: Any) -> Any:
        return mp.mpf(0)

    def one(*_: Any) -> Any:
        return mp.mpf(1)

    def cut(x: Any) -> Any:
        return sign(x) * mp.floor(abs(x))

    found["copysign"] = lambda x, y: abs(x) * sign(y), same, zero
    found["same_sign"] = same, zero, zero
    found["fmod"] = lambda x, y: x - y * cut(x / y), one, lambda x, y: -cut(x / y)
    found["remainder"] = lambda x, y: x - y * mp.nint(x / y), one, lambda x, y: -mp.nint(x / y)
    return found


def _as_truth(of: Truth) -> tuple[Callable[..., Any], ...]:
    def along(orders: Orders) -> Callable[..., Any]:
        def derivative(*x: Any) -> Any:
            if of.exact is None:
                return mp.diff(of.value, x[0], orders[0]) if orders[0] else of.value(x[0])
            return of.exact(orders, *x)

        return derivative

    zero = (0,) * of.arity
    return along(zero), *[along(orders) for orders in _more(zero)]
