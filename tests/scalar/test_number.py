"""Plain numbers out of Values: what is lost is said, what loses nothing is quiet."""

from __future__ import annotations

import array
import inspect
import math
import statistics
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

import tinygrad_nn as tn
from tinygrad_nn import Value, compile, grad, no_grad
from tinygrad_nn.errors import ConversionError, LostGradientWarning, TraceError
from tinygrad_nn.scalar.graph import CHOSEN, INTRODUCED, NEVER, inner_nodes
from tinygrad_nn.scalar.number import plain
from tinygrad_nn.scalar.value import constant

LOSSES: dict[str, Callable[[Any], Any]] = {
    "float": float,
    "complex": complex,
    "math.exp": math.exp,
    "math.sqrt": math.sqrt,
    "math.tanh": math.tanh,
    "math.isfinite": math.isfinite,
    "math.isclose": lambda x: math.isclose(x, 1.0),
    "math.hypot": lambda x: math.hypot(x, 1.0),
    "math.fsum": lambda x: math.fsum([x, 1.0]),
    "percent": lambda x: "%.3f" % x,  # noqa: UP031
    "np.array": lambda x: np.array([x], dtype=float),
    "np.asarray": lambda x: np.asarray(x, dtype=np.float32),
    "np.float64": np.float64,
    "a place of an array": lambda x: np.zeros(3).__setitem__(0, x),
    "astype": lambda x: np.array([x]).astype(float),
    "np.i0": np.i0,
    "statistics.fmean": lambda x: statistics.fmean([x, 2.0]),
    "array.array": lambda x: array.array("d", [x]),
}

KEPT: dict[str, Callable[[Any], Any]] = {
    "int": int,
    "round": round,
    "digits": lambda x: round(x, 1),
    "math.trunc": math.trunc,
    "math.floor": math.floor,
    "math.ceil": math.ceil,
    "an array of integers": lambda x: np.array([x], dtype=int),
    "bool": bool,
    "comparison": lambda x: x > 1.0,
    "max": lambda x: max(x, 1.0),
    "format": lambda x: f"{x:.3f}",
    "text": lambda x: f"{x} {x!r}",
    "print": lambda x: print(x, end=""),
    ".data": lambda x: math.exp(x.data),
    "a step": lambda x: float(tn.floor(x)),
    "stop_gradient": lambda x: math.exp(tn.stop_gradient(x)),
    "times a sign": lambda x: float(tn.sign(x) * 2.0 + tn.gt(x, 1.0)),
}


def shown(take: Callable[[Any], Any], number: Any) -> list[warnings.WarningMessage]:
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("always")
        take(number)
    return found


def result(x: Value) -> Value:
    return x * x + 1.0


@pytest.mark.parametrize("make", [lambda x: x, result])
@pytest.mark.parametrize("name", LOSSES)
def test_what_loses_the_derivative_says_so_at_the_users_line(
    name: str, make: Callable[[Value], Value]
) -> None:
    take = LOSSES[name]
    warning, *_ = shown(take, make(Value(1.5)))
    assert warning.category is LostGradientWarning
    assert warning.filename == __file__
    line = inspect.getsourcelines(take)[1] if inspect.isfunction(take) else None
    assert warning.lineno == (line or inspect.getsourcelines(shown)[1] + 3)
    for remedy in ("tinygrad_nn.exp", ".data", "no_grad()"):
        assert remedy in str(warning.message)


def test_it_is_said_inside_debug_and_where_a_gradient_is_checked() -> None:
    with tn.debug():
        assert [w.category for w in shown(math.exp, Value(1.5))] == [LostGradientWarning]
    with pytest.warns(LostGradientWarning):
        assert not tn.check_grad(lambda x: math.exp(x) * x, 1.5)


def test_it_is_shown_once_for_a_line() -> None:
    x = Value(1.5)
    with warnings.catch_warnings(record=True) as found:
        warnings.simplefilter("default")
        for _ in range(3):
            x = x * 1.5
            math.exp(x)
        math.exp(x)
    assert len(found) == 2


@pytest.mark.parametrize("name", KEPT)
def test_what_loses_nothing_is_quiet(name: str) -> None:
    assert shown(KEPT[name], Value(1.75)) == []
    assert shown(KEPT[name], result(Value(1.75))) == []


@pytest.mark.parametrize("name", LOSSES)
def test_constants_are_quiet_and_so_is_no_grad(name: str) -> None:
    x = Value(1.5)
    assert shown(LOSSES[name], constant(1.5)) == []
    assert shown(LOSSES[name], constant(1.5) * 2.0 + 1.0) == []
    with no_grad():
        assert shown(LOSSES[name], x) == []
        assert shown(LOSSES[name], x * 2.0) == []
        assert grad(lambda y: y * y)(3.0) == 6.0
        with pytest.raises(ConversionError):  # a derivative needs its graph here too
            grad(LOSSES[name])(1.5)


