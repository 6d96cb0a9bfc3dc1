"""JAX, in double precision: whole functions, compiled by `jit` before the clock starts."""

from __future__ import annotations

from typing import Any

import jax
from jax import numpy as jnp

from ..job import Engine, Job
from ..problems import Network, Options, Products, Repeated, Rosenbrock, in_order
from .scalar import expression_of, once, price_of

jax.config.update("jax_enable_x64", True)
# Each call is waited for: handing it to another thread would only add two to four times its time.
jax.config.update("jax_cpu_enable_async_dispatch", False)


def numbers(result: Any) -> list[float]:
    value, gradients = result
    return [float(value), *jnp.concatenate([jnp.ravel(g) for g in gradients]).tolist()]


def ready(function: Any, *args: Any) -> Any:
    """Wait for the result: JAX returns before it has been computed."""
    return jax.block_until_ready(function(*args))


def expression(problem: Repeated) -> Job:
    function = jax.jit(
        jax.value_and_grad(lambda a, b: expression_of(a, b, jax.nn.relu), argnums=(0, 1))
    )

    def evaluate() -> Any:
        for _ in range(problem.units):
            result = ready(function, problem.a, problem.b)
        return result

    return Job(once(evaluate), numbers)


def products(problem: Products) -> Job:
    x, w = jnp.array(problem.x), jnp.array(problem.w)
    function = jax.jit(jax.value_and_grad(jnp.dot, argnums=(0, 1)))
    return Job(once(lambda: ready(function, x, w)), numbers)


def rosenbrock(problem: Rosenbrock) -> Job:
    x = jnp.array(problem.x)
    function = jax.jit(
        jax.value_and_grad(lambda x: jnp.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2))
    )
    return Job(once(lambda: ready(function, x)), lambda r: [float(r[0]), *r[1].tolist()])


def forward(parameters: Any, x: Any) -> Any:
    *hidden, (W, b) = parameters
    for V, c in hidden:
        x = jax.nn.relu(x @ V.T + c)
    return x @ W.T + b


def training(problem: Network, cost: Any) -> Job:
    parameters = [(jnp.array(W), jnp.array(b)) for W, b in problem.layers]

    @jax.jit
    def update(parameters: Any) -> Any:
        value, gradients = jax.value_and_grad(cost)(parameters)
        moved = jax.tree.map(lambda p, g: p - problem.learning_rate * g, parameters, gradients)
        return moved, value, gradients

    def step() -> Any:
        nonlocal parameters
        parameters, value, gradients = ready(update, parameters)
        return value, gradients

    return Job(once(step), lambda result: [float(result[0]), *in_order(result[1])])


def moons(problem: Network) -> Job:
    x, y = jnp.array(problem.inputs), jnp.array(problem.targets)

    def cost(parameters: Any) -> Any:
        losses = jax.nn.relu(1 - y * forward(parameters, x)[:, 0])
        squares = sum(jnp.sum(W**2) + jnp.sum(b**2) for W, b in parameters)
        return jnp.mean(losses) + problem.decay * squares

    return training(problem, cost)


def digits(problem: Network) -> Job:
    x, y = jnp.array(problem.inputs), jnp.array(problem.targets)

    def cost(parameters: Any) -> Any:
        logarithms = jax.nn.log_softmax(forward(parameters, x))
        return -jnp.mean(logarithms[jnp.arange(len(y)), y])

    return training(problem, cost)


def options(problem: Options) -> Job:
    columns = [jnp.array(column) for column in problem.columns]

    def greeks(S: Any, K: Any, T: Any, r: Any, v: Any) -> Any:
        price = lambda S, T, r, v: price_of(jax.lax, S, K, T, r, v)  # noqa: E731
        value, (delta, theta, rho, vega) = jax.value_and_grad(price, (0, 1, 2, 3))(S, T, r, v)
        gamma = jax.grad(jax.grad(price))(S, T, r, v)
        return value, delta, vega, -theta, rho, gamma

    function = jax.jit(jax.vmap(greeks))
    return Job(once(lambda: ready(function, *columns)), lambda r: jnp.concatenate(r).tolist())


ENGINES = [
    Engine(
        "JAX",
        {
            "expression": expression,
            "products": products,
            "products-million": products,
            "rosenbrock": rosenbrock,
            "moons": moons,
            "digits": digits,
            "pictures": digits,
            "options": options,
        },
    )
]
