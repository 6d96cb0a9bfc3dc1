"""Names and keywords of other libraries: refused, with ours."""

from __future__ import annotations

import copy
import inspect
import numbers
import operator
import pickle
from typing import Any

import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, foreign, grad, hessian, jacobian, nn, optim
from tinygrad_nn.errors import ArgumentTypeError, UnknownNameError
from tinygrad_nn.train import Trainer


@pytest.mark.parametrize("name", foreign._NAMES)
def test_a_name_of_another_library(name: str) -> None:
    for module in (tg, nn, optim):
        if name in module.__all__:  # nn.Linear: ours has the same name
            continue
        with pytest.raises(UnknownNameError) as caught:
            getattr(module, name)
        assert foreign._NAMES[name] in str(caught.value)
        assert not hasattr(module, name)


@pytest.mark.parametrize("remedy", foreign._NAMES.values())
def test_what_is_named_is_there(remedy: str) -> None:
    first = remedy.split()[0].rstrip(",:")
    package, _, name = first.partition(".")
    if package in ("nn", "optim", "data") and name:
        assert hasattr(getattr(tg, package), name)


def test_a_name_that_is_misspelt() -> None:
    with pytest.raises(UnknownNameError, match="did you mean 'squared_error'"):
        _ = nn.square_error
    with pytest.raises(UnknownNameError, match="did you mean 'value_and_grad'"):
        _ = tg.value_and_gradd
    with pytest.raises(UnknownNameError, match="lists all names"):
        _ = tg.xyzzy
    with pytest.raises(AttributeError) as caught:
        _ = tg._private
    assert not isinstance(caught.value, UnknownNameError)


@pytest.mark.parametrize("name", foreign.VALUE_ATTRIBUTES)
def test_an_attribute_of_another_librarys_number(name: str) -> None:
    x = Value(2.0)
    with pytest.raises(UnknownNameError, match=name):
        getattr(x, name)
    assert not hasattr(x, name)
    assert copy.deepcopy(pickle.loads(pickle.dumps(x))).data == 2.0


@pytest.mark.parametrize("name", foreign.MODULE_ATTRIBUTES)
def test_an_attribute_of_another_librarys_model(name: str) -> None:
    class Own(nn.Module):
        pass

    for model in (nn.MLP(1, [1]), Own()):
        with pytest.raises(UnknownNameError, match=f"{type(model).__name__} has no .*{name}"):
            getattr(model, name)
        assert not hasattr(model, name)
        setattr(model, name, 3)  # it is free
        assert getattr(model, name) == 3


def test_a_model_of_the_users_own_needs_a_call() -> None:
    class Net(nn.Module):
        def forward(self, x: Any) -> Any:
            return x

    with pytest.raises(NotImplementedError, match=r"define __call__\(self, x\), not forward"):
        Net()([1.0])


def parameters() -> list[Value]:
    return [Value(1.0)]


CALLS: list[tuple[Any, dict[str, Any], str]] = [
    (lambda **k: Value(2.0, **k), {"requires_grad": True}, "Value .*leave it out: every Value"),
    (lambda **k: Value(2.0, **k), {"name": "x"}, "it is label="),
    (lambda **k: Value(2.0, **k), {"_children": ()}, "expected one of data, label"),
    (lambda **k: optim.Adam(parameters(), **k), {"learning_rate": 0.1}, "Adam .*it is lr="),
    (lambda **k: optim.Adam(parameters(), **k), {"beta1": 0.9}, "it is betas="),
    (lambda **k: optim.SGD(parameters(), **k), {"learning_rate": 0.1}, "SGD .*it is lr="),
    (lambda **k: optim.SGD(lr=0.1, **k), {"params": parameters()}, "it is parameters="),
    (lambda **k: optim.minimize(lambda x: x * x, 1.0, **k), {"step_size": 0.1}, "it is lr="),
    (lambda **k: nn.MLP(2, [1], **k), {"random_state": 0}, "MLP .*it is seed="),
    (lambda **k: nn.Layer(2, 1, **k), {"bias": False}, "every layer has one"),
    (lambda **k: nn.Layer(**k), {"in_features": 2, "nout": 1}, "it is nin="),
    (lambda **k: grad(lambda x: x, **k), {"wrt": 0}, "grad .*it is argnums="),
    (lambda **k: hessian(lambda x: x, **k), {"argnum": 0}, "hessian .*it is argnums="),
    (lambda **k: jacobian(lambda x: x, **k), {"has_aux": True}, "f returns one number"),
    (lambda **k: (2 * Value(1.0)).backward(**k), {"retain_graph": True}, "as often as you like"),
    (lambda **k: (2 * Value(1.0)).backward(**k), {"create_graph": True}, r"gradients\(y, \[x\]\)"),
    (lambda **k: compile(lambda x: x, **k), {"static_argnames": "x"}, "compile .*it is static="),
]


