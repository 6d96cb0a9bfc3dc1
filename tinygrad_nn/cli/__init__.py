"""The command line: ``tinygrad-nn train``, ``export``, ``plot``, ``draw`` and ``info``."""

from .entry import main as main

__all__ = ["main"]
