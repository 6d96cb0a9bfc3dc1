"""Samples that take several paths: parted, run, and put together in their order."""

from __future__ import annotations

import os
import warnings
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tinygrad_nn as tg
from tinygrad_nn import compile, value_and_grad
from tinygrad_nn.compiler.paths.parting import parted
from tinygrad_nn.errors import DomainError, ShapeError

INTEGERS = st.lists(st.integers(-3, 4), min_size=1, max_size=12)


def turns(x: Any, w: Any) -> list[Any]:
    if x > 2:
        return [x * w, w, 1.0]
    count = 0
    while x < 0:
        x = x + 1
        count += 1
    return [x + count * w, -x, [3.0, 5.0, 7.0][int(x)]]


def by_samples(function: Any, xs: Any, w: float, reduce: Any) -> Any:
    found = np.array([function(float(x), w) for x in xs])
    return {None: lambda: found, "sum": lambda: found.sum(0), "mean": lambda: found.mean(0)}[
        reduce
    ]()


PROGRAMS = {how: compile(turns, batch="x", reduce=how) for how in (None, "sum", "mean")}


@pytest.mark.parametrize("reduce", [None, "sum", "mean"])
@settings(max_examples=15, deadline=None)
@given(xs=INTEGERS, is_array=st.booleans())
def test_whole_numbers_to_the_last_bit(reduce: Any, xs: list[int], is_array: bool) -> None:
    found = PROGRAMS[reduce](np.array(xs, float) if is_array else xs, 3.0)
    expected = by_samples(turns, xs, 3.0, reduce)
    if reduce == "mean":
        np.testing.assert_allclose(found, expected, rtol=1e-15, atol=1e-15)
    else:
        np.testing.assert_array_equal(np.array(found), expected)
    assert isinstance(found, np.ndarray) == (is_array and reduce is None)


def test_slopes_by_what_is_shared_and_by_samples() -> None:
    def first(w: Any, x: Any) -> Any:
        return turns(x, w)[0] * w

    xs = np.array([-2.0, 4.0, 1.0, 0.0, -1.0, 3.0])
    expected = [value_and_grad(first)(3.0, x) for x in xs.tolist()]
    mean = compile(value_and_grad(first), batch="x", reduce=("mean", "sum"))
    for _ in range(2):
        value, slope = mean(3.0, xs)
        assert value == pytest.approx(np.mean([v for v, _ in expected]), rel=1e-15)
        assert slope == sum(s for _, s in expected)
    own = compile(value_and_grad(lambda x, w: turns(x, w)[0] * x), batch="x")
    np.testing.assert_array_equal(
        own(xs, 3.0),
        [value_and_grad(lambda x, w: turns(x, w)[0] * x)(x, 3.0) for x in xs.tolist()],
    )


def test_nestings_and_what_is_the_same_for_all_samples() -> None:
    def f(x: Any, w: Any) -> Any:
        if w > 0:  # one question for all
            w = w + 1
        return {"a": (x if x > 0 else 0.0), "b": [w * w, x * x]}

    compiled = compile(f, batch="x", reduce={"a": None, "b": "sum"})
    for w in (2.0, -2.0):
        found = compiled(np.array([1.0, -1.0, 2.0]), w)
        assert found["a"].tolist() == [1.0, 0.0, 2.0]
        assert found["b"] == [3 * (w + 1 if w > 0 else w) ** 2, 6.0]
    assert compiled(np.zeros(0), 2.0)["b"] == [0.0, 0.0]
    with pytest.raises(ShapeError):
        compile(f, batch=("x", "w"))([1.0], [1.0, 2.0])


def test_one_sample_without_a_result_is_the_error_of_it() -> None:
    def f(x: Any) -> Any:
        return tg.log(x) if x < 5 else tg.sqrt(x - 6)

    compiled = compile(f, batch="x")
    np.testing.assert_allclose(compiled([1.0, 7.0, 2.0]), [0.0, 1.0, np.log(2.0)], rtol=1e-15)
    with pytest.raises(DomainError, match=r"log at x = -1\.0"):
        compiled([1.0, -1.0, 7.0])
    with pytest.raises(DomainError, match=r"sqrt at x = -0\.5"):
        compiled([1.0, 5.5])


def test_an_error_that_is_caught_in_some_samples() -> None:
    def f(x: Any) -> Any:
        try:
            return tg.log(x)
        except ValueError:
            return -1.0

    compiled = compile(f, batch="x")
    for xs in ([1.0, -1.0, 2.0], [-1.0, -2.0], [3.0], [0.0, 1.0]):
        np.testing.assert_allclose(compiled(xs), [f(x) for x in xs], rtol=1e-15)


def test_a_branch_of_where_with_questions_and_tables() -> None:
    def f(x: Any) -> Any:
        return tg.where(x > 0, lambda: tg.log(x) if x > 2 else x, lambda: tg.lookup([1.0, 2.0], -x))

    compiled = compile(f, batch="x")
    xs = [0.0, 3.0, 1.0, -1.0, 2.0]
    np.testing.assert_allclose(compiled(xs), [f(x) for x in xs], rtol=1e-15)


def test_samples_that_all_differ_are_called_one_by_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinygrad_nn.compiler.paths.patience.MOST_PATHS", 6)

    def digits(x: Any) -> Any:
        total = 0.0
        for _ in range(8):
            x = x * 2
            if x >= 1:
                x = x - 1
                total = total * 3 + 1
        return total

    xs = (np.arange(200) + 0.3) / 256
    compiled = compile(digits, batch="x")
    with pytest.warns(UserWarning, match=r"6 until now.*\n.*at test_samples.py:\d+: if x >= 1"):
        found = compiled(xs)
    assert found.tolist() == [digits(x) for x in xs.tolist()]
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert compiled(xs).tolist() == found.tolist()


