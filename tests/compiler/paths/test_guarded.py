"""Functions that look at numbers give what they give eagerly, on every path and at every call."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, grad, hessian, log, value_and_grad, where
from tinygrad_nn.compiler import plan
from tinygrad_nn.errors import ArgumentError, DomainError, PoleError, ProofError, TraceError
from tinygrad_nn.scalar.contexts import state


def piecewise(x: Any, y: Any) -> Any:
    if x > 0 and y < 3:
        return x * y
    turns = 0
    while x < 5:
        x = x + 1.5
        turns += 1
    return x * turns + round(y) * int(x) + [1, 2, 3][turns % 3]


def newton(x: Any, y: Any) -> Any:
    root = 1.0
    while abs(root * root - x) > 1e-9 * x:
        root = (root + x / root) / 2
    return root * y


def ordered(x: Any, y: Any) -> Any:
    low, middle, high = sorted([x, y, x * y])
    return low + 10 * middle + 100 * high + max(x, 0.5) * min([y, 1.5]) + [x, y].index(min(x, y))


def early(x: Any, y: Any) -> Any:
    total = 0.0
    for k in range(int(abs(y)) + 2):
        if total > 6 or not x:
            return total * y
        total = total + (x if k % 2 else x * x)
    return total if 0 < total <= 4 else -total


def recursive(x: Any, y: Any) -> Any:
    return y if x < 1 else x * recursive(x - 1, y)


def generated(x: Any, y: Any) -> Any:
    def halves(a: Any) -> Any:
        while a > 1:
            yield a
            a = a / 2

    return sum(halves(x)) * y


FUNCTIONS: list[Callable[..., Any]] = [piecewise, newton, ordered, early, recursive, generated]
POINTS = [(1, 2), (2.5, 2.5), (7.0, 9.25), (1.0, 3.0), (2.5, 2.5), (0.5, -4.0), (4.0, 0.25), (1, 2)]


@pytest.mark.parametrize("function", FUNCTIONS)
@pytest.mark.parametrize("transform", [lambda f: f, value_and_grad, grad, hessian])
def test_every_call_takes_its_own_path(function: Any, transform: Any) -> None:
    transformed = transform(function)
    compiled = compile(transformed)
    for x, y in POINTS:
        expected = transformed(x, y)
        flat = expected if isinstance(expected, tuple) else (expected,)
        found = compiled(x, y)
        for one, other in zip(found if isinstance(found, tuple) else (found,), flat, strict=True):
            assert one == pytest.approx(other, rel=1e-13, abs=1e-13)


def test_numbers_that_are_no_numbers_and_infinite_ones() -> None:
    def f(x: Any) -> Any:
        if x != x:
            return 1.0
        return (2.0 if x else 3.0) if x < math.inf else 4.0

    compiled = compile(f)
    for x in (1.0, math.nan, math.inf, 0.0, -0.0, -math.inf, math.nan, 1.0):
        assert compiled(x) == f(x)


def test_captured_values_are_asked_at_every_call() -> None:
    w = Value(2.0)

    def f(x: Any) -> Any:
        if w > 1:
            return x * w
        return [x, -x, x * x][int(w) % 3] if w * 2 else round(w) + sorted([x, w])[0]

    compiled = compile(f)
    for number in (2.0, -1.0, 0.0, 1.0, 5.0, -1.5):
        w.data = number
        assert compiled(3.0) == f(3.0)
        assert compile(grad(f))(3.0) == grad(f)(3.0)


def test_an_error_is_that_of_the_line_and_no_number_is_garbage() -> None:
    def f(x: Any) -> Any:
        if x == 7:
            return 1.0
        y = 1 / tg.cos(x - 3) + tg.atan(1 / x)
        return y if y > 0 else tg.log(x)

    compiled = compile(f)
    for x in (7.0, 3.0, 0.5, 1.0):
        assert compiled(x) == pytest.approx(f(x), rel=1e-14)
    for _ in range(2):
        with pytest.raises(DomainError, match=r"log at x = -1\.0.*\n  at test_guarded\.py:"):
            compiled(-1.0)
        with pytest.raises(PoleError):
            compiled(0.0)


def test_errors_of_the_users_are_raised() -> None:
    def f(x: Any) -> Any:
        if x < 0:
            raise LookupError(f"less than {0}")
        return x + 1

    compiled = compile(f)
    with pytest.raises(LookupError, match="less than 0"):
        compiled(-1.0)
    assert compiled(2.0) == 3.0
    with pytest.raises(LookupError, match="less than 0"):
        compiled(-1.0)
    assert state.session is None


def test_a_question_in_a_branch_asks_the_condition() -> None:
    def countdown(x: Any) -> Any:
        while x > 0:  # never ends for NaN-like steps of a branch that is not taken
            x = x - 1
        return x

    def f(x: Any) -> Any:
        return where(x > 1, lambda: countdown(x) if x < 9 else tg.log(x), lambda: 2 * x)

    compiled = compile(f)
    for x in (0.5, 3.25, 20.0, 0.5, 2.0):
        assert compiled(x) == f(x)
    assert not state.guards


def test_values_and_what_is_recorded_go_through_the_function() -> None:
    compiled = compile(piecewise)
    assert grad(compiled)(1.0, 2.0) == 2.0
    x = Value(1.0)
    compiled(x, 2.0).backward()
    assert x.grad == 2.0
    outer = compile(lambda x: compiled(x * x, 2.0) + (1 if x > 1 else 0))
    for x0 in (0.5, 2.0, -3.0, 0.5):
        assert outer(x0) == piecewise(x0 * x0, 2.0) + (1 if x0 > 1 else 0)


def test_what_is_outside_is_looked_at_on_every_path() -> None:
    scale = [2.0, 3.0]

    def f(x: Any) -> Any:
        return x * scale[0] if x > 0 else x * scale[1]

    compiled = compile(f)
    for change in ((2.0, 3.0), (2.0, 5.0), (4.0, 5.0), (2.0, 3.0)):
        scale[:] = change
        for x in (1.0, -1.0, 1.0):
            assert compiled(x) == f(x)


@pytest.mark.parametrize(
    "last",
    [lambda n: 1.0 if n % 10 == 1 else 0.0, lambda n: n % 10 == 1],
    ids=["asks", "asks none"],
)
def test_integers_that_are_no_floats_are_refused(last: Any) -> None:
    compiled, many = compile(last), compile(last, batch="n")
    first = compile(lambda ns: last(ns[0] + 0 * sum(ns)))
    large = 2**53 + 1, -(2**60), np.int64(2**60), np.int64(-(2**63))
    for _ in range(6):  # in the general way, and by an entry
        assert compiled(2**53) == last(2**53)
        assert compiled(7) == last(7)
        assert first([3, 1.0] * 5) == last(3)
        assert list(many(np.array([1, 2]))) == [last(1), last(2)]
        for n in large:
            with pytest.raises(
                ArgumentError, match=r"n has the integer .*up to 2\*\*53.*in static"
            ):
                compiled(n)
            with pytest.raises(ArgumentError, match="n has the integer"):
                many([1, n])
            with pytest.raises(ArgumentError, match="ns has the integer"):
                first([n, 1.0] * 5)
        for array in (np.array([1, 2**60]), np.array([-(2**63)]), np.array([2**63], np.uint64)):
            with pytest.raises(ArgumentError, match="n has the integer"):
                many(array)
    assert compiled(float(2**60)) == last(2.0**60)


@pytest.mark.parametrize(
    "function",
    [
        lambda x: 1.0 if x in {1, 2} else 0.0,
        lambda x: {1.0: 2.0}[x * 1.0],
        lambda x: len({x, 2 * x, 1.0}),
        lambda x: hash(x),
        lambda x: dict.fromkeys([x * x])[x * x] or x,
    ],
)
def test_sets_and_dicts_of_numbers_are_refused(function: Any) -> None:
    for transformed in (function, value_and_grad(function)):
        with pytest.raises(TraceError, match=r"a set, a key of a dict.*\n  at test_guarded\.py:"):
            compile(transformed)(1.0)
    compiled = compile(lambda x, y: y if x in [1, 2] else (function(y), y)[1])
    assert compiled(1.0, 2.0) == 2.0
    with pytest.raises(TraceError):
        compiled(3.0, 2.0)
    nodes = Value(1.0)
    assert {nodes: 1}[nodes] == 1


def test_all_paths_are_printed_with_what_was_asked() -> None:
    def f(x: Any) -> Any:
        if x > 0:
            return x * int(x)
        return -x

    compiled = compile(f)
    for x in (-1.0, 2.5, -2.0):
        compiled(x)
    text = str(compiled)
    assert text.startswith("2 paths\n\npath taken 2 times\n  test_guarded.py:")
    assert ": if x > 0:  no\n" in text
    assert ": if x > 0:  yes\n" in text
    assert ": return x * int(x)  = 2\n" in text
    assert "result = 2 * x" in text


@pytest.mark.parametrize("batched", [False, True])
def test_each_path_is_proved_with_its_guards(batched: bool, monkeypatch: Any) -> None:
    def f(w: Any, x: Any) -> Any:
        y = w * x
        while y > 1.0:
            y = y / 2.0
        return y * x if y > 0.3 else log(1.0 + x * x)

    options: dict[str, Any] = {"batch": "x", "reduce": "sum"} if batched else {}
    derived = value_and_grad(f)
    proved, usual = compile(derived, prove=True, **options), compile(derived, **options)
    for x in (0.5, 3.0, 0.1):
        given = [x, 2.0 * x] if batched else x
        assert proved(1.5, given) == usual(1.5, given)

    made = plan.compile_recording

    def damaged(*args: Any) -> Any:
        program = made(*args)
        a, b, *rest = program.results
        return replace(program, results=(b, a, *rest))

    monkeypatch.setattr(plan, "compile_recording", damaged)
    with pytest.raises(ProofError):
        compile(derived, prove=True, **options)(1.5, given)
