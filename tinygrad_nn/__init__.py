"""A scalar autograd engine: write one number at a time; see every node.

A `Value` is one number that remembers how it was made; arithmetic on Values
records a graph, and reverse-mode differentiation walks it. Importing this package
loads neither NumPy nor graphviz nor matplotlib.

Examples
--------
>>> from tinygrad_nn import Value, tanh
>>> x = Value(0.5, label="x")
>>> y = tanh(2 * x)
>>> y.backward()
>>> round(x.grad, 12)
0.839948683228
"""

from __future__ import annotations

import builtins
from importlib import import_module
from typing import TYPE_CHECKING, Any

from .scalar.native import engine as engine  # first: it decides which files the others are

# isort: split
from . import errors as errors
from .errors import LostGradientWarning as LostGradientWarning
from .errors import TinygradNNError as TinygradNNError
from .functions import clip as clip
from .functions import dist as dist
from .functions import dot as dot
from .functions import isclose as isclose
from .functions import leaky_relu as leaky_relu
from .functions import log_softmax as log_softmax
from .functions import logsumexp as logsumexp
from .functions import lookup as lookup
from .functions import mean as mean
from .functions import norm as norm
from .functions import relu as relu
from .functions import softmax as softmax
from .functions import square as square
from .scalar import arrays as arrays  # teaches NumPy about Values
from .scalar import ops
from .scalar.arrays import degrees as degrees
from .scalar.arrays import radians as radians
from .scalar.contexts import debug as debug
from .scalar.contexts import no_grad as no_grad
from .scalar.custom import custom as custom
from .scalar.ops import TABLE as TABLE
from .scalar.ops import above as above
from .scalar.ops import acos as acos
from .scalar.ops import acosh as acosh
from .scalar.ops import add as add
from .scalar.ops import asin as asin
from .scalar.ops import asinh as asinh
from .scalar.ops import atan as atan
from .scalar.ops import atan2 as atan2
from .scalar.ops import atanh as atanh
from .scalar.ops import cbrt as cbrt
from .scalar.ops import ceil as ceil
from .scalar.ops import cos as cos
from .scalar.ops import cosh as cosh
from .scalar.ops import direction as direction
from .scalar.ops import div as div
from .scalar.ops import eq as eq
from .scalar.ops import erf as erf
from .scalar.ops import erfc as erfc
from .scalar.ops import exp as exp
from .scalar.ops import exp2 as exp2
from .scalar.ops import expm1 as expm1
from .scalar.ops import floor as floor
from .scalar.ops import floordiv as floordiv
from .scalar.ops import ge as ge
from .scalar.ops import gt as gt
from .scalar.ops import hypot as hypot
from .scalar.ops import isfinite as isfinite
from .scalar.ops import isinf as isinf
from .scalar.ops import isnan as isnan
from .scalar.ops import le as le
from .scalar.ops import log as log
from .scalar.ops import log1p as log1p
from .scalar.ops import log2 as log2
from .scalar.ops import log10 as log10
from .scalar.ops import log_sigmoid as log_sigmoid
from .scalar.ops import logaddexp as logaddexp
from .scalar.ops import logical_not as logical_not
from .scalar.ops import lorentzian as lorentzian
from .scalar.ops import lt as lt
from .scalar.ops import mod as mod
from .scalar.ops import mul as mul
from .scalar.ops import neg as neg
from .scalar.ops import one_minus_square as one_minus_square
from .scalar.ops import rint as rint
from .scalar.ops import sech as sech
from .scalar.ops import sigmoid as sigmoid
from .scalar.ops import sigmoid_slope as sigmoid_slope
from .scalar.ops import sign as sign
from .scalar.ops import sin as sin
from .scalar.ops import sinh as sinh
from .scalar.ops import softplus as softplus
from .scalar.ops import sqrt as sqrt
from .scalar.ops import step as step
from .scalar.ops import stop_gradient as stop_gradient
from .scalar.ops import sub as sub
from .scalar.ops import tan as tan
from .scalar.ops import tanh as tanh
from .scalar.ops import trunc as trunc
from .scalar.ops import where as where
from .scalar.value import Value as Value
from .transforms import grad as grad
from .transforms import hessian as hessian
from .transforms import hvp as hvp
from .transforms import jacfwd as jacfwd
from .transforms import jacobian as jacobian
from .transforms import jacrev as jacrev
from .transforms import jvp as jvp
from .transforms import value_and_grad as value_and_grad
from .transforms import vjp as vjp
from .transforms.of_graphs import gradients as gradients
from .transforms.series import derivative as derivative

