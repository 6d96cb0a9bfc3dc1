"""A page to look at a graph: every number of it, every derivative, and the steps of learning.

The page is one HTML file that loads nothing from elsewhere.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from reprlib import repr as brief
from typing import Any

from ..arguments import check_count, check_path
from ..errors import ArgumentError, ArgumentTypeError, DrawingError
from ..extras import load_extra
from ..files import write_whole
from ..nn import Module
from ..scalar.convert import to_number
from ..scalar.graph import Node, ancestors
from ..scalar.value import Value
from .arithmetic import Arithmetic
from .assembly import assemble
from .data_set import data_set_of
from .description import Subject, describe
from .frame import View
from .playing import playground
from .sample import at_work, check_sample, chosen

__all__ = ["View", "playground", "view"]


def view(
    value: Value | Sequence[Value] | Module,
    x: Any = None,
    y: Any = None,
    *,
    loss: Callable[[Any, Any], Any] | None = None,
    data: tuple[Iterable[Any], Iterable[Any]] | None = None,
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
    data : pair of samples and targets, optional
        For a model and its loss, in place of `x` and `y`: at most 200 samples, which the page
        goes through one by one, or updates by the mean of, as often as one likes.
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
        The most numbers that the page has.

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
        When there are more than `max_nodes` numbers, in all different graphs of the samples.
    MissingExtraError
        When `data` is given and NumPy is missing.

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
    if parameters is not None:
        parameters = _check_parameters(parameters)
    if data is not None:
        return _of_data(value, x, y, data, loss, output, parameters, rate, path, max_nodes)
    if isinstance(value, Module):
        check_sample(x, y, loss)
        subject = at_work(value, x, y, loss, output)
    else:
        subject = _of_values(value, x, y, loss, output)
    if parameters is not None:
        subject = replace(subject, parameters=parameters)
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
    _check_leaves(parameters or (), set(nodes))
    arithmetic = Arithmetic({node.row for node in nodes if node.op})
    return _written(describe(subject, nodes, rate, arithmetic), arithmetic, path)


def _of_data(
    model: Any,
    x: Any,
    y: Any,
    data: Any,
    loss: Any,
    output: Any,
    parameters: Sequence[Value] | None,
    rate: float,
    path: Path,
    max_nodes: int,
) -> View:
    if not isinstance(model, Module):
        raise ArgumentTypeError(
            f"value is {brief(model)}, of type {type(model).__name__}, and data is given: expected "
            "a model, as view(model, data=(X, y), loss=nn.squared_error)"
        )
    for name, argument in {"x": x, "y": y, "output": output}.items():
        if argument is not None:
            raise ArgumentError(
                f"{name} is {brief(argument)}, and data is given, which has all samples: leave "
                f"{name} out"
            )
    load_extra("numpy", "compile", "let the page compute")
    found = data_set_of(model, data, loss, parameters, max_nodes)
    nodes = set(found.nodes)
    _check_leaves(parameters or (), nodes)
    arithmetic = Arithmetic({node.row for node in nodes if node.op})
    return _written(found.describe(rate, arithmetic), arithmetic, path)


def _written(told: dict[str, Any], arithmetic: Arithmetic, path: Path) -> View:
    html = assemble(told, arithmetic.script())
    write_whole(path, html.encode())
    return View(html, path, told["title"])


def _check_parameters(parameters: Sequence[Any]) -> list[Value]:
    for place, parameter in enumerate(parameters):
        if not isinstance(parameter, Node):
            raise ArgumentTypeError(
                f"parameters[{place}] is {brief(parameter)}, of type {type(parameter).__name__}: "
                "expected a Value of the graph, as in view(loss, parameters=[w, b])"
            )
    return list(parameters)


def _check_leaves(parameters: Sequence[Value], nodes: set[Node]) -> None:
    for place, parameter in enumerate(parameters):
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
    return Subject(roots, chosen(output, roots))
