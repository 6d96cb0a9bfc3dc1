"""Some of the same functions in PyTorch, on arrays, as its users write them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch

from .cases import Case

torch.set_num_threads(1)


def log_of_sum(x: Any) -> Any:
    return torch.logsumexp(x, 0)


def least_squares(x: Any, A: Any, b: Any) -> Any:
    return ((A @ x - b) ** 2).sum()


def clusters(centres: Any, points: Any) -> Any:
    away = points[:, None, :] - centres[None, :, :]
    return (away**2).sum(2).amin(1).sum()


def mixture(shares: Any, means: Any, scales: Any, shears: Any, points: Any) -> Any:
    count, width = means.shape
    rows, columns = torch.tril_indices(width, width, -1)
    triangles = torch.diag_embed(scales.exp())
    triangles = triangles.index_put((torch.arange(count)[:, None], rows, columns), shears)
    lengths = torch.einsum("kij,nkj->nki", triangles, points[:, None, :] - means)
    terms = shares + scales.sum(1) - 0.5 * (lengths**2).sum(2)
    likely = terms.logsumexp(1).sum() - len(points) * shares.logsumexp(0)
    return likely - 0.5 * (triangles**2).sum()


FUNCTIONS: dict[str, Callable[..., Any]] = {
    "log_of_sum": log_of_sum,
    "least_squares": least_squares,
    "determinant": torch.linalg.det,
    "clusters": clusters,
    "mixture": mixture,
    "product": torch.prod,
}


def gradient(name: str, case: Case) -> Callable[[], Any]:
    """Give a function that computes the value and the gradient."""
    arguments = [torch.tensor(one) for one in case.arguments]
    leaves = [one.requires_grad_() for one in arguments[: case.by]]

    def call() -> Any:
        value = FUNCTIONS[name](*arguments)
        return value.item(), torch.autograd.grad(value, leaves)

    return call
