"""NaN in, NaN out, in values and slopes; what tells NaN and infinity from numbers."""

from __future__ import annotations

import itertools
import math

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import TABLE, Value, compile, derivative, grad, gradients, jvp
from tinygrad_nn.errors import ArgumentError

NAN, INF = math.nan, math.inf
COMPARISONS = {"ge", "gt", "le", "lt", "eq", "isnan", "isinf", "isfinite", "logical_not"}
# Slopes that do not depend on the numbers stay, and that of what is a constant.
STEADY = {"add", "sub", "neg", "mod", "where", "stop_gradient", "above"}

FUNCTIONS = {
    "relu": lambda x: tg.relu(x),
    "leaky_relu": lambda x: tg.leaky_relu(x),
    "clip": lambda x: tg.clip(x, -1.0, 1.0),
    "max": lambda x: tg.max(x, 0.0),
    "max of three": lambda x: tg.max(1.0, x, 2.0),
    "max of itself": lambda x: tg.max(x, x * 2.0),
    "min": lambda x: tg.min(0.0, x),
    "abs": lambda x: abs(x),
    "floor": lambda x: tg.floor(x),
    "ceil": lambda x: tg.ceil(x),
    "sign": lambda x: tg.sign(x),
    "step": lambda x: tg.step(x),
    "//": lambda x: x // 2.0,
    "norm": lambda x: tg.norm([x, 1.0]),
    "max of what is infinite": lambda x: tg.max([x, INF, -INF]),
}


def slopes_in_every_mode(f, x):
    """The slope of a function of one number at x, each way of asking for it."""
    leaf = Value(x)
    f(leaf).backward()
    return [
        leaf.grad,
        grad(f)(x),
        grad(f)(Value(x)).data,
        derivative(f)(x),
        jvp(f, (x,), (1.0,))[1],
        compile(grad(f))(x),
        compile(grad(f), batch="x")([0.7, x])[1],
        compile(lambda xs: [grad(f)(x) for x in xs])([0.3, x, 0.7])[1],
        grad(compile(f))(x),
    ]


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_slope_of_nan_is_nan(name):
    f = FUNCTIONS[name]
    assert math.isnan(f(NAN))
    assert all(map(math.isnan, slopes_in_every_mode(f, NAN)))


@pytest.mark.parametrize(
    ("f", "x", "slope"),
    [
        (lambda x: tg.relu(x), INF, 1.0),
        (lambda x: tg.relu(x), -INF, 0.0),
        (lambda x: tg.max(x, -INF), -INF, 1.0),
        (lambda x: tg.max(-INF, x), -INF, 0.0),
        (lambda x: tg.max(INF, x), INF, 0.0),
        (lambda x: tg.min(x, INF), INF, 1.0),
        (lambda x: tg.clip(x, -1.0, 1.0), INF, 0.0),
        (lambda x: tg.sign(x), INF, 0.0),
        (lambda x: tg.step(x), -INF, 0.0),
        (lambda x: tg.relu(x), 0.0, 0.0),
        (lambda x: tg.max(x, 0.0), 0.0, 1.0),
        (lambda x: tg.min(x, 0.0), 0.0, 1.0),
        (lambda x: tg.min(0.0, x), 0.0, 0.0),
        (lambda x: tg.floor(x), 2.0, 0.0),
    ],
)
def test_infinities_and_ties_keep_their_slopes(f, x, slope):
    assert slopes_in_every_mode(f, x) == [slope] * 9


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
def test_eager_and_compiled_rows_agree_on_nan(row):
    for point in itertools.product(*[(NAN, 0.5 * (low + high)) for low, high in row.sample]):
        if row.name == "where" and math.isnan(point[0]):
            continue  # no condition: it is refused
        node = row(*(leaves := [Value(x) for x in point]))
        found = [node.data] + [slope.data for slope in gradients(node, leaves)]
        f = compile(lambda *x: [row(*x), *gradients(row(*x), list(x))])
        np.testing.assert_allclose(f(*point), found, rtol=1e-12)
        if any(map(math.isnan, point)) and row.name not in COMPARISONS | STEADY:
            assert math.isnan(found[0]) or row.name in ("pow", "copysign")  # NaN ** 0 is 1
            assert any(map(math.isnan, found[1:])), (row.name, point)


