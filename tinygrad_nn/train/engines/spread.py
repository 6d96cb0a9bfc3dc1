"""A batch whose samples are computed by workers: parts of it, whose sums are added in order.

The parts depend on nothing but the number of samples, and so do all the numbers: any number of
workers gives the same.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext
from functools import cache
from hashlib import sha256
from itertools import pairwise
from typing import Any

import numpy as np

from ...compiler.backends.choice import backend_here
from ...compiler.batched import Batched
from ...compiler.packages import received, sent
from ...compiler.program.precision import dtype_of
from ...compiler.program.program import Floats
from ...compiler.readable import Program
from ...errors import TraceError
from .workers import Workers

__all__ = ["Spread", "SpreadPlaced"]

PARTS = 8  # of a batch: more workers have nothing to do
MOST_PROGRAMS = 8  # programs that a worker keeps

_Samples = dict[int, Floats]  # by the number of the program's array, samples as columns


class Spread:
    """The program of a gradient, run by workers."""

    def __init__(self, slopes: Any, workers: Workers, backend: str, dtype: str) -> None:
        content = sent(slopes) if isinstance(slopes, Batched) else None
        if content is None:
            raise TraceError(
                "the model or the loss looks at numbers, or has an operation of its own, which "
                "cannot be sent to workers: leave parallel out"
            )
        self.slopes: Batched = slopes
        self._workers = workers
        self._sent = sha256(content).digest(), content, backend, dtype

    def placed(self, inputs: Mapping[int, Floats], into: Mapping[int, Floats]) -> SpreadPlaced:
        """Give what runs with parameters, input 0, and the gradient, result 2, in some memory."""
        return SpreadPlaced(self, inputs[0], into[2])

    def run(self, numbers: Floats, samples: Mapping[int, Floats]) -> tuple[Any, Floats, Floats]:
        """Give the mean loss, the outputs of all samples, and the gradient."""
        count = samples[1].shape[1]
        ends = [count * part // PARTS for part in range(PARTS + 1)]
        parts = [
            {number: columns[:, start:end] for number, columns in samples.items()}
            for start, end in pairwise(ends)
            if end > start
        ]
        workers = min(self._workers.count, len(parts))
        shares = [len(parts) * worker // workers for worker in range(workers + 1)]
        tasks = [(*self._sent, numbers, parts[start:end]) for start, end in pairwise(shares)]
        found = [one for some in self._workers.run(_computed, tasks) for one in some]
        weights = [part[1].shape[1] / count for part in parts]
        cost, gradient = np.zeros(1), np.zeros_like(found[0][2])
        for weight, (mean_loss, _, slope) in zip(weights, found, strict=True):
            cost += weight * mean_loss.item()
            gradient += weight * slope
        return cost, np.concatenate([outputs for _, outputs, _ in found], axis=1), gradient


class SpreadPlaced:
    """A `Spread` whose parameters and gradient are in memory of the caller's."""

    def __init__(self, spread: Spread, numbers: Floats, gradient: Floats) -> None:
        self._spread = spread
        self._numbers = numbers
        self._gradient = gradient

    @property
    def program(self) -> Program:
        """What each worker runs."""
        return self._spread.slopes.program

    def run(self, shared: Mapping[int, Floats], samples: Mapping[int, Floats]) -> list[Floats]:
        """Give what `Spread.run` gives."""
        cost, outputs, gradient = self._spread.run(self._numbers, samples)
        self._gradient[...] = gradient
        return [cost, outputs, self._gradient]


# ---- in a worker -------------------------------------------------------------------------------

_known: OrderedDict[tuple[bytes, str, str], Batched] = OrderedDict()


def _computed(
    digest: bytes, content: bytes, backend: str, dtype: str, numbers: Floats, parts: list[_Samples]
) -> list[list[Floats]]:
    """Run a program on parts of a batch."""
    key = digest, backend, dtype
    batched = _known.pop(key, None)
    if batched is None:
        batched = received(content, backend_here(backend)).computing(dtype_of(dtype), 1)
    _known[key] = batched
    while len(_known) > MOST_PROGRAMS:
        _known.popitem(last=False)
    with _in_one_thread():
        return [batched.copied({0: numbers}, part) for part in parts]


def _in_one_thread() -> AbstractContextManager[Any]:
    """Let NumPy's products run in one thread: their last bits may depend on how many there are."""
    controller = _controller()
    return nullcontext() if controller is None else controller.limit(limits=1)


@cache
def _controller() -> Any:
    try:
        from threadpoolctl import ThreadpoolController
    except ImportError:  # it comes with joblib's users, as scikit-learn
        return None
    return ThreadpoolController()