@pytest.mark.parametrize("name", LOSSES)
def test_it_is_an_error_while_differentiating_and_recording(name: str) -> None:
    with pytest.raises(ConversionError):
        grad(lambda x: [LOSSES[name](x * x), x][1])(1.5)
    with pytest.raises(TraceError):
        compile(LOSSES[name], strict=True)(1.5)
    w = Value(2.5)
    with pytest.raises(TraceError, match="takes from outside"):
        compile(lambda x: [LOSSES[name](w * 2.0), x][1])(1.5)


def test_within_no_grad_a_differentiated_number_is_a_constant() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            scale = math.exp(x)
        return scale * x

    assert grad(f)(0.0) == 1.0


# ---- steps -------------------------------------------------------------------------------------------


@given(st.floats(-1e6, 1e6), st.integers(-3, 6))
def test_steps_are_those_of_floats(number: float, digits: int) -> None:
    x = Value(number)
    for step in (int, round, math.trunc, lambda y: round(y, digits), lambda y: round(y, None)):
        found, expected = step(x), step(number)
        assert type(found) is type(expected)
        assert found == expected
        assert grad(lambda y, step=step: y * step(y * 1.0))(number) == expected


@pytest.mark.parametrize("number", [math.nan, math.inf])
@pytest.mark.parametrize("step", [int, round, math.trunc])
def test_steps_of_what_is_not_finite_raise_as_those_of_floats(step: Any, number: float) -> None:
    with pytest.raises((ValueError, OverflowError)) as expected:
        step(number)
    with pytest.raises(expected.type, match=str(expected.value)):
        step(Value(number))
    assert math.isnan(round(Value(math.nan), 2))


