"""The same values and derivatives as PyTorch and JAX, in double precision, where installed."""

from __future__ import annotations

import math
import random
from collections.abc import Callable
from typing import Any

import pytest

import tinygrad_nn
from tinygrad_nn import grad, hessian, hvp, jacobian, jvp, log_softmax, logsumexp, value_and_grad
from tinygrad_nn.nn import MLP
from tinygrad_nn.optim import SGD
from tinygrad_nn.train import Trainer

X = [0.3, -1.2, 0.7, 2.1]
V = [1.0, -0.5, 0.25, 2.0]


def from_torch() -> Any:
    return pytest.importorskip("torch")


@pytest.fixture
def jnp() -> Any:
    jax = pytest.importorskip("jax")
    before = jax.config.jax_enable_x64
    jax.config.update("jax_enable_x64", True)
    yield jax.numpy
    jax.config.update("jax_enable_x64", before)


def same(found: Any, expected: Any) -> None:
    """Equal to 1e-12 of the greatest entry."""
    np = pytest.importorskip("numpy")
    expected = np.array(expected, dtype=float)
    scale = max(1e-300, float(np.abs(expected).max()))
    np.testing.assert_allclose(
        np.array(found, dtype=float), expected, rtol=1e-12, atol=1e-13 * scale
    )


# Each takes four numbers and the functions exp, log, ... of one library or the other.
FUNCTIONS: dict[str, Callable[[Any, Any], Any]] = {
    "polynomial": lambda x, m: x[0] ** 3 * x[1] - 2.0 * x[2] * x[3] ** 2 + x[0],
    "quotient": lambda x, m: (x[0] + x[1]) / (2.0 + x[2] * x[2]) - 1.0 / x[3],
    "powers": lambda x, m: x[3] ** x[0] + 2.0 ** x[1] + x[2] ** 2.5,
    "logarithms": lambda x, m: m.log(x[3]) * m.log1p(x[0]) + m.sqrt(x[2]) * m.exp(x[1]),
    "circular": lambda x, m: m.sin(x[0] * x[1]) + m.cos(x[2]) * m.tan(x[0]) + m.atan2(x[1], x[3]),
    "inverse": lambda x, m: m.asin(x[0]) * m.acos(x[2]) + m.atan(x[1]) * m.acosh(x[3]),
    "hyperbolic": lambda x, m: m.tanh(x[0]) * m.sinh(x[1]) + m.cosh(x[2]) * m.asinh(x[3]),
    "logistic": lambda x, m: m.sigmoid(x[0] * x[1]) * m.softplus(x[2] - x[3]) + m.erf(x[1]),
    "kinks": lambda x, m: m.relu(x[0]) * abs(x[1]) + m.relu(x[1]) * x[2] + m.relu(x[3]),
}


# ---- PyTorch -----------------------------------------------------------------------------------


