"""An array of numbers of which some are Values; NumPy asks it what to do."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cache
from importlib import import_module
from typing import Any

import numpy as np

from ..containers import is_container, parts_of
from ..errors import ArgumentTypeError, TinygradNNError
from ..scalar.arrays import clipped, explanation_of, function_of
from ..scalar.conditions import is_logical
from ..scalar.convert import is_decimal, is_number, to_number
from ..scalar.operation import TABLE
from ..scalar.value import Value
from ..tree import LEAVES, put_together
from .handled import HANDLED

__all__ = ["NumberArray", "function_for", "handed", "of_numbers", "settled"]

# What NumPy does with the operators of the elements, as of any objects.
_OPERATORS = {
    *("add", "subtract", "multiply", "divide", "floor_divide", "negative", "positive", "matmul"),
    *("power", "remainder", "absolute", "conjugate", "vecdot", "matvec", "vecmat"),
    *("bitwise_and", "bitwise_or", "bitwise_xor", "logical_and", "logical_or", "logical_not"),
}
_OF_CONDITIONS = {"add", "multiply", "bitwise_and", "bitwise_or", "bitwise_xor", "invert"}
# Whose result is the same in any order, so that more than one axis may go at once.
_UNORDERED = {"maximum", "minimum", "logaddexp", "hypot"}
_COMPARISONS: dict[str, Callable[[Any, Any], Any]] = {
    "greater": operator.gt,
    "greater_equal": operator.ge,
    "less": operator.lt,
    "less_equal": operator.le,
    "equal": operator.eq,
    "not_equal": operator.ne,
}

_ELEMENT = np.ndarray.__getitem__


def _element(array: NumberArray, key: Any) -> Any:
    """Take elements as NumPy does; conditions that are still unknown are asked."""
    return _ELEMENT(array, key if type(key) is int else _known(key))


class NumberArray(np.ndarray[Any, np.dtype[Any]]):
    """An array of objects: Values, symbols and plain numbers side by side."""

    def __array_ufunc__(self, ufunc: Any, method: str, *inputs: Any, **options: Any) -> Any:
        """Apply a universal function element by element, or a method of one."""
        with np.errstate(invalid="ignore"):  # as NumPy, which does not warn of NaN as it compares
            plain = list(map(_plain, inputs))
            if not all(map(_holds_conditions, inputs)):
                return _applied(ufunc, method, plain, options)
            return _of_conditions(ufunc, method, plain, options)

    def __array_function__(
        self,
        func: Any,
        types: Iterable[type],
        args: Iterable[Any],
        kwargs: Mapping[str, Any],
    ) -> Any:
        """Call a function of NumPy: ours in its place, or NumPy's own on arrays of objects."""
        handled = function_for(func)
        if handled is not None:
            return handled(*args, **kwargs)
        try:
            return settled(super().__array_function__(func, types, args, kwargs))
        except TinygradNNError:
            raise
        except TypeError as error:
            raise ArgumentTypeError(
                explanation_of(error)
                or f"np.{func.__name__} cannot be computed from Values ({error}): write it with the "
                "functions of tinygrad_nn"
            ) from error

    def astype(self, dtype: Any, *args: Any, **options: Any) -> Any:
        """Convert the elements; an array of other things is a plain one.

        A Value is a float already, and a condition that is still unknown is 1 or 0.
        """
        if self.size and (kind := np.dtype(dtype).char) != "O":
            values = [x for x in self.flat if isinstance(x, Value)]
            if values and kind != "?" and (kind == "d" or all(map(is_logical, values))):
                return _elementwise(_as_number, 1, 1)(self.view(np.ndarray)).view(NumberArray)
        return settled(super().astype(dtype, *args, **options))

    def __iter__(self) -> Iterator[Any]:
        """Give the elements as fast as a plain array: Python takes those of a subclass one by one."""
        return self.flat if self.ndim == 1 else super().__iter__()

    def sort(self, *args: Any, **options: Any) -> None:
        """Sort in place."""
        self[...] = np.sort(self, *args, **options)

    def partition(self, *args: Any, **options: Any) -> None:
        """Partition in place."""
        self[...] = np.partition(self, *args, **options)

    def argsort(self, *args: Any, **options: Any) -> Any:
        """Tell which order sorts the elements."""
        return np.argsort(self, *args, **options)

    def argpartition(self, *args: Any, **options: Any) -> Any:
        """Tell which order partitions the elements."""
        return np.argpartition(self, *args, **options)

    def argmax(self, *args: Any, **options: Any) -> Any:
        """Tell where the greatest element is."""
        return np.argmax(self, *args, **options)

    def argmin(self, *args: Any, **options: Any) -> Any:
        """Tell where the least element is."""
        return np.argmin(self, *args, **options)

    def __setitem__(self, key: Any, value: Any) -> None:
        """Set elements; conditions that are still unknown are asked."""
        self.view(np.ndarray)[_known(key)] = value


