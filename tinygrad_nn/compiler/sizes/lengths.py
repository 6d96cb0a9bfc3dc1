"""The lengths in a structure: of lists whose parts are alike, and of the axes of arrays."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from ...containers import Form, Wrapped
from ...tree import Key, branches_of, has_nothing, reached

__all__ = [
    "Fixed",
    "Grid",
    "Group",
    "Outline",
    "Row",
    "key_of",
    "lengths_of",
    "outline",
    "pattern_of",
    "resized",
]


@dataclass(frozen=True, slots=True)
class Row:
    """A list or tuple of like parts."""

    kind: Any
    size: int
    part: Outline


@dataclass(frozen=True, slots=True)
class Grid:
    """An array."""

    shape: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """Parts that need not be alike: how many they are is no length."""

    kind: Any
    names: tuple[Any, ...]  # those of a dict, or of fields
    parts: tuple[Outline, ...]


@dataclass(frozen=True, slots=True)
class Fixed:
    """What stays as it is: it has no numbers, or only its class knows which lengths it may have."""

    key: Key


Outline: TypeAlias = Row | Grid | Group | Fixed | None  # None is a number


def outline(key: Key) -> Outline:
    """Give a structure with runs of like parts counted."""
    if key == 0:
        return None
    kind, inner = key
    if kind == "array":
        return Grid(tuple(inner))
    if has_nothing(key) or isinstance(kind, Wrapped):
        return Fixed(key)
    if isinstance(inner, int):
        return Row(kind, inner, None)
    if kind is list and inner and inner.count(inner[0]) == len(inner):
        return Row(kind, len(inner), outline(inner[0]))
    branches = branches_of(key)
    is_named = kind is dict or isinstance(kind, Form)
    names = tuple([name for name, _ in branches]) if is_named else ()
    return Group(kind, names, tuple([outline(part) for _, part in branches]))


def key_of(form: Outline) -> Key:
    """Give the structure of an outline."""
    if form is None:
        return 0
    if isinstance(form, Grid):
        return ("array", form.shape)
    if isinstance(form, Row):
        part = key_of(form.part)
        return (form.kind, form.size if part == 0 else (part,) * form.size)
    if isinstance(form, Fixed):
        return form.key
    parts = [key_of(part) for part in form.parts]
    if form.kind is dict:
        return (dict, tuple(zip(form.names, parts, strict=True)))
    return (form.kind, tuple(parts))


def lengths_of(form: Outline, path: str = "") -> Iterator[tuple[int, str]]:
    """Walk through the lengths, each with what it is the length of."""
    if isinstance(form, Grid):
        for axis, size in enumerate(form.shape):
            yield size, f"{path}.shape[{axis}]"
    elif isinstance(form, Row):
        yield form.size, f"len({path})"
        yield from lengths_of(form.part, f"{path}[0]")
    elif isinstance(form, Group):
        for step, part in zip(form.names or range(len(form.parts)), form.parts, strict=True):
            yield from lengths_of(part, reached(path, form.kind, step))


def resized(form: Outline, sizes: Mapping[int, int]) -> Outline:
    """Give the same structure with other lengths in place of some."""
    if isinstance(form, Grid):
        return Grid(tuple([sizes.get(size, size) for size in form.shape]))
    if isinstance(form, Row):
        return Row(form.kind, sizes.get(form.size, form.size), resized(form.part, sizes))
    if isinstance(form, Group):
        return Group(form.kind, form.names, tuple([resized(part, sizes) for part in form.parts]))
    return form


def pattern_of(lengths: Sequence[int]) -> tuple[int, ...]:
    """Number lengths by which of them are equal."""
    numbers: dict[int, int] = {}
    return tuple([numbers.setdefault(length, len(numbers)) for length in lengths])
