"""A page that trains a model on data, in a browser and without a network."""

from __future__ import annotations

import math
import os
import random
from collections.abc import Callable, Iterable, Sequence
from reprlib import repr as brief
from typing import Any

from ..arguments import check_count, check_path
from ..data.preparation import parted
from ..data.validation import check_samples
from ..errors import ArgumentError, ArgumentTypeError, ShapeError
from ..extras import load_extra
from ..files import write_whole
from ..nn import Module
from ..nn.draws import drawing
from ..scalar.convert import to_number
from .assembly import assemble
from .frame import View
from .sample import check_loss, refuse_draws

__all__ = ["playground"]


def playground(
    model: Module,
    X: Iterable[Any],
    y: Iterable[Any],
    *,
    loss: Callable[[Any, Any], Any],
    validation: tuple[Iterable[Any], Iterable[Any]] | float | None = 0.25,
    lr: float = 0.1,
    batch_size: int | None = None,
    features: Sequence[str] | None = None,
    note: str = "",
    path: str | os.PathLike[str] = "playground.html",
) -> View:
    r"""Write a page that trains a model on your data: one HTML file, which needs no network.

    It computes by programs that are exported to JavaScript, in the browser's page: a step of
    gradient descent on a batch is that of `Trainer` with `SGD`. It shows the cost on what is learnt from
    and on what is held out, the weights as edges, and what each unit makes of the inputs; and
    it hands out the weights, as a file that `nn.load` reads, and the Python that goes on from
    there. An `MLP` can be made deeper, wider and of other activations in the page; any
    other model trains as it is.

    Parameters
    ----------
    model : Module
    X : table of numbers, shape (samples, features)
    y : numbers, shape (samples,) or (samples, outputs)
        The targets, as `loss` takes them.
    loss : callable
        The loss of one prediction and its target, as those of `nn`.
    validation : (X, y), float or None
        What is held out: samples, or the part of those given, between 0 and 1.
    lr : float
        The learning rate at first.
    batch_size : int, optional
        How many samples a step takes at first; all of them if not given.
    features : sequence of str, optional
        The names of the features; x1, x2, ... if not given.
    note : str
        What the page and the Python that it hands out say of the data, as how it was scaled.
    path : str or path
        Where to: a file that ends in .html.

    Returns
    -------
    View
        Its `path` is that of the file; a notebook shows the page itself.

    Raises
    ------
    ArgumentTypeError
        When an argument is of another type.
    ArgumentError
        When arguments do not fit together, the model or loss has no program that could be
        exported, or the file cannot be written there.
    MissingExtraError
        When NumPy is missing.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from tinygrad_nn import nn
    >>> X, y = [[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]], [0, 1, 1, 0]
    >>> model = nn.MLP(2, [4, 1], activation="tanh", seed=0)
    >>> with TemporaryDirectory() as folder:
    ...     page = playground(
    ...         model,
    ...         X,
    ...         y,
    ...         loss=nn.binary_cross_entropy_with_logits,
    ...         validation=None,
    ...         path=f"{folder}/xor.html",
    ...     )
    >>> page.title
    'Playground of MLP 2-4-1'
    """
    path = check_path(path, ".html")
    if not isinstance(model, Module):
        raise ArgumentTypeError(
            f"model is {brief(model)}, of type {type(model).__name__}: expected a model, as nn.MLP"
        )
    check_loss(loss)
    rate = to_number(lr, "lr")
    if not 0.0 < rate < math.inf:
        raise ArgumentError(f"lr is {rate!r}: expected a finite number above 0, as 0.1")
    batch = 0 if batch_size is None else check_count(batch_size, "batch_size")
    train, test = samples_of(X, y, validation)
    names = _names(features, len(train[0][0]))
    load_extra("numpy", "compile", "let the page train")
    from .ground import printed_of, told_of

    with drawing(refuse_draws):
        told = told_of(model, loss, train, test)
        told |= {"features": names, "rate": rate, "batch": batch, "note": str(note)}
        html = assemble(told, printed_of(model, loss, train), "ground.html", "ground")
    write_whole(path, html.encode())
    return View(html, path, told["title"])


def samples_of(X: Any, y: Any, validation: Any) -> tuple[Any, Any]:
    """Give the samples to learn from, and those that are held out."""
    rows, targets = check_samples(X, y)
    if validation is None:
        return (rows, targets), ([], [])
    if isinstance(validation, tuple | list):
        if len(validation) != 2:
            raise ArgumentError(
                f"validation has {len(validation)} parts: expected samples and their targets, as "
                "(X, y)"
            )
        test = check_samples(*validation)
        if len(test[0][0]) != len(rows[0]):
            raise ShapeError(
                f"validation has rows of {len(test[0][0])} numbers and X has rows of "
                f"{len(rows[0])}: expected the same features; give both of one table"
            )
        return (rows, targets), test
    fraction = to_number(validation, "validation")
    if not 0.0 < fraction < 1.0:
        raise ArgumentError(
            f"validation is {fraction!r}: expected the part that is held out, between 0 and 1, "
            "samples (X, y), or None"
        )
    if len(rows) < 2:
        return (rows, targets), ([], [])
    parts = map(sorted, parted(targets, fraction, True, random.Random(0)))
    train, test = (([rows[k] for k in part], [targets[k] for k in part]) for part in parts)
    return train, test


def _names(features: Any, count: int) -> list[str]:
    if features is None:
        return [f"x{k + 1}" for k in range(count)]
    names = list(map(str, features))
    if len(names) != count:
        raise ArgumentError(
            f"features has {len(names)} names and X has {count} columns: give one for each"
        )
    return names