class Torch:
    """PyTorch's functions under this package's names."""

    def __getattr__(self, name: str) -> Any:
        torch = from_torch()
        if name == "softplus":  # PyTorch's own is linear beyond 20
            return lambda x: torch.logaddexp(x, torch.zeros_like(x))
        return getattr(torch, name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_to_order_2_equal_pytorchs(name: str) -> None:
    torch = from_torch()

    def ours(x: Any) -> Any:
        return FUNCTIONS[name](x, tinygrad_nn)

    def theirs(x: Any) -> Any:
        return FUNCTIONS[name](x, Torch())

    x = torch.tensor(X, dtype=torch.float64, requires_grad=True)
    value, slopes = value_and_grad(ours)(X)
    result = theirs(x)
    same(value, result.item())
    same(slopes, torch.autograd.grad(result, x)[0].tolist())
    same(hessian(ours)(X), torch.autograd.functional.hessian(theirs, x).tolist())
    v = torch.tensor(V, dtype=torch.float64)
    same(hvp(ours)(X, V), torch.autograd.functional.hvp(theirs, x, v)[1].tolist())
    same(jvp(ours, (X,), (V,))[1], torch.autograd.functional.jvp(theirs, x, v)[1].item())


@pytest.mark.parametrize("shift", [0.0, 1000.0])
def test_softmax_and_its_relatives_equal_pytorchs(shift: float) -> None:
    torch = from_torch()
    logits = [x + shift for x in X]
    tensor = torch.tensor(logits, dtype=torch.float64)
    for ours, theirs in (
        (tinygrad_nn.softmax, lambda x: torch.softmax(x, 0)),
        (log_softmax, lambda x: torch.log_softmax(x, 0)),
        (lambda x: [logsumexp(x)], lambda x: torch.logsumexp(x, 0, keepdim=True)),
    ):
        same(ours(logits), theirs(tensor).tolist())
        same(jacobian(ours)(logits), torch.autograd.functional.jacobian(theirs, tensor).tolist())


def test_backward_accumulates_as_pytorchs() -> None:
    torch = from_torch()
    x = tinygrad_nn.Value(0.7)
    t = torch.tensor(0.7, dtype=torch.float64, requires_grad=True)
    for _ in range(2):
        (tinygrad_nn.tanh(x) * x).backward()
        (torch.tanh(t) * t).backward()
    same(x.grad, t.grad.item())


@pytest.mark.parametrize("activation", ["tanh", "relu", "sigmoid"])
def test_a_network_and_the_gradients_of_its_cost_equal_pytorchs(activation: str) -> None:
    torch = from_torch()
    model = MLP(3, [4, 4, 2], activation=activation, seed=0)
    rng = random.Random(0)
    inputs = [[rng.uniform(-2.0, 2.0) for _ in range(3)] for _ in range(6)]
    targets = [rng.randrange(2) for _ in inputs]

    linears = []
    for layer in model.layers:
        linears.append(
            torch.nn.Linear(len(layer.neurons[0].w), len(layer.neurons), dtype=torch.float64)
        )
        state = {
            key: torch.tensor(part, dtype=torch.float64) for key, part in layer.state_dict().items()
        }
        linears[-1].load_state_dict(state)

    def peer(x: Any) -> Any:
        for linear in linears[:-1]:
            x = getattr(torch, activation)(linear(x))
        return linears[-1](x)

    logits = [model(x) for x in inputs]
    cost = tinygrad_nn.mean(
        [tinygrad_nn.nn.cross_entropy(z, y) for z, y in zip(logits, targets, strict=True)]
    )
    cost.backward()
    outputs = peer(torch.tensor(inputs, dtype=torch.float64))
    expected = torch.nn.functional.cross_entropy(outputs, torch.tensor(targets))
    expected.backward()

    same([[z.data for z in row] for row in logits], outputs.tolist())
    same(cost.data, expected.item())
    for layer, linear in zip(model.layers, linears, strict=True):
        same([[w.grad for w in neuron.w] for neuron in layer.neurons], linear.weight.grad.tolist())
        same([neuron.b.grad for neuron in layer.neurons], linear.bias.grad.tolist())


@pytest.mark.parametrize("engine", ["eager", "compiled"])
def test_a_network_that_obeys_an_equation_trains_as_in_pytorch(engine: str) -> None:
    torch = from_torch()
    points = [-1.0, -0.25, 0.5, 1.0]

    class Residual(tinygrad_nn.nn.Module):
        def __init__(self) -> None:
            self.u = MLP(1, [4, 1], activation="tanh", seed=3)

        def __call__(self, x: Any) -> Any:
            return grad(lambda t: self.u([t]))(x[0]) + self.u(x)

    model = Residual()
    hidden, last = model.u.layers
    w, v = (
        torch.tensor([[p.data for p in unit.w] for unit in layer.neurons], dtype=torch.float64)
        for layer in (hidden, last)
    )
    b, c = (
        torch.tensor([unit.b.data for unit in layer.neurons], dtype=torch.float64)
        for layer in (hidden, last)
    )
    theirs = [p.requires_grad_() for p in (w, b, v, c)]
    descent = torch.optim.SGD(theirs, lr=0.1)
    for _ in range(5):
        x = torch.tensor([[p] for p in points], dtype=torch.float64, requires_grad=True)
        u = torch.tanh(x @ w.T + b) @ v.T + c
        (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
        descent.zero_grad()
        ((slope + u) ** 2).mean().backward()
        descent.step()
    ours = SGD(model.parameters(), lr=0.1)
    trainer = Trainer(model, tinygrad_nn.nn.squared_error, ours, engine=engine)
    trainer.fit([[p] for p in points], [0.0] * 4, epochs=5, progress=False)
    same([[p.data for p in unit.w] for unit in hidden.neurons], w.detach().tolist())
    same([unit.b.data for unit in hidden.neurons], b.detach().tolist())
    same([[p.data for p in unit.w] for unit in last.neurons], v.detach().tolist())
    same([unit.b.data for unit in last.neurons], c.detach().tolist())


# ---- JAX ---------------------------------------------------------------------------------------


class Jax:
    """JAX's functions under this package's names."""

    def __init__(self, jnp: Any) -> None:
        import jax

        self.places = (jnp, jax.nn, jax.scipy.special)

    def __getattr__(self, name: str) -> Any:
        for place in self.places:
            if hasattr(place, name):
                return getattr(place, name)
        raise AttributeError(name)


@pytest.mark.parametrize("name", FUNCTIONS)
def test_functions_to_order_2_equal_jaxs(name: str, jnp: Any) -> None:
    jax = pytest.importorskip("jax")

    def ours(x: Any) -> Any:
        return FUNCTIONS[name](x, tinygrad_nn)

    def theirs(x: Any) -> Any:
        return FUNCTIONS[name](x, Jax(jnp))

    x, v = jnp.array(X), jnp.array(V)
    same(value_and_grad(ours)(X)[0], theirs(x))
    same(grad(ours)(X), jax.grad(theirs)(x))
    same(hessian(ours)(X), jax.hessian(theirs)(x))
    same(jvp(ours, (X,), (V,)), jax.jvp(theirs, (x,), (v,)))
    same(hvp(ours)(X, V), jax.jvp(jax.grad(theirs), (x,), (v,))[1])


def test_nested_arguments_and_results_are_those_of_jax(jnp: Any) -> None:
    jax = pytest.importorskip("jax")
    p = {"w": [1.5, -0.5], "b": (0.25,)}

    def ours(p: Any, x: Any, m: Any = tinygrad_nn) -> Any:
        return [m.tanh(p["w"][0] * x + p["b"][0]), {"y": p["w"][1] * x}]

    def theirs(p: Any, x: Any) -> Any:
        return ours(p, x, jnp)

    assert_nested(jacobian(ours)(p, 2.0), jax.jacrev(theirs)(p, 2.0))
    assert_nested(
        jacobian(ours, argnums=(0, 1))(p, 2.0), jax.jacrev(theirs, argnums=(0, 1))(p, 2.0)
    )
    value, pull = tinygrad_nn.vjp(ours, p, 2.0)
    value_there, pull_there = jax.vjp(theirs, p, 2.0)
    assert_nested(value, value_there)
    assert_nested(pull([1.0, {"y": 2.0}]), pull_there([jnp.array(1.0), {"y": jnp.array(2.0)}]))


def assert_nested(found: Any, expected: Any) -> None:
    """Equal in nesting and in numbers."""
    if isinstance(expected, dict):
        assert found.keys() == expected.keys()
        for key in expected:
            assert_nested(found[key], expected[key])
    elif isinstance(expected, list | tuple):
        assert type(found) is type(expected)
        for a, b in zip(found, expected, strict=True):
            assert_nested(a, b)
    else:
        assert math.isclose(found, float(expected), rel_tol=1e-13)
