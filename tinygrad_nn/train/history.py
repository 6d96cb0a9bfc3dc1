"""What a training was like, epoch by epoch."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path

from ..errors import StateError
from ..files import write_whole
from ..hypertext import few, table

__all__ = ["Epoch", "History"]


@dataclass(frozen=True)
class Epoch:
    """The figures of one pass over the training set.

    Attributes
    ----------
    cost : float
        The cost J of each batch as it was met, averaged over the samples.
    gradient_norm : float
        The length of the gradient of each batch, averaged over the samples before
        its length is taken: that of J itself where the batch is the whole set.
    seconds : float
        How long it took, validation included.
    accuracy : float, optional
        The share of right predictions as the batches were met; None where the loss
        is not one of classification.
    validation_cost : float, optional
        The mean loss over the validation set after the epoch, without any l2.
    validation_accuracy : float, optional
        The share of right predictions there.

    Examples
    --------
    >>> Epoch(cost=0.7, gradient_norm=0.1, seconds=0.01).accuracy is None
    True
    """

    cost: float
    gradient_norm: float
    seconds: float
    accuracy: float | None = None
    validation_cost: float | None = None
    validation_accuracy: float | None = None


@dataclass
class History:
    """The epochs of a training, and why it ended.

    Attributes
    ----------
    epochs : list of Epoch
    stopped : str
        "epochs", "tolerance", "patience", "callback" or "interrupted"; of `optim.LBFGS` also
        "line search", when rounding lets it get no lower.

    Notes
    -----
    Each figure of `Epoch` is also a list here, for curves: ``history.cost``.

    Examples
    --------
    >>> history = History([Epoch(0.7, 0.2, 0.01), Epoch(0.5, 0.1, 0.01)], "epochs")
    >>> history.cost
    [0.7, 0.5]
    >>> history
    History(2 epochs, cost=0.5, gradient_norm=0.1, stopped='epochs')
    """

    epochs: list[Epoch] = field(default_factory=list)
    stopped: str = ""

    @property
    def cost(self) -> list[float]:
        """The cost of each epoch."""
        return self._series(lambda epoch: epoch.cost)

    @property
    def gradient_norm(self) -> list[float]:
        """The length of the gradient in each epoch."""
        return self._series(lambda epoch: epoch.gradient_norm)

    @property
    def seconds(self) -> list[float]:
        """How long each epoch took."""
        return self._series(lambda epoch: epoch.seconds)

    @property
    def accuracy(self) -> list[float]:
        """The accuracy of each epoch; empty where there is none."""
        return self._series(lambda epoch: epoch.accuracy)

    @property
    def validation_cost(self) -> list[float]:
        """The validation cost after each epoch; empty without a validation set."""
        return self._series(lambda epoch: epoch.validation_cost)

    @property
    def validation_accuracy(self) -> list[float]:
        """The validation accuracy after each epoch; empty where there is none."""
        return self._series(lambda epoch: epoch.validation_accuracy)

    def save(self, path: str | os.PathLike[str]) -> None:
        """Write it to a JSON file: a whole one, or none.

        Examples
        --------
        >>> import tempfile
        >>> history = History([Epoch(0.7, 0.2, 0.01)], "epochs")
        >>> with tempfile.TemporaryDirectory() as folder:
        ...     history.save(f"{folder}/history.json")
        ...     History.load(f"{folder}/history.json") == history
        True
        """
        content = {"stopped": self.stopped, "epochs": [asdict(epoch) for epoch in self.epochs]}
        write_whole(path, (json.dumps(content, indent=1) + "\n").encode())

    @classmethod
    def load(cls, path: str | os.PathLike[str]) -> History:
        """Read a file of `save`.

        Raises
        ------
        StateError
            When the file is no history.
        """
        try:
            content = json.loads(Path(path).read_text(encoding="utf-8"))
            return cls([Epoch(**epoch) for epoch in content["epochs"]], content["stopped"])
        except (ValueError, TypeError, KeyError) as error:
            raise StateError(
                f"{os.fspath(path)} is no training history ({error}): give a file that "
                "History.save has written"
            ) from None

    def _series(self, figure: Callable[[Epoch], float | None]) -> list[float]:
        return [number for epoch in self.epochs if (number := figure(epoch)) is not None]

    def _repr_html_(self) -> str:
        rows = [(number, *asdict(epoch).values()) for number, epoch in enumerate(self.epochs, 1)]
        known = [
            j
            for j, column in enumerate(zip(*rows, strict=True))
            if any(x is not None for x in column)
        ]
        headings = ["epoch", *(name.replace("_", " ") for name in Epoch.__dataclass_fields__)]
        return table(
            f"{len(rows)} epochs, stopped by {self.stopped or 'nothing yet'}",
            [headings[j] for j in known],
            few([[row[j] for j in known] for row in rows]),
        )

    def __repr__(self) -> str:
        parts = [f"{len(self.epochs)} epoch{'s' * (len(self.epochs) != 1)}"]
        if self.epochs:
            figures = asdict(self.epochs[-1])
            del figures["seconds"]
            parts += [f"{name}={value:.4g}" for name, value in figures.items() if value is not None]
        return f"History({', '.join(parts)}, stopped={self.stopped!r})"
