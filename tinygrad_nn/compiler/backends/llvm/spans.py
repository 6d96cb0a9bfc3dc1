"""Axes taken in vectors, and what is left of them in shorter ones."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from .builder import Builder, Index

__all__ = [
    "along",
    "in_room",
    "mask_of",
    "mask_to",
    "masked",
    "nested",
    "pieces",
    "samples",
    "tail",
    "whole_samples",
]

Write = Callable[[Index, int, int | str], None]
Piece = tuple[int, int, int]  # where it begins, its width, and how many lanes if not all


def pieces(size: int, width: int) -> tuple[int, list[Piece]]:
    """Part an axis: how many whole vectors, and what is left, one vector or none."""
    full, left = divmod(size, width)
    if not left:
        return full, []
    short = 1 << (left - 1).bit_length()
    return full, [(full * width, short, 0 if short == left else left)]


def along(builder: Builder, size: int, write: Callable[[Index, int, int], None]) -> None:
    """Write a body for each vector of an axis: with its index, its width and its lanes."""
    width = builder.width
    full, rest = pieces(size, width)
    if full > 1:
        loop = builder.loop(full * width, width)
        write((loop.variable, 0), width, 0)
        builder.end()
    elif full:
        write(("", 0), width, 0)
    for begin, short, lanes in rest:
        write(("", begin), short, lanes)


def whole_samples(builder: Builder, step: int) -> str:
    """Give the number of samples, rounded down to a multiple of a power of two."""
    return builder.pure(f"and i64 %n, {-step}")


def mask_of(builder: Builder, sample: str) -> str:
    """Give the mask of the lanes from a sample on that are samples."""
    return mask_to(builder, "%n", sample)


def mask_to(builder: Builder, end: str, begin: str) -> str:
    """Give the mask of the lanes from a place on that come before another."""
    width, pure = builder.width, builder.pure
    left = pure(f"sub i64 {end}, {begin}", end, begin)
    kind = f"<{width} x i64>"
    one = pure(f"insertelement {kind} poison, i64 {left}, i64 0", left)
    zeros = f"<{width} x i32> zeroinitializer"
    all_ = pure(f"shufflevector {kind} {one}, {kind} poison, {zeros}", one)
    numbers = ", ".join(f"i64 {lane}" for lane in range(width))
    return pure(f"icmp slt {kind} <{numbers}>, {all_}", all_)


def tail(builder: Builder, begun: str) -> tuple[str, str]:
    """Tell whether samples are left, and give the mask of their lanes."""
    left = builder.pure(f"icmp slt i64 {begun}, %n", begun)
    return left, mask_of(builder, begun)


def masked(builder: Builder, begun: str, write: Write) -> None:
    """Write one body for all vectors of samples, whole or not: with its mask."""
    loop = builder.loop_to("%n", builder.width, begun)
    write((loop.variable, 0), builder.width, mask_of(builder, loop.variable))
    builder.end()


def samples(builder: Builder, write: Write, is_long: bool) -> None:
    """Write a body for whole vectors of samples, and one for what is left; what is long once."""
    width = builder.width
    if builder.has_room:
        in_room(builder, width, lambda sample: write(sample, width, 0))
        return
    if is_long:
        masked(builder, "0", write)
        return
    begun = whole_samples(builder, width)
    loop = builder.loop_to(begun, width)
    write((loop.variable, 0), width, 0)
    builder.end()
    some, mask = tail(builder, begun)
    branch = builder.begin_if(some)
    write((begun, 0), width, mask)
    builder.end_if(branch, [], [], [])


def in_room(builder: Builder, step: int, write: Callable[[Index], None]) -> None:
    """Write a body for some samples at once, also where there are fewer in the end."""
    loop = builder.loop_to("%n", step)
    write((loop.variable, 0))
    builder.end()


@contextmanager
def nested(builder: Builder, sizes: dict[int, int], indices: list[Index]) -> Iterator[None]:
    """Write loops around what is written within; `indices` are set to their variables."""
    opened = 0
    for axis, size in sizes.items():
        if size > 1:
            indices[axis] = (builder.loop(size).variable, 0)
            opened += 1
    yield
    for _ in range(opened):
        builder.end()
