"""Programs on arrays: results as views, copies, or in the caller's memory."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from recorded import traced

from tinygrad_nn import gradients, tanh
from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.compiler.batched import Batched
from tinygrad_nn.compiler.trace.recorder import Argument

W = Argument("w", (list, 2), False)
X = Argument("x", (list, 2), True)
WEIGHTS = np.array([0.5, -1.5])
ROWS = np.random.default_rng(0).normal(size=(2, 200))


def step(w: Any, x: Any) -> Any:
    """A cost, outputs of each sample, a gradient, and what is a number or an input."""
    hidden = [tanh(w[0] * x[0] + w[1]), tanh(w[0] * x[1] - w[1])]
    loss = hidden[0] * hidden[1]
    return loss, [*hidden, 5.0, w[0], x[1]], gradients(loss, w), x


def by_numpy(w: Any, x: Any) -> list[Any]:
    a, b = np.tanh(w[0] * x[0] + w[1]), np.tanh(w[0] * x[1] - w[1])
    da, db = (1 - a * a) * b, (1 - b * b) * a
    ones = np.ones(x.shape[1])
    slopes = [np.mean(da * x[0] + db * x[1]), np.mean(da - db)]
    return [[np.mean(a * b)], [a, b, 5.0 * ones, w[0] * ones, x[1]], slopes, x]


def batched() -> Batched:
    return Batched(traced(step, [W, X], ("mean", None, "mean", None)).recording)


def assert_right(found: list[Any], w: Any, x: Any) -> None:
    for one, expected in zip(found, by_numpy(w, x), strict=True):
        np.testing.assert_allclose(one, expected, rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("cache", [1 << 20, 1])
def test_results_of_any_number_of_samples(monkeypatch: pytest.MonkeyPatch, cache: int) -> None:
    monkeypatch.setattr(runner, "CACHE", cache)
    program = batched()
    for count in (3, 200, 1, 3):
        rows = ROWS[:, :count]
        assert_right(program.run({0: WEIGHTS}, {1: rows}), WEIGHTS, rows)
    assert_right(program.run({0: 2 * WEIGHTS}, {1: ROWS}), 2 * WEIGHTS, ROWS)


@pytest.mark.parametrize("cache", [1 << 20, 1])
def test_inputs_and_results_in_the_callers_memory(
    monkeypatch: pytest.MonkeyPatch, cache: int
) -> None:
    monkeypatch.setattr(runner, "CACHE", cache)
    weights, cost, slopes = WEIGHTS.copy(), np.zeros(1), np.zeros(2)
    program = batched().placed({0: weights}, {0: cost, 2: slopes})
    for factor in (1.0, 2.0):
        weights[:] = factor * WEIGHTS
        found = program.run({}, {1: ROWS})
        assert_right(found, weights, ROWS)
        assert np.shares_memory(found[0], cost)
        assert np.shares_memory(found[2], slopes)
        assert_right([cost, found[1], slopes, found[3]], weights, ROWS)


def test_what_samples_share_is_repeated_for_each() -> None:
    def shared(w: Any, x: Any) -> Any:
        return w, [tanh(w[0]), tanh(w[1])], [w[1], w[0], x[0]]

    program = Batched(traced(shared, [W, X], (None, None, None)).recording)
    for count in (2, 5):
        ones = np.ones((1, count))
        found = program.run({0: WEIGHTS}, {1: ROWS[:, :count]})
        table = WEIGHTS[:, None] * ones
        expected = [table, np.tanh(table), [*table[::-1], ROWS[0, :count]]]
        for one, right in zip(found, expected, strict=True):
            np.testing.assert_allclose(one, right, rtol=1e-14)


def test_arguments_as_they_are() -> None:
    program = Batched(traced(lambda w, x: (w, x), [W, X], (None, None)).recording)
    weights, rows = program.run({0: WEIGHTS}, {1: ROWS})
    np.testing.assert_array_equal(weights, WEIGHTS[:, None] * np.ones((1, 200)))
    np.testing.assert_array_equal(rows, ROWS)


@pytest.mark.parametrize("cache", [1 << 20, 1])
def test_results_that_are_parts_of_an_array(monkeypatch: pytest.MonkeyPatch, cache: int) -> None:
    monkeypatch.setattr(runner, "CACHE", cache)

    def layer(w: Any, x: Any) -> Any:
        a, b = (tanh(w[0] * v) for v in x)
        return a, b

    program = Batched(traced(layer, [W, X], (None, None)).recording)
    a, b = np.tanh(WEIGHTS[0] * ROWS)
    for made in (program, program.placed({}, {1: np.zeros(200)})):
        found = made.run({0: WEIGHTS}, {1: ROWS})
        np.testing.assert_allclose(found, [[a], [b]], rtol=1e-14)


def test_a_result_in_one_piece_is_a_view() -> None:
    def layer(w: Any, x: Any) -> Any:
        return [tanh(w[0] * v) for v in x]

    program = Batched(traced(layer, [W, X]).recording)
    first, second = (program.run({0: WEIGHTS}, {1: factor * ROWS})[0] for factor in (1.0, 2.0))
    assert np.shares_memory(first, second)
    np.testing.assert_allclose(second, np.tanh(WEIGHTS[0] * 2 * ROWS), rtol=1e-14)


def test_one_number_of_each_sample_in_the_callers_memory() -> None:
    a, b = Argument("a", 0, True), Argument("b", 0, True)
    recording = traced(lambda a, b, w: (a + w[0] * b, b, tanh(b)), [a, b, W], (None,) * 3).recording
    given = [ROWS[0].copy(), ROWS[1].copy()]
    into = [np.zeros(200) for _ in range(3)]
    program = Batched(recording).placed(dict(enumerate(given)), dict(enumerate(into)))
    for factor in (1.0, -3.0):
        given[0][:] = factor * ROWS[0]
        program.run({2: WEIGHTS}, {})
        expected = given[0] + WEIGHTS[0] * given[1], given[1], np.tanh(given[1])
        for one, right in zip(into, expected, strict=True):
            np.testing.assert_allclose(one, right, rtol=1e-14)


def test_the_result_of_no_number_is_empty() -> None:
    program = Batched(traced(lambda w, x: (x[0], []), [W, X], (None, "sum")).recording)
    assert [one.shape for one in program.run({0: WEIGHTS}, {1: ROWS})] == [(1, 200), (0,)]


def test_a_run_that_comes_inside_of_a_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def run(self: Batched, shared: Any, samples: Any) -> list[Any]:
        found = usual(self, shared, samples)
        if not inner:
            inner.append([])
            inner[0] = program.copied({0: 2.0 * WEIGHTS}, {1: ROWS})
        return found

    usual, program = Batched.run, batched()
    inner: list[list[Any]] = []
    monkeypatch.setattr(Batched, "run", run)
    assert_right(program.copied({0: WEIGHTS}, {1: ROWS}), WEIGHTS, ROWS)
    assert_right(inner[0], 2.0 * WEIGHTS, ROWS)