def test_steps_in_every_transform() -> None:
    def f(x: Any) -> Any:
        return x * x * int(x) + round(x, 1) * math.trunc(x) + math.floor(x) * (x // 1.0)

    for number in (2.75, Value(2.75)):
        assert getattr(grad(f)(number), "data", grad(f)(2.75)) == 11.0
    assert tn.hessian(f)(2.75) == 4.0
    assert tn.derivative(f, 2)(2.75) == 4.0
    assert tn.jacfwd(lambda x: [f(x), x])(2.75) == [11.0, 1.0]
    for step in (int, round, math.trunc, lambda x: range(int(x))):
        with pytest.raises(TraceError):
            compile(lambda x, step=step: x * step(x), strict=True)(2.75)
    for number in (2.75, 2.0, -0.5):
        assert compile(f)(number) == f(number)
        assert compile(grad(f))(number) == grad(f)(number)


def test_an_index_is_an_integer() -> None:
    with pytest.raises(TypeError, match=r"1\.5.* as an index: expected a whole number"):
        [1.0, 2.0][Value(1.5)]  # type: ignore[call-overload]
    assert [1.0, 2.0][Value(1.0)] == [1.0, 2.0][int(Value(1.5))] == 2.0  # type: ignore[call-overload]
    assert list(range(Value(2.0))) == [0, 1]  # type: ignore[call-overload]


# ---- what a recorded function takes from outside -------------------------------------------------------


def test_a_choice_by_a_number_from_outside_is_made_at_every_call() -> None:
    w, v = Value(3.0), [Value(3.0), Value(4.0)]
    chosen = compile(lambda x: tn.where(w > 2.0, x, -x) + tn.where(w >= 2.0, 0.0, 100.0))
    lengths = compile(lambda x: tn.norm(v) * x)
    assert (plain(chosen(1.0)), plain(lengths(1.0))) == (1.0, 5.0)
    w.data = v[0].data = v[1].data = 0.0
    assert (plain(chosen(1.0)), plain(lengths(1.0))) == (99.0, 0.0)


def test_an_index_from_outside_is_read_at_every_call() -> None:
    w = Value(2.0)
    entry = compile(lambda x: x * tn.lookup([1.0, 2.0, 3.0], w))
    loss = compile(lambda x: tn.nn.cross_entropy([x, 2.0, 3.0], w * 1.0))
    for index in (2.0, 0.0, 1.0):
        w.data = index
        assert plain(entry(1.0)) == index + 1.0
        expected = tn.nn.cross_entropy([1.0, 2.0, 3.0], index)
        assert plain(loss(1.0)) == pytest.approx(expected, rel=1e-14)


@pytest.mark.parametrize(
    "choose",
    [
        lambda w: 1.0 if w > 0.0 else 2.0,
        lambda w: 1.0 if w else 2.0,
        lambda w: max(w * 2.0, 1.0),
        lambda w: int(w),
        lambda w: round(w, 1),
        lambda w: w in [2.0],
    ],
)
def test_what_would_freeze_a_number_from_outside_is_refused(choose: Callable[[Any], Any]) -> None:
    w = Value(2.0)
    with pytest.raises(TraceError, match=r"\n  at test_number.py:\d+: "):
        compile(lambda x: x * choose(w), strict=True)(1.0)
    asks = compile(lambda x: x * choose(w))
    for number in (2.0, -1.0, 0.0, 2.0):
        w.data = number
        assert plain(asks(3.0)) == 3.0 * plain(choose(w))


def test_what_is_made_inside_is_the_functions_own() -> None:
    def root(x: Any) -> Any:
        guess = Value(1.0)
        while abs(guess * guess - 2.0) > 1e-12:
            guess = Value((guess.data + 2.0 / guess.data) / 2.0)
        return x * guess * grad(lambda y: y * y if y > 0.0 else -y)(3.0)

    assert plain(compile(root)(1.0)) == pytest.approx(6.0 * math.sqrt(2.0), rel=1e-15)


# ---- notes -------------------------------------------------------------------------------------------

LOOKS: dict[str, Callable[[Any], Any]] = {
    "<": lambda x: x < 1.0,
    "reflected": lambda x: x <= 1.0,
    "==": lambda x: x == Value(2.0),
    "!=": lambda x: x != 3,
    "bool": bool,
    "if": lambda x: 1 if x else 0,
    "int": int,
    "round": round,
    "trunc": math.trunc,
    "float": lambda x: float(tn.stop_gradient(x)),
    "max": lambda x: max(x, 1.0),
    "sorted": lambda x: sorted([x, 1.0]),
    "abs": lambda x: abs(x) > 1.0,
    "difference": lambda x: x - 2.0 > 0.0,
    "circle": lambda x: x * x + x**2 < 1.0,
    "where": lambda x: tn.where(tn.gt(x, 0.0), lambda: x, 0.0),
    "a row of three": lambda x: tn.where(1.0, x, 2.0) > 0.0,
    "lookup": lambda x: tn.lookup([1.0, 2.0, 3.0], x),
    "cross_entropy": lambda x: tn.nn.cross_entropy([1.0, 2.0, 3.0], x),
    "pivots": lambda x: tn.linalg.solve([[x, 1.0], [1.0, 3.0]], [1.0, 2.0]),
    "np.maximum": lambda x: np.maximum(np.array([x]), 1.0),
    "np.sort": lambda x: np.sort(np.array([x, 1.0])),
    "np.sign": lambda x: np.sign(np.array([x])),
    "np.argmax": lambda x: np.argmax(np.array([x, 1.0])),
    "array.max": lambda x: np.array([x, 1.0]).max(),
    "array.any": lambda x: np.array([x]).any(),
}

SIGHTLESS: dict[str, Callable[[Any], Any]] = {
    "format": lambda x: f"{x:.2f} {x!r}",
    ".data": lambda x: x.data > 0.0,
    "gt": lambda x: tn.where(tn.gt(x, 0.0), x, -x),
    "max": lambda x: tn.max(x, 1.0) + tn.relu(x) + tn.abs(x) + np.maximum(x, 1.0),
    "clip": lambda x: tn.clip(x, x - 1.0, x + 1.0),
    "losses": lambda x: [
        tn.nn.squared_error(x, x * 1.0),
        tn.nn.huber(1.0, x),
        tn.nn.hinge(x, x * 0.5),
        tn.nn.binary_cross_entropy(x * 0.25, x * 0.5),
        tn.nn.cross_entropy([x, 1.0], [x * 0.5, 1.0 - x * 0.5]),
        tn.logsumexp([x, 1.0]),
    ],
    "hash": lambda x: {x: x}[x],
    "backward": lambda x: (x * x).backward(),
    "grad": lambda x: grad(lambda y: y**3)(x),
    "check_grad": lambda x: tn.check_grad(x * tn.tanh(x)),
    "explain": lambda x: str(tn.explain(x * tn.tanh(x), x)),
    "latex": lambda x: tn.to_latex(x * 2.0),
    "optimiser": lambda x: tn.optim.Adam([x], lr=0.1).step(),
}


@pytest.mark.parametrize("name", LOOKS)
def test_what_python_looked_at_has_a_note(name: str) -> None:
    x = Value(2.0)
    LOOKS[name](x)
    assert x.mark == NEVER | CHOSEN
    y = Value(1.0) + 1.0
    LOOKS[name](y)
    assert y.mark & CHOSEN
    inner_nodes(y)
    assert y.mark & CHOSEN
    assert y.was_met


@pytest.mark.parametrize("name", SIGHTLESS)
def test_what_did_not_choose_leaves_no_note(name: str) -> None:
    x = Value(2.0)
    SIGHTLESS[name](x)
    assert x.mark == NEVER


def test_constants_have_no_note() -> None:
    for mark in (NEVER, INTRODUCED):
        number = constant(2.0, mark)
        assert number > 1.0
        assert bool(number)
        assert number.mark == mark
    x = Value(2.0)
    y = x * 3.0
    assert y > 1.0
    assert [operand.mark for operand in y.args] == [NEVER | CHOSEN, NEVER]
