"""Errors that teach: lines of the user's code, the first number that is not finite, debug()."""

import math
import traceback
from pathlib import Path

import pytest

import tinygrad_nn
from tinygrad_nn import (
    Value,
    compile,
    debug,
    derivative,
    grad,
    gradients,
    hessian,
    hvp,
    hypot,
    jacfwd,
    jacobian,
    jacrev,
    jvp,
    log,
    no_grad,
    softmax,
    sqrt,
    value_and_grad,
    vjp,
    where,
)
from tinygrad_nn.errors import ArgumentTypeError, DomainError, NonFiniteError, PoleError


def message_of(error):
    return str(error.value)


def test_a_domain_error_names_the_line_of_the_user():
    x = Value(-1.0, "p")
    with pytest.raises(DomainError) as error:
        log(x)  # the line
    assert "test_contexts.py" in message_of(error)
    assert "log(x)  # the line" in message_of(error)
    assert "x = -1.0 (p)" in message_of(error)
    assert "log_sigmoid" in message_of(error)


@pytest.mark.parametrize("expression", ["1 / zero", "log(zero)", "zero ** -1", "zero.log()"])
def test_few_frames_of_ours_are_in_the_traceback(expression):
    with pytest.raises(PoleError) as caught:
        eval(expression, {"zero": Value(0.0), "log": log})
    package = Path(tinygrad_nn.__file__).parent
    frames = traceback.extract_tb(caught.value.__traceback__)
    assert len([frame for frame in frames if package in Path(frame.filename).parents]) <= 5
    assert caught.value.__context__ is None


def test_debug_names_the_lines_that_made_the_operands():
    with debug():
        a = Value(2.0, "a")
        b = a - 2  # made here
        with pytest.raises(PoleError) as error:
            1 / b
    assert "y was computed at test_contexts.py" in message_of(error)
    assert "b = a - 2  # made here" in message_of(error)


def test_debug_finds_the_first_number_that_is_not_finite():
    with debug():
        x = Value(1e200)
        with pytest.raises(NonFiniteError, match=r"mul at x = 1e\+200, y = 1e\+200 gives inf"):
            x * x
        infinite = Value(math.inf)  # accepted as a leaf
        assert (infinite + 1).data == math.inf
    assert (x * x).data == math.inf


def test_debug_remembers_nothing_outside():
    with debug():
        inside = Value(1.0) + 1
    outside = Value(1.0) + 1
    assert inside.info.place[0].endswith("test_contexts.py")
    assert outside.info is None


@pytest.mark.parametrize(
    ("build", "says"),
    [
        (lambda x: sqrt(x), "the derivative of sqrt by x at x = 0.0 (r) is inf"),
        (lambda x: x**0.5, "the derivative of pow by x at x = 0.0 (r), y = 0.5 is inf"),
        (lambda x: (x + 1).acos(), "the derivative of acos by x at x = 1.0 is -inf"),
        (lambda x: hypot(x, x), "the derivative of hypot by x"),
        (lambda x: sqrt(x) ** 2, "the derivative of sqrt"),
        (lambda x: sqrt(x) * 0.0, "the derivative of sqrt"),
        (lambda x: (x + 1e200) * 1e200, "mul at x = 1e+200, y = 1e+200 gives inf"),
    ],
)
def test_backward_with_check_names_the_derivative_and_changes_nothing(build, says):
    x = Value(0.0, "r")
    result = build(x)
    with pytest.raises(NonFiniteError) as error:
        result.backward(check=True)
    assert says in message_of(error)
    assert x.grad == 0.0
    with debug():
        again = Value(0.0, "r")
        with pytest.raises(NonFiniteError):
            build(again).backward()
    result.backward()
    assert not math.isfinite(x.grad) or x.grad > 1e150


def test_check_passes_what_is_right_and_leaves_the_same_gradients():
    x, y = Value(0.5), Value(-2.0)
    (x * y + (x / y).tanh()).backward(check=True)
    checked = x.grad, y.grad
    x.zero_grad()
    y.zero_grad()
    (x * y + (x / y).tanh()).backward()
    assert (x.grad, y.grad) == checked


def test_check_finds_an_overflowing_gradient():
    x = Value(1e-200)
    result = x * 1e200 * 1e200
    with pytest.raises(NonFiniteError, match="overflows"):
        (result * 1e5).backward(check=True)


def test_a_nan_leaf_is_named():
    x = Value(math.nan, "weight")
    with pytest.raises(NonFiniteError, match="the leaf weight is nan"):
        (x + 1).backward(check=True)


