"""Compositions: stable values, exact derivatives of first and second order."""

import math

import mpmath as mp
import pytest

from tinygrad_nn import (
    Value,
    clip,
    dot,
    grad,
    gradients,
    leaky_relu,
    log_softmax,
    logsumexp,
    lookup,
    mean,
    norm,
    relu,
    softmax,
    square,
)
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ShapeError

mp.mp.dps = 60

POINTS = [
    [0.5, -1.0, 2.0],
    [1000.0, 0.0, -1000.0],
    [-1000.0, -1000.0, -1001.0],
    [0.0, -50.0, -60.0],
    [3.0, 3.0, 3.0],
    [700.0, 710.0, 1e5],
]


def probabilities(x):
    top = max(x)
    powers = [mp.exp(mp.mpf(v) - top) for v in x]
    return [p / mp.fsum(powers) for p in powers]


def close(found, truth):
    """Equal to 1e-12, or to the last place of a number too small to be normal."""
    return abs(found - truth) <= 1e-12 * abs(truth) + 5e-324


@pytest.mark.parametrize("x", POINTS)
def test_softmax_in_value_and_derivatives(x):
    p = probabilities(x)
    values = [Value(v) for v in x]
    found = softmax(values)
    for i, probability in enumerate(found):
        assert close(probability.data, p[i])
        slopes = gradients(probability, values)
        for j, slope in enumerate(slopes):
            truth = p[i] * ((i == j) - p[j])
            # p (1 - p) cancels where p is near 1: the error is relative to p
            assert abs(slope.data - truth) <= 1e-12 * abs(truth) + 1e-15 * p[i] + 5e-324
    assert softmax(x) == [v.data for v in found]


@pytest.mark.parametrize("x", POINTS)
def test_logsumexp_and_log_softmax_in_value_and_derivatives(x):
    p = probabilities(x)
    values = [Value(v) for v in x]
    top = max(x)
    rest = mp.log1p(mp.fsum(sorted(mp.exp(mp.mpf(v) - top) for v in x)[:-1]))
    total = logsumexp(values)
    assert close(total.data, top + rest)
    assert logsumexp(x) == total.data
    for i, entry in enumerate(log_softmax(values)):
        assert close(entry.data, mp.mpf(x[i]) - top - rest)
    slopes = gradients(total, values)
    for i, slope in enumerate(slopes):
        assert close(slope.data, p[i])
        for j, curvature in enumerate(gradients(slope, values)):
            truth = p[i] * ((i == j) - p[j])
            assert abs(curvature.data - truth) <= 1e-12 * abs(truth) + 1e-15 * p[i] + 5e-324


def test_infinite_logits_are_no_catastrophe():
    assert softmax([0.0, -math.inf]) == [1.0, 0.0]
    assert logsumexp([0.0, -math.inf]) == 0.0
    assert logsumexp([math.inf, 0.0]) == math.inf
    assert logsumexp([-math.inf, -math.inf]) == -math.inf
    assert math.isnan(logsumexp([math.nan, 0.0]))
    assert logsumexp([Value(math.inf), Value(0.0)]).data == math.inf
    assert all(math.isnan(p) for p in [*softmax([math.inf, 0.0])[:1], log_softmax([math.inf])[0]])


def test_relu_and_leaky_relu_at_the_kink():
    for function, below, at in ((relu, 0.0, 0.0), (leaky_relu, 0.01, 0.01)):
        for x, slope in ((-2.0, below), (0.0, at), (2.0, 1.0)):
            value = Value(x)
            result = function(value)
            result.backward()
            assert result.data == pytest.approx(x * (slope if x < 0 else 1.0))
            assert value.grad == slope
            assert function(x) == result.data
    assert leaky_relu(Value(-3.0), slope=0.2).data == pytest.approx(-0.6)


def test_clip():
    for x, expected, slope in ((-2.0, -1.0, 0.0), (-1.0, -1.0, 1.0), (0.3, 0.3, 1.0), (5, 2.0, 0)):
        value = Value(x)
        result = clip(value, -1.0, 2.0)
        result.backward()
        assert (result.data, value.grad) == (expected, slope)
    with pytest.raises(ArgumentError, match="low must not exceed high"):
        clip(1.0, 2.0, 1.0)


def test_dot():
    a, b = [Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]
    result = dot(a, b)
    result.backward()
    assert result.data == 11.0
    assert [v.grad for v in a + b] == [3.0, 4.0, 1.0, 2.0]
    assert dot([], []) == 0.0
    assert dot(a, [1.0, 1.0]).data == 3.0
    with pytest.raises(ShapeError, match="got 2 and 1"):
        dot(a, [1.0])


def test_mean_norm_and_square():
    values = [Value(3.0), Value(4.0)]
    assert mean(values).data == 3.5
    assert norm(values).data == 5.0
    assert norm([-2.0]) == 2.0
    assert norm([3e200, 4e200]) == pytest.approx(5e200, rel=1e-15)
    assert square(Value(3.0)).data == 9.0
    slopes = gradients(norm(values), values)
    assert [s.data for s in slopes] == pytest.approx([0.6, 0.8], rel=1e-15)
    curvatures = gradients(slopes[0], values)
    assert [c.data for c in curvatures] == pytest.approx([16 / 125, -12 / 125], rel=1e-12)


@pytest.mark.parametrize("x", [[0.0, 0.0, 3.0], [3.0, 0.0, 0.0], [0.0, -2.0], [1e-200, 1e-200]])
def test_norm_is_smooth_but_at_zero(x):
    length = math.hypot(*x)
    values = [Value(v) for v in x]
    slopes = gradients(norm(values), values)
    assert [s.data for s in slopes] == pytest.approx([v / length for v in x], rel=1e-14)
    zeros = [Value(0.0) for _ in x]
    result = norm(zeros)
    assert result.data == 0.0
    assert all(math.isnan(s.data) for s in gradients(result, zeros))
    assert norm([math.inf, 1.0]) == math.inf


@pytest.mark.parametrize("function", [mean, norm, softmax, logsumexp, log_softmax])
def test_nothing_has_no_result(function):
    with pytest.raises(ArgumentError, match="must not be empty"):
        function([])


@pytest.mark.parametrize("function", [mean, norm, softmax, logsumexp, log_softmax])
def test_any_iterable_will_do(function):
    expected = function([1.0, 2.0, 3.0])
    assert function(iter([1.0, 2.0, 3.0])) == expected
    assert function((1.0, 2.0, 3.0)) == expected


# ---- tables --------------------------------------------------------------------------------------


@pytest.mark.parametrize("index", [math.nan, math.inf, -math.inf, 0.5, -1, 2, Value(math.nan)])
def test_an_index_that_is_in_no_table(index):
    with pytest.raises(ArgumentError, match="2 entries: expected a whole number from 0 to 1"):
        lookup([1.0, 2.0], index)


@pytest.mark.parametrize("index", ["1", None, [0], 1j])
def test_an_index_that_is_no_number(index):
    with pytest.raises(ArgumentTypeError, match="index of lookup must be a number"):
        lookup([1.0, 2.0], index)


def test_an_index_may_be_differentiated_by_and_has_no_slope():
    assert grad(lambda i: lookup([1.0, 2.0], i) * i)(1.0) == 2.0
    with pytest.raises(ArgumentError, match="table of lookup is empty"):
        lookup([], 0)


@pytest.mark.parametrize("function", [mean, norm, softmax, logsumexp, log_softmax])
def test_one_number_is_no_sequence(function):
    with pytest.raises(ArgumentTypeError, match=f"give {function.__name__}"):
        function(Value(1.0))
