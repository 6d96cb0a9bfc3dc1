"""NumPy's functions on Values and on arrays of Values."""

import math
import operator

import pytest

from tinygrad_nn import Value, compile, grad, hessian
from tinygrad_nn.errors import (
    ArgumentTypeError,
    ConversionError,
    LostGradientWarning,
    TinygradNNError,
)
from tinygrad_nn.scalar.ops import TABLE

np = pytest.importorskip("numpy")

UFUNCS = [
    (row, getattr(np, row.array))
    for row in TABLE.values()
    if isinstance(row.array, str)
    and hasattr(np, row.array)
    and row.arity < 3
    and row.name not in ("ge", "gt", "le", "lt", "eq")  # NumPy's give a bool, as Python's do
    and row.name != "stop_gradient"  # np.positive has a slope
]


@pytest.mark.parametrize(("row", "ufunc"), UFUNCS, ids=lambda case: getattr(case, "name", ""))
def test_ufuncs_on_values_are_the_operations(row, ufunc):
    numbers = [low + 0.3 * (high - low) for low, high in row.sample]
    result = ufunc(*[Value(x) for x in numbers])
    assert isinstance(result, Value)
    assert result.op == row.name
    assert result.data == pytest.approx(float(ufunc(*numbers)), rel=1e-13)


def test_mixed_with_numbers_and_arrays():
    v = Value(2.0)
    assert np.maximum(v, 3.0).data == 3.0
    assert np.add(np.float64(1), v).data == 3.0
    assert np.multiply(np.array(3.0), v).data == 6.0
    result = np.hypot(v, np.array([0.0, 1.5]))
    assert [z.data for z in result] == [2.0, 2.5]
    table = v * np.ones((2, 3)) + np.array([v, v, 1.0])
    assert table.shape == (2, 3)
    assert table[1, 2].data == 3.0
    assert [z.data for z in np.array([1.0, 2.0]) ** v] == [1.0, 4.0]


def test_scipy_functions_we_have():
    special = pytest.importorskip("scipy.special")
    for name in ("erf", "erfc", "expit", "log_expit"):
        ufunc = getattr(special, name)
        assert ufunc(Value(0.3)).data == pytest.approx(ufunc(0.3), rel=1e-14)


def test_comparisons_are_by_value():
    v = Value(2.0)
    assert np.greater(v, 1.0) is True
    assert list(v > np.array([1.0, 2.0, 3.0])) == [True, False, False]
    assert np.equal(v, 2.0) is True


NUMBERS = [
    np.float64(3.0), np.float32(3.0), np.float16(3.0), np.longdouble(3.0), np.int64(3), np.uint8(3),
    np.array(3.0), np.array(3),
]  # fmt: skip
OPERATORS = [getattr(operator, name) for name in ("add", "sub", "mul", "truediv", "mod", "pow")]
COMPARISONS = [getattr(operator, name) for name in ("lt", "le", "gt", "ge", "eq", "ne")]


@pytest.mark.parametrize("number", NUMBERS, ids=lambda number: type(number).__name__)
def test_numpys_numbers_beside_values(number):
    for op in OPERATORS:
        assert grad(lambda x, op=op: op(number, x))(1.5) == grad(lambda x, op=op: op(3.0, x))(1.5)
        assert grad(lambda x, op=op: op(x, number))(1.5) == grad(lambda x, op=op: op(x, 3.0))(1.5)
    for op in COMPARISONS:
        for x in (1.5, 3.0, 4.5):
            assert op(number, Value(x)) is op(3.0, x)
            assert op(Value(x), number) is op(x, 3.0)


def test_functions_we_do_not_have_name_an_alternative():
    with pytest.raises(ArgumentTypeError, match=r"NumPy's spacing .*custom"):
        np.spacing(Value(1.0))
    with pytest.raises(ArgumentTypeError, match="perhaps erf"):
        pytest.importorskip("scipy.special").erfi(Value(1.0))
    with pytest.raises(ArgumentTypeError, match=r"add\.accumulate"):
        np.add.accumulate(Value(1.0))
    with pytest.raises(ArgumentTypeError, match="dtype object"):
        np.add(np.ones(2), Value(1.0), out=np.ones(2))


def test_matrix_products_need_arrays():
    with pytest.raises(ArgumentTypeError, match="matmul is not known for Values"):
        np.eye(2) @ Value(2.0)


def test_arrays_of_values():
    x = np.array([Value(3.0), Value(4.0)])
    assert np.asarray(list(x)).dtype == object
    assert np.linalg.norm(x).data == 5.0
    assert np.sum(x * x).data == 25.0
    assert np.dot(x, x).data == 25.0
    assert (np.eye(2) @ x)[1].data == 4.0
    assert np.mean(x).data == 3.5
    assert [z.data for z in np.floor(x * 0.9)] == [2.0, 3.0]
    assert math.floor(Value(2.5)).data == 2.0
    assert math.ceil(Value(2.5)).data == 3.0


