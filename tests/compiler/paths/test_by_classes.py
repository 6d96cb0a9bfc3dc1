"""What tells integers, floats and bools apart: each call gives what plain Python gives."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from itertools import repeat
from typing import Any

import numpy as np
import pytest
from asks import ANSWERED, LEFT, Function, asking

from tinygrad_nn import Value, compile, lookup, mod, value_and_grad, where
from tinygrad_nn.compiler.paths import by_classes
from tinygrad_nn.errors import ArgumentTypeError, SizeError, TinygradNNError, TraceError

Way = tuple[Function, Function]  # what Python gives, and the same compiled
ORDERS = [[2.0, 2, 3.0, True, 2], [2, 2.0, True, 3, 2.0], [np.int64(2), 2.0, np.float64(2.0), 2]]


def ways(f: Function) -> list[Callable[[], Way]]:
    """List the ways to call a function of n and x, each made when it is wanted."""
    by_x = value_and_grad(f, argnums=1)
    inner = compile(f)

    def of_list(**options: Any) -> Function:
        whole = compile(lambda ns, x: f(ns[0], x), **options)
        return lambda n, x: whole([n] * 3, x)

    def samples() -> Function:
        many = compile(f, batch=("n", "x"))
        return lambda n, x: many([n, n], [x, x])[0]

    def named() -> Function:
        compiled = compile(f)
        return lambda n, x: compiled(x=x, n=n)

    return [
        lambda: (f, compile(f)),
        lambda: (by_x, compile(by_x)),
        lambda: (by_x, value_and_grad(compile(f), argnums=1)),
        lambda: (value_and_grad(f), compile(value_and_grad(f))),
        lambda: (f, compile(f, strict=True)),
        lambda: (f, samples()),
        lambda: (lambda n, x: f(n, x) + f(3, n), compile(lambda n, x: inner(n, x) + inner(3, n))),
        lambda: (f, compile(f, dtype="float32")),
        lambda: (f, of_list()),
        lambda: (f, of_list(sizes="free")),
        lambda: (f, named()),
        lambda: (f, compile(f, check=True)),
    ]


def outcome(call: Function, n: Any, x: float) -> Any:
    """Give the numbers of a result, or the error."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            found = call(n, x)
        except (TypeError, ValueError, KeyError, AttributeError, TinygradNNError) as error:
            return error
    return [float(part) for part in (found if isinstance(found, tuple) else (found,))]


def is_same(found: Any, wanted: Any) -> bool:
    """Tell whether numbers are the same, or an error is that of Python, or one of ours."""
    if isinstance(found, Exception):
        return isinstance(found, TinygradNNError | type(wanted))
    return not isinstance(wanted, Exception) and found == pytest.approx(wanted, rel=1e-6)


def all_asked(n: Any, x: Any) -> Any:
    total = 0.0
    for place, ask in enumerate(ANSWERED.values()):
        if ask(n):
            total = total + 2.0**place
    return x * total


@pytest.mark.parametrize("way", range(12))
def test_all_that_is_answered_is_what_python_gives(way: int) -> None:
    python, compiled = ways(all_asked)[way]()
    for n in ORDERS[way % 3][: 3 if way else 5]:
        wanted, found = outcome(python, n, 0.5), outcome(compiled, n, 0.5)
        assert is_same(found, wanted), (n, found, wanted)


@pytest.mark.parametrize("name", LEFT)
def test_what_is_left_to_python_is_what_python_gives(name: str) -> None:
    place = list(LEFT).index(name)
    of = ways(asking(name, place))
    python, compiled = of[place % len(of)]()
    for n in ORDERS[place % 2][:2]:
        wanted, found = outcome(python, n, 0.5), outcome(compiled, n, 0.5)
        assert is_same(found, wanted), (n, found, wanted)


def test_classes_that_are_told_apart_have_programs() -> None:
    compiled = compile(lambda n, x: x * n if isinstance(n, int) else x - n)
    for _ in range(2):
        assert [compiled(n, 3.0) for n in (2.0, 2, 4, 8, 5.5)] == [1.0, 6.0, 12.0, 24.0, -2.5]
    text = str(compiled)
    assert text.startswith("1 path\n")
    assert text.count("path taken") == 2
    assert "where numbers are of other classes: 1 path" in text


def test_what_is_not_told_apart_is_one_program() -> None:
    compiled = compile(lambda n: n * 2.0 if isinstance(n, (int, float)) else 0.0)
    assert [compiled(n) for n in (2.0, 3, True)] == [4.0, 6.0, 2.0]
    assert str(compiled).count("path taken") == 1


