"""The interface of compile: what goes in and comes out, and what is recorded when."""

from __future__ import annotations

import subprocess
import sys
import warnings
from collections.abc import Callable
from fractions import Fraction
from functools import partial
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import compile, grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError


class Line(NamedTuple):
    slope: Any
    offset: Any


def chain(x: Any) -> Any:
    return sum(a * b for a, b in pairwise(x))


# ---- numbers in and out --------------------------------------------------------------------------


@pytest.mark.parametrize("number", [2, 2.0, True, np.float32(2), np.int64(2), Fraction(2)])
def test_any_number_goes_in_and_a_float_comes_out(number: Any) -> None:
    found = compile(lambda x: x * x + 1)(number)
    assert type(found) is float
    assert found == float(number) ** 2 + 1


def test_results_are_nested_as_the_function_nests_them() -> None:
    def f(x: Any, line: Line) -> Any:
        y = line.slope * x + line.offset
        return {"y": y, "all": [x, (y, 1), Line(x, [y])], "none": []}

    found = compile(f)(2.0, Line(3.0, 1.0))
    assert found == {"y": 7.0, "all": [2.0, (7.0, 1.0), Line(2.0, [7.0])], "none": []}
    assert type(found["all"][2]) is Line
    assert list(found) == ["y", "all", "none"]


def test_arguments_are_nested_as_the_caller_nests_them() -> None:
    def f(p: Any) -> Any:
        return p["W"][1][0] * p["b"][0] - p["line"].slope + p["x"][0, 1]

    p = {"W": [[1.0], (2.0,)], "b": (3.0,), "line": Line(4.0, 5.0), "x": np.eye(2) + 1}
    assert compile(f)(p) == f(p)


def test_arrays_in_and_out() -> None:
    a, x = np.arange(6.0).reshape(2, 3), np.array([1, -1, 2])
    found = compile(lambda a, x: (np.exp(a @ x / 10), a.T))(a, x)
    np.testing.assert_allclose(found[0], np.exp(a @ x / 10), rtol=1e-12)
    np.testing.assert_array_equal(found[1], a.T)
    assert found[0].dtype == float


def test_arrays_may_be_strided_and_of_any_order() -> None:
    a = np.asfortranarray(np.arange(12.0).reshape(3, 4))[::2, ::-1]
    np.testing.assert_array_equal(compile(lambda a: a * 2)(a), a * 2)


def test_an_array_without_axes() -> None:
    assert compile(lambda x: x[()] * 2)(np.array(3.0)) == 6.0


def test_none_passes_through() -> None:
    f = compile(lambda x, scale=None: {"y": x if scale is None else x * scale, "rest": None})
    assert f(2.0) == f(2.0, None) == {"y": 2.0, "rest": None}
    assert f(2.0, 3.0) == {"y": 6.0, "rest": None}
    assert compile(lambda x: [None, (x, None)])(1.0) == [None, (1.0, None)]
    assert compile(lambda x: None)(1.0) is None
    found = compile(lambda x: (x * 2, None), batch="x")(np.ones(3))
    np.testing.assert_array_equal(found[0], [2.0, 2.0, 2.0])
    assert found[1] is None
    assert compile(lambda x: (x, None), batch="x", reduce="mean")([1.0, 3.0]) == (2.0, None)
    assert compile(grad(lambda x, o: x * x if o is None else x))(3.0, None) == 6.0


def test_results_that_are_inputs_or_numbers() -> None:
    f = compile(lambda x, unused: [x[1], 5, x, np.ones(2) * 3])
    found = f([1.0, 2.0], 7.0)
    assert found[:3] == [2.0, 5.0, [1.0, 2.0]]
    np.testing.assert_array_equal(found[3], [3.0, 3.0])
    assert f([3.0, 4.0], 7.0)[:3] == [4.0, 5.0, [3.0, 4.0]]


def test_results_are_not_overwritten_by_the_next_call() -> None:
    f = compile(lambda x: (x * 2, [x[0]]), batch="x")
    first = f(np.ones((3, 2)))
    f(np.zeros((3, 2)))
    np.testing.assert_array_equal(first[0], np.full((3, 2), 2.0))
    np.testing.assert_array_equal(first[1], np.ones((3, 1)))


def test_arguments_are_not_written_to() -> None:
    x = np.arange(4.0)
    x.flags.writeable = False
    compile(lambda x: x * 2 + 1)(x)
    np.testing.assert_array_equal(x, np.arange(4.0))


def test_a_decorated_function_keeps_its_name_and_documentation() -> None:
    @compile
    def energy(x: Any) -> Any:
        """The energy."""
        return chain(x)

    assert energy([1.0, 2.0, 3.0]) == 8.0
    assert (energy.__name__, energy.__doc__) == ("energy", "The energy.")
    assert "energy" in repr(energy)


