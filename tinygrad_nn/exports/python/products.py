"""Sums of products as matrix products, where they are such."""

from __future__ import annotations

from collections.abc import Iterator

from ..arrays.form import Einsum

__all__ = ["Factors", "factors_of", "subscripts"]

LETTERS = "ijklmnopqrstuvw"

Factors = tuple[int, bool, int, bool]  # the left part, whether it is transposed; the right one


def factors_of(expr: Einsum) -> Factors | None:
    """Find the factors of a matrix product, as few transposed as can be; None if it is none."""
    return min(_all_factors(expr), key=lambda one: one[1] + one[3], default=None)


def _all_factors(expr: Einsum) -> Iterator[Factors]:
    for first, second in ((0, 1), (1, 0)):
        u, v = expr.parts[first], expr.parts[second]
        of_u, of_v = expr.indices[first], expr.indices[second]
        summed = {*of_u, *of_v} - {*expr.out}
        if expr.samples:  # of both each sample has its own: a row of each
            if not of_u and not of_v:
                yield first, False, second, False
                continue
            if summed or len(of_u) != 1 or of_u == of_v or expr.out != (*of_u, *of_v):
                continue
            if len(of_v) == 1:
                yield first, True, second, False
            elif not of_v:
                yield second, False, first, False
            continue
        if len(summed) != 1 or not summed <= {*of_u} & {*of_v}:
            continue
        (inner,) = summed
        if v.rows or len(of_u) > 2 or len(of_v) > 2 or {*of_u} & {*of_v} != {inner}:
            continue
        kept = [index for index in (*of_u, *of_v) if index != inner]
        if (u.rows and len(of_u) != 1) or list(expr.out) != kept:
            continue
        turned = len(of_u) == 2 and of_u[0] == inner, len(of_v) == 2 and of_v[1] == inner
        yield first, turned[0], second, turned[1]


def subscripts(expr: Einsum, lead: str, sample: str) -> str:
    """Write indices as for einsum; the samples are `lead`, or `sample` where they are summed over."""
    letters: dict[int, str] = {}
    for index in (*expr.out, *expr.indices[0], *expr.indices[1]):
        letters.setdefault(index, LETTERS[len(letters)])
    own = sample if expr.samples else lead
    shown = [
        own * part.rows + "".join([letters[index] for index in indices])
        for part, indices in zip(expr.parts, expr.indices, strict=True)
    ]
    return f"{','.join(shown)}->{own * expr.rows}{''.join([letters[index] for index in expr.out])}"
