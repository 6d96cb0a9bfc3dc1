"""One experiment from beginning to end: data, a network, its training, its proof, its pictures.

It is what ``tinygrad-nn train`` runs; everything it does is also a few lines of
Python with `data`, `nn`, `optim` and `train`.
"""

from __future__ import annotations

import math
import random
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from . import nn
from .arguments import did_you_mean
from .check import Report, check_grad
from .data import Dataset, Standardizer, load, train_test_split
from .drawing import draw
from .errors import ArgumentError, DataError, FileError
from .extras import load_extra
from .files import write_whole
from .optim import Adam
from .plotting import plot_cost
from .plotting.files import figure_bytes
from .saved import Predictor, save
from .scalar.value import Value
from .train import History, Trainer, outputs
from .train.prediction import Loss

__all__ = ["Experiment", "Settings"]

FILES = ("model.safetensors", "history.json", "cost.png", "architecture.png", "graph.png")
CHECKPOINT = "checkpoint.safetensors"
CHECKED_SAMPLES = 2  # the check evaluates their cost many times
CHECKED_PARAMETERS = 40  # and several times for each of these
MOST_NAMED = 8  # features that are drawn by their names
FEWEST = 8  # samples of which some are kept for testing
MOST_CLASSES = 20  # that whole numbers are taken for without a question
TASKS = ("auto", "classification", "regression")

# What must be as it was where a training goes on.
COMPARED: dict[str, Callable[[Trainer], Any]] = {
    "network": lambda trainer: repr(trainer.model),
    "--lr": lambda trainer: trainer.optimizer.lr,
    "--batch-size": lambda trainer: trainer.batch_size,
    "--l2": lambda trainer: trainer.l2,
    "--engine": lambda trainer: trainer.engine,
}


@dataclass(frozen=True)
class Settings:
    """What an experiment is made of.

    `data` is a data set by name, or the path of a CSV file, which `options` of `read_csv` are for;
    the optimiser is Adam. On the seed depend the split, in which each class has its share, the
    first parameters and the batches. Without a `test_fraction` it is a quarter, or nothing of a
    handful of samples: these are all learnt from, and tested on.
    """

    data: str
    hidden: tuple[int, ...] = (16,)
    epochs: int = 30
    lr: float = 0.01
    batch_size: int = 32
    l2: float = 0.0
    activation: str = "relu"
    test_fraction: float | None = None
    seed: int = 0
    engine: str = "auto"
    backend: str = "auto"
    task: str = "auto"
    options: Mapping[str, Any] = field(default_factory=dict)


