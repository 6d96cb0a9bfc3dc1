"""PyTorch, in double precision and eager: tensors, and tensors of one number each."""

from __future__ import annotations

from typing import Any

import torch
from torch.nn import functional

from ..job import Engine, Job
from ..problems import Chain, Network, Options, Products, Repeated, Rosenbrock, in_order
from .scalar import building, chain_of, expression_of, once, price_of, products_of

torch.set_num_threads(1)


def leaf(numbers: Any) -> torch.Tensor:
    return torch.tensor(numbers, dtype=torch.float64, requires_grad=True)


def read(result: list[torch.Tensor]) -> list[float]:
    """List the value of the first and the gradients of the rest."""
    value, *leaves = result
    return [value.item(), *torch.cat([x.grad.ravel() for x in leaves]).tolist()]


def product(problem: Repeated) -> Job:
    a, b = leaf(problem.a), leaf(problem.b)
    return Job(once(lambda: products_of(a, b, problem.units)), lambda c: [c.item()])


def expression(problem: Repeated) -> Job:
    def evaluate() -> list[torch.Tensor]:
        for _ in range(problem.units):
            a, b = leaf(problem.a), leaf(problem.b)
            g = expression_of(a, b, torch.relu)
            g.backward()
        return [g, a, b]

    return Job(once(evaluate), read)


def chain(problem: Chain) -> Job:
    def build(_: None) -> list[torch.Tensor]:
        y, a, b = leaf(problem.y), leaf(problem.a), leaf(problem.b)
        return [chain_of(y, a, b, problem.units), y, a, b]

    return Job(building(build), read)


def products(problem: Products) -> Job:
    x, w = leaf(problem.x), leaf(problem.w)
    return Job(building(lambda _: [torch.dot(x, w), x, w]), read)


def scalar_products(problem: Products) -> Job:
    x, w = ([leaf(number) for number in vector] for vector in (problem.x, problem.w))

    def build(_: None) -> list[torch.Tensor]:
        total = x[0] * w[0]
        for xi, wi in zip(x[1:], w[1:], strict=True):
            total = total + xi * wi
        return [total, *x, *w]

    return Job(building(build), read)


def rosenbrock(problem: Rosenbrock) -> Job:
    def evaluate() -> list[torch.Tensor]:
        x = leaf(problem.x)
        value = torch.sum(100 * (x[1:] - x[:-1] ** 2) ** 2 + (1 - x[:-1]) ** 2)
        value.backward()
        return [value, x]

    return Job(once(evaluate), read)


def network(problem: Network) -> torch.nn.Sequential:
    parts: list[torch.nn.Module] = []
    for weights, biases in problem.layers:
        linear = torch.nn.Linear(len(weights[0]), len(weights), dtype=torch.float64)
        with torch.no_grad():
            linear.weight.copy_(torch.tensor(weights, dtype=torch.float64))
            linear.bias.copy_(torch.tensor(biases, dtype=torch.float64))
        parts += [linear, torch.nn.ReLU()]
    return torch.nn.Sequential(*parts[:-1])


def training(model: torch.nn.Sequential, problem: Network, cost_of: Any) -> Job:
    optimizer = torch.optim.SGD(model.parameters(), lr=problem.learning_rate)

    def step() -> torch.Tensor:
        optimizer.zero_grad()
        cost = cost_of()
        cost.backward()
        optimizer.step()
        return cost

    def numbers(cost: torch.Tensor) -> list[float]:
        linears = [part for part in model if isinstance(part, torch.nn.Linear)]
        return [cost.item(), *in_order((p.weight.grad, p.bias.grad) for p in linears)]

    return Job(once(step), numbers)


def moons(problem: Network) -> Job:
    model = network(problem)
    x = torch.tensor(problem.inputs, dtype=torch.float64)
    y = torch.tensor(problem.targets, dtype=torch.float64)

    def cost() -> torch.Tensor:
        losses = torch.relu(1 - y * model(x)[:, 0])
        squares = sum((p * p).sum() for p in model.parameters())
        return losses.mean() + problem.decay * squares

    return training(model, problem, cost)


def digits(problem: Network) -> Job:
    model = network(problem)
    x = torch.tensor(problem.inputs, dtype=torch.float64)
    y = torch.tensor(problem.targets)
    return training(model, problem, lambda: functional.cross_entropy(model(x), y))


def options(problem: Options) -> Job:
    S, K, T, r, v = map(leaf, problem.columns)

    def greeks() -> list[torch.Tensor]:
        price = price_of(torch, S, K, T, r, v)
        first = torch.autograd.grad(price.sum(), (S, T, r, v), create_graph=True)
        delta, theta, rho, vega = first
        (gamma,) = torch.autograd.grad(delta.sum(), S)
        return [price, delta, vega, -theta, rho, gamma]

    return Job(once(greeks), lambda result: torch.cat(result).tolist())


ENGINES = [
    Engine(
        "PyTorch",
        {
            "products": products,
            "products-million": products,
            "rosenbrock": rosenbrock,
            "moons": moons,
            "digits": digits,
            "pictures": digits,
            "options": options,
        },
    ),
    Engine(
        "PyTorch, scalars",
        {
            "product": product,
            "expression": expression,
            "chain": chain,
            "chain-million": chain,
            "products": scalar_products,
            "products-million": scalar_products,
        },
    ),
]
