"""All mistakes that are known, those first that explain the most."""

from __future__ import annotations

from .of_backward import of_backward
from .of_formulas import of_formulas
from .of_operations import of_operations

__all__ = ["MISTAKES"]

MISTAKES = (*of_backward(), *of_formulas(), *of_operations())
