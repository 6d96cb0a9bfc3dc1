"""Programs that compute in float32: near those in float64, or refused where they cannot be."""

from __future__ import annotations

import copy
import math
import pickle
import sys
import warnings
from collections.abc import Sequence
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from compiled import Interpreted, assert_within, flat
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st
from random_functions import Function, functions, vectors

from tinygrad_nn import (
    TABLE,
    Value,
    compile,
    custom,
    exp,
    grad,
    load_program,
    log,
    logaddexp,
    lookup,
    tanh,
    value_and_grad,
    where,
)
from tinygrad_nn import max as max_of
from tinygrad_nn import min as min_of
from tinygrad_nn.errors import ArgumentError, DomainError, NonFiniteError

ROUNDING = 1e-5
MOST = sys.float_info.max
SINGLE = np.float32
BACKENDS = ["numpy", "machine"] if find_spec("llvmlite") else ["numpy"]

some = settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
backends = pytest.mark.parametrize("backend", BACKENDS)
few = st.sampled_from([1, 2, 3, 5])


def rounded(numbers: Sequence[Any]) -> list[Any]:
    """Round to what float32 has."""
    return np.array(numbers, SINGLE).tolist()


def cost(W: Any, v: Any, x: Any, y: Any) -> Any:
    hidden = [tanh(sum(w * a for w, a in zip(row, x, strict=True))) for row in W]
    return (sum(a * b for a, b in zip(v, hidden, strict=True)) - y) ** 2


def drawn(seed: int = 0, samples: int = 70) -> tuple[Any, ...]:
    rng = np.random.default_rng(seed)
    shapes = [(9, 5), 9, (samples, 5), samples]
    return tuple([rng.normal(size=shape).astype(SINGLE) for shape in shapes])


# ---- how near ------------------------------------------------------------------------------------


@backends
@some
@given(f=functions(), n=few, m=few, data=st.data())
def test_random_functions(backend: str, f: Function, n: int, m: int, data: st.DataObject) -> None:
    p, x = (rounded(data.draw(vectors(size))) for size in (n, m))
    both = value_and_grad(f.cost, argnums=(0, 1))
    double, single = (compile(both, dtype=dtype, backend=backend) for dtype in (float, "float32"))
    try:
        expected = flat(double(p, x))
    except (DomainError, ValueError, ArithmeticError):
        assume(False)
    truth = Interpreted(double, p, x)
    assume(truth.is_steady_within(ROUNDING))
    assert_within(flat(single(p, x)), expected, [size for (size,) in truth.sizes], ROUNDING)


@backends
@pytest.mark.parametrize("count", [1, 70, 5000])
@pytest.mark.parametrize("reduce", [None, "mean"])
def test_batches(backend: str, count: int, reduce: str | None) -> None:
    given = drawn(1, count)
    both = value_and_grad(cost)
    double, single = (
        compile(both, batch=("x", "y"), reduce=reduce, dtype=dtype, backend=backend)
        for dtype in ("float64", "float32")
    )
    for one, other in zip(double(*given), single(*given), strict=True):
        largest = np.abs(one).max()
        np.testing.assert_allclose(other, one, rtol=0, atol=ROUNDING * largest)


@backends
def test_every_row(backend: str) -> None:
    for row in TABLE.values():
        rng = np.random.default_rng(0)
        columns = [rng.uniform(low, high, 37).astype(SINGLE) for low, high in row.sample]
        parameters = ", ".join(row.letters)
        f = eval(f"lambda {parameters}: row({parameters})", {"row": row})
        found = compile(f, batch=tuple(row.letters), dtype="float32", backend=backend)(*columns)
        assert found.dtype == SINGLE
        expected = compile(f, batch=tuple(row.letters))(*[x.astype(float) for x in columns])
        bound = ROUNDING * np.maximum(np.abs(expected), 1e-2)
        far = np.count_nonzero(np.abs(found - expected) > bound)
        assert far <= (2 if row.name in ("mod", "floordiv") else 0), row.name  # they jump


@backends
def test_long_sums(backend: str) -> None:
    x = np.random.default_rng(0).uniform(0.0, 1.0, 200_000).astype(SINGLE)
    total = compile(lambda w, x: w * x, batch="x", reduce="sum", dtype="float32", backend=backend)
    assert total(1.5, x) == pytest.approx(1.5 * x.sum(dtype=float), rel=ROUNDING)


# ---- what goes in and comes out --------------------------------------------------------------------


