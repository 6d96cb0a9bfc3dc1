"""A model at work on a sample: the graph that it records, and what its numbers are called."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Sequence
from reprlib import repr as brief
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, LostGradientWarning
from ..nn import Module
from ..scalar.contexts import looking, recording
from ..scalar.convert import to_number
from ..scalar.graph import Node, ancestors
from ..scalar.value import Value, constant
from ..tree import flatten
from .description import Subject
from .target import with_target

__all__ = ["at_work", "check_loss", "check_sample", "chosen", "refuse_draws"]


def at_work(model: Module, x: Any, y: Any, loss: Any, output: Any = None) -> Subject:
    """Run a model on one sample, and name everything that it is made of."""
    numbers, rebuild = flatten(x.tolist() if hasattr(x, "tolist") else x)
    targets: list[Any] = []
    fixed: dict[Node, str] = {}
    with recording(), looking() as looked:
        inputs, prediction = _predicted(model, numbers, rebuild)
        outputs: list[Any] = flatten(prediction)[0]
        roots = outputs
        if loss is not None:
            root, targets, fixed = with_target(loss, prediction, y)
            roots = [root]
    for root in roots:
        if not isinstance(root, Node):
            raise ArgumentTypeError(
                f"{'the output of value' if loss is None else 'the result of loss'} is "
                f"{brief(root)}, of type {type(root).__name__}: expected a Value; keep to "
                "arithmetic on Values, without float() or .data"
            )
    outputs = [node for node in outputs if isinstance(node, Node)]
    labels = _numbered("x", inputs) | _numbered("output", outputs) | _numbered("y", targets)
    sample = f"x = {_brief(numbers)}"
    if loss is not None:
        labels.setdefault(roots[0], "loss")
        sample += f", y = {_brief(y)}"
    below = set(ancestors(*outputs))
    shown = ancestors(*roots)
    names: dict[Node, str] = {node: name for name, node in model.named_parameters()}
    return Subject(
        outputs=roots,
        output=chosen(output, roots),
        sample=sample,
        names=names,
        parameters=[node for node in shown if node in names],
        labels=labels,
        outside=dict.fromkeys(inputs, ())
        | {node: ("loss",) for node in shown if node not in below},
        fixed=fixed,
        looked=looked,
    )


def _predicted(
    model: Module, numbers: Sequence[Any], rebuild: Callable[[Sequence[Any]], Any]
) -> tuple[list[Node], Any]:
    """Run a model on leaves, which take notes where Python looks at one.

    On constants where it makes plain numbers of Values, as of data it may.
    """

    def run(make: Callable[[float], Node]) -> tuple[list[Node], Any]:
        inputs = [
            item if isinstance(item, Node) else make(to_number(item, "x")) for item in numbers
        ]
        return inputs, model(rebuild(inputs))

    with warnings.catch_warnings():
        warnings.simplefilter("error", LostGradientWarning)
        try:
            return run(Value)
        except LostGradientWarning:
            pass
    return run(constant)


def check_sample(x: Any, y: Any, loss: Any) -> None:
    """Check that what makes one sample is there, and no more."""
    if x is None:
        raise ArgumentError(
            "x is missing: a model is shown at work on one sample; give it as view(model, x), or "
            "with its target as view(model, x, y, loss=nn.squared_error)"
        )
    if (y is None) != (loss is None):
        given, missing = ("loss", "y") if y is None else ("y", "loss")
        raise ArgumentError(
            f"{given} is given and {missing} is missing: give both, as view(model, x, y, "
            "loss=nn.squared_error), or neither to show the outputs"
        )
    if loss is not None:
        check_loss(loss)


def check_loss(loss: Any) -> None:
    """Check that a loss can be called."""
    if not callable(loss):
        raise ArgumentTypeError(
            f"loss is {brief(loss)}, of type {type(loss).__name__}: expected a function of a "
            "prediction and its target, as nn.squared_error"
        )


def refuse_draws() -> Any:
    """Refuse a random number that a model asks for: a page would keep it for all updates."""
    raise ArgumentError(
        "the model draws random numbers, as dropout does, which a page would keep for all updates: "
        "switch it off with model.eval()"
    )


def chosen(output: Any, roots: Sequence[Node]) -> Node:
    """Give the number that gradients are of: the last root if none is chosen."""
    if output is None:
        return roots[-1]
    if not isinstance(output, Node):
        raise ArgumentTypeError(
            f"output is {brief(output)}, of type {type(output).__name__}: expected a Value of the "
            "graph; leave it out for the result itself"
        )
    return output


def _numbered(name: str, nodes: Sequence[Node]) -> dict[Node, str]:
    """Label some nodes: by their place where there are several."""
    if len(nodes) == 1:
        return {nodes[0]: name}
    return {node: f"{name}[{place}]" for place, node in enumerate(nodes)}


def _brief(item: Any) -> str:
    """Show numbers with few digits."""
    if hasattr(item, "tolist"):
        item = item.tolist()
    if isinstance(item, list | tuple):
        shown = [_brief(part) for part in item[:8]]
        return f"[{', '.join(shown)}{', …' if len(item) > 8 else ''}]"
    number = item.data if isinstance(item, Node) else item
    return f"{number:.4g}" if isinstance(number, float) else str(number)
