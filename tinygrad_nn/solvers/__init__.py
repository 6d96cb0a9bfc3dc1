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
from ..scalar.contexts import state

__all__ = ["argmin", "fixed_point", "gauss_legendre", "ode", "quad", "root"]

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


@check_keywords
def argmin(
    f: Function, x0: Any, args: Sequence[Any] = (), *, constraints: Function | None = None
) -> Any:
    """Minimise f(x, *args), where constraints(x, *args) are 0.

    Parameters
    ----------
    f : callable
        Of x, nested as `x0`, and of `args`; it gives one number.
    x0 : float or nesting of them
        Where to begin; the minimum is a local one.
    args : tuple
        What else `f` and `constraints` take: see `root`.
    constraints : callable, optional
        Of the same arguments; it gives numbers, nested in any way, that are to be 0.

    Returns
    -------
    float, Value or nesting of them
        x, nested as `x0`.

    Raises
    ------
    ConvergenceError
        When no minimum is found.
    DomainError
        When the minimum is not strict, so that others are as good, or constraints depend on one
        another.
    ShapeError, TraceError, MissingExtraError
        As for `root`.

    Notes
    -----
    The gradient of the Lagrangian is 0 there, which is a system of equations as of `root`; a
    minimum is strict where the Hessian of the Lagrangian is positive along the constraints.

    Examples
    --------
    >>> from tinygrad_nn import jacobian
    >>> from tinygrad_nn.solvers import argmin
    >>> def nearest(p):  # on the unit circle
    ...     def distance(x, p):
    ...         return (x[0] - p[0]) ** 2 + (x[1] - p[1]) ** 2
    ...     def circle(x, p):
    ...         return x[0] ** 2 + x[1] ** 2 - 1.0
    ...     return argmin(distance, [1.0, 1.0], (p,), constraints=circle)
    >>> [round(x, 9) for x in nearest([3.0, 4.0])]
    [0.6, 0.8]
    >>> [[round(slope, 9) for slope in row] for row in jacobian(nearest)([3.0, 4.0])]
    [[0.128, -0.096], [-0.096, 0.072]]
    """
    _load("argmin")
    from .minimum import minimum_of

    return minimum_of(f, x0, args, constraints)


@check_keywords
def quad(
    f: Function,
    a: Any,
    b: Any,
    args: Sequence[Any] = (),
    *,
    rtol: float = 1e-10,
    atol: float = 0.0,
) -> Any:
    """Integrate f(x, *args) by x from a to b.

    Parameters
    ----------
    f : callable
        Of x and of `args`; it gives one number.
    a, b : float or Value
        The limits, infinite ones too.
    args : tuple
        What else `f` takes. The result has derivatives by the Values in it and by the limits.
    rtol, atol : float
        The error that is asked for, relative and absolute: the greater one counts. Where positive
        and negative parts cancel, `rtol` is relative to their size.

    Returns
    -------
    float or Value
        The integral.

    Raises
    ------
    ConvergenceError
        When the error stays greater, or a derivative is not that of the integral, as `f` has a
        step that moves with what it is differentiated by.
    ArgumentError
        When `f` holds a Value that is not in `args`.
    TraceError
        While `compile` records; `gauss_legendre` compiles.
    MissingExtraError
        When SciPy is not installed.

    Notes
    -----
    Leibniz' rule: the derivative is f(b) db - f(a) da, and the integral of that of `f`. Errors are
    estimated at points of `f`: a peak between them is not seen. Split the integral at narrow ones.

    Examples
    --------
    >>> from math import inf
    >>> from tinygrad_nn import exp, grad
    >>> from tinygrad_nn.solvers import quad
    >>> def bell(a):
    ...     return quad(lambda x, a: exp(-a * x * x), -inf, inf, (a,))
    >>> round(bell(3.0) ** 2, 9), round(grad(bell)(3.0) * 6.0 / bell(3.0), 9)
    (1.047197551, -1.0)
    """
    _load("quad")
    from .integrals import integral

    return integral(f, a, b, args, rtol, atol)


