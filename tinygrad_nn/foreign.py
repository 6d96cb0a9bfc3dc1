"""Names that people bring from other libraries, and what they are called here."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from .errors import ArgumentTypeError, UnknownNameError

__all__ = [
    "MODULE_ATTRIBUTES",
    "VALUE_ATTRIBUTES",
    "ForeignAttribute",
    "check_keywords",
    "unknown_keyword",
    "unknown_name",
]

P = ParamSpec("P")
R = TypeVar("R")

# By micrograd, PyTorch, JAX, Keras and scikit-learn.
_NAMES = {
    "BCELoss": "nn.binary_cross_entropy",
    "BCEWithLogitsLoss": "nn.binary_cross_entropy_with_logits",
    "CrossEntropyLoss": "nn.cross_entropy",
    "Dense": "nn.Layer",
    "HuberLoss": "nn.huber",
    "L1Loss": "nn.absolute_error",
    "Linear": "nn.Linear",
    "MLPClassifier": "sklearn.NetworkClassifier",
    "MLPRegressor": "sklearn.NetworkRegressor",
    "MSELoss": "nn.squared_error",
    "NLLLoss": "nn.cross_entropy, which takes logits",
    "PoissonNLLLoss": "nn.poisson",
    "Parameter": "Value: each attribute of a Module that is one is a parameter",
    "ReLU": 'relu, or activation="relu"',
    "Sequential": "nn.Sequential",
    "Sigmoid": 'sigmoid, or activation="sigmoid"',
    "SmoothL1Loss": "nn.huber",
    "StandardScaler": "data.Standardizer",
    "Tanh": 'tanh, or activation="tanh"',
    "Tensor": "Value, one number",
    "Variable": "Value",
    "array": "a list, or a NumPy array",
    "autograd": "backward() of a Value, or grad(f)",
    "bce": "nn.binary_cross_entropy",
    "bce_loss": "nn.binary_cross_entropy",
    "bce_with_logits": "nn.binary_cross_entropy_with_logits",
    "brentq": "solvers.root(f, x0, bracket=(a, b))",
    "comb": "special.log_binom for numbers with a derivative, and math.comb for plain integers",
    "concatenate": "+ of lists",
    "detach": "stop_gradient",
    "factorial": "gamma(n + 1)",
    "fma": "x * y + z",
    "frexp": "math.frexp, of plain numbers: its results have no derivative",
    "fsolve": "solvers.root",
    "fsum": "Python's own sum",
    "gcd": "math.gcd, of plain integers, which have no derivative",
    "gradient": "grad",
    "isqrt": "math.isqrt, of plain integers, which have no derivative",
    "jit": "compile",
    "l1_loss": "nn.absolute_error",
    "lcm": "math.lcm, of plain integers, which have no derivative",
    "ldexp": "x * 2.0**i",
    "ln": "log",
    "lr_scheduler": "lr=, which takes a function of the step, as optim.cosine(0.1, 100)",
    "mae": "nn.absolute_error",
    "matmul": "linalg, or sums of products, which compile makes matrix products",
    "mse": "nn.squared_error",
    "mse_loss": "nn.squared_error",
    "mean_squared_error": "nn.squared_error",
    "modf": "x - trunc(x) and trunc(x)",
    "nextafter": "math.nextafter, of plain numbers: neighbours of floats have no derivative",
    "odeint": "solvers.ode",
    "perm": "gamma(n + 1) / gamma(n - k + 1)",
    "prod": "math.prod",
    "solve_ivp": "solvers.ode",
    "sum": "Python's own sum",
    "sumprod": "dot",
    "tensor": "Value, one number",
    "ulp": "math.ulp, of plain numbers: the distance of floats has no derivative",
    "vmap": "compile(f, batch=...)",
}

_KEYWORDS = {
    "alpha": ("lr", "l2"),
    "argnum": ("argnums",),
    "beta_1": ("betas",),
    "beta1": ("betas",),
    "beta2": ("betas",),
    "criterion": ("loss",),
    "epsilon": ("eps",),
    "eta": ("lr",),
    "hidden": ("nouts",),
    "hidden_layer_sizes": ("nouts",),
    "in_features": ("nin",),
    "learning_rate": ("lr",),
    "learning_rate_init": ("lr",),
    "loss_fn": ("loss",),
    "max_iter": ("epochs", "steps"),
    "n_epochs": ("epochs",),
    "name": ("label",),
    "nonlin": ("activation",),
    "num_epochs": ("epochs",),
    "opt": ("optimizer",),
    "optimiser": ("optimizer",),
    "out_features": ("nout",),
    "params": ("parameters",),
    "random_state": ("seed",),
    "sizes": ("nouts",),
    "in_axes": ("batch",),
    "static_argnames": ("static",),
    "static_argnums": ("static",),
    "step_size": ("lr",),
    "units": ("nout",),
    "validation_data": ("validation",),
    "validation_fraction": ("validation",),
    "validation_split": ("validation",),
    "verbose": ("progress",),
    "wrt": ("argnums",),
}

_NOT_NEEDED = {
    "batch_size": "give it to the Trainer",
    "bias": "every layer has one",
    "create_graph": "gradients(y, [x]) gives derivatives that are Values",
    "device": "there is one, the processor",
    "dtype": "numbers are floats of 64 bits",
    "gradient": "the first argument, seed, is what all derivatives are multiplied by",
    "has_aux": "f returns one number; what else it computes, compute in a call of its own",
    "lr": "give it to the optimizer, as Adam(model.parameters(), lr=0.01)",
    "requires_grad": "every Value has a gradient, and plain numbers have none",
    "retain_graph": "call backward() as often as you like",
    "shuffle": "samples come in random order where batch_size is given",
}

VALUE_ATTRIBUTES = {
    "clone": "copy.deepcopy makes a graph of its own",
    "detach": "it is stop_gradient(x), or the number .data",
    "item": "its number is .data",
    "numpy": "its number is .data",
    "requires_grad": "every Value has a gradient, and plain numbers have none",
    "retain_grad": "inner nodes have their grad without it",
    "value": "its number is .data",
}
"""What a Value has not, and what to write instead."""


MODULE_ATTRIBUTES = {
    "compile": "predict and the Trainer compile by themselves",
    "fit": "a Trainer does it: Trainer(model, loss, optimizer).fit(X, y, epochs)",
    "forward": "call the model itself, and define __call__ in one of your own",
    "score": "a Trainer does it: Trainer(model, loss, optimizer).accuracy(X, y)",
    "to": "there is one device, the processor, and one type, floats of 64 bits",
}
"""What a Module has not, and what to write instead."""


class ForeignAttribute:
    """Stands on a class for an attribute that it has not: whoever asks for it is told ours."""

    def __init__(self, name: str, remedy: str) -> None:
        self._name = name
        self._remedy = remedy

    def __get__(self, instance: object, owner: type) -> Any:
        if instance is None:
            return self
        raise UnknownNameError(f"{owner.__name__} has no attribute {self._name!r}: {self._remedy}")


def unknown_name(module: str, name: str, known: Iterable[str]) -> AttributeError:
    """Make the error for a name that a module has not."""
    message = f"module {module!r} has no attribute {name!r}"
    if name.startswith("_"):  # asked by Python and its tools
        return AttributeError(message)
    return UnknownNameError(f"{message}: {_remedy(name, known)}")


def _remedy(name: str, known: Iterable[str]) -> str:
    if name in _NAMES:
        return f"it is {_NAMES[name]}"
    from difflib import get_close_matches  # slow to import, rarely needed

    close = get_close_matches(name, list(known), n=1)
    return f"did you mean {close[0]!r}?" if close else "dir() of the module lists all names"


def check_keywords(function: Callable[P, R]) -> Callable[P, R]:
    """Let a function name ours where it is called with a keyword that it does not take."""
    code = function.__code__
    names = code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]
    known = frozenset(names)

    @wraps(function)
    def checked(*args: P.args, **keywords: P.kwargs) -> R:
        if keywords and not keywords.keys() <= known:
            called = function.__qualname__.removesuffix(".__init__")
            raise unknown_keyword(called, next(k for k in keywords if k not in names), names)
        return function(*args, **keywords)

    return checked


def unknown_keyword(function: str, keyword: str, names: Sequence[str]) -> ArgumentTypeError:
    """Make the error for a keyword that a function does not take."""
    ours = next((name for name in _KEYWORDS.get(keyword, ()) if name in names), "")
    if ours:
        remedy = f"it is {ours}="
    elif keyword in _NOT_NEEDED:
        remedy = f"leave it out: {_NOT_NEEDED[keyword]}"
    else:
        known = [name for name in names if name != "self"]
        remedy = f"expected one of {', '.join(known)}"
    return ArgumentTypeError(f"{function} has no argument {keyword!r}: {remedy}")
