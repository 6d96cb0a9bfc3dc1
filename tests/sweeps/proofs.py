"""A sweep of proofs: programs with one number changed, none of which may be taken for right.

Run it in the root of the repository::

    python -m tests.sweeps.proofs --count 2400 --seed 1

One integer of a program (a place, a stride, a size, an array, an entry of a table) or one plain
number (a coefficient, an operand, a constant, a result) is changed, and the program is proved
against its function. What is accepted is run by the interpreter at random numbers, beside the
program as it was: it must give the same.
"""

from __future__ import annotations

import math
import random
import sys
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields, is_dataclass, replace
from itertools import pairwise
from typing import Any

import numpy as np

import tinygrad_nn as tg
from tests.sweeps.options import asked
from tinygrad_nn import exp, grad, hvp, jacobian, lookup, relu, sqrt, tanh, value_and_grad, where
from tinygrad_nn.compiler.program.interpreter import interpret, results_of
from tinygrad_nn.compiler.program.program import Program, Role, indices_of
from tinygrad_nn.compiler.proof.claim import Claim
from tinygrad_nn.compiler.proof.prove import prove
from tinygrad_nn.errors import ProofError
from tinygrad_nn.scalar.ops import maximum

CHANGES = (-1, 1, 2)
FACTORS = (-1.0, 0.5, 2.0, 1.25, 0.0)
POINTS = 3  # at which programs are compared
NEAR = 1e-9


# ---- functions -----------------------------------------------------------------------------------


def dot(x: Any, y: Any) -> Any:
    return sum(a * b for a, b in zip(x, y, strict=True))


def softmax(z: Any) -> Any:
    powers = [exp(one) for one in z]
    total = sum(powers)
    return [power / total for power in powers]


def network(W: Any, V: Any, x: Any, y: Any) -> Any:
    h = [tanh(dot(w, x)) for w in W]
    return sum((dot(v, h) - t) ** 2 for v, t in zip(V, y, strict=True))


def relu_network(W: Any, V: Any, x: Any) -> Any:
    h = [relu(dot(w, x)) for w in W]
    return maximum([dot(v, h) for v in V])


def regression(w: Any, b: Any, x: Any, y: Any) -> Any:
    z = dot(w, x) + b
    return tg.softplus(z) - y * z


def attention(Q: Any, K: Any, V: Any) -> Any:
    found = []
    for i, q in enumerate(Q):
        a = softmax([dot(q, k) / math.sqrt(len(q)) for k in K[: i + 1]])
        found += [dot(a, c) for c in zip(*V[: i + 1], strict=True)]
    return sum(one * one for one in found)


def recurrent(W: Any, U: Any, X: Any) -> Any:
    h = [0.1] * len(W)
    for x in X:
        h = [tanh(dot(w, h) + dot(u, x)) for w, u in zip(W, U, strict=True)]
    return sum(h)


def heat(u: Any) -> Any:
    for _ in range(4):
        inner = [u[i] + 0.1 * (u[i - 1] - 2 * u[i] + u[i + 1]) for i in range(1, len(u) - 1)]
        u = [u[0], *inner, u[-1]]
    return sum(one * one for one in u)


def convolution(image: Any, kernel: Any) -> Any:
    rows, columns = len(image) - len(kernel) + 1, len(image[0]) - len(kernel[0]) + 1
    return sum(
        tanh(
            sum(
                one * image[r + i][c + j]
                for i, line in enumerate(kernel)
                for j, one in enumerate(line)
            )
        )
        for r in range(rows)
        for c in range(columns)
    )


def rosenbrock(x: Any) -> Any:
    return sum(100 * (b - a * a) ** 2 + (1 - a) ** 2 for a, b in pairwise(x))


def embedding(table: Any, W: Any, i: Any) -> Any:
    row = lookup(table, i)
    return sum(tanh(dot(w, row)) for w in W)


def masked(x: Any, y: Any) -> Any:
    return sum(
        where(a > b, lambda a=a, b=b, i=i: a * b / (i + 1), b * b)
        for i, (a, b) in enumerate(zip(x, y, strict=True))
    )


