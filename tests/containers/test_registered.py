"""Containers of the user's own, registered, in transforms and compiled functions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, grad, hessian, jacobian, register_container
from tinygrad_nn.containers import registered
from tinygrad_nn.errors import ArgumentTypeError


class Series:
    """Numbers beside names."""

    def __init__(self, numbers: Any, names: tuple[str, ...]) -> None:
        self.numbers, self.names = numbers, names

    def __getitem__(self, name: str) -> Any:
        return self.numbers[self.names.index(name)]


def apart(s: Series) -> tuple[Any, Any]:
    return s.numbers, s.names


def again(names: Any, numbers: Any) -> Series:
    return Series(numbers, names)


@pytest.fixture(autouse=True)
def known(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(registered, "_registered", {})
    monkeypatch.setattr(registered, "_tried", set())
    register_container(Series, apart, again)
    yield
    tg.containers._way_of.cache_clear()


def f(s: Series, x: Any = 2.0) -> Any:
    return s["a"] * s["b"] ** 2 * x if "b" in s.names else s["a"] ** 2 * x


def test_derivatives_come_back_in_the_class() -> None:
    s = Series([3.0, 5.0], ("a", "b"))
    slope = grad(f)(s)
    assert (type(slope), slope.names, slope.numbers) == (Series, s.names, [50.0, 60.0])
    assert [row.numbers for row in hessian(f)(s).numbers] == [[0.0, 20.0], [20.0, 12.0]]
    assert jacobian(lambda x: Series([x[0] * x[1]], ("p",)))([2.0, 3.0]).numbers == [[3.0, 2.0]]
    assert tg.check_grad(f, s, seed=0).passed
    assert isinstance(grad(f)(Series([Value(3.0), 5.0], s.names)).numbers[0], Value)
    array = grad(lambda s: np.exp(s.numbers).sum())(Series(np.zeros(2), None))
    assert array.numbers.tolist() == [1.0, 1.0]


def test_compiled_the_rest_shapes_the_program() -> None:
    g = compile(grad(f))
    for _ in range(5):
        assert g(Series([3.0, 5.0], ("a", "b"))).numbers == [50.0, 60.0]
        assert g(Series([3.0, 5.0], ("b", "a"))).numbers == [60.0, 18.0]
        assert g(Series([3.0, 5.0], ("a", "c"))).numbers == [12.0, 0.0]
    assert len(g._plans) == 3
    rows = compile(f, batch="x", reduce=None)
    for _ in range(5):
        assert rows(Series([3.0, 5.0], ("a", "b")), [1.0, 2.0]) == [75.0, 150.0]
    nested = compile(lambda d: Series({"sum": sum(d["s"].numbers)}, "x"))
    for _ in range(5):
        found = nested({"s": Series([1.0, 2.0], None)})
        assert (found.numbers, found.names) == ({"sum": 3.0}, "x")
    with pytest.raises(ArgumentTypeError, match=r"d\['s'\] has a Series, which is code"):
        tg.to_numpy(nested)


@pytest.mark.parametrize(
    ("flatten", "unflatten", "match"),
    [
        (lambda s: s.numbers, again, r"flatten gives \[1.0, 2.0\] for a Series: expected a pair"),
        (lambda s: (1.0, None), again, r"flatten gives 1.0 for the numbers of a Series"),
        (apart, lambda rest, numbers: numbers, r"unflatten makes \[1.0, 2.0\], of type list"),
        (
            apart,
            lambda rest, numbers: Series(numbers[::-1], rest),
            r"one with the numbers \[2.0, 1",
        ),
        (apart, lambda rest, numbers: Series(tuple(numbers), rest), r"the numbers \(1.0, 2.0\)"),
        (apart, lambda numbers, rest: Series(numbers, rest), r"one with the numbers|flatten gives"),
    ],
)
def test_what_does_not_come_back_as_it_was_is_refused(
    flatten: Any, unflatten: Any, match: str
) -> None:
    register_container(Series, flatten, unflatten)
    with pytest.raises(ArgumentTypeError, match=match):
        grad(lambda s: s.numbers[0])(Series([1.0, 2.0], ("a", "b")))
    with pytest.raises(ArgumentTypeError, match=match):
        compile(lambda s: s.numbers[0])(Series([1.0, 2.0], ("a", "b")))


def test_what_is_no_class_of_the_users_is_refused() -> None:
    for cls in (list, 3, float, Value, tg.nn.Linear(1, 1)):
        with pytest.raises(ArgumentTypeError, match=r"cls is .*expected a class of your own"):
            register_container(cls, apart, again)  # type: ignore[arg-type]
    with pytest.raises(ArgumentTypeError, match="unflatten is None: expected a function"):
        register_container(Series, apart, None)  # type: ignore[arg-type]

    class Derived(Series):
        pass

    with pytest.raises(ArgumentTypeError, match="must be a number"):
        grad(lambda s: s.numbers[0])(Derived([1.0], None))


def test_a_number_that_is_lost_on_the_way_is_refused() -> None:
    class Scaled:
        def __init__(self, number: Any, scale: float = 1.0) -> None:
            self.number, self.scale = number, scale

    register_container(Scaled, lambda s: ([s.number], None), lambda _, p: Scaled(p[0]))
    with pytest.raises(ArgumentTypeError, match="with another scale"):
        grad(lambda s: s.number * s.scale)(Scaled(1.0, 5.0))
    register_container(Scaled, lambda s: ([s.number], s.scale), lambda k, p: Scaled(p[0], k))
    assert grad(lambda s: s.number * s.scale)(Scaled(1.0, 5.0)).number == 5.0