def test_calls_that_come_again_have_an_entry(no_general_way: Any) -> None:
    compiled = compile(lambda n, x: x * n if isinstance(n, int) and x > 0 else x - n)
    for _ in range(3):
        for n in (2.0, 2):
            for _ in range(6):
                compiled(n, 3.0), compiled(n, -3.0)
    no_general_way()
    assert [compiled(n, 3.0) for n in (2.0, 4, 8, 5.5)] == [1.0, 12.0, 24.0, -2.5]


@pytest.fixture
def no_general_way(monkeypatch: pytest.MonkeyPatch) -> Callable[[], None]:
    """Let only entries take calls from some time on."""

    def refuse(*_: Any) -> Any:
        raise AssertionError("no entry took it")

    return lambda: monkeypatch.setattr("tinygrad_nn.compiler.paths.guarded.Guarded.run", refuse)


def test_a_dict_of_numbers_finds_by_number_whatever_came_before() -> None:
    def f(a: Any, n: Any) -> Any:
        return a + float(n) * 0.0 + {1: 5.0}.get(n, 2.0)

    for before in ((), (3.0,) * 6, (1,) * 6):
        compiled = compile(f)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            for n in before:
                compiled(0.5, n)
            assert [compiled(0.5, n) for n in (1.0, 1, 2.0, True)] == [5.5, 5.5, 2.5, 5.5]


def test_what_computes_with_values_only_is_recorded_as_for_these() -> None:
    def f(x: Any) -> Any:
        if isinstance(x, (int, float)):
            x = Value(x)
        return x.exp() * 2

    compiled = compile(f)
    with pytest.warns(UserWarning, match="whether a number is one of Python's, at test_by_classes"):
        assert compiled(0.0) == 2.0
    assert compiled(1.0) == pytest.approx(2 * np.e)
    assert "called as it is" not in str(compiled)


def test_one_program_for_all_lengths_asks_nothing() -> None:
    for ask in (
        lambda n: isinstance(n, int),
        lambda n: type(n) is int,
        lambda n: n.__class__ is int,
    ):
        many = compile(lambda ns, ask=ask: sum(n for n in ns if ask(n)), sizes="free")
        with pytest.raises((SizeError, TraceError), match="kind of a number"):
            many([1.0] * 20)
    total = compile(lambda ns: sum(n for n in ns if not isinstance(n, str)), sizes="free")
    assert total([1, 2] * 9) == 27


def test_numbers_of_many_classes_are_left_to_python(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(by_classes, "MOST_CLASSES", 2)
    compiled = compile(lambda ns: sum(n for n in ns if isinstance(n, int)) * 1.0)
    given = [[1, 2.0, 3], [1.0, 2, 3], [1, 2, 3.0], [1, 2, 3], [1.0, 2.0, 3]]
    with pytest.warns(UserWarning, match="numbers of other classes at nearly each call"):
        assert [compiled(ns) for ns in given] == [4.0, 5.0, 3.0, 6.0, 3.0]
    assert compiled([1, 2.5, 2.5]) == 1.0


def test_samples_of_several_classes_are_refused() -> None:
    many = compile(lambda n: n * 2.0 if isinstance(n, int) else n * 3.0, batch="n")
    assert many(np.array([1, 2])).tolist() == [2.0, 4.0]
    with pytest.raises(ArgumentTypeError, match="in some samples"):
        many([1, 2.0])


def test_compiled_code_of_ours_asks_nothing_in_the_name_of_its_caller() -> None:
    """It has no frame, whatever its arguments are computed by."""

    def f(x: Any, k: Any) -> Any:
        table = [x[0], x[1] * 2.0, x[0] * x[1]]
        return lookup(table if len(x) > 1 else x, mod(k + 1.0, 3.0)) + where(
            x[0] > 0, lambda: x[1] if len(x) else 0.0, sum([x[0], x[1]])
        )

    compiled = compile(f)
    for x, k in (([0.5, 1.5], 0.0), ([-0.5, 1.5], 1), ([0.5, 2.5], 2.0)):
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            assert compiled(x, k) == f(x, float(k))
    assert "called as it is" not in str(compiled)


def test_classes_asked_by_compiled_code_of_pythons_are_those_of_the_numbers() -> None:
    """It has no frame either: what calls it may be a sum, or a loop."""

    def summed(xs: Any) -> Any:
        return xs[0] * 2.0 + sum(map(isinstance, xs, repeat(float)))

    def largest(xs: Any) -> Any:
        return xs[0] * 2.0 + max(map(isinstance, xs, repeat(float)))

    def counted(xs: Any) -> Any:
        total = xs[0] * 2.0
        for is_float in map(isinstance, xs, repeat(float)):
            total = total + (1.0 if is_float else 0.0)
        return total

    for f in (summed, largest, counted):
        compiled = compile(f)
        for xs in ([1.0, 2.0], [1, 2], [1.0, 2], [3.0, 4.0]):
            assert compiled(xs) == f(xs), f.__name__
