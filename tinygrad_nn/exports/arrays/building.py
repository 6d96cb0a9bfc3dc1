"""Small expressions."""

from __future__ import annotations

import numpy as np

from .form import Apply, Expr, Number

__all__ = ["applied", "plain", "scaled"]


def applied(op: str, *parts: Expr) -> Expr:
    """Apply an operation, element by element."""
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
