"""Walks over the graph that arithmetic records."""

from .scalar.graph import ancestors as ancestors

__all__ = ["ancestors"]
