"""Samples on several paths that run by turns: each gets what the function gives."""

from __future__ import annotations

import gc
from collections.abc import Callable
from typing import Any
from weakref import ref

import numpy as np
import pytest

from tinygrad_nn import compile, exp, log, sin, value_and_grad
from tinygrad_nn.compiler.paths import together

pytest.importorskip("llvmlite")
COUNT = 200

Function = Callable[..., Any]


@pytest.fixture(autouse=True)
def few(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Let few samples be many; list how many paths ran by turns, and how many samples were left."""
    monkeypatch.setattr(together, "NEAR", 24)
    monkeypatch.setattr("tinygrad_nn.compiler.backends.runner.CACHE", 1)
    monkeypatch.setattr("tinygrad_nn.compiler.backends.runner.LEAST", 8)
    found: list[int] = []
    run = together.run_together

    def noted(*given: Any) -> Any:
        parts, left, rows = run(*given)
        if rows is not None:
            found[:] = len(parts), sum(len(one.samples) for one in left)
        return parts, left, rows

    monkeypatch.setattr("tinygrad_nn.compiler.paths.samples.run_together", noted)
    return found


def pieces(w: Any, x: Any) -> Any:
    i = int(x)
    return {"a": sin(x) * w + i, "b": [x * w, exp(x - i)], "c": w}


def test_each_sample_gets_what_the_function_gives(few: list[int]) -> None:
    compiled = compile(pieces, batch="x", backend="machine")
    rng = np.random.default_rng(0)
    for most, done in ((3, []), (3, [3, 0]), (4, [3, 1]), (4, [4, 0])):
        xs = rng.uniform(0.0, most, COUNT)
        few.clear()
        found = compiled(1.5, xs)
        assert len(few) == len(done)
        if done:
            assert few[0] == done[0]
            assert bool(few[1]) == bool(done[1])
        wanted = [pieces(1.5, x) for x in xs.tolist()]
        for name in "abc":
            np.testing.assert_allclose(found[name], [one[name] for one in wanted], rtol=1e-12)


def test_slopes_of_several_arguments_in_columns(few: list[int]) -> None:
    def f(x: Any) -> Any:
        if x[0] > 0.6:
            return x[0] * x[1]
        return log(x[0] + 1.0) * x[1] if x[1] > 0.5 else x[1] - x[0]

    slopes = value_and_grad(f)
    compiled = compile(slopes, batch="x", backend="machine")
    rng = np.random.default_rng(1)
    for _ in range(3):
        xs = rng.uniform(0.0, 1.0, (COUNT, 2))
        values, gradients = compiled(xs)
        wanted = [slopes(x) for x in xs.tolist()]
        np.testing.assert_allclose(values, [one[0] for one in wanted], rtol=1e-12)
        np.testing.assert_allclose(gradients, [one[1] for one in wanted], rtol=1e-12)
    assert few == [3, 0]


def test_errors_and_nan_are_those_of_the_function(few: list[int]) -> None:
    def f(x: Any) -> Any:
        if x < 0:
            return log(x + 2.0) * 2.0
        return x * x if x < 1 else x + 1.0

    compiled = compile(f, batch="x", backend="machine")
    xs = np.random.default_rng(2).uniform(-1.0, 2.0, COUNT)
    compiled(xs), compiled(xs)
    assert few[0] > 1
    xs[[3, 150]] = np.nan, np.inf
    np.testing.assert_allclose(compiled(xs), [f(x) for x in xs.tolist()], rtol=1e-12)
    xs[170] = -2.5
    with pytest.raises(ValueError, match="log"):
        compiled(xs)


def test_results_are_freed_and_samples_whose_program_denies_them_run_again(
    few: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    compiled = compile(lambda x: x * (int(x) + 1), batch="x", backend="machine")
    xs = np.random.default_rng(3).uniform(0.0, 4.0, COUNT)
    wanted = xs * (np.trunc(xs) + 1)
    assert compiled(xs) == pytest.approx(wanted)
    gc.disable()
    try:
        kept = ref(compiled(xs))
        assert kept() is None
        assert few == [4, 0]
    finally:
        gc.enable()
    real = together.parted

    def wrong(*given: Any) -> Any:
        """Say that the last sample takes the path of others."""
        right, leaving = real(*given)
        return np.concatenate([right, leaving[-1].samples[-1:]]), leaving

    monkeypatch.setattr(together, "parted", wrong)
    few.clear()
    assert compiled(xs) == pytest.approx(wanted)
    assert not few
