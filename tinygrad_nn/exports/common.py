"""What all exports do: take a thing up, print it, write a file."""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from ..arguments import check_path
from ..errors import ArgumentError
from ..files import write_whole

if TYPE_CHECKING:
    from .source import Source

__all__ = ["check_name", "exported"]


def check_name(name: str | None, is_free: Callable[[str], bool], language: str) -> None:
    """Refuse a name that the language has a use for."""
    if name is not None and not is_free(name):
        raise ArgumentError(
            f"name is {name!r}: expected a name that {language} has no use for, as 'predict'"
        )


def exported(
    thing: Any,
    path: str | os.PathLike[str] | None,
    suffixes: tuple[str, ...],
    name: str | None,
    dtype: Any,
    example: Any,
    named: Callable[[str], str],
    written: Callable[[Source, str], str],
) -> str:
    """Take up a thing, print it, and write the file that is asked for."""
    from .source import source_of

    file = None if path is None else check_path(path, *suffixes)
    source = source_of(thing, dtype, example)
    text = written(source, name or named(source.name if file is None else file.stem))
    if file is not None:
        write_whole(file, text.encode())
    return text
