"""One product of two factors, as the cheapest calls of NumPy that compute it."""

from __future__ import annotations

import math
import string
from collections.abc import Sequence
from typing import Any

from ...program.strides import merged, row_major
from .emitter import Emitter
from .views import Buffer, Dim, is_blas

__all__ = ["contract", "matmul"]


FEW_ROWS = 250  # beyond, einsum's smaller cost for each row makes up for its start


def contract(
    emitter: Emitter, out: Buffer, left: Buffer, right: Buffer, dims: Sequence[Dim]
) -> None:
    """Emit the calls that write a contraction; `dims` are all axes, in the order of the result."""
    dims = [dim for dim in dims if dim[0] != 1]
    kept = [dim for dim in dims if dim[1] is not None]
    summed = [dim for dim in dims if dim[1] is None]
    if not summed:
        emitter.call(
            "multiply",
            left.view(_of_left(kept)),
            right.view(_of_right(kept)),
            out=out.view(_of_out(kept)),
        )
        return
    both = all(a != 0 and b != 0 for _, _, a, b in summed)
    rows = [dim for dim in kept if dim[2] != 0 and dim[3] == 0]
    columns = [dim for dim in kept if dim[2] == 0 and dim[3] != 0]
    batch = [dim for dim in kept if (dim[2] != 0) == (dim[3] != 0)]
    if both and not kept and len(merged(_lr(summed))) == 1:
        ((n, a, b),) = merged(_lr(summed))
        views = left.view([(n, a)]).dot, right.view([(n, b)]), out.view([])
        dot, factor, target = map(emitter.name, views)
        emitter.line(f"{target}[()] = {dot}({factor})")
    elif both and (rows or columns) and not _inner_batch(batch, rows, columns, summed):
        _multiply_matrices(emitter, out, left, right, batch, rows, columns, summed)
    elif both and not rows and not columns and _are_few_rows(batch, summed):
        _multiply_rows(emitter, out, left, right, batch, summed[0])
    else:
        _einsum(emitter, out, left, right, kept, summed)


def _of_out(dims: Sequence[Dim]) -> list[tuple[int, int]]:
    return [(n, o) for n, o, _, _ in dims if o is not None]


def _of_left(dims: Sequence[Dim]) -> list[tuple[int, int]]:
    return [(n, a) for n, _, a, _ in dims]


def _of_right(dims: Sequence[Dim]) -> list[tuple[int, int]]:
    return [(n, b) for n, _, _, b in dims]


def _lr(dims: Sequence[Dim]) -> list[tuple[int, ...]]:
    return [(n, a, b) for n, _, a, b in dims]


def _inner_batch(
    batch: Sequence[Dim], rows: Sequence[Dim], columns: Sequence[Dim], summed: Sequence[Dim]
) -> bool:
    """Tell whether the innermost axis is one of the batch: then no matrix is one for BLAS."""
    return any(
        dim[2] == 1 and dim[3] == 1 and all(abs(s[2]) > 1 and abs(s[3]) > 1 for s in summed)
        for dim in batch
    ) and not (any(d[2] == 1 for d in rows) and any(d[3] == 1 for d in columns))


def _are_few_rows(batch: Sequence[Dim], summed: Sequence[Dim]) -> bool:
    """Tell whether each row of one matrix meets one of another, and there are few."""
    count = math.prod(dim[0] for dim in batch)
    return count <= FEW_ROWS and len(summed) == 1 and summed[0][2] == summed[0][3] == 1


def _multiply_rows(
    emitter: Emitter, out: Buffer, left: Buffer, right: Buffer, batch: Sequence[Dim], inner: Dim
) -> None:
    """Multiply each row of one matrix with one of another, as stacks of 1 x n and n x 1."""
    n, _, a, b = inner
    emitter.call(
        "matmul",
        left.view([*_of_left(batch), (1, 0), (n, a)]),
        right.view([*_of_right(batch), (n, b), (1, 0)]),
        out=out.view([*_of_out(batch), (1, 0), (1, 0)]),
    )


