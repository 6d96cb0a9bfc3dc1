"""Linear algebra in compiled functions: pivots are chosen anew by every run."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from tinygrad_nn import Value, compile, grad, jacobian
from tinygrad_nn.errors import DomainError, PoleError
from tinygrad_nn.linalg import cholesky, det, inverse, logdet, slogdet, solve

SIZES = [1, 2, 3, 5]


def matrices(size: int) -> list[Any]:
    """Matrices whose pivots are in other rows, some of them after a pivot near or at 0."""
    rng = np.random.default_rng(size)
    found = [rng.normal(size=(size, size)) for _ in range(3)]
    for turn in range(3):
        small = rng.normal(size=(size, size)) + 3.0 * np.roll(np.eye(size), turn, 1)
        if size > 1:
            small[0, 0] = 10.0 ** (-150 * turn) if turn < 2 else 0.0
        found.append(small)
    return found


def close(found: Any, expected: Any, rel: float = 1e-11) -> None:
    np.testing.assert_allclose(found, expected, rtol=rel, atol=rel)


@pytest.mark.parametrize("size", SIZES)
def test_values_are_numpys(size: int) -> None:
    b, B = np.arange(1.0, size + 1.0), np.arange(3.0 * size).reshape(size, 3)
    functions = [compile(f) for f in (solve, inverse, det, slogdet, logdet, cholesky)]
    x, invert, determinant, parts, logarithm, factor = functions
    for A in matrices(size):
        close(x(A, b), np.linalg.solve(A, b))
        close(x(A, B), np.linalg.solve(A, B))
        close(invert(A), np.linalg.inv(A))
        close(determinant(A), np.linalg.det(A))
        close(parts(A), np.linalg.slogdet(A))
        P = A @ A.T + np.eye(size)
        close(factor(P), np.linalg.cholesky(P))
        close(logarithm(P), np.linalg.slogdet(P)[1])


@pytest.mark.parametrize("size", SIZES)
def test_derivatives_are_the_closed_forms(size: int) -> None:
    by_A = compile(grad(lambda A, b: sum(solve(A, b))))
    slope, columns = compile(grad(det)), compile(jacobian(solve, argnums=1))
    logarithm = compile(grad(logdet))
    b = np.arange(1.0, size + 1.0)
    for A in matrices(size):
        inverse_of_A = np.linalg.inv(A)
        close(by_A(A, b), -np.outer(inverse_of_A.T @ np.ones(size), inverse_of_A @ b), 1e-9)
        close(columns(A, b), inverse_of_A)
        close(slope(A), np.linalg.det(A) * inverse_of_A.T)
        P = A @ A.T + np.eye(size)
        close(logarithm(P), np.linalg.inv(P))


def test_a_singular_determinant_has_its_derivatives() -> None:
    f = compile(grad(det))
    assert f([[1.0, 2.0], [2.0, 4.0]]) == [[4.0, -2.0], [-2.0, 1.0]]
    assert f([[0.0, 0.0], [0.0, 0.0]]) == [[0.0, 0.0], [0.0, 0.0]]


def test_systems_of_many_samples() -> None:
    A, b = np.stack(matrices(3)), np.arange(18.0).reshape(6, 3)
    found = compile(solve, batch=("A", "b"))(A, b)
    close(found, [np.linalg.solve(*pair) for pair in zip(A, b, strict=True)])


def test_a_matrix_that_is_not_an_argument_has_its_pivots_chosen_too() -> None:
    A = [[Value(1.0), Value(2.0)], [Value(3.0), Value(4.0)]]
    f = compile(lambda b: solve(A, b))
    close(f([1.0, 1.0]), np.linalg.solve([[1.0, 2.0], [3.0, 4.0]], [1.0, 1.0]))
    A[1][0].data = 0.0
    close(f([1.0, 1.0]), np.linalg.solve([[1.0, 2.0], [0.0, 4.0]], [1.0, 1.0]))
    fixed = compile(lambda b: solve([[0.0, 2.0], [3.0, 0.0]], b))
    assert fixed([1.0, 3.0]) == [1.0, 0.5]


def test_what_has_no_result_is_found_by_check() -> None:
    with pytest.raises(PoleError, match="div at"):
        compile(solve, check=True)([[1.0, 2.0], [2.0, 4.0]], [1.0, 1.0])
    with pytest.raises(DomainError, match="log at x = -1"):
        compile(logdet, check=True)([[0.0, 1.0], [1.0, 0.0]])
    with pytest.raises(DomainError, match="sqrt at x = -1"):
        compile(cholesky, check=True)([[-1.0]])
