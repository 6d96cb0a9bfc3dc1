"""Zeros and kinks in a graph excuse what they can do to a derivative, and nothing else."""

from __future__ import annotations

import builtins
from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import Value, check_grad, custom, nn, no_grad, norm, relu
from tinygrad_nn.check.rules import inspect_rules
from tinygrad_nn.scalar import ops

XOR = [([0.0, 0.0], 0), ([0.0, 1.0], 1), ([1.0, 0.0], 1), ([1.0, 1.0], 0)]


def lost(x: Any) -> Any:
    """x * x with half of its derivative."""
    return x * x.data


def statuses(f: Any, *args: Any, **options: Any) -> set[str]:
    return {entry.status for entry in check_grad(f, *args, seed=0, **options).entries}


ZEROS: list[Callable[[Any], Any]] = [
    lambda x: x**0,
    lambda x: 0 / x,
    lambda x: ops.hypot(x, 0.0),
    lambda x: ops.hypot(0.0, x),
    lambda x: ops.atan2(0.0, x),
    lambda x: (x - 3) ** 2,
    lambda x: (x - 3) ** 3,
    lambda x: (x - 6) ** 2,  # a negative base, by whose exponent there is no derivative
    lambda x: ops.cos(x - 3),
    lambda x: ops.cosh(x - 3),
    lambda x: 0.0 * x,
    lambda x: (x - 3) * (x - 3),
    lambda x: ops.exp(-((x - 3) ** 2)),
    lambda x: ops.mod(x, 10.0) - x,
    lambda x: ops.logaddexp(x, x) - x,
    lambda x: ops.softplus(x - 3),
]


@pytest.mark.parametrize("f", ZEROS)
def test_a_zero_in_the_graph_excuses_nothing(f: Callable[[Any], Any]) -> None:
    assert statuses(lambda x: x * x + f(x), 3.0) == {"ok"}
    report = check_grad(lambda x: lost(x) + f(x), 3.0)
    assert not report
    assert ".data" in report.failures[0].note


KINKS: list[Callable[[Any], Any]] = [
    lambda x: relu(x - 3),
    lambda x: 1e-6 * relu(x - 3),
    lambda x: abs(x - 3),
    lambda x: 20 * abs(x - 3),  # the wrong slope is between those on both sides
    lambda x: ops.maximum(x, 3 * x - 6),
    lambda x: ops.minimum(x, 3.0),
    lambda x: relu(x - 3) - relu(3 - x),  # smooth, made of two kinks
    lambda x: ops.where(x > 3, x, 3.0),
    lambda x: ops.where(ops.gt(x, 3.0), 2 * x, x + 3),
    lambda x: x if x > 3 else 2 * x - 3,
    lambda x: builtins.max(x, 3.0),
    lambda x: ops.sign(x - 3),
    lambda x: ops.floor(x),
    lambda x: ops.floor(x) * x,
    lambda x: ops.step(x - 3),
    lambda x: ops.cbrt(x - 3),
    lambda x: ops.sqrt(x - 3),
    lambda x: (x - 3) ** 1.5,
    lambda x: ops.acosh(x - 2),
]


@pytest.mark.parametrize("f", KINKS)
def test_a_kink_excuses_only_what_it_can_do(f: Callable[[Any], Any]) -> None:
    assert check_grad(lambda x: x * x + f(x), 3.0)
    assert not check_grad(lambda x: lost(x) + f(x), 3.0)
    scaled = custom(lambda x: x, lambda x, z: 1.001, name="scaled")
    assert not check_grad(lambda x: scaled(x) ** 2 + f(x), 3.0)
    again = Value(3.0)
    assert not check_grad(scaled(again) ** 2 + f(again))


def test_slopes_on_both_sides_are_told() -> None:
    report = check_grad(lambda x: lost(x) + relu(x - 3), 3.0)
    assert "slope 6 on the left, 7 on the right" in report.failures[0].note
    report = check_grad(lambda x: lost(x) + 20 * abs(x - 3), 3.0)
    assert "beside the kink" in report.failures[0].note


def test_an_error_at_the_point_only_is_seen_through_a_kink() -> None:
    """As where a division by 0 was avoided by an `if`."""

    def f(x: Any) -> Any:
        return 2 * x if x == 0 else ops.sin(x)

    assert not check_grad(f, 0.0)
    assert not check_grad(lambda x: f(x) + 1e-3 * (relu(x) - relu(-x)), 0.0)


def test_a_tie_of_a_number_with_itself_outside_of_the_graph_is_no_excuse() -> None:
    assert not check_grad(lambda x: ops.minimum(x.data, x), 2.0)
    assert statuses(lambda x: ops.minimum(x, x), 2.0) <= {"ok", "kink"}


def test_a_rule_that_is_no_slope_of_its_kink_is_named() -> None:
    bent = custom(abs, lambda x, z: ops.sign(x) + 1.1 * ops.eq(x, 0.0), name="bent")
    assert check_grad(bent, 0.5)
    report = check_grad(lambda x: bent(x) + 3 * abs(x), 0.0)
    assert "the rule of bent(0)" in report.failures[0].note


