"""Every name under which NumPy, SciPy or Python can reach an operation: right, or refused by us.

The truth is NumPy's or Python's own value, and finite differences of it.
"""

from __future__ import annotations

import math
import operator
import warnings

import numpy as np
import pytest
from scipy import special

from tinygrad_nn import TABLE, Value, compile, grad, no_grad
from tinygrad_nn.errors import ArgumentTypeError, ConversionError, TinygradNNError

POINTS = (0.4, 1.7, -0.6)
OTHER = 0.7


def difference(function, x, h=1e-6):
    return (float(function(x + h)) - float(function(x - h))) / (2 * h)


def calls(function, arity):
    """Name each argument in turn as the one that varies."""
    for place in range(arity):

        def call(x, place=place):
            return function(*[x if k == place else OTHER for k in range(arity)])

        yield call


def agrees(call, x):
    """Compare a call of a Value with that of a float, eager and compiled; None if it is refused."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # NumPy's own, at points outside of a domain
        try:
            truth = np.asarray(call(x), dtype=float)
        except (TypeError, ValueError, ArithmeticError, AttributeError):
            truth = None
    try:
        slope = grad(call)(x)
    except TinygradNNError:
        return None
    assert truth is not None
    assert truth.shape == ()
    result = call(Value(x))
    assert float(result.data if isinstance(result, Value) else result) == pytest.approx(
        float(truth), rel=1e-13
    )
    wanted = difference(call, x)
    assert slope == pytest.approx(wanted, abs=1e-5)
    return slope


def ufuncs(module):
    found = {name: getattr(module, name) for name in dir(module)}
    return {name: f for name, f in found.items() if isinstance(f, np.ufunc)}


KNOWN = """
absolute acos acosh add arccos arccosh arcsin arcsinh arctan arctan2 arctanh asin asinh atan atan2
atanh cbrt ceil conj conjugate cos cosh deg2rad degrees divide equal exp exp2 expm1 fabs
float_power floor floor_divide greater greater_equal hypot less less_equal log log10 log1p log2
logaddexp maximum minimum mod multiply negative not_equal positive pow power rad2deg radians
reciprocal remainder sign sin sinh sqrt square subtract tan tanh true_divide trunc abs
"""


@pytest.mark.parametrize("name", ufuncs(np))
def test_universal_functions_of_numpy(name):
    ufunc = getattr(np, name)
    found = [agrees(call, x) for call in calls(ufunc, ufunc.nin) for x in POINTS]
    if name in KNOWN.split():
        assert any(slope is not None for slope in found)


def test_universal_functions_of_scipy():
    known = {"cbrt", "erf", "erfc", "exp2", "expit", "expm1", "log1p", "log_expit"}
    for name, ufunc in ufuncs(special).items():
        found = [agrees(call, x) for call in calls(ufunc, ufunc.nin) for x in POINTS[:1]]
        assert name not in known or any(slope is not None for slope in found)
        known.discard(name)


@pytest.mark.parametrize(
    "name",
    ["positive", "conjugate", "fabs", "trunc", "degrees", "reciprocal", "square", "remainder"],
)
def test_compiled_as_eager(name):
    ufunc = getattr(np, name)
    for call in calls(ufunc, ufunc.nin):
        for x in POINTS:
            assert compile(grad(call))(x) == grad(call)(x) == grad(compile(call))(x)
            assert compile(call)(x) == call(Value(x)).data


ELEMENTWISE = [name for name, f in ufuncs(np).items() if any("O" in form for form in f.types)]


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_universal_functions_on_arrays_of_values(name):
    ufunc = getattr(np, name)
    if name.startswith("logical") or ufunc.signature:
        pytest.skip("a bool by Python's rules, or a product")
    for call in calls(lambda *args: ufunc(*map(boxed, args)), ufunc.nin):
        for x in POINTS[:2]:
            try:
                slope = grad(lambda x, call=call: call(x)[0])(x)
            except (TypeError, AttributeError, TinygradNNError):
                continue  # NumPy has its own errors for arrays of objects
            plain = next(calls(ufunc, ufunc.nin))
            if call.__defaults__[0] == 1:
                plain = list(calls(ufunc, ufunc.nin))[1]
            assert slope == pytest.approx(difference(plain, x), abs=1e-5)


def boxed(x):
    array = np.empty(1, dtype=object)
    array[0] = x
    return array


FUNCTIONS = {
    name: f
    for name, f in vars(np).items()
    if hasattr(f, "_implementation")
    and name not in ("save", "savez", "savez_compressed", "savetxt")
}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_of_numpy(name):
    """Each is called in the ways in which a number makes sense, and some in which it does not."""
    f = FUNCTIONS[name]
    ways = [
        lambda x: f(x),
        lambda x: f(x, OTHER),
        lambda x: f(OTHER, x),
        lambda x: f(x, 0.1, OTHER),
        lambda x: f(x > 0.5, x, OTHER),
    ]
    for way in ways:
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                plain = way(0.4)
        except Exception:
            plain = None
        if isinstance(plain, float | int | np.number):
            agrees(way, 0.4)


def test_one_value_is_its_sum_its_product_its_greatest_and_its_least():
    for f in (np.sum, np.prod, np.max, np.min, np.amax, np.mean, np.median, np.real, np.squeeze):
        x = Value(3.0)
        y = f(x * x)
        y.backward()
        assert (y.data, x.grad) == (9.0, 6.0), f


def test_choices_of_numpy():
    for f in (lambda x: np.where(x > 0, x * x, x), lambda x: np.select([x > 0, x < 0], [x * x, x])):
        assert grad(f)(1.7) == 3.4
        assert grad(f)(-1.7) == 1.0
    assert compile(grad(lambda x: np.where(x, x * x, 2 * x)))(1.0) == 2.0
    x = Value(-1.0)
    np.where(x > 0, x * x, 0.0).backward()  # a Value as well where the number is plain
    np.clip(x, 0.0, 1.0).backward()
    assert x.grad == 0.0
    assert np.clip(Value(0.5), 0.0, None).data == 0.5


def test_what_takes_floats_only_makes_them():
    with no_grad():
        constant = Value(1.5) * 1.0
    assert np.i0(constant) == np.i0(1.5)
    with pytest.raises(ConversionError):
        grad(lambda x: np.i0(x) * x)(1.5)


def test_arrays_without_axes_are_numbers():
    assert grad(lambda x: np.asarray(x * x))(3.0) == 6.0
    with pytest.raises(ArgumentTypeError, match="ndarray of 1"):
        grad(lambda x: np.array([x]))(3.0)


def test_a_function_of_that_name_from_elsewhere_is_not_ours():
    tripled = np.frompyfunc(lambda x: 3 * x, 1, 1)
    tripled_too = np.vectorize(lambda x: 3 * x, otypes=[object])
    assert grad(lambda x: tripled(x) * x)(2.0) == 12.0
    assert grad(lambda x: tripled_too(x).item() * x)(2.0) == 12.0

    class Homonym:
        """What numba makes: called as NumPy's functions are, with a name of the user's."""

        __name__ = "exp"
        types = ("d->d",)

    with pytest.raises(ArgumentTypeError, match="exp is not known"):
        Value(1.0).__array_ufunc__(Homonym(), "__call__", Value(1.0))


def test_mixed_arrays_are_explained_where_they_are_differentiated():
    for transform in (grad, compile):
        with pytest.raises(ArgumentTypeError, match=r"np\.exp .*Value\(1\.0\)") as caught:
            transform(lambda x: np.sum(np.exp(np.array([x, 1.0]))))(2.0)
        assert isinstance(caught.value.__cause__, TypeError)
    with pytest.raises(TypeError, match="callable exp method"):  # NumPy's, outside
        np.exp(np.array([Value(2.0), 1.0]))


# ---- Python's names -----------------------------------------------------------------------------

OPERATORS = [name for name in operator.__all__ if not name.startswith("i") or name in ("inv",)]
ARITY = {"abs": 1, "neg": 1, "pos": 1, "not_": 1, "truth": 1, "inv": 1, "invert": 1, "index": 1}
NOT_OF_NUMBERS = {"attrgetter", "itemgetter", "methodcaller", "call", "length_hint", "setitem",
                  "getitem", "delitem", "contains", "concat", "countOf", "indexOf"}  # fmt: skip


@pytest.mark.parametrize("name", [name for name in OPERATORS if name not in NOT_OF_NUMBERS])
def test_operators(name):
    function = getattr(operator, name)
    for call in calls(function, ARITY.get(name, 2)):
        for x in POINTS:
            try:
                truth = call(x)
            except TypeError as error:  # Python has none for floats
                with pytest.raises(type(error)):
                    call(Value(x))
                continue
            if isinstance(truth, complex):
                continue
            assert agrees(call, x) is not None


MATH = [name for name in vars(math) if callable(getattr(math, name)) and name != "trunc"]


@pytest.mark.parametrize("name", MATH)  # int, round and trunc have tests of their own
def test_functions_of_math_lose_no_derivative_in_silence(name):
    function = getattr(math, name)
    for arity in (1, 2):
        for call in calls(function, arity):
            try:
                call(0.4)
            except (TypeError, ValueError):
                continue
            agrees(call, 0.4)


NO_FUNCTIONS = {"backward", "zero_grad", "ensure_info"}


def test_methods():
    met = set()
    for name in dir(Value):
        if name.startswith("_") or not callable(getattr(Value, name)) or name in NO_FUNCTIONS:
            continue
        met.add(name)
        row = TABLE.get(name)
        more = {"clip": (-1.0, 1.0), "where": (2.0, 3.0)}.get(name, ())
        if (row is not None and row.arity == 2) or name in (
            "maximum",
            "minimum",
            "arctan2",
            "isclose",
        ):
            more = (OTHER,)

        def call(x, name=name, more=more):
            return getattr(x, name)(*more) if isinstance(x, Value) else plain(x, name, more)

        for x in POINTS:
            try:
                found = grad(call)(x)
            except TinygradNNError:
                continue
            if name == "stop_gradient":
                assert found == 0.0
            else:
                assert found == pytest.approx(difference(call, x), abs=1e-5), name
    assert {"tanh", "arcsin", "conjugate", "clip", "relu", "absolute", "degrees"} <= met


def plain(x, name, more):
    result = getattr(Value(x), name)(*more)
    return result.data if isinstance(result, Value) else result