def test_samples_are_parted_by_the_first_answer_that_differs() -> None:
    rng = np.random.default_rng(0)
    answers = rng.choice([0.0, 1.0, -2.0, 2.5, 40.0, np.nan], (200, 3))
    for known in ([[]] * 3, [[1.0, 7.0], [0.0], [40.0, 1.0]], [[0.0, 1.0, -2.0, 2.5, 40.0]] * 3):
        staying, leaving = parted(list(answers.T), [1.0, 0.0, 40.0], known)
        assert staying.tolist() == np.flatnonzero((answers == [1.0, 0.0, 40.0]).all(1)).tolist()
        found = {}
        for samples, place, answer in leaving:
            assert (answers[samples, :place] == [1.0, 0.0, 40.0][:place]).all()
            assert np.array_equal(answers[samples, place], [answer] * len(samples), equal_nan=True)
            assert answer != [1.0, 0.0, 40.0][place]
            assert found.setdefault((place, str(answer)), samples) is samples
        together = np.concatenate([staying, *found.values()])
        assert sorted(together.tolist()) == list(range(200))


@pytest.mark.parametrize("reduce", [None, "mean", {"a": "sum", "b": None}])
@pytest.mark.parametrize(("kind", "together"), [(np.array, 10**6), (list, 10**6), (np.array, 20)])
def test_results_and_answers_of_most_samples_come_from_one_run(
    reduce: Any, kind: Any, together: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tinygrad_nn.compiler.paths.samples.MOST_ANSWERS", together)

    def f(w: Any, x: Any) -> Any:
        turns, y = 0, x
        while y < 4:
            y = 2 * y + tg.sqrt(1 / x)
            turns += 1
        return {"a": y * w, "b": [w, y + turns]} if turns < 5 else {"a": x, "b": [x, w * 2]}

    compiled = compile(f, batch="x", reduce=reduce)
    rng = np.random.default_rng(0)
    for most in (1.0, 3.0, 0.01, 0.3):
        xs = rng.permutation(np.concatenate([np.full(30, most), rng.uniform(0.01, 5.0, 12)]))
        for _ in range(2):
            found = compiled(1.5, kind(xs.tolist()))
            parts = [f(1.5, x) for x in xs.tolist()]
            a, b = np.array([p["a"] for p in parts]), np.array([p["b"] for p in parts])
            if reduce == "mean":
                a, b = a.mean(), b.mean(axis=0)
            elif reduce is not None:
                a = a.sum()
            if kind is list and reduce is None:
                found = {name: [one[name] for one in found] for name in ("a", "b")}
            np.testing.assert_allclose(found["a"], a, rtol=1e-12)
            np.testing.assert_allclose(found["b"], b, rtol=1e-12)


def test_sums_of_infinities_are_nan_without_a_warning() -> None:
    f = compile(lambda x: x if x > 0 else 2.0 * x, batch="x", reduce="mean")
    assert np.isnan(f([np.inf, -np.inf, 1.0]))


def test_the_error_is_that_of_the_first_sample_whichever_path_comes_first() -> None:
    def f(x: Any) -> Any:
        return tg.log(x - 1.0) if x > 0 else 1.0 / (x + 5.0) if x > -9 else x

    g = compile(f, batch="x")
    assert len(g([2.0, 3.0, -1.0, -10.0])) == 4
    for xs in ([-5.0, 0.5, 2.0, 2.0], [0.5, 2.0, -5.0, 2.0], [2.0, -5.0, 0.5, 0.5, 0.5]):
        first = next(x for x in xs if x in (-5.0, 0.5))
        with pytest.raises(ZeroDivisionError if first == -5.0 else ValueError) as caught:
            g(xs)
        assert isinstance(caught.value, ZeroDivisionError) == (first == -5.0)


def test_whole_numbers_are_machine_code_too() -> None:
    pytest.importorskip("llvmlite")

    def halves(x: Any) -> Any:
        return x * (int(x) + 4.0 * round(x))

    xs = np.array([-2.5, -0.5, 0.0, 0.5, 1.5, 2.4999999999999996])
    function = compile(halves, batch="x", backend="machine")
    np.testing.assert_array_equal(function(xs), [halves(x) for x in xs.tolist()])
    for path in function.paths.paths:
        assert path.plan.runner.first(1).kernel is not None  # nothing is left to NumPy


def test_parts_of_any_number_of_samples_share_memory() -> None:
    def either(x: Any, w: Any) -> Any:
        return {"own": x * w, "shared": w * w} if x > 0 else {"own": x - w, "shared": w}

    function = compile(either, batch="x")
    rng = np.random.default_rng(3)
    for count in [8] * 12 + [40] * 12:
        xs = rng.integers(-9, 9, count).astype(float)
        found = function(xs, 2.0)
        np.testing.assert_array_equal(found["own"], np.where(xs > 0, xs * 2.0, xs - 2.0))
        np.testing.assert_array_equal(found["shared"], np.where(xs > 0, 4.0, 2.0))
    if "TINYGRAD_NN_LOW" not in os.environ:
        for path in function.paths.paths:
            sizes = {count for _, count in path.plan.runner._lanes[0].bounds}
            assert sizes <= {1, 8, 16, 24, 32, 40}
