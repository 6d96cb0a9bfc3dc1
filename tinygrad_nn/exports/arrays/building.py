"""Small expressions."""

from __future__ import annotations

import numpy as np

from .form import Apply, Expr, Number, Reshape
from .views import shaped

__all__ = ["applied", "plain", "scaled"]

COMPARISONS = ("eq", "ge", "gt", "le", "lt", "ne")


def applied(op: str, *parts: Expr) -> Expr:
    """Apply an operation, element by element; what is compared already is a condition as it is."""
    if op == "ne" and isinstance(parts[0], Apply) and parts[0].op in COMPARISONS:
        zero = parts[1]
        if isinstance(zero, Number) and zero.value == 0.0:
            return parts[0]
    shapes = {part.of.shape if isinstance(part, Reshape) else None for part in parts if part.shape}
    if len(shapes) == 1 and None not in shapes:  # what they were before they were reshaped
        whole = applied(op, *[part.of if isinstance(part, Reshape) else part for part in parts])
        return shaped(whole, next(part.shape for part in parts if part.shape))
    shape = np.broadcast_shapes(*[part.shape for part in parts])
    return Apply(tuple(shape), any(part.rows for part in parts), op, parts)


def plain(value: float) -> Expr:
    """Give a plain number."""
    return Number((), False, value)


def scaled(coef: float, value: Expr) -> Expr:
    """Multiply by a plain number."""
    if coef == 1.0:
        return value
    return applied("neg", value) if coef == -1.0 else applied("mul", plain(coef), value)
