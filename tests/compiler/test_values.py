"""Compiled functions of Values, of each other, and in several threads."""

from __future__ import annotations

import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from compiled import flat

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, grad, log, nn, no_grad, tanh, value_and_grad, where
from tinygrad_nn.errors import ShapeError


def chain(x: Any) -> Any:
    return sum(a * b for a, b in pairwise(x))


def test_values_in_values_out() -> None:
    x = [Value(1.0), Value(2.0), Value(3.0)]
    y = compile(chain)(x)
    assert isinstance(y, Value)
    y.backward()
    assert (y.data, [v.grad for v in x]) == (8.0, [2.0, 4.0, 2.0])


def test_captured_values_are_read_at_each_call() -> None:
    w = Value(2.0)
    doubled = w * 2  # what was computed from them is computed anew
    f = compile(lambda x: x * w + doubled)
    assert f(3.0) == 10.0
    w.data = 5.0
    assert f(3.0) == 25.0


def test_parameters_of_a_model_are_read_at_each_call() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    f = compile(model)
    for _ in range(2):
        assert f([1.0, -2.0]) == pytest.approx(model([1.0, -2.0]).data, rel=1e-12)
        for p in model.parameters():
            p.data += 0.25


def test_captured_values_are_differentiated() -> None:
    w = Value(2.0)
    f = compile(lambda x: x * w * w)
    f(Value(3.0)).backward()
    assert w.grad == 12.0
    by_w = compile(lambda x: tg.gradients(x * w * w, [w])[0])
    assert by_w(3.0) == 12.0
    w.data = 1.0
    assert by_w(3.0) == 6.0


def test_under_no_grad_it_is_recorded_all_the_same() -> None:
    with no_grad():
        assert compile(chain)([1.0, 2.0, 3.0]) == 8.0
        assert compile(grad(chain))([1.0, 2.0, 3.0]) == [2.0, 4.0, 2.0]


# ---- compiled functions in compiled functions ----------------------------------------------------


def test_compiled_functions_nest() -> None:
    inner = compile(lambda x, w: tanh(x * w))
    outer = compile(lambda x: inner(x, 2.0) + inner(0.5, x) + inner(1.0, 1.0))
    expected = np.tanh(0.6) + np.tanh(0.15) + np.tanh(1.0)
    assert outer(0.3) == pytest.approx(expected, rel=1e-12)


def test_a_compiled_batch_in_a_compiled_function() -> None:
    cost = compile(lambda w, x: (w * x) ** 2, batch="x", reduce="mean")
    penalised = compile(value_and_grad(lambda w: cost(w, [1.0, 2.0, 3.0]) + w))
    value, slope = penalised(2.0)
    assert value == pytest.approx(4 * 14 / 3 + 2, rel=1e-12)
    assert slope == pytest.approx(4 * 14 / 3 + 1, rel=1e-12)


def test_a_compiled_function_in_a_branch() -> None:
    inner = compile(lambda x: log(x))
    f = compile(lambda x: where(x > 0, lambda: inner(x), 0.0))
    assert f(-2.0) == 0.0
    assert f(2.0) == pytest.approx(np.log(2.0), rel=1e-12)


RECURSION = """
from tinygrad_nn import compile

@compile(static="n")
def power(x, n):
    return x * power(x, n - 1) if n else 1.0

print(power(2.0, 5))
"""


def test_a_compiled_function_may_call_itself() -> None:
    command = [sys.executable, "-c", RECURSION]
    found = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60.0)
    assert found.stdout.strip() == "32.0"


def test_a_compiled_function_compiled_again_has_derivatives_of_its_own() -> None:
    cube = compile(lambda x: x**3)
    assert cube.value_and_grad(2.0) == (8.0, 12.0)
    assert compile(grad(cube)).value_and_grad(2.0) == (12.0, 12.0)


# ---- threads -------------------------------------------------------------------------------------


@pytest.mark.parametrize("first", [[1.0, 2.0], [Value(1.0), 2.0]])
def test_as_many_samples_in_every_argument(first: Any) -> None:
    f = compile(lambda x, y: x * y, batch=("x", "y"))
    with pytest.raises(ShapeError, match="x has 2, y has 1"):
        f(first, [3.0])


def test_threads() -> None:
    compiled = compile(value_and_grad(lambda p, x: tanh(chain(p) * x)), batch="x", reduce="mean")

    def run(number: int) -> bool:
        p = [0.1 * number, 0.5, -0.25 * number]
        x = np.linspace(-1.0, 1.0, 5 + number % 3)
        z = np.tanh((p[0] * p[1] + p[1] * p[2]) * x)
        slope = np.mean((1 - z * z) * x)
        expected = [np.mean(z), slope * p[1], slope * (p[0] + p[2]), slope * p[1]]
        return all(
            np.allclose(flat(compiled(p, x)), expected, rtol=1e-9, atol=1e-12) for _ in range(40)
        )

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)  # so that threads meet in the middle of a call
    try:
        with ThreadPoolExecutor(8) as pool:
            assert all(pool.map(run, range(16)))
    finally:
        sys.setswitchinterval(interval)


def test_functions_are_recorded_in_several_threads_at_once() -> None:
    def run(number: int) -> float:
        return compile(lambda x: sum(v**number for v in x))([1.0, 2.0, 3.0])  # type: ignore[no-any-return]

    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(run, range(2, 18)))
    assert found == pytest.approx([1 + 2.0**n + 3.0**n for n in range(2, 18)], rel=1e-12)