# Under the names they have in the table and in Python; a star import leaves the built-in ones.
abs = ops.absolute
fabs = ops.absolute
max = ops.maximum
min = ops.minimum
pow = ops.power

if TYPE_CHECKING:
    from . import cmath as cmath
    from . import data as data
    from . import linalg as linalg
    from . import nn as nn
    from . import optim as optim
    from . import plotting as plotting
    from . import special as special
    from . import testing as testing
    from . import train as train
    from .check import check_grad as check_grad
    from .compiler import compile as compile
    from .compiler import load_program as load_program
    from .containers import register_container as register_container
    from .drawing import draw as draw
    from .drawing import print_graph as print_graph
    from .explaining import explain as explain
    from .explaining import explain_model as explain_model
    from .exports import to_c as to_c
    from .exports import to_javascript as to_javascript
    from .exports import to_jax as to_jax
    from .exports import to_latex as to_latex
    from .exports import to_numpy as to_numpy
    from .exports import to_onnx as to_onnx
    from .exports import to_torch as to_torch
    from .grading import grade as grade
    from .grading import grade_gradient as grade_gradient
    from .grading import grade_step as grade_step
    from .ndarrays import asarray as asarray
    from .optim import minimize as minimize
    from .saved import Predictor as Predictor
    from .saved import load as load
    from .saved import save as save
    from .scopes import scope as scope
    from .sparse import sparse_hessian as sparse_hessian
    from .sparse import sparse_jacobian as sparse_jacobian
    from .sparse import sparsity as sparsity
    from .special.gammas import gamma as gamma
    from .special.gammas import lgamma as lgamma
    from .special.reals import copysign as copysign
    from .special.reals import fmod as fmod
    from .special.reals import remainder as remainder
    from .train import Trainer as Trainer
    from .viewing import playground as playground
    from .viewing import view as view

_LAZY = {
    "Predictor": "saved",
    "Trainer": "train",
    "asarray": "ndarrays",
    "check_grad": "check",
    "compile": "compiler",
    "copysign": "special.reals",
    "draw": "drawing",
    "explain": "explaining",
    "explain_model": "explaining",
    "fmod": "special.reals",
    "gamma": "special.gammas",
    "grade": "grading",
    "grade_gradient": "grading",
    "grade_step": "grading",
    "lgamma": "special.gammas",
    "load": "saved",
    "load_program": "compiler",
    "minimize": "optim",
    "playground": "viewing",
    "print_graph": "drawing",
    "register_container": "containers",
    "remainder": "special.reals",
    "save": "saved",
    "scope": "scopes",
    "sparse_hessian": "sparse",
    "sparse_jacobian": "sparse",
    "sparsity": "sparse",
    "to_c": "exports",
    "to_javascript": "exports",
    "to_jax": "exports",
    "to_numpy": "exports",
    "to_onnx": "exports",
    "to_torch": "exports",
    "to_latex": "exports",
    "view": "viewing",
}
_LAZY_MODULES = {
    "cmath",
    "data",
    "linalg",
    "nn",
    "optim",
    "plotting",
    "solvers",
    "special",
    "testing",
    "train",
}
_LOADED = [
    name
    for name, thing in list(globals().items())
    if getattr(thing, "__module__", "").startswith(__name__)
]

__all__ = [  # all that this package gives, but names that would hide one of Python's own
    name
    for name in ["TABLE", "errors", *_LOADED, *_LAZY, *sorted(_LAZY_MODULES)]
    if not hasattr(builtins, name) and name != "cmath"
]


def __getattr__(name: str) -> Any:
    """Load what most programs do not need when it is first asked for."""
    if name in _LAZY:
        return getattr(import_module(f".{_LAZY[name]}", __name__), name)
    if name in _LAZY_MODULES:
        return import_module(f".{name}", __name__)
    if name == "__version__":
        from importlib.metadata import version

        return version("tinygrad-nn")
    from .foreign import unknown_name

    raise unknown_name(__name__, name, [*_LOADED, *_LAZY, *_LAZY_MODULES])


def __dir__() -> list[str]:
    return [*globals(), *_LAZY, *_LAZY_MODULES, "__version__"]
