"""Programs are proved to be their functions, and programs that are not are refused."""

from __future__ import annotations

from typing import Any

import pytest

from tinygrad_nn import compile, grad, hvp, jacobian, lookup, norm, softmax, tanh, value_and_grad
from tinygrad_nn.scalar.ops import maximum, where


def cost(W: Any, V: Any, x: Any) -> Any:
    a = [tanh(sum(w * v for w, v in zip(row, x, strict=True))) for row in W]
    return sum(sum(w * v for w, v in zip(row, a, strict=True)) ** 2 for row in V)


def error(w: Any, x: Any, y: Any) -> Any:
    return (sum(a * b for a, b in zip(w, x, strict=True)) - y) ** 2


NETWORK = ([[0.1, 0.2, 0.3], [0.4, 0.5, 0.6]], [[1.0, 2.0], [3.0, 4.0]], [1.0, 0.0, -1.0])
SAMPLES = ([1.0, 2.0], [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]], [1.0, 2.0, 3.0])


@pytest.mark.parametrize(
    ("function", "arguments"),
    [
        (cost, NETWORK),
        (value_and_grad(cost), NETWORK),
        (grad(cost, (0, "V")), NETWORK),
        (jacobian(softmax), ([1.0, 2.0, 3.0],)),
        (hvp(lambda x: x[0] * x[1] ** 3), ([1.0, 2.0], [3.0, 4.0])),
        (grad(norm), ([1.0, 2.0, 3.0],)),
        (
            grad(lambda x: maximum(x) * where(x[0] > 1.0, x[1], lambda: x[2] * x[0])),
            ([1.0, 2.0, 3.0],),
        ),
        (grad(lambda t, i: sum(x * x for x in lookup(t, i))), ([[1.0, 2.0], [3.0, 4.0]], 1)),
    ],
)
def test_what_is_compiled_is_proved(function: Any, arguments: Any) -> None:
    compiled = compile(function, prove=True)
    compiled(*arguments)
    assert "proved at " in str(compiled)


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_samples(reduce: str | None) -> None:
    for function in (error, value_and_grad(error)):
        compiled = compile(function, batch=("x", "y"), reduce=reduce, prove=True)
        compiled(*SAMPLES)
        assert "proved at " in str(compiled)
