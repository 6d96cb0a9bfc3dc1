"""Formulas of Values, programs and models in LaTeX."""

from __future__ import annotations

import os
from typing import Any

from .. import latex
from ..arguments import check_path
from ..extras import load_extra
from ..files import write_whole
from ..scalar.graph import Node

__all__ = ["to_latex"]


def to_latex(thing: Any, path: str | os.PathLike[str] | None = None, *, example: Any = None) -> str:
    r"""Write the formula of a Value, or those of a compiled function or a model, in LaTeX.

    A function is written as linear algebra, a line for each array that it computes, in an
    ``aligned`` environment. Lines are those of one sample, whose vectors are columns; sums over
    samples say so.

    Parameters
    ----------
    thing : Value, compiled function, Program or Module
        A Value, as of :func:`tinygrad_nn.latex.to_latex`; or what :func:`to_c` takes.
    path : str or path, optional
        Where to write it as well, a name that ends in .tex: a whole file or none.
    example : sequence, optional
        Of a model of your own some samples, which say how many numbers it takes.

    Returns
    -------
    str
        LaTeX for mathematical mode, with the package amsmath.

    Raises
    ------
    ArgumentTypeError
        When `thing` is none of these.
    ArgumentError
        When a function has no program yet, or the graph of a Value is too large to read.

    Examples
    --------
    >>> from tinygrad_nn import compile, tanh, to_latex
    >>> def layer(W, b, x):
    ...     return [tanh(sum(w * a for w, a in zip(row, x)) + c) for row, c in zip(W, b)]
    >>> f = compile(layer)
    >>> f([[1.0, 2.0], [3.0, 4.0]], [0.0, 0.0], [0.0, 0.0])
    [0.0, 0.0]
    >>> print(to_latex(f))
    \begin{aligned}
    \mathrm{result} &= \tanh\left(W \, x + b\right)
    \end{aligned}
    """
    file = None if path is None else check_path(path, ".tex")
    if isinstance(thing, Node) or not _is_program(thing):
        text = latex.to_latex(thing)
    else:
        load_extra("numpy", "compile", "export a program")
        from .source import source_of
        from .tex.formulas import formulas_of

        text = formulas_of(source_of(thing, example=example))
    if file is not None:
        write_whole(file, text.encode())
    return text


def _is_program(thing: Any) -> bool:
    """Tell whether a thing is a compiled function, its program, or predicts with a model."""
    return any(hasattr(thing, name) for name in ("program", "interface", "parameters", "network"))