@backends
def test_types_of_results(backend: str) -> None:
    W, v, X, y = drawn()
    f = compile(value_and_grad(cost), dtype="float32", backend=backend)
    for kind in (SINGLE, np.float64):
        value, slope = f(W.astype(kind), v.astype(kind), X[0].astype(kind), kind(y[0]))
        assert (type(value), slope.dtype) == (float, SINGLE)
    value, slope = f(W.tolist(), v.tolist(), X[0].tolist(), float(y[0]))
    assert type(value) is float
    assert all(type(number) is float and number == SINGLE(number) for number in flat(slope))
    each = compile(cost, batch=("x", "y"), dtype="float32", backend=backend)
    assert each(W, v, X, y).dtype == SINGLE
    assert all(type(number) is float for number in each(W, v, X.tolist(), y.tolist()))
    assert each(W, v, X.astype(float), y).tobytes() == each(W, v, X, y).tobytes()


@backends
def test_calls_that_come_again(backend: str) -> None:
    W, v, X, y = drawn()
    f = compile(value_and_grad(cost), dtype="float32", backend=backend)
    for arguments in ((W, v, X[0], y[0]), (W.tolist(), v.tolist(), X[0].tolist(), float(y[0]))):
        value, slope = f(*arguments)
        for _ in range(40):
            again, other = f(*arguments)
            assert (again, flat(other)) == (value, flat(slope))
            assert type(other) is type(slope)


@backends
def test_it_is_told(backend: str) -> None:
    f = compile(lambda x: sum(a * a for a in x), dtype=np.float32, backend=backend)
    f([0.1, 0.2, 0.3])
    assert f.program.dtype == "float32"
    assert str(f.program).endswith("\nin float32")
    assert str(f.program.stats) == str(f.program.stats)
    double = compile(lambda x: sum(a * a for a in x), backend=backend)
    double([0.1, 0.2, 0.3])
    assert (double.program.dtype, "float" in str(double.program)) == ("float64", False)
    assert f.program.stats.shared_bytes * 2 == double.program.stats.shared_bytes


def test_what_is_made_of_it() -> None:
    f = compile(lambda x: sum(exp(a) * b for a, b in pairwise(x)), dtype="float32")
    x = [0.1, 0.2, 0.3]
    value, slope = f.value_and_grad(x)
    assert (f.program, value) == (None, f(x))
    assert slope == rounded(slope)
    assert compile(dtype="float32")(f)(x) == f(x)
    for again in (copy.copy(f), pickle.loads(pickle.dumps(compile(math_free, dtype="float32")))):
        again(x)
        assert again.program.dtype == "float32"


def math_free(x: Any) -> Any:
    return sum(a * b for a, b in pairwise(x))


def test_graphs() -> None:
    x, y = Value(0.1), Value(0.7)
    z = tanh(x * y) + x
    f = compile(z, inputs=[x, y], dtype="float32")
    assert f() == pytest.approx(z.data, rel=1e-6)
    assert f() == SINGLE(f())
    again = pickle.loads(pickle.dumps(f))
    assert (again(), again.program.dtype) == (f(), "float32")


def test_values_are_what_they_always_are() -> None:
    f = compile(math_free, dtype="float32")
    x = [Value(0.1), Value(0.2), Value(0.3)]
    assert f(x).data == math_free(x).data


def test_what_was_saved(tmp_path: Path) -> None:
    W, v, X, y = drawn()
    f = compile(value_and_grad(cost), batch=("x", "y"), reduce="mean", dtype="float32")
    found = f(W, v, X, y)
    f.program.save(tmp_path / "f.safetensors")
    again = load_program(tmp_path / "f.safetensors")
    value, slope = again(W, v, X, y)
    assert (value, slope.tobytes()) == (found[0], found[1].tobytes())
    assert again.program.dtype == "float32"
    assert str(again) == str(f.program)
    assert pickle.loads(pickle.dumps(again))(W, v, X, y)[0] == value


# ---- what float32 has not ------------------------------------------------------------------------


@pytest.mark.parametrize("given", ["float16", None, int, "", "double32", 3])
def test_types_that_there_are_not(given: Any) -> None:
    with pytest.raises(ArgumentError, match=r"dtype is .*: expected 'float64' or 'float32'"):
        compile(math_free, dtype=given)
    x = Value(1.0)
    with pytest.raises(ArgumentError, match="expected 'float64' or 'float32'"):
        compile(x * x, inputs=[x], dtype=given)


@pytest.mark.parametrize("number", [1e300, -1e39, 1e-300, 1e-44])
def test_constants_beyond_it(number: float) -> None:
    for f in (
        lambda x: x * number,
        lambda x: log(x * x + number),
        lambda x: [x, number],
        lambda x: [a * number for a in (x, 2 * x, 3 * x)],
    ):
        with pytest.raises(ArgumentError, match="'float32', and the program has the number") as e:
            compile(f, dtype="float32")(1.0)
        assert "give dtype='float64'" in str(e.value)


