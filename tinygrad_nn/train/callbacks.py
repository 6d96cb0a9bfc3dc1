"""What is called after each epoch, and what it is given."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeAlias

from ..errors import ArgumentTypeError
from .history import Epoch, History

__all__ = ["Callback", "Training", "check_callbacks"]


class Training:
    """A training under way, as callbacks are given it after each epoch.

    Attributes
    ----------
    trainer : Trainer
        Its ``model``, ``optimizer`` and ``program`` are up to date for whoever looks at them, and
        what is changed there counts in the next step.
    history : History
        The epochs so far.
    is_stopped : bool
        Whether `stop` was called.

    Examples
    --------
    >>> from tinygrad_nn import Trainer, nn
    >>> from tinygrad_nn.optim import GradientDescent
    >>> model = nn.MLP(1, [1], seed=0)
    >>> trainer = Trainer(model, nn.squared_error, GradientDescent(model.parameters(), lr=0.1))
    >>> def enough(training):
    ...     if training.latest.cost < 0.001:
    ...         training.stop()
    >>> X, y = [[0.0], [1.0]], [1.0, 3.0]
    >>> history = trainer.fit(X, y, epochs=500, progress=False, callbacks=[enough])
    >>> history.stopped, history.cost[-1] < 0.001 < history.cost[-2]
    ('callback', True)
    """

    def __init__(self, trainer: Any, history: History) -> None:
        self.trainer = trainer
        self.history = history
        self.is_stopped = False

    @property
    def epoch(self) -> int:
        """The number of the latest epoch, from 1."""
        return len(self.history.epochs)

    @property
    def latest(self) -> Epoch:
        """The figures of the latest epoch."""
        return self.history.epochs[-1]

    @property
    def program(self) -> Any:
        """The program of a compiled step, as `Trainer.program`."""
        return self.trainer.program

    def stop(self) -> None:
        """End the training after this epoch."""
        self.is_stopped = True

    def __repr__(self) -> str:
        return f"Training(epoch={self.epoch}, {self.history!r})"


Callback: TypeAlias = Callable[[Training], Any]


def check_callbacks(callbacks: Iterable[Callback]) -> list[Callback]:
    """Check what is to be called after each epoch."""
    if not isinstance(callbacks, Iterable):
        raise ArgumentTypeError(
            f"callbacks is {callbacks!r}: expected a list of functions of a Training; give [f]"
        )
    found = list(callbacks)
    for place, callback in enumerate(found):
        if not callable(callback):
            raise ArgumentTypeError(
                f"callbacks[{place}] is {callback!r}: expected a function of a Training"
            )
    return found
