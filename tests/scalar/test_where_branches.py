"""What `where` gives: a Value wherever a branch or the condition is one, chosen or not."""

from __future__ import annotations

from functools import partial

import pytest

from tinygrad_nn import Value, compile, grad, jacobian, log, no_grad, norm, sqrt, where

GLOBAL = Value(-1.0)


def branches(x):
    """Branches that are not taken where x < 0, each with x in another place."""
    inside = [x, 1.0]
    nested = ([x],)
    return {
        "closure": lambda: sqrt(x),
        "list": lambda: sqrt(inside[0]),
        "nesting": lambda: sqrt(nested[0][0]),
        "method": x.sqrt,
        "partial": partial(sqrt, x),
        "global": lambda: sqrt(GLOBAL),
        "value": x,
    }


@pytest.mark.parametrize("kind", branches(Value(1.0)))
def test_a_plain_number_is_a_value_where_the_other_branch_would_be_one(kind):
    x = Value(-1.0)
    branch = branches(x)[kind]
    y = where(x > 0, branch, 0.0)
    assert isinstance(y, Value)
    y.backward()
    assert (y.data, x.grad) == (0.0, 0.0)
    z = where(x < 0, lambda: 3.0, branch)
    assert isinstance(z, Value)
    assert z.data == 3.0


def test_a_condition_that_is_a_value():
    x = Value(0.0)
    assert isinstance(where(x, lambda: 1.0, 2.0), Value)
    assert isinstance(where(Value(1.0), lambda: 1.0, 2.0), Value)


def test_numbers_stay_numbers():
    def f(x):
        return where(x > 0, lambda: log(x), 0.0)

    assert type(f(-1.0)) is type(f(2.0)) is float
    assert type(norm([3.0, 4.0])) is float
    assert type(grad(f)(-1.0)) is float
    assert where(False, lambda: later, 5.0) == 5.0  # noqa: F821  # a name that there is not
    assert where(True, lambda: [1.0], 5.0) == [1.0]
    assert where(True, int, 5.0) == 0


def test_the_same_in_every_mode():
    def f(x):
        return where(x > 0, lambda: sqrt(x) * x, 0.25)

    for x in (-1.0, 4.0):
        wanted = f(Value(x))
        wanted.backward()
        assert compile(f)(x) == wanted.data == compile(f)(Value(x)).data
        assert grad(f)(x) == compile(grad(f))(x) == grad(compile(f))(x)
        assert jacobian(lambda x: [f(x), x])(x)[0] == grad(f)(x)
    with no_grad():
        assert f(Value(-1.0)).is_constant
