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
from .activations import gelu as gelu
from .activations import identity as identity
from .activations import mish as mish
from .activations import silu as silu
from .containers import Linear as Linear
from .containers import Residual as Residual
from .containers import Sequential as Sequential
from .convolution import AvgPool2d as AvgPool2d
from .convolution import Conv1d as Conv1d
from .convolution import Conv2d as Conv2d
from .convolution import MaxPool2d as MaxPool2d
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
from .noise import Dropout as Dropout
from .normalisation import Embedding as Embedding
from .normalisation import LayerNorm as LayerNorm
from .recurrent import GRU as GRU
from .recurrent import LSTM as LSTM
from .recurrent import RNN as RNN
from .saving import load as load
from .saving import save as save
from .shapes import Flatten as Flatten
from .shapes import Reshape as Reshape

__all__ = [
    "ACTIVATIONS",
    "GRU",
    "INITIALISERS",
    "LSTM",
    "MLP",
    "RNN",
    "AvgPool2d",
    "Conv1d",
    "Conv2d",
    "Dropout",
    "Embedding",
    "Flatten",
    "Layer",
    "LayerNorm",
    "Linear",
    "MaxPool2d",
    "Module",
    "Neuron",
    "Reshape",
    "Residual",
    "Sequential",
    "absolute_error",
    "binary_cross_entropy",
    "binary_cross_entropy_with_logits",
    "cost",
    "cross_entropy",
    "gelu",
    "he",
    "hinge",
    "huber",
    "identity",
    "leaky_relu",
    "load",
    "mish",
    "relu",
    "save",
    "sigmoid",
    "silu",
    "squared_error",
    "tanh",
    "uniform",
    "xavier",
]


def __getattr__(name: str) -> Any:
    """Name ours for a loss or a layer of another library."""
    raise unknown_name(__name__, name, __all__)
