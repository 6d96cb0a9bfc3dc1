"""Integers that a function is given as they are, where numbers like others will not do."""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytest
from control_flow import CASES, integers
from control_flow.compared import differences

from tinygrad_nn import Value, compile, value_and_grad
from tinygrad_nn.errors import ArgumentTypeError, TraceError

NAMES = [name for name, case in CASES.items() if case.function.__module__ == integers.__name__]


@pytest.mark.parametrize("name", NAMES)
def test_algorithms_on_integers_have_programs(name: str) -> None:
    case = CASES[name]
    wrong, answered = differences(case, case.points(1, 3))
    assert not wrong
    assert answered == 3


def by_bits(n: Any, x: Any) -> Any:
    return x * bin(n).count("1") + (n & 1) + (n << 2)


def of_a_table(n: Any, x: Any) -> Any:
    return {1: x, 2: x * x}.get(n, 0.0)


def test_each_integer_is_a_path_that_is_shown() -> None:
    compiled = compile(by_bits)
    assert [compiled(n, 2.0) for n in (3, 4, 3)] == [by_bits(n, 2.0) for n in (3, 4, 3)]
    text = str(compiled)
    assert text.startswith("2 paths\n\npath taken 2 times\n  n = 3\n")
    slope = compile(value_and_grad(by_bits, argnums=1))
    assert [slope(n, 2.0) for n in (3, 4, 3)] == [(17.0, 2.0), (18.0, 1.0), (17.0, 2.0)]


def test_integers_stay_what_they_are_where_a_call_with_a_float_was_given_up() -> None:
    def f(n: Any, x: Any) -> Any:
        float(n)
        return (1 << n) * x

    compiled = compile(f)
    with pytest.warns(UserWarning, match="number plain"), pytest.raises(TypeError):
        compiled(2.0, 1.5)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        assert [compiled(n, 1.5) for n in (2, 3, 2)] == [6.0, 12.0, 6.0]
    with pytest.raises(TypeError):
        compiled(2.0, 1.5)


def test_samples_are_parted_by_their_integers() -> None:
    ns, xs = [3, 4, 5, 3], [1.0, 2.0, 3.0, 4.0]
    wanted = [by_bits(n, x) for n, x in zip(ns, xs, strict=True)]
    many = compile(by_bits, batch=("n", "x"))
    for _ in range(2):
        assert many(ns, xs) == wanted
        assert many(np.array(ns), np.array(xs)).tolist() == wanted
    total = compile(by_bits, batch=("n", "x"), reduce="sum")
    assert total(ns, xs) == sum(wanted)


def test_floats_are_no_integers() -> None:
    compiled = compile(of_a_table)
    assert [compiled(n, 3.0) for n in (1, 2, 3, 2)] == [3.0, 9.0, 0.0, 9.0]
    for n in (1.0, Value(1.0)):
        with pytest.raises(TraceError, match="a set, a key of a dict"):
            compiled(n, 3.0)
    assert compiled(1, 3) == 3.0

    def checked(n: Any, x: Any) -> Any:
        if not isinstance(n, int):
            raise TypeError("no integer")
        return x * n

    compiled = compile(checked)
    for _ in range(6):
        assert compiled(2, 3.0) == 6.0
        with pytest.raises(TypeError, match="no integer"):
            compiled(2.0, 3.0)


def test_paths_before_it_was_needed_are_recorded_again() -> None:
    def later(n: Any, x: Any) -> Any:
        return x * (n & 1) if x < 0 else x * n

    compiled = compile(later)
    points = [(3, 2.0), (4, 2.0), (3, -2.0), (4, -2.0), (3, 2.0), (4, -2.0)]
    for _ in range(3):
        assert [compiled(*point) for point in points] == [later(*point) for point in points]


def test_errors_of_the_user_stay_his() -> None:
    def small(n: Any) -> Any:
        if n > 10:
            raise ValueError(f"{n} is too large")
        return n * 2

    compiled = compile(small)
    for _ in range(2):
        assert compiled(3) == 6.0
        with pytest.raises(ValueError, match="is too large"):
            compiled(11)
    assert str(compiled).startswith("1 path\n")


