"""A model with its scaling, as one module: what exports print."""

from __future__ import annotations

from typing import Any

from .. import nn
from ..data import Standardizer

__all__ = ["Scaled"]


class Scaled(nn.Module):
    """Takes features as they were before they were scaled; gives numbers as they were."""

    def __init__(
        self,
        model: nn.Module,
        scaler: Standardizer | None = None,
        target_scaler: Standardizer | None = None,
    ) -> None:
        self.layers = [model]
        self.scaler = scaler
        self.target_scaler = target_scaler

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for one sample."""
        if self.scaler is not None:
            moments = zip(x, self.scaler.mean, self.scaler.scale, strict=True)
            x = [(number - mean) / scale for number, mean, scale in moments]
        output = self.layers[0](x)
        if self.target_scaler is None:
            return output
        (mean,), (scale,) = self.target_scaler.mean, self.target_scaler.scale
        return output * scale + mean
