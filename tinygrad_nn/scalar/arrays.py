"""NumPy's functions on Values, through NumPy's own protocols.

``np.exp(v)`` and ``np.sum(v)`` ask `v` what to do. On arrays of Values (of dtype object) NumPy
calls the operators and methods of the elements by itself.
"""

from __future__ import annotations

import math
import operator
import re
import sys
from collections.abc import Callable, Mapping, Sequence
from importlib import import_module
from typing import Any

from ..errors import ArgumentTypeError, TinygradNNError
from .conditions import conjunction, disjunction
from .convert import is_number
from .methods import add_methods
from .operation import TABLE, Op, find_function

__all__ = [
    "apply_function",
    "apply_ufunc",
    "call_with_values",
    "clipped",
    "degrees",
    "explanation_of",
    "function_of",
    "radians",
]


def degrees(x: Any) -> Any:
    """An angle in degrees, of one in radians.

    Examples
    --------
    >>> degrees(math.pi)
    180.0
    """
    return x * (180.0 / math.pi)


def radians(x: Any) -> Any:
    """An angle in radians, of one in degrees.

    Examples
    --------
    >>> radians(180.0) == math.pi
    True
    """
    return x * (math.pi / 180.0)


def clipped(x: Any, low: Any = None, high: Any = None) -> Any:
    """Limit a number from below, and then from above."""
    above = x if low is None else TABLE["max"](x, low)
    return above if high is None else TABLE["min"](above, high)


# Universal functions that are not a row's form for arrays, or mean something else than that row:
# what computes a row need not have its derivative. Comparisons are by value, and give a bool as
# Python's do.
_UFUNCS: dict[str, Callable[..., Any]] = {
    "positive": operator.pos,
    "conjugate": operator.pos,
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "less": operator.lt,
    "less_equal": operator.le,
    "equal": operator.eq,
    "not_equal": operator.ne,
    "bitwise_and": conjunction,
    "bitwise_or": disjunction,
    "reciprocal": lambda x: 1.0 / x,
    "square": lambda x: x * x,
    "fabs": TABLE["abs"],
    "float_power": TABLE["pow"],
    "remainder": TABLE["mod"],
    "divmod": divmod,
    "degrees": degrees,
    "rad2deg": degrees,
    "radians": radians,
    "deg2rad": radians,
}

_INSTEAD = {
    "copysign": "tinygrad_nn.copysign of each element",
    "fmax": "max, of which NaN is the result",
    "fmin": "min, of which NaN is the result",
    "fmod": "tinygrad_nn.fmod of each element",
    "heaviside": "step, which is 0 at 0",
    "logical_and": "and, of comparisons",
    "logical_or": "or, of comparisons",
    "logical_xor": "!=, of comparisons",
    "matmul": "a sum of products, or an array of dtype object",
    "modf": "x - floor(x)",
    "signbit": "x < 0",
}

# Of numpy.linalg, which arrays made by `asarray` have of their own.
_OF_VALUES = {"solve", "inv", "det", "slogdet", "cholesky", "lstsq"}

# Functions that NumPy writes with conversions or comparisons, and that are rows of ours.
_FUNCTIONS: dict[str, Callable[..., Any]] = {"where": TABLE["where"], "clip": clipped}


