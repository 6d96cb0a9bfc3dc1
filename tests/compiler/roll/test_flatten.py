"""However a formula is spelt, its program is that of the plainest spelling."""

from __future__ import annotations

import operator
from collections.abc import Callable
from functools import reduce
from itertools import accumulate
from typing import Any

import numpy as np
import pytest
from compiled import flat, text_of
from matrices import IMAGE, KERNEL, B, W, X, convolution, pairs

import tinygrad_nn as tg
from tinygrad_nn import compile, dot, exp, mean, relu, softmax, tanh, value_and_grad

Function = Callable[..., Any]


def layer(neuron: Function) -> Function:
    return lambda w, x, b: [tanh(neuron(row, x, c)) for row, c in pairs(w, b)]


def looped(w: Any, x: Any, b: Any) -> Any:
    z = b
    for i in range(len(x)):
        z = z + w[i] * x[i]
    return z


def backwards(w: Any, x: Any, b: Any) -> Any:
    z = 0.0
    for i in reversed(range(len(x))):
        z += x[i] * w[i]
    return b + z


def matrices(w: Any, x: Any, b: Any) -> Any:
    return list(np.array(w) @ np.array(x) + np.array(b))


def centred(x: Any) -> list[Any]:
    return [v - mean(x) for v in x]


def horner(x: Any, c: Any) -> list[Any]:
    def at(v: Any) -> Any:
        total = c[-1]
        for coefficient in c[-2::-1]:
            total = total * v + coefficient
        return total

    return [at(v) for v in x]


def folded_horner(x: Any, c: Any) -> list[Any]:
    return [reduce(lambda total, k: k + v * total, c[::-1]) for v in x]


def shifted_softmax(z: Any, shift: Function) -> list[Any]:
    top = shift(z)
    powers = [exp(v - top) for v in z]
    return [p / sum(powers) for p in powers]


def stencil(u: Any) -> list[Any]:
    return [u[i - 1] - 2 * u[i] + u[i + 1] for i in range(1, len(u) - 1)]


def transposed_convolution(w: Any, image: Any) -> list[list[Any]]:
    """The same sums, in another order of all loops."""
    rows, columns = len(w), len(w[0])
    height, width = len(image) - rows + 1, len(image[0]) - columns + 1
    result: list[list[Any]] = [[0.0] * width for _ in range(height)]
    for m in reversed(range(columns)):
        for k in range(rows):
            for c in range(width):
                for r in range(height):
                    result[r][c] = result[r][c] + image[r + k][c + m] * w[k][m]
    return result


