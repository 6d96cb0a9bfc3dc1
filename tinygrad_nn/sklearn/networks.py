"""The network of an estimator: made as its parameters say, or a copy of the one given."""

from __future__ import annotations

import copy
import random
from collections.abc import Iterable, Sequence
from typing import Any, TypeAlias

from .. import nn
from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..nn.compiled.prediction import outputs as outputs_for
from ..scalar.contexts import collector_paused

__all__ = ["Plan", "network", "plan_of", "planned"]

# What a multilayer perceptron computes with: inputs, neurons and activation of each layer.
Plan: TypeAlias = tuple[tuple[int, int, Any], ...]


def network(
    hidden: Any,
    activation: Any,
    init: Any,
    module: Any,
    inputs: int,
    outputs: int,
    rng: random.Random,
) -> nn.Module:
    """Make a network of so many inputs and outputs, or take the one given and look at it."""
    if module is None:
        return _perceptron(inputs, _sizes(hidden), outputs, activation, init, rng)
    made = copy.deepcopy(module) if isinstance(module, nn.Module) else module
    if not isinstance(made, nn.Module):
        made = made(inputs, outputs, rng) if callable(made) else made
    if not isinstance(made, nn.Module):
        raise ArgumentTypeError(
            f"module is {module!r}, and is or gives an object of type {type(made).__name__}: expected "
            "a Module, or a function of (inputs, outputs, rng) that makes one"
        )
    (found,) = outputs_for(made, [[0.0] * inputs])
    count = len(found) if isinstance(found, list) else 1
    if count != outputs:
        raise ShapeError(
            f"module gives {count} output{'s' * (count != 1)} for a row: expected {outputs}, for "
            "the targets there are; give its last layer as many neurons"
        )
    return made


def _sizes(hidden: Any) -> list[int]:
    listed = isinstance(hidden, Iterable) and not isinstance(hidden, str)
    sizes = list(hidden) if listed else [hidden]
    return [check_count(size, f"hidden[{i}]") for i, size in enumerate(sizes)]


def _perceptron(
    inputs: int, sizes: list[int], outputs: int, activation: Any, init: Any, rng: random.Random
) -> nn.MLP:
    each = list(activation) if isinstance(activation, list | tuple) else [activation] * len(sizes)
    if len(each) != len(sizes):
        raise ArgumentError(
            f"activation has {len(each)} entries and hidden {len(sizes)}: expected one for each "
            "hidden layer, or one for all"
        )
    widths = [inputs, *sizes]
    layers = zip(widths, [*sizes, outputs], [*each, "identity"], strict=True)
    return _stacked(nn.Layer(width, size, g, init=init, rng=rng) for width, size, g in layers)


def _stacked(layers: Iterable[nn.Layer]) -> nn.MLP:
    model = nn.MLP(1, [1], init=_zero)
    with collector_paused():  # which would look at all the numbers made so far
        model.layers = list(layers)
    return model


# ---- networks that are alike -------------------------------------------------------------------


def plan_of(model: nn.Module) -> Plan | None:
    """Describe a multilayer perceptron; None for any other module, and if parameters are shared."""
    parameters = model.parameters()  # before all else: a training may have lent its modules
    if len(set(map(id, parameters))) != len(parameters) or not _is(model, nn.MLP, {"layers"}):
        return None
    plan = [_layer(layer) for layer in model.layers]  # type: ignore[attr-defined]  # an MLP
    return None if None in plan else tuple(plan)  # type: ignore[arg-type]  # no None


def _layer(layer: Any) -> tuple[int, int, Any] | None:
    if not _is(layer, nn.Layer, {"neurons"}):
        return None
    first = layer.neurons[0]
    width = len(first.w)
    for neuron in layer.neurons:
        if (
            not _is(neuron, nn.Neuron, {"w", "b", "activation"})
            or len(neuron.w) != width
            or neuron.activation is not first.activation
        ):
            return None
    return width, len(layer.neurons), first.activation


def _is(thing: Any, kind: type, attributes: set[str]) -> bool:
    return type(thing) is kind and vars(thing).keys() == attributes


def planned(plan: Sequence[tuple[int, int, Any]]) -> nn.MLP:
    """Make a multilayer perceptron by its description, of zeros."""
    return _stacked(nn.Layer(nin, nout, g, init=_zero) for nin, nout, g in plan)


def _zero(nin: int, nout: int, rng: random.Random) -> float:
    return 0.0
