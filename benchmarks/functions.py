"""Functions of single numbers, as they are given to `compile`: loops over lists, or over arrays.

None of them knows that it is compiled; run as they are, they compute the same.
"""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import Any, TypeAlias

import tinygrad_nn
from examples import scalar_gpt
from tinygrad_nn import (
    dot,
    exp,
    grad,
    log,
    lookup,
    mean,
    nn,
    relu,
    softmax,
    sqrt,
    stop_gradient,
    tanh,
    value_and_grad,
)

from .engines.scalar import price_of
from .problems import Network

Number: TypeAlias = Any  # a float, a Value, or a symbol
Vector: TypeAlias = Any  # a list or an array of them
Matrix: TypeAlias = Any
Layers: TypeAlias = Any  # for each layer (W, b)
Function: TypeAlias = Callable[..., Any]


# ---- networks ------------------------------------------------------------------------------------


def linear(W: Matrix, b: Vector, x: Vector) -> Vector:
    return [dot(w, x) + c for w, c in zip(W, b, strict=True)]


def forward(layers: Layers, x: Vector) -> Vector:
    *hidden, (W, b) = layers
    for V, c in hidden:
        x = [relu(z) for z in linear(V, c, x)]
    return linear(W, b, x)


def cross_entropy(layers: Layers, x: Vector, y: Number) -> Number:
    return nn.cross_entropy(forward(layers, x), y)


def margin(layers: Layers, x: Vector, y: Number) -> Number:
    return nn.hinge(forward(layers, x)[0], y)


def penalty(layers: Layers, decay: float) -> Number:
    """Weight decay; where there is none, nothing is recorded."""
    return decay * sum(dot(w, w) for W, b in layers for w in (*W, b)) if decay else 0.0


def penalised(loss: Function, problem: Network) -> Function:
    """The loss of one sample, with weight decay."""

    def penalised_loss(layers: Layers, x: Vector, y: Number) -> Number:
        return loss(layers, x, y) + penalty(layers, problem.decay)

    return penalised_loss


def descent(loss: Function, problem: Network) -> Function:
    """A step of gradient descent over a whole batch, the update included, on arrays."""

    def cost(layers: Layers, inputs: Matrix, targets: Vector) -> Number:
        losses = [loss(layers, x, y) for x, y in zip(inputs, targets, strict=True)]
        return mean(losses) + penalty(layers, problem.decay)

    def step(layers: Layers, inputs: Matrix, targets: Vector) -> Any:
        value, slopes = value_and_grad(cost)(layers, inputs, targets)
        rate = problem.learning_rate
        moved = [
            (W - rate * dW, b - rate * db) for (W, b), (dW, db) in zip(layers, slopes, strict=True)
        ]
        return value, slopes, moved

    return step


# ---- the GPT -------------------------------------------------------------------------------------


def shift(scores: Vector) -> Number:
    return stop_gradient(tinygrad_nn.max(scores))


def matrices(parameters: Vector) -> dict[str, Matrix]:
    """Take an array of all parameters apart, in the order of `scalar_gpt.flat`."""
    found = {}
    start = 0
    for name, (rows, columns) in scalar_gpt.SHAPES.items():
        end = start + rows * columns
        found[name] = [list(row) for row in parameters[start:end].reshape(rows, columns)]
        start = end
    return found


def document_loss(parameters: Vector, tokens: Vector) -> Number:
    """The loss of examples/scalar_gpt.py, for tokens that are known at run time only."""
    p = matrices(parameters)
    keys: Matrix = []
    values: Matrix = []
    losses = []
    for token, target in itertools.pairwise(tokens):
        row = lookup(p["token"], token)
        logits = scalar_gpt.next_logits({**p, "token": [row]}, 0, keys, values, shift)
        top = shift(logits)
        whole = sum(exp(logit - top) for logit in logits)
        losses.append(log(whole) - (lookup(logits, target) - top))
    return mean(losses)