class ConditionArray(NumberArray):
    """An array of conditions that are still unknown: what NumPy calls bools."""

    def __array_finalize__(self, array: Any) -> None:
        """Let elements be taken by Python's code once there are masks to ask: it is slower."""
        if NumberArray.__getitem__ is not _element:
            setattr(NumberArray, "__getitem__", _element)  # noqa: B010  (to type it is longer)


def function_for(func: Any) -> Callable[..., Any] | None:
    """Find what is computed here in place of a function of NumPy's."""
    for name in ("functions", "linear_algebra", "order"):  # each says there what it stands for
        import_module(f"tinygrad_nn.ndarrays.{name}")
    handled = HANDLED.get(func)
    if handled is None:
        return None

    def call(*args: Any, **options: Any) -> Any:
        with np.errstate(invalid="ignore"):  # as NumPy, which does not warn of NaN as it compares
            return settled(handled(*args, **options))

    return call


def of_numbers(numbers: Any) -> NumberArray:
    """Make an array of what must be Values and plain numbers."""
    array = np.asarray(numbers, dtype=object)
    for x in array.flat:
        if not isinstance(x, Value) and not is_number(x):
            raise ArgumentTypeError(
                f"numbers holds {x!r} ({type(x).__name__}): expected Values and plain numbers"
            )
    if any(map(is_decimal, array.flat)):  # which do not mix with floats
        array = np.frompyfunc(_not_decimal, 1, 1)(array)
    return array.view(NumberArray)


def _not_decimal(x: Any) -> Any:
    return to_number(x, "numbers") if is_decimal(x) else x


def handed(thing: Any) -> Any:
    """Hand over arrays of objects in a nesting as arrays that NumPy's functions take."""
    kind = type(thing)
    if kind is np.ndarray:
        return thing.view(NumberArray) if thing.dtype == object else thing
    if kind is list or kind is tuple:
        if set(map(type, thing)) <= LEAVES:
            return thing
        parts = [handed(part) for part in thing]
        if all(map(operator.is_, parts, thing)):
            return thing
        return parts if kind is list else tuple(parts)
    if kind is dict:
        parts = [handed(part) for part in thing.values()]
        return dict(zip(thing, parts, strict=True))
    if kind not in LEAVES and is_container(thing):
        form, found = parts_of(thing)
        parts = [part if kept else handed(part) for _, part, kept in found]
        if any(part is not old for part, (_, old, _) in zip(parts, found, strict=True)):
            return put_together(form, (), parts)
    return thing


def _plain(x: Any) -> Any:
    """Give NumPy an array that does not ask again; a single Value is one without axes."""
    if isinstance(x, NumberArray):
        return x.view(np.ndarray)
    if isinstance(x, Value):
        box = np.empty((), dtype=object)
        box[()] = x
        return box
    return x


def settled(result: Any) -> Any:
    """Let arrays of objects go on asking; one without axes is its element."""
    if isinstance(result, tuple):
        made = [settled(part) for part in result]
        return type(result)(*made) if hasattr(result, "_fields") else tuple(made)
    if not isinstance(result, np.ndarray):
        return result
    if result.dtype != object:
        return result.view(np.ndarray) if isinstance(result, NumberArray) else result
    return result.item() if result.ndim == 0 else result.view(NumberArray)


