"""Outputs for whole tables of samples: compiled where that is possible."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from typing import Any

from ...data.validation import check_table
from ...errors import MissingExtraError
from ...extras import load_extra
from ...scalar.contexts import no_grad
from ..draws import nobody_draws
from ..parameters import Parametric
from .notice import say_why_eager
from .result import numbers

__all__ = ["numbers", "outputs", "predict"]


def predict(model: Parametric, X: Iterable[Any]) -> Any:
    """Compute the outputs of a model for rows of numbers: see `Module.predict`."""
    numpy = sys.modules.get("numpy")
    is_array = numpy is not None and isinstance(X, numpy.ndarray)
    rows = check_table(X)
    found = _compiled(model, rows)
    if found is None:
        found = outputs(model, rows)
        return numpy.array(found) if is_array and numpy is not None else found
    return found if is_array else found.tolist()


def outputs(model: Parametric, rows: Sequence[Sequence[float]]) -> list[Any]:
    """Compute the outputs one after the other, recording no graph."""
    with no_grad(), nobody_draws():
        return [numbers(model(list(row))) for row in rows]


def _compiled(model: Parametric, rows: list[list[float]]) -> Any:
    """Compute the outputs with a program; None where there is none."""

    def refused(error: Exception) -> None:
        say_why_eager(f"{type(model).__name__}.predict", error)

    try:
        load_extra("numpy", "compile", "compile a model")
    except MissingExtraError as error:
        refused(error)
        return None
    from .forward import forward_of, numbers_of

    with nobody_draws():
        forward = forward_of(model, rows[0], refused)
    if forward is None:
        return None
    import numpy as np

    found = forward.run(numbers_of(forward.parameters), np.array(rows))
    if not np.isfinite(found).all():
        return None  # one after the other, each sample has its error
    return found[0] if forward.single else found.T
