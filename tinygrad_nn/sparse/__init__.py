"""Derivatives that are mostly zero, as SciPy takes them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..extras import load_extra
from ..foreign import check_keywords

__all__ = ["sparse_hessian", "sparse_jacobian", "sparsity"]

Function = Callable[..., Any]


@check_keywords
def sparse_jacobian(f: Function) -> Function:
    """Make a function that gives the Jacobian of f by its first argument, as a sparse matrix.

    Which entries it may have follows from what is computed, not from numbers: the program of
    Jacobian times vector is looked at once for each path through `f`. Columns that share no row
    get one colour, and one product with a vector gives all their entries (A. R. Curtis,
    M. J. D. Powell, J. K. Reid, 1974). The product is compiled.

    Parameters
    ----------
    f : callable
        A function of numbers nested in any way, n in all, that returns m numbers. Further
        arguments are handed on.

    Returns
    -------
    callable
        Of the arguments of `f`. It gives a ``scipy.sparse.csr_array`` of shape (m, n), which
        stores the same places whatever their numbers are. ``pattern``, called alike, tells which.

    Raises
    ------
    ArgumentTypeError
        When `f` cannot be called.
    TraceError
        When `f` takes a number out of what is recorded, as for `compile`.
    MissingExtraError
        When SciPy is not installed.

    Examples
    --------
    >>> from tinygrad_nn import sparse_jacobian
    >>> def steps(x):
    ...     return [b - a * a for a, b in zip(x, x[1:])]
    >>> sparse_jacobian(steps)([1.0, 2.0, 3.0]).toarray().tolist()
    [[-2.0, 1.0, 0.0], [0.0, -4.0, 1.0]]
    """
    load_extra("scipy", "science", "sparse derivatives")
    from .derivatives import JacobianTimes, Sparse

    return Sparse(JacobianTimes(f))


@check_keywords
def sparse_hessian(f: Function) -> Function:
    """Make a function that gives the Hessian of f by its first argument, as a sparse matrix.

    As `sparse_jacobian`, by products of the Hessian with vectors, of which a symmetric matrix needs
    fewer: colours are stars (A. H. Gebremedhin, A. Tarafdar, F. Manne, A. Pothen, 2007).

    Parameters
    ----------
    f : callable
        A function of numbers nested in any way, n in all, that returns one number. Further
        arguments are handed on.

    Returns
    -------
    callable
        Of the arguments of `f`; it gives a ``scipy.sparse.csr_array`` of shape (n, n), of which
        both halves are stored.

    Raises
    ------
    ArgumentTypeError
        When `f` cannot be called, or does not return one number.
    TraceError
        When `f` takes a number out of what is recorded, as for `compile`.
    MissingExtraError
        When SciPy is not installed.

    Examples
    --------
    >>> from tinygrad_nn import sparse_hessian
    >>> def rosenbrock(x):
    ...     return sum(100.0 * (b - a * a) ** 2 + (1.0 - a) ** 2 for a, b in zip(x, x[1:]))
    >>> sparse_hessian(rosenbrock)([1.0, 1.0, 1.0]).toarray().tolist()
    [[802.0, -400.0, 0.0], [-400.0, 1002.0, -400.0], [0.0, -400.0, 200.0]]
    """
    load_extra("scipy", "science", "sparse derivatives")
    from .derivatives import HessianTimes, Sparse

    return Sparse(HessianTimes(f))


@check_keywords
def sparsity(f: Function) -> Function:
    """Make a function that tells which entries the Jacobian of f by its first argument may have.

    Parameters
    ----------
    f : callable
        A function of numbers; ``sparsity(grad(f))`` is the pattern of a Hessian.

    Returns
    -------
    callable
        Of the arguments of `f`; it gives a ``scipy.sparse.csr_array`` of bools. The pattern is
        that of the path that the numbers take through `f`, and the same for all numbers that
        take it.

    Raises
    ------
    ArgumentTypeError
        When `f` cannot be called.
    TraceError
        When `f` takes a number out of what is recorded, as for `compile`.
    MissingExtraError
        When SciPy is not installed.

    Examples
    --------
    >>> from tinygrad_nn import sparsity
    >>> sparsity(lambda x: [x[0] * x[1], 3.0, x[2]])([1.0, 2.0, 3.0]).toarray().astype(int).tolist()
    [[1, 1, 0], [0, 0, 0], [0, 0, 1]]
    """
    load_extra("scipy", "science", "sparse derivatives")
    from .derivatives import JacobianTimes, Sparse

    return Sparse(JacobianTimes(f)).pattern
