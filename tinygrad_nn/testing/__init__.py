"""For testing code built on this package: random expressions, graphs and networks."""

from __future__ import annotations

from .expression import Expression as Expression
from .strategies import Network as Network
from .strategies import expressions as expressions
from .strategies import graphs as graphs
from .strategies import networks as networks
from .strategies import numbers as numbers

__all__ = ["Expression", "Network", "expressions", "graphs", "networks", "numbers"]
