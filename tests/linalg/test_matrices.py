"""Linear algebra against NumPy, closed forms of the derivatives, and finite differences."""

import math

import pytest

from tinygrad_nn import Value, grad, hessian, jacobian
from tinygrad_nn.check import check_grad
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DomainError, PoleError, ShapeError
from tinygrad_nn.linalg import cholesky, det, inverse, logdet, slogdet, solve
from tinygrad_nn.scalar.number import plain

np = pytest.importorskip("numpy")
SIZES = [1, 2, 3, 5, 8]


def random_matrix(size, seed=0, columns=None):
    return np.random.default_rng(seed).normal(size=(size, columns or size))


def positive(size, seed=0):
    X = random_matrix(size, seed)
    return X @ X.T + 0.5 * np.eye(size)


def as_values(array):
    return [[Value(x) for x in row] for row in array.tolist()]


def numbers(nested):
    return np.array([[x.data for x in row] for row in nested])


def close(found, expected, rel=1e-12):
    np.testing.assert_allclose(found, expected, rtol=rel, atol=rel)


# ---- values --------------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_values_are_numpys(size):
    A, b, B = random_matrix(size), random_matrix(size, 1, 1)[:, 0], random_matrix(size, 2, 3)
    close(solve(A, b), np.linalg.solve(A, b))
    close(solve(A, B), np.linalg.solve(A, B))
    close(inverse(A), np.linalg.inv(A))
    assert det(A) == pytest.approx(np.linalg.det(A), rel=1e-12)
    assert slogdet(A) == pytest.approx(tuple(np.linalg.slogdet(A)), rel=1e-12, abs=1e-12)
    P = positive(size)
    close(cholesky(P), np.linalg.cholesky(P))
    assert logdet(P) == pytest.approx(np.linalg.slogdet(P)[1], rel=1e-12, abs=1e-12)


def test_results_of_values_are_numpys():
    A, B = random_matrix(4), random_matrix(4, 1, 2)
    close(numbers(solve(as_values(A), as_values(B))), np.linalg.solve(A, B))
    close(numbers(inverse(as_values(A))), np.linalg.inv(A))
    assert det(as_values(A)).data == pytest.approx(np.linalg.det(A), rel=1e-12)
    L = cholesky(as_values(positive(4)))
    assert all(L[i][j] == 0.0 for i in range(4) for j in range(i + 1, 4))
    close([[plain(x) for x in row] for row in L], np.linalg.cholesky(positive(4)))


def test_small_pivots_are_not_divided_by():
    A = [[1e-20, 1.0], [1.0, 1.0]]
    close(solve(A, [1.0, 2.0]), [1.0, 1.0])
    assert solve([[0.0, 1.0], [2.0, 0.0]], [3.0, 4.0]) == [2.0, 3.0]
    assert inverse([[0.0, 2.0], [4.0, 0.0]]) == [[0.0, 0.25], [0.5, 0.0]]
    assert det([[0.0, 1.0], [1.0, 0.0]]) == -1.0


def test_signs_of_permutations():
    for seed in range(20):
        P = np.eye(5)[np.random.default_rng(seed).permutation(5)]
        assert det(P) == round(np.linalg.det(P))
        assert slogdet(P)[0] == np.linalg.slogdet(P)[0]


def test_logarithms_do_not_overflow():
    assert slogdet(np.eye(4) * 1e200) == pytest.approx((1.0, 800 * math.log(10)))
    assert slogdet([[1.0, 2.0], [2.0, 4.0]]) == (0.0, -math.inf)


# ---- derivatives ---------------------------------------------------------------------------


@pytest.mark.parametrize("size", SIZES)
def test_derivatives_of_determinants(size):
    A, P = random_matrix(size), positive(size)
    close(grad(logdet)(P), np.linalg.inv(P).T, 1e-9)
    close(grad(lambda M: slogdet(M)[1])(A), np.linalg.inv(A).T, 1e-9)
    close(grad(det)(A), np.linalg.det(A) * np.linalg.inv(A).T, 1e-9)


def test_derivative_of_the_inverse():
    A = random_matrix(3)
    inv = np.linalg.inv(A)
    close(jacobian(inverse)(A), -np.einsum("ik,lj->ijkl", inv, inv), 1e-9)


def test_derivatives_of_solve():
    A, b = random_matrix(4), random_matrix(4, 1, 1)[:, 0]
    inv = np.linalg.inv(A)
    by_A = jacobian(lambda M: solve(M, b))(A)
    by_b = jacobian(lambda v: solve(A, v))(b)
    close(by_A, -np.einsum("ik,l->ikl", inv, inv @ b), 1e-9)
    close(by_b, inv, 1e-9)


def test_second_derivatives_of_logdet():
    P = positive(3)
    inv = np.linalg.inv(P)
    close(hessian(logdet)(P), -np.einsum("li,jk->ijkl", inv, inv), 1e-9)


def flat(function, size):
    """A function of the elements of a matrix, for check_grad."""
    return lambda x: function([x[i * size : (i + 1) * size] for i in range(size)])


def weighted(matrix):
    """A number that depends on every element."""
    total = 0.0
    for i, row in enumerate(matrix):
        for j, x in enumerate(row):
            total = total + (1.0 + i + 0.3 * j) * x * x
    return total


