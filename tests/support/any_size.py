"""Functions of lists in plain loops: some the same program at all lengths, some not."""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest

from tinygrad_nn import exp, log, lookup, sqrt, tanh
from tinygrad_nn.compiler.sizes import functions, recordings

Case = tuple[Callable[..., Any], tuple[Any, ...]]


@contextmanager
def inferred_from(numbers: int = 0) -> Iterator[None]:
    """Infer the program of every function of so many numbers, however quick it is to record."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(functions, "MANY_NUMBERS", numbers)
        patch.setattr(functions, "VERY_MANY", 0)
        patch.setattr(recordings, "SMALL", 0)
        patch.setattr(recordings, "LEAST", 10**9)
        yield


def vector(size: int) -> list[float]:
    """Draw numbers, the same each time."""
    rng = random.Random(size)
    return [rng.gauss(0.0, 0.3) for _ in range(size)]


def matrix(rows: int, columns: int) -> list[list[float]]:
    """Draw a matrix."""
    rng = random.Random(rows * 1000 + columns)
    return [[rng.gauss(0.0, 0.3) for _ in range(columns)] for _ in range(rows)]


def dot(u: Any, v: Any) -> Any:
    """Multiply vectors."""
    return sum(a * b for a, b in zip(u, v, strict=False))


def logistic(w: Any, b: Any, x: Any, y: Any) -> Any:
    """Compute the loss of a logistic regression."""
    z = dot(w, x) + b
    return log(1 + exp(z)) - y * z


def network(layers: Any, x: Any, y: Any) -> Any:
    """Compute the squared error of a network."""
    for W, b in layers:
        x = [tanh(dot(w, x) + c) for w, c in zip(W, b, strict=True)]
    return sum((a - t) ** 2 for a, t in zip(x, y, strict=True))


def mean_square(x: Any) -> Any:
    """Compute the mean of the squares."""
    return sum(v * v for v in x) / len(x)


def rosenbrock(x: Any) -> Any:
    """Compute the valley of Rosenbrock."""
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def weights_of(q: Any, K: Any) -> list[Any]:
    """Compute the weights of attention."""
    found = [exp(dot(q, k) / math.sqrt(len(q))) for k in K]
    whole = sum(found)
    return [one / whole for one in found]


def attention(Q: Any, K: Any, V: Any) -> Any:
    """Sum the squares of what attention gives."""
    rows = [weights_of(q, K) for q in Q]
    return sum(dot(row, v) ** 2 for row in rows for v in zip(*V, strict=True))


def causal(Q: Any, K: Any, V: Any) -> Any:
    """Do the same where each looks at those before it."""
    total = 0.0
    for i, q in enumerate(Q):
        row = weights_of(q, K[: i + 1])
        total += sum(dot(row, v) ** 2 for v in zip(*V[: i + 1], strict=True))
    return total


def recurrent(W: Any, U: Any, X: Any) -> Any:
    """Compute a network that steps through time."""
    h = [0.0] * len(W)
    for x in X:
        h = [tanh(dot(w, h) + dot(u, x)) for w, u in zip(W, U, strict=True)]
    return sum(v * v for v in h)


def heat(u: Any) -> Any:
    """Let heat flow for some steps."""
    for _ in range(6):
        inner = [a + 0.1 * (b - 2 * a + c) for b, a, c in zip(u, u[1:], u[2:], strict=False)]
        u = [u[0], *inner, u[-1]]
    return sum(v * v for v in u)


def convolution(image: Any, kernel: Any) -> Any:
    """Move a kernel over an image."""
    rows, columns = len(image) - len(kernel) + 1, len(image[0]) - len(kernel[0]) + 1
    return sum(
        tanh(sum(dot(k, image[r + i][c:]) for i, k in enumerate(kernel))) ** 2
        for r in range(rows)
        for c in range(columns)
    )


def layer_norm(x: Any, g: Any, b: Any) -> Any:
    """Normalise, scale and shift."""
    n = len(x)
    mean = sum(x) / n
    variance = sum((a - mean) ** 2 for a in x) / n
    rows = zip(x, g, b, strict=True)
    return sum(((a - mean) / sqrt(variance + 1e-5) * c + d) ** 2 for a, c, d in rows)


def product(A: Any, B: Any) -> Any:
    """Sum the squares of a product of matrices."""
    return sum(dot(row, column) ** 2 for row in A for column in zip(*B, strict=True))


def embedding(E: Any, W: Any, i: Any) -> Any:
    """Look up a row, and multiply it."""
    row = lookup(E, i)
    return sum(tanh(dot(w, row)) ** 2 for w in W)


def numbered(x: Any) -> Any:
    """Weigh each number by its place."""
    return sum((i + 1) * v * v for i, v in enumerate(x))


def variance(x: Any) -> Any:
    """Compute the variance of a sample."""
    mean = sum(x) / len(x)
    return sum((a - mean) ** 2 for a in x) / (len(x) - 1)


def chain(x: Any) -> Any:
    """Multiply one after the other."""
    total = 1.0
    for v in x:
        total = total * (1 + v)
    return total


def moving(x: Any) -> Any:
    """Sum the squares of moving averages."""
    return sum(((a + b + c) / 3) ** 2 for a, b, c in zip(x, x[1:], x[2:], strict=False))


def strided(x: Any) -> Any:
    """Multiply neighbours."""
    return dot(x[::2], x[1::2])


def halves(x: Any) -> Any:
    """Multiply halves."""
    half = len(x) // 2
    return dot(x[:half], x[half : 2 * half]) ** 2


def backwards(x: Any, y: Any) -> Any:
    """Multiply with another in reverse."""
    return sum(tanh(a * b) for a, b in zip(x, reversed(y), strict=True))


def pairs(x: Any) -> Any:
    """Weigh how much all pairs of numbers differ by how far apart they are."""
    n = len(x)
    return sum((j - i) * tanh(x[i] - x[j]) for i in range(n) for j in range(i + 1, n))


def surface(u: Any) -> Any:
    """Compute the area of a surface over a square grid."""
    return sum(
        sqrt(1 + (below[j] - u[i][j]) ** 2 + (u[i][j + 1] - u[i][j]) ** 2)
        for i, below in enumerate(u[1:])
        for j in range(len(below) - 1)
    )


def plate(u: Any) -> Any:
    """Compute how much a square plate bends."""
    n = len(u)
    return sum(
        (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - 4 * u[i][j]) ** 2
        for i in range(1, n - 1)
        for j in range(1, n - 1)
    )


def bodies(P: Any) -> Any:
    """Compute the energy of all pairs of points."""
    return sum(
        1 / sqrt(0.1 + sum((a - b) ** 2 for a, b in zip(P[i], P[j], strict=True)))
        for i in range(len(P))
        for j in range(i)
    )


SAME: dict[str, Case] = {
    "logistic": (logistic, (vector(40), 0.1, vector(40), 1.0)),
    "network": (
        network,
        (
            [(matrix(12, 30), vector(12)), (matrix(20, 12), vector(20))],
            vector(30),
            vector(20),
        ),
    ),
    "mean_square": (mean_square, (vector(40),)),
    "rosenbrock": (rosenbrock, (vector(40),)),
    "attention": (attention, (matrix(12, 20), matrix(12, 20), matrix(12, 20))),
    "attention of others": (attention, (matrix(12, 25), matrix(17, 25), matrix(17, 25))),
    "causal": (causal, (matrix(17, 26), matrix(17, 26), matrix(17, 26))),
    "recurrent": (recurrent, (matrix(12, 12), matrix(12, 17), matrix(5, 17))),
    "recurrent, any steps": (recurrent, (matrix(12, 12), matrix(12, 17), matrix(25, 17))),
    "heat": (heat, (vector(40),)),
    "square convolution": (convolution, (matrix(20, 20), matrix(3, 3))),
    "convolution": (convolution, (matrix(17, 26), matrix(4, 3))),
    "layer_norm": (layer_norm, (vector(40), vector(40), vector(40))),
    "product": (product, (matrix(12, 17), matrix(17, 25))),
    "embedding": (embedding, (matrix(12, 17), matrix(25, 17), 3)),
    "numbered": (numbered, (vector(40),)),
    "variance": (variance, (vector(40),)),
    "chain": (chain, (vector(40),)),
    "moving": (moving, (vector(40),)),
    "strided": (strided, (vector(40),)),
    "strided, odd": (strided, (vector(41),)),
    "halves": (halves, (vector(40),)),
    "backwards": (backwards, (vector(40), vector(40))),
    "pairs": (pairs, (vector(26),)),
    "surface": (surface, (matrix(14, 14),)),
    "plate": (plate, (matrix(18, 18),)),
    "bodies": (bodies, (matrix(40, 3),)),
}
"""The same program at all lengths."""


def threshold(x: Any) -> Any:
    """Compute something else when there are many."""
    return sum(v * v for v in x) if len(x) < 30 else sum(v * v * v for v in x)


def tree(x: Any) -> Any:
    """Sum in pairs."""
    while len(x) > 1:
        rest = x[-1:] if len(x) % 2 else []
        x = [*[tanh(a + b) for a, b in zip(x[::2], x[1::2], strict=False)], *rest]
    return x[0]


def first_32(x: Any) -> Any:
    """Take no more than some."""
    return sum(v * v for v in x[:32])


def seventh(x: Any) -> Any:
    """Weigh by what is left of the place."""
    return sum((i % 7) * v * v for i, v in enumerate(x))


def primes(x: Any) -> Any:
    """Take those at primes."""
    return sum(v * v for i, v in enumerate(x) if i > 1 and all(i % k for k in range(2, i)))


def blocks(x: Any) -> Any:
    """Take blocks as long as the root of the length."""
    k = math.isqrt(len(x))
    return sum(dot(x[i : i + k], x[i : i + k]) ** 2 for i in range(0, k * k, k))


def rows_of_six(x: Any) -> Any:
    """Have a length written in it."""
    return sum(tanh(sum(x[6 * i + j] for j in range(6))) for i in range(6))


def falling(x: Any) -> Any:
    """Divide by the place."""
    return sum(v * v / (1 + i) for i, v in enumerate(x))


def last_ten(x: Any) -> Any:
    """Take the last few, at the size of recordings all."""
    return sum(v * v for v in x[-16:])


def kink(x: Any) -> Any:
    """Weigh those beyond a place."""
    return sum(v * v * (2 if i > 25 else 1) for i, v in enumerate(x))


def hidden(x: Any) -> Any:
    """Read a place of its own where no number comes by."""
    from tinygrad_nn import where

    return sum(v * v for v in x) + where(x[0] > 1e6, x[min(25, len(x) - 1)] ** 2, 0.0)


def fourier(x: Any) -> Any:
    """Transform, and weigh the frequencies."""
    return sum((i + 1) * (a * a + b * b) for i, (a, b) in enumerate(_fourier(x)))


def _fourier(x: Any) -> list[Any]:
    n = len(x)
    if n % 2:
        return [(v, 0.0) for v in x]
    even, odd = _fourier(x[::2]), _fourier(x[1::2])
    turns = [(math.cos(2 * math.pi * k / n), -math.sin(2 * math.pi * k / n)) for k in range(n // 2)]
    moved = [(c * a - s * b, c * b + s * a) for (c, s), (a, b) in zip(turns, odd, strict=True)]
    pairs = list(zip(even, moved, strict=True))
    return [
        *[(a + c, b + d) for (a, b), (c, d) in pairs],
        *[(a - c, b - d) for (a, b), (c, d) in pairs],
    ]


def of_pairs(weight: Callable[[int, int, int], Any]) -> Callable[..., Any]:
    """Weigh what pairs i < j of n numbers differ by; a weight of None leaves a pair out."""

    def total(x: Any) -> Any:
        n = len(x)
        weights = [(i, j, weight(i, j, n)) for i in range(n) for j in range(i + 1, n)]
        return sum(w * tanh(x[i] - x[j]) for i, j, w in weights if w is not None)

    return total


def of_places(weight: Callable[[int, int, int], Any]) -> Callable[..., Any]:
    """Weigh how much an n x n grid bends at its inner places."""

    def total(u: Any) -> Any:
        n = len(u)
        inside = range(1, n - 1)
        weights = [(i, j, weight(i, j, n)) for i in inside for j in inside]
        return sum(
            w * (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - 4 * u[i][j]) ** 2
            for i, j, w in weights
            if w is not None
        )

    return total


def hidden_pair(x: Any) -> Any:
    """Read another place for each pair where no number comes by."""
    from tinygrad_nn import where

    n = len(x)
    return sum(
        where(x[i] > 1e6, x[i * j % n], x[i] * x[j]) for i in range(n) for j in range(i + 1, n)
    )


def hidden_window(image: Any) -> Any:
    """Read a place of its own, in a convolution, where no number comes by."""
    from tinygrad_nn import where

    n = len(image)
    far = image[min(23, n - 1)][min(25, n - 1)]
    whole = convolution(image, [[0.1, 0.2, 0.3], [0.4, 0.5, 0.6], [0.7, 0.8, 0.9]])
    return whole + where(image[0][0] > 1e6, far**2, 0.0)


_WEIGHTS: dict[str, Callable[[int, int, int], Any]] = {
    "(i + j) % 7": lambda i, j, n: 1 + (i + j) % 7,
    "i * j % 3": lambda i, j, n: 1 + i * j % 3,
    "n > 25": lambda i, j, n: 2 if n > 25 else 1,
    "i > 24": lambda i, j, n: 3 if i > 24 else 1,
    "j - i > 22": lambda i, j, n: 2 if j - i > 22 else 1,
    "gcd": lambda i, j, n: math.gcd(i + 1, j + 1),
    "least": lambda i, j, n: min(i, 23),
    "but for one": lambda i, j, n: None if (i, j) == (23, 24) else 1,
    "narrow": lambda i, j, n: 1 if j - i < 24 else None,
    "odd": lambda i, j, n: 1 if (i ^ j) & 1 else None,
    "above": lambda i, j, n: 1 if i + j < n else None,
    "third": lambda i, j, n: None if i * j % 3 == 1 else 1,
}
SLY_OF_TWO: dict[str, Case] = {
    "hidden_pair": (hidden_pair, (vector(29),)),
    "hidden_window": (hidden_window, (matrix(28, 28),)),
    **{f"pairs, {name}": (of_pairs(one), (vector(29),)) for name, one in _WEIGHTS.items()},
    **{f"grid, {name}": (of_places(one), (matrix(28, 28),)) for name, one in _WEIGHTS.items()},
}
"""The same for pairs i < j, and places of grids: recordings are larger."""

SLY: dict[str, Case] = {
    "threshold": (threshold, (vector(40),)),
    "tree": (tree, (vector(40),)),
    "first_32": (first_32, (vector(40),)),
    "seventh": (seventh, (vector(40),)),
    "primes": (primes, (vector(40),)),
    "blocks": (blocks, (vector(40),)),
    "rows_of_six": (rows_of_six, (vector(40),)),
    "falling": (falling, (vector(40),)),
    "last_ten": (last_ten, (vector(40),)),
    "kink": (kink, (vector(40),)),
    "hidden": (hidden, (vector(40),)),
    "fourier": (fourier, (vector(40),)),
}
"""Not the same program at all lengths, though recordings at small ones may look alike."""
