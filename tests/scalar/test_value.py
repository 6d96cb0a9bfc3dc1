"""Value: what it accepts, its operators, and plain Python around it."""

import math
import operator
import random
import sys
from fractions import Fraction

import pytest

import tinygrad_nn
from tinygrad_nn import Value, no_grad
from tinygrad_nn.errors import (
    ArgumentError,
    ArgumentTypeError,
    DomainError,
    LostGradientWarning,
    PoleError,
)

OPERATORS = [
    operator.add,
    operator.sub,
    operator.mul,
    operator.truediv,
    operator.pow,
    operator.mod,
    operator.floordiv,
]


@pytest.mark.parametrize("number", [3, 3.0, True, Fraction(1, 4), -0.0, math.inf, math.nan])
def test_numbers_are_accepted(number):
    data = Value(number).data
    assert type(data) is float
    assert data == float(number) or math.isnan(number)


def test_numpy_scalars_are_accepted():
    np = pytest.importorskip("numpy")
    for number in (np.float64(2.5), np.float32(2.5), np.int8(2), np.uint64(7), np.bool_(True)):
        data = Value(number).data
        assert type(data) is float
        assert data == number


@pytest.mark.parametrize(
    ("bad", "remedy"),
    [
        ("2.0", "float"),
        (1j, "real"),
        (None, "0.0"),
        ([1.0], "elements"),
        (Value(1.0), ".data"),
        (object(), "one real number"),
    ],
)
def test_anything_else_is_a_type_error_with_a_remedy(bad, remedy):
    with pytest.raises(ArgumentTypeError, match="data must be a number") as caught:
        Value(bad)
    assert type(bad).__name__ in str(caught.value)
    assert remedy in str(caught.value)


def test_arrays_are_refused():
    np = pytest.importorskip("numpy")
    for bad in (np.array(1.0), np.array([1.0, 2.0])):
        with pytest.raises(ArgumentTypeError, match=r"elements|\.item\(\)"):
            Value(bad)


def test_an_integer_beyond_floats_is_refused():
    with pytest.raises(ArgumentError, match="401 digits"):
        Value(10**400)


def test_a_label_is_a_text():
    assert Value(1.0, label="a").label == "a"
    assert Value(1.0, "b").label == "b"
    with pytest.raises(ArgumentTypeError, match="label"):
        Value(1.0, label=3)


@pytest.mark.parametrize("op", OPERATORS)
@pytest.mark.parametrize(("x", "y"), [(3.5, 2.0), (2, 3), (-7.5, 2.0), (4.0, -3)])
def test_operators_on_values_and_numbers_agree_with_python(op, x, y):
    expected = float(op(x, y))
    for left, right in ((Value(x), Value(y)), (Value(x), y), (x, Value(y))):
        result = op(left, right)
        assert isinstance(result, Value)
        assert result.data == pytest.approx(expected, rel=1e-15)
        assert [arg.data for arg in result.args] == [x, y]


def test_unary_operators():
    x = Value(-2.0)
    assert (-x).data == 2.0
    assert abs(x).data == 2.0
    assert +x is x


def test_a_number_met_in_arithmetic_is_a_constant():
    x = Value(3.0)
    y = x * 2
    two = y.args[1]
    assert two.is_constant
    assert not two.is_leaf
    assert x.is_leaf
    assert not y.is_leaf
    assert two.op == ""
    y.backward()
    assert two.grad == 0.0
    assert x.grad == 2.0


def test_the_partial_by_a_constant_is_never_evaluated():
    x = Value(-3.0)
    y = x**2
    y.backward()
    assert x.grad == -6.0
    assert y.args[1].grad == 0.0


def test_names_of_operations_and_operands():
    a, b = Value(2.0), Value(3.0)
    assert (a * b).op == "mul"
    assert a.op == ""
    assert a.args == ()
    assert (a * b).args == (a, b)
    assert (a * a).args == (a, a)
    assert tinygrad_nn.where(a / a, b, 1.0).args[1] is b


def test_in_place_operators_rebind():
    a = b = Value(2.0)
    a += 1
    a *= 2
    assert a.data == 6.0
    assert b.data == 2.0
    assert a.args[0].args[0] is b


@pytest.mark.parametrize("compare", [operator.lt, operator.le, operator.gt, operator.ge])
def test_order_is_by_value(compare):
    for x, y in ((1.0, 2.0), (2.0, 2.0), (3.0, 2.0)):
        expected = compare(x, y)
        assert compare(Value(x), Value(y)) is expected
        assert compare(Value(x), y) is expected
        assert compare(x, Value(y)) is expected


def test_equality_is_by_value_and_hashing_by_identity():
    a, b = Value(2.0), Value(2.0)
    assert a == b
    assert a == 2
    assert a != 3.0
    assert a != None  # noqa: E711  # the comparison is what is tested
    assert a != "2.0"
    assert len({a, b}) == 2
    assert {a: "a", b: "b"}[b] == "b"


def test_ordering_with_something_else_is_a_type_error():
    with pytest.raises(TypeError):
        Value(1.0) < "a"  # noqa: B015
    with pytest.raises(TypeError):
        Value(1.0) + "a"
    with pytest.raises(TypeError):
        None * Value(1.0)


def test_as_a_plain_number():
    x = Value(2.75)
    with pytest.warns(LostGradientWarning):
        assert float(x) == 2.75
    assert int(x) == 2
    assert bool(x)
    assert not Value(0.0)
    assert round(x) == 3
    assert round(x, 1) == 2.8
    assert type(x.data) is float


