"""Plans: numbers and nestings in, results nested like the function's out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from compiled import flat
from recorded import traced

from tinygrad_nn import Value, custom, exp, log, tanh
from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.compiler.plan import Plan
from tinygrad_nn.compiler.trace.recorder import Argument
from tinygrad_nn.errors import DomainError, ShapeError

W = Argument("w", (list, 3), False)
X = Argument("x", (list, 2), True)
WEIGHTS = [0.5, -1.5, 2.0]

ONCE: list[Callable[[Any], Any]] = [
    lambda w: exp(w[0]),
    lambda w: [w[2], w[1], w[0]],
    lambda w: {"computed": [tanh(v) for v in w], "input": w[1], "number": 3.0, "zero": -0.0},
    lambda w: [[tanh(v) for v in w][::-1], [w[0] * v for v in w]] * 2,
    lambda w: [tanh(w[0] + i * w[1]) for i in range(200)],
    lambda w: ([tanh(w[0] + i * w[1]) for i in range(200)], 1.0),
    lambda w: [1.0, 2.0],
]


@pytest.mark.parametrize("f", ONCE)
def test_results_wherever_they_are(f: Callable[[Any], Any]) -> None:
    plan = Plan(traced(f, [W]), True)
    for weights in (WEIGHTS, WEIGHTS[::-1]):
        found, expected = plan.run([weights]), f(weights)
        assert nesting(found) == nesting(expected)
        np.testing.assert_allclose(flat(found), flat(expected), rtol=1e-14)
        np.testing.assert_array_equal(np.signbit(flat(found)), np.signbit(flat(expected)))


def nesting(thing: Any) -> Any:
    """How something is nested."""
    if isinstance(thing, dict):
        return {name: nesting(part) for name, part in thing.items()}
    return type(thing)(map(nesting, thing)) if isinstance(thing, list | tuple) else 0


def each(w: Any, x: Any) -> Any:
    return [tanh(w[0] * x[0]), x[1], w[1], 5.0, x[0], tanh(w[0] * x[1])]


@pytest.mark.parametrize("cache", [1 << 20, 1])
@pytest.mark.parametrize("count", [1, 3, 200])
def test_results_of_each_sample(monkeypatch: pytest.MonkeyPatch, cache: int, count: int) -> None:
    monkeypatch.setattr(runner, "CACHE", cache)
    plan = Plan(traced(each, [W, X]), False)
    rows = np.random.default_rng(0).normal(size=(count, 2))
    expected = [flat(each(WEIGHTS, row)) for row in rows.tolist()]
    np.testing.assert_allclose(plan.run([WEIGHTS, rows.tolist()]), expected, rtol=1e-14)
    np.testing.assert_allclose(plan.run([WEIGHTS, [rows]]), expected, rtol=1e-14)


def test_each_part_is_reduced_in_its_own_way() -> None:
    plan = Plan(traced(lambda w, x: (w[0] * x[0], x[1], w[2]), [W, X], ("mean", None, "sum")), True)
    assert plan.run([WEIGHTS, [[2.0, 7.0], [4.0, 9.0]]]) == (1.5, [7.0, 9.0], 4.0)


def test_values_from_elsewhere_are_read_at_every_call() -> None:
    c, d = Value(3.0), Value(10.0)
    plan = Plan(traced(lambda w: w[0] * c + d, [W]), False)
    assert plan.run([WEIGHTS]) == 11.5
    c.data, d.data = 2.0, 20.0
    assert plan.run([WEIGHTS]) == 21.0


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
def test_values_are_computed_with_as_values(reduce: str | None) -> None:
    plan = Plan(traced(lambda w, x: tanh(w[0] * x[0]) - x[1], [W, X], reduce), False)
    rows = [[2.0, 7.0], [4.0, 9.0]]
    slope = Value(0.5)
    found = plan.run([[slope, *WEIGHTS[1:]], rows])
    assert flat(found) == pytest.approx(flat(plan.run([WEIGHTS, rows])), rel=1e-14)
    first = found[0] if reduce is None else found
    first.backward()
    assert slope.grad != 0.0


def test_a_result_that_is_not_finite_is_traced_back() -> None:
    plan = Plan(traced(lambda w, x: log(w[0] * x[0]), [W, X], debug=True), True)
    with pytest.raises(DomainError, match="sample 1: log"):
        plan.run([WEIGHTS, [[1.0, 0.0], [-1.0, 0.0]]])
    assert np.isnan(Plan(plan.trace, False).run([WEIGHTS, [[-1.0, 0.0]]])[0])


def test_all_arguments_have_as_many_samples() -> None:
    y = Argument("y", 0, True)
    plan = Plan(traced(lambda x, y: x[0] * y, [X, y]), False)
    with pytest.raises(ShapeError, match="x has 1, y has 2"):
        plan.run([[[1.0, 2.0]], [[1.0], [2.0]]])


def test_a_plan_that_runs_is_run_by_its_own_operation() -> None:
    plans: list[Plan] = []

    def doubled(x: float) -> float:
        return x if not plans or x > 10.0 else float(plans[0].run([[2.0 * x, 0.0, 0.0]]))

    row = custom(doubled, lambda x, z: 1.0)
    plans.append(Plan(traced(lambda w: row(w[0]) - w[1], [W]), False))
    assert plans[0].run([[1.0, 3.0, 0.0]]) == 13.0