def normed(x: Any, g: Any) -> Any:
    mean = sum(x) / len(x)
    variance = sum((a - mean) ** 2 for a in x) / (len(x) - 1)
    return [b * (a - mean) / sqrt(variance + 1e-5) for a, b in zip(x, g, strict=True)]


def points(P: Any) -> Any:
    return sum(
        1 / sqrt(0.1 + sum((a - b) ** 2 for a, b in zip(p, q, strict=True)))
        for i, p in enumerate(P)
        for q in P[:i]
    )


def surface(u: Any) -> Any:
    """Compute the area of a surface over a grid."""
    return sum(
        sqrt(1 + (below[j] - u[i][j]) ** 2 + (u[i][j + 1] - u[i][j]) ** 2)
        for i, below in enumerate(u[1:])
        for j in range(len(below) - 1)
    )


def plate(u: Any) -> Any:
    """Bend a plate."""
    n = len(u)
    return sum(
        (u[i - 1][j] + u[i + 1][j] + u[i][j - 1] + u[i][j + 1] - 4 * u[i][j]) ** 2
        for i in range(1, n - 1)
        for j in range(1, n - 1)
    )


def numbers(rng: random.Random, *shape: int) -> Any:
    if not shape:
        return rng.uniform(0.2, 1.5)
    return [numbers(rng, *shape[1:]) for _ in range(shape[0])]


@dataclass(frozen=True)
class Case:
    function: Callable[..., Any]
    shapes: Sequence[Any]  # of each argument; a number for one that is as it is
    options: Any = None


CASES = (
    Case(value_and_grad(network), ((3, 4), (2, 3), (4,), (2,))),
    Case(value_and_grad(relu_network), ((4, 3), (3, 4), (3,))),
    Case(
        value_and_grad(regression, (0, 1)),
        ((4,), (), (5, 4), (5,)),
        {"batch": ("x", "y"), "reduce": "mean"},
    ),
    Case(value_and_grad(network), ((3, 2), (2, 3), (4, 2), (4, 2)), {"batch": ("x", "y")}),
    Case(value_and_grad(attention), ((4, 3), (4, 3), (4, 2))),
    Case(value_and_grad(recurrent), ((3, 3), (3, 2), (5, 2))),
    Case(grad(heat), ((9,),)),
    Case(value_and_grad(convolution), ((6, 5), (2, 3))),
    Case(rosenbrock, ((8,),)),
    Case(hvp(rosenbrock), ((6,), (6,))),
    Case(value_and_grad(embedding), ((5, 3), (2, 3), 3)),
    Case(value_and_grad(masked), ((5,), (5,))),
    Case(jacobian(normed), ((5,), (5,))),
    Case(value_and_grad(points), ((5, 3),)),
    Case(value_and_grad(surface), ((4, 4),)),
    Case(value_and_grad(plate), ((5, 5),)),
)


def compiled(case: Case, rng: random.Random) -> tuple[Program, Claim]:
    """Compile a function; give its program, and what it is said to compute."""
    made = tg.compile(case.function, prove=True, **(case.options or {}))
    made(*[numbers(rng, *s) if isinstance(s, tuple) else s for s in case.shapes])
    plan = made._latest
    return plan.program, plan.claim


# ---- one number changed --------------------------------------------------------------------------


def changed(program: Program, rng: random.Random) -> Program:
    """Change one number of a program."""
    ways = [_with_integer, _with_integer, _with_number, _with_result]
    if program.tables:
        ways.append(_with_entry)
    return rng.choice(ways)(program, rng)


def _with_integer(program: Program, rng: random.Random) -> Program:
    return replace(program, statements=_with_one_other(program.statements, int, rng))


def _with_result(program: Program, rng: random.Random) -> Program:
    kind = int if rng.random() < 0.8 else float
    return replace(program, results=_with_one_other(program.results, kind, rng))


def _with_entry(program: Program, rng: random.Random) -> Program:
    tables = [table.copy() for table in program.tables]
    table = rng.choice(tables)
    table[rng.randrange(len(table))] += rng.choice(CHANGES)
    return replace(program, tables=tables)


