"""Programs in several threads, and called from several: the same numbers, to the last bit."""

from __future__ import annotations

import sys
import threading
import warnings
from concurrent.futures import ThreadPoolExecutor
from importlib.util import find_spec
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from random_functions import Function, functions, vectors

from tinygrad_nn import compile, custom, lookup, tanh, value_and_grad
from tinygrad_nn.compiler.backends import runner
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError

BACKENDS = ["numpy", "machine"] if find_spec("llvmlite") else ["numpy"]
DTYPES = ["float64", "float32"]

some = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
backends = pytest.mark.parametrize("backend", BACKENDS)


@pytest.fixture
def small_blocks(monkeypatch: pytest.MonkeyPatch) -> None:
    """Take few samples at once, and many threads for them."""
    monkeypatch.setattr(runner, "CACHE", 0)
    monkeypatch.setattr(runner, "LEAST", 16)
    monkeypatch.setattr(runner, "WORTH_WHILE", 0.0)
    monkeypatch.setattr(runner, "LONG", 0.0)


def cost(W: Any, v: Any, x: Any, y: Any) -> Any:
    hidden = [tanh(sum(w * a for w, a in zip(row, x, strict=True))) for row in W]
    return (sum(a * b for a, b in zip(v, hidden, strict=True)) - y) ** 2


def drawn(seed: int, samples: int) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    return tuple([rng.normal(size=s) for s in ((9, 5), 9, (samples, 5), samples)])


def bits(result: Any) -> bytes:
    if isinstance(result, list | tuple):
        return b"".join(map(bits, result))
    return np.asarray(result).tobytes()


# ---- blocks in threads ---------------------------------------------------------------------------


@backends
@pytest.mark.usefixtures("small_blocks")
@some
@given(
    f=functions(most=4),
    reduce=st.sampled_from([None, "sum", "mean"]),
    dtype=st.sampled_from(DTYPES),
    data=st.data(),
)
def test_any_number_of_threads(
    backend: str, f: Function, reduce: str | None, dtype: str, data: st.DataObject
) -> None:
    p, x = (data.draw(vectors(3)) for _ in range(2))
    xs = np.array([[a * 0.99**i for a in x] for i in range(100)])
    for function in (f, value_and_grad(f.cost)):
        options = {"batch": "x", "reduce": reduce, "dtype": dtype, "backend": backend}
        compiled = [compile(function, **options, threads=n) for n in (1, 2, 3)]
        try:
            one, *others = [bits(g(p, xs)) for g in compiled]
        except (ValueError, ArithmeticError):
            return
        assert others == [one, one]


@backends
@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_number_may_be_several_results(backend: str, threads: int) -> None:
    twice = compile(
        lambda x: [a := x[0] * x[1], a, x[0], x[0]], batch="x", backend=backend, threads=threads
    )
    xs = np.random.default_rng(1).normal(size=(1000, 2))
    expected = np.column_stack([*[xs[:, 0] * xs[:, 1]] * 2, *[xs[:, 0]] * 2])
    np.testing.assert_array_equal(twice(xs), expected)


@backends
@pytest.mark.usefixtures("small_blocks")
@pytest.mark.parametrize("reduce", [None, "mean"])
def test_threads_take_part(backend: str, reduce: str | None) -> None:
    single, double = (
        compile(value_and_grad(cost), batch=("x", "y"), reduce=reduce, backend=backend, threads=n)
        for n in (1, 2)
    )
    given = drawn(0, 3000)
    expected = bits(single(*given))
    for turn in range(200):  # the other thread comes late where all is done soon
        assert bits(double(*given)) == expected
        if turn > 3 and double._latest.runner._lanes[1].bounds:
            break
    assert len(double._latest.runner._lanes[1].bounds) > 0
    whole = compile(value_and_grad(cost), batch=("x", "y"), reduce=reduce)(*given)
    np.testing.assert_allclose(double(*given)[0], whole[0], rtol=1e-9)


@pytest.mark.usefixtures("small_blocks")
def test_errors_are_those_of_one_thread() -> None:
    f = compile(lambda table, i: lookup(table, i), batch="i", threads=3)
    places = np.arange(200) % 7
    table = [1.0 * n for n in range(7)]
    assert f(table, places).tolist() == places.tolist()
    places[50] = 9
    places[150] = 8
    with pytest.raises(ArgumentError, match="has 9 as an index"):
        f(table, places)
    places[50] = places[150] = 0
    assert f(table, places).tolist() == places.tolist()


