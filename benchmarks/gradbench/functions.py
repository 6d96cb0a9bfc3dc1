"""Ten functions of single numbers, written by plain loops."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeAlias

import tinygrad_nn
from tinygrad_nn import cos, dot, exp, log, logsumexp, sigmoid, sin, sqrt, stop_gradient, tanh

Number: TypeAlias = Any  # a float, a Value, or a symbol
Vector: TypeAlias = Any  # a list or an array of them
Matrix: TypeAlias = Any


def log_of_sum(x: Vector) -> Number:
    """The logarithm of a sum of exponentials, shifted by the greatest of them."""
    top = stop_gradient(tinygrad_nn.max(x))
    return top + log(sum(exp(a - top) for a in x))


def least_squares(x: Vector, A: Matrix, b: Vector) -> Number:
    """The sum of the squared residuals of linear equations."""
    return sum((dot(a, x) - c) ** 2 for a, c in zip(A, b, strict=True))


def determinant(A: Matrix) -> Number:
    """Gaussian elimination without exchanges, and the product of the pivots."""
    rows = [list(row) for row in A]
    result = 1.0
    while rows:
        first, *others = rows
        pivot, *rest = first
        result = result * pivot
        rows = []
        for row in others:
            factor = row[0] / pivot
            rows.append([a - factor * b for a, b in zip(row[1:], rest, strict=True)])
    return result


def product(x: Vector) -> Number:
    """All numbers multiplied, one after the other."""
    result = 1.0
    for a in x:
        result = result * a
    return result


def clusters(centres: Matrix, points: Matrix) -> Number:
    """The sum of the squared distances of points from the nearest centre of each."""
    return sum(tinygrad_nn.min([squared(p, c) for c in centres]) for p in points)


def squared(a: Vector, b: Vector) -> Number:
    return sum((x - y) ** 2 for x, y in zip(a, b, strict=True))


# ---- a mixture of Gaussians ----------------------------------------------------------------------


def mixture(
    shares: Vector, means: Matrix, scales: Matrix, shears: Matrix, points: Matrix
) -> Number:
    """How likely points are: its logarithm, but for a constant, and less a penalty.

    The inverse of each covariance is the square of a triangular matrix, whose diagonal is the
    exponential of the scales, and which has the shears below.
    """
    triangles = [triangle(*both) for both in zip(scales, shears, strict=True)]
    heights = [share + sum(scale) for share, scale in zip(shares, scales, strict=True)]
    total = -len(points) * logsumexp(shares)
    for x in points:
        terms = []
        for height, mean, rows in zip(heights, means, triangles, strict=True):
            away = [a - b for a, b in zip(x, mean, strict=True)]
            lengths = [dot(row, away[: len(row)]) for row in rows]
            terms.append(height - 0.5 * dot(lengths, lengths))
        total = total + logsumexp(terms)
    return total - 0.5 * sum(dot(row, row) for rows in triangles for row in rows)


def triangle(scales: Vector, shears: Vector) -> Matrix:
    """The rows of a triangular matrix, up to the diagonal."""
    below = iter(shears)
    return [[*(next(below) for _ in range(i)), exp(scale)] for i, scale in enumerate(scales)]


# ---- bundle adjustment ---------------------------------------------------------------------------


def adjustment(
    cameras: Matrix, points: Matrix, weights: Vector, seen: Matrix, who: Sequence[tuple[int, int]]
) -> Number:
    """How far points are from where cameras have seen them, in squares; `who` has seen which."""
    total = 0.0
    for weight, place, (camera, point) in zip(weights, seen, who, strict=True):
        found = projected(cameras[camera], points[point])
        total = total + weight * weight * squared(found, place) + (1 - weight * weight) ** 2
    return total


def projected(camera: Vector, point: Vector) -> Vector:
    """Where a camera sees a point: turned, seen from its centre, distorted."""
    turn, centre, (focal, u, v, first, second) = camera[:3], camera[3:6], camera[6:]
    x, y, z = turned(turn, [a - b for a, b in zip(point, centre, strict=True)])
    x, y = x / z, y / z
    square = x * x + y * y
    scale = focal * (1 + square * (first + square * second))
    return [scale * x + u, scale * y + v]


def turned(turn: Vector, v: Vector) -> Vector:
    """Turn around an axis, by its length."""
    angle = sqrt(dot(turn, turn))
    axis = [a / angle for a in turn]
    cosine, sine = cos(angle), sin(angle)
    along = dot(axis, v) * (1 - cosine)
    return [
        a * cosine + b * sine + c * along for a, b, c in zip(v, cross(axis, v), axis, strict=True)
    ]


def cross(a: Vector, b: Vector) -> Vector:
    return [a[i - 2] * b[i - 1] - a[i - 1] * b[i - 2] for i in range(3)]


# ---- a hand --------------------------------------------------------------------------------------


def hand(
    pose: Matrix, offsets: Matrix, rest: Sequence[Matrix], weights: Matrix, seen: Matrix
) -> Number:
    """How far the skin of a hand is from where it was seen, in squares.

    A row of the pose has three angles: of the hand, then of each bone, which begins at an offset
    in the frame of the bone before; the last row is where the hand is. `rest` has each point of
    the skin in the frame of each bone, `weights` how much it follows it.
    """
    palm, *angles, place = pose
    frame, origin = rotation(palm), place
    skin = [[0.0] * 3 for _ in seen]
    for n, (bone, offset) in enumerate(zip(angles, offsets, strict=True)):
        origin = [o + dot(row, offset) for o, row in zip(origin, frame, strict=True)]
        frame = multiplied(frame, rotation(bone))
        for i, point in enumerate(rest[n]):
            moved = [o + dot(row, point) for o, row in zip(origin, frame, strict=True)]
            skin[i] = [s + weights[i][n] * m for s, m in zip(skin[i], moved, strict=True)]
    return sum(squared(a, b) for a, b in zip(skin, seen, strict=True))


def rotation(angles: Vector) -> Matrix:
    """Turn around x, then y, then z."""
    a, b, c = map(cos, angles)
    d, e, f = map(sin, angles)
    return [
        [b * c, d * e * c - a * f, a * e * c + d * f],
        [b * f, d * e * f + a * c, a * e * f - d * c],
        [-e, d * b, a * b],
    ]


def multiplied(A: Matrix, B: Matrix) -> Matrix:
    return [[dot(row, column) for column in zip(*B, strict=True)] for row in A]


# ---- a recurrent network -------------------------------------------------------------------------


def memory(layers: Sequence[tuple[Matrix, Vector]], inputs: Matrix, wanted: Matrix) -> Number:
    """The squared error of an LSTM, whose layers begin with zeros."""
    width = len(wanted[0])
    states = [([0.0] * width, [0.0] * width) for _ in layers]
    total = 0.0
    for x, y in zip(inputs, wanted, strict=True):
        for n, (W, b) in enumerate(layers):
            states[n] = cell(W, b, x, *states[n])
            x = states[n][0]
        total = total + squared(x, y)
    return total


def cell(W: Matrix, b: Vector, x: Vector, h: Vector, c: Vector) -> tuple[Vector, Vector]:
    """What a layer gives and keeps: a row of W for each of four gates and each place."""
    z = [dot(w, [*x, *h]) + e for w, e in zip(W, b, strict=True)]
    new, kept = [], []
    for n, old in enumerate(c):
        let, forget, show, change = z[n :: len(c)]
        kept.append(sigmoid(forget) * old + sigmoid(let) * tanh(change))
        new.append(sigmoid(show) * tanh(kept[-1]))
    return new, kept


# ---- differential equations ----------------------------------------------------------------------


def pursuit(rates: Vector, start: Vector, end: Vector) -> Number:
    """How far hunters and hunted are from an end, in squares, after 100 steps of Runge and Kutta."""
    a, b, c, d = rates
    x, y = start
    step = 0.05

    def slopes(x: Number, y: Number) -> tuple[Number, Number]:
        return a * x - b * x * y, c * x * y - d * y

    for _ in range(100):
        k1, l1 = slopes(x, y)
        k2, l2 = slopes(x + step / 2 * k1, y + step / 2 * l1)
        k3, l3 = slopes(x + step / 2 * k2, y + step / 2 * l2)
        k4, l4 = slopes(x + step * k3, y + step * l3)
        x = x + step / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        y = y + step / 6 * (l1 + 2 * l2 + 2 * l3 + l4)
    return squared([x, y], end)
