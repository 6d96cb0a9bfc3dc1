from __future__ import annotations

import math
import pickle
import sys
from collections.abc import Callable
from itertools import pairwise
from threading import Thread
from typing import Any

import numpy as np
import pytest

pytest.importorskip("scipy")

from tests.support.sparse_problems import broyden, minimal_surface, rosenbrock, wood
from tinygrad_nn import (
    Value,
    custom,
    exp,
    grad,
    hessian,
    jacobian,
    lookup,
    max,
    sin,
    sparse_hessian,
    sparse_jacobian,
    sparsity,
    tanh,
    where,
)
from tinygrad_nn.errors import ArgumentTypeError
from tinygrad_nn.sparse import derivatives

rng = np.random.default_rng(5)
MATRIX = [[1.5, 0.0, -2.0], [0.0, 3.0, 0.0]]


def asks(x: Any) -> Any:
    total = 0.0
    for a, b in pairwise(x):
        total = total + (a * b if a > 0 else b**3)
    return total


def recurrence(x: Any) -> Any:
    state, total = 0.0, 0.0
    for a in x:
        state = tanh(state * 0.5 + a)
        total = total + state
    return total


SCALARS: dict[str, tuple[Callable[..., Any], Any]] = {
    "rosenbrock": (rosenbrock, rng.normal(size=9)),
    "wood": (wood, rng.normal(size=10)),
    "surface": (minimal_surface, rng.normal(size=(4, 4))),
    "recurrence": (recurrence, rng.normal(size=5)),
    "linear": (lambda x: 3.0 * x[0] - x[2], rng.normal(size=3)),
    "constant": (lambda x: 2.0, rng.normal(size=3)),
    "hub": (lambda x: sum((a * x[0]) ** 2 for a in x[1:]), rng.normal(size=6)),
    "largest": (lambda x: max(x[0] * x[1], x[1] * x[2]), rng.normal(size=3)),
    "chosen": (lambda x: where(x[0] > 0, x[1] * x[2], x[2] ** 2), rng.normal(size=4)),
    "nested": (lambda x: x["a"] * exp(x["b"][1]) + sin(x["b"][0]), {"a": 0.5, "b": [0.3, -0.7]}),
}
VECTORS: dict[str, tuple[Callable[..., Any], Any]] = {
    "broyden": (broyden, rng.normal(size=7)),
    "a gradient": (grad(rosenbrock), rng.normal(size=6)),
    "a matrix": (lambda x: [sum(a * b for a, b in zip(row, x, strict=True)) for row in MATRIX], rng.normal(size=3)),
    "a table": (lambda x: [lookup([x[1] ** 2, x[2], 5.0], x[0]), x[3]], [1.0, 2.0, 3.0, 4.0]),
    "one number": (lambda x: x[0] * x[1], [2.0, 3.0]),
    "steps": (lambda x: [math.floor(x[0]) * x[1], abs(x[0])], [2.5, 3.0]),
    "plain numbers": (lambda x: [1.0, x[0]], [2.0, 3.0]),
}  # fmt: skip


def dense(found: Any, width: int) -> Any:
    """Flatten a nesting of derivatives to rows."""

    def flat(part: Any) -> list[Any]:
        if isinstance(part, dict):
            part = list(part.values())
        if isinstance(part, list | tuple | np.ndarray) and not np.isscalar(part):
            return [number for one in part for number in flat(one)]
        return [part]

    return np.array(flat(found), float).reshape(-1, width)


def size(x: Any) -> int:
    return x.size if isinstance(x, np.ndarray) else 3 if isinstance(x, dict) else len(x)


@pytest.mark.parametrize("name", SCALARS)
def test_hessians_are_those_of_the_dense_engine(name: str) -> None:
    f, x = SCALARS[name]
    width = size(x)
    found = sparse_hessian(f)(x)
    right = dense(hessian(f)(x), width)
    assert found.shape == (width, width)
    np.testing.assert_allclose(found.toarray(), right, rtol=1e-12, atol=1e-12)
    pattern = sparsity(grad(f))(x).toarray()
    assert (pattern[right != 0.0]).all()


@pytest.mark.parametrize("name", VECTORS)
def test_jacobians_are_those_of_the_dense_engine(name: str) -> None:
    f, x = VECTORS[name]
    found = sparse_jacobian(f)(x)
    right = dense(jacobian(f)(x), size(x))
    np.testing.assert_allclose(found.toarray(), right, rtol=1e-12, atol=1e-12)
    assert sparsity(f)(x).toarray()[right != 0.0].all()


def test_patterns_hold_no_more_than_is_computed() -> None:
    assert sparsity(grad(rosenbrock))(np.zeros(6)).nnz == 3 * 6 - 2
    assert sparsity(broyden)(np.zeros(7)).nnz == 3 * 7 - 2
    table = sparsity(VECTORS["a table"][0])([1.0, 2.0, 3.0, 4.0]).toarray().astype(int).tolist()
    assert table == [[0, 1, 1, 0], [0, 0, 0, 1]]


def test_stored_places_are_the_same_whatever_their_numbers_are() -> None:
    h = sparse_hessian(rosenbrock)
    first, second = h(np.zeros(5)), h(rng.normal(size=5))
    assert (first.indices == second.indices).all()
    assert (first.indptr == second.indptr).all()
    assert h(rng.normal(size=8)).shape == (8, 8)


