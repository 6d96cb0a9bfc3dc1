"""Sums that grow from lane to lane begin with one term: that lane is written like the others."""

from __future__ import annotations

import itertools
import math
import random
from typing import Any

import numpy as np
import pytest
from compiled import Interpreted, flat
from hypothesis import given, settings
from hypothesis import strategies as st
from narrow_gpt import narrow

import tinygrad_nn as tg
from examples import scalar_gpt as gpt
from tinygrad_nn import compile, dot, exp, lookup, stop_gradient, tanh, value_and_grad
from tinygrad_nn.compiler.program.statements import Basic, Runs, accesses_of
from tinygrad_nn.compiler.program.verify import verify
from tinygrad_nn.scalar.ops import add, maximum

RNG = np.random.default_rng(4)


def size_of(statement: Basic) -> int:
    """How many numbers it writes."""
    return math.prod(statement.nest)


def causal_attention(q: Any, k: Any, v: Any) -> list[list[Any]]:
    mixed = []
    for t, query in enumerate(q):
        scores = [dot(query, key) / math.sqrt(len(query)) for key in k[: t + 1]]
        top = stop_gradient(tg.max(scores))
        powers = [exp(score - top) for score in scores]
        whole = sum(powers[1:], powers[0])
        weights = [power / whole for power in powers]
        mixed.append([dot(weights, column) for column in zip(*v[: t + 1], strict=True)])
    return mixed


def loss(q: Any, k: Any, v: Any, w: Any) -> Any:
    return sum(dot(a, b) for a, b in zip(causal_attention(q, k, v), w, strict=True))


def gradients_of_matrices(q: Any, k: Any, v: Any, w: Any) -> list[Any]:
    """The gradients of `loss`, derived by hand for matrices."""
    scale = 1.0 / math.sqrt(q.shape[1])
    scores = np.where(np.tri(len(q)) > 0, q @ k.T * scale, -np.inf)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    dp = w @ v.T
    ds = p * (dp - np.sum(dp * p, axis=1, keepdims=True)) * scale
    return [ds @ k, ds.T @ q, p.T @ w]


def test_the_first_position_of_causal_attention_is_no_shape_of_its_own() -> None:
    counts = []
    for length in (4, 9):
        arguments = RNG.normal(size=(4, length, 3))
        compiled = compile(value_and_grad(loss, argnums=(0, 1, 2)))
        _, found = compiled(*arguments.tolist())
        expected = gradients_of_matrices(*arguments)
        np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)
        verify(compiled.program)
        counts.append(compiled.program.stats.statements)
    assert counts[0] == counts[1] <= 19


def test_a_gradient_that_is_one_product_is_a_sum_like_the_others() -> None:
    """The last value is read once, and the others once for each position that sees them."""
    compiled = compile(value_and_grad(loss, argnums=2))
    compiled(*RNG.normal(size=(4, 6, 3)).tolist())
    runs = [s for s in compiled.program.statements if isinstance(s, Runs) and size_of(s) == 18]
    assert len(runs) == 2  # what is mixed, and the gradient of the values


def test_a_maximum_of_one_is_one_like_the_others() -> None:
    def below(x: Any) -> list[Any]:
        return [exp(x[i] - tg.max(x[i:])) for i in range(len(x))]

    x = RNG.normal(size=7)
    compiled = compile(below)
    expected = np.exp(x - np.maximum.accumulate(x[::-1])[::-1])
    np.testing.assert_allclose(compiled(x.tolist()), expected, rtol=1e-15)
    assert [size_of(s) for s in compiled.program.statements if s.op is maximum] == [7]
    assert len(compiled.program.statements) == 3


def test_terms_that_are_read_like_sums_but_are_none_stay_as_they_are() -> None:
    """Of all x the exponential is taken, and of sums of two and of three of them."""

    def both(x: Any) -> list[Any]:
        return [exp(a) for a in x] + [exp(x[0] + x[1]), exp(x[2] + x[3] + x[4])]

    x = RNG.normal(size=8)
    compiled = compile(both)
    expected = [*np.exp(x), np.exp(x[0] + x[1]), np.exp(x[2] + x[3] + x[4])]
    np.testing.assert_allclose(compiled(x.tolist()), expected, rtol=1e-15)
    sums = [s for s in compiled.program.statements if s.op is add]
    assert sum(s.nodes for s in sums) == 5


