"""What the parts of nested arguments and results are called."""

from __future__ import annotations

from ...containers import Form, Wrapped
from ...tree import Key, branches_of, has_nothing, reached, size_of
from ..program.program import Piece

__all__ = ["parts_of", "shape_of"]


def parts_of(name: str, key: Key) -> list[Piece]:
    """Name an argument or a result and all parts of it, as Python reaches them.

    A whole is before its parts. What is nested like a matrix is one part; any other nesting
    is also a run of numbers.
    """
    found: list[Piece] = []
    _add_parts(found, name, 0, key)
    return found


def _add_parts(found: list[Piece], name: str, start: int, key: Key) -> None:
    if has_nothing(key):
        return
    if key != 0 and isinstance(key[0], Wrapped):
        _add_parts(found, name, start, key[1][0])
        return
    shape = shape_of(key)
    found.append(Piece(name, start, (size_of(key),) if shape is None else shape))
    if shape is None:
        for place, part in branches_of(key):
            _add_parts(found, reached(name, key[0], place), start, part)
            start += size_of(part)


def shape_of(key: Key) -> tuple[int, ...] | None:
    """Find the shape of what is nested like a matrix; None for anything else."""
    if key == 0:
        return ()
    kind, inner = key
    if kind == "array":
        return tuple(inner)
    if isinstance(inner, int):
        return (inner,)
    if (
        kind is dict
        or isinstance(kind, Form | Wrapped)
        or not inner
        or any(part != inner[0] for part in inner)
    ):
        return None
    shape = shape_of(inner[0])
    return None if shape is None else (len(inner), *shape)