def apply_ufunc(value: object, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
    """Apply a universal function of NumPy or SciPy of which an input is a Value.

    It becomes the function of this package with that name, element by element, with broadcasting.
    A method of it, as ``np.add.reduce``, and what is made by ``np.frompyfunc``, is left to NumPy.
    """
    name = ufunc.__name__
    if method != "__call__":
        return _by_numpy(f"{name}.{method}", getattr(ufunc, method), inputs, options)
    if set("".join(ufunc.types)) <= set("O->"):
        return _unboxed(ufunc(*map(_boxed, inputs), **options))
    out = options.get("out", ())
    if list(options) == ["out"] and len(out) == 1 and out[0].dtype == object:  # as in `y -= v`
        out[0][...] = apply_ufunc(value, ufunc, method, *inputs)
        return out[0]
    if options:
        raise ArgumentTypeError(
            f"NumPy's {name} with {', '.join(options)} has no meaning for a Value: call np.{name} "
            "plainly, on an array of dtype object"
        )
    function = function_of(ufunc)
    numpy = sys.modules["numpy"]
    plain = [_plain(x) for x in inputs]
    if any(isinstance(x, numpy.ndarray) for x in plain):
        return _unboxed(numpy.frompyfunc(function, len(plain), ufunc.nout)(*map(_boxed, plain)))
    return function(*plain)


def function_of(ufunc: Any) -> Callable[..., Any]:
    """Find what computes a universal function of NumPy or SciPy from Values, or refuse it."""
    function = _find(ufunc)
    if function is None:
        name = ufunc.__name__
        raise ArgumentTypeError(
            f"NumPy's {name} is not known for Values: {_alternative(name)}, or make it with "
            "tinygrad_nn.custom(f, partials)"
        )
    return function


def apply_function(
    value: object,
    function: Any,
    types: Sequence[type],
    args: Sequence[Any],
    options: Mapping[str, Any],
) -> Any:
    """Call a function of NumPy of which an argument is a Value, as ``np.where`` or ``np.sum``.

    NumPy runs it, on an array without axes in place of each Value. What takes floats only is
    given the Values: as they become floats, they say what is lost.
    """
    name = function.__name__
    row = _FUNCTIONS.get(name) or (TABLE.get(name) if name.startswith("is") else None)
    if row is not None and not options and all(map(_is_single, args)):
        return row(*args)
    instead = import_module("tinygrad_nn.ndarrays.array").function_for(function)
    if instead is not None:
        return instead(*args, **options)
    implementation = sys.modules["numpy"].ndarray.__array_function__

    def call(*args: Any, **options: Any) -> Any:
        return implementation(_box(None), function, (), args, options)

    try:
        return _by_numpy(name, call, args, options)
    except ArgumentTypeError as error:
        refusal = error
    try:
        return call(*args, **options)
    except TinygradNNError:
        raise
    except (TypeError, ValueError, AttributeError):
        raise refusal from refusal.__cause__


def call_with_values(function: Callable[..., Any], *args: Any, **options: Any) -> Any:
    """Call a user's function; where NumPy refuses its Values, name what works instead.

    Arrays of objects are handed over as such that NumPy's functions take.
    """
    if "numpy" in sys.modules:
        handed = import_module("tinygrad_nn.ndarrays.array").handed
        args = tuple(map(handed, args))
        options = {name: handed(thing) for name, thing in options.items()}
    try:
        return function(*args, **options)
    except (TypeError, ValueError, AttributeError) as error:
        explanation = explanation_of(error)
        if not explanation:
            raise
        raise ArgumentTypeError(explanation) from error


def _plain(x: Any) -> Any:
    """Make a number of NumPy's one of Python's, which does not ask again."""
    numpy = sys.modules["numpy"]
    if isinstance(x, numpy.ndarray | numpy.generic) and x.ndim == 0:
        x = x.item()
    return float(x) if isinstance(x, numpy.longdouble) else x  # Python has none so long


def _is_single(x: Any) -> bool:
    return hasattr(x, "_apply") or is_number(x)


def _find(ufunc: Any) -> Callable[..., Any] | None:
    """Find what a function of NumPy or SciPy is; others may have the same name and mean another."""
    name = ufunc.__name__
    homes = (sys.modules["numpy"], sys.modules.get("scipy.special"))
    if all(getattr(home, name, None) is not ufunc for home in homes):
        return None
    if name in _UFUNCS:
        return _UFUNCS[name]
    for row in TABLE.values():
        if name in (row.name, _array_name(row)):
            return row
    return find_function(name)


def _alternative(name: str) -> str:
    if name in _INSTEAD:
        return f"write {_INSTEAD[name]}"
    from difflib import get_close_matches  # slow to import, rarely needed

    close = get_close_matches(name, [*TABLE, *_UFUNCS], n=1, cutoff=0.54)
    return f"perhaps {close[0]} is meant" if close else "write it with those in tinygrad_nn.TABLE"


# ---- left to NumPy ---------------------------------------------------------------------------


def _by_numpy(
    name: str, call: Callable[..., Any], args: Sequence[Any], options: Mapping[str, Any]
) -> Any:
    """Call what NumPy has, on arrays of objects; refuse what it cannot do with them."""
    try:
        result = call(*map(_boxed, args), **{key: _boxed(x) for key, x in options.items()})
    except TinygradNNError:
        raise
    except (TypeError, ValueError, AttributeError) as error:
        raise ArgumentTypeError(
            f"NumPy's {name} cannot be computed from a Value ({error}): call it on an array of "
            "dtype object, or write it with the functions of tinygrad_nn"
        ) from error
    return _unboxed(result)


def _boxed(x: Any) -> Any:
    return _box(x) if hasattr(x, "_apply") else x


def _box(x: Any) -> Any:
    """Make an array without axes: of what is no array, NumPy would ask again."""
    box = sys.modules["numpy"].empty((), dtype=object)
    box[()] = x
    return box


def _unboxed(result: Any) -> Any:
    """Give arrays of Values as such that NumPy's functions take; one without axes is its element."""
    return import_module("tinygrad_nn.ndarrays.array").settled(result)


# ---- what NumPy refuses ----------------------------------------------------------------------


def explanation_of(error: Exception) -> str:
    """Say what works instead of a function that does not take arrays of Values; else nothing."""
    message = str(error)
    package, name, inside = _origin(error)
    if ".linalg" in package and (isinstance(error, TypeError) or "object" in message):
        asked = "hand it tinygrad_nn.asarray of the array, or use" if name in _OF_VALUES else "use"
        return (
            f"{package}.{name} takes floats only, and was given Values: {asked} solve, inverse, det, "
            "slogdet, logdet or cholesky of tinygrad_nn.linalg"
        )
    if isinstance(error, TinygradNNError):
        return ""
    if found := re.search(r"of type (\w+) which has no callable (\w+) method", message):
        return _mixed(*found.groups())
    if found := re.search(r"ufunc '(\w+)' not supported for the input types", message):
        return _for_floats(found[1])
    found = re.search(r"'(?:Value|Symbol)' object has no attribute '(\w+)'", message)
    if found and not inside and hasattr(sys.modules.get("numpy"), found[1]):
        return f"NumPy's {found[1]} is not known for Values: {_alternative(found[1])}"
    if (inside and isinstance(error, AttributeError)) or (
        package and re.search(r"dtype\('O'\)|: object\b", message)
    ):
        return (
            f"{package}.{name} cannot be computed from Values ({message}): write it with the "
            "functions of tinygrad_nn"
        )
    if re.search(r"does not have an identity, so|is not reorderable", message):
        return (
            f"a plain array of Values has no such sum or extreme ({message}): hand over "
            "tinygrad_nn.asarray of the array"
        )
    if re.search(r"unsupported operand type.*'complex'", message) and "Value" in message:
        return "a complex number was joined with a Value: compute its real and its imaginary part as two numbers"
    if re.search(r"from dtype\('O'\)|for object values", message):
        return (
            f"a function of NumPy's takes floats only, and was given Values ({message}): write it "
            "with the functions of tinygrad_nn"
        )
    return ""


def _mixed(kind: str, name: str) -> str:
    if kind in ("Value", "Symbol"):
        return f"NumPy's {name} is not known for Values: {_alternative(name)}"
    return (
        f"np.{name} was given an array of Values and plain numbers (a {kind}), and asks each "
        f"element for its method {name}: make it with tinygrad_nn.asarray([x, 1.0]), make all of "
        "them Values, as np.array([x, Value(1.0)]), or call the function of tinygrad_nn on each"
    )


def _for_floats(name: str) -> str:
    """Name what takes the elements of an array of objects, which a function does not."""
    rows = (row.name for row in TABLE.values() if name in (row.name, _array_name(row)))
    ours = next(rows, "")
    if not ours and find_function(name) is not None:
        ours = f"special.{name}"
    if ours:
        each = f"np.vectorize(tinygrad_nn.{ours}, otypes=[object])(x) applies ours to each element"
    else:
        each = f"{_alternative(name)}, or make it with tinygrad_nn.custom(f, partials)"
    return f"{name} takes arrays of floats only, and was given Values: {each}"


def _array_name(row: Op) -> str:
    return str(row.array).removeprefix("special.")


def _origin(error: Exception) -> tuple[str, str, bool]:
    """Name the package and function of NumPy or SciPy that was called; tell if it raised itself."""
    package, name, inside = "", "", False
    trace = error.__traceback__
    while trace is not None:
        root, *parts = trace.tb_frame.f_globals.get("__name__", "").split(".")
        inside = root in ("numpy", "scipy")
        if inside and not package:
            name = trace.tb_frame.f_code.co_name.rpartition(".")[2]
            package = "np" if root == "numpy" else "scipy"
            if parts and parts[0] != "lib" and not parts[0].startswith("_"):
                package += f".{parts[0]}"
        trace = trace.tb_next
    return package, name, inside


add_methods(
    __array_ufunc__=apply_ufunc,
    __array_function__=apply_function,
    # asked of the elements of arrays
    degrees=degrees,
    rad2deg=degrees,
    radians=radians,
    deg2rad=radians,
)
