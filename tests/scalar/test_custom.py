"""Operations of the user's own."""

import math
import pickle

import pytest

from tinygrad_nn import Value, check_grad, cos, custom, draw, exp, grad, gradients, sin
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, ConversionError, DomainError
from tinygrad_nn.scalar.ops import TABLE


def sinc(x):
    """The cardinal sine."""
    return math.sin(x) / x


SINC = custom(sinc, lambda x, z: (cos(x) - z) / x)


def test_it_is_an_operation_like_others():
    assert SINC(1.0) == math.sin(1.0)
    x = Value(1.0)
    node = SINC(x)
    assert (node.op, node.args) == ("sinc", (x,))
    node.backward()
    assert x.grad == pytest.approx(math.cos(1) - math.sin(1), rel=1e-14)
    assert "sinc" not in TABLE
    assert SINC.__doc__.startswith("The cardinal sine.")
    assert "sinc" in draw(node).source


def test_it_has_derivatives_of_any_order():
    x = 1.3
    second = -math.sin(x) / x - 2 * math.cos(x) / x**2 + 2 * math.sin(x) / x**3
    assert grad(grad(SINC))(x) == pytest.approx(second, rel=1e-12)
    assert check_grad(SINC, x, order=3)


def test_several_arguments():
    fma = custom(
        lambda x, y, u, v: x * y + u * v,
        [lambda x, y, u, v, z: y, lambda x, y, u, v, z: x, lambda x, y, u, v, z: v, None],
        name="fma",
    )
    values = [Value(n) for n in (2.0, 3.0, 5.0, 7.0)]
    node = fma(*values)
    node.backward()
    assert node.data == 41.0
    assert [v.grad for v in values] == [3.0, 2.0, 7.0, 0.0]
    assert [g.data for g in gradients(node, values)] == [3.0, 2.0, 7.0, 0.0]
    assert fma(1.0, 2.0, Value(3.0), 4.0).data == 14.0
    with pytest.raises(ArgumentTypeError, match="fma takes 4 arguments"):
        fma(1.0)


def test_a_wrong_derivative_is_caught():
    wrong = custom(math.exp, lambda x, z: 1.001 * z, name="nearly_exp")
    report = check_grad(wrong, 0.5)
    assert not report
    assert "nearly_exp" in str(report)


def test_a_partial_written_with_math_cannot_be_differentiated_silently():
    flat = custom(math.sin, lambda x, z: math.cos(x), name="flat_sin")
    assert grad(flat)(0.5) == math.cos(0.5)
    with pytest.raises(ConversionError, match="functions of tinygrad_nn"):
        grad(grad(flat))(0.5)


def test_errors():
    with pytest.raises(ArgumentTypeError, match="must be functions"):
        custom(math.exp, 3.0)
    with pytest.raises(ArgumentError, match="one per argument"):
        custom(math.exp, [])
    root = custom(math.sqrt, lambda x, z: 0.5 / z, name="root")
    with pytest.raises(DomainError, match=r"root at x = -1\.0"):
        root(Value(-1.0))
    with pytest.raises(ArgumentTypeError, match="result of bad"):
        custom(lambda x: "text", None, name="bad")(1.0)


def test_it_is_pickled_with_its_functions():
    again = pickle.loads(pickle.dumps(custom(math.exp, exp_partial, name="again")))
    assert again(1.0) == math.e
    assert grad(again)(1.0) == math.e


def exp_partial(x, z):
    return exp(x)


def test_it_mixes_with_everything():
    def f(x):
        return sin(SINC(x) * x) + SINC(x * x)

    assert check_grad(f, 0.8, order=2)


def test_the_message_of_its_own_error_is_kept():
    with pytest.raises(DomainError, match="has no real result: nothing there"):
        custom(nothing_there, None)(Value(1.0))


def nothing_there(x):
    raise ValueError("nothing there")
