"""Functions with matrices in them, recorded and rolled up, for tests of programs."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import reduce
from itertools import pairwise
from typing import Any
from weakref import WeakKeyDictionary

from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import (
    compile,
    exp,
    gradients,
    nn,
    relu,
    sigmoid,
    softmax,
    square,
    tanh,
    value_and_grad,
)
from tinygrad_nn.compiler.function import Compiled
from tinygrad_nn.compiler.program.program import Role
from tinygrad_nn.compiler.readable import Program
from tinygrad_nn.compiler.tape.recording import Recording
from tinygrad_nn.functions import dot, logsumexp, mean

Make = Callable[[], Program]


def numbers(rng: random.Random, *shape: int) -> Any:
    if not shape:
        return rng.uniform(-1.0, 1.0)
    return [numbers(rng, *shape[1:]) for _ in range(shape[0])]


RECORDINGS: WeakKeyDictionary[Program, Recording] = WeakKeyDictionary()


def program_of(f: Callable[..., Any], *args: Any, **options: Any) -> Program:
    """Compile a function for arguments."""
    compiled = compile(f, **options)
    compiled(*args)
    return latest(compiled)


def latest(compiled: Compiled) -> Program:
    """Give the program of the latest call, and remember what it was made from."""
    plan = compiled._latest
    assert plan is not None
    RECORDINGS[plan.program] = plan.trace.recording
    return plan.program


def weights(rng: random.Random, sizes: Sequence[int]) -> Any:
    return [
        (numbers(rng, outputs, inputs), numbers(rng, outputs))
        for inputs, outputs in pairwise(sizes)
    ]


def network(p: Any, x: Any, activation: Any = relu) -> Any:
    for place, (W, b) in enumerate(p):
        x = [dot(w, x) + c for w, c in zip(W, b, strict=True)]
        if place < len(p) - 1:
            x = [activation(z) for z in x]
    return x


def hinge_cost(p: Any, X: Any, y: Any) -> Any:
    return mean([relu(1 - t * network(p, x)[0]) for x, t in zip(X, y, strict=True)])


def cross_entropy(p: Any, x: Any, t: Any) -> Any:
    z = network(p, x)
    return logsumexp(z) - dot(t, z)


def attend(Q: Any, K: Any, V: Any, causal: bool = False) -> Any:
    results = []
    for i, q in enumerate(Q):
        seen = i + 1 if causal else len(K)
        s = softmax([dot(q, k) / len(q) ** 0.5 for k in K[:seen]])
        results.append([dot(s, [v[c] for v in V[:seen]]) for c in range(len(V[0]))])
    return results


def attention_cost(Q: Any, K: Any, V: Any, causal: bool = False) -> Any:
    return sum(v * v for row in attend(Q, K, V, causal) for v in row)


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def convolution(W: Any, image: Any) -> Any:
    rows, columns = len(image) - len(W) + 1, len(image[0]) - len(W[0]) + 1
    return [
        [
            sum(w * image[r + k][c + m] for k, row in enumerate(W) for m, w in enumerate(row))
            for c in range(columns)
        ]
        for r in range(rows)
    ]


def moons() -> Program:
    rng = random.Random(0)
    data = numbers(rng, 20, 2), [rng.choice([-1.0, 1.0]) for _ in range(20)]
    return program_of(value_and_grad(hinge_cost), weights(rng, [2, 16, 16, 1]), *data)


def moons_by_sample() -> Program:
    rng = random.Random(0)
    return program_of(
        value_and_grad(lambda p, x, y: relu(1 - y * network(p, x)[0])),
        weights(rng, [2, 16, 16, 1]),
        numbers(rng, 7, 2),
        numbers(rng, 7),
        batch=("x", "y"),
        reduce="mean",
    )


def digits() -> Program:
    rng = random.Random(0)
    return program_of(
        value_and_grad(cross_entropy),
        weights(rng, [12, 8, 5]),
        numbers(rng, 6, 12),
        numbers(rng, 6, 5),
        batch=("x", "t"),
        reduce="mean",
    )


def attention() -> Program:
    return program_of(value_and_grad(attention_cost), *[numbers(random.Random(0), 6, 4)] * 3)


def causal_attention() -> Program:
    def cost(Q: Any, K: Any, V: Any) -> Any:
        return attention_cost(Q, K, V, True)

    return program_of(value_and_grad(cost), *[numbers(random.Random(0), 6, 4)] * 3)


def valley() -> Program:
    return program_of(value_and_grad(rosenbrock), numbers(random.Random(0), 30))


def filtered() -> Program:
    rng = random.Random(0)
    return program_of(convolution, numbers(rng, 3, 3), numbers(rng, 8, 9))


def filtered_gradient() -> Program:
    def cost(W: Any, image: Any) -> Any:
        return sum(tanh(v) ** 2 for row in convolution(W, image) for v in row)

    rng = random.Random(0)
    return program_of(value_and_grad(cost), numbers(rng, 3, 3), numbers(rng, 8, 9))


def model() -> Program:
    mlp = nn.MLP(2, [4, 1], activation="tanh", seed=0)

    def cost(x: Any, y: Any) -> Any:
        loss = (mlp(x) - y) ** 2
        return loss, gradients(loss, mlp.parameters())

    return program_of(cost, [[1.0, 2.0], [3.0, 4.0]], [1.0, 2.0], batch=("x", "y"), reduce="mean")


def mixed() -> Program:
    """Results that are inputs, numbers, and parts of what else is computed."""

    def f(x: Any, A: Any) -> Any:
        z = [exp(dot(row, x)) for row in A]
        return {"z": z[1:], "x": x[2], "one": 1.0, "last": z[0] + sum(z), "diagonal": A[1][1]}

    rng = random.Random(0)
    return program_of(f, numbers(rng, 4), numbers(rng, 5, 4))


PROGRAMS: list[Make] = [
    moons,
    moons_by_sample,
    digits,
    attention,
    causal_attention,
    valley,
    filtered,
    filtered_gradient,
    model,
    mixed,
]


# ---- random functions of vectors and matrices --------------------------------------------------

ROWS = {"tanh": tanh, "relu": relu, "sigmoid": sigmoid, "square": square}
CUTS = [(None, None, None), (None, None, -1), (0, 3, 1), (1, None, 1), (0, None, 2)]


@dataclass(frozen=True)
class Step:
    """One more vector, made of the last few; `v` and `w` count them from the end."""

    kind: str
    v: int
    w: int
    cut: tuple[int | None, ...]
    row: str
    order: tuple[int, ...]
    factors: tuple[float, ...]

    def __call__(self, vectors: list[Any]) -> Any:
        x, y = vectors[self.v], vectors[self.w]
        some = x[slice(*self.cut)]
        n = len(x)
        made = {
            "map": lambda: [ROWS[self.row](a) for a in some],
            "multiply": lambda: [a * b for a, b in zip(some, y, strict=False)],
            "subtract": lambda: [a - b for a, b in zip(some, y, strict=False)],
            "outer": lambda: [a * b for a in x[:4] for b in y[:4]],
            "prefix": lambda: [sum(x[: i + 1]) for i in range(n)],
            "centre": lambda: [sum(x) + a for a in x],
            "window": lambda: [dot(y[:2], x[i : i + 2]) for i in range(min(5, n - 1))],
            "largest": lambda: [reduce(tg.max, x[i:]) for i in range(n)],
            "scale": lambda: [c * a for c, a in zip(self.factors * n, x, strict=False)],
            "pick": lambda: [x[i % n] for i in self.order],
            "matrix": lambda: [dot(y[i : i + 3], x[:3]) for i in range(0, len(y) - 2, 3)],
        }[self.kind]
        if self.kind in ("window", "matrix") and min(n, len(y)) < 3:
            return some or x
        return made() or x


KINDS = ["map", "multiply", "subtract", "outer", "prefix", "centre", "window", "largest", "scale"]
KINDS += ["pick", "matrix"]

steps = st.builds(
    Step,
    st.sampled_from(KINDS),
    st.integers(-3, -1),
    st.integers(-3, -1),
    st.sampled_from(CUTS),
    st.sampled_from(sorted(ROWS)),
    st.lists(st.integers(0, 40), min_size=1, max_size=9).map(tuple),
    st.lists(st.sampled_from([1.0, -1.0, 0.0, 0.5]), min_size=1, max_size=5).map(tuple),
)


@dataclass(frozen=True)
class Chain:
    """A function of a matrix of shape (5, 3), a vector of 4 and one of 6: steps in a row."""

    steps: tuple[Step, ...]
    kept: int

    def __call__(self, A: Any, x: Any, y: Any) -> Any:
        vectors = [[v for row in A for v in row], x, y]
        for step in self.steps:
            vectors.append(step(vectors))
        return vectors[-self.kept :]

    def total(self, A: Any, x: Any, y: Any) -> Any:
        return sum(v for vector in self(A, x, y) for v in vector)

    def program(self, by_sample: bool, differentiated: bool) -> Program:
        rng = random.Random(2)
        A, x, y = numbers(rng, 5, 3), numbers(rng, 4), numbers(rng, 6)
        function = value_and_grad(self.total) if differentiated else self.__call__
        if by_sample:
            return program_of(function, A, [x, x], [y, y], batch=("x", "y"), reduce="sum")
        return program_of(function, A, x, y)


chains = st.builds(Chain, st.lists(steps, min_size=1, max_size=7).map(tuple), st.integers(1, 3))


def inputs_of(program: Program, samples: int = 3) -> list[list[list[float]]]:
    """Random numbers for every input of a program, sample by sample."""
    rng = random.Random(1)
    inputs = [a for a in program.arrays if a.role not in (Role.CONSTANT, Role.INNER)]
    count = samples if any(array.per_sample for array in inputs) else 1
    rows = [count if array.per_sample else 1 for array in inputs]
    arrays = [numbers(rng, n, a.size) for n, a in zip(rows, inputs, strict=True)]
    arrays[-1] = [[float(count), 1.0 / count]]
    return arrays