def _with_number(program: Program, rng: random.Random) -> Program:
    if not program.constants or rng.random() < 0.5:
        return replace(program, statements=_with_one_other(program.statements, float, rng))
    constants = {array: numbers.copy() for array, numbers in program.constants.items()}
    numbers = rng.choice(list(constants.values()))
    place = rng.randrange(len(numbers))
    numbers[place] = _other(float(numbers[place]), rng)
    return replace(program, constants=constants)


def _with_one_other(parts: Any, kind: type, rng: random.Random) -> Any:
    """Give what is made of data classes, with another integer or float somewhere in it."""
    found: list[Any] = []
    _rebuilt(parts, kind, lambda x: found.append(x) or x)
    if not found:
        return parts
    place, count = rng.randrange(len(found)), iter(range(len(found)))
    return _rebuilt(parts, kind, lambda x: _other(x, rng) if next(count) == place else x)


def _other(number: Any, rng: random.Random) -> Any:
    if isinstance(number, int):
        return number + rng.choice(CHANGES)
    return number * rng.choice(FACTORS) if number and rng.random() < 0.7 else number + 1.0


def _rebuilt(x: Any, kind: type, change: Callable[[Any], Any]) -> Any:
    if is_dataclass(x):
        parts = {f.name: _rebuilt(getattr(x, f.name), kind, change) for f in fields(x)}
        return replace(x, **parts)  # type: ignore[type-var]
    if isinstance(x, list | tuple):
        return type(x)([_rebuilt(one, kind, change) for one in x])
    return change(x) if type(x) is kind else x


# ---- the truth -----------------------------------------------------------------------------------


def inputs_of(program: Program, rng: random.Random, count: int) -> dict[int, Any]:
    found: dict[int, Any] = {}
    for number, array in enumerate(program.arrays):
        if array.role is Role.BATCH:
            found[number] = [[float(count)], [1.0 / count]][: array.size]
        elif array.role in (Role.INPUT, Role.CAPTURED):
            columns = count if array.per_sample else 1
            found[number] = [
                [rng.uniform(-1.5, 1.5) for _ in range(columns)] for _ in range(array.size)
            ]
    for looked_up in program.lookups:
        where_ = looked_up.places.where
        assert not isinstance(where_, float)
        if where_.array in found:
            for place in np.arange(program.arrays[where_.array].size)[
                indices_of(program, looked_up.places)
            ].tolist():
                found[where_.array][place] = [
                    float(rng.randrange(looked_up.size)) for _ in found[where_.array][place]
                ]
    return found


def computed(program: Program, inputs: dict[int, Any], count: int) -> list[float]:
    columns = results_of(program, interpret(program, inputs, count))
    return [number for own in columns for number in own * (count // len(own))]


def are_same(one: Program, other: Program, rng: random.Random) -> bool:
    """Tell whether two programs give the same numbers at random points."""
    count = 3 if any(array.per_sample for array in one.arrays) else 1
    for _ in range(POINTS):
        inputs = inputs_of(one, rng, count)
        try:
            a, b = (np.array(computed(program, inputs, count)) for program in (one, other))
        except (LookupError, AssertionError, TypeError, ValueError):
            return False
        if a.shape != b.shape or not np.allclose(a, b, NEAR, NEAR, equal_nan=True):
            return False
    return True


def sweep(count: int, seed: int) -> tuple[Counter[str], list[str]]:
    """Try some programs of each function; count what became of them, and describe what is wrong."""
    rng = random.Random(seed)
    found: Counter[str] = Counter()
    wrong: list[str] = []
    made = [compiled(case, rng) for case in CASES]
    for number in range(count):
        program, claim = made[number % len(made)]
        mutant = changed(program, rng)
        try:
            prove(mutant, claim)
        except ProofError:
            found["refused"] += 1
            found["refused, and the same"] += are_same(program, mutant, rng)
            continue
        found["accepted"] += 1
        if not are_same(program, mutant, rng):
            wrong.append(f"{claim.name}:\n{mutant.statements}\n{mutant.results}")
    return found, wrong


def main() -> int:
    options = asked(__doc__, 2400, "programs", seed=1)
    found, wrong = sweep(options.count, options.seed)
    print("\n".join(wrong))
    print(", ".join(f"{number} {what}" for what, number in sorted(found.items())))
    print(f"{len(wrong)} wrong ones accepted")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
