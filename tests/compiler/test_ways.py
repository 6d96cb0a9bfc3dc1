"""Compiled is what eager is, in every way of calling: derivatives that end, choices, infinities.

Data are whole numbers, so that equal means equal to the last bit.
"""

from __future__ import annotations

import copy
import math
from typing import Any

import pytest
from ways import Function, assert_ways_agree

import tinygrad_nn as tg
from tinygrad_nn import (
    Value,
    dot,
    eq,
    exp,
    grad,
    log,
    lookup,
    no_grad,
    relu,
    sqrt,
    stop_gradient,
    value_and_grad,
    where,
)

INF, NAN = math.inf, math.nan
W = [3.0, -2.0, 5.0]
PLAIN = [[1.0, 2.0], [-1.0, 4.0], [0.0, -8.0], [2.0, 2.0]]
ODD = [[1.0, 2.0], [NAN, 4.0], [INF, 0.0], [-INF, 1e200]]


# ---- derivatives that end -----------------------------------------------------------------------


def within_no_grad(w: Any, x: Any) -> Any:
    with no_grad():
        y = w[0] * x[0] + w[1]
    return y * w[0] * w[2]


def no_grad_around_functions(w: Any, x: Any) -> Any:
    with no_grad():
        y = relu(dot(w[:2], x)) + abs(w[2]) - tg.max(w)
        z = where(w[0] > 0, lambda: y * w[0], lambda: w[1] * 2)
    return (y + z) * w[0] + z * z * w[1]


def copies_within_no_grad(w: Any, x: Any) -> Any:
    with no_grad():
        y = copy.copy(w[0])
        (z, *_), t = copy.deepcopy((w[1:], w[2] * x[0]))
    return y * w[0] * w[1] + z * w[1] + t * w[2]


def no_grad_of_constants(w: Any, x: Any) -> Any:
    with no_grad():
        count = x[0] * x[1] + 1
    return w[0] * count * w[1]


def no_grad_around_a_gradient(w: Any, x: Any) -> Any:
    def inner(v: Any) -> Any:
        return v * v * x[0]

    with no_grad():
        y = w[1] * 2
        slope = grad(lambda v: inner(v) * y)(w[2])
    return w[0] * w[0] * slope


def no_grad_around_a_gradient_of_numbers(w: Any, x: Any) -> Any:
    with no_grad():
        slope = grad(lambda v: v * v * w[1] * x[0])(3.0)
    return w[0] * slope + grad(lambda v: v * v * w[2])(2.0) * w[1]


def stopped(w: Any, x: Any) -> Any:
    return stop_gradient(w[0]) * w[0] * w[1] + stop_gradient(w[2] * x[0]) * w[2]


def stopped_and_not(w: Any, x: Any) -> Any:
    """The same product twice, once with a derivative."""
    return stop_gradient(w[0]) * w[1] + w[0] * w[1] + x[0] * w[2]


def stopped_inside_of_a_gradient(w: Any, x: Any) -> Any:
    def inner(v: Any) -> Any:
        return stop_gradient(v * w[1]) * v * x[1]

    return grad(inner)(w[0]) * w[2] * w[2]


def stopped_in_a_loop(w: Any, x: Any) -> Any:
    total = w[0]
    for step in range(3):
        total = stop_gradient(total) * w[1] + x[0] if step % 2 else total * x[1] + w[2]
    return total


def within_a_branch(w: Any, x: Any) -> Any:
    """What entered a branch within no_grad is used there again without."""

    def product() -> Any:
        with no_grad():
            y = w[0] * w[1]
        return y * w[0] * w[1]

    return where(x[0] > 0, product, lambda: w[2] * w[2])


ENDING = [
    within_a_branch,
    copies_within_no_grad,
    within_no_grad,
    no_grad_around_functions,
    no_grad_of_constants,
    no_grad_around_a_gradient,
    no_grad_around_a_gradient_of_numbers,
    stopped,
    stopped_and_not,
    stopped_inside_of_a_gradient,
    stopped_in_a_loop,
]


@pytest.mark.parametrize("f", ENDING)
def test_a_derivative_ends_where_it_ends_in_eager(f: Function) -> None:
    assert_ways_agree(f, [W], PLAIN)


# ---- branches -----------------------------------------------------------------------------------


def missing_data(w: Any, x: Any) -> Any:
    return where(eq(x[0], x[0]), lambda: w[0] * x[0] * w[1], 0.0) + w[2]


