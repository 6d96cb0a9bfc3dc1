"""Compiled functions that are given Values are called as they are."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from compiled import flat, products

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, dot, grad, relu, stop_gradient, value_and_grad, where
from tinygrad_nn.errors import DomainError

SAMPLES = [[1.0, 2.0], [-3.0, 4.0], [5.0, 0.0], [2.0, 2.0]]


def both(w: Any, x: Any) -> Any:
    return {"dot": dot(w, x), "parts": [x[0], w[1] * 2]}


@pytest.mark.parametrize("reduce", [None, "sum", "mean", {"dot": "sum", "parts": [None, "mean"]}])
@pytest.mark.parametrize("as_array", [False, True])
def test_results_are_nested_and_reduced_as_those_of_numbers(reduce: Any, as_array: bool) -> None:
    compiled = compile(both, batch="x", reduce=reduce)
    samples = np.array(SAMPLES) if as_array else SAMPLES
    w = [Value(3.0), Value(-2.0)]
    assert flat(compiled(w, samples)) == flat(compiled([3.0, -2.0], SAMPLES))
    assert flat(compiled([3.0, -2.0], SAMPLES)) == flat(compiled(w, samples))


def test_what_is_no_value_is_made_one_as_when_it_was_recorded() -> None:
    compiled = compile(lambda w, n: tg.gradients(w * n * n, [n])[0])
    found = compiled(Value(3.0), 2.0)
    assert found.data == compiled(3.0, 2.0) == 12.0


@pytest.mark.parametrize("reduce", ["sum", "mean"])
def test_of_no_samples_there_is_nothing(reduce: str) -> None:
    compiled = compile(dot, batch="b", reduce=reduce)
    compiled([1.0, 2.0], SAMPLES)
    found = compiled([Value(1.0), 2.0], [])
    assert found == 0.0 if reduce == "sum" else math.isnan(found)


def test_errors_are_those_of_the_function() -> None:
    compiled = compile(lambda x: tg.log(x))
    assert math.isnan(compiled(-1.0))
    with pytest.raises(DomainError, match=r"^log at x = -1\.0"):
        compiled(Value(-1.0))


def test_a_graph_is_computed_again_with_its_stopped_gradients() -> None:
    a, b = Value(2.0), Value(3.0)
    area = compile([stop_gradient(a) * a * b, a, 5.0], inputs={"a": a, "b": b})
    u = Value(4.0)
    found, same, number = area({"a": u, "b": 5.0})
    found.backward()
    assert (found.data, u.grad, same, number) == (80.0, 20.0, u, 5.0)
    assert grad(lambda v: area({"a": v, "b": 1.0})[0])(3.0) == 3.0


def test_numbers_are_called_too_where_a_slope_of_zero_meets_infinity() -> None:
    def f(a: Any, b: Any) -> Any:
        y = a * b  # before the branch: its slope is 0 times a
        return where(tg.eq(a, a), lambda: y * b, 0.0)

    compiled = compile(value_and_grad(f, argnums=1))
    assert compiled(math.nan, 2.0) == (0.0, 0.0)
    assert compiled(3.0, 2.0) == (12.0, 12.0)
    for reduce, expected in ((None, [12.0, 12.0, 0.0, 0.0]), ("mean", [6.0, 6.0])):
        batched = compile(value_and_grad(f, argnums=1), batch="a", reduce=reduce)
        assert flat(batched([3.0, math.nan], 2.0)) == expected
        assert flat(batched(np.array([3.0, math.nan]), 2.0)) == expected


# ---- what a choice costs ----------------------------------------------------------------------


def statements(f: Any, *arguments: Any, **options: Any) -> int:
    compiled = compile(value_and_grad(f), **options)
    compiled(*arguments)
    return len(compiled.program.statements)


def test_an_ordinary_choice_costs_what_it_did() -> None:
    x = [1.0, -2.0, 3.0]

    def with_functions(x: Any) -> Any:
        return sum(where(a > 0, lambda a=a: a * a, lambda a=a: a + 1.0) for a in x)

    assert statements(with_functions, x) == 8
    assert statements(lambda x: sum(where(a > 0, a, -a) for a in x), x) <= 6


def test_a_network_in_a_branch_is_made_of_matrices() -> None:
    def masked(p: Any, x: Any, y: Any) -> Any:
        W, v = p
        hidden = [relu(dot(w, x)) for w in W]
        return where(y >= 0, lambda: (dot(v, hidden) - y) ** 2, 0.0)

    def inside(p: Any, x: Any, y: Any) -> Any:
        W, v = p
        return where(y >= 0, lambda: (dot(v, [relu(dot(w, x)) for w in W]) - y) ** 2, 0.0)

    p = [[[1.0, -2.0], [3.0, 0.5], [0.5, 1.0]], [1.0, 2.0, -1.0]]
    x, y = SAMPLES, [1.0, -1.0, 2.0, 0.0]
    found = []
    for f in (masked, inside):
        compiled = compile(value_and_grad(f), batch=("x", "y"), reduce="mean")
        found.append(flat(compiled(p, x, y)))
        assert ([3, 2], []) in [(kept, summed) for kept, summed in _over_samples(compiled)]
        assert products(compiled)
    assert found[0] == found[1]


def _over_samples(compiled: Any) -> list[tuple[list[int], list[int]]]:
    """List the products that are summed over the samples: no weight has numbers for each."""
    return [
        (list(statement.nest), list(term.over))
        for statement in compiled.program.statements
        for term in getattr(statement, "terms", ())
        if term.samples and len(term.factors) == 2
    ]
