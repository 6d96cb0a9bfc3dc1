"""NumPy's functions on Values, through NumPy's own protocol.

``np.exp(v)`` asks `v` what to do. On arrays of Values (of dtype object) NumPy calls
the operators and methods of the elements by itself.
"""

from __future__ import annotations

import operator
import sys
from collections.abc import Callable
from typing import Any

from ..errors import ArgumentTypeError
from .methods import add_methods
from .operation import TABLE

__all__ = ["apply_ufunc"]

# What has no row: comparisons are by value, and give a bool as Python's do.
_OTHERS: dict[str, Callable[..., Any]] = {
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "less": operator.lt,
    "less_equal": operator.le,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "reciprocal": lambda x: 1.0 / x,
    "square": lambda x: x * x,
    "fabs": TABLE["abs"],
    "pow": TABLE["pow"],
    "remainder": TABLE["mod"],
    "true_divide": TABLE["div"],
    "deg2rad": lambda x: x * 0.017453292519943295,
    "rad2deg": lambda x: x * 57.29577951308232,
}


def apply_ufunc(value: object, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """Apply a universal function of NumPy or SciPy of which an input is a Value.

    It becomes the function of this package with that name, element by element, with broadcasting.
    """
    name = ufunc.__name__
    if method != "__call__" or options:
        how = f"{name}.{method}" if method != "__call__" else f"{name} with {', '.join(options)}"
        raise ArgumentTypeError(
            f"NumPy's {how} has no meaning for a Value: call np.{name} plainly, on an array of "
            "dtype object"
        )
    function = _find(name)
    if function is None:
        raise ArgumentTypeError(
            f"NumPy's {name} is not known for Values: {_alternative(name)}, or make it with "
            "tinygrad_nn.custom(f, partials)"
        )
    numpy = sys.modules["numpy"]
    plain = [x.item() if isinstance(x, numpy.ndarray) and x.ndim == 0 else x for x in inputs]
    if any(isinstance(x, numpy.ndarray) for x in plain):
        objects = [numpy.asarray(x, dtype=object) for x in plain]  # a bare Value would ask again
        return numpy.frompyfunc(function, len(plain), 1)(*objects)
    return function(*plain)


def _find(name: str) -> Callable[..., Any] | None:
    if name in _OTHERS:
        return _OTHERS[name]
    for row in TABLE.values():
        if name == row.name or name == str(row.array).removeprefix("special."):
            return row
    return None


def _alternative(name: str) -> str:
    from difflib import get_close_matches  # slow to import, rarely needed

    known = [*TABLE, *_OTHERS]
    close = get_close_matches(name, known, n=1, cutoff=0.5)
    return f"perhaps {close[0]} is meant" if close else "write it with those in tinygrad_nn.TABLE"


add_methods(__array_ufunc__=apply_ufunc)