def test_debug_finds_infinite_derivatives_in_derivative_graphs():
    with debug():
        x = Value(0.0)
        root = sqrt(x)
        with pytest.raises(NonFiniteError, match="derivative of sqrt by x"):
            gradients(root, [x])


def kinked(x):
    return sqrt(x * x)  # the line that is named


@pytest.mark.parametrize(
    "transform",
    [
        lambda f: value_and_grad(f)(0.0),
        lambda f: grad(f)(0.0),
        lambda f: grad(f)(Value(0.0)),
        lambda f: jacfwd(f)(0.0),
        lambda f: jacrev(f)(0.0),
        lambda f: jacobian(lambda x: [f(x[0]), f(x[1]), x[0]])([1.0, 0.0]),
        lambda f: hessian(f)(0.0),
        lambda f: hvp(f)(0.0, 1.0),
        lambda f: jvp(f, (0.0,), (1.0,)),
        lambda f: vjp(f, 0.0)[1](1.0),
        lambda f: derivative(f)(0.0),
        lambda f: derivative(f, 2)(Value(0.0)),
        lambda f: grad(grad(f))(0.0),
        lambda f: gradients(f(x := Value(0.0)), [x]),
    ],
)
def test_debug_finds_a_derivative_that_does_not_exist_in_every_transform(transform):
    with debug(), pytest.raises(NonFiniteError) as error:
        transform(kinked)
    assert "the derivative of sqrt by x at x = 0.0 is inf" in message_of(error)
    assert "# the line that is named" in message_of(error)


@pytest.mark.parametrize(
    ("compute", "says"),
    [
        (lambda: grad(lambda x: x * 2.0)(math.nan), "the leaf without a label is nan"),
        (lambda: jacfwd(lambda x: 2.0 * x)(math.inf), "the leaf without a label is inf"),
        (lambda: derivative(lambda x: x**1.5, 2)(0.0), "derivative of order 2 of pow at x = 0.0"),
        (lambda: grad(grad(lambda x: x**1.5))(0.0), "derivative of pow by x at x = 0.0, y = 0.5"),
        (lambda: jvp(lambda x: x * 1e200, (1.0,), (1e200,)), "derivative of mul at x = 1.0"),
        (lambda: vjp(lambda x: x * 1e200, 1.0)[1](1e200), "gradient by x of mul at x = 1.0"),
        (lambda: value_and_grad(lambda x: x * 1e300)(1e10), "mul at x = 10000000000.0"),
    ],
)
def test_debug_finds_what_else_is_not_finite_in_transforms(compute, says):
    with debug(), pytest.raises(NonFiniteError) as error:
        compute()
    assert says in message_of(error)


def test_debug_passes_what_is_finite_in_transforms():
    def f(x):
        return x[0] ** 2 * sqrt(x[1]) + hypot(x[0], x[1])

    point = [1.5, 2.5]
    with debug():
        examined = value_and_grad(f)(point), hessian(f)(point), jacfwd(f)(point)
        third = derivative(lambda t: sqrt(t) * t, 3)(2.0)
    assert examined == (value_and_grad(f)(point), hessian(f)(point), jacfwd(f)(point))
    assert third == derivative(lambda t: sqrt(t) * t, 3)(2.0)


def test_where_with_a_function_is_the_remedy():
    x = Value(0.0)
    result = where(x > 0, lambda: sqrt(x), 0.0) + x
    result.backward(check=True)
    assert x.grad == 1.0


def test_infinite_constants_are_no_mistake():
    a, b = Value(1.0), Value(2.0)
    (-log(softmax([a, b, -math.inf])[0])).backward(check=True)
    assert math.isfinite(a.grad)


def test_debug_looks_also_where_nothing_is_recorded():
    with debug(), no_grad(), pytest.raises(NonFiniteError, match="mul"):
        Value(1e308) * 10


def test_a_context_may_be_kept_and_entered_again():
    quiet = no_grad()

    def f(x):
        with quiet:
            with quiet:
                y = x * 2
            z = x * 3
        return y * x + z * x + x * x

    assert grad(f)(3.0) == compile(grad(f))(3.0) == grad(compile(f))(3.0) == 21.0


def test_a_context_decorates_a_function_but_none_whose_body_runs_later():
    @no_grad()
    def double(x):
        return x * 2

    assert grad(lambda x: double(x) * x)(3.0) == compile(grad(lambda x: double(x) * x))(3.0) == 6.0

    def doubles(x):
        yield x * 2

    async def later(x):
        return x * 2

    for function in (doubles, later):
        with pytest.raises(ArgumentTypeError, match=r"with no_grad\(\): inside of it"):
            no_grad()(function)