def missing_in_a_scalar_product(w: Any, x: Any) -> Any:
    return where(eq(x[0], x[0]) * (abs(x[0]) < 100), lambda: dot(w[:2], x) * dot(w[1:], x), w[2])


def computed_before_the_branch(w: Any, x: Any) -> Any:
    y = x[0] * w[0]
    return where(eq(x[0], x[0]), lambda: y * y * w[1], lambda: w[1] * w[2])


def overflowing(w: Any, x: Any) -> Any:
    big = x[1] * 1e300
    return where(abs(x[1]) < 1e-3, lambda: big * big * w[0] * w[1], lambda: w[0] * w[2])


def without_a_result(w: Any, x: Any) -> Any:
    return where(
        w[0] * x[0] > 1e9,
        lambda: log(x[1] - w[0]) + sqrt(w[1] * x[0]) / (x[0] - x[0]) + (w[1] * x[0]) ** 0.5,
        lambda: w[0] * w[1] * w[2],
    )


def nested(w: Any, x: Any) -> Any:
    return where(
        x[0] > 0,
        lambda: where(x[1] > 3, lambda: w[0] / (x[1] - 2), lambda: w[0] * w[1] * x[0]),
        lambda: where(x[0] < -1, lambda: sqrt(x[0]) * w[2], lambda: w[2] * w[2] * w[1]),
    )


def what_is_outside(w: Any, x: Any) -> Any:
    return where(x[0] > 0, lambda: w[0], w[1]) * where(x[1] > 2, w[2], lambda: w[2] * w[0])


def numbers_only(w: Any, x: Any) -> Any:
    return where(x[0] > 0, lambda: 2.0, 3) * w[0] + where(x[0] > 0, lambda: w[1] * 0, 7.0)


def a_gradient_in_a_branch(w: Any, x: Any) -> Any:
    return where(x[1] > 0, lambda: grad(lambda v: v * v * w[1] / x[1])(w[0]), lambda: w[2] * 3)


def a_network_in_a_branch(w: Any, x: Any) -> Any:
    def network() -> Any:
        hidden = [relu(w[0] * x[0] + w[1] * x[1]), relu(w[1] * x[0] - w[2] * x[1])]
        return dot(hidden, w[1:]) * w[0]

    return where((x[0] == x[0]) * (abs(x[0]) < 10), network, 1.0)


def chosen_by_values(w: Any, x: Any) -> Any:
    """Without functions both are computed, and the slope is chosen all the same."""
    y = where(x[0] > 0, w[0] * x[1], w[1])
    return where(y > 0, y * w[2], x[1]) * w[0]


def the_larger(w: Any, x: Any) -> Any:
    return where(w[0] * x[0] > w[1], lambda: tg.max(w) * x[0], lambda: tg.min(w) - abs(w[1]))


@pytest.mark.parametrize(
    "f",
    [
        missing_data,
        missing_in_a_scalar_product,
        computed_before_the_branch,
        overflowing,
        a_network_in_a_branch,
    ],
)
def test_data_that_are_no_numbers_stay_in_the_branch(f: Function) -> None:
    assert_ways_agree(f, [W], ODD)


@pytest.mark.parametrize(
    "f",
    [
        missing_data,
        without_a_result,
        nested,
        what_is_outside,
        numbers_only,
        a_gradient_in_a_branch,
        a_network_in_a_branch,
        chosen_by_values,
        the_larger,
    ],
)
def test_the_branch_that_is_chosen_counts(f: Function) -> None:
    assert_ways_agree(f, [W], PLAIN)


def test_what_is_made_by_the_other_branch_is_looked_at_by_no_check() -> None:
    f = tg.compile(lambda x: [where(x > 0, lambda: log(x), 0.0), x * 1e308 * 10], check=True)
    with pytest.raises(tg.errors.NonFiniteError, match=r"^mul"):
        f(-1.0)


# ---- what is captured ---------------------------------------------------------------------------


def test_a_captured_value_is_read_within_no_grad_and_has_no_derivative() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        with no_grad():
            y = w * w + 1
        return y * x * w

    value = tg.compile(value_and_grad(f))
    by_w = tg.compile(lambda x: tg.gradients(f(x), [w])[0])
    for number in (2.0, 5.0):
        w.data = number
        assert value(3.0) == ((number**2 + 1) * 3 * number, (number**2 + 1) * number)
        assert by_w(3.0) == (number**2 + 1) * 3


