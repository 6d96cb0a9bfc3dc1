"""Derivatives against finite differences."""

from __future__ import annotations

import random
from collections.abc import Callable, Sequence
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar.graph import Node, ancestors
from ..scalar.value import Value
from .leaves import chosen_leaves, leaves_below, put_leaves
from .lines import check_lines, random_direction
from .problem import Problem, Recomputation
from .report import Entry, GradientError, Report

__all__ = ["Entry", "GradientError", "Report", "check_grad"]


def check_grad(
    f: Callable[..., Any] | Value,
    *args: Any,
    wrt: Any = None,
    order: int = 1,
    directions: int = 2,
    seed: int | None = None,
    rng: random.Random | None = None,
) -> Report:
    """Compare every derivative with finite differences.

    Central differences (f(x + h) - f(x - h)) / 2h at several h are extrapolated to
    h = 0. The steps are chosen for each argument, and how close is close enough
    follows from the estimated error of the differences. At a kink or at the edge of the
    domain a derivative may be any slope between those on both sides, if it is right
    beside the point. A staircase, as of a root that was found to a tolerance, is flat
    from near; steps of many sizes show the slope that it has on the whole.

    Parameters
    ----------
    f : callable or Value
        A function that returns one number; or a recorded result, whose graph is then
        evaluated again without running Python.
    *args
        What to call `f` with: numbers, or nestings of lists, tuples, dicts and arrays.
    wrt : Value, nesting of Values, or model, optional
        The leaves to differentiate by. They are moved in place and put back exactly,
        whatever happens; their gradients stay as they are. Without it, every number
        in `args`, or every leaf below a recorded result.
    order : int
        2 also checks second derivatives: those of the derivative along a random
        direction (products of the Hessian matrix and a vector); 3 third ones.
    directions : int
        In how many random directions to check as well.
    seed : int, optional
        What the random directions depend on.
    rng : random.Random, optional
        Where they come from. Without either, from `random` itself.

    Returns
    -------
    Report
        True if nothing is wrong; printed, a table of what is remarkable.

    Raises
    ------
    ArgumentTypeError
        When `f` returns no number, or `wrt` holds what is no leaf.
    ArgumentError
        When there is nothing to differentiate by.

    Examples
    --------
    >>> from tinygrad_nn import Value, tanh
    >>> check_grad(lambda x, w: tanh(w["a"] * x) + w["b"], 0.5, {"a": 2.0, "b": 1.0})
    check_grad passed: 3 of 3 derivatives and 2 directions: 5 ok

    A number taken out of the graph has no derivative there:

    >>> report = check_grad(lambda x: x * x.data, 3.0, directions=0)
    >>> bool(report), report.failures[0].argument, report.failures[0].analytic
    (False, 'args[0]', 3.0)

    Parameters that the function finds by itself, and a recorded graph:

    >>> w = Value(0.3, label="w")
    >>> assert check_grad(lambda x: tanh(w * x), 2.0, wrt=[w])
    >>> assert check_grad(tanh(w * 2.0), order=2)
    """
    problem = _problem(f, args, wrt)
    if rng is None:
        rng = random if seed is None else random.Random(seed)  # type: ignore[assignment]  # the module has the functions of an instance
    assert rng is not None
    total = len({*problem.leaves, *filter(_is_leaf, ancestors(problem.output()))})
    looked_at = len(problem.leaves)
    entries: list[Entry] = []
    for each in range(1, order + 1):
        entries += check_lines(problem, each, directions, rng)
        problem = problem.derivative(random_direction(problem, rng))
    return Report(entries, looked_at, total)


def _is_leaf(node: Node) -> bool:
    return node.is_leaf


def _problem(f: Callable[..., Any] | Value, args: Sequence[Any], wrt: Any) -> Problem:
    """Find the function without arguments, and its leaves."""
    if isinstance(f, Value):
        if args:
            raise ArgumentError("args must be empty for a recorded result: give the function")
        leaves = leaves_below(f) if wrt is None else chosen_leaves(wrt)
        return Problem(Recomputation(f, list(leaves.values())), leaves)
    if not callable(f):
        raise ArgumentTypeError(f"f must be a function or a Value, got {f!r}: give one of them")
    if wrt is not None:
        return Problem(lambda: f(*args), chosen_leaves(wrt))
    replaced, leaves = put_leaves(args)
    return Problem(lambda: f(*replaced()), leaves)
