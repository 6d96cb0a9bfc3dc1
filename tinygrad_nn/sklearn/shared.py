"""Compiled trainings and predictions that networks of one architecture use in turn.

To compile a training takes longer than many a training does, and a search over parameters makes
hundreds of networks that are alike. So a plain multilayer perceptron is trained in another one of
the same architecture, whose programs are there already: it is given the network's numbers, and
gives them back. All other modules are trained by a trainer of their own.
"""

from __future__ import annotations

import random
from collections import OrderedDict
from collections.abc import Callable, Iterator, MutableSequence, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeAlias

import numpy as np

from .. import nn
from ..compiler.backends.choice import backend_here
from ..locks import lock_of_process
from ..nn.compiled.forward import Forward, numbers_of
from ..optim import Optimizer
from ..train import Trainer
from ..train.engines.choice import lasting_backend
from .networks import Perceptron, Plan, perceptron_of, plan_of, planned

__all__ = ["Progress", "Setup", "Source", "predicted", "settled", "trainer_of"]

NDArray: TypeAlias = Any  # a NumPy array

MOST_NUMBERS = 300_000  # parameters of networks that wait to be used again
OF_A_STEP = 300_000  # products that take as long as what a step takes besides
LONG = 100_000_000  # products of a training that machine code is made for


def settled(backend: str, steps: int, batch: int, parameters: int) -> str:
    """Choose what runs a training, if it is "auto", by how long it may take.

    The choice depends on nothing else: wherever and whenever the training is done, and whatever
    was done before, it computes the same numbers.
    """
    if backend != "auto":
        return backend
    if steps * (OF_A_STEP + batch * parameters) < LONG:
        return "numpy"
    return lasting_backend(backend, "compiled")


@dataclass(frozen=True, slots=True)
class Setup:
    """How a network is trained. `optimizer` makes one, given parameters."""

    loss: Any
    optimizer: Callable[[Sequence[Any]], Optimizer]
    l2: float
    backend: str
    dtype: Any
    weighted: bool  # whether samples have weights

    def trainer(self, model: nn.Module) -> Trainer:
        """Make a trainer."""
        return Trainer(
            model,
            self.loss,
            self.optimizer(model.parameters()),
            l2=self.l2,
            backend=self.backend,
            dtype=self.dtype,
        )


class Source(random.Random):
    """Python's generator of random numbers, whose shuffle is NumPy's: it takes a fifth of the time."""

    def shuffle(self, x: MutableSequence[Any]) -> None:
        """Put a list into a random order."""
        order = np.random.default_rng(self.getrandbits(64)).permutation(len(x)).tolist()
        x[:] = [x[place] for place in order]


@dataclass(slots=True)
class Progress:
    """How far a training is, beside the network's own numbers."""

    rng: random.Random
    steps: int = 0
    state: list[Any] = field(default_factory=list)  # of the optimiser; empty before the first step


class _Store:
    """What is kept for another use, by a key; the oldest goes when it is too much."""

    def __init__(self) -> None:
        self._kept: OrderedDict[Any, list[tuple[int, Any]]] = OrderedDict()
        self._lock = lock_of_process()
        self._size = 0

    def take(self, key: Any) -> Any:
        """Take something out; None if nothing is there."""
        with self._lock:
            found = self._kept.get(key)
            if not found:
                return None
            size, thing = found.pop()
            self._size -= size
            return thing

    def put(self, key: Any, size: int, thing: Any) -> None:
        """Keep something of a size."""
        with self._lock:
            self._kept.setdefault(key, []).append((size, thing))
            self._kept.move_to_end(key)
            self._size += size
            while self._size > MOST_NUMBERS:
                oldest = next(iter(self._kept))
                self._size -= sum(size for size, _ in self._kept.pop(oldest))


_trainers = _Store()
_forwards = _Store()