def test_each_path_has_a_pattern_of_its_own() -> None:
    h = sparse_hessian(asks)
    for x in rng.normal(size=(12, 4)):
        right = np.array(hessian(asks)(list(x)))
        np.testing.assert_allclose(h(x).toarray(), right, rtol=1e-12, atol=1e-12)
        assert (h.pattern(x).toarray() == (right != 0.0)).all()


class Called:
    """A function that has no program, as one that is given up."""

    program = None

    def __init__(self, function: Callable[..., Any]) -> None:
        self.function = function

    def __call__(self, *args: Any) -> Any:
        return self.function(*args)


@pytest.mark.parametrize("name", SCALARS)
def test_the_graph_says_where_entries_are_where_there_is_no_program(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    f, x = SCALARS[name]
    by_program = sparse_hessian(f)
    monkeypatch.setattr(derivatives, "compiled", Called)
    by_graph = sparse_hessian(f)
    np.testing.assert_allclose(by_graph(x).toarray(), by_program(x).toarray(), 1e-12, 1e-12)
    pattern = by_program.pattern(x).toarray()
    assert (by_graph.pattern(x).toarray() <= pattern).all() or name == "chosen"


def test_values_that_a_function_finds_are_numbers() -> None:
    own = Value(3.0)
    h = sparse_hessian(lambda x: x[0] ** 2 * own + x[1])
    assert h([0.5, 1.5]).toarray().tolist() == [[6.0, 0.0], [0.0, 0.0]]
    own.data = 2.0
    assert h([0.5, 1.5]).toarray().tolist() == [[4.0, 0.0], [0.0, 0.0]]


def test_further_arguments_are_handed_on() -> None:
    def f(x: Any, k: Any, rows: Any) -> Any:
        return [k * a * b + row[0] for a, b, row in zip(x, x[1:], rows, strict=False)]

    x, rows = [1.0, 2.0, 3.0], [[1.0], [2.0]]
    found = sparse_jacobian(f)(x, 2.0, rows)
    assert found.toarray().tolist() == [[4.0, 2.0, 0.0], [0.0, 6.0, 4.0]]


def arrow(x: Any) -> Any:
    """Two hubs among pairs of neighbours."""
    beside = sum((a * b - x[1]) ** 2 for a, b in pairwise(x[2:]))
    return beside + sum(sin(a * x[0]) for a in x[1:])


def test_few_products_where_the_hessian_is_symmetric() -> None:
    x = rng.normal(size=14)
    h = sparse_hessian(arrow)
    np.testing.assert_allclose(h(x).toarray(), dense(hessian(arrow)(x), 14), 1e-12, 1e-12)
    assert h._latest is not None
    assert len(h._latest.directions) < 9


def test_a_matrix_of_rules_that_are_no_derivatives_is_taken_as_it_is() -> None:
    biased = custom(lambda a, b: a * b, [lambda a, b, z: b, lambda a, b, z: 2.0 * a], name="biased")

    def f(x: Any) -> Any:
        return sum(biased(x[0], a) * a for a in x[1:])

    x = rng.normal(size=6)
    found = sparse_hessian(f)(x).toarray()
    np.testing.assert_allclose(found, dense(hessian(f)(x), 6), 1e-12, 1e-12)
    assert not np.allclose(found, found.T)


def test_what_is_no_function_is_refused() -> None:
    for make in (sparse_jacobian, sparse_hessian, sparsity):
        with pytest.raises(ArgumentTypeError, match="f is 3"):
            make(3)
    with pytest.raises(ArgumentTypeError, match="one number"):
        sparse_hessian(broyden)([1.0, 2.0, 3.0])


def test_pickles() -> None:
    again = pickle.loads(pickle.dumps(sparse_hessian(rosenbrock)))
    assert (again([1.0, 2.0, 3.0]) - sparse_hessian(rosenbrock)([1.0, 2.0, 3.0])).nnz == 0


def test_threads_have_their_own_paths_and_lengths() -> None:
    found: list[Any] = []
    J = sparse_jacobian(lambda x: [a * b if a > 0 else b for a, b in pairwise(x)])

    def run(seed: int) -> None:
        draws = np.random.default_rng(seed)
        for _ in range(12):
            x = draws.normal(size=int(draws.integers(2, 5)))
            want = np.zeros((len(x) - 1, len(x)))
            for k, (a, b) in enumerate(pairwise(x)):
                want[k, k : k + 2] = (b, a) if a > 0 else (0.0, 1.0)
            try:
                found.append(np.array_equal(J(x).toarray(), want))
            except Exception as error:
                found.append(error)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        threads = [Thread(target=run, args=(seed,)) for seed in range(3)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(before)
    assert found == [True] * 36


def test_further_arguments_may_be_named() -> None:
    J = sparse_jacobian(lambda x, by, v=0: [x[v] * by, x[1]])
    assert J([1.0, 2.0], 3.0).toarray().tolist() == [[3.0, 0.0], [0.0, 1.0]]
    assert J([1.0, 2.0], by=4.0, v=1).toarray().tolist() == [[0.0, 4.0], [0.0, 1.0]]
    assert J.pattern([1.0, 2.0], 3.0, v=1).toarray().tolist() == [[False, True], [False, True]]
