"""The workloads of the benchmarks, at sizes that take no time."""

from __future__ import annotations

from typing import Any

import pytest

from benchmarks import engines, problems
from benchmarks.job import Job
from benchmarks.problems import Chain, Repeated

TINY: dict[str, Any] = {
    "product": Repeated(2.0, 3.0, 10),
    "expression": Repeated(-4.0, 2.0, 2),
    "chain": Chain(20),
    "chain-million": Chain(30),
    "products": problems.products(20),
    "products-million": problems.products(30),
    "rosenbrock": problems.rosenbrock(6),
    "moons": problems.moons(4),
    "digits": problems.digits(3, (6, 5, 3)),
    "pictures": problems.digits(3, (8, 4, 3)),
    "options": problems.options(5),
    "gpt": problems.document("bo"),
}


def jobs_of(module: str, workload: str) -> dict[str, Job]:
    loaded = engines.load([module])
    if loaded.missing:
        pytest.skip(f"{loaded.missing} is not installed")
    return {e.name: e.jobs[workload](TINY[workload]) for e in loaded.engines if workload in e.jobs}
