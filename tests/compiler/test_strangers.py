"""What a stranger may do with a compiled function, and is told where it cannot be."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, compile, nn
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError
from tinygrad_nn.scalar.number import plain


@compile
def doubled(x: Any) -> Any:
    return x * 2


class Line:
    def __init__(self, slope: float) -> None:
        self.slope = slope

    @compile(static="self")
    def __call__(self, x: Any) -> Any:
        return self.slope * x

    @compile
    def at(self, x: Any) -> Any:
        return x


def test_a_compiled_function_is_pickled_and_copied() -> None:
    assert pickle.loads(pickle.dumps(doubled)) is doubled
    assert pickle.loads(pickle.dumps(Line.at)) is Line.at
    error = compile(nn.squared_error, batch="y", reduce="mean", static="y_hat")
    assert error(1.0, [3.0, 1.0]) == 2.0
    for twin in (pickle.loads(pickle.dumps(error)), copy.copy(error), copy.deepcopy(error)):
        assert twin is not error
        assert twin.program is None
        assert twin(1.0, [3.0, 1.0]) == 2.0


def test_methods() -> None:
    two, three = Line(2.0), Line(3.0)
    assert [two(5.0), three(5.0), two(7.0)] == [10.0, 15.0, 14.0]
    with pytest.raises(ArgumentTypeError, match=r"self has .* of type Line.* static="):
        two.at(1.0)


def test_samples_may_come_from_an_iterator() -> None:
    assert compile(lambda x: x * 2, batch="x")(v for v in (1.0, 2.0)) == [2.0, 4.0]
    assert compile(lambda x: x * 2, batch="x")(x=iter([1.0])) == [2.0]


def test_arguments_without_a_name_are_not_in_batch() -> None:
    with pytest.raises(ArgumentError, match="names 'x', and <lambda> has the parameters none"):
        compile(lambda *x: sum(x), batch="x")


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        (np.array([1.0, "a"], dtype=object), "x has 'a', of type str"),
        (np.array([1.0, [2.0]], dtype=object), r"with the element \[2.0\]"),
        (np.ma.array([1.0, 2.0], mask=[False, True]), r"masked array.*filled"),
    ],
)
def test_arrays_of_other_things_are_refused(argument: Any, words: str) -> None:
    with pytest.raises(ArgumentTypeError, match=words):
        compile(lambda x: 2 * x)(argument)


def test_arrays_of_objects_that_are_numbers_are_taken() -> None:
    array = np.array([1, 2.5, np.float32(0.5), Value(3.0)], dtype=object)
    found = compile(lambda x: 2 * x)(array)
    assert [plain(x) for x in found] == [2.0, 5.0, 1.0, 6.0]


@pytest.mark.parametrize("result", ["text", (v for v in ())])
def test_results_that_are_no_numbers_are_named(result: Any) -> None:
    with pytest.raises(ArgumentTypeError, match=r"the result has .*: expected .*; return a list"):
        compile(lambda x: [x, result])(1.0)
