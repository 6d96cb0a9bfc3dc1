"""What a transform leaves behind: nothing on what others know, and graphs like any other."""

from __future__ import annotations

import copy
import pickle
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, nullcontext
from typing import Any

import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, debug, grad, gradients, jacobian, no_grad, tanh, value_and_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError

TRANSFORMS: dict[str, Callable[[Callable[[Any], Any]], Any]] = {
    "grad": lambda f: grad(f)(2.0),
    "value_and_grad": lambda f: value_and_grad(f)(2.0)[1],
    "jacfwd": lambda f: tg.jacfwd(f)(2.0),
    "jacrev": lambda f: tg.jacrev(f)(2.0),
    "jvp": lambda f: tg.jvp(f, (2.0,), (1.0,))[1],
    "vjp": lambda f: tg.vjp(f, 2.0)[1](1.0)[0],
    "hvp": lambda f: tg.hvp(f)(2.0, 2.0),
    "derivative": lambda f: tg.derivative(f, 1)(2.0),
    "of a Value": lambda f: grad(f)(Value(2.0)),
}
AROUND: dict[str, Callable[[], AbstractContextManager[object]]] = {
    "plainly": nullcontext,
    "no_grad": no_grad,
    "debug": debug,
}


def number(x: Any) -> float:
    return x.data if isinstance(x, Value) else x


@pytest.mark.parametrize("around", AROUND)
@pytest.mark.parametrize("name", TRANSFORMS)
def test_nothing_is_written_on_what_a_function_finds(name: str, around: str) -> None:
    w = Value(3.0)
    met, unmet = w * 2.0, w * 1.0
    met.backward()
    with AROUND[around]():
        found = TRANSFORMS[name](lambda x: met * unmet * x * x)
    assert number(found) == 72.0
    assert (w.grad, met.grad, unmet.grad) == (2.0, 1.0, 0.0)
    assert (met.was_met, unmet.was_met) == (True, False)
    assert (met.args[0], unmet.args[0]) == (w, w)


@pytest.mark.parametrize("around", AROUND)
def test_threads_may_share_what_they_find(around: str) -> None:
    w = Value(3.0)
    shared = tanh(w * 2.0)
    for _ in range(300):
        shared = shared * 1.0 + 0.0

    def slope(x: float) -> float:
        with AROUND[around]():
            return number(grad(lambda x: shared * x * x)(x))

    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(slope, [1.0, 2.0, 3.0, 4.0] * 5))
    assert found == [2.0 * shared.data * x for x in [1.0, 2.0, 3.0, 4.0] * 5]


def test_a_state_from_call_to_call_is_a_plain_number() -> None:
    state: list[Any] = [0.0]

    def step(x: Any) -> Any:
        state[0] = tanh(state[0]) + x * x
        return state[0]

    assert [grad(step)(x) for x in (1.0, 2.0, 3.0)] == [2.0, 4.0, 6.0]
    state[0].backward()
    assert tg.jvp(step, (1.0,), (1.0,))[1] == 2.0
    assert type(grad(step)(1.0)) is float


def test_a_backward_inside_of_a_function_does_not_count() -> None:
    def f(x: Any) -> Any:
        y = x * x
        y.backward()
        return y * x + x.grad

    assert value_and_grad(f)(2.0) == (12.0, 12.0)
    assert tg.jacfwd(f)(2.0) == 12.0
    assert tg.hvp(f)(2.0, 1.0) == 12.0


def test_a_rule_that_finds_a_value() -> None:
    w = Value(3.0)
    cube = tg.custom(lambda x: x**3, [lambda x, z: w * x * x], name="with_a_weight")
    assert number(tg.hvp(cube)(2.0, 1.0)) == 12.0
    assert w.grad == 0.0


def test_the_number_that_varied_is_drawn_written_copied_and_kept() -> None:
    w = Value(3.0, label="w")
    slope = grad(lambda x: w * x * x)(2.0)
    for again in (slope, copy.deepcopy(slope), pickle.loads(pickle.dumps(slope))):
        assert again.data == 12.0
        assert tg.to_latex(again) == tg.to_latex(slope)
        assert tg.draw(again)
        assert str(tg.explain(again, w))
        again.backward(check=True)
    assert tg.compile(slope, inputs=[w])([5.0]) == 20.0
    (by_w,) = gradients(slope, [w])
    assert by_w.data == 4.0


def test_the_same_value_twice() -> None:
    x = Value(3.0)
    first, second = grad(lambda p: p[0] * p[1] ** 2)([x, x])
    assert (first.data, second.data) == (9.0, 18.0)
    (first + second).backward()
    assert x.grad == 18.0


def test_numbers_of_any_kind() -> None:
    np = pytest.importorskip("numpy")

    def square(x: Any) -> Any:
        return sum(each * each for each in x)

    assert grad(square)([1, 2.5, True]) == [2.0, 5.0, 2.0]
    assert all(type(each) is float for each in grad(square)([1, 2, np.float32(3)]))
    for kind in (np.float64, np.float32, np.float16, np.longdouble, np.int8, np.uint64, bool):
        found = grad(square)(np.array([1, 0, 1], dtype=kind))
        assert found.dtype == float
        assert found.tolist() == [2.0, 0.0, 2.0]
    mixed = grad(square)(np.array([1.0, Value(2.0)], dtype=object))
    assert [number(each) for each in mixed] == [2.0, 4.0]
    assert mixed.dtype == object
    assert jacobian(lambda x: x * x)(np.array([1.0, 2.0])).tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert jacobian(lambda x: x * x)(np.array([1.0, 2.0])).dtype == float


def test_what_is_no_number_is_named_by_its_place() -> None:
    with pytest.raises(ArgumentTypeError, match=r"argument 0\[1\]\['b'\] must be a number"):
        grad(lambda x: x)([1, {"a": 2.0, "b": "text"}])
    with pytest.raises(ArgumentTypeError, match=r"argument name\[2\] must be a number"):
        grad(lambda x, name: x, ("name", 0))(1.0, name=[1, 2, None])
    with pytest.raises(ArgumentError, match=r"argument 0\[1\] must lie within the range of floats"):
        grad(lambda x: x)([1.0, 10**400])
    with pytest.raises(ArgumentTypeError, match=r"the result of <lambda>\[1\] must be a number"):
        jacobian(lambda x: [x, "text"])(1.0)
