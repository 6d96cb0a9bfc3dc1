"""Losses, and the gradients of networks under them."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import mpmath
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.special import log_softmax

from tinygrad_nn import Value, grad, nn, value_and_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, DomainError, PoleError
from tinygrad_nn.scalar.number import plain

logits = st.floats(-700.0, 700.0)
labels = st.one_of(st.sampled_from([0, 1, 0.0, 1.0]), st.floats(0.0, 1.0))
reals = st.floats(-100.0, 100.0)


def slope(loss: Callable[[Any, Any], Any], x: float, y: Any) -> float:
    """The derivative of a loss by its prediction, by backpropagation."""
    leaf = Value(x)
    loss(leaf, y).backward()
    return leaf.grad


def exact_logistic(p: Any, y: float) -> Any:
    one = y * mpmath.log(p) if y else 0
    zero = (1 - mpmath.mpf(y)) * mpmath.log(1 - p) if y != 1 else 0
    return -(one + zero)


@given(z=logits, y=labels)
def test_logistic_loss_of_logits_is_exact(z: float, y: float) -> None:
    with mpmath.workdps(700):
        p = 1 / (1 + mpmath.exp(-mpmath.mpf(z)))
        expected, expected_slope = float(exact_logistic(p, y)), float(p - y)
    loss = nn.binary_cross_entropy_with_logits
    assert loss(z, y) == pytest.approx(expected, rel=1e-13, abs=1e-320)
    assert slope(loss, z, y) == pytest.approx(expected_slope, rel=1e-13, abs=1e-16)


@given(p=st.floats(1e-300, 1.0, exclude_max=True), y=labels)
def test_logistic_loss_of_probabilities_is_exact(p: float, y: float) -> None:
    with mpmath.workdps(700):
        x = mpmath.mpf(p)
        expected = float(exact_logistic(x, y))
        expected_slope = float((x - y) / (x * (1 - x)))
    loss = nn.binary_cross_entropy
    assert loss(p, y) == pytest.approx(expected, rel=1e-13, abs=1e-320)
    assert slope(loss, p, y) == pytest.approx(expected_slope, rel=1e-9)


def test_a_small_probability_keeps_its_digits() -> None:
    assert nn.binary_cross_entropy(1e-18, 0) == pytest.approx(1e-18, rel=1e-15, abs=0.0)


@pytest.mark.parametrize("certain", [0.0, 1.0])
def test_certainty(certain: float) -> None:
    loss = nn.binary_cross_entropy
    for y in (certain, int(certain), Value(certain)):
        assert loss(certain, y) == 0.0
        assert loss(Value(certain), y) == 0.0
        assert slope(loss, certain, y) == (1.0 if certain == 0.0 else -1.0)
    for y in (1.0 - certain, 0.5, Value(1.0 - certain)):
        for y_hat in (certain, Value(certain)):
            with pytest.raises(PoleError, match="binary_cross_entropy_with_logits"):
                loss(y_hat, y)


@pytest.mark.parametrize("y_hat", [-0.1, 1.1, 7.0])
@pytest.mark.parametrize("y", [0.0, 1.0, 0.5])
def test_no_probability(y_hat: float, y: float) -> None:
    with pytest.raises(DomainError, match=r"must be a probability.*_with_logits"):
        nn.binary_cross_entropy(Value(y_hat), y)


@pytest.mark.parametrize("loss", [nn.binary_cross_entropy, nn.binary_cross_entropy_with_logits])
def test_the_derivative_by_the_label(loss: Any) -> None:
    for number in (0.0, 0.3, 1.0):
        y = Value(number)
        loss(0.25, y).backward()
        z = 0.25 if loss is nn.binary_cross_entropy_with_logits else math.log(0.25 / 0.75)
        assert y.grad == pytest.approx(-z, rel=1e-12)


@given(x=st.lists(st.floats(-1e3, 1e3), min_size=2, max_size=5), data=st.data())
def test_cross_entropy_is_exact(x: list[float], data: Any) -> None:
    target = data.draw(st.integers(0, len(x) - 1))
    with mpmath.workdps(1000):
        powers = [mpmath.exp(v) for v in x]
        probabilities = [power / mpmath.fsum(powers) for power in powers]
        expected = [float(-mpmath.log(p)) for p in probabilities]
        gradient = [float(p - (k == target)) for k, p in enumerate(probabilities)]
    one_hot = [float(k == target) for k in range(len(x))]
    for form in (target, float(target), one_hot, np.array(one_hot)):
        leaves = [Value(v) for v in x]
        loss = nn.cross_entropy(leaves, form)
        assert loss.data == pytest.approx(expected[target], rel=1e-12, abs=1e-300)
        loss.backward()
        assert [leaf.grad for leaf in leaves] == pytest.approx(gradient, rel=1e-9, abs=1e-15)
    uniform = nn.cross_entropy(x, [1 / len(x)] * len(x))
    assert uniform == pytest.approx(math.fsum(expected) / len(x), rel=1e-12)


@given(y_hat=reals, y=reals, delta=st.floats(0.1, 10.0))
def test_losses_of_regression(y_hat: float, y: float, delta: float) -> None:
    e = y_hat - y
    sign = (e > 0) - (e < 0)
    assert nn.squared_error(y_hat, y) == pytest.approx(e**2, rel=1e-12)
    assert slope(nn.squared_error, y_hat, y) == pytest.approx(2 * e, rel=1e-12)
    assert nn.absolute_error(y_hat, y) == abs(e)
    assert slope(nn.absolute_error, y_hat, y) == sign
    near = abs(e) <= delta
    huber = e * e / 2 if near else delta * (abs(e) - delta / 2)
    assert nn.huber(y_hat, y, delta) == pytest.approx(huber, rel=1e-9)
    assert slope(lambda a, b: nn.huber(a, b, delta), y_hat, y) == pytest.approx(
        e if near else delta * sign, rel=1e-12
    )


def test_huber_where_its_parts_meet() -> None:
    assert nn.huber(2.0, 0.0, 2.0) == 2.0
    assert slope(lambda a, b: nn.huber(a, b, 2.0), 2.0, 0.0) == 2.0
    assert nn.huber(1e200, 0.0) == 1e200
    with pytest.raises(ArgumentError, match="delta"):
        nn.huber(1.0, 0.0, 0.0)


@given(score=reals, y=st.sampled_from([-1, 1, -1.0, 1.0]))
def test_hinge(score: float, y: float) -> None:
    assert nn.hinge(score, y) == max(0.0, 1.0 - y * score)
    assert slope(nn.hinge, score, y) == (-y if y * score < 1.0 else 0.0)


LOSSES = [
    nn.binary_cross_entropy,
    nn.binary_cross_entropy_with_logits,
    nn.squared_error,
    nn.absolute_error,
    nn.huber,
    nn.hinge,
]


@pytest.mark.parametrize("loss", LOSSES)
def test_numbers_values_and_constants_agree(loss: Any) -> None:
    results = [
        loss(y_hat, y)
        for y_hat in (0.25, Value(0.25), np.float64(0.25))
        for y in (1, 1.0, Value(1.0), np.int64(1))
    ]
    assert type(results[0]) is type(results[1]) is float
    assert type(results[4]) is Value
    assert {float(plain(result)) for result in results} == {results[0]}


@pytest.mark.parametrize(
    ("loss", "target", "words"),
    [
        (nn.binary_cross_entropy, -0.5, "label 0 or 1"),
        (nn.binary_cross_entropy, Value(2.0), "label 0 or 1"),
        (nn.binary_cross_entropy_with_logits, -1, "use hinge"),
        (nn.binary_cross_entropy_with_logits, math.nan, "finite"),
        (nn.squared_error, math.inf, "finite"),
        (nn.absolute_error, math.nan, "finite"),
        (nn.huber, math.nan, "finite"),
        (nn.hinge, 0, "expected -1 or [+]1"),
        (nn.hinge, Value(0.5), "expected -1 or [+]1"),
    ],
)
def test_bad_targets(loss: Any, target: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        loss(Value(0.5), target)


@pytest.mark.parametrize(
    ("target", "words"),
    [
        (3, "from 0 to 2"),
        (-1, "from 0 to 2"),
        (1.5, "whole number"),
        (math.nan, "finite"),
        ([0.5, 0.5], "2 probabilities and there are 3"),
        ([0.5, 0.5, 0.5], "sum 1.5"),
        ([1.5, -0.5, 0.0], "between"),
    ],
)
def test_bad_classes(target: Any, words: str) -> None:
    with pytest.raises(DataError, match=words):
        nn.cross_entropy([1.0, 2.0, 3.0], target)


def test_bad_types() -> None:
    for loss in LOSSES:
        with pytest.raises(ArgumentTypeError, match="must be a number"):
            loss(Value(0.5), [1, 0])
        with pytest.raises(ArgumentTypeError, match="must be a number"):
            loss(Value(0.5), "1")
    with pytest.raises(ArgumentTypeError, match="a number for each class"):
        nn.cross_entropy(Value(0.5), 1)
    with pytest.raises(ArgumentError, match="losses is empty"):
        nn.cost([])


def test_cost_is_the_mean() -> None:
    leaves = [Value(1.0), Value(2.0), Value(6.0)]
    J = nn.cost(leaf for leaf in leaves)
    J.backward()
    assert J.data == 3.0
    assert [leaf.grad for leaf in leaves] == [1 / 3] * 3


# ---- networks: NumPy's back-propagation, derived by hand, and finite differences --------------

ACTIVATIONS = {
    "sigmoid": (lambda z: 1 / (1 + np.exp(-z)), lambda z, a: a * (1 - a)),
    "tanh": (np.tanh, lambda z, a: 1 - a * a),
    "relu": (lambda z: np.maximum(0, z), lambda z, a: 1.0 * (z > 0)),
    "leaky_relu": (lambda z: np.maximum(0.01 * z, z), lambda z, a: np.where(z > 0, 1, 0.01)),
    "identity": (lambda z: z, lambda z, a: np.ones_like(z)),
}
X = np.random.default_rng(0).normal(size=(6, 3))
BINARY = np.array([0.0, 1.0, 1.0, 0.0, 1.0, 0.25])
SIGNS = np.array([1.0, -1.0, 1.0, -1.0, -1.0, 1.0])
CLASSES = np.array([0, 2, 1, 2, 0, 1])

# For each loss: the targets, the number of outputs, and dJ/dz of the last layer, whose
# activation is a sigmoid for probabilities and nothing else.
CASES: dict[str, tuple[Any, int, Callable[[Any], Any]]] = {
    "binary_cross_entropy": (BINARY, 1, lambda z: 1 / (1 + np.exp(-z)) - BINARY[:, None]),
    "binary_cross_entropy_with_logits": (
        BINARY,
        1,
        lambda z: 1 / (1 + np.exp(-z)) - BINARY[:, None],
    ),
    "squared_error": (BINARY, 1, lambda z: 2 * (z - BINARY[:, None])),
    "absolute_error": (BINARY, 1, lambda z: np.sign(z - BINARY[:, None])),
    "huber": (BINARY, 1, lambda z: np.clip(z - BINARY[:, None], -1, 1)),
    "hinge": (SIGNS, 1, lambda z: -SIGNS[:, None] * (SIGNS[:, None] * z < 1)),
    "cross_entropy": (CLASSES, 3, lambda z: np.exp(log_softmax(z, axis=1)) - np.eye(3)[CLASSES]),
}


def network(activation: str, loss: str) -> nn.MLP:
    output = "sigmoid" if loss == "binary_cross_entropy" else "identity"
    model = nn.MLP(3, [4, CASES[loss][1]], activation, output, seed=2)
    for position, parameter in enumerate(model.parameters()):
        parameter.data += 0.01 * position  # biases too
    return model


def total(model: nn.MLP, loss: str) -> Any:
    return nn.cost(getattr(nn, loss)(model(x), y) for x, y in zip(X, CASES[loss][0], strict=True))


@pytest.mark.parametrize("loss", CASES)
@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_gradients_of_a_network(activation: str, loss: str) -> None:
    model = network(activation, loss)
    total(model, loss).backward()

    # dz2 = dJ/dz2, dW2 = dz2^T a1, db2 = sum dz2; dz1 = dz2 W2 * g'(z1), and so on.
    g, derivative = ACTIVATIONS[activation]
    W1, b1, W2, b2 = (np.array(array) for array in model.state_dict().values())
    z1 = X @ W1.T + b1
    a1 = g(z1)
    dz2 = CASES[loss][2](a1 @ W2.T + b2) / len(X)
    dz1 = dz2 @ W2 * derivative(z1, a1)
    expected = np.hstack([dz1.T @ X, dz1.sum(0)[:, None]]).ravel().tolist()
    expected += np.hstack([dz2.T @ a1, dz2.sum(0)[:, None]]).ravel().tolist()
    parameters = model.parameters()
    np.testing.assert_allclose([p.grad for p in parameters], expected, rtol=1e-9, atol=1e-14)

    h = 1e-6
    for parameter in parameters:
        middle = parameter.data
        parameter.data = middle + h
        above = plain(total(model, loss))
        parameter.data = middle - h
        below = plain(total(model, loss))
        parameter.data = middle
        assert parameter.grad == pytest.approx((above - below) / (2 * h), rel=1e-6, abs=1e-8)


# ---- losses of what is differentiated -----------------------------------------------------------


def test_targets_may_vary() -> None:
    assert value_and_grad(nn.squared_error, argnums=1)(2.0, 0.5) == (2.25, -3.0)
    assert grad(nn.absolute_error, argnums=1)(2.0, 0.5) == -1.0
    assert grad(nn.binary_cross_entropy_with_logits, argnums=1)(2.0, 0.3) == pytest.approx(-2.0)
    assert grad(nn.hinge, argnums=1)(0.5, 1.0) == -0.5
    slopes = grad(nn.cross_entropy, argnums=1)([2.0, 1.0], [0.3, 0.7])
    assert slopes == pytest.approx([math.log1p(math.exp(-1)), 1 + math.log1p(math.exp(-1))])


def test_a_loss_that_is_infinite_says_so_while_it_is_differentiated() -> None:
    for transform in (value_and_grad, grad):
        with pytest.raises(PoleError, match="binary_cross_entropy_with_logits"):
            transform(nn.binary_cross_entropy)(1.0, 0.0)
        with pytest.raises(DomainError, match="must be a probability"):
            transform(nn.binary_cross_entropy)(2.0, 0.0)


def test_several_samples_at_once_are_refused() -> None:
    x = Value(1.0)
    with pytest.raises(ArgumentTypeError, match=r"logits\[0\] must be a number, got 2: a loss is"):
        nn.cross_entropy([[x, x], [x, x]], [0, 1])
    for y_hat in ([x, x], np.array([x, x])):
        with pytest.raises(DataError, match="y has 1 numbers and there are 2 outputs"):
            nn.squared_error(y_hat, 1.0)