class Experiment:
    """A data set split and scaled, and a network to learn its classes, or its numbers.

    Two classes have one output, the logit of class 1, and binary cross-entropy; more have a
    logit each, and cross-entropy. Numbers, scaled as the features are, have one output, and
    the squared error.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        data = load(settings.data, **settings.options)
        self.classifies = _classifies(data, settings.task)
        self.data = data = _by_classes(data) if self.classifies else data
        fraction = settings.test_fraction
        self.is_split = fraction is not None or len(data) >= FEWEST
        train, test = data, data
        if self.is_split:
            train, test = train_test_split(
                data, test_fraction=0.25 if fraction is None else fraction, seed=settings.seed
            )
        self.scaler = Standardizer().fit(train.X)
        self.target_scaler = None if self.classifies else Standardizer().fit([[y] for y in train.y])
        self.classes = data.target_names
        self.X, self.y = self._scaled(train)
        self.X_test, self.y_test = self._scaled(test)
        count = len(self.classes)
        outputs = count if count > 2 else 1
        self.loss: Loss = nn.squared_error
        if self.classifies:
            self.loss = nn.cross_entropy if count > 2 else nn.binary_cross_entropy_with_logits
        rng = random.Random(settings.seed)
        self.model = self._network(len(data.X[0]), [*settings.hidden, outputs], rng)
        self.trainer = Trainer(
            self.model,
            self.loss,
            Adam(self.model.parameters(), lr=settings.lr),
            batch_size=settings.batch_size,
            l2=settings.l2,
            rng=rng,
            engine=settings.engine,
            backend=settings.backend,
        )

    @property
    def predictor(self) -> Predictor:
        """The network, with all that its predictions need."""
        return Predictor(self.model, self.loss, self.data, self.scaler, self.target_scaler)

    def _scaled(self, part: Dataset) -> tuple[list[list[float]], list[Any]]:
        X = self.scaler.transform(part.X)
        if self.target_scaler is None:
            return X, part.y
        return X, [y for (y,) in self.target_scaler.transform([[y] for y in part.y])]

    def _network(self, inputs: int, sizes: list[int], rng: random.Random) -> nn.MLP:
        return nn.MLP(inputs, sizes, activation=self.settings.activation, rng=rng)

    def fit(self, progress: bool = True, folder: Path | None = None) -> History:
        """Train the network; Ctrl-C ends the training and keeps what was reached.

        In a folder each epoch leaves a checkpoint, which `resume` takes.
        """
        checkpoint = None if folder is None else folder / CHECKPOINT
        return self.trainer.fit(
            self.X, self.y, self.settings.epochs, progress=progress, checkpoint=checkpoint
        )

    def resume(self, folder: Path) -> None:
        """Go on with the training that a folder has a checkpoint of, if it was one like this."""
        path = folder / CHECKPOINT
        if not path.is_file():
            raise DataError(f"{path} is not there: train without --resume first")
        found = Trainer.load(path)
        for option, of in COMPARED.items():
            if of(found) != of(self.trainer):
                raise DataError(
                    f"{path} was written with another {option}, {of(found)}, and {of(self.trainer)} "
                    "is asked for: expected the options that it was begun with, and maybe more "
                    "--epochs"
                )
        assert isinstance(found.model, nn.MLP)  # as the network is alike
        self.trainer, self.model = found, found.model

    def confusion(self) -> list[list[int]]:
        """Count the test samples of each class (rows) by what was predicted (columns)."""
        counts = [[0 for _ in self.classes] for _ in self.classes]
        for truth, predicted in zip(self.y_test, self.trainer.predict(self.X_test), strict=True):
            counts[truth][predicted] += 1
        return counts

    def accuracy(self) -> float:
        """Give the share of test samples predicted right."""
        return self.trainer.accuracy(self.X_test, self.y_test)

    def errors(self) -> tuple[float, float]:
        """Give R2 and the mean absolute error of predictions of numbers, on the test samples."""
        assert self.target_scaler is not None
        (scale,) = self.target_scaler.scale
        pairs = list(zip(self.trainer.predict(self.X_test), self.y_test, strict=True))
        mean = math.fsum(self.y_test) / len(pairs)
        rest = math.fsum((found - y) ** 2 for found, y in pairs)
        whole = math.fsum((y - mean) ** 2 for y in self.y_test)
        absolute = math.fsum(abs(found - y) for found, y in pairs) / len(pairs)
        return (1.0 - rest / whole if whole else math.nan), scale * absolute

    def check(self) -> Report:
        """Compare the gradient of the network's cost with finite differences.

        It is checked on the samples with the greatest losses, as slopes are lost in
        rounding where the fit is good. Some parameters, chosen at random, stand for all
        where there are many.
        """
        pairs = list(zip(self.X_test, self.y_test, strict=True))
        predicted = outputs(self.model, self.X_test)
        losses = [self.loss(y_hat, y) for y_hat, (_, y) in zip(predicted, pairs, strict=True)]
        hardest = sorted(range(len(pairs)), key=losses.__getitem__)[-CHECKED_SAMPLES:]
        cost = nn.cost([self.loss(self.model(x), y) for x, y in (pairs[i] for i in hardest)])
        named = list(self.model.named_parameters())
        rng = random.Random(self.settings.seed)
        chosen = rng.sample(named, min(CHECKED_PARAMETERS, len(named)))
        return check_grad(cost, wrt=SimpleNamespace(named_parameters=chosen.copy), rng=rng)

    def prepare(self, folder: Path) -> None:
        """Make a folder, and see that what `write` needs is installed."""
        load_extra("safetensors", "save", "a model file")
        load_extra("matplotlib", "plot", "the picture of the cost")
        load_extra("graphviz", "draw", "the picture of a graph")
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise FileError(
                f"folder {str(folder)!r} cannot be made ({error.strerror}): give one that you may "
                "write to"
            ) from None

    def write(self, history: History, folder: Path) -> list[Path]:
        """Write the model, its history and the pictures into a folder, each whole or not at all."""
        paths = [folder / name for name in FILES]
        save(self.predictor, paths[0])
        history.save(paths[1])
        write_whole(paths[2], figure_bytes(plot_cost(history.cost)))
        draw(self.model).save(paths[3])
        draw(self.one_loss(), model=self.model, depth=1, keep=lambda value: bool(value.label)).save(
            paths[4]
        )
        return paths

    def one_loss(self) -> Value:
        """Compute the loss of the network for its first training sample, with gradients."""
        names: Sequence[str] = self.data.feature_names
        if len(names) > MOST_NAMED:  # by numbers they are alike, and drawn once
            names = [f"x{j}" for j in range(1, len(names) + 1)]
        hidden = len(self.model.layers) - 1
        layer: list[Value] = [Value(x, name) for x, name in zip(self.X[0], names, strict=True)]
        for i, made in enumerate(self.model.layers, start=1):
            outputs = made(layer)
            layer = outputs if isinstance(outputs, list) else [outputs]
            for j, value in enumerate(layer, start=1):
                value.label = f"a{j}" if hidden == 1 else f"a{j} of layer {i}"
        self._name_outputs(layer)
        loss: Value = self.loss(outputs, self.y[0])
        loss.label = "loss"
        loss.backward()
        return loss

    def _name_outputs(self, outputs: list[Value]) -> None:
        if not self.classifies:
            names = ["prediction"]
        elif len(outputs) == 1:
            names = [f"logit of {self.classes[1]}"]
        else:
            names = [f"logit of {name}" for name in self.classes]
        for value, name in zip(outputs, names, strict=True):
            value.label = name


def _classifies(data: Dataset, task: str) -> bool:
    """Tell whether targets are classes, or numbers to predict."""
    if task not in TASKS:
        raise ArgumentError(f"task is {task!r}: {did_you_mean(task, list(TASKS))}")
    labels: list[Any] = data.y
    if data.target_names:
        if task == "regression":
            raise DataError(
                f"targets of {data.name!r} are texts (as {data.target_names[0]!r}): expected "
                "numbers for a regression"
            )
        return True
    whole = all(isinstance(label, int) for label in labels)
    if task == "classification" and not whole:
        raise DataError(
            f"targets of {data.name!r} are not classes (the first is {labels[0]!r}): expected "
            "whole numbers or texts for a classification"
        )
    if task == "auto" and whole and len(set(labels)) > MOST_CLASSES:
        raise DataError(
            f"targets of {data.name!r} are {len(set(labels))} different whole numbers, which may be "
            "classes or amounts: say task regression or classification"
        )
    return task == "classification" or (task == "auto" and whole)


def _by_classes(data: Dataset) -> Dataset:
    """Name the classes of a data set; labels that are integers are names as well."""
    labels: list[Any] = data.y
    names = data.target_names
    if not names:
        found = sorted(set(labels))
        names = tuple(map(str, found))
        labels = [found.index(label) for label in labels]
    if len(names) < 2:
        raise DataError(f"{data.name!r} has the class {names[0]!r} only: expected two or more")
    return data.changed(y=labels, target_names=names)
