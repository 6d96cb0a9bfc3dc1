"""What the parts of nested arguments and results are called."""

from __future__ import annotations

from collections.abc import Sequence

from ..tape.tape import Tape
from .structure import Key, Layout

__all__ = ["Part", "name_parts", "parts_of"]

Part = tuple[str, int, tuple[int, ...]]  # a name, where it starts and its shape


def parts_of(name: str, key: Key) -> list[Part]:
    """Name an argument or a result and all parts of it, as Python reaches them.

    Parameters
    ----------
    name : str
    key : hashable
        How it is nested, as `describe` gives it.

    Returns
    -------
    list of (str, int, tuple of int)
        Name, start and shape; a whole before its parts. What is nested like a matrix is
        one part; any other nesting is also a run of numbers.

    Examples
    --------
    >>> matrix = (list, ((list, 3), (list, 3)))
    >>> parts_of("p", (tuple, (matrix, (list, 2))))
    [('p', 0, (8,)), ('p[0]', 0, (2, 3)), ('p[1]', 6, (2,))]
    """
    found: list[Part] = []
    _add_parts(found, name, 0, key)
    return found


def name_parts(tape: Tape, arguments: Sequence[tuple[str, Key]], result: Key) -> None:
    """Name the parts of all arguments and results of a tape, for whoever reads its program.

    Parameters
    ----------
    tape : Tape
        Its first arrays are those of the arguments; its last holds the number of samples
        and its inverse.
    arguments : sequence of (str, hashable)
        Their names, and how they are nested.
    result : hashable
        How the result is nested.
    """
    for (name, key), array in zip(arguments, tape.arrays, strict=False):
        array.parts = parts_of(name, key)
    tape.arrays[-1].name = "samples"
    tape.arrays[-1].parts = [("batch", 0, ()), ("1/batch", 1, ())]
    tape.results = parts_of("result", result)


def _add_parts(found: list[Part], name: str, start: int, key: Key) -> None:
    shape = _shape(key)
    found.append((name, start, (Layout(key).size,) if shape is None else shape))
    if shape is None:
        kind, inner = key
        for position, part in enumerate(inner):
            place, nested = part if kind is dict else (position, part)
            _add_parts(found, f"{name}[{place!r}]", start, nested)
            start += Layout(nested).size


def _shape(key: Key) -> tuple[int, ...] | None:
    """Find the shape of what is nested like a matrix; None for anything else."""
    if key == 0:
        return ()
    kind, inner = key
    if kind == "array":
        return tuple(inner)
    if isinstance(inner, int):
        return (inner,)
    if kind is dict or not inner or any(part != inner[0] for part in inner):
        return None
    shape = _shape(inner[0])
    return None if shape is None else (len(inner), *shape)
