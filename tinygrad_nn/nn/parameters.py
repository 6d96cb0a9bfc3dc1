"""What has parameters: they are found, named, saved and loaded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from operator import attrgetter
from typing import Any, TypeAlias

from ..errors import ArgumentTypeError, StateError
from ..scalar.convert import to_number
from ..scalar.value import Value
from ..tree import by_place, nest

__all__ = [
    "Parametric",
    "PlacedParameter",
    "load_state",
    "modules_and_leaves",
    "named_parameters",
    "parameter_arrays",
    "parameter_parts",
    "parameters_of",
    "state_of",
]

Index: TypeAlias = tuple[int, ...]
# Of a parameter, or a nesting of lists of parameters: its array, its place in it, itself
PlacedParameter: TypeAlias = tuple[str, Index, Any]

_is_leaf = attrgetter("is_leaf")


class Parametric:
    """The base of `Module`: what has parameters among its attributes, and computes with them."""

    __call__: Callable[..., Any]  # with a sample: see `Module`

    def _entries(self, prefix: str, met: set[int]) -> Iterator[PlacedParameter]:
        for name, attribute in vars(self).items():
            yield from self._attribute_entries(name, attribute, prefix, met)

    def _attribute_entries(
        self, name: str, attribute: Any, prefix: str, met: set[int]
    ) -> Iterator[PlacedParameter]:
        """Yield the parameters in one attribute; a kind of module may rename its own."""
        return _walk(attribute, prefix + name, met)


def parameters_of(module: Parametric) -> list[Value]:
    """List all parameters, each once."""
    values = dict.fromkeys(
        leaf for leaf in modules_and_leaves(module)[1] if isinstance(leaf, Value)
    )
    return [value for value in values if value.is_leaf]


def named_parameters(module: Parametric) -> Iterator[tuple[str, Value]]:
    """Yield each parameter once, with its array and its place there."""
    met: set[Value] = set()  # Values are hashed by identity
    for key, place, part in module._entries("", {id(module)}):
        for index, parameter in by_place(part).items():
            if parameter not in met:
                met.add(parameter)
                yield key + _subscript((*place, *index)), parameter


def parameter_arrays(module: Parametric) -> dict[str, dict[Index, Value]]:
    """Gather the parameters of each array, by their places."""
    arrays: dict[str, dict[Index, Value]] = {}
    for key, place, part in module._entries("", {id(module)}):
        found = {(*place, *index): parameter for index, parameter in by_place(part).items()}
        arrays.setdefault(key, {}).update(found)
    return arrays


def parameter_parts(module: Parametric) -> dict[str, list[tuple[Index, Any]]]:
    """Gather the parts of each array, parameters and nestings of them, with their places."""
    arrays: dict[str, list[tuple[Index, Any]]] = {}
    for key, place, part in module._entries("", {id(module)}):
        arrays.setdefault(key, []).append((place, part))
    return arrays


def state_of(module: Parametric) -> dict[str, Any]:
    """Copy all parameters into nested lists of floats, one for each array."""
    return {
        key: nest({index: parameter.data for index, parameter in array.items()})
        for key, array in parameter_arrays(module).items()
    }


def load_state(module: Parametric, state: Mapping[str, Any]) -> None:
    """Set all parameters to the numbers of a state, or none if it does not fit."""
    if not isinstance(state, Mapping):
        raise ArgumentTypeError(
            f"state is {state!r}, of type {type(state).__name__}: expected what state_dict() gives; "
            "a file is read with load(path, model)"
        )
    arrays = parameter_arrays(module)
    _check_names(module, set(arrays), set(state))
    numbers: dict[Value, float] = {}
    for key, array in arrays.items():
        for index, number in _matching(key, array, state[key]).items():
            before = numbers.setdefault(array[index], number)
            if number != before and (number == number or before == before):
                raise StateError(
                    f"state gives {key}{_subscript(index)} as {number!r}, and {before!r} under "
                    "another name: the model shares this parameter; give both the same number"
                )
    for parameter, number in numbers.items():
        parameter.data = number


def _check_names(module: Parametric, expected: set[str], given: set[str]) -> None:
    if missing := sorted(expected - given):
        raise StateError(
            f"state lacks the entry {_listed(missing)} of {module!r}: give one for each array "
            "of its state_dict()"
        )
    if extra := sorted(given - expected):
        raise StateError(
            f"state has the entry {_listed(extra)}, and {module!r} has only "
            f"{_listed(sorted(expected))}: remove it, or make the model that it belongs to"
        )


def modules_and_leaves(
    thing: Any, nesting: list[Any] | None = None
) -> tuple[list[Parametric], list[Any]]:
    """List the modules, and all else, that modules, lists, tuples and dicts lead to, in order.

    `nesting` takes how it is nested: kinds, lengths and keys of containers, numbers of arrays.
    """
    modules: list[Parametric] = []
    others: list[Any] = []
    met: set[int] = set()
    stack = [thing]

    def note(item: Any, what: object) -> None:
        if nesting is not None:
            nesting.append((type(item), what))

    while stack:
        item = stack.pop()
        if isinstance(item, Parametric):
            if id(item) not in met:
                met.add(id(item))
                modules.append(item)
                stack.extend(reversed(vars(item).values()))
        elif isinstance(item, dict):
            note(item, tuple(item))
            stack.extend(reversed(item.values()))
        elif isinstance(item, list | tuple):
            note(item, len(item))
            if item and set(map(type, item)) == {Value}:  # nearly always: the quick way
                others.extend(item)
            else:
                stack.extend(reversed(item))
        else:
            others.append(item)
            if hasattr(item, "tobytes"):
                note(item, item.tobytes())
    return modules, others


def _walk(item: Any, path: str, met: set[int]) -> Iterator[PlacedParameter]:
    """Yield the parameters below an attribute; `met` are the modules that had their turn."""
    if isinstance(item, Parametric):
        if id(item) not in met:
            met.add(id(item))
            yield from item._entries(f"{path}.", met)
    elif _is_array(item):
        yield path, (), item
    elif isinstance(item, list | tuple):
        for position, part in enumerate(item):
            yield from _walk(part, f"{path}.{position}", met)
    elif isinstance(item, dict):
        for key, part in item.items():
            yield from _walk(part, f"{path}.{key}", met)


def _is_array(item: Any) -> bool:
    """Tell whether `item` is a parameter, or a nesting of lists of nothing else."""
    if isinstance(item, list | tuple):
        if item and set(map(type, item)) == {Value}:  # nearly always: the quick way
            return all(map(_is_leaf, item))
        return bool(item) and all(_is_array(part) for part in item)
    return isinstance(item, Value) and item.is_leaf


def _matching(key: str, array: Mapping[Index, Value], given: Any) -> dict[Index, float]:
    """Read an entry of a state that must have the places of `array`."""
    if hasattr(given, "tolist"):  # an array of NumPy, a tensor of PyTorch
        given = given.tolist()
    elements = by_place(given)
    if elements.keys() != array.keys():
        raise StateError(
            f"state has the entry {key!r} with shape {_shape(elements)}, expected "
            f"{_shape(array)}: the model it was saved from has other sizes"
        )
    return {
        index: to_number(element, f"state[{key!r}]{_subscript(index)}")
        for index, element in elements.items()
    }


def _shape(elements: Mapping[Index, Any]) -> tuple[int, ...]:
    """Give the sizes of an array, the greatest ones where it is ragged."""
    depth = max((len(index) for index in elements), default=1)
    axes = ([i[axis] for i in elements if len(i) > axis] for axis in range(depth))
    return tuple(max((n + 1 for n in axis if isinstance(n, int)), default=0) for axis in axes)


def _subscript(index: Index) -> str:
    return "".join(f"[{position}]" for position in index)


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))
