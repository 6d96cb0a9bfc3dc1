"""Programs and models printed in other languages."""

from __future__ import annotations

import os
from typing import Any

from ..arguments import check_path
from ..errors import ArgumentError
from ..extras import load_extra
from ..files import write_whole

__all__ = ["to_c"]


def to_c(
    thing: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
    dtype: Any = None,
    example: Any = None,
) -> str:
    """Print a compiled function or a model as one header in C99.

    The header has one function, which computes what the program computes. It allocates nothing:
    its memory is one static array, whose size is written at the top, and constants, parameters
    among them, are ``static const``. With ``-DTEST`` it is a program that tries itself: it has
    arguments and the results that they have in Python, prints the worst error, and returns 1 if
    that is too large.

    Each argument is a pointer to its numbers, as they are nested, in a row; a single number is
    given as it is. The results follow, a pointer each: ``result``, or ``result_0``, ``result_1``
    and so on where a tuple, list or dict of several things comes out. A model, or a function with
    arguments in ``batch`` that keeps a result for each sample, computes one sample in a call; one
    that adds samples up takes their number first, and goes through them one by one, in memory
    that does not grow with them.

    Parameters
    ----------
    thing : compiled function, Program or Module
        A function that was called once, so that it has a program, and with the lengths that are
        wanted; the program of one, or a loaded one; a model, as its ``predict``.
    path : str or path, optional
        Where to write it as well, a name that ends in .h: a whole file or none.
    name : str, optional
        What the function is called; if not given, as the file, or as the function.
    dtype : "float64" or "float32", optional
        Whether it computes with double or float; if not given, as the program does.
    example : sequence, optional
        The arguments of the test, as the function is called with them; of a model, some samples.
        If not given, they are random.

    Returns
    -------
    str
        The text of the header.

    Raises
    ------
    ArgumentError
        When a function has no program yet, or one with an operation of your own; when it computes
        a sample with what it has of all of them; when `example` has no finite results.

    Examples
    --------
    >>> from tinygrad_nn import compile, to_c
    >>> area = compile(lambda width, height: width * height)
    >>> area(2.0, 3.0)
    6.0
    >>> text = to_c(area, name="area")
    >>> print(text[text.index("static inline") : text.index("#if defined(__GNUC__) &&")].rstrip())
    static inline void area(double width, double height, double *restrict result)
    {
        result[0] = width * height;
    }
    """
    load_extra("numpy", "compile", "export a program")
    from .c import header
    from .example import example_of
    from .source import source_of
    from .text import Names, is_free

    file = None if path is None else check_path(path, ".h")
    if name is not None and not is_free(name):
        raise ArgumentError(
            f"name is {name!r}: expected a name that C has no use for, as 'predict'"
        )
    source = source_of(thing, dtype, example)
    name = name or Names().new(source.name if file is None else file.stem)
    text = header(source, name, example_of(source, example))
    if file is not None:
        write_whole(file, text.encode())
    return text