TOLD = {
    "isnan": (tg.isnan, math.isnan),
    "isinf": (tg.isinf, math.isinf),
    "isfinite": (tg.isfinite, math.isfinite),
}
KINDS = [0.0, -1.5, 1e308, 5e-324, INF, -INF, NAN]


@pytest.mark.parametrize("name", TOLD)
def test_what_tells_numbers_apart(name):
    ours, pythons = TOLD[name]
    truth = [float(pythons(x)) for x in KINDS]
    assert [ours(x) for x in KINDS] == truth
    assert [ours(Value(x)).data for x in KINDS] == truth
    assert [getattr(Value(x), name)().data for x in KINDS] == truth
    assert [getattr(np, name)(Value(x)).data for x in KINDS] == truth
    assert compile(lambda xs: [ours(x) for x in xs])(KINDS) == truth
    assert [compile(lambda x: ours(x))(x) for x in KINDS] == truth
    assert [grad(lambda x: ours(x) + 2.0 * x)(x) for x in KINDS] == [2.0] * len(KINDS)
    assert slopes_in_every_mode(lambda x: ours(x) * 3.0 + x, NAN) == [1.0] * 9


def test_nan_is_chosen_away_in_every_mode():
    def masked(x):
        return tg.where(tg.isnan(x), 5.0, x * x)

    data = [1.0, NAN, -3.0, INF]
    assert [masked(x) for x in data] == [1.0, 5.0, 9.0, INF]
    assert compile(lambda xs: [masked(x) for x in xs])(data) == [1.0, 5.0, 9.0, INF]
    assert compile(masked, batch="x")(data) == [1.0, 5.0, 9.0, INF]
    assert grad(masked)(-3.0) == compile(grad(masked))(-3.0) == -6.0


def test_a_program_does_not_take_a_number_to_equal_itself():
    f = compile(lambda x: [x != x, tg.eq(x, x), tg.isnan(x * 0.0), x - x])
    np.testing.assert_array_equal(f(NAN), [1.0, 0.0, 1.0, NAN])
    np.testing.assert_array_equal(f(2.0), [0.0, 1.0, 0.0, 0.0])
    np.testing.assert_array_equal(f(INF), [0.0, 1.0, 1.0, NAN])


CLOSE = [
    (1.0, 1.0 + 1e-10), (1.0, 1.0 + 1e-8), (1e-12, 0.0), (0.0, -0.0), (-1e300, 1e300),
    (INF, INF), (INF, -INF), (INF, 1.0), (NAN, NAN), (NAN, 1.0), (1e308, -1e308), (5.0, 5.2),
]  # fmt: skip


@pytest.mark.parametrize("tolerances", [{}, {"rel_tol": 0.05}, {"abs_tol": 1e-9}, {"rel_tol": 0.0}])
def test_isclose_is_that_of_math(tolerances):
    truth = [float(math.isclose(a, b, **tolerances)) for a, b in CLOSE]
    ours = [tg.isclose(a, b, **tolerances) for a, b in CLOSE]
    assert ours == truth
    assert all(type(number) is float for number in ours)
    assert [tg.isclose(Value(a), b, **tolerances).data for a, b in CLOSE] == truth
    assert [Value(a).isclose(Value(b), **tolerances).data for a, b in CLOSE] == truth
    program = compile(lambda pairs: [tg.isclose(a, b, **tolerances) for a, b in pairs])
    assert program(CLOSE) == truth
    assert grad(lambda x: tg.isclose(x, 1.0, **tolerances) * 2.0 + x)(1.0) == 1.0


@pytest.mark.parametrize("tolerances", [{"rel_tol": -1e-9}, {"abs_tol": -1.0}])
def test_isclose_refuses_negative_tolerances(tolerances):
    with pytest.raises(ArgumentError, match="must not be negative"):
        tg.isclose(1.0, 1.0, **tolerances)