def test_a_decorator_with_options() -> None:
    @compile(batch=("x",), reduce="sum")
    def f(x: Any, y: Any) -> Any:
        return x * y

    assert f([1.0, 2.0, 3.0], 2.0) == 12.0


def test_arguments_by_name_by_position_and_left_out() -> None:
    f = compile(lambda x, y=3.0, *, z=1.0: x - y * z)
    assert f(10.0) == 7.0
    assert f(10.0, 2.0) == f(10.0, y=2.0) == f(y=2.0, x=10.0) == 8.0
    assert f(10.0, z=2.0) == 4.0


def test_partial_functions_and_methods() -> None:
    assert compile(partial(lambda a, x: a * x, 3.0))(2.0) == 6.0
    assert compile(Counted(lambda x, n: x - n).__call__)(5.0, 2.0) == 3.0


def test_what_is_no_number_is_refused() -> None:
    with pytest.raises(ArgumentTypeError, match=r"x has 'a', of type str: expected numbers.*stati"):
        compile(lambda x: 1.0)("a")
    with pytest.raises(ArgumentTypeError, match="dtype complex128"):
        compile(lambda x: 1.0)(np.array([1j]))
    with pytest.raises(ArgumentTypeError, match="Ellipsis"):
        compile(lambda x: ...)(1.0)
    with pytest.raises(ArgumentTypeError, match="expected a function of numbers"):
        compile(3)  # type: ignore[call-overload]


# ---- programs ------------------------------------------------------------------------------------


class Counted:
    """A function that counts how often it is called."""

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function
        self.calls = 0

    def __call__(self, x: Any, n: int = 1) -> Any:
        self.calls += 1
        return self.function(x, n)


def test_a_structure_is_recorded_once() -> None:
    f = Counted(lambda x, n: sum(x) * n)
    compiled = compile(f)
    assert compiled.program is None
    assert [compiled([1.0, 2.0]), compiled([3.0, 4.0]), compiled([5, 6])] == [3.0, 7.0, 11.0]
    assert f.calls == 1
    assert compiled([1.0, 2.0, 3.0]) == 6.0
    assert f.calls == 2
    assert compiled.program is not None


def test_static_arguments_shape_the_program() -> None:
    f = Counted(lambda x, n: sum(x**i for i in range(n)))
    compiled = compile(f, static="n")
    assert [compiled(2.0, 3), compiled(3.0, 3), compiled(2.0, n=4)] == [7.0, 13.0, 15.0]
    assert f.calls == 2
    with pytest.raises(ArgumentTypeError, match=r"n is \[1\] and named in static.*tuple"):
        compiled(2.0, [1])


def test_static_arguments_that_are_equal_are_not_the_same() -> None:
    f = compile(lambda x, n: x if n is True else -x, static="n")
    assert [f(2.0, True), f(2.0, 1)] == [2.0, -2.0]
    g = compile(lambda x, n: tg.atan2(x * n, -1.0), static="n")
    assert g(1.0, 0.0) == -g(1.0, -0.0)


def test_batch_and_static_must_name_parameters() -> None:
    with pytest.raises(ArgumentError, match=r"names 'z'.*has the parameters x, y"):
        compile(lambda x, y: x, batch=("z",))
    with pytest.raises(ArgumentTypeError, match=r"static has 3: expected names.*\('static',\)"):
        compile(lambda x: x, static=(3,))  # type: ignore[arg-type]
    assert compile(lambda **given: given["x"] * 2, batch="x")(x=[1.0, 2.0]) == [2.0, 4.0]


def structures(f: Any, count: int) -> None:
    for n in range(1, count + 1):
        f([1.0] * n)


def test_many_structures_are_warned_of_once() -> None:
    f = compile(chain)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        structures(f, 7)
        assert not caught
        structures(f, 20)
    (warning,) = caught
    text = str(warning.message)
    assert "chain has been compiled for 8 structures" in text
    assert "name in batch" in text


def test_the_warning_is_at_the_line_of_the_call() -> None:
    f = compile(chain)
    with pytest.warns(UserWarning, match="8 structures") as caught:
        structures(f, 8)
    assert caught[0].lineno == structures.__code__.co_firstlineno + 2


def test_no_more_than_64_programs_are_kept() -> None:
    f = Counted(lambda x, n: sum(x))
    compiled = compile(f)
    with pytest.warns(UserWarning, match="8 structures"):
        structures(compiled, 65)
    structures(compiled, 1)  # the oldest, recorded anew
    assert f.calls == 66
    for n in (3, 65, 1):  # with it went the next one, and no other
        compiled([1.0] * n)
    assert f.calls == 66


def test_the_package_is_imported_without_numpy() -> None:
    code = "import sys, tinygrad_nn; tinygrad_nn.compile; print('numpy' in sys.modules)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "False"
