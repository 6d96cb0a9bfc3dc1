"""What a function sees of its numbers beside questions: no answer of a recording stays for good."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, compile, log, no_grad, value_and_grad, where
from tinygrad_nn.compiler.trace.symbol import Symbol
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


def by_identity(x: Any) -> Any:
    return x * 2 if (x > 0) is True else x * 3


def by_a_name(x: Any) -> Any:
    above = x > 0
    return x * 2 if above is not False else x * 3


def by_an_argument(x: Any) -> Any:
    return x * 2 if is_true(x > 0) else x * 3


def is_true(condition: Any) -> bool:
    return condition is True


def by_a_pattern(x: Any) -> Any:
    match x > 0:
        case True:
            return x * 2
        case _:
            return x * 3


def by_type(x: Any) -> Any:
    return x * 2 if type(x > 0) is bool and x > 0 else x * 3


def by_class(x: Any) -> Any:
    return x * 2 if (x > 0).__class__ is bool and x > 0 else x * 3


@pytest.mark.parametrize(
    "function", [by_identity, by_a_name, by_an_argument, by_a_pattern, by_type, by_class]
)
def test_what_looks_at_the_kind_of_a_number_is_left_to_python(function: Any) -> None:
    for compiled in (compile(function), compile(value_and_grad(function))):
        with pytest.warns(UserWarning, match="looks at the kind of a number, .*test_escapes.py"):
            assert compiled(1.0) in (2.0, (2.0, 2.0))
        assert compiled(-1.0) in (-3.0, (-3.0, 3.0))


def test_flags_and_classes_of_other_things_are_looked_at_in_programs() -> None:
    def scaled(x: Any, doubled: Any = False, names: Any = (True,)) -> Any:
        options = {"of": type(names)}
        if doubled is True:
            return x * 2 if x > 0 and options["of"] is tuple else x
        return scaled(x, True) if type(doubled) is bool else x

    compiled = compile(scaled)
    assert [compiled(x) for x in (1.0, -1.0)] == [2.0, -1.0]
    assert str(compiled).startswith("2 paths")


def test_a_list_of_symbols_has_no_text() -> None:
    compiled = compile(lambda x: x * len(repr([x])))
    assert [compiled(x) for x in (1.0, -1.25)] == [len(repr([x])) * x for x in (1.0, -1.25)]


class Suppresses:
    def __enter__(self) -> None:
        pass

    def __exit__(self, *exception: object) -> bool:
        return True


@contextmanager
def suppressing() -> Any:
    with suppress(ValueError):
        yield


@pytest.mark.parametrize("manager", [Suppresses, suppressing, lambda: suppress(ValueError)])
def test_a_context_may_suppress_errors(manager: Any) -> None:
    def f(x: Any) -> Any:
        found = -1.0
        with manager():
            found = log(x)
        return found

    compiled = compile(f)
    assert [compiled(x) for x in (1.0, -1.0, 1.0, 0.0)] == [0.0, -1.0, 0.0, -1.0]


def test_contexts_of_ours_suppress_nothing() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            return log(x)

    compiled = compile(f)
    assert compiled(1.0) == 0.0
    assert not str(compiled).startswith("1 path")


def test_a_branch_that_raises_is_none_where_it_is_not_taken() -> None:
    def f(x: Any) -> Any:
        return where(x > 0, lambda: x * 2, lambda: {1: 2.0}[3])

    def nested(x: Any) -> Any:
        return where(x > 0, lambda: where(x > 1, lambda: x * 3, lambda: [][3]), lambda: x)

    for function in (f, nested):
        compiled = compile(function)
        for x in (2.0, 3.0, 0.5, 2.0, -1.0):
            try:
                expected = function(Value(x)).data
            except LookupError as error:
                with pytest.raises(type(error)):
                    compiled(x)
            else:
                assert compiled(x) == expected


def test_other_threads_hash_as_they_may() -> None:
    recording, hashed = threading.Event(), threading.Event()

    def asks(x: Any) -> Any:
        recording.set()
        assert hashed.wait(10.0)
        return x if x > 0 else -x

    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(compile(asks), 1.0)
        assert recording.wait(10.0)
        try:
            assert len({Symbol(), Symbol()}) == 2
        finally:
            hashed.set()
        assert found.result() == 1.0
    for strict in (False, True):
        with pytest.raises(TraceError, match="a set"):
            compile(lambda x: x * len({x, x + 1.0}), strict=strict)(3.0)


@pytest.mark.filterwarnings("ignore:.*looks at the kind of a number")
def test_what_no_number_has_is_not_looked_for_in_other_numbers() -> None:
    def real(n: Any, x: Any) -> Any:
        if type(n) is int:
            return x
        return n.real * x if {2.0: True}.get(x) else n * 3.0  # a Value is no key that is found

    slopes = value_and_grad(real)
    for function in (slopes, value_and_grad(compile(real)), compile(slopes)):
        with pytest.raises(ArgumentTypeError, match="real"):
            function(2.5, 2.0)
