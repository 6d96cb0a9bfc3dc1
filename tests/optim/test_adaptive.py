"""Adam with decoupled decay, and RMSprop: the numbers of PyTorch."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

import tinygrad_nn as tg
from tinygrad_nn import Value, optim
from tinygrad_nn.errors import ArgumentError

START = [1.0, -2.0, 0.5]
CURVATURE = [1.0, 3.0, 0.2]

# After 25 steps; from torch 2.13:
#   a = torch.tensor([1.0, -2.0, 0.5], dtype=torch.float64, requires_grad=True)
#   optimizer = make([a])
#   for _ in range(25):
#       optimizer.zero_grad()
#       c = torch.tensor([1.0, 3.0, 0.2], dtype=a.dtype)
#       (0.5 * c * a * a + torch.sin(a)).sum().backward()
#       optimizer.step()
RUNS: list[tuple[str, dict[str, Any], list[float]]] = [
    (
        "AdamW",
        {"weight_decay": 0.1},
        [-0.24557770243616056, -0.7160012304421669, -0.7135787624962201],
    ),
    ("RMSprop", {"alpha": 0.9}, [-0.4410004082331791, -0.6879019408152313, -0.986940012339718]),
    (
        "RMSprop",
        {"alpha": 0.9, "momentum": 0.5, "weight_decay": 0.1},
        [-0.6984668647187431, -0.31776164811887564, -1.2027928566562862],
    ),
    (
        "RMSprop",
        {"alpha": 0.9, "momentum": 0.5, "centered": True},
        [-0.7384309249280123, -0.31595349405742823, -1.3057550059936074],
    ),
]


def run(make: Callable[..., optim.Optimizer], options: dict[str, Any]) -> list[float]:
    leaves = [Value(a) for a in START]
    optimizer = make(leaves, lr=0.05, **options)
    for _ in range(25):
        optimizer.zero_grad()
        terms = [0.5 * c * a * a + tg.sin(a) for c, a in zip(CURVATURE, leaves, strict=True)]
        tg.add(terms).backward()
        optimizer.step()
    return [leaf.data for leaf in leaves]


@pytest.mark.parametrize(("name", "options", "expected"), RUNS)
def test_the_numbers_of_pytorch(name: str, options: dict[str, Any], expected: list[float]) -> None:
    assert run(getattr(optim, name), options) == pytest.approx(expected, rel=1e-12)


@pytest.mark.parametrize(("name", "options", "expected"), RUNS)
def test_pytorch_itself(name: str, options: dict[str, Any], expected: list[float]) -> None:
    torch = pytest.importorskip("torch")
    a = torch.tensor(START, dtype=torch.float64, requires_grad=True)
    optimizer = getattr(torch.optim, name)([a], lr=0.05, **options)
    for _ in range(25):
        optimizer.zero_grad()
        (0.5 * torch.tensor(CURVATURE, dtype=a.dtype) * a * a + torch.sin(a)).sum().backward()
        optimizer.step()
    assert a.tolist() == pytest.approx(expected, rel=1e-12)


def test_a_gradient_that_stays_has_no_variance_and_no_error() -> None:
    a = Value(1.0)
    optimizer = optim.RMSprop([a], alpha=0.5, centered=True)
    for _ in range(200):
        a.grad = 0.1
        optimizer.step()
    (s, _, c) = optimizer.state[0]
    assert s == pytest.approx(c * c, rel=1e-12)


def test_bad_arguments() -> None:
    with pytest.raises(ArgumentError, match=r"alpha is 1.0: expected a number from 0 to below 1"):
        optim.RMSprop([Value(1.0)], alpha=1.0)
    with pytest.raises(ArgumentError, match=r"weight_decay is -0.5"):
        optim.AdamW([Value(1.0)], weight_decay=-0.5)