def test_gradients_of_array_code():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])

    def energy(x):
        return 0.5 * x @ A @ x + np.sum(np.exp(x)) - np.log(np.linalg.norm(x))

    x = np.array([0.5, -1.0])
    n = np.linalg.norm(x)
    found = grad(energy)(x)
    assert found.dtype == float
    np.testing.assert_allclose(found, A @ x + np.exp(x) - x / n**2, rtol=1e-13)
    truth = A + np.diag(np.exp(x)) - np.eye(2) / n**2 + 2 * np.outer(x, x) / n**4
    np.testing.assert_allclose(hessian(energy)(x), truth, rtol=1e-12)


def test_conversion_to_floats_is_explicit_and_refused_while_differentiating():
    x = np.array([Value(1.0), Value(2.0)])
    with pytest.warns(LostGradientWarning):
        assert np.asarray(x, dtype=float).tolist() == [1.0, 2.0]
    with pytest.raises(ConversionError, match="dtype object"):
        grad(lambda x: np.asarray(x, dtype=float).sum() * x[0])([1.0, 2.0])


@pytest.mark.parametrize("name", ["svd", "qr", "eig", "eigh", "pinv"])
def test_linear_algebra_of_numpy_names_ours(name):
    with pytest.raises(ArgumentTypeError, match=rf"np\.linalg\.{name} .*tinygrad_nn\.linalg"):
        grad(lambda A: np.sum(getattr(np.linalg, name)(A * 2)))(np.eye(2))


def test_linear_algebra_of_scipy_names_ours():
    linalg = pytest.importorskip("scipy.linalg")
    with pytest.raises(ArgumentTypeError, match=r"scipy\.linalg\..*tinygrad_nn\.linalg"):
        grad(lambda A: linalg.inv(A)[0, 0])(np.eye(2))


def test_linear_algebra_on_plain_arrays_is_left_alone():
    constant = np.array([[2.0, 1.0], [1.0, 3.0]])
    found = grad(lambda x: np.dot(np.linalg.solve(constant, np.ones(2)), x))(np.zeros(2))
    np.testing.assert_allclose(found, [0.4, 0.2])
    with pytest.raises(np.linalg.LinAlgError, match="Singular"):
        grad(lambda x: np.linalg.inv(np.zeros((2, 2)))[0, 0] * x)(1.0)
    with pytest.raises(TypeError, match="unsupported operand"):
        grad(lambda x: x + "text")(1.0)


FOR_FLOATS = [
    (lambda a: np.polyfit([0.0, 1.0], a, 1)[0], r"np\.polyfit cannot be computed from Values"),
    (lambda a: np.fft.fft(a)[0], "fft takes arrays of floats only"),
    (lambda a: np.heaviside(a, 1)[0], "heaviside is not known for Values: write step"),
    (lambda a: np.logical_xor(a, 1)[0], "logical_xor is not known for Values"),
    (lambda a: np.random.default_rng(0).normal(a)[0], r"np\.random\.normal cannot be"),
    (lambda a: np.packbits(a)[0], r"np\.packbits cannot be computed from Values"),
]


@pytest.mark.parametrize(("f", "words"), FOR_FLOATS)
def test_what_numpy_has_for_floats_only_is_explained_where_it_is_differentiated(f, words):
    with pytest.raises(ArgumentTypeError, match=words):
        grad(f)(np.array([0.4, 0.5]))
    with pytest.raises((TypeError, AttributeError)) as caught:  # NumPy's own, outside
        f(np.array([Value(0.4), Value(0.5)]))
    assert not isinstance(caught.value, TinygradNNError)


def test_functions_of_scipy_are_ours_in_transforms():
    special = pytest.importorskip("scipy.special")
    x = np.array([0.4, 0.5])
    for transform in (grad, lambda f: compile(grad(f))):
        found = transform(lambda a: special.expit(a)[0] + special.gamma(a)[1])(x)
        s = special.expit(0.4)
        np.testing.assert_allclose(
            found, [s * (1 - s), special.gamma(0.5) * special.digamma(0.5)], rtol=1e-12
        )


def test_mistakes_of_ones_own_are_left_alone():
    x = np.array([0.4, 0.5])
    for error, f in (
        (AttributeError, lambda a: a[0].foo),
        (AttributeError, lambda a: np.vectorize(lambda x: x.foo)(a)[0]),
        (ValueError, lambda a: np.stack([np.ones(2), np.ones(3)])[0] * a[0]),
        (ValueError, lambda a: a + np.ones(3)),
        (IndexError, lambda a: np.sort(a)[5]),
    ):
        with pytest.raises(error) as caught:
            grad(f)(x)
        assert not isinstance(caught.value, TinygradNNError)