@pytest.mark.usefixtures("small_blocks")
def test_an_operation_of_ones_own_in_threads() -> None:
    met = set()

    def compute(x: float) -> float:
        met.add(threading.get_ident())
        return x * x

    square = custom(compute, [lambda x, z: 2.0 * x], name="square")
    f = compile(lambda x: square(x), batch="x", threads=2)
    assert f(np.arange(100.0)).tolist() == [n * n for n in np.arange(100.0)]
    assert met == {threading.get_ident()}


@pytest.mark.parametrize(("given", "error"), [(0, ArgumentError), (1.5, ArgumentTypeError)])
def test_numbers_of_threads_that_there_are_not(given: Any, error: type[Exception]) -> None:
    with pytest.raises(error, match="threads is"):
        compile(cost, threads=given)


# ---- one program, many threads -------------------------------------------------------------------


@backends
@pytest.mark.parametrize("dtype", DTYPES)
@pytest.mark.parametrize("reduce", [None, "mean"])
def test_one_program_called_from_many_threads(backend: str, dtype: str, reduce: str | None) -> None:
    f = compile(value_and_grad(cost), batch=("x", "y"), reduce=reduce, dtype=dtype, backend=backend)
    given = [drawn(seed, 700) for seed in range(8)]
    expected = [bits(f(*one)) for one in given]

    def call(n: int) -> bool:
        return bits(f(*given[n % 8])) == expected[n % 8]

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(6) as pool:
            assert all(pool.map(call, range(200)))
    finally:
        sys.setswitchinterval(before)


@backends
def test_without_samples_from_many_threads(backend: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(runner, "LONG", 0.0)  # none waits for another
    both = value_and_grad(lambda x: sum(tanh(a) * b for a, b in pairwise(x)))
    f = compile(both, backend=backend)
    given = [np.random.default_rng(n).normal(size=50) for n in range(8)]
    expected = [bits(f(x)) for x in given]
    meeting = threading.Barrier(6, timeout=30)

    def call(n: int) -> bool:
        if n < 6:
            meeting.wait()
        return all(bits(f(given[k % 8])) == expected[k % 8] for k in range(n, n + 20))

    with ThreadPoolExecutor(6) as pool:
        assert all(pool.map(call, range(30)))


def test_who_is_asked_while_it_runs_has_memory_of_its_own() -> None:
    inside, go_on = threading.Event(), threading.Event()

    def compute(x: float) -> float:
        if x == 1.0:
            inside.set()
            assert go_on.wait(30)
        return x + 1.0

    op = custom(compute, [lambda x, z: 1.0], name="waits")
    f = compile(lambda x: op(x) * 2.0, batch="x")
    assert f(np.array([5.0, 6.0])).tolist() == [12.0, 14.0]
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(f, np.array([1.0, 2.0, 3.0]))
        assert inside.wait(30)
        assert f(np.array([5.0, 6.0])).tolist() == [12.0, 14.0]
        assert f(np.array([7.0, 6.0, 5.0])).tolist() == [16.0, 14.0, 12.0]
        go_on.set()
        assert other.result().tolist() == [4.0, 6.0, 8.0]


def test_operations_of_two_threads_may_wait_for_each_other() -> None:
    meeting = threading.Barrier(2)

    def compute(x: float) -> float:
        if x > 1.0:
            meeting.wait(10)
        return x + 1.0

    op = custom(compute, [lambda x, z: 1.0], name="meets")
    f = compile(lambda x: op(x) * 2.0)
    assert f(0.5) == 3.0
    with ThreadPoolExecutor(2) as pool:
        assert list(pool.map(f, [5.0, 6.0])) == [12.0, 14.0]


def test_no_samples_while_other_threads_record() -> None:
    def record() -> None:
        for n in range(31, 60):
            f([1.0] * n, x=np.ones((2, n)))
        done.set()

    done = threading.Event()
    f = compile(lambda p, x: p[0] * x[0], batch="x", sizes="fixed")
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with warnings.catch_warnings(), ThreadPoolExecutor(1) as pool:
            warnings.simplefilter("ignore")
            for n in range(1, 31):
                f([1.0] * n, x=np.ones((2, n)))
            recording = pool.submit(record)
            while not done.is_set():
                assert len(f([1.0] * 30, x=[])) == 0
            recording.result()
    finally:
        sys.setswitchinterval(before)


def test_nobody_waits_for_ever_for_a_thread_that_keeps_the_lock() -> None:
    f = compile(lambda x: [a * a for a in x])
    assert f([1.0, 2.0]) == [1.0, 4.0]
    f._latest.lock.acquire()  # as where Ctrl-C comes right behind it
    with ThreadPoolExecutor(1) as pool:
        other = [pool.submit(f, [n, 3.0]) for n in range(9)]
        assert [one.result(30) for one in other] == [[n * n, 9.0] for n in range(9)]
    assert f([3.0, 4.0]) == [9.0, 16.0]
