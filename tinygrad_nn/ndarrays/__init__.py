"""Arrays of Values that NumPy's functions take: what a transform hands to a function of arrays."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ..extras import load_extra

if TYPE_CHECKING:
    from .array import NumberArray

__all__ = ["asarray"]


def asarray(numbers: Any) -> NumberArray:
    """Make an array of Values and plain numbers, which NumPy's functions take.

    Of a plain array of objects NumPy asks each element for its method, and a float has none: so
    ``np.exp`` fails where Values and floats are mixed. This one asks this package. Transforms and
    `compile` hand over such arrays by themselves.

    Parameters
    ----------
    numbers : array_like
        Values, floats, or nestings of them.

    Returns
    -------
    NumberArray
        A view, if it is an array of objects already.

    Raises
    ------
    ArgumentTypeError
        When something in it is no number.
    MissingExtraError
        When NumPy is not installed.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_nn import Value, asarray
    >>> x = Value(0.0)
    >>> y = np.exp(asarray([x, 1.0])).sum()
    >>> y.backward()
    >>> x.grad
    1.0
    """
    load_extra("numpy", "compile", "asarray")
    from .array import of_numbers

    return of_numbers(numbers)
