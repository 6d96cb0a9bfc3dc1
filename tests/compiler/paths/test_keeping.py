"""Functions that look at numbers, in threads, pickled, and where one program is asked for."""

from __future__ import annotations

import pickle
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tinygrad_nn import compile
from tinygrad_nn.errors import ArgumentError, SizeError, TraceError


@compile
def folded(x: Any) -> Any:
    while x > 2:
        x = x - 2
    return x * x if x > 1 else -x


def plain(x: float) -> float:
    while x > 2:
        x -= 2
    return x * x if x > 1 else -x


def test_threads_share_the_paths() -> None:
    numbers = [0.3 + 0.7 * k for k in range(8)] * 8
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(folded, numbers))
    assert found == pytest.approx([plain(x) for x in numbers], rel=1e-15)


def test_it_is_pickled_and_recorded_anew() -> None:
    assert pickle.loads(pickle.dumps(folded)) is folded
    strict = compile(plain, strict=True)
    with pytest.raises(TraceError):
        pickle.loads(pickle.dumps(strict))(1.0)
    again = pickle.loads(pickle.dumps(compile(plain)))
    assert [again(x) for x in (0.5, 3.75, 0.5)] == [plain(x) for x in (0.5, 3.75, 0.5)]


def test_one_program_for_all_lengths_looks_at_none() -> None:
    def positive(xs: Any) -> Any:
        return sum(x for x in xs if x > 0)

    with pytest.raises(SizeError):
        compile(positive, sizes="free")([1.0, 2.0])
    xs = [float(k % 5 - 2) for k in range(40)]
    compiled = compile(positive)
    for own in (xs, [*xs[:-1], -1.0], xs):
        assert compiled(own) == positive(own)
    with pytest.raises(ArgumentError):
        compiled.program.save("nowhere.safetensors")


def test_results_that_are_not_finite_are_looked_for_on_the_path_that_is_taken() -> None:
    def f(x: Any) -> Any:
        return x * 1e300 * x if x < 2 else x

    checked = compile(f, check=True)
    assert [checked(x) for x in (1.0, 1e200, 1.5)] == [f(x) for x in (1.0, 1e200, 1.5)]
    many = compile(f, check=True, batch="x")
    assert many([1.0, 1e200, 1.5]) == [f(x) for x in (1.0, 1e200, 1.5)]
    with pytest.raises(ArithmeticError):
        checked(-1e200)
