"""Optimisers that give each parameter a rate of its own, by the size of its gradients."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from ..foreign import check_keywords
from ..scalar.ops import maximum, sqrt
from ..scalar.value import Value
from .arguments import factor, not_negative, pair
from .optimizers import Numbers, Optimizer
from .schedules import LearningRate

__all__ = ["Adam", "AdamW", "RMSprop"]


class Adam(Optimizer):
    """Adaptive moments (Kingma and Ba, 2015), the same numbers as ``torch.optim.Adam``.

    m becomes beta1 m + (1 - beta1) g and v becomes beta2 v + (1 - beta2) g^2, from 0 at
    first; a becomes a - lr m' / (sqrt(v') + eps), where m' = m / (1 - beta1^t) and
    v' = v / (1 - beta2^t) make up for the start at 0.

    Parameters
    ----------
    parameters, lr
        As in `Optimizer`.
    betas : pair of float
        How much of the two means is kept, from 0 to below 1.
    eps : float
        Keeps the divisor from 0.
    weight_decay : float
        As in `SGD`: weight_decay a is added to g.

    Examples
    --------
    >>> a = Value(1.0)
    >>> optimizer = Adam([a], lr=0.1)
    >>> (a * a).backward()
    >>> optimizer.step()
    >>> round(a.data, 9), optimizer.state
    (0.9, [(0.19999999999999996, 0.0040000000000000036)])
    """

    initial_state = (0.0, 0.0)

    @check_keywords
    def __init__(
        self,
        parameters: Iterable[Value],
        lr: LearningRate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.0,
    ) -> None:
        super().__init__(parameters, lr)
        beta1, beta2 = pair(betas, "betas")
        self.betas = factor(beta1, "betas[0]"), factor(beta2, "betas[1]")
        self.eps = not_negative(eps, "eps")
        self.weight_decay = not_negative(weight_decay, "weight_decay")

    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Compute the next parameter, and the two means of its gradient."""
        if self.weight_decay:
            g = g + self.weight_decay * a
        return self._moved(a, g, state, lr, t)

    def _moved(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        beta1, beta2 = self.betas
        m, v = state
        m = beta1 * m + (1.0 - beta1) * g
        v = beta2 * v + (1.0 - beta2) * (g * g)
        mean = m / (1.0 - beta1**t)
        size = sqrt(v / (1.0 - beta2**t))
        return a - lr * mean / (size + self.eps), (m, v)


class AdamW(Adam):
    """Adam with decoupled weight decay (Loshchilov and Hutter, 2019), as ``torch.optim.AdamW``.

    a becomes a - lr weight_decay a - lr m' / (sqrt(v') + eps), with m' and v' as in `Adam`, of the
    gradient alone.

    Parameters
    ----------
    parameters, lr, betas, eps
        As in `Adam`.
    weight_decay : float
        The part of a parameter that a step takes away, by the learning rate.

    Examples
    --------
    >>> a = Value(1.0)
    >>> optimizer = AdamW([a], lr=0.1, weight_decay=0.5)
    >>> (a * a).backward()
    >>> optimizer.step()
    >>> round(a.data, 9)
    0.85
    """

    @check_keywords
    def __init__(
        self,
        parameters: Iterable[Value],
        lr: LearningRate = 0.001,
        betas: tuple[float, float] = (0.9, 0.999),
        eps: float = 1e-8,
        weight_decay: float = 0.01,
    ) -> None:
        super().__init__(parameters, lr, betas, eps, weight_decay)

    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Compute the next parameter, and the two means of its gradient."""
        return self._moved(a * (1.0 - lr * self.weight_decay), g, state, lr, t)


class RMSprop(Optimizer):
    """Steps by the root of the mean square (Hinton, 2012), as ``torch.optim.RMSprop``.

    s becomes alpha s + (1 - alpha) g^2, from 0 at first; v becomes momentum v + g / (sqrt(s) + eps);
    a becomes a - lr v. With `centered`, s - c^2 is in place of s, where c becomes
    alpha c + (1 - alpha) g: the variance of the gradient.

    Parameters
    ----------
    parameters, lr
        As in `Optimizer`.
    alpha : float
        How much of the mean is kept, from 0 to below 1.
    eps : float
        Keeps the divisor from 0.
    weight_decay : float
        As in `SGD`: weight_decay a is added to g.
    momentum : float
        How much of the velocity is kept, from 0 to below 1.
    centered : bool
        Divide by the standard deviation of the gradient.

    Examples
    --------
    >>> a = Value(1.0)
    >>> optimizer = RMSprop([a], lr=0.1, alpha=0.75)
    >>> (a * a).backward()
    >>> optimizer.step()
    >>> round(a.data, 8)
    0.8
    """

    initial_state = (0.0, 0.0, 0.0)

    @check_keywords
    def __init__(
        self,
        parameters: Iterable[Value],
        lr: LearningRate = 0.01,
        alpha: float = 0.99,
        eps: float = 1e-8,
        weight_decay: float = 0.0,
        momentum: float = 0.0,
        centered: bool = False,
    ) -> None:
        super().__init__(parameters, lr)
        self.alpha = factor(alpha, "alpha")
        self.eps = not_negative(eps, "eps")
        self.weight_decay = not_negative(weight_decay, "weight_decay")
        self.momentum = factor(momentum, "momentum")
        self.centered = centered

    def rule(self, a: Any, g: Any, state: Numbers, lr: Any, t: Any) -> tuple[Any, Numbers]:
        """Compute the next parameter, and mean square, velocity and mean of its gradient."""
        s, v, c = state
        if self.weight_decay:
            g = g + self.weight_decay * a
        s = self.alpha * s + (1.0 - self.alpha) * (g * g)
        spread = s
        if self.centered:
            c = self.alpha * c + (1.0 - self.alpha) * g
            spread = maximum(s - c * c, 0.0)  # below 0 by rounding only
        v = self.momentum * v + g / (sqrt(spread) + self.eps)
        return a - lr * v, (s, v, c)
