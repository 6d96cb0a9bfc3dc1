"""Solvers of plain Python functions, whose results have derivatives.

Values are SciPy's; derivatives follow from what the result solves, never from the iterations of
the solver: by all Values in the arguments, to the second order, in every transform.
``pip install "tinygrad-nn[science]"``. A solver is not compiled, as its number would be frozen.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from ..extras import load_extra
from ..foreign import check_keywords

__all__ = ["fixed_point", "root"]

Function = Callable[..., Any]


@check_keywords
def root(
    f: Function,
    x0: Any,
    args: Sequence[Any] = (),
    *,
    bracket: Sequence[float] | None = None,
    method: str = "hybr",
) -> Any:
    """Solve f(x, *args) = 0.

    Parameters
    ----------
    f : callable
        Of x, nested as `x0`, and of `args`; it gives as many numbers as there are in x.
    x0 : float or nesting of them
        Where to begin.
    args : tuple
        What else `f` takes. The result has derivatives by the Values in it, and by those that
        `f` finds by itself.
    bracket : pair of float, optional
        For one unknown: two numbers where `f` has different signs.
    method : str
        Of ``scipy.optimize.root``, where there is no bracket: "hybr" or "lm".

    Returns
    -------
    float, Value or nesting of them
        x, nested as `x0`.

    Raises
    ------
    ConvergenceError
        When no root is found.
    DomainError
        When the Jacobian of `f` is singular there, as at a double root.
    ShapeError
        When there are not as many equations as unknowns.
    TraceError
        While `compile` records.
    MissingExtraError
        When SciPy is not installed.

    Notes
    -----
    The implicit function theorem: where f(x(a), a) = 0, the derivative of x is -J^-1 df/da, J
    being the Jacobian of f by x.

    Examples
    --------
    >>> from tinygrad_nn import grad
    >>> from tinygrad_nn.solvers import root
    >>> def square_root(a):
    ...     return root(lambda x, a: x * x - a, 1.0, (a,))
    >>> square_root(16.0), grad(square_root)(16.0), grad(grad(square_root))(16.0)
    (4.0, 0.125, -0.00390625)
    """
    _load("root")
    from .equations import root_of

    return root_of(f, x0, args, bracket, method)


@check_keywords
def fixed_point(g: Function, x0: Any, args: Sequence[Any] = (), *, method: str = "del2") -> Any:
    """Solve x = g(x, *args) by iteration.

    Parameters
    ----------
    g : callable
        Of x, nested as `x0`, and of `args`; it gives as many numbers as there are in x.
    x0 : float or nesting of them
        Where to begin.
    args : tuple
        What else `g` takes: see `root`.
    method : str
        Of ``scipy.optimize.fixed_point``: "del2" speeds the iteration up, "iteration" does not.

    Returns
    -------
    float, Value or nesting of them
        x, nested as `x0`.

    Raises
    ------
    ConvergenceError
        When the iteration finds none.
    DomainError
        When the Jacobian of x - g(x) is singular there.
    ShapeError, TraceError, MissingExtraError
        As for `root`.

    Examples
    --------
    >>> from tinygrad_nn import cos, grad
    >>> from tinygrad_nn.solvers import fixed_point
    >>> def settled(a):
    ...     return fixed_point(lambda x, a: cos(a * x), 0.5, (a,))
    >>> round(settled(1.0), 12), round(grad(settled)(1.0), 12)
    (0.739085133215, -0.29747434151)
    """
    _load("fixed_point")
    from .equations import fixed_point_of

    return fixed_point_of(g, x0, args, method)


def _load(solver: str) -> None:
    """Refuse to run where a function is being recorded, or SciPy is not installed."""
    load_extra("scipy", "science", f"solvers.{solver}")
    from .arguments import refuse_recording

    refuse_recording(solver)
