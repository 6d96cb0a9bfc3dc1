"""Derivatives to order 4 of every row and of random expressions against 60-digit arithmetic.

A function is differentiated along a line, phi(t) = f(point + t direction) at t = 0: along each
argument, and along random directions, which together determine the mixed derivatives too. The
truth is differentiated numerically by mpmath, from the functions of `truth`, which know nothing
of the package.

An error counts relative to the derivative plus its conditioning: what the derivative would change
by, were every number that an operation is applied to changed relatively by as much. A float
cannot do better where derivatives cancel; a rule that cancels by itself is not excused.
"""

from __future__ import annotations

import math
import random

import mpmath as mp
import pytest
from hypothesis import HealthCheck, given, seed, settings
from truth import TRUTH

from tinygrad_nn import TABLE, Value, gradients
from tinygrad_nn.testing import Expression, expressions, graphs
from tinygrad_nn.testing.expression import Operand, Step

ORDER = 4
TOLERANCE = 1e-12
NUDGE = mp.mpf(10) ** -20
SAMPLES = 2  # points and random directions of a row
EXPRESSIONS = 200


def unit_directions(count):
    return [tuple(float(i == j) for j in range(count)) for i in range(count)]


def random_numbers(rng, intervals):
    return tuple(rng.uniform(low, high) for low, high in intervals)


def derivatives(f, point, direction):
    """The derivatives along a line by gradients of gradients, from order 0."""
    t = Value(0.0)
    result = f(*[x + t * v for x, v in zip(point, direction, strict=True)])
    found = []
    for _ in range(ORDER + 1):
        if not isinstance(result, Value):
            result = Value(result)
        found.append(result.data)
        (result,) = gradients(result, [t])
    return found


def true_derivatives(f, point, direction, nudges):
    """The same in 60 digits; `nudges` changes what operations are applied to."""
    held = {}  # what stop_gradient keeps: its operand at t = 0

    def phi(t):
        numbers = [mp.mpf(x) + t * mp.mpf(v) for x, v in zip(point, direction, strict=True)]
        for place, step in enumerate(f.steps):
            operands = [true_operand(operand, numbers, nudges) for operand in step.operands]
            result = TRUTH[step.row.name][0](*operands)
            if step.row.name == "stop_gradient":
                result = held.setdefault(place, result)
            numbers.append(result)
        return numbers[-1]

    phi(mp.mpf(0))
    return list(mp.diffs(phi, 0, ORDER))


def true_operand(operand, numbers, nudges):
    if operand.place is None:
        return mp.mpf(operand.shift)
    product, shift = mp.mpf(operand.slope) * numbers[operand.place], mp.mpf(operand.shift)
    if operand not in nudges:
        return product + shift
    return product + shift + nudges[operand] * (abs(product) + abs(shift))


def worst_error(f, point, direction, rng):
    """The greatest error of any order, relative to the derivative plus its conditioning."""
    operands = sorted({operand for step in f.steps for operand in step.operands}, key=repr)
    nudges = {operand: rng.choice((-1, 1)) * NUDGE for operand in operands}
    found = derivatives(f, point, direction)
    truths = true_derivatives(f, point, direction, {})
    nudged = true_derivatives(f, point, direction, nudges)
    return max(map(relative_error, found, truths, nudged))


def relative_error(found, truth, nudged):
    scale = abs(truth) + abs(nudged - truth) / NUDGE
    error = abs(mp.mpf(found) - truth)
    if scale < 1e-15 and math.isfinite(found):
        return error  # truly 0, up to what mpmath's own differences leave
    return error / scale


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_rows(row):
    rng = random.Random(row.name)
    f = Expression((Step(row, tuple(map(Operand, range(row.arity)))),), (0.0,) * row.arity)
    directions = unit_directions(row.arity)
    if row.arity > 1:
        directions += [random_numbers(rng, [(-1.0, 1.0)] * row.arity) for _ in range(SAMPLES)]
    for _ in range(SAMPLES):
        point = random_numbers(rng, row.sample)
        for direction in directions:
            worst = worst_error(f, point, direction, rng)
            assert worst <= TOLERANCE, f"{row.name}{point} along {direction}: {mp.nstr(worst, 3)}"


def size(f):
    """How many operations the result was made by."""
    needed = {f.inputs + len(f.steps) - 1}
    for place in reversed(range(f.inputs, f.inputs + len(f.steps))):
        if place in needed:
            needed.update(operand.place for operand in f.steps[place - f.inputs].operands)
    return sum(place is not None and place >= f.inputs for place in needed)


@pytest.mark.parametrize(
    "strategy", [expressions(depth=5), graphs(size=20)], ids=["trees", "graphs"]
)
def test_random_expressions(strategy):
    rng = random.Random(0)
    worst = []

    @seed(0)
    @settings(
        max_examples=EXPRESSIONS // 2,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(strategy.filter(lambda f: size(f) >= 3))
    def check(f):
        # Not the point that hypothesis likes: at 0 there are kinks.
        point = random_numbers(rng, [(-3.0, 3.0)] * f.inputs)
        direction = random_numbers(rng, [(-1.0, 1.0)] * f.inputs)
        worst.append(worst_error(f, point, direction, rng))
        assert worst[-1] <= TOLERANCE, f"{f}\n{point} along {direction}: {mp.nstr(worst[-1], 3)}"

    check()
    assert len(worst) == EXPRESSIONS // 2