@contextmanager
def trainer_of(model: nn.Module, setup: Setup, progress: Progress) -> Iterator[Trainer]:
    """Give a trainer that goes on from here; afterwards the network and its progress are further.

    Where the training fails, they stay as they were.
    """
    plan = plan_of(model)
    parameters = model.parameters()
    optimizer = setup.optimizer(parameters[:1])  # as that of all of them
    key = None if plan is None else _key(plan, setup, optimizer)
    trainer = None if key is None else _trainers.take(key)
    if trainer is None:
        trainer = setup.trainer(model if key is None else planned(plan))  # type: ignore[arg-type]  # no None
    before = [parameter.data for parameter in parameters]
    inner = trainer.model.parameters()  # the same, if the network has a trainer of its own
    _set(inner, before)
    trainer.optimizer.reset()
    trainer.optimizer.lr = optimizer.lr
    if progress.state:
        trainer.optimizer.steps, trainer.optimizer.state = progress.steps, progress.state
    trainer.rng = progress.rng
    try:
        yield trainer
        progress.steps, progress.state = trainer.optimizer.steps, trainer.optimizer.state
        _set(parameters, [parameter.data for parameter in inner])
    except BaseException:
        _set(parameters, before)
        raise
    finally:
        if key is not None:
            _trainers.put(key, len(parameters), trainer)


def _set(parameters: Sequence[Any], numbers: Sequence[float]) -> None:
    for parameter, number in zip(parameters, numbers, strict=True):
        parameter.data = number


def _key(plan: Plan, setup: Setup, optimizer: Optimizer) -> Any:
    """Say what a trainer was made of; None where that cannot be compared."""
    changing = ("parameters", "lr", "state", "steps")
    settings = tuple(sorted((k, v) for k, v in vars(optimizer).items() if k not in changing))
    asked = setup.l2, setup.backend, str(setup.dtype), setup.weighted
    return _hashable((_likeness(plan), _alike(setup.loss), type(optimizer), settings, asked))


def _likeness(plan: Plan) -> Any:
    return tuple([one if isinstance(one, float) else (*one[:2], _alike(one[2])) for one in plan])


def _alike(function: Any) -> Any:
    """Give what is the same for functions that are: a search copies its partial ones."""
    if type(function) is not partial:
        return function
    return _alike(function.func), function.args, tuple(sorted(function.keywords.items()))


def _hashable(key: Any) -> Any:
    try:
        hash(key)
    except TypeError:
        return None
    return key


# ---- prediction --------------------------------------------------------------------------------


def predicted(model: nn.Module, X: NDArray, backend: str) -> NDArray:
    """Compute the outputs for rows of finite numbers, of shape (samples,) or (samples, outputs).

    NumPy does it, unless another backend is named.
    """
    perceptron = perceptron_of(model)
    backend = "numpy" if backend == "auto" else backend
    found = None if perceptron is None else _by_plan(perceptron, X, backend)
    return model.predict(X) if found is None else found


def _by_plan(perceptron: Perceptron, X: NDArray, backend: str) -> NDArray | None:
    """Run the program of networks like this one; None where it fails, or a number is not finite."""
    plan, parameters, _ = perceptron
    key = _hashable((_likeness(plan), backend))
    if key is None or plan[0][0] != X.shape[1]:
        return None
    known = _forwards.take(key)
    if known is None or not known[0].holds():
        try:
            known = _forward(planned(plan), X[0].tolist(), backend)
        except Exception:  # it is told when the model is asked
            return None
    forward, order = known
    found = forward.run(numbers_of(parameters)[order], X)
    _forwards.put(key, len(parameters), known)
    if not np.isfinite(found).all():
        return None  # one after the other, each sample has its error
    return found[0] if forward.single else found.T


def _forward(model: nn.Module, row: list[float], backend: str) -> tuple[Forward, NDArray]:
    """Compile a network; say where each number that the program takes is among the parameters."""
    forward = Forward(model, row, None, backend_here(backend))
    places = {id(parameter): place for place, parameter in enumerate(model.parameters())}
    order = np.array([places[id(parameter)] for parameter in forward.parameters], np.intp)
    return forward, order