@pytest.mark.parametrize(
    "function",
    [
        det,
        logdet,
        lambda A: weighted(inverse(A)),
        lambda A: weighted(cholesky(A)),
        lambda A: weighted(solve(A, [[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])),
    ],
    ids=["det", "logdet", "inverse", "cholesky", "solve"],
)
def test_finite_differences_of_both_orders(function):
    assert check_grad(flat(function, 3), positive(3).ravel().tolist(), order=2)


def test_the_factor_of_values_multiplies_back():
    P = as_values(positive(3))
    L = cholesky(P)
    product = L[2][0] * L[1][0] + L[2][1] * L[1][1]
    product.backward()
    assert product.data == pytest.approx(P[2][1].data, rel=1e-12)
    slopes = np.array([[x.grad for x in row] for row in P])
    close(slopes, [[0, 0, 0], [0, 0, 0], [0, 1, 0]], 1e-9)


@pytest.mark.parametrize(
    "A",
    [
        [[1.0, 2.0], [2.0, 4.0]],
        [[0.0, 0.0], [0.0, 0.0]],
        [[0.0, 0.0, 0.0], [0.0, 2.0, 0.0], [0.0, 0.0, 0.0]],
        [[0.0, 0.0, 0.0], [0.0, 0.0, 0.0], [0.0, 0.0, 0.0]],
        [[0.0, 1.0, 2.0], [0.0, 3.0, 5.0], [0.0, 4.0, 7.0]],
    ],
    ids=str,
)
def test_determinants_of_singular_matrices_have_derivatives(A):
    size = len(A)

    def cofactor(i, j):
        rest = np.delete(np.delete(np.array(A), i, 0), j, 1)
        return (-1) ** (i + j) * np.linalg.det(rest)

    assert det(A) == 0.0
    close(grad(det)(A), [[cofactor(i, j) for j in range(size)] for i in range(size)], 1e-9)


def test_third_derivative_of_a_determinant_of_zeros():
    zeros = [[0.0] * 3 for _ in range(3)]
    third = jacobian(hessian(det))(zeros)
    assert third[0][0][1][1][2][2] == 1.0
    assert third[0][1][1][0][2][2] == -1.0
    assert third[0][0][0][1][2][2] == 0.0


# ---- nestings ------------------------------------------------------------------------------


def test_results_are_nested_like_the_input():
    assert inverse(((2.0, 0.0), (0.0, 4.0))) == ((0.5, 0.0), (0.0, 0.25))
    assert solve([[2, 0], [0, 4]], (2, 4)) == (1.0, 1.0)
    assert solve([[2.0]], [[4.0, 6.0]]) == [[2.0, 3.0]]
    inverted = inverse(np.array([[2, 0], [0, 4]]))
    assert inverted.dtype == float
    assert inverted.tolist() == [[0.5, 0.0], [0.0, 0.25]]
    objects = np.array([[Value(2.0), 0.0], [0.0, Value(4.0)]], dtype=object)
    found = inverse(objects)
    assert found.dtype == object
    assert found.shape == (2, 2)
    assert isinstance(found[0, 0], Value)
    assert found[0, 0].data == 0.5


def test_mixtures_of_values_and_numbers():
    a = Value(2.0)
    result = det([[a, 1.0], [1, 3.0]])
    result.backward()
    assert result.data == pytest.approx(5.0)
    assert a.grad == pytest.approx(3.0)


# ---- errors --------------------------------------------------------------------------------


@pytest.mark.parametrize("function", [inverse, det, slogdet, logdet, cholesky])
def test_matrices_must_be_square(function):
    with pytest.raises(ShapeError, match="A must be square, got 1 by 2"):
        function([[1.0, 2.0]])
    with pytest.raises(ShapeError, match="rows of one length"):
        function([[1.0, 2.0], [3.0]])
    for wrong in (1.0, [], [1.0, 2.0], [[]], np.zeros(3), "ab"):
        with pytest.raises(ShapeError):
            function(wrong)
    with pytest.raises(ArgumentTypeError, match=r"A\[0\]\[0\] must be a number"):
        function([["1"]])
    with pytest.raises(ArgumentError, match=r"A\[0\]\[1\] must be finite, got nan"):
        function([[1.0, math.nan], [1.0, 2.0]])


def test_right_hand_sides_must_fit():
    with pytest.raises(ShapeError, match="b must have as many rows as A, 2, got 3"):
        solve([[1.0, 0.0], [0.0, 1.0]], [1.0, 2.0, 3.0])
    with pytest.raises(ShapeError, match=r"b must be a vector or a matrix, got 1\.0"):
        solve([[1.0]], 1.0)
    with pytest.raises(ShapeError):
        solve([[1.0, 0.0], [0.0, 1.0]], [[1.0], 2.0])


def test_singular_matrices_name_the_pivot():
    singular = [[1.0, 2.0], [2.0, 4.0]]
    with pytest.raises(PoleError, match="inverse needs a matrix that is not singular, but pivot 1"):
        inverse(singular)
    with pytest.raises(PoleError, match=r"solve needs .* pivot 0 of A is 0"):
        solve([[0.0, 1.0], [0.0, 2.0]], [1.0, 2.0])
    with pytest.raises(PoleError, match="A is singular"):
        logdet(singular)


def test_negative_determinants_have_no_logarithm():
    with pytest.raises(DomainError, match="use slogdet"):
        logdet([[0.0, 1.0], [1.0, 0.0]])
    assert slogdet([[0.0, 1.0], [1.0, 0.0]]) == (-1.0, 0.0)


def test_factors_need_a_positive_definite_matrix():
    with pytest.raises(DomainError, match=r"positive definite matrix, but pivot 1 of A is -3.0"):
        cholesky([[1.0, 2.0], [2.0, 1.0]])
    with pytest.raises(DomainError, match=r"pivot 0 of A is 0\.0"):
        cholesky([[0.0]])
