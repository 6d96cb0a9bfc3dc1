"""Checkpoints: a training that can go on from a file, to the same numbers."""

from __future__ import annotations

import hashlib
import json
import math
import os
import random
from collections.abc import Mapping
from copy import copy
from dataclasses import asdict, dataclass, field
from typing import Any

from .. import nn
from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError, StateError
from ..extras import load_extra
from ..files import check_writable
from ..nn.saving import architecture_of, arrays_of, model_of, read_arrays, write_arrays
from ..optim import Optimizer
from ..optim.restoring import restored
from ..optim.state import numbers_for
from .history import Epoch, History
from .naming import described_loss, loss_of
from .prediction import Loss
from .samples import Samples

__all__ = ["Checkpoint", "Progress", "Saved", "digest_of", "read_checkpoint"]

FORM = 1  # of the head: files of a later one are refused
OPTIONS = (  # of a Trainer
    "batch_size",
    "l2",
    "l1",
    "clip_norm",
    "clip_value",
    "engine",
    "backend",
    "dtype",
    "threads",
    "parallel",
)


@dataclass
class Progress:
    """How far a training has come, beside the numbers of its model and optimiser.

    `best` is the state of the model at the `lowest` validation cost, `age` epochs ago. `samples`
    is a digest of what is learnt from.
    """

    history: History = field(default_factory=History)
    lowest: float = math.inf
    age: int = 0
    best: Mapping[str, Any] | None = None
    samples: str = ""


@dataclass(frozen=True)
class Saved:
    """What a checkpoint holds."""

    model: nn.Module
    loss: Loss
    optimizer: Optimizer
    options: dict[str, Any]
    rng: random.Random
    progress: Progress


class Checkpoint:
    """Where a training is written to, after each so many epochs: a whole file, or none."""

    def __init__(self, path: str | os.PathLike[str], every: int, trainer: Any) -> None:
        if not isinstance(path, str | os.PathLike):
            raise ArgumentTypeError(
                f"checkpoint is {path!r}, of type {type(path).__name__}: expected a path"
            )
        self._path = path
        self._every = check_count(every, "every")
        self._trainer = trainer
        check_writable(path)  # better known before the training
        load_extra("safetensors.numpy", "save", "a checkpoint")
        _state_of(trainer.rng)

    def is_due(self, history: History, last: int) -> bool:
        """Tell whether the training is to be written now; always when it is over."""
        count = len(history.epochs)
        return count % self._every == 0 or count == last or history.stopped != "epochs"

    def write(self, progress: Progress) -> None:
        """Write the training as it stands."""
        trainer = self._trainer
        trainer.sync()
        optimizer, history = trainer.optimizer, progress.history
        places = {parameter: k for k, parameter in enumerate(trainer.model.parameters())}
        described = _described(optimizer)
        arrays = {f"model.{key}": array for key, array in arrays_of(trainer.model).items()}
        if optimizer.initial_state:
            arrays["optimizer.state"] = _array(described.pop("state"))
        for key, numbers in (progress.best or {}).items():
            arrays[f"best.{key}"] = _array(numbers)
        head = {
            "form": FORM,
            "loss": described_loss(trainer.loss),
            "optimizer": described,
            "moved": [places[parameter] for parameter in optimizer.parameters],
            "options": _options(trainer),
            "rng": _state_of(trainer.rng),
            "epochs": [asdict(epoch) for epoch in history.epochs],
            "stopped": history.stopped,
            "lowest": progress.lowest if progress.best else None,
            "age": progress.age,
            "samples": progress.samples,
        }
        texts = {"checkpoint": json.dumps(head)}
        architecture = architecture_of(trainer.model)
        if architecture:
            texts["architecture"] = json.dumps(architecture)
        write_arrays(arrays, self._path, texts)


def digest_of(samples: Samples) -> str:
    """Give a digest of samples, by which they are known again."""
    X, y = copy(samples).arrays
    found = hashlib.sha256(repr((X.shape, y.shape, samples.weights)).encode())
    for array in (X, y):
        found.update(array.astype(float).tobytes())
    return found.hexdigest()


def read_checkpoint(
    path: str | os.PathLike[str],
    model: nn.Module | None,
    loss: Loss | None,
    optimizer: Optimizer | None,
) -> Saved:
    """Read a file of `Checkpoint`, as `Trainer.load` says."""
    arrays, texts = read_arrays(path)
    try:
        head = json.loads(texts["checkpoint"])
        if head["form"] != FORM:
            raise ValueError(f"it is of form {head['form']}, expected {FORM}")
        return _read(path, arrays, texts, head, (model, loss, optimizer))
    except (ValueError, TypeError, KeyError, IndexError) as error:
        if isinstance(error, StateError | ArgumentTypeError):
            raise
        raise StateError(
            f"{os.fspath(path)} is no checkpoint of a training ({type(error).__name__}: {error}): "
            "give a file that fit(..., checkpoint=path) has written"
        ) from None


