"""Optimisers: how parameters move against their gradients, and the plainest of them.

The rule of each is scalar arithmetic, written once: it takes floats, and would take
Values as well.
"""

from __future__ import annotations

import math
from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from typing import Any, TypeAlias

from ..errors import RangeError
from ..foreign import check_keywords
from ..scalar.value import Value
from .arguments import factor, leaves, not_negative
from .schedules import LearningRate, rate_at
from .state import loaded, plain_state

__all__ = ["SGD", "GradientDescent", "Numbers", "Optimizer"]

Numbers: TypeAlias = tuple[Any, ...]


class Optimizer(ABC):
    """What all optimisers have in common; each adds its `rule`.

    Parameters
    ----------
    parameters : iterable of Value
        What to move, each once: ``model.parameters()``.
    lr : float or function
        The learning rate, or a function of the number of steps made so far.

    Attributes
    ----------
    parameters : list of Value
    lr : float or function
    steps : int
        How many steps have been made.
    state : list of tuple of float, shape (parameters,)
        What the rule remembers of each parameter.

    Examples
    --------
    >>> class SignDescent(Optimizer):
    ...     def rule(self, a, g, state, lr, t):
    ...         return a - lr * math.copysign(1.0, g), ()
    >>> a = Value(1.0)
    >>> optimizer = SignDescent([a], lr=0.25)
    >>> (a**4).backward()
    >>> optimizer.step()
    >>> a.data
    0.75
    """

    initial_state: tuple[float, ...] = ()

    @check_keywords
    def __init__(self, parameters: Iterable[Value], lr: LearningRate) -> None:
        self.parameters = leaves(parameters)
        self.lr = lr
        rate_at(lr, 0)  # a bad one is an error now
        self.reset()

    @abstractmethod
    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Compute a parameter's next number.

        Parameters
        ----------
        a, g : float or Value
            The parameter and its gradient.
        state : tuple
            What the previous call returned, `initial_state` at first.
        lr : float or Value
            The learning rate of this step.
        t : int
            The number of this step, from 1.

        Returns
        -------
        tuple
            The parameter's next number, and its next state.
        """

    def step(self) -> None:
        """Move every parameter by its gradient, or none if anything fails.

        Raises
        ------
        RangeError
            When a number would be infinite or NaN.
        """
        lr = rate_at(self.lr, self.steps)
        moved = [
            self.rule(parameter.data, parameter.grad, state, lr, self.steps + 1)
            for parameter, state in zip(self.parameters, self.state, strict=True)
        ]
        for position, (number, state) in enumerate(moved):
            if not all(map(math.isfinite, (number, *state))):
                raise self._divergence(position, number)
        self._assign([number for number, _ in moved], [state for _, state in moved])

    def zero_grad(self) -> None:
        """Set the gradient of every parameter back to 0."""
        for parameter in self.parameters:
            parameter.grad = 0.0

    def reset(self) -> None:
        """Forget all steps: the next one is the first."""
        self.steps = 0
        self.state: list[Numbers] = [self.initial_state for _ in self.parameters]

    def state_dict(self) -> dict[str, Any]:
        """Give all but the parameters as plain data, which JSON can write.

        Returns
        -------
        dict
            ``optimizer``, the name of its class; ``steps``; ``state``, of shape (parameters,
            numbers that the rule remembers); and ``settings``, its other attributes. A schedule
            is written as its name and its arguments.

        Raises
        ------
        StateError
            When an attribute is no number, and no schedule of ours either.

        Examples
        --------
        >>> from tinygrad_nn.optim import cosine
        >>> optimizer = SGD([Value(1.0)], cosine(0.1, steps=100), momentum=0.9)
        >>> saved = optimizer.state_dict()
        >>> saved["steps"], saved["state"], saved["settings"]["lr"]
        (0, [[0.0]], {'schedule': 'cosine', 'arguments': [0.1, 100, 0.0]})
        """
        return plain_state(self)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on where another optimiser was: take over its settings and its state, or nothing.

        Parameters
        ----------
        state : mapping
            As `state_dict` gives it, of one of the same class with as many parameters.

        Raises
        ------
        StateError
            When it is of another class or of other parameters, or an entry does not belong.

        Examples
        --------
        >>> a, b = Value(1.0), Value(1.0)
        >>> one, other = SGD([a], 0.1, momentum=0.9), SGD([b], 0.5)
        >>> (a * a).backward()
        >>> one.step()
        >>> other.load_state_dict(one.state_dict())
        >>> other.lr, other.momentum, other.steps, other.state
        (0.1, 0.9, 1, [(2.0,)])
        """
        for name, value in loaded(self, state).items():
            setattr(self, name, value)

    def _assign(self, numbers: list[float], state: list[Numbers]) -> None:
        before = [parameter.data for parameter in self.parameters], self.state, self.steps
        try:
            for parameter, number in zip(self.parameters, numbers, strict=True):
                parameter.data = number
            self.state, self.steps = state, self.steps + 1
        except BaseException:  # Ctrl-C: a step is made whole or not at all
            for parameter, number in zip(self.parameters, before[0], strict=True):
                parameter.data = number
            _, self.state, self.steps = before
            raise

    def _divergence(self, position: int, number: float) -> RangeError:
        parameter = self.parameters[position]
        name = f"parameters[{position}]" + (f" ({parameter.label})" if parameter.label else "")
        return RangeError(
            f"step {self.steps + 1} would move {name} from {parameter.data!r} to {number!r}, its "
            f"gradient being {parameter.grad!r}; nothing was moved: lower the learning rate, or "
            "find the first infinite number with backward(check=True)"
        )

    def __repr__(self) -> str:
        rate = rate_at(self.lr, self.steps)
        sizes = f"parameters={len(self.parameters)}, lr={rate:g}, steps={self.steps}"
        return f"{type(self).__name__}({sizes})"


