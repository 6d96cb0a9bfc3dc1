"""Blocks of samples, one after the other in one call."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from written import Making, at

from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.compiler.backends.machine import MACHINE
from tinygrad_nn.compiler.backends.runner import Runner
from tinygrad_nn.compiler.program.program import Program
from tinygrad_nn.compiler.program.split import split
from tinygrad_nn.compiler.program.statements import Map, Reduce, Term
from tinygrad_nn.scalar.ops import add, exp, mul

RNG = np.random.default_rng(6)
X, Y, Z, V, TOTAL = 0, 1, 2, 3, 4


def program() -> Program:
    """Some numbers of each sample, and their sums over all."""
    making = Making()
    x, y = making.input(3, True), making.input(1, True)
    z, v, total = making.inner(3, True), making.inner(1, True), making.inner(3)
    making.add(
        Map(at(z, 1), (3,), mul, (at(x, 1), at(y, 0))),
        Map(at(v), (), exp, (at(y),)),
        Reduce(at(total, 1), (3,), add, (Term(1.0, (at(z, 1), at(v, 0)), (), True),)),
    )
    return split(making.program())


@pytest.fixture(autouse=True)
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "CACHE", 0)
    monkeypatch.setattr(runner, "LEAST", 32)
    monkeypatch.setattr(runner, "MOST_AT_ONCE", 3)
    monkeypatch.setattr(runner, "WORTH_WHILE", 0.0)


def found(one: Runner, x: Any, y: Any, count: int) -> list[Any]:
    z, v = (np.full((size, count), np.nan, one.tiers.dtype) for size in (3, 2))
    into = [(Z, np.array([2, 0, 1]), z), (V, slice(0, 1), v[1:])]
    first = one.first(count)
    assert first.count < count
    one.run(first, count, {X: x, Y: y}, into)
    assert np.isnan(v[0]).all()
    return [z, v[1], first.memory.numbers(TOTAL).copy()]


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("count", [65, 96, 127, 300])
def test_arrays_in_all_strides(dtype: Any, count: int) -> None:
    one = Runner(program(), backend=MACHINE, dtype=np.dtype(dtype))
    x, y = RNG.normal(size=(3, count)).astype(dtype), RNG.normal(size=(1, count)).astype(dtype)
    z, e = x * y, np.exp(y[0])
    rtol = 1e-12 if dtype is np.float64 else 1e-5
    first = None
    for a, b in (
        (x, y),
        (np.asfortranarray(x), np.repeat(y, 2, 1)[:, ::2]),
        (x[::-1, ::-1].copy()[::-1, ::-1], y[:, ::-1].copy()[:, ::-1]),
        (np.repeat(x, 3, 0)[::3], np.repeat(y, 2, 0)[1:]),
        (x.astype(float), y.astype(float)),
        (x, np.broadcast_to(y, (1, count))),
        (x, np.frombuffer(b"-" + y.tobytes(), dtype, offset=1)[None]),
    ):
        results = found(one, a, b, count)
        np.testing.assert_allclose(results[0], z[[2, 0, 1]], rtol)
        np.testing.assert_allclose(results[1], e, rtol)
        np.testing.assert_allclose(results[2], z @ e, rtol=rtol, atol=10 * rtol)
        first = first or results
        assert all(np.array_equal(p, q) for p, q in zip(results, first, strict=True))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_threads_and_python_give_the_same_numbers(dtype: Any) -> None:
    count = 333
    x, y = RNG.normal(size=(3, count)).astype(dtype), RNG.normal(size=(1, count)).astype(dtype)
    runners = [
        Runner(program(), backend=MACHINE, dtype=np.dtype(dtype), threads=n) for n in (1, 2, 3)
    ]
    results = [found(one, x, y, count) for one in runners]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Runner, "_has_code", lambda *_: False)
        results.append(found(runners[0], x, y, count))
    for other in results[1:]:
        assert all(np.array_equal(p, q) for p, q in zip(results[0], other, strict=True))
