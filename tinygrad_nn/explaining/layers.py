"""The gradients of a whole model, layer by layer: vanishing, exploding, dead, saturated."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar.contexts import collector_paused
from ..scalar.reverse import adjoints, partial
from ..scalar.value import Value
from .naming import counted, magnitude, parameters_of
from .reasons import EXPLODING, VANISHING
from .units import Activity, Unit, find_activity, units_of
from .writing import columns

if TYPE_CHECKING:
    from rich.table import Table

    from ..nn import Module

__all__ = ["LayerGradients", "ModelExplanation", "explain_model"]

BEHIND = 1e-3  # of the greatest gradient of all layers: what is less has vanished on the way


@dataclass(frozen=True)
class LayerGradients:
    """What the gradients of one layer are like.

    Attributes
    ----------
    name : str
        The layer, as in the names of its parameters; the model's kind if they have no dot.
    parameters : int
        How many it has.
    least, median, greatest : float
        Of the absolute values of its gradients; NaN counts as greater than all.
    zeros : float
        The part of them that is exactly 0.
    units : int
        How many units were seen to go into relu (max, min) or a squashing function.
    dead : int
        How many of these are on the flat side of relu for every sample.
    saturated : int
        How many are on a flat part of a squashing function, below 1 % of its steepest slope,
        for more than half of the samples.
    verdict : str
        "fine", or what is wrong.
    """

    name: str
    parameters: int
    least: float
    median: float
    greatest: float
    zeros: float
    units: int
    dead: int
    saturated: int
    verdict: str


class ModelExplanation:
    """The gradients of a cost by the parameters of a model; made by `explain_model`.

    Attributes
    ----------
    layers : tuple of LayerGradients
        In the order of the model.
    """

    def __init__(self, layers: Sequence[LayerGradients]) -> None:
        self.layers = tuple(layers)

    def __str__(self) -> str:
        return "\n".join(columns(list(self._rows())))

    __repr__ = __str__

    def __rich__(self) -> Table:
        from rich.table import Table  # only a terminal needs it

        headings, *rows = self._rows()
        table = Table(*headings)
        for row in rows:
            table.add_row(*row)
        return table

    def _rows(self) -> Iterator[tuple[str, ...]]:
        yield "layer", "parameters", "min |g|", "median", "max", "zero", "dead", "saturated", ""
        for layer in self.layers:
            sizes = (layer.least, layer.median, layer.greatest)
            yield (
                layer.name,
                counted(layer.parameters),
                *(f"{size:.2g}" for size in sizes),
                f"{100.0 * layer.zeros:.0f} %",
                *(
                    f"{n}/{layer.units}" if layer.units else "–"
                    for n in (layer.dead, layer.saturated)
                ),
                layer.verdict,
            )


def explain_model(model: Module, cost: Value) -> ModelExplanation:
    """Tell layer by layer what the gradients of a cost are like.

    Parameters
    ----------
    model : Module
        What has the parameters.
    cost : Value
        What was computed with it: the mean loss of some samples, or any other result.

    Returns
    -------
    ModelExplanation
        A row for each layer; print it.

    Raises
    ------
    ArgumentTypeError
        When `model` is no module, or `cost` no Value.
    ArgumentError
        When the model has no parameters.

    Notes
    -----
    A layer's gradients are "vanishing" where the greatest is below 1e-6, or below a thousandth
    of that of another layer, and "exploding" where it is above 1000. Nothing is written on the
    nodes, and `backward` need not have been called. Close to a minimum all gradients are
    small, and that is as it should be.

    Examples
    --------
    >>> from tinygrad_nn import nn
    >>> model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    >>> for neuron in model.layers[0].neurons:
    ...     neuron.b.data = 20.0
    >>> print(explain_model(model, model([0.5, -1.0]) ** 2))
      layer     parameters  min |g|  median   max      zero  dead  saturated
      layers.0  9           2.8e-19  3.8e-17  7.6e-17  0 %   0/3   3/3        vanishing, 3 of 3 units saturated
      layers.1  4           2.8      2.8      2.8      0 %   –     –          fine
    """
    if not isinstance(cost, Value):
        raise ArgumentTypeError(
            f"cost must be a Value, got {cost!r} ({type(cost).__name__}): give what was computed "
            "with the model"
        )
    named = parameters_of(model)
    if not named:
        raise ArgumentError(f"model {model!r} has no parameters: there is no gradient to explain")
    with collector_paused():
        found = adjoints([cost], [1.0], [node for _, node in named], partial)
        units = units_of(named, type(model).__name__)
        activity = find_activity(cost, units)
    layers: dict[str, list[float]] = {}
    for (_, node), gradient in zip(named, found, strict=True):
        layers.setdefault(units[node].layer, []).append(abs(gradient))
    most = max(magnitude(size) for sizes in layers.values() for size in sizes)
    return ModelExplanation([_layer(name, sizes, activity, most) for name, sizes in layers.items()])


def _layer(
    name: str, sizes: Sequence[float], activity: dict[Unit, Activity], most: float
) -> LayerGradients:
    seen = [each for unit, each in activity.items() if unit.layer == name]
    dead = sum(each.flat == each.samples for each in seen)
    saturated = sum(2 * each.saturated > each.samples for each in seen)
    ordered = sorted(sizes, key=magnitude)
    middle = len(ordered) // 2
    faults = list(_faults(ordered[-1], most))
    faults += [f"{dead} of {len(seen)} units dead"] if dead else []
    faults += [f"{saturated} of {len(seen)} units saturated"] if saturated else []
    return LayerGradients(
        name=name,
        parameters=len(sizes),
        least=ordered[0],
        median=(ordered[middle] + ordered[~middle]) / 2.0,
        greatest=ordered[-1],
        zeros=sizes.count(0.0) / len(sizes),
        units=len(seen),
        dead=dead,
        saturated=saturated,
        verdict=", ".join(faults) or "fine",
    )


def _faults(greatest: float, most: float) -> Iterator[str]:
    if not math.isfinite(greatest):
        yield "NaN or infinite"
    elif greatest > EXPLODING:
        yield "exploding"
    elif greatest == 0.0:
        yield "no gradient at all"
    elif greatest < VANISHING or greatest < BEHIND * most < math.inf:
        yield "vanishing"
