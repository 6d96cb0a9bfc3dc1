"""Dataclasses and named tuples as arguments and results of every transform."""

from __future__ import annotations

import datetime
from dataclasses import dataclass, field, replace
from functools import partial
from operator import attrgetter
from typing import Any

import numpy as np
import pytest
from fields import KINDS, Checked, Frozen, Kind, Plain, Row, Slots, energy, energy_of_list, numbers
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import Value, grad, hessian, hvp, jacobian, jvp, value_and_grad, vjp
from tinygrad_nn.errors import ArgumentTypeError
from tinygrad_nn.tree import flatten, leaf_paths

X = 0.7
NUMBERS = [0.5, 2.0, -1.5]


def made(of: Any, **others: Any) -> Any:
    return of(level=NUMBERS[0], inner={"w": NUMBERS[1:]}, **others)


every_kind = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)


@every_kind
def test_derivatives_are_those_of_a_list_and_come_back_in_the_same_form(kind: Any) -> None:
    p = made(kind)
    slope = grad(energy)(p, X)
    assert type(slope) is kind
    assert slope.kind == "call"
    assert numbers(slope) == grad(energy_of_list)(NUMBERS, X)
    assert numbers(p) == NUMBERS
    assert value_and_grad(energy)(p, X) == (energy_of_list(NUMBERS, X), slope)
    assert grad(energy, argnums=(1, 0))(p, X)[1] == slope
    rows = numbers(hessian(energy)(p, X))
    assert list(map(numbers, rows)) == hessian(energy_of_list)(NUMBERS, X)
    direction = replace(p, level=1.0, inner={"w": [0.0, 2.0]}) if kind is not Row else p
    found = hvp(energy)(p, direction, X)
    assert numbers(found) == hvp(energy_of_list)(NUMBERS, numbers(direction), X)
    assert jvp(energy, (p, X), (direction, 0.0)) == jvp(
        energy_of_list, (NUMBERS, X), (numbers(direction), 0.0)
    )
    assert vjp(energy, p, X)[1](1.0)[0] == slope


@every_kind
def test_as_results_they_hold_what_lists_hold(kind: Any) -> None:
    def f(x: Any) -> Any:
        return kind(level=x[0] * x[1], inner={"w": [x[1], x[0] ** 2]}, kind=Kind.PUT)

    found = jacobian(f)([3.0, 5.0])
    assert type(found) is kind
    assert found.kind is Kind.PUT
    assert numbers(found) == [[5.0, 3.0], [0.0, 1.0], [6.0, 0.0]]
    assert numbers(jvp(f, ([3.0, 5.0],), ([1.0, 0.0],))[1]) == [5.0, 0.0, 6.0]
    arrays = jacobian(lambda x: kind(level=x * x, inner={"w": [x[0], x]}))(np.array([1.0, 2.0]))
    assert arrays.level.tolist() == [[2.0, 0.0], [0.0, 4.0]]
    assert arrays.inner["w"][0].tolist() == [1.0, 0.0]


@every_kind
def test_gradients_are_checked_and_values_pass(kind: Any) -> None:
    assert tg.check_grad(energy, made(kind), X, seed=1, directions=1).passed
    leaf = Value(0.5)
    second = grad(lambda v: grad(energy)(kind(level=v, inner={"w": NUMBERS[1:]}), X).level)
    assert second(0.5) == hessian(energy_of_list)(NUMBERS, X)[0][0]
    slope = grad(energy)(kind(level=leaf, inner={"w": NUMBERS[1:]}), X).level
    assert isinstance(slope, Value)


def test_what_holds_no_number_is_kept() -> None:
    day = datetime.date(2024, 1, 1)
    kept = [
        None,
        "a",
        b"b",
        True,
        np.bool_(False),
        Kind.PUT,
        day,
        len,
        energy,
        Kind,
        np.exp,
        tg.exp,
    ]
    kept += [["a", "b"], {"a": None}, ("x", ("y",)), frozenset("ab"), partial(max), range(3)]
    for thing in kept:
        slope = grad(lambda p: p.level**2)(Slots(3.0, thing, thing))
        assert slope.level == 6.0
        assert slope.inner is thing
        assert slope.kind is thing
    assert grad(lambda p: p.level * p.scale)(Checked(level=2.0, scale=5)) == Checked(
        level=5.0, scale=5
    )
    assert grad(lambda r: r.level)(Row(1, [], "text")) == Row(1.0, [], "text")


class Own:
    def __init__(self) -> None:
        self.rate = 3.0


@dataclass
class Derived:
    width: Any
    area: Any = field(init=False)

    def __post_init__(self) -> None:
        self.area = self.width * self.width


@dataclass
class Doubled:
    width: Any
    height: Any = 1.0

    def __post_init__(self) -> None:
        self.height = [2.0 * self.width]


@dataclass(frozen=True)
class Converted:
    width: Any
    heights: Any

    def __post_init__(self) -> None:
        object.__setattr__(self, "heights", tuple(self.heights))


@dataclass
class Unset:
    width: Any = field(init=False)


def with_cache() -> Plain:
    p = made(Plain)
    p.cache = 3.0
    return p  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("thing", "match"),
    [
        (Plain(1.0, Own()), "the field inner of Plain is .*Own.*static"),
        (Plain(1.0, 1j), "the field inner of Plain is 1j, of type complex"),
        (Plain(1.0, {1.0}), "the field inner of Plain is {1.0}, of type set"),
        (Plain(1.0, iter("a")), "the field inner of Plain is .*iterator"),
        (Row(1.0, tg.nn.Linear(1, 1)), "the field inner of Row is .*Linear"),
        (Plain(1.0, ["a", 2.0]), r"argument 0.inner\[0\] must be a number .*got 'a'"),
        (Derived(2.0), "the field area of Derived is set by __post_init__"),
        (Doubled(2.0), "the field height of Doubled is set by __post_init__"),
        (Unset(), "Unset has no width, which is one of its fields"),
        (with_cache(), "Plain has the attribute cache, which is none of its fields"),
    ],
    ids=lambda one: one if isinstance(one, str) else "",
)
def test_what_may_hold_numbers_that_would_not_vary_is_refused(thing: Any, match: str) -> None:
    with pytest.raises(ArgumentTypeError, match=match):
        grad(lambda p: 1.0)(thing)


def test_what_was_computed_of_fields_is_computed_again() -> None:
    p = made(Plain)
    assert p.doubled == 1.0
    assert grad(attrgetter("doubled"))(p).level == 2.0
    assert tg.check_grad(lambda p: p.doubled * p.level, p, seed=0).passed


FIELDS = st.recursive(
    st.floats(allow_nan=False) | st.text(max_size=2) | st.none(),
    lambda part: st.builds(Frozen, part, part) | st.builds(Slots, part, part, part),
    max_leaves=4,
)


@settings(max_examples=12)
@given(FIELDS)
def test_rebuilt_of_its_own_numbers_it_is_the_same(nesting: Any) -> None:
    if isinstance(nesting, str | None):
        return
    found, rebuild = flatten(nesting)
    paths = leaf_paths(nesting, "p")
    assert rebuild(found) == nesting
    assert [eval(path, {"p": nesting}) for path in paths] == found
    assert all(type(number) is float for number in found)


def test_what_is_only_converted_varies_by_itself() -> None:
    slope = grad(lambda c: c.width * c.heights[0])(Converted(2.0, [3.0]))
    assert slope == Converted(3.0, (2.0,))