@check_keywords
def gauss_legendre(f: Function, a: Any, b: Any, args: Sequence[Any] = (), *, n: int = 20) -> Any:
    """Integrate f(x, *args) by x from a to b, as a plain sum, which compiles.

    Parameters
    ----------
    f : callable
        Of x and of `args`; it gives one number.
    a, b : float or Value
        The limits, finite ones.
    args : tuple
        What else `f` takes.
    n : int
        How many points there are; exact for polynomials of degree 2 n - 1. Nothing tells how exact
        it is for others: compare with twice as many, or with `quad`.

    Returns
    -------
    float or Value
        The sum, with derivatives of every order by all that is in it.

    Raises
    ------
    ArgumentError
        When `n` is no whole number of 1 or more, or a limit is infinite.
    MissingExtraError
        When SciPy is not installed.

    Examples
    --------
    >>> from tinygrad_nn import compile, sin
    >>> from tinygrad_nn.solvers import gauss_legendre
    >>> area = compile(lambda b: gauss_legendre(sin, 0.0, b, n=8))
    >>> round(area(3.0), 12), round(area(1.0), 12)
    (1.9899924966, 0.459697694132)
    """
    load_extra("scipy", "science", "solvers.gauss_legendre")
    from .integrals import sum_of_nodes

    return sum_of_nodes(f, a, b, args, n)


@check_keywords
def ode(
    f: Function,
    y0: Any,
    t: Sequence[Any],
    args: Sequence[Any] = (),
    *,
    method: str = "DOP853",
    rtol: float = 1e-9,
    atol: float = 1e-12,
) -> list[Any]:
    """Solve dy/dt = f(t, y, *args).

    Parameters
    ----------
    f : callable
        Of the time, of y nested as `y0`, and of `args`; it gives the slope, nested as y.
    y0 : float or nesting of them
        y at the first time.
    t : sequence of float or Value
        The time of `y0`, and those at which y is asked for, in order; backward too.
    args : tuple
        What else `f` takes. The result has derivatives by the Values in it, in `y0` and in `t`.
    method : str
        Of ``scipy.integrate.solve_ivp``: "RK45", "RK23" or "DOP853", and for stiff equations
        "Radau", "BDF" or "LSODA", which are handed the Jacobian of `f`.
    rtol, atol : float
        The error of a step, relative and absolute: y is to be much greater than `atol`.

    Returns
    -------
    list
        y at each time, that of `y0` included, nested as `y0`.

    Raises
    ------
    ConvergenceError
        When the solver does not reach a time, or a derivative is lost at a step of `f` that moves
        with what it is differentiated by.
    ArgumentError
        When `f` holds a Value that is not in `args`, or times are not in order.
    ShapeError, TraceError, MissingExtraError
        As for `root`.

    Notes
    -----
    Derivatives by `y0` and `args` solve differential equations of their own, forward, along with y
    and under the same tolerances: k numbers that vary make k more equations for each number of y,
    and k (k + 1) / 2 more for second derivatives. For many, write a loop of fixed steps, which
    compiles. Derivatives by times follow from `f`.

    Examples
    --------
    >>> from tinygrad_nn import grad
    >>> from tinygrad_nn.solvers import ode
    >>> def left(rate, time):  # exp(-rate * time)
    ...     return ode(lambda t, y, rate: -rate * y, 1.0, [0.0, time], (rate,))[-1]
    >>> round(left(0.5, 2.0), 8), [round(slope, 8) for slope in grad(left, (0, 1))(0.5, 2.0)]
    (0.36787944, [-0.73575888, -0.18393972])
    """
    _load("ode")
    from .odes import trajectory

    return trajectory(f, y0, t, args, method, rtol, atol)


def _load(solver: str) -> None:
    """Refuse to run where a function is being recorded, or SciPy is not installed."""
    if state.made is not None:
        from .arguments import recording_refused

        raise recording_refused(solver)
    load_extra("scipy", "science", f"solvers.{solver}")
