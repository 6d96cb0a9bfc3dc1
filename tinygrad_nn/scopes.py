"""Scopes: which part of a program each number belongs to, as layer 1, unit 3, the loss.

Scopes are recorded where you name a part, within `scope`. Those of a model are not: they
follow from its parameters' names when somebody looks. An operation on a parameter is in
the parameter's unit, and any other operation where all of its operands are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, contextmanager
from itertools import takewhile
from typing import TypeAlias

from .errors import ArgumentTypeError
from .scalar.contexts import state, switched_on
from .scalar.graph import Node

__all__ = ["Path", "name_of", "parameter_path", "scope", "scope_paths"]

Path: TypeAlias = tuple[str, ...]

_ENTRY = re.compile(r"(?:(.*)\.)?(weight|bias|[^.]*?)((?:\[\d+\])*)")
_UNIT_RANK = {"weight": 2, "bias": 1}  # of a layer's arrays, whose first index counts units


def scope(name: str) -> AbstractContextManager[None]:
    """Name what is computed inside this context; drawings show it as one part.

    Scopes nest, and each thread has its own. Outside of all scopes operations cost nothing
    more.

    Parameters
    ----------
    name : str
        What the part is called. Parts whose names differ only in a number at the end, as
        "head 1" and "head 2", are drawn as one if they are computed alike.

    Raises
    ------
    ArgumentTypeError
        When `name` is no text, or empty.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> x = Value(2.0)
    >>> with scope("encoder"):
    ...     with scope("norm"):
    ...         y = x * x
    >>> y.info.scope
    ('encoder', 'norm')
    """
    if not isinstance(name, str) or not name.strip():
        raise ArgumentTypeError(
            f"name of a scope must be a text, got {name!r}: write scope('attention')"
        )
    return _inside(name)


@contextmanager
def _inside(name: str) -> Iterator[None]:
    with switched_on():
        outside, state.scope = state.scope, (*state.scope, name)
        try:
            yield
        finally:
            state.scope = outside


def name_of(
    node: Node, given: Mapping[Node, str], otherwise: Mapping[Node, str] | None = None
) -> str:
    """Name a node for people: as it was given, as a parameter by its path, else by its label.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> w, b = Value(1.0, label="alpha"), Value(0.0, label="b")
    >>> name_of(w, {w: "weight[0]"}), name_of(b, {w: "weight[0]"})
    ('weight[0]', 'b')
    """
    return given.get(node) or node.label or (otherwise or {}).get(node, "")


def parameter_path(name: str) -> Path:
    """Read the scopes of a parameter off its name.

    Parameters
    ----------
    name : str
        As `Module.named_parameters` gives it.

    Returns
    -------
    tuple of str
        The outermost scope first; layers and units count from 1, as in formulas.

    Examples
    --------
    >>> parameter_path("layers.0.weight[3][1]")
    ('layer 1', 'unit 4')
    >>> parameter_path("encoder.layers.1.bias[0]")
    ('encoder', 'layer 2', 'unit 1')
    >>> parameter_path("knots[2]")
    ()
    """
    match = _ENTRY.fullmatch(name)
    if match is None:
        return ()
    modules, array, places = match[1] or "", match[2], re.findall(r"\d+", match[3])
    path: list[str] = []
    for part in modules.split(".") if modules else []:
        if part.isdigit() and path:
            path[-1] = f"{path[-1].removesuffix('s')} {int(part) + 1}"
        else:
            path.append(part)
    if _UNIT_RANK.get(array) == len(places):
        path.append(f"unit {int(places[0]) + 1}")
    return tuple(path)


def scope_paths(
    nodes: Sequence[Node], names: Mapping[Node, str], outside: Mapping[Node, Path]
) -> list[Path]:
    """Find the scope of every node.

    Parameters
    ----------
    nodes : sequence of Node
        All of a graph, operands first.
    names : mapping of Node to str
        The names of a model's parameters; empty without a model.
    outside : mapping of Node to tuple of str
        Nodes that belong to no part of the model, and the scope that they are in instead.

    Returns
    -------
    list of tuple of str
        For each node the names of its scopes, the outermost first; () if it is in none.
        A scope of the model stands inside those that were recorded.
    """
    parameters = {node: parameter_path(name) for node, name in names.items()}
    recorded = {
        node: node.info.scope for node in nodes if node.info is not None and node.info.scope
    }
    inner: dict[Node, Path] = {}
    paths: dict[Node, Path] = {}
    for node in nodes:
        if node.args:
            given = outside.get(node)
            inner[node] = _inherited(node, parameters, recorded, inner) if given is None else given
            paths[node] = recorded.get(node, ()) + inner[node]
    _place_ends(nodes, {**recorded, **outside}, paths)
    return [paths[node] for node in nodes]


def _inherited(
    node: Node,
    parameters: Mapping[Node, Path],
    recorded: Mapping[Node, Path],
    inner: Mapping[Node, Path],
) -> Path:
    """Put an operation into its parameter's scope, else where all of its operands are.

    What was recorded elsewhere is the input of a part, and tells nothing of it.
    """
    own = [parameters[operand] for operand in node.args if operand in parameters]
    here = recorded.get(node)
    return _common(
        own
        or [
            inner[operand]
            for operand in node.args
            if operand in inner and recorded.get(operand) == here
        ]
    )


def _place_ends(nodes: Sequence[Node], known: Mapping[Node, Path], paths: dict[Node, Path]) -> None:
    """Put leaves and constants where all of their uses are, unless it is known where."""
    uses: dict[Node, list[Path]] = {}
    for node in nodes:
        for operand in node.args:
            if not operand.args:
                uses.setdefault(operand, []).append(paths[node])
    for node in nodes:
        if not node.args:
            given = known.get(node)
            paths[node] = _common(uses.get(node, [])) if given is None else given


def _common(paths: Iterable[Path]) -> Path:
    """Find the innermost scope that all paths lead through."""
    levels = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return tuple(names[0] for names in levels)
