"""Programs and models as functions in languages with loops."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

from ..extras import load_extra
from .common import check_name, exported

if TYPE_CHECKING:
    from .source import Source

__all__ = ["to_c", "to_javascript"]


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
    from .c.header import header
    from .c.text import is_free, names_for
    from .example import example_of

    def written(source: Source, name: str) -> str:
        return header(source, name, example_of(source, example))

    check_name(name, is_free, "C")
    return exported(thing, path, (".h",), name, dtype, example, names_for().new, written)


def to_javascript(
    thing: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
    dtype: Any = None,
    example: Any = None,
) -> str:
    """Print a compiled function or a model as one ES module.

    It exports one function, which computes what the program computes, on typed arrays and without
    any library: a model that predicts in a page, or a step of a training that goes on there.

    Each argument is an array of numbers, as they are nested in a row, or nested in arrays; a
    single number is a number, and so is a result. Several results, where a tuple, list or dict
    of them comes out, are an object with ``result_0``, ``result_1`` and so on, or with their
    names. A model, or a function with arguments in ``batch`` that keeps a result for each sample,
    computes one sample in a call; one that adds samples up takes as many as there are.

    Parameters
    ----------
    thing : compiled function, Program or Module
        As of :func:`to_c`.
    path : str or path, optional
        Where to write it as well, a name that ends in .mjs or .js: a whole file or none.
    name : str, optional
        What the function is called; if not given, as the file, or as the function.
    dtype : "float64" or "float32", optional
        The type of its arrays; if not given, as the program has it. JavaScript computes with
        float64; float32 is what numbers are rounded to where they are kept.
    example : sequence, optional
        Of a model of your own some samples, which say how many numbers it takes.

    Returns
    -------
    str
        The text of the module.

    Raises
    ------
    ArgumentError
        As of :func:`to_c`. The function itself throws a RangeError where an array has another
        length, or a number is no place of the table that it chooses from.

    Examples
    --------
    >>> from tinygrad_nn import compile, to_javascript
    >>> area = compile(lambda width, height: width * height)
    >>> area(2.0, 3.0)
    6.0
    >>> text = to_javascript(area, name="area")
    >>> print(text[text.index("export") :].rstrip())
    export function area(width, height) {
        if (typeof width !== 'number')
            throw new TypeError('width: expected a number');
        if (typeof height !== 'number')
            throw new TypeError('height: expected a number');
        const result = new Float64Array(1);
        result[0] = width * height;
        return result[0];
    }
    """
    load_extra("numpy", "compile", "export a program")
    from .javascript.module import module
    from .javascript.text import is_free, names_for

    check_name(name, is_free, "JavaScript")
    suffixes = ".mjs", ".js"
    return exported(thing, path, suffixes, name, dtype, example, names_for().new, module)