@pytest.mark.parametrize(("function", "keywords", "words"), CALLS)
def test_a_keyword_of_another_library(function: Any, keywords: Any, words: str) -> None:
    with pytest.raises(ArgumentTypeError, match=words):
        function(**keywords)


def test_keywords_of_training() -> None:
    model = nn.MLP(1, [1])
    optimizer = optim.SGD(model.parameters(), 0.1)
    with pytest.raises(ArgumentTypeError, match=r"Trainer .*give it to the optimizer"):
        Trainer(model, nn.squared_error, optimizer, lr=0.1)  # type: ignore[call-arg]
    trainer = Trainer(model, nn.squared_error, optimizer)
    for keyword, words in (
        ("verbose", "it is progress="),
        ("validation_data", "it is validation="),
        ("validation_split", "it is validation="),
        ("batch_size", "give it to the Trainer"),
        ("metrics", "expected one of X, y, epochs"),
    ):
        with pytest.raises(ArgumentTypeError, match=f"fit .*{words}"):
            trainer.fit([[1.0]], [1.0], 1, **{keyword: 1})  # type: ignore[arg-type]


def test_a_checked_function_shows_its_own_signature() -> None:
    assert list(inspect.signature(optim.minimize).parameters)[:3] == ["f", "x0", "lr"]
    assert "lr" in inspect.signature(optim.Adam).parameters


class Integer(numbers.Integral):
    """A number that works as SymPy's do: it asks for a priority, and converts all else to floats."""

    def __init__(self, value: int) -> None:
        self.value = value

    def __int__(self) -> int:
        return self.value

    def _leave(self, other: Any, method: str) -> Any:
        if getattr(other, "_op_priority", 0.0) > 10.0:
            return getattr(other, method)(self)
        return self.value * float(other)


def _add_operators() -> None:
    def make(name: str) -> Any:
        return lambda self, other: self._leave(other, f"__r{name}__")

    for name in ("add", "sub", "mul", "truediv", "pow", "mod", "floordiv"):
        setattr(Integer, f"__{name}__", make(name))
    Integer.__abstractmethods__ = frozenset()
    Integer.__float__ = lambda self: float(self.value)  # type: ignore[method-assign]


_add_operators()
OPERATORS = [operator.add, operator.sub, operator.mul, operator.truediv, operator.pow, operator.mod]


@pytest.mark.parametrize("operation", OPERATORS)
def test_sympys_numbers_leave_operators_to_values(operation: Any) -> None:
    made = [Integer(3)]
    try:
        import sympy
    except ImportError:
        pass
    else:
        made += [sympy.Integer(3), sympy.Rational(3), sympy.Float(3)]
    for number in made:
        for call in (lambda x, n=number: operation(n, x), lambda x, n=number: operation(x, n)):
            assert isinstance(call(Value(2.0)), Value)
        assert grad(lambda x, n=number: operation(n, x))(2.0) == grad(lambda x: operation(3.0, x))(
            2.0
        )
        assert operation(number, Value(2.0)).data == operation(3.0, 2.0)
