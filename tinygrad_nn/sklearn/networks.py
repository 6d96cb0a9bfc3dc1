"""The network of an estimator: made as its parameters say, or a copy of the one given."""

from __future__ import annotations

import copy
import random
import weakref
from collections.abc import Callable, Iterable
from typing import Any, NamedTuple, TypeAlias

from .. import nn
from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..nn.compiled.prediction import outputs as outputs_for
from ..scalar.contexts import collector_paused
from ..scalar.value import Value

__all__ = ["Perceptron", "Plan", "Shape", "network", "perceptron_of", "plan_of", "planned"]

# What a multilayer perceptron computes with: inputs, neurons and activation of each layer, and
# after it the share that is left out, where some is.
Plan: TypeAlias = tuple[Any, ...]


class Shape(NamedTuple):
    """What a network is made of, as the parameters of an estimator say."""

    hidden: Any
    activation: Any
    init: Any
    dropout: Any
    module: Any


def network(shape: Shape, inputs: int, outputs: int, rng: random.Random) -> nn.Module:
    """Make a network of so many inputs and outputs, or take the one given and look at it."""
    module = shape.module
    if module is None:
        return _perceptron(shape, inputs, outputs, rng)
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


def _perceptron(shape: Shape, inputs: int, outputs: int, rng: random.Random) -> nn.Module:
    sizes = _sizes(shape.hidden)
    activations = _each(shape.activation, len(sizes), "activation")
    shares = _each(shape.dropout, len(sizes), "dropout")
    sizes, activations, shares = [*sizes, outputs], [*activations, "identity"], [*shares, 0.0]
    parts: list[nn.Module] = []
    with collector_paused():  # which would look at all the numbers made so far
        for nin, nout, g, share in zip([inputs, *sizes], sizes, activations, shares, strict=False):
            parts.append(nn.Layer(nin, nout, g, init=shape.init, rng=rng))
            drop = nn.Dropout(share)  # a bad one is an error
            parts += [drop] if drop.p else []
    return _stacked(parts)


def _each(given: Any, count: int, name: str) -> list[Any]:
    """Give an entry for each hidden layer."""
    each = list(given) if isinstance(given, list | tuple) else [given] * count
    if len(each) != count:
        raise ArgumentError(
            f"{name} has {len(each)} entries and hidden {count}: expected one for each hidden "
            "layer, or one for all"
        )
    return each


def _stacked(parts: list[nn.Module]) -> nn.Module:
    if not all(isinstance(part, nn.Layer) for part in parts):
        return nn.Sequential(*parts)
    model = nn.MLP(1, [1], init=_zero)
    model.layers = parts  # type: ignore[assignment]  # layers
    return model


# ---- networks that are alike -------------------------------------------------------------------


def plan_of(model: nn.Module) -> Plan | None:
    """Describe a multilayer perceptron; None for any other module, and if parameters are shared."""
    parameters = model.parameters()  # before all else: a training may have lent its modules
    if len(set(map(id, parameters))) != len(parameters):
        return None
    if not (_is(model, nn.MLP, {"layers"}) or _is(model, nn.Sequential, {"layers"})):
        return None
    plan = [_drop(part) or _layer(part) for part in model.layers]  # type: ignore[attr-defined]  # they have
    return None if None in plan else tuple(plan)


class Perceptron(NamedTuple):
    """A multilayer perceptron as it is: its plan and parameters, and what these were found in."""

    plan: Plan
    parameters: list[Value]
    contents: list[Any]


_known: dict[int, Perceptron] = {}  # by the network; a prediction of one row walks over none


def perceptron_of(model: nn.Module) -> Perceptron | None:
    """Describe a network as `plan_of` does, once as long as its neurons hold the same Values."""
    known = _known.get(id(model))
    if known is not None and known.contents == _contents(model, list_of=_as_it_is):
        return known
    plan = plan_of(model)
    if plan is None:
        return None
    found = Perceptron(plan, model.parameters(), _contents(model, list_of=list))
    if all(entry[1] is list for entry in found.contents if isinstance(entry, tuple)):
        if id(model) not in _known:
            weakref.finalize(model, _known.pop, id(model), None)
        _known[id(model)] = found
    return found


def _contents(model: Any, list_of: Callable[[Any], Any]) -> list[Any]:
    """List all that predictions hang on; lists are compared by what they hold, the same or equal."""
    found: list[Any] = [type(model)]
    for part in model.layers:
        found.append(type(part))
        if type(part) is nn.Layer:
            found += [(type(n), type(n.w), list_of(n.w), n.b, n.activation) for n in part.neurons]
        else:
            found.append(part)
    return found


def _as_it_is(weights: Any) -> Any:
    return weights


def _drop(part: Any) -> float | None:
    return part.p if _is(part, nn.Dropout, {"p", "_rng"}) and part._rng is None else None


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


def planned(plan: Plan) -> nn.Module:
    """Make a multilayer perceptron by its description, of zeros."""
    with collector_paused():
        parts: list[nn.Module] = [
            nn.Dropout(part)
            if isinstance(part, float)
            else nn.Layer(part[0], part[1], part[2], init=_zero)
            for part in plan
        ]
    return _stacked(parts)


def _zero(nin: int, nout: int, rng: random.Random) -> float:
    return 0.0
