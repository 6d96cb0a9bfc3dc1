"""Programs and models printed in other languages."""

from __future__ import annotations

from .formulas import to_latex
from .graphs import to_onnx
from .libraries import to_jax, to_numpy, to_torch
from .written import to_c, to_javascript

__all__ = ["to_c", "to_javascript", "to_jax", "to_latex", "to_numpy", "to_onnx", "to_torch"]
