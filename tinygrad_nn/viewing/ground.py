"""What a playground is told: the model, the samples, what outputs mean, and its programs."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, TypeAlias

from .. import nn
from ..errors import ArgumentError
from ..nn import MLP, Module
from ..nn.activations import ACTIVATIONS
from ..nn.compiled.symbolic import parameter_argument, with_symbols
from ..nn.saving import architecture_of
from ..scalar.graph import ancestors
from ..scalar.operation import Op
from ..scalar.ops import TABLE
from ..scalar.value import Value
from .arithmetic import Arithmetic
from .assembly import assemble
from .description import number, operation_of
from .programs import as_object, masked_programs, programs

__all__ = ["meaning_of", "printed_of", "told_of"]

Recipe: TypeAlias = list[dict[str, Any]]

DEEPEST = 3  # hidden layers that the page offers
WIDEST = 16  # units of each, if the model has no more
USUAL = ("tanh", "relu", "sigmoid", "identity")  # activations that it offers
FROM_ZERO = (nn.binary_cross_entropy_with_logits, nn.hinge)  # losses that part classes at 0


def told_of(model: Module, loss: Any, train: Any, test: Any) -> dict[str, Any]:
    """Describe all but the programs, as ``page/network.js`` reads it."""
    parameters, _ = parameter_argument(model)
    output = model(train[0][0])
    outputs = len(output) if isinstance(output, list | tuple) else 1
    architecture, plain = architecture_of(model), _is_plain(model)
    return {
        "title": f"Playground of {_called(model, architecture)}",
        "train": _listed(*train),
        "test": _listed(*test),
        "inputs": len(train[0][0]),
        "outputs": outputs,
        "meaning": meaning_of(train[1] + test[1], outputs, loss),
        "loss": _name_of(loss),
        "architecture": architecture if plain else None,
        "choices": _choices(architecture) if architecture and plain else None,
        "inside": _inside(architecture) if architecture and plain else None,
        "head": architecture,
        "parameters": [parameter.data for parameter in parameters],
        "entries": _entries(model, parameters),
    }


def _called(model: Module, architecture: dict[str, Any] | None) -> str:
    """Say what the model is, in a few words."""
    name = type(model).__name__
    if architecture is None or "nouts" not in architecture:
        return name
    return f"{name} {'-'.join(map(str, [architecture['nin'], *architecture['nouts']]))}"


def _is_plain(model: Module) -> bool:
    """Tell whether the page can make other networks of the same kind."""
    architecture = architecture_of(model)
    return architecture is not None and "nouts" in architecture and isinstance(model, MLP)


def _listed(rows: list[list[float]], targets: list[Any]) -> dict[str, Any]:
    many = [target if isinstance(target, list) else [target] for target in targets]
    return {
        "count": len(rows),
        "X": [number for row in rows for number in row],
        "y": [number for row in many for number in row],
    }


def meaning_of(targets: list[Any], outputs: int, loss: Any) -> dict[str, Any]:
    """Say what outputs mean: one of two classes, one of several, or numbers."""
    values = {target for target in targets if not isinstance(target, list)}
    whole = bool(values) and all(value == int(value) for value in values)
    if outputs == 1 and whole and values <= {0, 1}:
        threshold = 0.0 if loss in FROM_ZERO else 0.5
        return {"kind": "two", "labels": [0, 1], "threshold": threshold}
    if outputs == 1 and whole and values <= {-1, 1}:
        return {"kind": "two", "labels": [-1, 1], "threshold": 0.0}
    if outputs > 1 and whole and values <= set(range(outputs)):
        return {"kind": "several"}
    return {"kind": "numbers"}


def _name_of(loss: Any) -> str:
    """Name a loss as Python finds it; empty if it is the user's own."""
    name = getattr(loss, "__name__", "")
    return f"nn.{name}" if name and getattr(nn, name, None) is loss else ""


def _entries(model: Module, parameters: Sequence[Value]) -> list[dict[str, Any]]:
    """List the entries of a model's file: for each its shape, and its numbers' places in the row."""
    numbered = with_symbols(model, parameters, [Value(float(k)) for k in range(len(parameters))])
    assert isinstance(numbered, Module)
    entries = []
    for name, nested in numbered.state_dict().items():
        shape: list[int] = []
        places = nested
        while isinstance(places, list):
            shape.append(len(places))
            places = places[0] if places else None
        flat = [nested]
        for _ in shape:
            flat = [item for part in flat for item in part]
        if math.prod(shape) != len(flat):
            raise ArgumentError(
                f"model has rows of different lengths in {name}: expected rectangular arrays, as a "
                "file of weights has; keep the rows in a dict, which gives each its own entry"
            )
        entries.append({"name": name, "shape": shape, "places": [int(place) for place in flat]})
    return entries


def _choices(architecture: dict[str, Any]) -> dict[str, Any]:
    """List what the page offers beside the structure of the given MLP."""
    hidden = architecture["nouts"][:-1]
    return {
        "depths": sorted({*range(1, DEEPEST + 1), len(hidden)}),
        "widest": max(WIDEST, *hidden) if hidden else WIDEST,
        "activations": list(dict.fromkeys([*USUAL, architecture["activation"]])),
    }


def printed_of(model: Module, loss: Any, train: Any) -> str:
    """Print the programs: one of an MLP for each depth and activation, else that of the model."""
    x, y = train[0][0], train[1][0]
    architecture = architecture_of(model)
    if architecture is None or not _is_plain(model):
        return as_object({"programs": as_object({"": programs(model, loss, x, y)})})
    choices = _choices(architecture)
    found = {}
    for depth in choices["depths"]:
        for activation in choices["activations"]:
            network = MLP(
                architecture["nin"],
                [*[choices["widest"]] * depth, architecture["nouts"][-1]],
                ACTIVATIONS[activation],
                ACTIVATIONS[architecture["output_activation"]],
                seed=0,
            )
            printed = masked_programs if depth else programs
            found[f"{depth} {activation}"] = printed(network, loss, x, y)
    _, rows = _recipes(architecture)
    return as_object({"programs": as_object(found), "rows": Arithmetic(rows).script()})


def _inside(architecture: dict[str, Any]) -> dict[str, Any]:
    """Tell how a unit computes, operation by operation, and give the page that shows such a graph."""
    recipes, rows = _recipes(architecture)
    return {
        "recipes": recipes,
        "operations": {row.name: operation_of(row) for row in rows},
        "viewer": assemble({"slot": 1}, Arithmetic(rows).script()),
    }


def _recipes(architecture: dict[str, Any]) -> tuple[dict[str, Recipe], list[Op]]:
    """Record each activation that can be chosen: its nodes, the first of which is its argument."""
    names = [*_choices(architecture)["activations"], architecture["output_activation"]]
    rows = dict.fromkeys((TABLE["mul"], TABLE["add"]))
    found = {}
    for name in dict.fromkeys(names):
        z = Value(0.5)
        nodes = [z, *[node for node in ancestors(ACTIVATIONS[name](z)) if node is not z]]
        place = {node: k for k, node in enumerate(nodes)}
        rows |= {node.row: None for node in nodes if node.op}
        found[name] = [
            {"op": node.op, "args": [place[operand] for operand in node.args]}
            if node.op
            else {"value": number(node.data)}
            for node in nodes
        ]
    return found, list(rows)
