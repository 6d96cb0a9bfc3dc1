"""What cannot be recorded is refused at the user's line; what has no result is IEEE's, or refused."""

from __future__ import annotations

import copy
import math
import re
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import (
    Value,
    compile,
    cos,
    exp,
    grad,
    hessian,
    hvp,
    log,
    sqrt,
    tanh,
    value_and_grad,
    where,
)
from tinygrad_nn.errors import DomainError, NonFiniteError, PoleError, RangeError, TraceError
from tinygrad_nn.scalar import contexts

TABLE = [10.0, 20.0, 30.0]


def with_if(x: Any) -> Any:
    if x > 0:
        return x
    return -x


def with_while(x: Any) -> Any:
    while x:
        x = x - 1
    return x


def with_steps(x: Any) -> Any:
    total = 0.0
    for _ in range(x):
        total = total + x
    return total


REFUSED: dict[str, tuple[Callable[[Any], Any], str]] = {
    "if": (with_if, r"where\(condition, x, y\)"),
    "while": (with_while, "where"),
    "conditional": (lambda x: 1.0 if x < 2 else x, "where"),
    "and": (lambda x: x > 0 and x < 1, "where"),
    "or": (lambda x: (x > 0) or 1.0, "where"),
    "not": (lambda x: not x, "where"),
    "chained": (lambda x: where(0 < x < 1, x, 0.0), "where"),
    "max": (lambda x: max(x, 0.0), "max, min and abs of tinygrad_nn"),
    "min": (lambda x: min([x, 0.0]), "max, min and abs of tinygrad_nn"),
    "sorted": (lambda x: sorted([x, 2 * x]), "where"),
    "in": (lambda x: x in [1.0, 2.0], "where"),
    "any": (lambda x: any([x > 1]), "where"),
    "assert": (lambda x: bool(x), "where"),
    "int": (lambda x: int(x) * x, r"floor, or name the argument in static="),
    "float": (lambda x: float(x), "functions of tinygrad_nn"),
    "round": (lambda x: round(x, 2), r"floor\(x \+ 0.5\)"),
    "index": (lambda x: TABLE[x], r"static="),
    "range": (with_steps, "static="),
    "math.exp": (lambda x: math.exp(x), "not those of math"),
    "math.sqrt": (lambda x: math.sqrt(x * x), "not those of math"),
    "percent": (lambda x: "%.2f" % x, "functions of tinygrad_nn"),  # noqa: UP031
    ".data": (lambda x: x.data * x, r"stop_gradient\(max\(logits\)\)"),
    "format": (lambda x: f"{x:.2f}", "print what the compiled function returns"),
    "backward": (lambda x: (x * x).backward(), r"gradients\(output, inputs\)"),
    "array": (lambda x: np.array([x], dtype=float), "functions of tinygrad_nn"),
    "sort": (lambda x: np.sort(np.array([x, x * 2])), "where"),
}


# What loses a slope, or would be a text of one number; and what only makes a number plain.
LOSING = {".data", "format", "backward"}
PLAIN = {"float", "math.exp", "math.sqrt", "array"}


@pytest.mark.parametrize("name", REFUSED)
def test_what_needs_the_number_is_refused_at_its_line(name: str) -> None:
    function, remedy = REFUSED[name]
    with pytest.raises(TraceError, match=remedy) as caught:
        compile(function, strict=True)(1.0)
    message = str(caught.value)
    first = function.__code__.co_firstlineno
    match = re.search(rf"\n  at {re.escape(Path(__file__).name)}:(\d+): (.+)", message)
    assert match, message
    assert first <= int(match[1]) <= first + 4
    assert match[2] == Path(__file__).read_text().splitlines()[int(match[1]) - 1].strip()


@pytest.mark.parametrize("name", REFUSED)
def test_what_only_asks_is_answered_where_it_need_not_be_one_program(name: str) -> None:
    function, remedy = REFUSED[name]
    if name in LOSING:
        with pytest.raises(TraceError, match=remedy):
            compile(function)(1.0)
        return
    compiled = compile(function)
    if name in PLAIN:
        with pytest.warns(UserWarning, match=r"plain with float\(\).*called as it is from now on"):
            compiled(1.0)
        with pytest.raises(TraceError, match=remedy):
            compile(value_and_grad(lambda x: x * function(x)))(1.0)
    if name == "percent":
        with (
            pytest.warns(UserWarning, match="plain"),
            pytest.raises(TypeError, match=r"has '1\.00'"),
        ):
            compiled(1.0)
        return
    for x in (1, 2.0, 1, 0.0):
        assert np.array_equal(compiled(x), function(int(x)))


@pytest.mark.parametrize("transform", [value_and_grad, grad, hessian])
def test_derivatives_are_refused_at_the_same_line(transform: Any) -> None:
    with pytest.raises(TraceError, match=r"at test_refusals.py:\d+: if x > 0:"):
        compile(transform(with_if), strict=True)(1.0)