def _read(
    path: str | os.PathLike[str],
    arrays: dict[str, Any],
    texts: dict[str, str],
    head: dict[str, Any],
    given: tuple[nn.Module | None, Loss | None, Optimizer | None],
) -> Saved:
    model, loss, optimizer = given
    if loss is None:
        if head["loss"] is None:
            raise StateError(
                f"{os.fspath(path)} was trained with a loss of your own: give it again, as "
                "Trainer.load(path, loss=...)"
            )
        loss = loss_of(head["loss"])
    model = model_of(path, _part(arrays, "model."), texts, model)
    state = head["optimizer"]
    if "optimizer.state" in arrays:
        state["state"] = arrays["optimizer.state"].tolist()
    parameters = model.parameters()
    moved = [parameters[place] for place in head["moved"]]
    optimizer = _optimizer(path, optimizer, moved, state)
    best = _part(arrays, "best.")
    history = History([Epoch(**epoch) for epoch in head["epochs"]], head["stopped"])
    lowest = math.inf if head["lowest"] is None else head["lowest"]
    progress = Progress(history, lowest, head["age"], best or None, head["samples"])
    options = {option: head["options"][option] for option in OPTIONS}
    return Saved(model, loss, optimizer, options, _generator(head["rng"]), progress)


def _options(trainer: Any) -> dict[str, Any]:
    """List the options; a cluster's client, which is of this process, as one worker of its own."""
    options = {option: getattr(trainer, option) for option in OPTIONS}
    parallel = options["parallel"]
    return options | {"parallel": parallel if isinstance(parallel, int | None) else 1}


def _part(arrays: dict[str, Any], prefix: str) -> dict[str, Any]:
    return {
        key.removeprefix(prefix): array for key, array in arrays.items() if key.startswith(prefix)
    }


def _described(optimizer: Optimizer) -> dict[str, Any]:
    """Describe an optimiser; one with a schedule of the user's own without its settings."""
    try:
        return optimizer.state_dict()
    except StateError:
        state = list(map(list, optimizer.state))
        return {"optimizer": type(optimizer).__name__, "steps": optimizer.steps, "state": state}


def _optimizer(
    path: str | os.PathLike[str],
    optimizer: Optimizer | None,
    moved: list[Any],
    state: dict[str, Any],
) -> Optimizer:
    state.setdefault("state", [[] for _ in moved])
    if optimizer is None:
        try:
            if "settings" not in state:
                raise StateError("it has a learning rate of your own")
            return restored(moved, state)
        except StateError as error:
            raise StateError(
                f"{os.fspath(path)} does not tell its optimizer ({error}): make the model and the "
                "optimizer, and give both, as Trainer.load(path, model=..., optimizer=...)"
            ) from None
    if not isinstance(optimizer, Optimizer):
        raise ArgumentTypeError(
            f"optimizer is {optimizer!r}, of type {type(optimizer).__name__}: expected one of "
            "tinygrad_nn.optim"
        )
    if optimizer.parameters != moved:
        raise StateError(
            f"{os.fspath(path)} has an optimizer of other parameters than {optimizer!r}: expected "
            "one made of the parameters of the model that is given, in the same order"
        )
    if "settings" in state:
        optimizer.load_state_dict(state)
    elif type(optimizer).__name__ != state["optimizer"]:
        raise StateError(
            f"{os.fspath(path)} has the state of {state['optimizer']}: expected an optimizer of "
            f"this class, got {optimizer!r}"
        )
    else:
        rows = numbers_for(optimizer, state["state"])
        optimizer.state, optimizer.steps = rows, int(state["steps"])
    return optimizer


def _array(numbers: Any) -> Any:
    import numpy as np  # which is there: the file is an extra that needs it

    return np.array(numbers, dtype=np.float64)


def _state_of(rng: Any) -> Any:
    if type(rng) is not random.Random and rng is not random:
        raise ArgumentError(
            f"rng is {rng!r}, whose state cannot be written: expected a random.Random; give seed="
        )
    version, numbers, gauss = rng.getstate()
    return [version, list(numbers), gauss]


def _generator(state: Any) -> random.Random:
    version, numbers, gauss = state
    rng = random.Random()
    rng.setstate((version, tuple(numbers), gauss))
    return rng
