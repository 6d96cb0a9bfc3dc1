"""Neural networks: neurons, layers, losses, and models as files.

Everything is ordinary arithmetic on Values, one number at a time, so that
back-propagation falls out of the graph.

Examples
--------
>>> from tinygrad_nn import nn
>>> model = nn.MLP(2, [4, 1], activation="tanh", seed=1)
>>> logit = model([0.0, 1.0])
>>> loss = nn.binary_cross_entropy_with_logits(logit, 1)
>>> loss.backward()
>>> len([p for p in model.parameters() if p.grad != 0.0])
13
"""

from typing import Any

from ..foreign import unknown_name
from ..functions import leaky_relu as leaky_relu
from ..functions import relu as relu
from ..scalar.ops import sigmoid as sigmoid
from ..scalar.ops import tanh as tanh
from .activations import ACTIVATIONS as ACTIVATIONS
from .activations import identity as identity
from .init import INITIALISERS as INITIALISERS
from .init import he as he
from .init import uniform as uniform
from .init import xavier as xavier
from .layers import MLP as MLP
from .layers import Layer as Layer
from .layers import Neuron as Neuron
from .losses import absolute_error as absolute_error
from .losses import binary_cross_entropy as binary_cross_entropy
from .losses import binary_cross_entropy_with_logits as binary_cross_entropy_with_logits
from .losses import cost as cost
from .losses import cross_entropy as cross_entropy
from .losses import hinge as hinge
from .losses import huber as huber
from .losses import poisson as poisson
from .losses import quantile as quantile
from .losses import squared_error as squared_error
from .module import Module as Module
from .saving import load as load
from .saving import save as save

__all__ = [
    "ACTIVATIONS",
    "INITIALISERS",
    "MLP",
    "Layer",
    "Module",
    "Neuron",
    "absolute_error",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cost",
    "cross_entropy",
    "he",
    "hinge",
    "huber",
    "identity",
    "leaky_relu",
    "load",
    "relu",
    "save",
    "sigmoid",
    "squared_error",
    "tanh",
    "uniform",
    "xavier",
]


def __getattr__(name: str) -> Any:
    """Name ours for a loss or a layer of another library."""
    raise unknown_name(__name__, name, __all__)
