"""What answers for an attribute, and what hides it later: other names of methods, hooks, metaclasses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import pytest

from tinygrad_nn import compile, derivative


def cases() -> Iterator[tuple[Callable[[Any], Any], Callable[[], None]]]:
    """Yield functions, and what changes each from twice its argument to five times."""

    class Called:
        def forward(self, x: Any) -> Any:
            return x * 2.0

        __call__ = forward

    called = Called()
    yield (lambda x: called(x), lambda: setattr(Called, "__call__", lambda s, x: x * 5.0))

    class Factor:
        def __mul__(self, other: Any) -> Any:
            return other * 2.0

        __rmul__ = __mul__

    factor = Factor()
    yield (lambda x: x * factor, lambda: setattr(Factor, "__rmul__", lambda s, o: o * 5.0))

    class Hooked:
        def __getattr__(self, name: str) -> float:
            return 2.0

    one, other = Hooked(), type("Other", (Hooked,), {})()
    yield (lambda x: x * one.w, lambda: setattr(one, "w", 5.0))
    yield (lambda x: x * other.w, lambda: setattr(type(other), "w", 5.0))

    class Meta(type):
        k = 2.0

    class Made(metaclass=Meta):
        pass

    yield (lambda x: x * Made.k, lambda: setattr(Made, "k", 5.0))
    module, second = ModuleType("a_module"), ModuleType("another")
    module.__getattr__ = second.__getattr__ = lambda name: 2.0  # type: ignore[method-assign]
    yield (lambda x: x * module.w, lambda: setattr(module, "w", 5.0))
    yield (lambda x: x * second.w, lambda: setattr(second, "__getattr__", lambda name: 5.0))


@pytest.mark.parametrize("calls", [1, 6])
def test_what_comes_later_is_noticed(calls: int) -> None:
    for function, change in cases():
        compiled = compile(function)
        assert [compiled(1.0) for _ in range(calls)] == [2.0] * calls
        change()
        assert [compiled(1.0) for _ in range(6)] == [function(1.0)] * 6 == [5.0] * 6


def test_what_is_made_anew_by_each_call_is_no_change() -> None:
    def function(x: Any) -> Any:
        inner = compile(lambda t: t * t * t)
        return derivative(inner, 2)(x) + compile(lambda p: p * 2.0)(x)

    compiled = compile(function)  # which warns when it is recorded anew again and again
    assert [compiled(float(x)) for x in range(20)] == [8.0 * x for x in range(20)]


def test_an_object_may_answer_anything() -> None:
    class Anything:
        def __getattribute__(self, name: str) -> float:
            return 2.0

    anything = Anything()
    assert compile(lambda x: x * anything.k)(1.5) == 3.0