def gpt_step(p: Vector, means: Vector, squares: Vector, tokens: Vector, steps: Number) -> Any:
    """A step of Adam, on arrays; steps counts from 1."""
    loss, slopes = value_and_grad(document_loss)(p, tokens)
    adam = scalar_gpt.Adam([])
    means = adam.beta1 * means + (1 - adam.beta1) * slopes
    squares = adam.beta2 * squares + (1 - adam.beta2) * slopes * slopes
    rate = adam.learning_rate / (1 - adam.beta1**steps)
    unbias = 1 / (1 - adam.beta2**steps)
    moved = p - rate * means / ((unbias * squares) ** 0.5 + 1e-8)
    return loss, slopes, moved, means, squares


# ---- mathematics ---------------------------------------------------------------------------------


def greeks(S: Number, K: Number, T: Number, r: Number, v: Number) -> tuple[Number, ...]:
    """Price, delta, vega, theta, rho and gamma of one call."""

    def price(S: Number, T: Number, r: Number, v: Number) -> Number:
        return price_of(tinygrad_nn, S, K, T, r, v)

    value, (delta, theta, rho, vega) = value_and_grad(price, (0, 1, 2, 3))(S, T, r, v)
    gamma = grad(grad(price))(S, T, r, v)
    return value, delta, vega, -theta, rho, gamma


def attention(queries: Matrix, keys: Matrix, values: Matrix) -> Number:
    """The sum of the squares of what attention gives."""
    scale = 1 / len(queries[0]) ** 0.5
    mixed = []
    for query in queries:
        weights = softmax([scale * dot(query, key) for key in keys])
        mixed += [dot(weights, column) for column in zip(*values, strict=True)]
    return dot(mixed, mixed)


def recurrent(W: Matrix, U: Matrix, v: Vector, inputs: Matrix, targets: Vector) -> Number:
    """The mean squared error of a network that keeps a state from step to step."""
    state = [0.0] * len(U)
    errors = []
    for x, y in zip(inputs, targets, strict=True):
        state = [tanh(dot(w, x) + dot(u, state)) for w, u in zip(W, U, strict=True)]
        errors.append((dot(v, state) - y) ** 2)
    return mean(errors)


def convolution(kernels: list[Matrix], picture: Matrix) -> Number:
    """The sum of the squares of the greatest of each 2 by 2 after a ReLU convolution."""
    pooled = []
    for kernel in kernels:
        size = len(picture) - len(kernel) + 1
        made = [[relu(patch(kernel, picture, i, j)) for j in range(size)] for i in range(size)]
        for i, j in itertools.product(range(0, size, 2), repeat=2):
            pooled.append(tinygrad_nn.max([*made[i][j : j + 2], *made[i + 1][j : j + 2]]))
    return dot(pooled, pooled)


def patch(kernel: Matrix, picture: Matrix, i: int, j: int) -> Number:
    rows = zip(kernel, picture[i : i + len(kernel)], strict=True)
    return sum(dot(weights, row[j : j + len(weights)]) for weights, row in rows)


def gravity(places: Matrix, masses: Vector) -> Matrix:
    """How each body is pulled by all others, in three dimensions."""
    pulls = []
    for i, here in enumerate(places):
        pull = [0.0, 0.0, 0.0]
        for j, there in enumerate(places):
            if i != j:
                way = [a - b for a, b in zip(there, here, strict=True)]
                square = dot(way, way) + 0.01
                strength = masses[j] / (square * sqrt(square))
                pull = [p + strength * w for p, w in zip(pull, way, strict=True)]
        pulls.append(pull)
    return pulls


def heat(temperatures: Vector, steps: int = 100) -> Number:
    """The sum of the squares along a rod after so many steps, its ends kept as they are."""
    u = list(temperatures)
    for _ in range(steps):
        inner = [b + 0.1 * (a - 2 * b + c) for a, b, c in zip(u, u[1:], u[2:], strict=False)]
        u = [u[0], *inner, u[-1]]
    return dot(u, u)