def test_a_refusal_leaves_nothing_behind() -> None:
    f = compile(lambda x, asks: with_if(x) if asks else x * 2, static="asks", strict=True)
    for _ in range(2):
        with pytest.raises(TraceError):
            f(1.0, True)
        assert f(1.0, False) == 2.0
    with pytest.raises(TraceError):
        compile(lambda x: where(x > 0, lambda: with_if(x), 0.0), strict=True)(1.0)
    assert contexts.state.guards == []
    assert contexts.state.derived is None


def test_what_does_not_need_the_number_is_recorded() -> None:
    def f(x: Any) -> Any:
        assert copy.deepcopy([x])[0] is copy.copy(x) is x
        assert isinstance(x, Value)
        return abs(-x) + (x != 3.0) + (x == 3.0) + pow(x, 2) + +x

    assert [compile(f, strict=True)(x) for x in (2.0, 3.0)] == [9.0, 16.0]


@pytest.mark.parametrize("make", [str, repr, "{}".format, lambda x: f"{[x]}", hash, lambda x: {x}])
def test_text_and_hash_of_a_symbol_are_refused(make: Any) -> None:
    with pytest.raises(TraceError, match=r"looks at the kind of a number|a set, a key of a dict"):
        compile(lambda x: x if make(x) else -x, strict=True)(2.0)


def test_a_symbol_does_not_leave_its_function() -> None:
    kept: list[Any] = []
    compile(lambda x: kept.append(x) or x)(1.0)  # type: ignore[func-returns-value]
    with pytest.raises(TraceError, match=r"uses Symbol\(x\), an argument of another function"):
        compile(lambda y: y * kept[0])(1.0)


# ---- choices -------------------------------------------------------------------------------------

LIMITED: dict[str, tuple[Callable[[Any], Any], list[float]]] = {
    "log": (lambda x: where(x > 0, lambda: log(x), -x), [2.0, 0.0, -1.0]),
    "sqrt": (lambda x: where(x > 0, lambda: sqrt(x), 0.0), [4.0, 0.0, -4.0]),
    "1/x": (lambda x: where(x != 0, lambda: 1 / x, 5 * x), [2.0, 0.0, -2.0]),
    "x**-2": (lambda x: where(x != 0, lambda: x**-2, 5 * x), [2.0, 0.0, -2.0]),
    "x**2": (lambda x: where(x < 0, lambda: x**2, lambda: x**3), [-3.0, 0.0, 3.0]),
    "x**0.5": (lambda x: where(x > 0, lambda: x**0.5, x), [4.0, 0.0, -4.0]),
    "x**x": (lambda x: where(x > 0, lambda: x**x, 0.0), [1.5, 0.0, -1.5]),
    "exp": (lambda x: where(x < 700, lambda: exp(x), x), [1.0, 800.0, -800.0]),
    "else": (lambda x: where(x <= 0, 1.0, lambda: log(x) / x), [2.0, 0.0, -1.0]),
    "acos": (lambda x: where(abs(x) < 1, lambda: tg.acos(x), 0.0), [0.5, 1.0, 7.0]),
    "mod": (lambda x: where(x != 0, lambda: 7.0 % x, 0.0), [2.5, 0.0, -2.5]),
    "sinc": (lambda x: where(x == 0, 1.0, lambda: tg.sin(x) / x), [2.0, 0.0, -1.0]),
    "both": (lambda x: where(x > 1, lambda: log(x - 1), lambda: sqrt(2 - x)), [3.0, 0.0, 1.0]),
    "nested": (
        lambda x: where(
            x > 0, lambda: where(x < 2, lambda: log(2 - x) / x, lambda: sqrt(x - 1)), 0.0
        ),
        [-1.0, 0.0, 1.0, 2.0, 3.0],
    ),
    "deeper": (
        lambda x: where(
            x > 1, lambda: log(where(x > 2, lambda: sqrt(x - 2) + 1, lambda: 1 / (2.5 - x))), x
        ),
        [0.0, 1.5, 2.5, 3.0],
    ),
    "product": (lambda x: where(x > 0, lambda: x * log(x), 0.0), [2.0, 0.0, -1.0]),
    "not chosen by a number": (lambda x: x * where(1.0, 2.0, lambda: log(-1.0)), [1.0]),
    "cbrt": (lambda x: where(x != 0, lambda: tg.cbrt(x), 0.0), [0.0]),
    "hypot": (lambda x: where(x > 0, lambda: tg.hypot(x, x), 0.0), [0.0]),
    "atan2": (lambda x: where(x > 0, lambda: tg.atan2(x, x), 0.0), [0.0]),
}


@pytest.mark.parametrize("name", LIMITED)
def test_branches_of_limited_domain(name: str) -> None:
    function, points = LIMITED[name]
    for transform in (lambda f: f, grad, hessian):
        transformed = transform(function)
        compiled = compile(transformed)
        batched = compile(transformed, batch=("x",))
        for x in points:
            assert compiled(x) == pytest.approx(transformed(x), rel=1e-12, abs=1e-15)
        expected = [transformed(x) for x in points]
        np.testing.assert_allclose(batched(np.array(points)), expected, rtol=1e-12, atol=1e-15)


