"""The ordinary call of a derivative gives what every other call gives."""

from __future__ import annotations

import copy
import threading
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from tinygrad_nn import (
    Value,
    debug,
    derivative,
    exp,
    grad,
    gt,
    no_grad,
    sqrt,
    tanh,
    value_and_grad,
    where,
)
from tinygrad_nn.errors import ArgumentTypeError, ConversionError
from tinygrad_nn.transforms import of_functions
from tinygrad_nn.transforms.direct import at_once

Function = Callable[..., Any]


def in_general(function: Function, argnums: Any, *args: Any, **kwargs: Any) -> Any:
    """Differentiate without the way of ordinary calls."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(of_functions, "at_once", lambda *_: None)
        return value_and_grad(function, argnums)(*args, **kwargs)


def mixed(p: Any) -> Any:
    return p["a"] * p["b"][0] + tanh(p["b"][1]) * p["c"][0][0]


ORDINARY: dict[str, tuple[Function, Any, tuple[Any, ...]]] = {
    "one number": (lambda x: x * tanh(x), 0, (0.5,)),
    "a whole number": (lambda x: x * x, 0, (3,)),
    "two numbers": (lambda x, y: x * y + x, (0, 1), (0.5, 0.7)),
    "the second of them": (lambda x, y: x * y + exp(y), 1, (0.5, 0.7)),
    "three, turned round": (lambda x, y, z: x * y * z, (2, 0), (0.5, 0.7, 2)),
    "a list": (lambda x: x[0] * x[1] + x[2], 0, ([0.1, 0.2, 0.3],)),
    "a tuple": (lambda x: x[0] * x[1], 0, ((0.1, 0.2),)),
    "a dict of nestings": (mixed, 0, ({"a": 1, "b": (2.0, 0.3), "c": [[0.5]]},)),
    "itself": (lambda x: x, 0, (0.5,)),
    "not all": (lambda x: x[0] * 2.0, 0, ([0.5, 0.7],)),
    "a comparison": (lambda x: gt(x, 0.1) * 1.0, 0, (0.5,)),
    "a choice": (lambda x: where(x > 0.1, x * x, 3.0), 0, (0.5,)),
    "much that is shared": (lambda x: sum(x * k for k in range(60)) * x, 0, (0.5,)),
}


@pytest.mark.parametrize("name", ORDINARY)
def test_an_ordinary_call_is_as_any_other(name: str) -> None:
    function, argnums, args = ORDINARY[name]
    found = at_once(function, argnums, args, {})
    assert type(found) is tuple
    assert repr(found) == repr(in_general(function, argnums, *args))
    assert repr(value_and_grad(function, argnums)(*args)) == repr(found)
    assert repr(grad(function, argnums)(*args)) == repr(found[1])


weight = Value(2.0)
known = tanh(weight) * weight  # that others know


@pytest.mark.parametrize(
    "function",
    [
        *[function for function, argnums, args in ORDINARY.values() if args == (0.5,)],
        lambda x: x * weight + known,
        lambda x: where(x > 0.0, x * known, weight) * (weight - x),
        lambda x: known,
        lambda x: gt(weight, x) + 1.0,
        lambda x: (x / known) ** weight - known * (x - known),
        lambda x: sqrt(x - 0.5) * 0.0 * weight + x,
    ],
)
def test_within_no_grad_it_may_hang_on_anything(function: Function) -> None:
    known.backward(0.25)
    before = weight.grad, known.grad, known.mark, known.args
    with no_grad():
        found = at_once(function, 0, (0.5,), {})
        assert type(found) is tuple
        assert repr(found) == repr(in_general(function, 0, 0.5))
    assert (weight.grad, known.grad, known.mark, known.args) == before


def test_what_is_kept_of_a_call_within_no_grad_is_differentiated_as_ever() -> None:
    kept = []

    def keeps(x: Any) -> Any:
        kept.extend([x, x * weight])
        return kept[1] * known

    for number in (3.0, 4.0):
        with no_grad():
            grad(keeps)(number)
    weight.zero_grad()
    (kept[1] + kept[3] + kept[0]).backward()
    assert weight.grad == 7.0


endless: list[Any] = []
endless.append(endless)

OTHERS: dict[str, tuple[Function, Any, tuple[Any, ...]]] = {
    "a weight": (lambda x: x * weight, 0, (0.5,)),
    "a plain result": (lambda x: 3.0, 0, (0.5,)),
    "a constant": (lambda x: (x * weight - x * weight) * 0.0 + 1.0, 0, ([0.5, 1.0][0],)),
    "an array": (lambda x: x[0] * x[1], 0, (np.array([0.5, 0.7]),)),
    "a Value": (lambda x: x * x, 0, (Value(0.5),)),
    "a great number": (lambda x: x * 1.0, 0, (2**53 + 1,)),
    "from the end": (lambda x, y: x * y, -1, (0.5, 0.7)),
    "by name": (lambda x, y: x * y, "y", (0.5, 0.7)),
    "deep": (lambda x: x[0][0][0][0][0] * 2.0, 0, ([[[[[0.5]]]]],)),
    "truth": (lambda x: x * 2.0, 0, (True,)),
}


@pytest.mark.parametrize("name", OTHERS)
def test_other_calls_are_none(name: str) -> None:
    function, argnums, args = OTHERS[name]
    assert type(at_once(function, argnums, args, {})) is not tuple
    found = value_and_grad(function, argnums)(*args)
    assert repr(found) == repr(in_general(function, argnums, *args))


@pytest.mark.parametrize(
    ("function", "argnums", "args"),
    [
        (3.0, 0, (0.5,)),
        (lambda x: [x], 0, (0.5,)),
        (lambda x: x, 2, (0.5,)),
        (lambda x, y: x, (0, 0), (0.5, 1.0)),
        (lambda x: x, 0, ("a",)),
        (lambda x: float(x), 0, (0.5,)),
        (lambda x: np.linalg.inv(np.array([[x]])), 0, (0.5,)),
        (lambda x: x.undefined, 0, (0.5,)),
    ],
)
def test_mistakes_are_named_as_ever(function: Any, argnums: Any, args: tuple[Any, ...]) -> None:
    with pytest.raises(Exception, match=r"\w") as found:
        value_and_grad(function, argnums)(*args)
    with pytest.raises(type(found.value)) as expected:
        in_general(function, argnums, *args)
    assert str(found.value).partition("\n")[0] == str(expected.value).partition("\n")[0]


def test_an_argument_without_an_end_is_refused() -> None:
    with pytest.raises(RecursionError):
        grad(lambda x: 1.0)(endless)


def test_what_is_open_makes_a_call_no_ordinary_one() -> None:
    def square(x: Any) -> Any:
        return x * x

    with no_grad(), debug():
        assert at_once(square, 0, (0.5,), {}) is None
        assert grad(square)(0.5) == 1.0
    with debug(), pytest.raises(Exception, match="inf"):
        grad(lambda x: x * 1e308 * 10.0)(1.0)
    seen = []

    def nested(x: Any) -> Any:
        seen.append(at_once(square, 0, (0.5,), {}))
        return x * grad(square)(x)

    assert grad(nested)(3.0) == 12.0
    assert seen == [None]


def test_what_a_function_does_with_its_arguments_and_graph_is_its_own() -> None:
    given = [0.5, 0.7]

    def greedy(x: Any) -> Any:
        found = x[0] * x[1]
        found.backward()
        x.clear()
        given.append(1.0)
        return found * 2.0

    assert value_and_grad(greedy)(given) == (0.7, [1.4, 1.0])
    assert given == [0.5, 0.7, 1.0]


def test_nested_results_are_as_the_argument_was() -> None:
    given = [0.5, 0.7]

    def growing(x: Any) -> Any:
        given.append(1.0)
        return x[0] * weight + x[1]

    slope = grad(growing)(given)
    assert [float(s.data) if isinstance(s, Value) else s for s in slope] == [2.0, 1.0]


def test_copies_hang_on_what_is_differentiated_and_plain_numbers_are_refused() -> None:
    assert grad(lambda x: copy.deepcopy(x) * x)(3.0) == 6.0
    with pytest.raises(ConversionError, match="being differentiated"):
        grad(lambda x: float(x))(3.0)
    x = Value(2.0)
    assert copy.copy(x).args == ()  # as before: nothing is left open


def test_the_gradient_of_a_graph_from_outside_stays() -> None:
    x = Value(3.0)
    y = x * x
    y.backward()
    assert grad(lambda a: a * y)(2.0).data == 9.0
    assert (x.grad, y.grad) == (6.0, 1.0)


def test_threads_differentiate_beside_each_other() -> None:
    found: list[Any] = []

    def many() -> None:
        slope = grad(lambda x: x[0] * tanh(x[1]))
        found.append({tuple(slope([float(k % 7), 0.5])) for k in range(300)})

    threads = [threading.Thread(target=many) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == 4
    assert all(one == found[0] and len(one) == 7 for one in found)


def test_derivatives_have_the_names_of_their_functions() -> None:
    def named(x: float) -> float:
        """What it does."""
        return x

    named.mark = 3  # type: ignore[attr-defined]
    made: Any = grad(named)
    assert (made.__name__, made.__doc__, made.mark) == ("named", "What it does.", 3)
    assert made.__wrapped__ is named
    assert made.__annotations__ == named.__annotations__
    assert made.__qualname__ == named.__qualname__
    with pytest.raises(ArgumentTypeError, match="argnum"):
        grad(named, argnum=0)  # type: ignore[call-arg]


def test_the_first_derivative_is_an_ordinary_call_too() -> None:
    assert derivative(lambda x: x * x * x)(2.0) == 12.0
    assert derivative(lambda x, k: x * x * k)(2.0, k=3.0) == 12.0
    assert derivative(lambda x: x[0] * x[0])([2.0]) == 4.0
    slope = derivative(lambda x: x * weight)(2.0)
    assert isinstance(slope, Value)
    assert slope.data == 2.0
    with pytest.raises(ArgumentTypeError, match="derivative differentiates a function of one"):
        derivative(lambda x: [x, x])(2.0)
