"""A page to look at a graph: every number of it, every derivative, and the steps of learning.

The page is one HTML file that loads nothing from elsewhere.
"""

from __future__ import annotations

import math
import os
import warnings
from collections.abc import Callable, Sequence
from dataclasses import replace
from reprlib import repr as brief
from typing import Any

from ..arguments import check_count, check_path
from ..errors import ArgumentError, ArgumentTypeError, DrawingError, LostGradientWarning
from ..files import write_whole
from ..nn import Module
from ..scalar.contexts import looking, recording
from ..scalar.convert import to_number
from ..scalar.graph import Node, ancestors
from ..scalar.value import Value, constant
from ..tree import flatten
from .arithmetic import Arithmetic
from .assembly import assemble
from .description import Subject, describe
from .frame import View
from .target import with_target

__all__ = ["View", "view"]


def view(
    value: Value | Sequence[Value] | Module,
    x: Any = None,
    y: Any = None,
    *,
    loss: Callable[[Any, Any], Any] | None = None,
    output: Value | None = None,
    parameters: Sequence[Value] | None = None,
    lr: float = 0.1,
    path: str | os.PathLike[str] = "graph.html",
    max_nodes: int = 20_000,
) -> View:
    r"""Write a page that shows a graph and plays the four steps of learning on it.

    The page zooms and searches, opens and closes scopes (the layers and units of a
    model), tells of each number its formula, derivatives and gradient, and shows all
    paths from it to the output, each with its share of the gradient. Its steps are: take
    a sample; compute forward; differentiate backward, adding up over the uses of each
    number; update ``w = w - lr * grad``. Leaves and the learning rate can be typed and dragged,
    and everything is computed again; that takes NumPy when the page is written. Nothing on the
    nodes is changed: the gradients are those of the output shown, whatever `backward` has added up.

    Parameters
    ----------
    value : Value, sequence of Value, or Module
        The result or results whose graph to show; or a model, of which `x` is shown.
    x : sequence of numbers, shape (nin,), optional
        For a model: one sample.
    y : number or sequence of numbers, optional
        Its target. Without one the outputs of the model are shown, not their loss.
    loss : callable, optional
        The loss of one prediction and its target, as those of `nn`; needed with `y`.
    output : Value, optional
        What gradients are of at first: any number of the graph; the last result if not
        given. The page can choose another.
    parameters : sequence of Value, optional
        What the update changes: leaves of the graph. Those of a model if not given; for
        a `value` all leaves, inputs and targets too.
    lr : float
        The learning rate of the update.
    path : str or path
        Where to: a file that ends in .html.
    max_nodes : int
        The most numbers that are shown.

    Returns
    -------
    View
        Its `path` is that of the file; a notebook shows the page itself.

    Raises
    ------
    ArgumentTypeError
        When an argument is nothing that can be shown.
    ArgumentError
        When arguments do not fit together, `output` is not in the graph, the suffix is
        not .html, or the folder does not exist.
    DrawingError
        When there are more than `max_nodes` numbers.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from tinygrad_nn import Value, nn
    >>> a, b = Value(2.0, label="a"), Value(-3.0, label="b")
    >>> with TemporaryDirectory() as folder:
    ...     page = view(a * b + a, path=f"{folder}/graph.html")
    ...     page.path.name
    'graph.html'
    >>> model = nn.MLP(2, [3, 1], seed=0)
    >>> with TemporaryDirectory() as folder:
    ...     page = view(model, [0.5, -1.0], 2.0, loss=nn.squared_error, path=f"{folder}/loss.html")
    >>> page.title
    'Computation graph of loss'
    """
    path = check_path(path, ".html")  # before any work is done
    rate = to_number(lr, "lr")
    if not 0.0 <= rate < math.inf:
        raise ArgumentError(f"lr is {rate!r}: expected a finite number, 0 or more, as 0.1")
    max_nodes = check_count(max_nodes, "max_nodes")
    if isinstance(value, Module):
        subject = _of_model(value, x, y, loss, output)
    else:
        subject = _of_values(value, x, y, loss, output)
    if parameters is not None:
        subject = replace(subject, parameters=list(parameters))
    nodes = ancestors(*subject.outputs)
    if len(nodes) > max_nodes:
        raise DrawingError(
            f"the graph has {len(nodes):,} numbers, more than max_nodes={max_nodes:,}: a page of so "
            "many is slow and hard to read. Show the loss of one sample, or a smaller model; or "
            f"raise the limit with max_nodes={len(nodes)}"
        )
    if subject.output not in set(nodes):
        raise ArgumentError(
            f"output is {subject.output!r}, which is not in the graph of value: give one of the "
            "numbers that value was made from"
        )
    _check_parameters(subject, set(nodes))
    arithmetic = Arithmetic({node.row for node in nodes if node.op})
    data = describe(subject, nodes, rate, arithmetic)
    html = assemble(data, arithmetic.script())
    write_whole(path, html.encode())
    return View(html, path, data["title"])


def _check_parameters(subject: Subject, nodes: set[Node]) -> None:
    for place, parameter in enumerate(subject.parameters or ()):
        if not isinstance(parameter, Node):
            raise ArgumentTypeError(
                f"parameters[{place}] is {brief(parameter)}, of type {type(parameter).__name__}: "
                "expected a Value of the graph, as in view(loss, parameters=[w, b])"
            )
        if parameter not in nodes or not parameter.is_leaf:
            fault = "is not in the graph of value" if parameter not in nodes else "is no leaf"
            raise ArgumentError(
                f"parameters[{place}] is {parameter!r}, which {fault}: give the Values that "
                "gradient descent is to change"
            )


def _of_values(value: Any, x: Any, y: Any, loss: Any, output: Any) -> Subject:
    for name, argument in {"x": x, "y": y, "loss": loss}.items():
        if argument is not None:
            raise ArgumentError(
                f"{name} is {brief(argument)}, and value is no model that could take it: leave it "
                'out; the file is given as path="graph.html"'
            )
    roots = list(value) if isinstance(value, list | tuple) else [value]
    if not roots:
        raise ArgumentError("value must not be empty: give at least one Value to show")
    for root in roots:
        if not isinstance(root, Node):
            raise ArgumentTypeError(
                "value must be a Value, a list of Values, or a model, got "
                f"{brief(root)} of type {type(root).__name__}: show a result, as view(loss)"
            )
    return Subject(roots, _chosen(output, roots))


def _chosen(output: Any, roots: Sequence[Node]) -> Node:
    if output is None:
        return roots[-1]
    if not isinstance(output, Node):
        raise ArgumentTypeError(
            f"output is {brief(output)}, of type {type(output).__name__}: expected a Value of the "
            "graph; leave it out for the result itself"
        )
    return output


def _of_model(model: Module, x: Any, y: Any, loss: Any, output: Any) -> Subject:
    """Run a model on one sample, and name everything that it is made of."""
    _check_sample(x, y, loss)
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
        output=_chosen(output, roots),
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


def _check_sample(x: Any, y: Any, loss: Any) -> None:
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
    if loss is not None and not callable(loss):
        raise ArgumentTypeError(
            f"loss is {brief(loss)}, of type {type(loss).__name__}: expected a function of a "
            "prediction and its target, as nn.squared_error"
        )


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
