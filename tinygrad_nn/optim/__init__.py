"""Gradient descent: on any function, and on the parameters of a model.

Examples
--------
>>> from tinygrad_nn import Value
>>> from tinygrad_nn.optim import Adam, minimize
>>> round(minimize(lambda x: (x - 3) ** 2, 0.0, lr=0.1).x, 6)
3.0
>>> w = Value(1.0)
>>> optimizer = Adam([w], lr=0.1)
>>> (w * w).backward()
>>> optimizer.step()
>>> round(w.data, 6)
0.9
"""

from typing import Any

from ..foreign import unknown_name
from .adaptive import Adam as Adam
from .adaptive import AdamW as AdamW
from .adaptive import RMSprop as RMSprop
from .clipping import clip_norm as clip_norm
from .clipping import clip_value as clip_value
from .descent import Descent as Descent
from .descent import minimize as minimize
from .lbfgs import LBFGS as LBFGS
from .optimizers import SGD as SGD
from .optimizers import GradientDescent as GradientDescent
from .optimizers import Optimizer as Optimizer
from .restoring import restored as restored
from .schedules import constant as constant
from .schedules import cosine as cosine
from .schedules import step_decay as step_decay
from .schedules import warmup as warmup

__all__ = [
    "LBFGS",
    "SGD",
    "Adam",
    "AdamW",
    "Descent",
    "GradientDescent",
    "Optimizer",
    "RMSprop",
    "clip_norm",
    "clip_value",
    "constant",
    "cosine",
    "minimize",
    "restored",
    "step_decay",
    "warmup",
]


def __getattr__(name: str) -> Any:
    """Name ours for an optimiser of another library."""
    raise unknown_name(__name__, name, __all__)
