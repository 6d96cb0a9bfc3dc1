"""One experiment from beginning to end: data, a network, its training, its proof, its pictures.

It is what ``tinygrad-nn train`` runs; everything it does is also a few lines of
Python with `data`, `nn`, `optim` and `train`.
"""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from . import nn
from .check import Report, check_grad
from .data import Dataset, Standardizer, load, train_test_split
from .drawing import draw
from .errors import DataError, FileError
from .extras import load_extra
from .files import write_whole
from .optim import Adam
from .plotting import plot_cost
from .plotting.files import figure_bytes
from .scalar.value import Value
from .train import History, Trainer, outputs

__all__ = ["Experiment", "Settings"]

FILES = ("model.safetensors", "history.json", "cost.png", "architecture.png", "graph.png")
CHECKED_SAMPLES = 2  # the check evaluates their cost many times
CHECKED_PARAMETERS = 40  # and several times for each of these


@dataclass(frozen=True)
class Settings:
    """What an experiment is made of.

    `data` is a data set by name, or the path of a CSV file; the optimiser is Adam. On the seed
    depend the split, in which each class has its share, the first parameters and the batches.
    """

    data: str
    hidden: tuple[int, ...] = (16,)
    epochs: int = 30
    lr: float = 0.01
    batch_size: int = 32
    l2: float = 0.0
    activation: str = "relu"
    test_fraction: float = 0.25
    seed: int = 0
    engine: str = "auto"
    backend: str = "auto"


class Experiment:
    """A data set split and scaled, and a network to learn its classes.

    Two classes have one output, the logit of class 1, and binary cross-entropy;
    more have a logit each, and cross-entropy.
    """

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        data = _by_classes(load(settings.data))
        train, test = train_test_split(
            data, test_fraction=settings.test_fraction, seed=settings.seed
        )
        scaler = Standardizer().fit(train.X)
        self.data = data
        self.classes = data.target_names
        self.X, self.y = scaler.transform(train.X), train.y
        self.X_test, self.y_test = scaler.transform(test.X), test.y
        two = len(self.classes) == 2
        outputs = 1 if two else len(self.classes)
        self.loss = nn.binary_cross_entropy_with_logits if two else nn.cross_entropy
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

    def _network(self, inputs: int, sizes: list[int], rng: random.Random) -> nn.MLP:
        return nn.MLP(inputs, sizes, activation=self.settings.activation, rng=rng)

    def fit(self, progress: bool = True) -> History:
        """Train the network; Ctrl-C ends the training and keeps what was reached."""
        return self.trainer.fit(self.X, self.y, self.settings.epochs, progress=progress)

    def confusion(self) -> list[list[int]]:
        """Count the test samples of each class (rows) by what was predicted (columns)."""
        counts = [[0 for _ in self.classes] for _ in self.classes]
        for truth, predicted in zip(self.y_test, self.trainer.predict(self.X_test), strict=True):
            counts[truth][predicted] += 1
        return counts

    def accuracy(self) -> float:
        """Give the share of test samples predicted right."""
        return self.trainer.accuracy(self.X_test, self.y_test)

    def check(self) -> Report:
        """Compare the gradient of the trained network's cost with finite differences.

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
        nn.save(self.model, paths[0])
        history.save(paths[1])
        write_whole(paths[2], figure_bytes(plot_cost(history.cost)))
        draw(self.model).save(paths[3])
        draw(self.small_loss(), derivatives=True).save(paths[4])
        return paths

    def small_loss(self) -> Value:
        """Compute the loss of one sample on a network small enough to read, with gradients.

        It has two inputs and one output, which tells class 1 from all others.
        """
        features = self.X[0][:2]
        small = self._network(len(features), [2, 1], random.Random(self.settings.seed))
        for name, parameter in small.named_parameters():
            parameter.label = name.removeprefix("layers.")
        x = [Value(number, f"x{j}") for j, number in enumerate(features, start=1)]
        loss: Value = nn.binary_cross_entropy_with_logits(small(x), int(self.y[0] == 1))
        loss.label = "L"
        loss.backward()
        return loss


def _by_classes(data: Dataset) -> Dataset:
    """Name the classes of a data set; labels that are integers are names as well."""
    labels: list[Any] = data.y
    names = data.target_names
    if not names:
        if not all(isinstance(label, int) for label in labels):
            raise DataError(
                f"targets of {data.name!r} are not classes (the first is {labels[0]!r}): train "
                "needs whole numbers or text; for a regression use Trainer with squared_error"
            )
        found = sorted(set(labels))
        names = tuple(map(str, found))
        labels = [found.index(label) for label in labels]
    if len(names) < 2:
        raise DataError(f"{data.name!r} has the class {names[0]!r} only: expected two or more")
    return Dataset(data.X, labels, data.feature_names, names, data.name)