@backends
def test_the_greatest_number_is_that_of_the_type(backend: str) -> None:
    def f(x: Any) -> Any:
        return [
            max_of(x[0], -MOST),
            min_of(x[1], MOST),
            sum(max_of(a, -MOST) * 0.5 for a in x),
        ]

    greatest = float(np.finfo(SINGLE).max)
    single = compile(f, dtype="float32", backend=backend)
    assert single([-math.inf, math.inf]) == [-greatest, greatest, math.inf]
    slope = grad(lambda x: logaddexp(x[0], x[1]))
    for x in ([-math.inf, -math.inf], [1.0, -math.inf], [0.3, 0.4]):
        found = compile(slope, dtype="float32", backend=backend)(x)
        assert found == pytest.approx(slope(x), rel=1e-6)


def test_constants_within_it() -> None:
    for number in (3e38, 1e-37, 0.1, math.inf, -0.0, float(2**24 + 2)):
        f = compile(lambda x, c=number: x + c, static="c", dtype="float32")
        assert f(1.0, number) == SINGLE(1.0) + SINGLE(number)


@backends
def test_arguments_beyond_it(backend: str) -> None:
    def f(x: Any) -> Any:
        return sum(a * 0.5 for a in x)

    alone = compile(f, dtype="float32", backend=backend)
    batch = compile(f, batch="x", dtype="float32", backend=backend)
    for x in ([1e300] * 5, np.full(5, -1e39)):
        with pytest.warns(RuntimeWarning, match="overflow"):
            assert math.isinf(alone(x))
        with pytest.warns(RuntimeWarning, match="overflow"):
            assert math.isinf(batch([x])[0])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert math.isinf(alone([math.inf] * 5))
        assert alone([5e37] * 5) == pytest.approx(1.25e38)


def test_results_beyond_it() -> None:
    checked = compile(exp, dtype="float32", check=True)
    assert checked(1.0) == pytest.approx(math.e)
    with pytest.raises(NonFiniteError, match="in float32, and none is in float64"):
        checked(100.0)
    assert compile(exp, dtype="float32")(100.0) == math.inf


@backends
def test_indices(backend: str) -> None:
    def f(table: Any, i: Any, j: Any) -> Any:
        return lookup(table, i) * lookup(table, j)

    table = [0.5 * n for n in range(40)]
    single = compile(f, dtype="float32", backend=backend)
    assert single(table, 3, 39) == 1.5 * 19.5
    for wrong in (40, -1, 2.5, math.nan, 2**24 + 1, 2**40):
        with pytest.raises(ArgumentError, match=r"as an index, and the table has 40 entries"):
            single(table, 3, wrong)
    many = compile(grad(f), batch=("i", "j"), reduce="sum", dtype="float32", backend=backend)
    places = np.arange(40)
    double = compile(grad(f), batch=("i", "j"), reduce="sum")
    expected = double(table, places, places[::-1])
    assert many(table, places, places[::-1]) == pytest.approx(expected, rel=ROUNDING)


def test_tables_that_are_too_long(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tinygrad_nn.compiler.program.precision.WHOLE", {"float32": 30})
    f = compile(lookup, dtype="float32")
    assert f([1.0] * 30, 3) == 1.0
    with pytest.raises(ArgumentError, match=r"table of 31 entries apart: give dtype='float64'"):
        f([1.0] * 31, 3)


# ---- other ways than the program -------------------------------------------------------------------


@backends
def test_a_branch_that_is_not_chosen(backend: str) -> None:
    def f(x: Any) -> Any:
        return where(x > 0, lambda: x * log(x), lambda: x * 0.1)

    single = compile(grad(f), batch="x", dtype="float32", backend=backend)
    x = np.array([0.0, 1.0, 2.0], SINGLE)
    slope = single(x)
    assert slope.dtype == SINGLE
    np.testing.assert_allclose(slope, [0.1, 1.0, 1.0 + math.log(2.0)], rtol=1e-6)
    alone = compile(value_and_grad(f), dtype="float32", backend=backend)
    assert alone(0.0)[1] == SINGLE(0.1)


@backends
def test_an_operation_of_ones_own(backend: str) -> None:
    met = set()

    def compute(x: float) -> float:
        met.add(type(x))
        return x * x * x

    cube = custom(compute, [lambda x, z: 3.0 * x * x], name="cube")
    f = compile(lambda x: sum(cube(a) for a in x), dtype="float32", backend=backend)
    assert f([0.1 * n for n in range(9)]) == pytest.approx(1.296, rel=1e-6)
    assert met == {float}
