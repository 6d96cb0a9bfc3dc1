"""Compiling: scalar graphs rolled up into programs of array statements."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError
from ..extras import load_extra
from ..foreign import check_keywords

__all__ = ["compile", "load_program"]


@check_keywords
def compile(
    function: Any = None,
    inputs: Any = None,
    *,
    batch: Iterable[str] | str = (),
    reduce: Any = None,
    static: Iterable[str] | str = (),
    check: bool = False,
    prove: bool = False,
    sizes: str = "auto",
    backend: str = "auto",
    dtype: Any = "float64",
    threads: int = 1,
    strict: bool = False,
) -> Any:
    """Roll a function of single numbers up into vectors and matrices.

    The function is called with symbols in place of the numbers (once, or, if there are many, some
    times with fewer, and once to prove what was found); what it computes is recorded, the
    thousands of copies of few shapes in it are found, and run as array statements. Derivatives are recorded like all else, so that ``compile(grad(f))`` finds
    the matrix form of back-propagation. What the function reads from outside is looked at in
    every call, and it is recorded anew when that has changed. A function that looks at numbers, as
    by ``if x > 0``, has a program for each path through it, and each call runs the one that its
    numbers take; what takes another path at nearly each call is called as it is, with a warning.

    Parameters
    ----------
    function : callable, or Value or a nesting of Values
        A function of numbers, nested in lists, tuples, dicts and arrays; or a graph that
        was recorded already.
    inputs : nesting of Values, optional
        Of a graph: the leaves whose numbers may change. Numbers that were read through
        ``.data`` when it was recorded are constants of the program.
    batch : sequence of str
        Arguments that get a leading axis of samples, of any length: the function is
        written for one sample.
    reduce : "mean", "sum", None, or a nesting of these
        What to do with each output of the samples; None keeps one for each.
    static : sequence of str
        Arguments that shape the program: any other integer is a number like all others.
    check : bool
        Look for results that are infinite or NaN, and raise as the eager engine does.
    prove : bool
        Prove each program before it gives its first result: the function is called once more, and
        compared with the program in a field where nothing is rounded and no branch is left out.
    sizes : "auto", "free" or "fixed"
        Whether to look for one program for all lengths of lists and arrays, from recordings at
        small ones: where there are many numbers, always, or never. With "free", it is an error
        where there is none, or where it cannot be proved.
    backend : "auto", "numpy" or "machine"
        What runs the program: calls of NumPy, or machine code that LLVM makes of it before the
        first result. "auto" is NumPy at once, and machine code where llvmlite is installed and the
        program runs often, from a call on whose number follows from its size alone.
    dtype : "float64" or "float32"
        The numbers that the program computes with. In "float32" arguments are rounded to 24 bits,
        and arrays that come out are of this type; derivatives of graphs of Values are in
        "float64" as always.
    threads : int
        In how many threads blocks of samples may run, where there are so many that it is worth
        while. The numbers are the same for any.
    strict : bool
        Record one program, and refuse what looks at a number: an if, a while, an index.

    Returns
    -------
    callable
        The compiled function. ``print`` shows its program after a first call.

    Raises
    ------
    TraceError
        When the function takes a number out of what is recorded: through ``.data``, by float() in
        what is differentiated, in a set or as a key of a dict; when it draws
        random numbers, changes what it reads from outside, or reads more than 1000 numbers there.
        With `strict`, also when it looks at a number: in an if or a while, as an index, by int().
    SizeError
        When `sizes` is "free", and the function is not one program for all lengths.
    ProofError
        When `prove` does not find that a program is the function.
    MissingExtraError
        When NumPy is not installed, or llvmlite for machine code.

    Examples
    --------
    >>> from tinygrad_nn import compile, grad
    >>> def energy(x):
    ...     return sum(a * b for a, b in zip(x, x[1:]))
    >>> compile(energy)([1.0, 2.0, 3.0])
    8.0
    >>> compile(grad(energy))([1.0, 2.0, 3.0])
    [2.0, 4.0, 2.0]
    """
    load_extra("numpy", "compile", "compile a function")
    from .backends.choice import backend_of
    from .function import Compiled, is_graph
    from .graph import CompiledGraph
    from .program.precision import dtype_of

    if function is None:
        options: dict[str, Any] = {"batch": batch, "reduce": reduce, "static": static}
        options |= {
            "check": check,
            "prove": prove,
            "sizes": sizes,
            "backend": backend,
            "dtype": dtype,
            "threads": threads,
            "strict": strict,
        }
        return lambda f: compile(f, inputs, **options)
    if inputs is not None or is_graph(function):
        options = {
            "batch": batch,
            "reduce": reduce,
            "static": static,
            "check": check,
            "sizes": sizes != "auto",
            "threads": threads if threads != 1 else None,
            "strict": strict,
        }
        for name, given in options.items():
            if given:
                raise ArgumentError(
                    f"{name} is {given!r} and is for functions: leave it out for a graph, whose "
                    "samples and branches are recorded already"
                )
        return CompiledGraph(function, inputs, prove, backend_of(backend), dtype_of(dtype))
    if not callable(function):
        raise ArgumentTypeError(
            f"function is {function!r}: expected a function of numbers, or a graph of Values and "
            "its inputs"
        )
    parallel, fixed = _names(batch, "batch"), _names(static, "static")
    if sizes not in ("auto", "free", "fixed"):
        raise ArgumentError(f"sizes is {sizes!r}: expected 'auto', 'free' or 'fixed'")
    asked = backend_of(backend), dtype_of(dtype), check_count(threads, "threads")
    return Compiled(function, parallel, reduce, fixed, check, prove, sizes, *asked, strict)


def load_program(path: str | os.PathLike[str], *, backend: str | None = None) -> Any:
    """Read a program that ``program.save`` has written; nothing is recorded, and no code is read.

    It takes what the compiled function took, nested alike, and of the same lengths but for the
    samples of a batch; it gives the same numbers. ``print`` shows it, ``program`` is what it does,
    and ``captured`` has the numbers that were taken from Values, by name.

    Parameters
    ----------
    path : str or path
    backend : "auto", "numpy" or "machine", optional
        What runs it, as of `compile`; if not given, what ran it when it was saved, where that is
        installed.

    Returns
    -------
    callable
        The program. It holds no function: given Values it raises, as nothing could be
        differentiated.

    Raises
    ------
    StateError
        When the file is damaged, of another version, or holds no program.
    MissingExtraError
        When safetensors is not installed.

    Examples
    --------
    >>> import tempfile
    >>> from tinygrad_nn import compile, load_program, value_and_grad
    >>> energy = compile(value_and_grad(lambda x: sum(a * b for a, b in zip(x, x[1:]))))
    >>> energy([1.0, 2.0, 3.0])
    (8.0, [2.0, 4.0, 2.0])
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     energy.program.save(f"{folder}/energy.safetensors")
    ...     again = load_program(f"{folder}/energy.safetensors")
    >>> again([1.0, 2.0, 4.0])
    (10.0, [2.0, 5.0, 2.0])
    """
    load_extra("numpy", "save", "a program file")
    from .backends.choice import backend_of, resumed
    from .file import read
    from .loaded import LoadedProgram

    program, interface, saved = read(path)
    return LoadedProgram(
        program, interface, resumed(saved) if backend is None else backend_of(backend)
    )


def _names(given: Iterable[str] | str, argument: str) -> tuple[str, ...]:
    names = (given,) if isinstance(given, str) else tuple(given)
    for name in names:
        if not isinstance(name, str):
            raise ArgumentTypeError(
                f"{argument} has {name!r}: expected names of parameters, as ({argument!r},)"
            )
    return names
