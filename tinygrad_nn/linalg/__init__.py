"""Linear algebra on nested lists of Values: systems of equations, inverses, determinants."""

from .matrices import cholesky as cholesky
from .matrices import det as det
from .matrices import inverse as inverse
from .matrices import logdet as logdet
from .matrices import slogdet as slogdet
from .matrices import solve as solve

__all__ = ["cholesky", "det", "inverse", "logdet", "slogdet", "solve"]
