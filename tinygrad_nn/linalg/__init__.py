r"""Linear algebra on small matrices of Values: loops of scalar arithmetic, differentiable.

NumPy's own ``np.linalg`` refuses arrays of objects; these functions take them, and
nested lists and tuples as well. Numbers in, floats out; Values in, Values out. Pivots are
chosen by magnitude, from the numbers of the elements. Every function raises a `ShapeError`
for a matrix that is not square, and an `ArgumentError` for an element that is not finite.

They compile: what chooses the pivots is then a part of the program. It finds no number that
is not right while it is recorded; compile(f, check=True) finds what comes of it.
"""

from .determinants import det as det
from .determinants import logdet as logdet
from .determinants import slogdet as slogdet
from .matrices import cholesky as cholesky
from .matrices import inverse as inverse
from .matrices import solve as solve

__all__ = ["cholesky", "det", "inverse", "logdet", "slogdet", "solve"]