@pytest.mark.parametrize("point", [0.0, 2.0, -1.5])
def test_a_rule_without_a_slope_is_a_step_only_where_the_table_says_so(point: float) -> None:
    assert not check_grad(custom(lambda x: 3 * x, None, name="flat"), point)


def test_kinks_of_python_and_of_rules_at_one_point() -> None:
    def f(x: Any, y: Any) -> Any:
        return (x if x > 0 else 0.5 * x) - (y if y > 0 else 0.5 * y) + relu(x) - relu(-y)

    assert statuses(f, 0.0, 0.0, directions=9) == {"kink"}
    assert not check_grad(lambda x, y: f(x, y) + lost(x - 1), 0.0, 0.0)


def test_derivatives_that_are_lost_on_data_with_zeros() -> None:
    model = nn.MLP(2, [2, 1], activation="relu", seed=0)

    def cost() -> Any:
        return nn.cost([nn.binary_cross_entropy_with_logits(model(x), y) for x, y in XOR])

    assert check_grad(cost, wrt=model, seed=0)
    some = [w for w in model.parameters() if w.data][:3]
    report = check_grad(lambda: cost() + sum(map(lost, some)), wrt=some, directions=0)
    assert len(report.failures) == 3


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (lambda x: x * ops.stop_gradient(x), (3.0,)),
        (lambda x: x + ops.stop_gradient(ops.floor(x) - x), (3.3,)),
        (lambda x, y: norm([x, y]), (3.0, 4.0)),
        (lambda x: abs(x - 3) * ops.stop_gradient(x), (3.0,)),
    ],
)
def test_numbers_that_are_held_hide_no_others(f: Callable[..., Any], point: Any) -> None:
    assert check_grad(f, *point, order=2, seed=0)
    assert not check_grad(lambda *xs: f(*xs) + lost(xs[0]), *point)


def test_what_no_grad_leaves_out_is_told() -> None:
    def f(x: Any) -> Any:
        with no_grad():
            y = x * x
        return y * x

    assert "no_grad" in check_grad(f, 2.0).failures[0].note


# ---- where a rule jumps ----------------------------------------------------------------------


@pytest.mark.parametrize("f", ZEROS)
def test_no_rule_jumps_at_a_zero(f: Callable[[Any], Any]) -> None:
    x = Value(3.0)
    found = inspect_rules(f(x), [x])
    assert (found.wrong, found.bent, found.jumping) == ([], [], set())


@pytest.mark.parametrize(
    "f",
    [
        lambda x: abs(x - 0.1),
        lambda x: relu(x - 0.1),
        lambda x: relu((x + 0.2) - 0.3),  # 5.6e-17 by rounding
        lambda x: ops.maximum(x + 0.2, 0.3),
        lambda x: ops.where(x - 0.1, x, 2.0),
        lambda x: ops.ge(x, 0.1),
        lambda x: ops.floor(10 * x),
    ],
)
def test_a_rule_jumps_at_a_tie_also_if_rounding_parts_it(f: Callable[[Any], Any]) -> None:
    x = Value(0.1)
    assert len(inspect_rules(f(x), [x]).jumping) == 1


def test_a_rule_of_ones_own_does_not_jump_because_it_has_no_slope() -> None:
    x = Value(2.0)
    found = inspect_rules(custom(lambda x: x * x, None, name="flat")(x), [x])
    assert not found.jumping
    assert found.wrong


# ---- functions that return what they are given -------------------------------------------------


@pytest.mark.parametrize(
    ("f", "point", "slopes"),
    [
        (lambda x: x, (3.0,), [1.0]),
        (lambda x: builtins.max(x, 0.0), (3.0,), [1.0]),
        (lambda x: builtins.max(x, 0.0), (-3.0,), [0.0]),
        (lambda *xs: sorted(xs)[1], (1.0, 5.0, 3.0), [0.0, 0.0, 1.0]),
        (lambda x: 0.0 if x < 0 else 1.0 if x > 1 else x, (0.5,), [1.0]),
        (lambda x: 0.0 if x < 0 else 1.0 if x > 1 else x, (2.5,), [0.0]),
        (lambda xs: builtins.min(xs), ([4.0, 2.0],), [0.0, 1.0]),
        (lambda x, y: x if y > 0 else y, (4.0, 2.0), [1.0, 0.0]),
    ],
)
def test_functions_that_return_an_input(
    f: Callable[..., Any], point: Any, slopes: list[float]
) -> None:
    report = check_grad(f, *point, seed=0, order=2)
    assert {entry.status for entry in report.entries} == {"ok"}, report
    assert [entry.analytic for entry in report.entries[: len(slopes)]] == slopes


def test_a_leaf_that_is_found_is_an_input_too() -> None:
    w = Value(2.0, label="w")
    assert statuses(lambda: w, wrt=[w]) == {"ok"}
    assert statuses(w) == {"ok"}
