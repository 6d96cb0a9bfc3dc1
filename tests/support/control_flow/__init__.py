"""Small functions with ordinary control flow, of the kinds that people write, with arguments for each."""

from __future__ import annotations

from . import dates, finance, integers, lists, numerics, physics, pieces, series  # noqa: F401
from .case import CASES, Case

__all__ = ["CASES", "Case"]
