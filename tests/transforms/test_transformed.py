"""What transforms give: pickled, copied, bound and looked at like functions."""

from __future__ import annotations

import copy
import inspect
import pickle
from functools import partial
from typing import Any

import pytest

from tinygrad_nn import (
    compile,
    derivative,
    grad,
    hessian,
    hvp,
    jacfwd,
    jacobian,
    jacrev,
    value_and_grad,
)
from tinygrad_nn.errors import ArgumentTypeError


def cost(x: Any, y: Any = 3.0) -> Any:
    """Cost something."""
    return x * x * x * y


@grad
def decorated(x: Any) -> Any:
    return x * x


class Spring:
    def __init__(self, stiffness: float) -> None:
        self.stiffness = stiffness

    def energy(self, x: Any) -> Any:
        return self.stiffness * x * x / 2.0

    force = grad(energy, argnums=1)


MADE: dict[str, tuple[Any, tuple[Any, ...]]] = {
    "grad": (grad(cost), (2.0,)),
    "twice": (grad(grad(cost)), (2.0,)),
    "value_and_grad": (value_and_grad(cost, argnums=("y", 0)), (2.0, 1.0)),
    "jacobian": (jacobian(cost), (2.0,)),
    "jacrev": (jacrev(cost, argnums=1), (2.0, 1.0)),
    "jacfwd": (jacfwd(cost), (2.0,)),
    "hessian": (hessian(cost, (0, 1)), (2.0, 1.0)),
    "hvp": (hvp(cost), (2.0, 1.0)),
    "derivative": (derivative(cost, 3), (2.0,)),
    "decorated": (decorated, (2.0,)),
    "partial": (grad(partial(cost, y=5.0)), (2.0,)),
    "method": (grad(Spring(2.0).energy), (3.0,)),
    "compiled": (compile(grad(cost)), (2.0,)),
    "through": (grad(compile(cost)), (2.0,)),
}


@pytest.mark.parametrize("name", MADE)
def test_pickled_and_copied_it_is_the_same(name: str) -> None:
    made, args = MADE[name]
    expected = made(*args)
    assert pickle.loads(pickle.dumps(made))(*args) == expected
    assert copy.copy(made)(*args) == copy.deepcopy(made)(*args) == expected


def test_it_looks_like_the_function_it_is_made_of() -> None:
    made = grad(cost, argnums=1)
    assert (made.__name__, made.__doc__, made.__module__) == ("cost", cost.__doc__, __name__)
    assert inspect.signature(made) == inspect.signature(cost)
    assert repr(made) == "<grad(cost, 1)>"
    assert copy.deepcopy(made) is made
    assert pickle.loads(pickle.dumps(decorated)) is decorated
    assert Spring(2.0).force(3.0) == 6.0


def test_a_function_without_a_name_is_refused_but_by_who_pickles_code() -> None:
    with pytest.raises(ArgumentTypeError, match=r"<grad\(<lambda>\)> cannot be pickled.*with def"):
        pickle.dumps(grad(lambda x: x * x))
    for compiled in (compile(hessian(lambda x: x * x)), compile(lambda x: x * x)):
        with pytest.raises(ArgumentTypeError, match="with def"):
            pickle.dumps([compiled])
        assert copy.copy(compiled)(3.0) == compiled(3.0)
    cloudpickle = pytest.importorskip("cloudpickle")
    assert pickle.loads(cloudpickle.dumps(grad(lambda x: x * x)))(3.0) == 6.0
