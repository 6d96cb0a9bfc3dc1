"""The programs of a playground: a step's cost and slopes, and what all units give, in JavaScript."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Sequence
from typing import Any

from ..compiler import compile
from ..errors import ArgumentError
from ..exports import to_javascript
from ..nn import MLP, Module
from ..nn.compiled.symbolic import listed, parameter_argument, with_symbols
from ..transforms import value_and_grad

__all__ = ["as_object", "masked_programs", "programs"]

Loss = Callable[[Any, Any], Any]


def programs(model: Module, loss: Loss, x: Sequence[float], y: Any) -> str:
    """Print what trains a model: an object with `slope` of (w, mask, x, y) and `units` of (w, mask, x).

    They take the parameters in a row and no mask. The slope takes samples one after the other, and
    gives the mean cost and its derivative by each parameter; the units of one sample are its outputs.
    """
    parameters, _ = parameter_argument(model)
    numbers = [parameter.data for parameter in parameters]

    def outputs(w: Any, x: Any) -> Any:
        return with_symbols(model, parameters, w)(x)

    def cost(w: Any, x: Any, y: Any) -> Any:
        return loss(outputs(w, x), y)

    def units(w: Any, x: Any) -> list[Any]:
        return listed(outputs(w, x))

    slope = compile(value_and_grad(cost), batch=("x", "y"), reduce="mean")
    slope(numbers, [x], [y])
    shown = compile(units, batch=("x",))
    shown(numbers, [x])
    return (
        f"{{slope: ((own) => (w, mask, x, y) => own(w, x, y))({_function(slope)}), "
        f"units: ((own) => (w, mask, x) => own(w, x))({_function(shown)})}}"
    )


def masked_programs(model: MLP, loss: Loss, x: Sequence[float], y: Any) -> str:
    """Print the same of an MLP whose hidden units can be left out, layer by layer.

    The mask has 1 for each unit that is there, and 0 for the others. Of these all weights must be
    0: they give 0, and nothing flows back to them. So one program serves networks of all widths
    up to its own. The units are those of all layers.
    """
    parameters, _ = parameter_argument(model)
    numbers = [parameter.data for parameter in parameters]
    mask = [[1.0] * len(layer.neurons) for layer in model.layers[:-1]]

    def layers(w: Any, mask: Any, x: Any) -> list[Any]:
        twin = with_symbols(model, parameters, w)
        assert isinstance(twin, MLP)
        *hidden, last = twin.layers
        found = []
        for layer, kept in zip(hidden, mask, strict=True):
            x = [unit * one for unit, one in zip(listed(layer(x)), kept, strict=True)]
            found.extend(x)
        return [found, last(x)]

    def cost(w: Any, mask: Any, x: Any, y: Any) -> Any:
        return loss(layers(w, mask, x)[1], y)

    def units(w: Any, mask: Any, x: Any) -> list[Any]:
        hidden, outputs = layers(w, mask, x)
        return [*hidden, *listed(outputs)]

    slope = compile(value_and_grad(cost), batch=("x", "y"), reduce="mean")
    slope(numbers, mask, [x], [y])
    shown = compile(units, batch=("x",))
    shown(numbers, mask, [x])
    return f"{{slope: {_function(slope)}, units: {_function(shown)}}}"


def _function(compiled: Any) -> str:
    """Print a compiled function as an expression, without its comments."""
    try:
        text = to_javascript(compiled, name="operation")
    except ArgumentError as error:
        raise ArgumentError(
            "the model or the loss cannot be printed as one program, as where it looks at numbers or "
            "has an operation of your own: choose with where(condition, x, y), and write such an operation with others"
        ) from error
    text = re.sub(r"/\*.*?\*/", "", text, flags=re.DOTALL).replace("export function", "function")
    lines = "\n".join(line.strip() for line in text.splitlines() if line.strip())
    return f"(() => {{\n{lines}\nreturn operation;\n}})()"


def as_object(found: dict[str, str]) -> str:
    """Write programs as one object of JavaScript, by their names."""
    return "{\n" + ",\n".join(f"{json.dumps(key)}: {text}" for key, text in found.items()) + "\n}"
