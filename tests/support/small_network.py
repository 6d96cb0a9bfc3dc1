"""A network of one hidden layer, number by number, and its cost by linear algebra."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

from tinygrad_nn import dot, tanh

RNG = np.random.default_rng(0)
W, B, V = RNG.normal(size=(4, 3)), RNG.normal(size=4), RNG.normal(size=4)
P = {"W": W.tolist(), "b": B.tolist(), "v": V.tolist()}


class Output(NamedTuple):
    score: Any
    hidden: Any


def network(p: Any, x: Any) -> Output:
    h = [tanh(dot(w, x) + b) for w, b in zip(p["W"], p["b"], strict=True)]
    return Output(dot(p["v"], h), h)


def loss(p: Any, x: Any, y: Any) -> Any:
    return (network(p, x).score - y) ** 2


def samples(count: int) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(count)
    return rng.normal(size=(count, 3)), rng.normal(size=count)


def by_numpy(X: np.ndarray, y: np.ndarray) -> tuple[float, dict[str, np.ndarray]]:
    """The sum of the losses and its gradient, as one writes them by hand."""
    h = np.tanh(X @ W.T + B)
    error = h @ V - y
    delta = 2 * error[:, None] * V * (1 - h * h)
    gradient = {"W": delta.T @ X, "b": delta.sum(axis=0), "v": 2 * error @ h}
    return float(error @ error), gradient