def test_too_many_integers_are_left_to_python() -> None:
    compiled = compile(by_bits)
    with pytest.warns(UserWarning, match="takes another path at nearly each call"):
        found = [compiled(n, 2.0) for n in range(24)]
    assert found == [by_bits(n, 2.0) for n in range(24)]
    assert compiled(2**40 + 1, 2.0) == by_bits(2**40 + 1, 2.0)


def by_class(n: Any, x: Any) -> Any:
    return x * 2 if isinstance(n, int) else x * 3


def by_class_in_a_list(ns: Any, x: Any) -> Any:
    return x * sum(2 for n in ns if isinstance(n, int))


def given_up(n: Any, x: Any) -> Any:
    return x * (n & 6) if (x > 0) is True else x * n


@pytest.mark.filterwarnings("ignore:.*looks at the kind of a number")
@pytest.mark.parametrize("function", [by_class, given_up])
def test_classes_are_asked_of_integers(function: Any) -> None:
    compiled = compile(function)
    slope = compile(value_and_grad(function, argnums=1))
    for n, x in [(3, 1.5), (2, -1.5), (3, 1.5), (7, 2.0)]:
        wanted = function(n, x)
        assert compiled(n, x) == wanted
        assert slope(n, x) == (wanted, wanted / x)


def test_classes_are_asked_of_what_is_in_a_list() -> None:
    compiled = compile(by_class_in_a_list)
    for ns in ([1, 2], [1, 3], [1.0, 3]):
        assert compiled(ns, 1.5) == by_class_in_a_list(ns, 1.5)


def test_floats_may_be_asked_for_their_class() -> None:
    compiled = compile(lambda x: x * 3 if isinstance(x, int) else x * 2)
    assert [compiled(x) for x in (1.5, -1.5)] == [3.0, -3.0]
    assert str(compiled).startswith("1 path\n")
    either = compile(lambda x: x * 3 if isinstance(x, int | float | str) else x * 2)
    assert either(2) == 6.0
    number = compile(lambda x: x * 2 if isinstance(x, (list, tuple)) else x * 3)
    assert [number(x) for x in (1.5, 2)] == [4.5, 6.0]
    assert not str(number).startswith("1 path")


def by_pattern(n: Any) -> Any:
    match n:
        case int():
            return n * 2.0
    return n * 3.0


def by_class_of_a_part(n: Any) -> Any:
    parts = [n]
    return n * 2.0 if isinstance(parts[0], int) else n * 3.0


class Counted:
    def __init__(self, n: Any) -> None:
        self.n = n

    def result(self) -> Any:
        return self.n * 2.0 if isinstance(self.n, (str, int)) else self.n * 3.0


def by_class_of_a_sum(n: Any) -> Any:
    ask, k = isinstance, 1
    return n * 2.0 if isinstance(k + n, int) and ask(k, int) else n * 3.0


def by_attribute(n: Any) -> Any:
    return Counted(n).result()


def refused(n: Any) -> Any:
    if isinstance(n, int):
        raise KeyError(n)
    return n * 3.0


def given(function: Any, n: Any) -> Any:
    try:
        return function(n)
    except KeyError:
        return "refused"


@pytest.mark.parametrize(
    "function", [by_pattern, by_class_of_a_part, by_class_of_a_sum, by_attribute, refused]
)
def test_integers_and_floats_come_in_any_order(function: Any) -> None:
    for points in ([2.0, 2, 3.0, 4], [2, 2.0, 4, 3.0]):
        compiled = compile(function)
        for n in points * 2:
            assert given(compiled, n) == given(function, n)


def test_samples_are_integers_or_floats() -> None:
    many = compile(lambda n: n * 2.0 if isinstance(n, int) else n * 3.0, batch="n")
    for _ in range(2):
        assert many([1.0, 2.0]) == [3.0, 6.0]
        assert many([1, 2]) == [2.0, 4.0]
        with pytest.raises(ArgumentTypeError, match="in some samples"):
            many([1, 2.0])
