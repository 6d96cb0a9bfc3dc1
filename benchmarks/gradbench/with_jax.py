"""The same functions as JAX's users write them: on arrays, compiled by `jit`."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

import jax
import numpy as np
from jax import numpy as jnp

from ..engines.with_jax import ready
from .cases import Case


def log_of_sum(x: Any) -> Any:
    return jax.scipy.special.logsumexp(x)


def least_squares(x: Any, A: Any, b: Any) -> Any:
    return jnp.sum((A @ x - b) ** 2)


def determinant(A: Any) -> Any:
    result = 1.0
    while len(A):
        pivot = A[0, 0]
        result = result * pivot
        A = A[1:, 1:] - jnp.outer(A[1:, 0] / pivot, A[0, 1:])
    return result


def clusters(centres: Any, points: Any) -> Any:
    away = points[:, None, :] - centres[None, :, :]
    return jnp.sum(jnp.min(jnp.sum(away**2, axis=2), axis=1))


def mixture(shares: Any, means: Any, scales: Any, shears: Any, points: Any) -> Any:
    count, width = means.shape
    below = jnp.tril_indices(width, -1)
    triangles = jnp.zeros((count, width, width)).at[:, *below].set(shears)
    triangles = triangles + jax.vmap(jnp.diag)(jnp.exp(scales))
    away = points[:, None, :] - means
    lengths = jnp.einsum("kij,nkj->nki", triangles, away)
    terms = shares + jnp.sum(scales, axis=1) - 0.5 * jnp.sum(lengths**2, axis=2)
    likely = jnp.sum(jax.nn.logsumexp(terms, axis=1)) - len(points) * jax.nn.logsumexp(shares)
    return likely - 0.5 * jnp.sum(triangles**2)


def adjustment(cameras: Any, points: Any, weights: Any, seen: Any, who: Any) -> Any:
    def projected(camera: Any, point: Any) -> Any:
        turn, centre = camera[:3], camera[3:6]
        angle = jnp.sqrt(turn @ turn)
        axis, v = turn / angle, point - centre
        cosine = jnp.cos(angle)
        v = v * cosine + jnp.cross(axis, v) * jnp.sin(angle) + axis * (axis @ v) * (1 - cosine)
        flat = v[:2] / v[2]
        square = flat @ flat
        return camera[6] * (1 + square * (camera[9] + square * camera[10])) * flat + camera[7:9]

    found = jax.vmap(projected)(cameras[who[:, 0]], points[who[:, 1]])
    errors = weights[:, None] * (found - seen)
    return jnp.sum(errors**2) + jnp.sum((1 - weights**2) ** 2)


def hand(pose: Any, offsets: Any, rest: Any, weights: Any, seen: Any) -> Any:
    frame, origin = rotation(pose[0]), pose[-1]
    skin = jnp.zeros_like(seen)
    for angles, offset, points, weight in zip(pose[1:-1], offsets, rest, weights.T, strict=True):
        origin = origin + frame @ offset
        frame = frame @ rotation(angles)
        skin = skin + weight[:, None] * (points @ frame.T + origin)
    return jnp.sum((skin - seen) ** 2)


def rotation(angles: Any) -> Any:
    (a, b, c), (d, e, f) = jnp.cos(angles), jnp.sin(angles)
    rows = [
        [b * c, d * e * c - a * f, a * e * c + d * f],
        [b * f, d * e * f + a * c, a * e * f - d * c],
        [-e, d * b, a * b],
    ]
    return jnp.array(rows)


def memory(layers: Any, inputs: Any, wanted: Any) -> Any:
    def cell(W: Any, b: Any, x: Any, h: Any, c: Any) -> Any:
        let, forget, show, change = jnp.split(W @ jnp.concatenate([x, h]) + b, 4)
        c = jax.nn.sigmoid(forget) * c + jax.nn.sigmoid(let) * jnp.tanh(change)
        return jax.nn.sigmoid(show) * jnp.tanh(c), c

    def step(states: Any, both: Any) -> Any:
        x, y = both
        new = []
        for (W, b), state in zip(layers, states, strict=True):
            new.append(cell(W, b, x, *state))
            x = new[-1][0]
        return new, jnp.sum((x - y) ** 2)

    zeros = jnp.zeros(wanted.shape[1])
    _, errors = jax.lax.scan(step, [(zeros, zeros) for _ in layers], (inputs, wanted))
    return jnp.sum(errors)


def pursuit(rates: Any, start: Any, end: Any) -> Any:
    a, b, c, d = rates
    h = 0.05

    def slopes(z: Any) -> Any:
        x, y = z
        return jnp.stack([a * x - b * x * y, c * x * y - d * y])

    def step(z: Any, _: Any) -> Any:
        k1 = slopes(z)
        k2 = slopes(z + h / 2 * k1)
        k3 = slopes(z + h / 2 * k2)
        k4 = slopes(z + h * k3)
        return z + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4), None

    z, _ = jax.lax.scan(step, start, length=100)
    return jnp.sum((z - end) ** 2)


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log_of_sum": log_of_sum,
    "least_squares": least_squares,
    "determinant": determinant,
    "clusters": clusters,
    "mixture": mixture,
    "adjustment": adjustment,
    "hand": hand,
    "memory": memory,
    "pursuit": pursuit,
    "product": jnp.prod,
}


def gradient(name: str, case: Case) -> Callable[[], Any]:
    """Give a function that computes the value and the gradient."""
    function = FUNCTIONS[name]
    if case.fixed:
        function = partial(function, who=np.array(case.fixed))
    compiled = jax.jit(jax.value_and_grad(function, tuple(range(case.by))))
    arguments = jax.tree.map(jnp.array, case.arguments)
    return lambda: ready(compiled, *arguments)
