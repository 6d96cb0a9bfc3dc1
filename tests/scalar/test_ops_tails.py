"""Derivatives to order 3 of every row near 0, in the tails and at the ends of domains.

They keep their digits as far as they are normal floats: each derivative itself is compared, not
relative to what it was computed from. The truth is a difference of the first derivatives of
`truth`, in as many digits as such numbers ask for.
"""

from __future__ import annotations

import itertools
import math
import sys

import mpmath as mp
import pytest
from truth import TRUTH

from tinygrad_nn import TABLE, Value, compile, derivative, gradients

TOLERANCE = 1e-10
TINY, HUGE = sys.float_info.min, sys.float_info.max
SIZES = [1e-300, 1e-100, 1e-30, 1e-8, 1e-3, 1.1, 10.0, 30.0, 100.0, 700.0, 1e30, 1e100]
BESIDE = [2.0**-52, 1e-12, 1e-8, 1e-3]  # how far from the end of a domain
UNARY = [row for row in TABLE.values() if row.arity == 1 and any(row.partials)]
BINARY = [row for row in TABLE.values() if row.arity == 2 and any(row.partials)]
PAIRS = [
    (x, y)
    for x, y in itertools.product([-1e-100, 1e-30, -1e-8, 0.3, 2.7, -30.0, 700.0, 1e100], repeat=2)
    if x != y
]
POWERS = [(x, y) for x, y in itertools.product(SIZES[1:], [-2.5, -1e-8, 1e-3, 0.7, 3.3])]
ORDERS = ["x", "y", "xx", "xy", "yy", "xxx", "xxy", "xyy", "yyy"]


def points_of(row):
    ((low, high),) = row.domain
    points = [sign * size for size in SIZES for sign in (1.0, -1.0)]
    for end, inward in ((low, 1.0), (high, -1.0)):
        if math.isfinite(end) and end != 0.0:
            points += [end + inward * distance for distance in BESIDE]
    return [x for x in points if low < x < high and math.isfinite(row.quiet(x))]


def step_of(numbers, distances):
    """A step that is small beside the numbers, and the digits that its square leaves."""
    size = min([mp.mpf(1), *[abs(each) for each in (*numbers, *distances) if each]])
    size /= max([mp.mpf(1), *map(abs, numbers)])
    digits = 30 - int(mp.floor(mp.log10(size)))
    return mp.mpf(10) ** -digits, 4 * digits + 400


def true_slopes(row, x):
    """The first three derivatives of a function of one number."""
    first = TRUTH[row.name][1]
    x = mp.mpf(x)
    ends = [x - mp.mpf(end) for end in row.domain[0] if math.isfinite(end)]
    step, digits = step_of([x], ends)
    with mp.workdps(digits):
        before, here, after = [first(x + side * step) for side in (-1, 0, 1)]
        return [here, (after - before) / (2 * step), (after - 2 * here + before) / step**2]


def true_partials(row, point):
    """All partial derivatives to order 3 of a function of two numbers, as `ORDERS` has them."""
    _, by_x, by_y = TRUTH[row.name]
    x, y = map(mp.mpf, point)
    step, digits = step_of([x, y], [abs(x) - abs(y)])

    def differences(f, place):
        move = [(x + i * step, y) if place == 0 else (x, y + i * step) for i in (-1, 0, 1)]
        before, here, after = [f(*numbers) for numbers in move]
        return (after - before) / (2 * step), (after - 2 * here + before) / step**2

    with mp.workdps(digits):
        xx, xxx = differences(by_x, 0)
        xy, xyy = differences(by_x, 1)
        yy, yyy = differences(by_y, 1)
        _, yxx = differences(by_y, 0)
        return [by_x(x, y), by_y(x, y), xx, xy, yy, xxx, yxx, xyy, yyy]


def nested(row, x):
    found = [row(x)]
    for _ in range(3):
        found += gradients(found[-1], [x])
    return found[1:]


def nested_partials(row, x, y):
    z = row(x, y)
    found = dict(zip("xy", gradients(z, [x, y]), strict=True))
    for name in ("x", "y", "xx", "xy", "yy"):
        for letter, slope in zip("xy", gradients(found[name], [x, y]), strict=True):
            found.setdefault("".join(sorted(name + letter)), slope)
    return [found[name] for name in ORDERS]


def check(found, truths, where):
    for name, number, truth in zip(
        ORDERS if len(truths) > 3 else (1, 2, 3), found, truths, strict=True
    ):
        if abs(truth) > HUGE:
            assert not math.isfinite(number), (where, name, number, mp.nstr(truth))
        elif abs(truth) < TINY:
            assert abs(number) <= 2 * TINY, (where, name, number, mp.nstr(truth))
        else:
            error = abs(mp.mpf(number) - truth) / abs(truth)
            assert error <= TOLERANCE, (where, name, number, mp.nstr(truth, 17))


@pytest.mark.parametrize("row", UNARY, ids=lambda row: row.name)
def test_slopes_of_one_number_keep_their_digits(row):
    points = points_of(row)
    compiled = compile(lambda x: nested(row, x), batch="x")(points)
    for x, from_program in zip(points, compiled, strict=True):
        truths = true_slopes(row, x)
        check([slope.data for slope in nested(row, Value(x))], truths, (row.name, x))
        check([derivative(row, n)(x) for n in (1, 2, 3)], truths, (row.name, x, "series"))
        check(from_program, truths, (row.name, x, "compiled"))


@pytest.mark.parametrize("row", BINARY, ids=lambda row: row.name)
def test_slopes_of_two_numbers_keep_their_digits(row):
    points = POWERS if row.name == "pow" else PAIRS
    if row.name in {"mod", "floordiv"}:  # elsewhere their steps are closer than floats are
        points = [(x, y) for x, y in PAIRS if abs(x) < abs(y)]
    points = [point for point in points if TINY <= abs(row.quiet(*point)) <= HUGE]
    compiled = compile(lambda x, y: nested_partials(row, x, y), batch=("x", "y"))
    programs = compiled(*map(list, zip(*points, strict=True)))
    for point, from_program in zip(points, programs, strict=True):
        truths = true_partials(row, point)
        found = nested_partials(row, *map(Value, point))
        check([slope.data for slope in found], truths, (row.name, point))
        check(from_program, truths, (row.name, point, "compiled"))