class GradientDescent(Optimizer):
    """Gradient descent: a - lr g.

    Parameters
    ----------
    parameters, lr
        As in `Optimizer`.

    Examples
    --------
    >>> a = Value(1.0)
    >>> optimizer = GradientDescent([a], lr=0.1)
    >>> (a * a).backward()
    >>> optimizer.step()
    >>> a.data, optimizer
    (0.8, GradientDescent(parameters=1, lr=0.1, steps=1))
    """

    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Compute b = a - lr g."""
        return a - lr * g, ()


class SGD(Optimizer):
    """Gradient descent with momentum, the same numbers as ``torch.optim.SGD``.

    g is the gradient plus weight_decay a; v becomes momentum v + g, from 0 at first;
    a becomes a - lr v, or a - lr (g + momentum v) with Nesterov's momentum.

    Parameters
    ----------
    parameters, lr
        As in `Optimizer`.
    momentum : float
        How much of the velocity is kept, from 0 to below 1.
    weight_decay : float
        Pulls parameters to 0, as half of it times their squares in the cost would.
    nesterov : bool
        Look ahead by one more step of the velocity.

    Examples
    --------
    >>> a = Value(1.0)
    >>> optimizer = SGD([a], lr=0.1, momentum=0.9)
    >>> for _ in range(2):
    ...     optimizer.zero_grad()
    ...     (a * a).backward()
    ...     optimizer.step()
    >>> round(a.data, 12)
    0.46
    """

    initial_state = (0.0,)

    @check_keywords
    def __init__(
        self,
        parameters: Iterable[Value],
        lr: LearningRate,
        momentum: float = 0.0,
        weight_decay: float = 0.0,
        nesterov: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.momentum = factor(momentum, "momentum")
        self.weight_decay = not_negative(weight_decay, "weight_decay")
        self.nesterov = nesterov

    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Compute the next parameter, and its velocity."""
        (v,) = state
        if self.weight_decay:
            g = g + self.weight_decay * a
        v = self.momentum * v + g
        return a - lr * (g + self.momentum * v if self.nesterov else v), (v,)
