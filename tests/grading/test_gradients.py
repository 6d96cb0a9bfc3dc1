from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_nn import grade_gradient
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError

rng = np.random.default_rng(3)
X, y = rng.normal(size=(5, 2)), rng.normal(size=(5, 1))
PARAMETERS = [
    rng.normal(size=(2, 2)),
    rng.normal(size=2) * 0.3,
    rng.normal(size=(2, 1)),
    rng.normal(size=1) * 0.3,
]


def relu(z: Any) -> Any:
    return np.maximum(z, 0)


def network(activation: str = "tanh", penalty: float = 0.0, **wrong: Any) -> Any:
    """Make the mean squared error of a network with a hidden layer, and its gradients by hand."""

    def f(X: Any, y: Any, parameters: Any) -> Any:
        W, b, V, c = parameters
        z = X @ W + b
        h = np.tanh(z) if activation == "tanh" else relu(z)
        error = h @ V + c - y
        loss = (error**2).sum() / len(X) + penalty * (W**2).sum()
        do = 2 * error / len(X) * wrong.get("factor", 1)
        dV, dc = h.T @ do, do.sum(0)
        slope = 1 - h * h if activation == "tanh" else (z > 0) * 1.0
        dz = do @ V.T * wrong.get("slope", lambda z, h, right: right)(z, h, slope)
        dW, db = X.T @ dz, dz.sum(0)
        gradients = [dW + wrong.get("kept", 1) * 2 * penalty * W, db, dV, dc]
        return loss, wrong.get("last", lambda gradients, dz: gradients)(gradients, dz)

    return f


@pytest.mark.parametrize("activation", ["tanh", "relu"])
def test_right_gradients_pass(activation: str) -> None:
    found = grade_gradient(network(activation, 0.1), X, y, PARAMETERS)
    assert found.passed, str(found)
    assert found.agreed == found.tried == 4


def test_a_dict_of_parameters_and_a_kink_at_the_numbers() -> None:
    def f(X: Any, y: Any, parameters: Any) -> Any:
        return relu(parameters["w"]).sum(), {"w": (parameters["w"] > 0) * 1.0}

    w = np.array([1.0, 3e-4, -5e-6])  # nearer to the kink than the first steps of differences
    assert grade_gradient(f, X, y, {"w": w}).passed


MISTAKES: dict[str, tuple[Any, str]] = {
    "sum": (network(factor=5), "all parameters: the gradient is a sum over the samples"),
    "mean twice": (network(factor=0.2), "5 times too small"),
    "half": (network(factor=0.5), "lacks a factor 2"),
    "third": (network(factor=1 / 3), "0.333333 times the right one"),
    "sign": (network(factor=-1), "wrong sign"),
    "no slope of tanh": (network(slope=lambda z, h, s: 1), "slope of the activation is left out"),
    "no slope of relu": (network("relu", slope=lambda z, h, s: 1), "units that are off"),
    "slope by the sum": (network(slope=lambda z, h, s: 1 - z * z), "what comes later is right"),
    "bias not summed": (network(last=lambda g, dz: [g[0], dz, *g[2:]]), "not summed over the samples"),
    "bias by a mean": (network(last=lambda g, dz: [g[0], dz.mean(0), *g[2:]]), "[1]: the gradient is a mean"),
    "transposed": (network(last=lambda g, dz: [g[0].T, *g[1:]]), "[0]: the gradient is transposed"),
    "one sample": (network(last=lambda g, dz: [g[0], dz[-1], *g[2:]]), "that of the last sample alone"),
    "left out": (network(last=lambda g, dz: [*g[:3], 0 * g[3]]), "[3]: the gradient is 0"),
    "no penalty": (network(penalty=0.3, kept=0), "[0]: what differs is 0.6 times the parameter itself"),
    "order of shapes": (network(last=lambda g, dz: [g[1], g[0], *g[2:]]), "[0]: this is the gradient of parameter 1"),
    "another input": (network(last=lambda g, dz: [g[0] + dz.T @ dz, *g[1:]]), "the bias beside it is right"),
    "order": (network(last=lambda g, dz: [g[0], g[2][:, 0], g[1][:, None], g[3]]), "the order is another"),
}  # fmt: skip


def logistic(slope: Any) -> Any:
    """Make the mean cross-entropy of a logistic regression, with what is called its slope."""

    def f(X: Any, y: Any, parameters: Any) -> Any:
        w, b = parameters
        p = 1 / (1 + np.exp(-(X @ w + b)))
        loss = -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean()
        delta = slope(p, y) / len(X)
        return loss, [X.T @ delta, delta.sum()]

    return f


def test_a_wrong_slope_of_the_loss_is_one_factor_for_each_sample() -> None:
    labels = np.array([0.0, 1.0, 1.0, 0.0, 1.0])
    parameters = [rng.normal(size=2), np.array(0.2)]
    assert grade_gradient(logistic(lambda p, y: p - y), X, labels, parameters).passed
    found = grade_gradient(
        logistic(lambda p, y: (p - y) * p * (1 - p)), X, labels, parameters
    ).findings
    assert [one.sentence[:40] for one in found] == [
        "all parameters: for one sample all gradie"[:40]
    ]


def test_a_gradient_that_cancels_by_chance_is_not_called_unwritten() -> None:
    def f(X: Any, y: Any, parameters: Any) -> Any:
        error = parameters[0] - y
        return (error**2).mean(), [np.sign(error).mean()]

    found = grade_gradient(f, np.zeros((2, 1)), np.array([0.0, 3.0]), [np.array(1.0)])
    assert "never written" not in str(found)


@pytest.mark.parametrize("name", MISTAKES)
def test_a_mistake_is_named(name: str) -> None:
    f, sentence = MISTAKES[name]
    found = grade_gradient(f, X, y, PARAMETERS)
    assert any(sentence in finding.sentence for finding in found.findings), str(found)
    assert all(len(finding.hints) == 3 for finding in found.findings)


def test_what_is_no_gradient_at_all_is_reported() -> None:
    draws = np.random.default_rng(0)
    assert "draws random numbers" in str(
        grade_gradient(lambda X, y, p: (draws.normal(), p), X, y, [np.ones(2)])
    )
    assert "ZeroDivisionError" in str(
        grade_gradient(lambda X, y, p: (1 / 0, p), X, y, [np.ones(2)])
    )
    assert "1 gradients for 2" in str(
        grade_gradient(lambda X, y, p: (1.0, p[:1]), X, y, [np.ones(2), np.ones(1)])
    )
    with pytest.raises(ArgumentError, match="0 parameters"):
        grade_gradient(network(), X, y, [])
    with pytest.raises(ArgumentTypeError, match="must be a function"):
        grade_gradient(1.0, X, y, PARAMETERS)  # type: ignore[arg-type]