def test_queries_and_keys_in_one_family_are_gathered_nowhere() -> None:
    """No order of places tells which of two is the query: all products of two sides do."""

    def scores(w: Any, x: Any) -> list[Any]:
        z = [[dot(row, column) for row in w] for column in x]
        return [dot(a[:2], b[2:]) for t, a in enumerate(z) for b in z[: t + 1]]

    w, x = RNG.normal(size=(4, 3)), RNG.normal(size=(6, 3))
    compiled = compile(scores)
    z = x @ w.T
    expected = (z[:, :2] @ z[:, 2:].T)[np.tril_indices(6)]
    np.testing.assert_allclose(compiled(w, x), expected, rtol=1e-12, atol=1e-14)
    computed = compiled.program.statements[:-1]  # the last one selects pairs of what they are
    assert all(access.table < 0 for one in computed for access in accesses_of(one))


def document(p: Any, tokens: Any) -> Any:
    keys: Any = []
    values: Any = []
    losses = []

    def shift(scores: Any) -> Any:
        return stop_gradient(tg.max(scores))

    for t, (token, target) in enumerate(itertools.pairwise(tokens)):
        x = gpt.add(lookup(p["token"], token), p["position"][t])
        x = gpt.add(x, gpt.attention(p, gpt.normalise(x), keys, values, shift))
        x = gpt.add(x, gpt.feed_forward(p, gpt.normalise(x)))
        logits = gpt.linear(p["head"], gpt.normalise(x))
        top = shift(logits)
        powers = gpt.total([exp(logit - top) for logit in logits])
        losses.append(tg.log(powers) - (lookup(logits, target) - top))
    return gpt.total(losses) / len(losses)


def test_a_gpt_has_as_many_statements_for_all_lengths(monkeypatch: pytest.MonkeyPatch) -> None:
    narrow(monkeypatch)
    parameters = gpt.initial_parameters(float, random.Random(0))
    counts = []
    for length in (3, 5):
        tokens = [random.Random(1).randrange(27) for _ in range(length + 1)]
        compiled = compile(value_and_grad(document))
        found = compiled(parameters, tokens)
        assert flat(found) == pytest.approx(
            flat(value_and_grad(document)(parameters, tokens)), rel=1e-9, abs=1e-14
        )
        counts.append(compiled.program.stats.statements)
        assert len(compiled.program.stats.gathers) <= 13
    assert counts[0] == counts[1] <= 70


STEPS: dict[str, Any] = {
    "sum": lambda x: sum(x[1:], x[0]),
    "max": tg.max,
    "min": tg.min,
    "mean": tg.mean,
    "dot": lambda x: dot(x, x),
}
READERS: dict[str, Any] = {
    "ratio": lambda a, b: a / (2.5 + tanh(b)),
    "difference": lambda a, b: a - 0.5 * b,
    "product": lambda a, b: a * b,
    "itself": lambda a, b: b,
    "tanh": lambda a, b: tanh(b) + a,
}


def test_an_input_may_lie_farther_in_its_array_than_the_tape_is_long() -> None:
    def value(x: Any) -> Any:
        return (x[0] + (x[1] + x[0])) * (x[-1] + (x[0] + x[-1])) + (x[9] + x[10])

    x = [0.25 * i for i in range(40)]
    expected = [0.0] * 40  # of (2 x[0] + x[1]) * (2 x[-1] + x[0]) + x[9] + x[10]
    left, right = 2 * x[0] + x[1], 2 * x[-1] + x[0]
    expected[0], expected[1], expected[-1] = 2 * right + left, right, 2 * left
    expected[9] = expected[10] = 1.0
    found, gradient = compile(value_and_grad(value))(x)
    assert float(found) == left * right + x[9] + x[10]
    assert flat(gradient) == expected


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(STEPS)), st.sampled_from(sorted(READERS)), st.booleans()),
        min_size=1,
        max_size=3,
    ),
    st.integers(3, 6),
    st.integers(0, 1000),
)
def test_growing_sums_of_all_kinds(layers: Any, size: int, seed: int) -> None:
    def value(x: Any, y: Any) -> Any:
        for step, reader, first in layers:
            whole = [STEPS[step](x[: i + 1] if first else x[size - 1 - i :]) for i in range(len(x))]
            x = [READERS[reader](a, b) for a, b in zip(x, whole, strict=True)]
        return dot(x, y)

    rng = np.random.default_rng(seed)
    x, y = rng.uniform(-1.0, 1.0, size=(2, size)).tolist()
    compiled = compile(value_and_grad(value, argnums=(0, 1)))
    found = flat(compiled(x, y))
    verify(compiled.program)
    interpreted = [numbers[0] for numbers in Interpreted(compiled, x, y).numbers]
    assert found == pytest.approx(interpreted, rel=1e-9, abs=1e-12)
    assert found == pytest.approx(
        flat(value_and_grad(value, argnums=(0, 1))(x, y)), rel=1e-9, abs=1e-12
    )
