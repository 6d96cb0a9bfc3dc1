"""Staircases are flat from near, and rise from afar."""

from __future__ import annotations

import math
import struct
from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import Value, check_grad, custom, sin
from tinygrad_nn.scalar import ops

TOLERANCES = [10.0**-n for n in range(3, 13)]


def root(x: float, tolerance: float) -> float:
    """Solve z**3 + x z = 1.5 by bisection."""
    low, high = 0.0, 2.0
    while high - low > tolerance:
        z = (low + high) / 2
        low, high = (low, z) if z**3 + x * z > 1.5 else (z, high)
    return (low + high) / 2


def true_slope(x: float) -> float:
    z = root(x, 1e-15)
    return -z / (3 * z * z + x)


@pytest.mark.parametrize("point", [0.7, 3.0])
@pytest.mark.parametrize("tolerance", TOLERANCES)
def test_a_root_by_bisection_is_a_staircase(tolerance: float, point: float) -> None:
    report = check_grad(lambda x: Value(root(x.data, tolerance)) + 0 * x, point)
    (entry,) = report.failures
    assert "staircase" in entry.note
    assert entry.numeric == pytest.approx(true_slope(point), rel=0.2)
    assert not check_grad(lambda x: x * root(x.data, tolerance), point)


@pytest.mark.parametrize("digits", range(2, 13))
def test_rounded_numbers_are_staircases(digits: int) -> None:
    report = check_grad(lambda x: x * x + round(x.data, digits), math.pi)
    assert "staircase" in report.failures[0].note
    assert report.failures[0].numeric == pytest.approx(2 * math.pi + 1, rel=0.02)


@pytest.mark.parametrize("form", ["e", "f"])
def test_numbers_of_fewer_bits_are_staircases(form: str) -> None:
    def narrowed(x: float) -> float:
        number: float = struct.unpack(form, struct.pack(form, x))[0]
        return number

    assert check_grad(lambda x: x * narrowed(2.5), 0.7)
    assert "staircase" in check_grad(lambda x: x * narrowed(x.data), 0.7).failures[0].note


def test_the_nearest_entry_of_a_table_is_a_staircase() -> None:
    table = [math.sin(i / 1000) for i in range(2000)]
    report = check_grad(lambda x: x * table[round(x.data * 1000)], 0.7123)
    assert "staircase" in report.failures[0].note


def test_a_staircase_within_an_operation_of_ones_own() -> None:
    flat = custom(lambda x: root(x, 1e-6), None, name="root")
    assert "the rule of root(0.7) for x gives 0" in check_grad(flat, 0.7).failures[0].note


@pytest.mark.parametrize("tolerance", [1e-5, 1e-8, 1e-12])
def test_a_rule_may_know_better_than_a_result_that_was_rounded(tolerance: float) -> None:
    rule = custom(lambda x: root(x, tolerance), lambda x, z: -z / (3 * z * z + x), name="root")
    report = check_grad(lambda x: rule(x) * x, 0.7)
    assert report
    assert {entry.status for entry in report.entries} == {"ok"}, report
    wrong = custom(lambda x: root(x, tolerance), lambda x, z: -z / (2 * z * z + x), name="root")
    assert not check_grad(wrong, 0.7)


@pytest.mark.parametrize(
    ("f", "point"),
    [
        (lambda x: ops.floor(1000 * x) / 1000 + x, 0.73123),
        (ops.floor, 1000.5),
        (lambda x: x + 1e-6 * (x // 1e-6), 0.7312345),
        (lambda x: x * int(x.data), 2.5),  # one step, not many
        (lambda x: x + 1e-6 * sin(1e6 * x), 0.7),
        (lambda x: x if abs(x.data - 0.7) > 1e-6 else Value(0.7) + 0 * x, 0.7),
        (lambda x: x + (1e-9 if x.data > 0.7 + 1e-9 else 0.0), 0.7),
    ],
)
def test_what_is_no_hidden_staircase_is_not_blamed(f: Callable[[Any], Any], point: float) -> None:
    report = check_grad(f, point)
    assert {entry.status for entry in report.entries} == {"ok"}, report


@pytest.mark.parametrize("nodes", [10, 1000, 100_000])
def test_a_table_that_is_interpolated_is_no_staircase(nodes: int) -> None:
    def f(x: Any) -> Any:
        i = math.floor(x.data * nodes)
        left, right = math.sin(i / nodes), math.sin((i + 1) / nodes)
        return left + (right - left) * (x * nodes - i)

    assert check_grad(f, 0.7123)
