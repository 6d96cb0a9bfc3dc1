"""Calls that come again go through entries alone, whatever path they take, or to the function itself."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest
from machine_code import ASKED

from tinygrad_nn import Value, compile, exp, value_and_grad
from tinygrad_nn.compiler.paths.eager import Eager
from tinygrad_nn.compiler.plan import Plan
from tinygrad_nn.errors import ArgumentError, PoleError

NAN, INFINITE = math.nan, math.inf


def few(x: Any, y: Any) -> Any:
    return exp(-x) * y if x > 0 else x * y * y


def many(x: Any, y: Any) -> Any:
    total = y
    for k in range(6):
        total = total + x if x > k else total * y
    return total


def whole(x: Any, y: Any) -> Any:
    return [y, x * y, x * x + y][int(x) % 3]


def listed(xs: Any, y: Any) -> Any:
    return (xs[0] * y, {"rest": [x * y for x in xs[1:]]}) if sum(xs) > 2 else (y, {"rest": xs[1:]})


def added(xs: Any, y: Any) -> Any:
    return sum(xs) * y if sum(xs) > 2 else xs[1] - y


POINTS = [(1, 2.0), (-1.5, 2.0), (3.5, 0.5), (2.0, -1.0), (5, 3), (0.0, 1.0), (-0.0, 1.0), (2.5, 4)]
FUNCTIONS = [
    (few, POINTS),
    (value_and_grad(few), POINTS),
    (many, POINTS),
    (value_and_grad(many, (0, 1)), POINTS),
    (whole, POINTS),
    (listed, [([a] * 3, b) for a, b in POINTS]),
    (added, [(np.full(6, float(a)), b) for a, b in POINTS]),
    (added, [([a] * 6, b) for a, b in POINTS]),
]


@pytest.fixture(params=["numpy", *["machine"] * bool(ASKED)])
def backend(request: Any) -> str:
    return str(request.param)


@pytest.fixture
def no_general_way(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def forbid() -> None:
        def fail(*args: Any) -> Any:
            raise AssertionError

        monkeypatch.setattr(Plan, "run", fail)
        monkeypatch.setattr(Eager, "__call__", fail)

    return forbid


@pytest.mark.parametrize(("function", "points"), FUNCTIONS)
def test_calls_on_known_paths_need_entries_only(
    function: Any, points: Any, backend: str, no_general_way: Any
) -> None:
    compiled = compile(function, backend=backend)
    expected = [compiled(*point) for point in points]
    for point in points:  # an entry for each of the paths
        for _ in range(5):
            compiled(*point)
    no_general_way()
    for _ in range(2):
        found = [compiled(*point) for point in points]
        assert str(found) == str(expected)
    assert min(path.taken for path in compiled._latest.tree.paths) > 5


@pytest.mark.skipif(not ASKED, reason="machine code is not asked for")
def test_paths_have_built_in_entries() -> None:
    compiled = compile(few, backend="machine")
    for _ in range(6):
        compiled(1.0, 2.0)
    (path,) = compiled._latest.tree.paths
    function = path.builtin
    assert function(1.0, 2.0) == compiled(1.0, 2.0)
    missed = function(-1.0, 2.0)
    assert (missed.place, missed.answer) == (0, 0.0)
    assert function(2**53 + 1, 2.0) is NotImplemented


def test_numbers_that_entries_do_not_expect(backend: str) -> None:
    compiled, slopes = compile(few, backend=backend), compile(value_and_grad(few), backend=backend)
    for _ in range(6):
        for x in (1.0, -1.0):
            compiled(x, 2.0), slopes(x, 2.0)
    for x in (NAN, INFINITE, 1e300, 2**53, np.float64(2.0), True, -1e308):
        assert str(compiled(x, 2.0)) == str(few(float(x), 2.0))
    assert compiled(Value(1.0), 2.0).data == few(1.0, 2.0)
    assert compiled(y=2.0, x=1.0) == few(1.0, 2.0)
    with pytest.raises(ArgumentError, match=r"2\*\*53"):
        compiled(2**53 + 1, 2.0)
    with pytest.raises(ArgumentError, match=r"2\*\*53"):
        slopes(-(2**60), 2.0)


def test_a_change_outside_is_seen_on_every_path() -> None:
    scale = {"by": 2.0}

    def scaled(x: Any) -> Any:
        return x * scale["by"] if x > 0 else -x

    compiled = compile(scaled)
    for _ in range(6):
        assert [compiled(1.0), compiled(-1.0)] == [2.0, 1.0]
    scale["by"] = 3.0
    assert [compiled(1.0), compiled(-1.0), compiled(1.0)] == [3.0, 1.0, 3.0]


# ---- called as it is -------------------------------------------------------------------------------


def digits(x: Any, turns: int = 8) -> Any:
    total = 0.0
    for _ in range(turns):
        x = x * 2
        if x >= 1:
            x = x - 1
            total = total * 3 + 1
    return total * x


def given_up(function: Any, *others: Any, **options: Any) -> Any:
    """Compile a function, and call it with more paths than it may have."""
    compiled = compile(function, **options)
    with warnings.catch_warnings(), pytest.MonkeyPatch.context() as patch:
        warnings.simplefilter("ignore")
        patch.setattr("tinygrad_nn.compiler.paths.patience.MOST_PATHS", 2)
        patch.setattr("tinygrad_nn.compiler.paths.patience.MOST_IN_VAIN", 4)
        for k in range(8):
            compiled((k + 0.3) / 8, *others)
    assert "called as it is" in str(compiled)
    return compiled


def test_it_is_called_with_plain_numbers(no_general_way: Any) -> None:
    kinds = set()

    def seen(x: Any, turns: Any) -> Any:
        kinds.add(type(x))
        return digits(x, turns)

    compiled = given_up(seen, 8, static=("turns",))
    for _ in range(6):
        compiled(0.3, 8)
    no_general_way()
    kinds.clear()
    for x in (0.3, 0.7, 1, 0.01):
        assert compiled(x, 8) == digits(float(x))
    assert kinds == {float, int}


def test_numbers_may_be_given_by_name(no_general_way: Any) -> None:
    compiled = given_up(lambda x, y: digits(x) * y, 2.0)
    for _ in range(6):
        compiled(0.3, y=2.0), compiled(y=3.0, x=0.3)
    assert compiled(0.7, y=2.0) == digits(0.7) * 2.0


def test_slopes_are_those_of_eager_code(no_general_way: Any) -> None:
    slopes = value_and_grad(digits)
    compiled = given_up(slopes)
    for _ in range(6):
        compiled(0.3)
    no_general_way()
    assert [compiled(x) for x in (0.3, 0.7)] == [slopes(0.3), slopes(0.7)]


@pytest.mark.parametrize("odd", ["method", "caught", "index"])
def test_what_is_written_for_values_is_given_them(odd: str) -> None:
    def method(x: Any) -> Any:
        return (0.01 * digits(x, 6)).exp()

    def caught(x: Any) -> Any:
        try:
            return x.data * 0.0 + digits(x)
        except Exception:
            return 0.0

    def index(x: Any) -> Any:
        return digits(x) + [1.0, 2.0][x * 0.0]

    function = {"method": method, "caught": caught, "index": index}[odd]
    compiled = given_up(function)
    found = [compiled(k / 8) for k in range(8)]
    assert found == pytest.approx([function(Value(k / 8)).data for k in range(8)])


def test_errors_and_large_integers_are_as_ever() -> None:
    def failing(x: Any) -> Any:
        return digits(x) + (1 / (x - 5) if x > 4 else 0.0)

    compiled = given_up(failing)
    for _ in range(3):
        with pytest.raises(PoleError):
            compiled(5.0)
        with pytest.raises(ArgumentError, match=r"2\*\*53"):
            compiled(2**53 + 1)
        assert compiled(3.0) == digits(3.0)
        assert compiled(Value(0.3)).data == digits(0.3)


def test_slopes_by_what_is_no_argument_are_kept() -> None:
    outside = [Value(2.0)]

    def scaled(x: Any) -> Any:
        return digits(x, 2) * outside[0]

    def both(w: Any) -> Any:
        outside[0] = w
        return alone(0.3) * w + sum(many([0.3, 0.7]))

    alone, many = given_up(scaled), compile(scaled, batch="x")
    for _ in range(3):
        assert {type(n) for n in (alone(0.3), *many([0.3, 0.7, 0.1]))} == {float}
        value, slope = value_and_grad(both)(3.0)
        assert value == pytest.approx(12 * digits(0.3, 2) + 3 * digits(0.7, 2))
        assert slope == pytest.approx(7 * digits(0.3, 2) + digits(0.7, 2))
        outside[0] = Value(2.0)


def test_a_batch_of_many_paths_records_some_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    def turns(x: Any) -> Any:
        total = x
        while x > 1:
            x = x - 1
            total = total + x
        return total

    monkeypatch.setattr("tinygrad_nn.compiler.paths.patience.MOST_IN_VAIN", 3)
    monkeypatch.setattr("tinygrad_nn.compiler.paths.samples.MOST_ANSWERS", 10**6)
    xs = np.random.default_rng(0).permutation(np.arange(20) % 5 + 0.5)
    compiled = compile(turns, batch="x")
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for most in (3, 5, 5):
            assert compiled(xs).tolist() == [turns(x) for x in xs.tolist()]
            assert len(compiled._latest.tree.paths) == most
