"""No right derivative is blamed where numbers are huge or tiny, and results too large or too small."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import pytest

from tinygrad_nn import TABLE, check_grad
from tinygrad_nn.scalar import ops
from tinygrad_nn.scalar.operation import Op


@pytest.mark.parametrize("row", TABLE.values(), ids=lambda row: row.name)
@pytest.mark.parametrize("scale", [1e200, 1e-200])
def test_rows_at_extreme_scales(row: Op, scale: float) -> None:
    points = [([scale] * row.arity, 2)]
    if row is ops.where:
        points = [([1.0, scale, scale], 2)]  # its condition is 1 or 0
    if row.arity == 2:
        points += [([scale, 1.3], 1), ([1.0, scale], 1), ([0.0, scale], 1)]
    for point, order in points:
        if math.isfinite(row.quiet(*point)):
            report = check_grad(row, *point, seed=1, order=order, directions=1)
            assert report, report


@pytest.mark.parametrize(
    ("f", "point", "status"),
    [
        (ops.atan2, (1e-200, 1e-200), None),
        (ops.atan2, (2e-200, -1e-200), None),
        (lambda x: x * x * 1e250, (1e-200,), None),  # too small for a float on the way
        (lambda x: 1e-200 * x * x, (1e200,), "ok"),
        (lambda x: x**3 * 1e-300, (1e100,), "ok"),
        (lambda x, y: x / y, (1e200, 1e200), None),
        (lambda x: ops.sin(x), (1e200,), "inconclusive"),
        (lambda x: ops.tanh(1e200 * x), (0.0,), None),
        (lambda x: ops.mod(x, 1e-200), (0.3e-200,), "ok"),
        (lambda x: abs(x) * 1e200, (0.0,), "kink"),
        (lambda x: abs(x - 1e200), (1e200,), "kink"),
    ],
)
def test_extreme_points_are_not_blamed(
    f: Callable[..., Any], point: tuple[float, ...], status: str | None
) -> None:
    report = check_grad(f, *point, seed=0, order=1 if status == "kink" else 2)
    assert report, report
    assert status is None or {entry.status for entry in report.entries} == {status}, report


@pytest.mark.parametrize("scale", [1e200, 1.0, 1e-200])
def test_errors_are_caught_at_any_scale(scale: float) -> None:
    assert not check_grad(lambda x: x.data / scale * x, 3 * scale)
    assert not check_grad(lambda x: x.data / scale * x + abs(x - 3 * scale), 3 * scale)
    assert not check_grad(lambda x: x + 0.001 * x.data + relu_of(x - 3 * scale), 3 * scale)


def test_steps_beside_a_kink_do_not_cross_it() -> None:
    at, above = 7.702921849804127e-13, 1.464719424592445
    assert check_grad(lambda x: 2 * abs(x - at) + (x - at) + above, at)


def test_a_scale_is_found_at_zero() -> None:
    """Where a function seems to jump from afar."""
    (entry,) = check_grad(lambda x: ops.tanh(1e200 * x), 0.0).entries
    assert (entry.status, entry.numeric) == ("ok", pytest.approx(1e200))


@pytest.mark.parametrize("point", [1e-17, -3e-200])
def test_errors_are_caught_where_small_steps_are_lost(point: float) -> None:
    assert check_grad(lambda x: ops.exp(x), point)
    assert not check_grad(lambda x: math.exp(x.data) + 0 * x, point)
    assert not check_grad(lambda x: math.exp(x.data) + relu_of(x - point), point)


def relu_of(x: Any) -> Any:
    return ops.maximum(0.0, x)
