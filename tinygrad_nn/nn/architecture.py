"""Models as plain data: what `load` makes again before it fills in the numbers.

A module is described by its class and its attributes, which are numbers, texts, names of activation
functions, places of parameters, other modules, and lists of these. Anything else, a class or a
function of the user's own among it, cannot be described, and no code is ever written.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from itertools import groupby
from typing import Any

from ..functions import log_softmax, softmax
from ..scalar.value import Value
from .activations import ACTIVATIONS
from .containers import Linear, Residual, Sequential
from .convolution import AvgPool2d, Conv1d, Conv2d, MaxPool2d
from .layers import MLP, Layer, Neuron
from .module import Module
from .noise import Dropout
from .normalisation import Embedding, LayerNorm
from .recurrent import GRU, LSTM, RNN
from .shapes import Flatten, Reshape, apply_to_all

__all__ = ["KINDS", "described", "made"]

KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (
        *(AvgPool2d, Conv1d, Conv2d, Dropout, Embedding, Flatten, GRU, LSTM, Layer, LayerNorm),
        *(Linear, MLP, MaxPool2d, Neuron, RNN, Reshape, Residual, Sequential),
    )
}
FUNCTIONS: dict[str, Callable[..., Any]] = {
    **ACTIVATIONS,
    "softmax": softmax,
    "log_softmax": log_softmax,
}
GENERATOR, IN_TRAINING = "_rng", "_training"  # how a model is used, and not what it is


class _NotPlainError(Exception):
    """Something cannot be described."""


def described(model: Module) -> dict[str, Any] | None:
    """Describe a model, if it is made of modules of ours; None of any other."""
    try:
        found: dict[str, Any] = _plain(model, set())
    except _NotPlainError:
        return None
    return found


def made(description: dict[str, Any], most: int) -> Module:
    """Make what is described, with zeros for its parameters, of which there are so many at most."""
    model = _Maker(most).thing(description)
    if not isinstance(model, Module):
        raise ValueError("it describes no module")
    return model


def _plain(thing: Any, met: set[int]) -> Any:
    if thing is None or isinstance(thing, bool | int | float | str):
        return thing
    kind = type(thing).__name__
    is_ours = KINDS.get(kind) is type(thing)
    if is_ours or isinstance(thing, Module | Value):
        if id(thing) in met:  # shared: two of them would be made
            raise _NotPlainError
        met.add(id(thing))
    if isinstance(thing, Value):
        if not thing.is_leaf:
            raise _NotPlainError
        return {"parameter": 1}
    if is_ours:
        parts = {
            key: None if key == GENERATOR else _plain(part, met)
            for key, part in vars(thing).items()
            if key != IN_TRAINING
        }
        return {"module": kind, "parts": parts}
    if isinstance(thing, list | tuple):
        items = [_plain(item, met) for item in thing]
        runs = [[len(list(same)), item] for item, same in groupby(items)]
        return {"list" if isinstance(thing, list) else "tuple": runs}
    if isinstance(thing, partial) and thing.func is apply_to_all and len(thing.args) == 1:
        return {"each": _name(thing.args[0])}
    return {"function": _name(thing)}


def _name(function: Any) -> str:
    for name, known in FUNCTIONS.items():
        if known is function:
            return name
    raise _NotPlainError


class _Maker:
    """Makes things of their descriptions, not more parameters than a file has numbers."""

    def __init__(self, most: int) -> None:
        self._left = most

    def thing(self, plain: Any) -> Any:
        """Make one."""
        if plain is None or isinstance(plain, bool | int | float | str):
            return plain
        if not isinstance(plain, dict) or len(set(plain) - {"parts"}) != 1:
            raise ValueError(f"it has {plain!r}")
        if "module" in plain:
            return self._module(KINDS[plain["module"]], plain["parts"])
        (form, content) = next(iter(plain.items()))
        if form in ("list", "tuple"):
            items = [self.thing(item) for count, item in content for _ in range(count)]
            return items if form == "list" else tuple(items)
        if form == "parameter":
            self._left -= 1
            if self._left < 0:
                raise ValueError("it has more parameters than the file has numbers")
            return Value(0.0)
        function = FUNCTIONS[content]
        return partial(apply_to_all, function) if form == "each" else function

    def _module(self, kind: type[Any], parts: dict[str, Any]) -> Any:
        module: Any = object.__new__(kind)
        for name, part in parts.items():
            vars(module)[name] = self.thing(part)  # past all that a name may mean
        return module
