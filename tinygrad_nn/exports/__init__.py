"""Programs and models printed in other languages."""

from __future__ import annotations

from .written import to_c, to_javascript

__all__ = ["to_c", "to_javascript"]
