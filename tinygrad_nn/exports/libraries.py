"""Programs and models as files of Python, for libraries of arrays."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..extras import load_extra
from .common import check_name, exported

if TYPE_CHECKING:
    from .python.library import Library

__all__ = ["to_jax", "to_numpy", "to_torch"]


def to_numpy(
    thing: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
    dtype: Any = None,
    example: Any = None,
) -> str:
    """Print a compiled function or a model as a file of Python that needs NumPy alone.

    The file has one function, written as linear algebra, with the arguments and the results of
    the one that it was printed from: arrays where numbers are nested like such, and lists, tuples
    and dicts of them. Arguments in ``batch``, and those of a model, have samples along the axes in
    front, and so have results that are not reduced. What the program took from outside, as the
    parameters of a model, is in a dict ``PARAMETERS``, which may be given as ``parameters``.

    Parameters
    ----------
    thing : compiled function, Program or Module
        As of :func:`to_c`.
    path : str or path, optional
        Where to write it as well, a name that ends in .py: a whole file or none.
    name : str, optional
        What the function is called; if not given, as the file, or as the function.
    dtype : "float64" or "float32", optional
        The type of its arrays; if not given, as the program has it.
    example : sequence, optional
        Of a model of your own some samples, which say how many numbers it takes.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    ArgumentError
        When a function has no program yet, or one with an operation of your own. The function
        itself raises a ValueError for arrays of other shapes, and for numbers that are no place
        of the table that they choose from.

    Examples
    --------
    >>> from tinygrad_nn import compile, tanh, to_numpy
    >>> def layer(W, x):
    ...     return [tanh(sum(w * a for w, a in zip(row, x))) for row in W]
    >>> f = compile(layer)
    >>> f([[1.0, 2.0], [3.0, 4.0]], [0.0, 0.0])
    [0.0, 0.0]
    >>> print(to_numpy(f).splitlines()[-1].strip())
    return np.tanh(W @ x)
    """
    load_extra("numpy", "compile", "export a program")
    from .python.numpy_ import NUMPY

    return _printed(NUMPY, thing, path, name, dtype, example)


def to_jax(
    thing: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
    dtype: Any = None,
    example: Any = None,
) -> str:
    """Print a compiled function or a model as a file of Python for JAX.

    The function is as that of :func:`to_numpy`, and `jax.jit`, `jax.vmap` and `jax.grad` take it:
    by the arguments, and by ``parameters``. Steps of a program become `jax.lax.fori_loop`. Slopes
    at a tie of max and min go to the first number, as ours do. A file with float64 switches
    JAX to 64 bits.

    What JAX differentiates is what is computed: `stop_gradient` is no part of a program any more,
    so that derivatives through it are those of this package only, ``to_jax(compile(grad(f)))``.
    JAX cannot raise: if a number is no place of the table that it chooses from, all
    results are NaN.

    Parameters
    ----------
    thing, path, name, dtype, example
        As of :func:`to_numpy`.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    ArgumentError
        As of :func:`to_numpy`.

    Examples
    --------
    >>> from tinygrad_nn import nn, to_jax
    >>> text = to_jax(nn.MLP(2, [3, 1], activation="tanh", seed=0))
    >>> "def predict(x, parameters=PARAMETERS):" in text
    True
    """
    load_extra("numpy", "compile", "export a program")
    from .python.jax_ import JAX

    return _printed(JAX, thing, path, name, dtype, example)


def to_torch(
    thing: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
    dtype: Any = None,
    example: Any = None,
) -> str:
    """Print a compiled function or a model as a file of Python for PyTorch.

    The function is as that of :func:`to_numpy`. PyTorch differentiates it, and `torch.func.vmap`
    and `torch.func.grad` take it; to train it, let the tensors of ``PARAMETERS`` require
    gradients and give them to an optimiser. Slopes at a tie of max and min go to the first number,
    as ours do; `stop_gradient` is no part of a program any more, as for :func:`to_jax`. If a number
    is no place of the table that it chooses from, all results are NaN.

    Parameters
    ----------
    thing, path, name, dtype, example
        As of :func:`to_numpy`.

    Returns
    -------
    str
        The text of the file.

    Raises
    ------
    ArgumentError
        As of :func:`to_numpy`.

    Examples
    --------
    >>> from tinygrad_nn import nn, to_torch
    >>> text = to_torch(nn.MLP(2, [3, 1], activation="tanh", seed=0))
    >>> "torch.tanh(x @ layers_0_weight.T + layers_0_bias)" in text
    True
    """
    load_extra("numpy", "compile", "export a program")
    from .python.torch_ import TORCH

    return _printed(TORCH, thing, path, name, dtype, example)


def _printed(
    library: Library,
    thing: Any,
    path: str | os.PathLike[str] | None,
    name: str | None,
    dtype: Any,
    example: Any,
) -> str:
    from .python.file import file_of, is_free, names_for

    check_name(name, lambda own: is_free(own, library), "Python")
    return exported(
        thing,
        path,
        (".py",),
        name,
        dtype,
        example,
        names_for(library).new,
        lambda source, own: file_of(source, own, library),
    )
