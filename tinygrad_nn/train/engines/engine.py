"""What makes the steps of a training, in whichever way."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple, TypeAlias

from ... import nn
from ...nn.noise import Noisy
from ...optim import Optimizer
from ...scalar.value import Value
from ..prediction import Loss
from ..samples import Samples
from ..terms import Terms

__all__ = ["NO_PACKAGES", "Engine", "Packages", "Setup", "Step"]

Setup: TypeAlias = tuple[nn.Module, Loss, Optimizer, Terms]


class Packages(NamedTuple):
    """Pickled programs; None for each that is to be recorded."""

    gradient: bytes | None = None
    update: bytes | None = None
    forward: bytes | None = None
    loss: bytes | None = None


NO_PACKAGES = Packages()


@dataclass(slots=True)  # made in every step: a frozen one takes three times as long
class Step:
    """What a step was like."""

    cost: float
    gradient: Any  # by what the optimiser moves, in the order of `read`; an array only until the next step
    right: float  # what samples predicted right count; 0 where nothing is classified


class Engine(ABC):
    """What trains a model: it makes steps, and it evaluates."""

    program: Any = None  # what it has compiled a step to
    # Makes a step of the setup, the most samples of a batch, rows and targets, and gives the cost,
    # or NotImplemented where it is for `quick_step` to see.
    builtin: Callable[..., Any] | None = None

    def __init__(self, model: nn.Module, loss: Loss, optimizer: Optimizer, terms: Terms) -> None:
        self.model = model
        self.loss = loss
        self.optimizer = optimizer
        self.terms = terms
        self.draws = model.draws if isinstance(model, Noisy) else 0  # with each row of a step

    def serves(self, setup: Setup, samples: Samples) -> bool:
        """Tell whether it may go on with samples like these."""
        return self.is_of(setup)

    def is_of(self, setup: Setup) -> bool:
        """Tell whether this is the setup that it was made of."""
        model, loss, optimizer, terms = setup
        return (
            model is self.model
            and loss is self.loss
            and optimizer is self.optimizer
            and (terms is self.terms or terms == self.terms)
        )

    @abstractmethod
    def prepare(self, samples: Samples) -> None:
        """Check what the samples of a whole training have to do with model and loss."""

    def check_targets(self, samples: Samples) -> None:  # noqa: B027  # a loss may do it itself
        """Refuse targets of one batch that the loss does not take."""

    @abstractmethod
    def step(self, samples: Samples, figures: bool) -> Step:
        """Improve the model by one batch."""

    def quick_step(self, setup: Setup, X: Any, y: Any, most: int | None) -> float | None:
        """Make a step of samples as the user gives them, and give the cost.

        None, and no step, if they are more than a batch may have, or somebody is to look at them
        or at the setup.
        """
        return None

    @abstractmethod
    def evaluate(self, samples: Samples) -> tuple[float, float | None]:
        """Give the mean loss, weighted as the samples are, and the accuracy or None."""

    @abstractmethod
    def outputs(self, rows: Sequence[list[float]]) -> list[Any]:
        """Compute the outputs for rows."""

    @abstractmethod
    def row(self) -> Sequence[Value]:
        """List all parameters in the order of `read`."""

    @abstractmethod
    def read(self) -> Sequence[float]:
        """Copy the numbers of all parameters."""

    @abstractmethod
    def write(self, numbers: Sequence[float]) -> None:
        """Set all parameters, given what `read` gave."""

    def sync(self) -> None:  # noqa: B027  # there need not be anything to do
        """Write the numbers of all parameters, and the optimiser's state, where they belong."""

    def packages(self) -> Packages:
        """Pickle the programs, for a training that goes on elsewhere: each that can go along."""
        return NO_PACKAGES