def _of_conditions(ufunc: Any, method: str, plain: list[Any], options: dict[str, Any]) -> Any:
    """Apply a universal function to conditions only, of which the sum is `or` to NumPy."""
    name = ufunc.__name__
    if method != "__call__":
        return _applied(ufunc, method, plain, options)
    if name in ("subtract", "negative"):
        raise ArgumentTypeError(
            f"np.{name} of conditions has no meaning to NumPy: convert them with .astype(float), or "
            "write ^ or ~"
        )
    found = _applied(np.bitwise_or if name == "add" else ufunc, method, plain, options)
    if name in _OF_CONDITIONS and type(found) is NumberArray:
        return found.view(ConditionArray)
    return found


def _holds_conditions(x: Any) -> bool:
    """Tell whether an array is one of conditions."""
    if isinstance(x, np.ndarray) and x.dtype == bool:
        return True
    return isinstance(x, ConditionArray)


def _applied(ufunc: Any, method: str, plain: list[Any], options: dict[str, Any]) -> Any:
    out = options.get("out", ())
    if out:
        options["out"] = tuple(_plain(x) for x in out)
    name = ufunc.__name__
    if method == "at" and plain[0].dtype != object:
        raise ArgumentTypeError(
            f"np.{name}.at was given an array of {plain[0].dtype} to change, and Values to change it by: "
            "make it with dtype=object, or by np.zeros_like of an array of Values"
        )
    if name in _COMPARISONS and method == "__call__" and not out:
        found = _elementwise(_COMPARISONS[name], 2, 1)(*plain)
        return found.astype(bool) if options.get("dtype") is bool else _settled(found)
    options.pop("dtype", None)
    if options.get("where", True) is not True:
        _masked(ufunc, method, options)
    if name not in _OPERATORS and not _is_of_objects(ufunc):
        ufunc = _counterpart(ufunc)
    return settled(getattr(ufunc, method)(*plain, **options))


def _counterpart(ufunc: Any) -> Any:
    """Make what applies a function of ours to elements in place of NumPy's to floats."""
    name = ufunc.__name__
    if name == "invert":
        return _elementwise(_inverted, 1, 1)
    if name == "clip" and ufunc.nin == 3:  # the method's; np.clip is no universal function
        return _elementwise(clipped, 3, 1)
    if name in _UNORDERED:
        return _unordered(function_of(ufunc), ufunc.identity)
    return _elementwise(function_of(ufunc), ufunc.nin, ufunc.nout)


def _masked(ufunc: Any, method: str, options: dict[str, Any]) -> None:
    """Ask the conditions of a mask, and begin a reduction as NumPy does for floats."""
    options["where"] = np.asarray(options["where"]).astype(bool)
    if method == "reduce" and ufunc.identity is not None:
        options.setdefault("initial", ufunc.identity)


def _inverted(x: Any) -> Any:
    """Tell that a condition does not hold."""
    if isinstance(x, bool | np.bool_):
        return not x
    return TABLE["logical_not"](x) if isinstance(x, Value) and is_logical(x) else ~x


def _as_number(x: Any) -> Any:
    return x if isinstance(x, Value) else float(x)


def _is_of_objects(ufunc: Any) -> bool:
    """Tell whether it was made of a function of Python's, and takes anything."""
    return set("".join(ufunc.types)) <= set("O->")


def _known(key: Any) -> Any:
    """Ask the conditions among indices."""
    if isinstance(key, tuple):
        return tuple(map(_known, key))
    if isinstance(key, np.ndarray) and key.dtype == object and key.size:
        return key.astype(bool) if all(map(_is_condition, key.flat)) else key
    return key


def _is_condition(x: Any) -> bool:
    return isinstance(x, bool | np.bool_ | Value)


def _settled(found: Any) -> Any:
    """Make plain bools of comparisons that are known."""
    if not isinstance(found, np.ndarray):
        return found
    known = all(isinstance(x, bool | np.bool_) for x in found.flat)
    return found.astype(bool) if known else found.view(ConditionArray)


@cache
def _elementwise(function: Callable[..., Any], inputs: int, outputs: int) -> Any:
    return np.frompyfunc(function, inputs, outputs)


@cache
def _unordered(function: Callable[..., Any], identity: Any) -> Any:
    return np.frompyfunc(function, 2, 1, identity=identity)