def _multiply_matrices(
    emitter: Emitter,
    out: Buffer,
    left: Buffer,
    right: Buffer,
    batch: list[Dim],
    rows: list[Dim],
    columns: list[Dim],
    summed: list[Dim],
) -> None:
    row_dims = merged([(n, o, a) for n, o, a, _ in rows])  # type: ignore[misc]  # none is summed
    column_dims = merged([(n, o, b) for n, o, _, b in columns])  # type: ignore[misc]
    batch = list(batch)
    while len(row_dims) > 1:
        n, o, a = row_dims.pop(_smallest(row_dims))
        batch.append((n, o, a, 0))
    while len(column_dims) > 1:
        n, o, b = column_dims.pop(_smallest(column_dims))
        batch.append((n, o, 0, b))
    m, om, am = row_dims[0] if row_dims else (1, 0, 0)
    n, on, bn = column_dims[0] if column_dims else (1, 0, 0)
    inner = merged(_lr(summed))
    ob, lb, rb = _of_out(batch), _of_left(batch), _of_right(batch)
    k = math.prod(dim[0] for dim in inner)
    a_dims = [(dim[0], dim[1]) for dim in inner]
    b_dims = [(dim[0], dim[2]) for dim in inner]
    if len(inner) > 1 or not is_blas((m, am), a_dims[0]):
        left, lb, am, a_dims = _packed(emitter, left, lb, (m, am), a_dims)
    if len(inner) > 1 or not is_blas(b_dims[0], (n, bn)):
        right, rb, bn, b_dims = _packed(emitter, right, rb, (n, bn), b_dims)
    ak, bk = a_dims[0][1], b_dims[0][1]
    target = out
    if not is_blas((m, om), (n, on)):
        original = out.view([*ob, (m, om), (n, on)])
        sizes = [*[size for size, _ in ob], m, n]
        target = Buffer(emitter.scratch(math.prod(sizes)), 0)
        *ob, (_, om), (_, on) = zip(sizes, row_major(sizes), strict=True)
    a_view = left.view([*lb, (m, am), (k, ak)])
    b_view = right.view([*rb, (k, bk), (n, bn)])
    o_view = target.view([*ob, (m, om), (n, on)])
    if n > 1 and on != 1 and om == 1:
        matmul(emitter, b_view.swapaxes(-1, -2), a_view.swapaxes(-1, -2), o_view.swapaxes(-1, -2))
    else:
        matmul(emitter, a_view, b_view, o_view)
    if target is not out:
        emitter.copy(original, o_view)


def matmul(emitter: Emitter, left: Any, right: Any, out: Any) -> None:
    """Emit a product of matrices, or of stacks of them.

    An array's own method `dot` takes half as long to start, but copies what is strided.
    """
    if (
        left.ndim <= 2
        and right.ndim <= 2
        and out.flags.c_contiguous
        and all(x.flags.c_contiguous or x.flags.f_contiguous for x in (left, right))
    ):
        dot, *names = map(emitter.name, (left.dot, right, out))
        emitter.line(f"{dot}({', '.join(names)})")
    else:
        emitter.call("matmul", left, right, out=out)


def _smallest(dims: Sequence[tuple[int, ...]]) -> int:
    return min(range(len(dims)), key=lambda i: dims[i][0])


def _packed(
    emitter: Emitter,
    side: Buffer,
    batch: list[tuple[int, int]],
    own: tuple[int, int],
    inner: list[tuple[int, int]],
) -> tuple[Buffer, list[tuple[int, int]], int, list[tuple[int, int]]]:
    """Copy a factor so that it is a matrix with its inner axis in one piece."""
    varying = [dim for dim in batch if dim[1] != 0]
    dims = [*varying, own, *inner]
    sizes = [size for size, _ in dims]
    strides = row_major(sizes)
    packed = Buffer(emitter.scratch(math.prod(sizes)), 0)
    emitter.copy(packed.view(list(zip(sizes, strides, strict=True))), side.view(dims))
    rest = iter(strides)
    packed_batch = [(size, 0 if stride == 0 else next(rest)) for size, stride in batch]
    k = math.prod(size for size, _ in inner)
    return packed, packed_batch, k, [(k, 1)]


def _einsum(
    emitter: Emitter, out: Buffer, left: Buffer, right: Buffer, kept: list[Dim], summed: list[Dim]
) -> None:
    dims = [*kept, *summed]
    names = {id(dim): letter for dim, letter in zip(dims, string.ascii_letters, strict=False)}
    lefts = [d for d in dims if d[2] != 0 or d[3] == 0]
    rights = [d for d in dims if d[3] != 0]
    a, b, c = ("".join(names[id(d)] for d in some) for some in (lefts, rights, kept))
    emitter.call(
        "einsum",
        f"{a},{b}->{c}",
        left.view(_of_left(lefts)),
        right.view(_of_right(rights)),
        out=out.view(_of_out(kept)),
    )