def test_a_gradient_by_a_captured_value_is_read_within_no_grad() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        with no_grad():
            slope = grad(lambda v: v * v * v)(w)
            other = grad(lambda v: v * v * w)(3.0)
        return (slope + other) * x * w

    value = tg.compile(value_and_grad(f))
    by_w = tg.compile(lambda x: tg.gradients(f(x), [w])[0])
    for number in (2.0, 5.0):
        w.data = number
        slope = 3 * number**2 + 6 * number
        assert value(4.0) == value_and_grad(f)(4.0) == (slope * 4 * number, slope * number)
        assert by_w(4.0) == slope * 4


@pytest.mark.parametrize("calls", [0, 20])
@pytest.mark.parametrize("batch", [False, True])
def test_a_function_of_numbers_is_differentiated_by_what_is_captured(
    calls: int, batch: bool
) -> None:
    options: dict[str, Any] = {"batch": "x", "reduce": "sum"} if batch else {}
    number = [3.0] if batch else 3.0

    def outer(v: Any) -> Any:
        square = v * v
        inner = tg.compile(lambda x: x * square, **options)
        for _ in range(calls):
            inner(number)
        return inner(number) * 2 + v

    assert grad(outer)(5.0) == 61.0
    assert grad(grad(outer))(5.0) == 12.0
    assert tg.hessian(outer)(5.0) == 12.0
    by_value = grad(outer)(Value(5.0))
    assert by_value.data == 61.0
    nested = grad(lambda v: grad(lambda w: w * w * outer(v))(3.0))
    assert nested(5.0) == 6 * 61.0


def test_entries_leave_what_is_differentiated_by_others_alone() -> None:
    held = [Value(2.0)]
    inner = tg.compile(lambda x: x * held[0])

    def outer(v: Any) -> Any:
        held[0] = v
        with no_grad():
            assert inner(3.0) == 15.0
        return inner(3.0) * 2

    for _ in range(2):
        held[0] = Value(5.0)
        assert [inner(3.0) for _ in range(6)] == [15.0] * 6
        assert grad(outer)(5.0) == 6.0
    assert grad(lambda u: u * inner(2.0))(1.0) == 10.0


def test_a_captured_value_chooses_at_every_call() -> None:
    w = Value(2.0)
    chosen = tg.compile(value_and_grad(lambda x: where(tg.gt(w, 0), lambda: x * w, lambda: -x)))
    looked_up = tg.compile(value_and_grad(lambda x: lookup([x, x * x, 7.0], w)))
    assert (chosen(3.0), looked_up(3.0)) == ((6.0, 2.0), (7.0, 0.0))
    w.data = 1.0
    assert (chosen(3.0), looked_up(3.0)) == ((3.0, 1.0), (9.0, 6.0))
    w.data = -1.0
    assert chosen(3.0) == (-3.0, -1.0)
    with pytest.raises(tg.errors.ArgumentError, match="-1 as an index"):
        looked_up(3.0)


def test_what_is_captured_in_a_branch_has_no_slope_where_that_is_not_chosen() -> None:
    w = Value(0.0)
    by_w = tg.compile(lambda x: tg.gradients(where(x > 0, lambda: log(w) * x, w), [w])[0])
    assert by_w(-1.0) == 1.0
    assert by_w(2.0) == INF


# ---- tables -------------------------------------------------------------------------------------


def given(w: Any, x: Any) -> Any:
    return lookup(w, x[0]) * w[1]


def masked(w: Any, x: Any) -> Any:
    return lookup([0.0, -INF, NAN], x[0]) + w[0] * w[1]


def permuted(w: Any, x: Any) -> Any:
    return lookup([w[2], w[0], w[1]], x[0]) * lookup(w[::-1], x[0])


def mixed(w: Any, x: Any) -> Any:
    return lookup([w[1] * w[1], 4.0, w[2]], x[0]) * w[0]


def rows(w: Any, x: Any) -> Any:
    a, b = lookup([[w[0], 2.0], [w[1], w[2]], [x[1], w[0] * x[1]]], x[0])
    return a * b * w[2]


def in_each_other(w: Any, x: Any) -> Any:
    return lookup(w, lookup([2.0, 0.0, 1.0, 9.0], x[0])) * w[0]


def computed(w: Any, x: Any) -> Any:
    return lookup(w, 2 - x[0]) * w[1] - lookup(w, x[0] * 1.0)


def in_a_branch(w: Any, x: Any) -> Any:
    return where(x[0] < 2, lambda: lookup(w[:2], x[0]) * w[2], lambda: w[0] * w[2])


