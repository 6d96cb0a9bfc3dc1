"""Estimators and pipelines as predictors; scikit-learn is not imported for it."""

from __future__ import annotations

from typing import Any

from ..data import Columns, Standardizer
from ..errors import ArgumentError
from .predictor import Predictor

__all__ = ["predictor_of"]


def predictor_of(thing: Any) -> Any:
    """Give the predictor of an estimator, or of a pipeline of a scaler and one; else the thing."""
    steps = getattr(thing, "steps", None)
    if isinstance(steps, list) and steps and hasattr(steps[-1][1], "predictor"):
        before = [step for _, step in steps[:-1] if step not in (None, "passthrough")]
        if len(before) > 1 or any(type(step).__name__ != "StandardScaler" for step in before):
            raise ArgumentError(
                f"model is a pipeline of {', '.join(type(step).__name__ for _, step in steps)}: "
                "expected a StandardScaler and an estimator at most, as others cannot be written "
                "without code; save the estimator by itself, and keep the steps before it"
            )
        predictor: Predictor = steps[-1][1].predictor()
        for step in before:
            _scale(predictor, step)
        return predictor
    return thing.predictor() if hasattr(thing, "predictor") else thing


def _scale(predictor: Predictor, scaler: Any) -> None:
    count = scaler.n_features_in_
    mean = scaler.mean_.tolist() if scaler.with_mean else [0.0] * count  # it may have one unused
    scale = scaler.scale_.tolist() if scaler.with_std else [1.0] * count
    predictor.scaler = Standardizer(mean, scale)
    names = getattr(scaler, "feature_names_in_", None)
    if names is not None:
        predictor.columns = Columns.of_numbers(list(map(str, names)), named=True)
