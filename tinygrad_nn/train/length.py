"""How long a gradient is."""

from __future__ import annotations

import math
from typing import Any

__all__ = ["length_of"]

LEAST_SQUARE = 1e-200  # so much that what is lost below the least float does not count


def length_of(gradient: Any) -> float:
    """Give the length of a gradient, a list or an array."""
    if hasattr(gradient, "tolist"):
        import numpy as np  # which is there, as the array is

        square = float(np.vdot(gradient, gradient))
        if LEAST_SQUARE < square < math.inf:
            return math.sqrt(square)
    return math.hypot(*gradient)
