"""Which scope each number of a graph is in: a layer, a unit, the loss.

Scopes that were recorded with the numbers are taken as they are. For a model without
them they follow from its parameters' names: an operation on a parameter is in the
parameter's unit, and any other operation where all of its operands are.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import takewhile
from typing import TypeAlias

from ..graph import Node

__all__ = ["Path", "parameter_path", "scope_paths"]

Path: TypeAlias = tuple[str, ...]

_ENTRY = re.compile(r"(?:(.*)\.)?(weight|bias|[^.]*?)((?:\[\d+\])*)")
_UNIT_RANK = {"weight": 2, "bias": 1}  # of a layer's arrays, whose first index counts units


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
        Scopes known from elsewhere; what was recorded goes before them.

    Returns
    -------
    list of tuple of str
        For each node the names of its scopes, the outermost first; () if it is in none.
    """
    recorded = {node: path for node in nodes if (path := _recorded(node))}
    parameters = {node: parameter_path(name) for node, name in names.items()}
    paths: dict[Node, Path] = {}
    for node in nodes:
        if node.args:
            given = recorded.get(node, outside.get(node, () if recorded else None))
            paths[node] = _inherited(node, parameters, paths) if given is None else given
    _place_ends(nodes, outside, paths)
    return [paths[node] for node in nodes]


def _recorded(node: Node) -> Path:
    """Read the scope that was open when a node was made."""
    return tuple(getattr(node.info, "scope", ()))


def _inherited(node: Node, parameters: Mapping[Node, Path], paths: Mapping[Node, Path]) -> Path:
    """Put an operation into its parameter's scope, else where all of its operands are."""
    own = [parameters[operand] for operand in node.args if operand in parameters]
    return _common(own or [paths[operand] for operand in node.args if operand in paths])


def _place_ends(
    nodes: Sequence[Node], outside: Mapping[Node, Path], paths: dict[Node, Path]
) -> None:
    """Put leaves and constants where all of their uses are."""
    uses: dict[Node, list[Path]] = {}
    for node in nodes:
        for operand in node.args:
            if not operand.args:
                uses.setdefault(operand, []).append(paths[node])
    for node in nodes:
        if not node.args:
            given = outside.get(node)
            paths[node] = _common(uses.get(node, [])) if given is None else given


def _common(paths: Iterable[Path]) -> Path:
    """Find the innermost scope that all paths lead through."""
    levels = takewhile(lambda names: len(set(names)) == 1, zip(*paths, strict=False))
    return tuple(names[0] for names in levels)