# The first of each is the plainest.
NEURONS: dict[str, Function] = {
    "sum": lambda w, x, b: sum(v * u for v, u in pairs(w, x)) + b,
    "start": lambda w, x, b: sum((v * u for v, u in pairs(w, x)), b),
    "bias first": lambda w, x, b: b + sum(v * u for v, u in pairs(w, x)),
    "factors turned": lambda w, x, b: sum(u * v for v, u in pairs(w, x)) + b,
    "dot": lambda w, x, b: dot(w, x) + b,
    "reduce": lambda w, x, b: reduce(operator.add, [v * u for v, u in pairs(w, x)], b),
    "fsum of map": lambda w, x, b: sum(map(operator.mul, w, x)) + b,
    "loop": looped,
    "backwards": backwards,
    "accumulate": lambda w, x, b: list(accumulate([v * u for v, u in pairs(w, x)]))[-1] + b,
    "minus": lambda w, x, b: b - sum(-v * u for v, u in pairs(w, x)),
    "tree": lambda w, x, b: (w[0] * x[0] + b) + (w[2] * x[2] + w[1] * x[1]),
}
SPELLINGS: dict[str, tuple[tuple[Any, ...], list[Function]]] = {
    "layer": (
        (W, X, B),
        [layer(NEURONS["sum"]), lambda w, x, b: [tanh(z) for z in matrices(w, x, b)]],
    ),
    "neurons in reverse": (
        (W, X, B),
        [
            layer(NEURONS["sum"]),
            lambda w, x, b: layer(NEURONS["dot"])(w[::-1], x, b[::-1])[::-1],
        ],
    ),
    "difference": (
        (X, B[:3]),
        [
            lambda a, b: [tanh(u - v) for u, v in pairs(a, b)],
            lambda a, b: [tanh(u + (-v)) for u, v in pairs(a, b)],
            lambda a, b: [tanh(-v + u) for u, v in pairs(a, b)],
            lambda a, b: [tanh(-(v - u)) for u, v in pairs(a, b)],
            lambda a, b: [tanh(-1 * v + 1.0 * u) for u, v in pairs(a, b)],
        ],
    ),
    "mean of squares": (
        (X, B[:3]),
        [
            lambda a, b: sum((u - v) * (u - v) for u, v in pairs(a, b)) / 3,
            lambda a, b: mean([(u - v) ** 2 for u, v in pairs(a, b)]),
            lambda a, b: mean([tg.square(u - v) for u, v in pairs(a, b)]),
        ],
    ),
    "a third of squares": (
        (X, B[:3]),
        [
            lambda a, b: sum((u - v) ** 2 for u, v in pairs(a, b)) * (1.0 / 3),
            lambda a, b: (1.0 / 3) * sum((u - v) ** 2 for u, v in pairs(a, b)),
            lambda a, b: sum((1 / 3) * (u - v) ** 2 for u, v in pairs(a, b)),
        ],
    ),
    "a quarter of squares": (
        (X, B[:3]),
        [
            lambda a, b: sum((u - v) ** 2 for u, v in pairs(a, b)) / 4,
            lambda a, b: 0.25 * sum((u - v) ** 2 for u, v in pairs(a, b)),
            lambda a, b: sum((u - v) ** 2 / 4 for u, v in pairs(a, b)),
        ],
    ),
    "penalty": (
        (B,),
        [
            lambda p: 1e-4 * sum(w * w for w in p),
            lambda p: sum(w * w for w in p) * 1e-4,
            lambda p: 1e-4 * dot(p, p),
            lambda p: 1e-4 * sum(w**2 for w in p),
            lambda p: sum(1e-4 * w * w for w in p),
            lambda p: sum(w * 1e-4 * w for w in reversed(p)),
            lambda p: sum((w**2 for w in p), 0.0) * 1e-4,
        ],
    ),
    "polynomial": ((X, B), [horner, folded_horner]),
    "relu": (
        (B,),
        [
            lambda x: [relu(v) for v in x],
            lambda x: [v.relu() for v in x],
            lambda x: [tg.max(0, v) for v in x],
            lambda x: [tg.max([0.0, v]) for v in x],
        ],
    ),
    "softmax": (
        (B,),
        [
            lambda z: softmax(z),
            lambda z: shifted_softmax(z, lambda z: tg.stop_gradient(tg.max(z))),
            lambda z: shifted_softmax(z, lambda z: tg.stop_gradient(reduce(tg.max, z))),
            lambda z: shifted_softmax(z, lambda z: tg.stop_gradient(tg.max(*z))),
        ],
    ),
    "centred": (
        (B,),
        [
            centred,
            lambda x: [v - sum(x) / len(x) for v in x],
            lambda x: [-(mean(x) - v) for v in x],
        ],
    ),
    "stencil": (
        (IMAGE[0],),
        [
            stencil,
            lambda u: [a - b * 2 + c for a, b, c in zip(u, u[1:], u[2:], strict=False)],
            lambda u: [-(-a + b * 2) - (-c) for a, b, c in zip(u, u[1:], u[2:], strict=False)],
        ],
    ),
    "convolution": (
        (KERNEL, IMAGE),
        [
            convolution,
            transposed_convolution,
        ],
    ),
}


@pytest.mark.parametrize("name", SPELLINGS)
def test_spellings_have_one_program(name: str) -> None:
    arguments, (plain, *others) = SPELLINGS[name]
    expected = text_of(plain, *arguments)
    for number, other in enumerate(others, start=1):
        assert text_of(other, *arguments) == expected, f"spelling {number}"


def cost_by(function: Function) -> Function:
    return lambda *args: sum((tanh(v) for v in leaves(function(*args))), 0.0)


def leaves(nesting: Any) -> list[Any]:
    if isinstance(nesting, list):
        return [number for part in nesting for number in leaves(part)]
    return [nesting]


@pytest.mark.parametrize("name", SPELLINGS)
def test_their_gradients_are_the_same_to_rounding(name: str) -> None:
    arguments, (plain, *others) = SPELLINGS[name]
    expected = flat(value_and_grad(cost_by(plain))(*arguments))
    for other in others:
        found = flat(compile(value_and_grad(cost_by(other)))(*arguments))
        assert found == pytest.approx(expected, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("name", NEURONS)
def test_neurons_have_one_program_and_so_has_their_gradient(name: str) -> None:
    plain, other = layer(NEURONS["sum"]), layer(NEURONS[name])
    assert text_of(other, W, X, B) == text_of(plain, W, X, B)
    both = [value_and_grad(cost_by(f), argnums=(0, 1, 2)) for f in (plain, other)]
    first, second = (text_of(f, W, X, B) for f in both)
    assert first == second


def test_neurons_spelt_in_different_ways_are_one_layer() -> None:
    spellings = list(NEURONS.values())[:4]

    def mixed(w: Any, x: Any, b: Any) -> Any:
        return [tanh(f(row, x, c)) for f, row, c in zip(spellings, w, b, strict=True)]

    assert text_of(mixed, W, X, B) == text_of(layer(NEURONS["sum"]), W, X, B)


def test_coefficients_that_would_overflow_together_stay_operations() -> None:
    def f(x: Any) -> Any:
        return [a * 1e200 * 1e200 + a for a in x]

    compiled = compile(f)
    found = compiled([1e-300, 0.0, -1e-250])
    assert found == [1e100, 0.0, -1e150]
    assert "h2 = h1 * 1e+200" in str(compiled)