def test_repr_reads_well():
    assert repr(Value(2.0)) == "Value(data=2.0, grad=0.0)"
    assert repr(Value(2.0, label="a")) == "Value(data=2.0, grad=0.0, label='a')"


def test_builtins_work_on_values():
    values = [Value(3.0), Value(1.0), Value(2.0)]
    total = sum(values)
    assert total.data == 6.0
    total.backward()
    assert [v.grad for v in values] == [1.0, 1.0, 1.0]
    assert max(values) is values[0]
    assert min(values) is values[1]
    assert [v.data for v in sorted(values)] == [1.0, 2.0, 3.0]
    assert set(values) == {*values}


def test_methods_are_the_operations():
    x = Value(0.5)
    for name in ("exp", "log", "tanh", "sigmoid", "sqrt", "sin", "relu", "softplus"):
        assert getattr(x, name)().data == getattr(tinygrad_nn, name)(0.5)
    assert x.arctan().data == math.atan(0.5)
    assert x.arcsin().data == math.asin(0.5)
    assert x.absolute().data == 0.5
    assert x.square().data == 0.25
    assert {"tanh", "relu", "arctan"} <= set(dir(x))


def test_a_misspelt_attribute_is_an_error():
    with pytest.raises(AttributeError, match="sigmiod"):
        Value(1.0).sigmiod()
    with pytest.raises(AttributeError):
        Value(1.0).gradient = 3.0


def test_numpy_around_values():
    np = pytest.importorskip("numpy")
    v, w = Value(2.0), Value(3.0)
    product = np.float64(3) * v
    assert isinstance(product, Value)
    assert product.data == 6.0
    assert isinstance(v * np.float64(3), Value)
    dot = np.array([v, w]) @ np.array([1.0, 2.0])
    assert isinstance(dot, Value)
    dot.backward()
    assert (dot.data, v.grad, w.grad) == (8.0, 1.0, 2.0)
    array = np.array([v, w])
    assert array.dtype == object
    for name in ("exp", "tanh", "arctan", "absolute", "square", "negative", "log1p", "cbrt"):
        result = getattr(np, name)(array)
        assert [type(z) for z in result] == [Value, Value]
        np.testing.assert_allclose(
            [z.data for z in result], getattr(np, name)([2.0, 3.0]), rtol=1e-14
        )
    assert [z.data for z in array * np.array([1.0, 2.0])] == [2.0, 6.0]
    assert [z.data for z in v + np.array([1.0, 2.0])] == [3.0, 4.0]
    assert np.sum(array).data == 5.0


def test_no_grad_records_nothing():
    x = Value(3.0)
    with no_grad():
        y = x * x + 1
        z = tinygrad_nn.where(x > 0, y, 0.0)
        with no_grad():
            pass
        assert (x + 1).args == ()
    assert y.data == z.data == 10.0
    assert y.args == z.args == ()
    assert y.is_constant
    w = x * x
    assert w.args == (x, x)


def test_no_grad_ends_with_an_error():
    with pytest.raises(RuntimeError), no_grad():
        raise RuntimeError
    assert (Value(1.0) + 1).args


def test_errors_of_operators_name_labels_and_leave_values_alone():
    a = Value(0.0, label="rate")
    with pytest.raises(PoleError, match=r"div at x = 1.0, y = 0.0 \(rate\)"):
        1 / a
    with pytest.raises(DomainError, match="pow"):
        Value(-1.0) ** 0.5
    assert (a.data, a.grad) == (0.0, 0.0)


def test_ieee_arithmetic_does_not_raise():
    huge = Value(1e308)
    assert (huge * 10).data == math.inf
    assert math.isnan((huge * 10 - huge * 10).data)


def test_a_graph_is_freed_at_once():
    import gc

    gc.collect()
    gc.disable()
    try:
        before = sys.getallocatedblocks()
        x = Value(1.0)
        y = x
        for _ in range(1000):
            y = y * x + x.tanh()
        y.backward()
        assert sys.getallocatedblocks() > before + 3000
        del x, y
        assert sys.getallocatedblocks() <= before + 1000
    finally:
        gc.enable()


def test_random_expressions_of_operators_agree_with_floats():
    rng = random.Random(7)
    for _ in range(200):
        x, y = rng.uniform(0.5, 2), rng.uniform(0.5, 2)

        def f(a, b):
            return (a + 2 * b) * (a - b) / (1 + a * a) + 3 % b - 7 // a + 2**a - a**2 + abs(-b)

        assert f(Value(x), Value(y)).data == f(x, y)


def test_formats_are_those_of_floats():
    assert f"{Value(3.14159):.2f}" == "3.14"
    assert f"{Value(2.0)}" == "Value(data=2.0, grad=0.0)"


def test_divmod():
    quotient, remainder = divmod(Value(7.5), 2)
    assert (quotient.data, remainder.data) == (3.0, 1.5)
    assert [z.data for z in divmod(7.5, Value(2.0))] == [3.0, 1.5]


def test_comparison_with_great_integers_is_exact():
    assert Value(1.0) != 10**400
    assert Value(1.0) < 10**400
    assert Value(2.0**53) != 2**53 + 1


def test_subclassing_is_refused_with_what_to_do_instead():
    with pytest.raises(
        ArgumentTypeError, match=r"Value cannot be subclassed, as Weight does.*custom"
    ):

        class Weight(Value):
            pass