def test_captured_values_in_a_branch_that_is_not_chosen() -> None:
    w = Value(-1.0)
    assert compile(lambda x: where(x > 0, lambda: log(w) * x, 0.0))(-2.0) == 0.0


# ---- numbers that are not finite -----------------------------------------------------------------


def message_of(call: Callable[[], Any]) -> tuple[type, str]:
    with pytest.raises(DomainError) as caught:
        call()
    return type(caught.value), str(caught.value)


FAULTS: dict[str, tuple[Callable[[Any], Any], float, type]] = {
    "log": (lambda x: 2 * log(x) + 1, -1.0, DomainError),
    "log of 0": (lambda x: log(x * 1.0), 0.0, PoleError),
    "division": (lambda x: 3.0 / (x - 2.0), 2.0, PoleError),
    "exp": (lambda x: exp(x * 2), 1000.0, RangeError),
    "sqrt": (lambda x: sqrt(x) + log(x), -4.0, DomainError),
    "cos": (lambda x: cos(1 / (x - 2.0)), 2.0, PoleError),
    "power": (lambda x: x**0.5, -4.0, DomainError),
    "square": (lambda x: x**2, 1e200, RangeError),
    "inverse": (lambda x: x**-1, 0.0, PoleError),
}


@pytest.mark.parametrize("name", FAULTS)
def test_check_raises_what_the_eager_engine_raises(name: str) -> None:
    function, x, kind = FAULTS[name]
    compiled = compile(function, check=True)
    assert math.isfinite(compiled(0.5))
    expected = message_of(lambda: function(Value(x)))
    assert message_of(lambda: compiled(x)) == expected
    assert expected[0] is kind
    assert f"{Path(__file__).name}:{function.__code__.co_firstlineno}" in expected[1]
    assert math.isfinite(compiled(0.5))


def test_check_names_the_sample() -> None:
    compiled = compile(lambda w, x: log(x) * w, batch="x", check=True)
    kind, text = message_of(lambda: compiled(2.0, [1.0, 2.0, -3.0, -4.0]))
    assert kind is DomainError
    assert text.startswith("sample 2: log at x = -3.0 has no real result")
    assert "lambda w, x: log(x) * w" in text
    total = compile(lambda w, x: log(x) * w, batch="x", reduce="sum", check=True)
    assert "sample 1: " in message_of(lambda: total(2.0, np.array([1.0, 0.0])))[1]
    shared = compile(lambda w, x: log(w) * x, batch="x", check=True)
    assert message_of(lambda: shared(-2.0, [1.0]))[1].startswith("log at x = -2.0")


def test_check_goes_with_derivatives_of_what_is_recorded() -> None:
    def product(x: Any) -> Any:
        return hvp(lambda p: p[0] * p[0] * p[1] * x)([x, 2.0 * x], [1.0, x])

    assert compile(product, check=True)(3.0) == product(3.0)


def test_check_finds_what_overflows() -> None:
    compiled = compile(lambda x: x * x - 1.0, check=True)
    kind, text = message_of(lambda: compiled(1e200))
    assert kind is NonFiniteError
    assert text.startswith("mul at x = 1e+200, y = 1e+200 gives inf")
    assert "x * x - 1.0" in text


def test_check_accepts_what_comes_in() -> None:
    compiled = compile(lambda x: 2 * x, check=True)
    assert compiled(math.inf) == math.inf
    assert math.isnan(compiled(math.nan))


def test_without_check_numbers_are_as_ieee_has_them() -> None:
    def f(x: Any) -> Any:
        return [log(x), 1 / x, sqrt(x), exp(1000 * x), x**-3, tg.atanh(x), x % x]

    nan, inf = math.nan, math.inf
    expected = {
        0.0: [-inf, inf, 0.0, 1.0, inf, 0.0, nan],
        -1.0: [nan, -1.0, nan, 0.0, -1.0, -inf, -0.0],
        2.0: [math.log(2), 0.5, math.sqrt(2), inf, 0.125, nan, 0.0],
    }
    compiled = compile(f)
    batched = compile(f, batch="x")
    for x, row in expected.items():
        np.testing.assert_allclose(compiled(x), row, rtol=1e-12)
    np.testing.assert_allclose(batched(list(expected)), list(expected.values()), rtol=1e-12)


def test_derivatives_that_do_not_exist_are_nan_or_infinite() -> None:
    assert compile(grad(sqrt))(0.0) == math.inf
    assert math.isnan(compile(grad(lambda x: sqrt(x) ** 2))(0.0))
    assert compile(grad(lambda x: tanh(1 / x)))(0.0) != compile(grad(tanh))(0.0)


def test_floating_point_settings_are_as_they_were() -> None:
    before = np.geterr()
    with np.errstate(all="raise"):
        inside = np.geterr()
        assert compile(lambda x: 1 / x)(0.0) == math.inf
        assert np.geterr() == inside
    assert np.geterr() == before
    assert sys.float_info.max * compile(lambda x: x)(2.0) == math.inf
