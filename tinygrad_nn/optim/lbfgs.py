"""L-BFGS, which SciPy computes: for all samples at once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..arguments import check_count
from ..errors import ArgumentError
from ..foreign import check_keywords
from ..scalar.value import Value
from .arguments import not_negative
from .optimizers import Numbers, Optimizer

__all__ = ["LBFGS", "Still"]


class LBFGS(Optimizer):
    """L-BFGS (Liu and Nocedal, 1989), computed by SciPy, for `Trainer.fit` on all samples at once.

    It makes up the curvature of the cost from the latest gradients, and looks along each
    direction for a step that is long enough: for smooth costs of few samples it needs far fewer
    passes than the others. An epoch is one iteration of it, and the figures of the history are
    those *after* it. A second `fit` begins with what is at hand, and an empty memory.

    Parameters
    ----------
    parameters : iterable of Value
        What to move, each once: ``model.parameters()``.
    memory : int
        How many gradients are remembered.
    gtol : float
        It has converged when no derivative is greater.
    ftol : float
        It has converged when an iteration lowers the cost by less than this part of it.

    Attributes
    ----------
    steps : int
        How many iterations have been made.

    Raises
    ------
    ArgumentError
        When an argument is out of range; from `step`, as only a `Trainer` can compute the cost
        at other places.

    Examples
    --------
    >>> from tinygrad_nn import Trainer, nn
    >>> model = nn.MLP(1, [1], seed=0)
    >>> trainer = Trainer(model, nn.squared_error, LBFGS(model.parameters(), gtol=1e-9))
    >>> history = trainer.fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0], epochs=20, progress=False)
    >>> history.stopped, [round(parameter.data, 6) for parameter in model.parameters()]
    ('tolerance', [2.0, 1.0])
    """

    @check_keywords
    def __init__(
        self,
        parameters: Iterable[Value],
        memory: int = 10,
        gtol: float = 1e-5,
        ftol: float = 2.220446049250313e-09,
    ) -> None:
        super().__init__(parameters, 1.0)
        self.memory = check_count(memory, "memory")
        self.gtol = not_negative(gtol, "gtol")
        self.ftol = not_negative(ftol, "ftol")
        self._still = Still(self.parameters)

    def step(self) -> None:
        """Refuse: a step needs the cost at several places."""
        raise _no_step()

    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Refuse: see `step`."""
        raise _no_step()

    @property
    def still(self) -> Still:
        """An optimiser of the same parameters that lets them stay."""
        return self._still


def _no_step() -> ArgumentError:
    return ArgumentError(
        "LBFGS has no step by one gradient: let Trainer.fit train, or take another optimizer"
    )


class Still(Optimizer):
    """Moves nothing: a step with it computes the cost and its gradient."""

    def __init__(self, parameters: Iterable[Value]) -> None:
        super().__init__(parameters, 1.0)

    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Keep the number."""
        return a, ()
