"""What a function sees of its numbers beside questions: no answer of a recording stays for good."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, compile, value_and_grad
from tinygrad_nn.errors import ArgumentTypeError, ShapeError, TraceError


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@pytest.mark.parametrize(
    "function",
    [
        lambda w, x: {"gain": w * x, "loss": 0.0} if x > 0 else {"loss": -w * x, "gain": 0.0},
        lambda w, x: [w, x] if x > 0 else [w],
        lambda w, x: w * x if x > 0 else None,
    ],
)
@pytest.mark.parametrize("xs", [[5.0, -2.0], [-2.0, 5.0]])
def test_samples_of_different_structures_are_refused(function: Any, reduce: Any, xs: Any) -> None:
    compiled = compile(function, batch=("x",), reduce=reduce)
    for given in (xs, np.array(xs)):
        with pytest.raises(ArgumentTypeError, match="samples give results of different structures"):
            compiled(1.0, given)


def caught(x: Any) -> Any:
    try:
        known = {x: 1}
        return x * 2 if x > 0 and known else x
    except Exception:
        return x * 99


def caught_text(x: Any) -> Any:
    try:
        return x * 2 if float(f"{x:.2f}") > 0 else x
    except Exception:
        return x * 99


def caught_data(x: Any) -> Any:
    try:
        return x * 2 if x.data > 0 else x
    except Exception:
        return x * 99


def looked_at_text(x: Any) -> Any:
    return x * 2 if "1" in f"{x}" or "3" in str(x) else x


@pytest.mark.parametrize("function", [caught, caught_text, caught_data, looked_at_text])
def test_refusals_that_are_caught_change_nothing(function: Any) -> None:
    compiled, slope = compile(function), compile(value_and_grad(function))
    for x in (2.0, 1.0, -1.0, 3.0):
        expected = function(Value(x)).data
        assert compiled(x) == expected
        assert slope(x) == (expected, expected / x)


def test_errors_of_the_user_have_numbers() -> None:
    def positive(x: Any) -> Any:
        if x < 0:
            raise ValueError(f"negative: {x}", x)
        return x * 2

    compiled = compile(positive)
    for _ in range(3):
        assert compiled(2.0) == 4.0
        with pytest.raises(ValueError, match=r"negative: .*-1\.0") as raised:
            compiled(-1.0)
        assert raised.value.args[1] == -1.0


def test_no_samples_of_a_function_that_asks() -> None:
    compiled = compile(lambda w, x: w * x if x > 0 else w, batch="x")
    with pytest.raises(ShapeError, match="x has no samples, and the function looks"):
        compiled(1.0, np.array([]))


def test_float32_asks_nothing() -> None:
    with pytest.raises(TraceError, match="if, while"):
        compile(lambda x: 1.0 if x > 0.1 else 2.0, dtype="float32")(0.5)
