"""Other processes that compute parts of a batch: workers of joblib, or of a cluster of dask."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from concurrent.futures import BrokenExecutor, CancelledError
from numbers import Integral
from typing import Any

from ...arguments import check_count
from ...errors import ArgumentError, ArgumentTypeError, WorkerError
from ...extras import load_extra

__all__ = ["Workers", "check_parallel", "workers_of"]

ATTEMPTS = 3  # of a batch whose workers are lost
GRACE = 10.0  # seconds for a cluster without workers to get some
PURPOSE = "train in several processes"


class Workers(ABC):
    """What runs a function in other processes."""

    losses: tuple[type[Exception], ...]  # what it raises when it has lost one

    def run(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Give the results of the tasks, in order; again, if a worker is lost."""
        for attempt in range(1, ATTEMPTS + 1):
            try:
                return self._run(function, tasks)
            except self.losses as error:
                if attempt == ATTEMPTS:
                    raise WorkerError(
                        f"workers were lost {ATTEMPTS} times while they computed one batch "
                        f"({type(error).__name__}: {error}): the step is not made, parameters and "
                        "checkpoints are those before; look at the memory of the workers, or give "
                        "smaller batches"
                    ) from error
        raise AssertionError  # there is an attempt

    @property
    @abstractmethod
    def count(self) -> int:
        """How many there are."""

    @abstractmethod
    def _run(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        """Give the results of the tasks, in order."""


class JoblibWorkers(Workers):
    """So many workers of joblib, whichever backend is set there."""

    losses = (BrokenExecutor, CancelledError, ConnectionError)

    def __init__(self, count: int) -> None:
        self._joblib = load_extra("joblib", "parallel", PURPOSE)
        self._count = count

    @property
    def count(self) -> int:
        """How many there are."""
        return self._count

    def _run(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        parallel = self._joblib.Parallel(self._count, batch_size=1, pre_dispatch="all")
        found: list[Any] = parallel(self._joblib.delayed(function)(*task) for task in tasks)
        return found


class DaskWorkers(Workers):
    """The workers of a cluster, by its client."""

    def __init__(self, client: Any) -> None:
        distributed = load_extra("distributed", "parallel", PURPOSE)
        self._client = client
        self._wait, self._late = distributed.wait, distributed.TimeoutError
        self.losses = (distributed.KilledWorker, CancelledError, ConnectionError, OSError)

    @property
    def count(self) -> int:
        """How many there are."""
        return max(1, len(self._client.scheduler_info(n_workers=-1)["workers"]))

    def _run(self, function: Callable[..., Any], tasks: Sequence[tuple[Any, ...]]) -> list[Any]:
        futures = [self._client.submit(function, *task, pure=False) for task in tasks]
        try:
            self._await(futures)
            found: list[Any] = self._client.gather(futures)
            return found
        finally:
            self._client.cancel(futures)

    def _await(self, futures: list[Any]) -> None:
        """Wait until all are done, or there has been nobody to do it for long."""
        seen = time.monotonic()
        while True:
            try:
                self._wait(futures, timeout=1.0)
                return
            except self._late:
                now = time.monotonic()
                if self._client.scheduler_info(n_workers=-1)["workers"]:
                    seen = now
                elif now - seen > GRACE:
                    raise ConnectionError("the cluster has no workers") from None


def check_parallel(parallel: Any, engine: str) -> Any:
    """Check the number of workers, or the client of a cluster."""
    if parallel is None:
        return None
    if engine == "eager":
        raise ArgumentError(
            f"parallel is {parallel!r} and engine is 'eager', which runs no program: leave one of "
            "them out"
        )
    if isinstance(parallel, Integral):
        return check_count(parallel, "parallel")
    if not all(hasattr(parallel, name) for name in ("submit", "gather", "scheduler_info")):
        raise ArgumentTypeError(
            f"parallel is of type {type(parallel).__name__}: expected a number of workers, or a "
            "client of dask"
        )
    return parallel


def workers_of(parallel: Any) -> Workers | None:
    """Give the workers that the user has asked for; None if he has not."""
    if parallel is None:
        return None
    return JoblibWorkers(parallel) if isinstance(parallel, int) else DaskWorkers(parallel)