def deep_in_branches(w: Any, x: Any) -> Any:
    def inner() -> Any:
        return where(x[0] >= 0, lambda: lookup(w[:2], x[0] + 0.0) * w[2], lambda: w[0] * 3)

    return where(x[0] < 2, inner, lambda: where(x[0] < 3, 1.0, lambda: lookup(w, x[0] - 3)))


def that_nothing_reads(w: Any, x: Any) -> Any:
    lookup(w, x[0] + 1)
    return w[0] * w[1]


def of_one_entry(w: Any, x: Any) -> Any:
    return lookup([w[0]], x[0]) * w[1]


PLACES = [[0.0, 1.0], [1.0, 2.0], [2.0, 4.0], [1.0, -8.0]]
TABLES = [
    given,
    masked,
    permuted,
    mixed,
    rows,
    in_each_other,
    computed,
    in_a_branch,
    deep_in_branches,
    that_nothing_reads,
    of_one_entry,
]


@pytest.mark.parametrize("f", TABLES)
def test_a_table_is_read_where_it_is_said_and_a_place_of_none_is_refused(f: Function) -> None:
    points = [W, [3.0, INF, 5.0], [NAN, -2.0, -INF]]
    assert_ways_agree(f, points, PLACES, alone=[[-1.0, 1.0], [0.5, 1.0], [3.0, 2.0], [4.0, 1.0]])


@pytest.mark.parametrize("f", [computed, in_a_branch])
def test_a_place_of_no_table_is_refused_among_others(f: Function) -> None:
    assert_ways_agree(f, [W], [[0.0, 2.0], [-1.0, 1.0]])


# ---- infinities and NaN -------------------------------------------------------------------------

FUNCTIONS: dict[str, Any] = {
    "logsumexp": lambda w, x: tg.logsumexp(list(w)) * x[1],
    "log_softmax": lambda w, x: lookup(tg.log_softmax(w), x[0]) * x[1],
    "softmax": lambda w, x: dot(tg.softmax(w[:2]), x),
    "logaddexp": lambda w, x: tg.logaddexp(w[0], w[1]) * x[1],
    "cross_entropy": lambda w, x: tg.nn.cross_entropy(w, 1) + x[0],
    "exp": lambda w, x: where(w[0] < 700, lambda: exp(w[0]), w[0]) * w[1],
}
EXTREME = [
    [0.0, -INF, 1.0],
    [-INF, -INF, -INF],
    [INF, 0.0, 1.0],
    [INF, INF, -INF],
    [NAN, 0.0, -INF],
    [1e300, -1e300, 0.0],
    [1.0, 2.0, -3.0],
]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_sums_of_exponentials_at_infinity(name: str) -> None:
    assert_ways_agree(FUNCTIONS[name], EXTREME, [[1.0, 2.0], [0.0, 4.0]], 1e-12, (None,))


PIECES: dict[str, Any] = {
    "max": lambda w, x: tg.max(w) * x[0] + tg.max(w[0], x[1]),
    "min": lambda w, x: tg.min(w) * x[0] + tg.min(x[1], w[0]),
    "relu": lambda w, x: relu(w[0]) * w[1] + relu(w[2]) * x[1],
    "leaky": lambda w, x: tg.leaky_relu(w[0], 0.5) * w[1] * x[1],
    "clip": lambda w, x: tg.clip(w[0], -2.0, 2.0) * w[1] * x[1],
    "abs": lambda w, x: abs(w[0]) * x[0] + abs(w[1] * x[1]),
    "sign": lambda w, x: tg.sign(w[0]) * w[1] + tg.step(w[1]) * w[0] * x[1],
    "floor": lambda w, x: tg.floor(w[0]) * w[1] + tg.ceil(w[1]) * x[1],
    "compared": lambda w, x: (w[0] > w[1]) * w[2] + (w[0] <= x[1]) * w[1] + eq(w[0], w[1]),
    "chosen": lambda w, x: where(w[0] > w[1], w[0] * x[0], w[1]) + where(w[0], w[1], w[2]),
    "product": lambda w, x: w[0] * w[1] * x[0] - w[2] * x[1],
    "quotient": lambda w, x: w[0] / w[2] + w[1] / (x[1] * 2),
}


STRANGE = [[NAN, 1.0, 2.0], [1.0, NAN, 4.0], [INF, -2.0, NAN], [-INF, INF, 2.0], [0.0, -0.0, 1.0]]


@pytest.mark.parametrize("name", PIECES)
def test_what_is_no_number_stays_none(name: str) -> None:
    assert_ways_agree(PIECES[name], STRANGE, PLAIN, reduces=(None,))
