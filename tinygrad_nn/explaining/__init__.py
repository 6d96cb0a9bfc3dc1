"""Why a gradient is what it is: the sum over paths, and what is remarkable about it."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, overload

from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError
from ..scalar.contexts import collector_paused
from ..scalar.value import Value
from ..tree import flatten, leaf_paths
from .explanation import Explanation, Explanations
from .layers import LayerGradients, ModelExplanation, explain_model
from .naming import Names, parameters_of
from .path_sum import Path
from .paths import Paths, edge_shares
from .ranking import Ranking
from .reasons import Reason

if TYPE_CHECKING:
    from ..nn import Module

__all__ = [
    "Explanation",
    "Explanations",
    "LayerGradients",
    "ModelExplanation",
    "Path",
    "Reason",
    "edge_shares",
    "explain",
    "explain_model",
]


@overload
def explain(
    output: Value, wrt: Value, *, paths: int = 10, model: Module | None = None
) -> Explanation: ...
@overload
def explain(
    output: Value, wrt: Any, *, paths: int = 10, model: Module | None = None
) -> Explanations: ...
def explain(
    output: Value, wrt: Any, *, paths: int = 10, model: Module | None = None
) -> Explanation | Explanations:
    r"""Explain a gradient: as a sum over paths, and why it is zero, tiny, huge or NaN.

    A path leads from `wrt` through its uses to `output`, and contributes the product of
    the local derivatives on it,

        d output / d wrt  =  sum over paths  prod over edges (u, v)  dv / du.

    The greatest contributions are listed, with the numbers filled in, and what remains is
    summed, however many paths there are: their number is found exactly, the greatest
    without going through the others. The time is linear in the number of nodes, and the
    nodes are only read.

    Parameters
    ----------
    output : Value
        What is differentiated.
    wrt : Value, nesting of Values, or model
        By what: a leaf or any other node, several of them, or a model's parameters.
    paths : int
        How many paths to list at most.
    model : Module, optional
        Whose parameters to call by their names; `wrt` itself where that is a model.

    Returns
    -------
    Explanation, or Explanations
        One for each Value if `wrt` is more than a single one. Printing it tells most.

    Raises
    ------
    ArgumentTypeError
        When `output` is no Value, `wrt` holds what is none, or `model` is no model.
    ArgumentError
        When `wrt` holds nothing, or `paths` is less than 1.

    Notes
    -----
    A number that was computed as a constant, or under an operation whose derivative is zero
    everywhere (a comparison, `floor`, `stop_gradient`), has no path through there.

    Examples
    --------
    >>> from tinygrad_nn import relu
    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2.0 * x
    >>> e = explain(y, x)
    >>> e.gradient, e.count, [path.contribution for path in e.paths], e.rest
    (8.0, 3, [3.0, 3.0, 2.0], 0.0)
    >>> print(e)
    ∂output/∂x = 8, the sum of 3 paths
      contribution  share   path              local derivatives
      3             37.5 %  x →1 u1 → output  3
      3             37.5 %  x →2 u1 → output  3
      2             25 %    x → u2 → output   2
      output = add(u1 = 9, u2 = 6) = 15
      u1 = mul(x = 3, x = 3) = 9
      u2 = mul(2, x = 3) = 6

    In a path, →2 marks the second of two equal operands; sums that have no label, and
    factors 1, are left out.

    >>> w = Value(-2.0, label="w")
    >>> print(explain(relu(w * x), w).why)
    dead: relu is off, its operand is not above 0: max(0, -6) after w
    """
    limit = check_count(paths, "paths")
    if not isinstance(output, Value):
        raise ArgumentTypeError(
            f"output must be a Value, got {output!r} ({type(output).__name__}): give what was "
            "computed from wrt"
        )
    named = _chosen(wrt)
    if model is None and hasattr(wrt, "named_parameters"):
        model = wrt
    names = Names(
        {} if model is None else {node: name for name, node in parameters_of(model)},
        {} if isinstance(wrt, Value) else {node: path for path, node in named},
    )
    with collector_paused():
        found = Paths(output, [node for _, node in named])
        ranking = Ranking(found)
    explanations = [Explanation(found, ranking, node, limit, names) for _, node in named]
    return explanations[0] if isinstance(wrt, Value) else Explanations(explanations)


def _chosen(wrt: Any) -> list[tuple[str, Value]]:
    """List the Values to differentiate by, with the paths to them."""
    if hasattr(wrt, "named_parameters"):
        named = list(wrt.named_parameters())
    else:
        if not isinstance(wrt, Value) and isinstance(wrt, Iterable) and not isinstance(wrt, dict):
            wrt = list(wrt)
        named = list(zip(leaf_paths(wrt, "wrt"), flatten(wrt)[0], strict=True))
    for path, node in named:
        if not isinstance(node, Value):
            raise ArgumentTypeError(
                f"{path} must be a Value, got {node!r} ({type(node).__name__}): give a Value of "
                "the graph, a list of them, or a model"
            )
    if not named:
        raise ArgumentError("wrt is empty: expected a Value at least; give explain(output, x)")
    return named
