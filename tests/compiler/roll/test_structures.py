"""What becomes of well-known formulas that are written number by number."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from compiled import flat, products, text_of
from matrices import IMAGE, KERNEL, B, W, X, convolution, pairs

from tinygrad_nn import compile, dot, log_softmax, mean, softmax, tanh, value_and_grad, where

RNG = np.random.default_rng(1)


def layer(w: Any, x: Any, b: Any) -> list[Any]:
    return [tanh(dot(row, x) + c) for row, c in pairs(w, b)]


def test_a_layer_is_one_product() -> None:
    compiled = compile(layer)
    expected = np.tanh(np.array(W) @ X + B)
    np.testing.assert_allclose(compiled(W, X, B), expected, rtol=1e-12)
    assert products(compiled) == [([4], [3])]
    assert len(compiled.program.statements) == 2
    assert not compiled.program.stats.gathers


def test_a_batch_of_layers_written_as_loops_is_one_product() -> None:
    compiled = compile(lambda w, xs: [[dot(row, x) for row in w] for x in xs])
    xs = RNG.normal(size=(5, 3))
    np.testing.assert_allclose(compiled(W, xs.tolist()), xs @ np.array(W).T, rtol=1e-12)
    ((kept, summed),) = products(compiled)
    assert (sorted(kept), summed) == ([4, 5], [3])


def test_a_convolution_is_one_product() -> None:
    compiled = compile(convolution)
    found = np.array(compiled(KERNEL, IMAGE))
    windows = np.lib.stride_tricks.sliding_window_view(np.array(IMAGE), (3, 2))
    expected = np.einsum("rckm,km->rc", windows, KERNEL)
    np.testing.assert_allclose(found, expected, rtol=1e-12, atol=1e-14)
    assert len(compiled.program.statements) == 1
    assert products(compiled) == [([4, 6], [3, 2])]
    assert not compiled.program.stats.gathers


def attention(q: Any, k: Any, v: Any) -> list[list[Any]]:
    columns = list(zip(*v, strict=True))
    return [
        [dot(s, column) for column in columns]
        for s in (softmax([dot(a, b) / math.sqrt(len(a)) for b in k]) for a in q)
    ]


def test_attention_is_two_products_and_a_softmax() -> None:
    q, k, v = RNG.normal(size=(3, 5, 4))
    compiled = compile(attention)
    scores = q @ k.T / 2
    weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    found = compiled(q.tolist(), k.tolist(), v.tolist())
    np.testing.assert_allclose(found, weights @ v, rtol=1e-12, atol=1e-14)
    assert sorted(sorted([*kept, *summed]) for kept, summed in products(compiled)) == [
        [4, 5, 5],
        [4, 5, 5],
    ]
    assert len(compiled.program.statements) <= 8


def test_causal_attention_does_not_cost_a_statement_for_each_position() -> None:
    def causal(q: Any, k: Any, v: Any) -> list[list[Any]]:
        return [attention([a], k[: i + 1], v[: i + 1])[0] for i, a in enumerate(q)]

    counts = []
    for length in (5, 9):
        q, k, v = RNG.normal(size=(3, length, 4))
        compiled = compile(causal)
        found = compiled(q.tolist(), k.tolist(), v.tolist())
        scores = np.where(np.tri(length) > 0, q @ k.T / 2, -np.inf)
        weights = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
        np.testing.assert_allclose(found, weights @ v, rtol=1e-12, atol=1e-14)
        counts.append(compiled.program.stats.statements)
    assert counts[0] == counts[1] <= 14


def test_symmetric_products_are_one_product() -> None:
    """Of the pairs of rows half are wanted: all are computed, and half of them taken."""
    x = RNG.normal(size=(6, 4))
    compiled = compile(lambda x: [dot(a, b) for i, a in enumerate(x) for b in x[: i + 1]])
    found = compiled(x.tolist())
    np.testing.assert_allclose(found, (x @ x.T)[np.tril_indices(6)], rtol=1e-12, atol=1e-14)
    assert products(compiled) == [([6, 6], [4])]


def test_indices_that_have_no_common_axes() -> None:
    a, b, c = RNG.normal(size=(3, 12))
    compiled = compile(lambda a, b, c: [where(c[i], a[i // 2], b[i // 3]) for i in range(12)])
    i = np.arange(12)
    for chosen in (1.0 * (c > 0), 0 * c):
        expected = np.where(chosen, a[i // 2], b[i // 3])
        np.testing.assert_array_equal(compiled(a, b, chosen), expected)


def test_gradients_of_heads_that_are_the_last_axis() -> None:
    """What is written to a strided place: the gradient of a weight with the heads innermost."""
    heads, samples, n, m = range(2), range(5), range(3), range(4)

    def cost(w: Any, x: Any) -> Any:
        return sum(
            tanh(sum(w[i][j][h] * x[s][h][j] for j in m)) for s in samples for h in heads for i in n
        )

    w, x = RNG.normal(size=(3, 4, 2)), RNG.normal(size=(5, 2, 4))
    slope = compile(value_and_grad(cost))(w.tolist(), x.tolist())[1]
    delta = 1 - np.tanh(np.einsum("ijh,shj->shi", w, x)) ** 2
    np.testing.assert_allclose(slope, np.einsum("shi,shj->ijh", delta, x), rtol=1e-9, atol=1e-12)


def recurrent(w: Any, u: Any, xs: Any) -> list[Any]:
    h: list[Any] = [0.0] * len(w)
    for x in xs:
        h = [tanh(dot(row, h) + dot(inputs, x)) for row, inputs in pairs(w, u)]
    return h


@pytest.mark.parametrize("steps", [2, 3, 6])
def test_a_recurrent_network(steps: int) -> None:
    w, u, xs = RNG.normal(size=(4, 4)) / 2, RNG.normal(size=(4, 3)), RNG.normal(size=(steps, 3))
    arguments = w.tolist(), u.tolist(), xs.tolist()
    h = np.zeros(4)
    for x in xs:
        h = np.tanh(w @ h + u @ x)
    np.testing.assert_allclose(compile(recurrent)(*arguments), h, rtol=1e-12)
    both = value_and_grad(lambda w, u, xs: sum(recurrent(w, u, xs)))
    found, expected = flat(compile(both)(*arguments)), flat(both(*arguments))
    np.testing.assert_allclose(found, expected, rtol=1e-9, atol=1e-12)


@pytest.mark.parametrize("steps", [3, 5])
def test_a_recurrence_of_single_numbers(steps: int) -> None:
    def f(w: Any, x: Any) -> Any:
        s = w
        for v in x:
            s = tanh(0.7 * s + v * w)
        return s

    x = [0.3, 0.4, 0.5, 0.6, 0.7][:steps]
    assert compile(f)(1.0, x) == pytest.approx(f(1.0, x), rel=1e-12)


def test_one_hot_targets_and_tokens_are_products() -> None:
    """A cost for each class is one program whatever the class is."""

    def loss(w: Any, x: Any, target: Any) -> Any:
        return -dot(target, log_softmax([dot(row, x) for row in w]))

    one = np.eye(4).tolist()
    texts = {text_of(loss, W, X, one[i]) for i in range(4)}
    assert len(texts) == 1


# ---- what does not count -------------------------------------------------------------------------


def test_permuting_neurons_permutes_the_outputs_and_their_gradients() -> None:
    both = compile(value_and_grad(lambda w, x, b: dot(B, layer(w, x, b))))
    order = [2, 0, 3, 1]

    def permuted(w: Any, x: Any, b: Any) -> Any:
        h = layer([w[i] for i in order], x, [b[i] for i in order])
        return dot([B[i] for i in order], h)

    found, expected = compile(value_and_grad(permuted))(W, X, B), both(W, X, B)
    assert flat(found) == pytest.approx(flat(expected), rel=1e-12)
    rows = compile(layer)
    swapped = rows([W[i] for i in order], X, [B[i] for i in order])
    assert swapped == pytest.approx([rows(W, X, B)[i] for i in order], rel=1e-12)


def test_permuting_terms_changes_nothing_but_rounding() -> None:
    order = [1, 2, 0]
    f = compile(layer)
    found = f([[row[i] for i in order] for row in W], [X[i] for i in order], B)
    assert found == pytest.approx(f(W, X, B), rel=1e-12)


def test_permuting_samples_of_an_unrolled_batch_has_the_same_gradient() -> None:
    def cost(w: Any, xs: Any) -> Any:
        return mean([tanh(dot(row, x)) for x in xs for row in w])

    xs = RNG.normal(size=(6, 3))
    compiled = compile(value_and_grad(cost))
    once, again = compiled(W, xs.tolist()), compiled(W, xs[::-1].tolist())
    assert flat(again) == pytest.approx(flat(once), rel=1e-9, abs=1e-14)
    assert text_of(cost, W, xs.tolist()) == text_of(lambda w, xs: cost(w, xs[::-1]), W, xs.tolist())
