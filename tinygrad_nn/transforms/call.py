"""Calling a function to differentiate it: which arguments vary, and how results are nested."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from itertools import islice
from typing import Any, TypeAlias, cast

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar import contexts
from ..scalar.arrays import call_with_values
from ..scalar.convert import is_number, to_number
from ..scalar.graph import ALIAS, Node, ancestors, dependents, new_node
from ..scalar.ops import stop_gradient
from ..scalar.reverse import Slope, Walk, dependent, partial, recorded_partial
from ..scalar.switch import switch
from ..scalar.value import Value, constant, note_context
from ..tree import flatten, is_array, leaf_paths

__all__ = ["Argnums", "Call", "slope_of"]

Argnums: TypeAlias = int | str | tuple[int | str, ...]


class Call:
    """One call of a function, recorded, with fresh aliases in place of what varies.

    `inputs` are the aliases, `outputs` the numbers of the result, and `walk` is what leads from
    these to those, if it was looked at. Where nobody can ask for their
    derivatives, derivatives are computed as `plain` numbers: within `no_grad`, or if neither a
    Value went in nor the result depends on one that the function found by itself.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        argnums: Argnums,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
    ) -> None:
        if not callable(function):
            raise ArgumentTypeError(
                f"f is {function!r}, of type {type(function).__name__}: expected a function of "
                "numbers; a Value that is computed already has backward() and gradients(y, [x])"
            )
        self.name = getattr(function, "__name__", "the function")
        argnums = tuple(argnums) if isinstance(argnums, list) else argnums
        positional, named = list(args), dict(kwargs)
        places = [
            _place(function, which, positional, named)
            for which in (argnums if isinstance(argnums, tuple) else (argnums,))
        ]
        if len(set(places)) != len(places):
            raise ArgumentError(f"argnums names an argument twice, got {argnums!r}: name each once")
        given = tuple(positional[k] if isinstance(k, int) else named[k] for k in places)
        self._nesting: Any = given if isinstance(argnums, tuple) else given[0]
        leaves, self._rebuild_inputs = flatten(self._nesting)
        leaves = _as_numbers(leaves, lambda: _paths(places, given))
        self._outer: frozenset[Node] = contexts.watched()
        self._quiet = contexts.state.no_grad > 0
        with contexts.recording():
            self.inputs = _aliases(leaves)
            varied = self._rebuild_inputs(self.inputs)
            parts = varied if isinstance(argnums, tuple) else (varied,)
            for key, part in zip(places, parts, strict=True):
                if isinstance(key, int):
                    positional[key] = part
                else:
                    named[key] = part
            with contexts.watching(self.inputs):
                self._result = call_with_values(function, *positional, **named)
        found, self._rebuild_outputs = flatten(self._result)
        found = _as_numbers(found, lambda: leaf_paths(self._result, f"the result of {self.name}"))
        self.outputs = _as_values(found)
        self._own: set[Node] = set(self.inputs)
        self._took_values = any(type(leaf) is not float for leaf in leaves)
        self.walk: Walk | None = None
        if self._quiet and contexts.state.derived is None:
            self.plain = True
        elif self._took_values:
            self.plain = False
        else:
            self.walk = dependent(self.outputs, self.inputs, self._own)
            self.plain = not dependents(self.walk[0], self._outer, self._own)

    def scalar(self, transform: str) -> Value:
        """Return the one number of the result; refuse any other result."""
        if not _is_single(self._result):
            raise ArgumentTypeError(
                f"{transform} differentiates a function of one number, but {self.name} returned "
                f"{_described(self._result)}: return one number, or use jacobian"
            )
        return self.outputs[0]

    def along(self, seeds: Sequence[Any]) -> Call:
        """Return the call as it is along a direction: Values in the direction, Values out."""
        if not self.plain or not any(isinstance(seed, Value) for seed in seeds):
            return self
        varied = copy(self)
        varied.plain = False
        varied._took_values = True
        return varied

    def number(self, derivative: Any) -> Any:
        """Give a derivative as a plain number or as a Value, as the call asks for."""
        return self._numbers([derivative])[0]

    def _numbers(self, derivatives: Sequence[Any]) -> list[Any]:
        if self.plain:
            plain = [d.data if isinstance(d, Value) else d for d in derivatives]
            return list(map(constant, plain)) if self._took_values else plain
        nodes = _as_values(derivatives)
        if self._quiet:
            return list(map(stop_gradient, nodes))
        if self._took_values:
            return nodes
        order = ancestors(*nodes, until=self._own.__contains__)
        found = dependents(order, self._outer, self._own)
        return [node if node in found else node.data for node in nodes]

    def like_inputs(self, derivatives: Sequence[Any]) -> Any:
        """Nest one derivative for each input as the arguments are nested."""
        return self._nested_as_inputs(self._numbers(derivatives))

    def _nested_as_inputs(self, found: list[Any]) -> Any:
        if contexts.state.derived is not None:
            contexts.state.derived.append((list(self.inputs), found))
        return self._rebuild_inputs(found)

    def like_outputs(self, numbers: Sequence[Any]) -> Any:
        """Nest one number for each output as the result is nested."""
        return self._rebuild_outputs(self._numbers(numbers))

    def matrix(self, rows: Sequence[Sequence[Any]]) -> Any:
        """Nest a row of derivatives for each output; arrays by arrays are one array."""
        found = iter(self._numbers([derivative for row in rows for derivative in row]))
        nested = [self._nested_as_inputs(list(islice(found, len(row)))) for row in rows]
        if is_array(self._result) and is_array(self._nesting):
            flat = [number for row in nested for number in row.ravel()]
            shape = self._result.shape + self._nesting.shape
            template = type(self._nesting)(shape, dtype=object)
            return flatten(template)[1](flat)
        return self._rebuild_outputs(nested)


def _place(
    function: Callable[..., Any], which: int | str, args: Sequence[Any], kwargs: dict[str, Any]
) -> Any:
    """Find an argument in a call: a position in `args`, or a name in `kwargs`."""
    if isinstance(which, int) and -len(args) <= which < len(args):
        return which % len(args)
    if isinstance(which, str):
        if which in kwargs:
            return which
        from inspect import signature  # slow to import, rarely needed

        names = list(signature(function).parameters)
        if which in names and names.index(which) < len(args):
            return names.index(which)
    raise ArgumentError(
        f"argnums names argument {which!r}, but the call has {len(args)} by position and "
        f"{sorted(kwargs)} by name: give a position from 0, or a name"
    )


def _paths(places: Sequence[Any], given: Sequence[Any]) -> list[str]:
    parts = zip(places, given, strict=True)
    return [path for place, part in parts for path in leaf_paths(part, f"argument {place}")]


# While a function is recorded Python tells the observer of every call, of builtins too: what is
# done for each of many leaves calls nothing that is not compiled.


def _are(kind: type, things: Sequence[Any], *others: type) -> bool:
    """Tell whether things are all of a kind, or one of some others."""
    return all(issubclass(one, kind) or one in others for one in set(map(type, things)))


def _as_numbers(leaves: list[Any], paths: Callable[[], list[str]]) -> list[Any]:
    """Make a float of every leaf that is no Value; paths are asked for where one may be no number."""
    if _are(Value, leaves, float):
        return leaves
    return [
        leaf if isinstance(leaf, Value) else to_number(leaf, path)
        for leaf, path in zip(leaves, paths(), strict=True)
    ]


def _as_values(numbers: Sequence[Any]) -> list[Value]:
    if _are(Value, numbers):
        return list(numbers)
    return [number if isinstance(number, Value) else constant(number) for number in numbers]


def _aliases(leaves: list[Any]) -> list[Value]:
    """Make a node of its own for each number that varies; plain ones remain constants below."""
    return [
        ALIAS(leaf) if type(leaf) is not float and leaf.is_symbolic else _alias(leaf)
        for leaf in leaves
    ]


def _alias(leaf: Any) -> Value:
    below = leaf if isinstance(leaf, Value) else constant(leaf)
    node = new_node(Value, ALIAS, below.data, (below,))  # whatever contexts are open
    if switch.active:
        note_context(node)
    return cast("Value", node)


def _is_single(result: Any) -> bool:
    """Tell whether a result is one number; NumPy has arrays without axes for these too."""
    return isinstance(result, Value) or is_number(result) or getattr(result, "shape", None) == ()


def _described(result: Any) -> str:
    kind = type(result).__name__
    return f"{kind} of {len(result)}" if hasattr(result, "__len__") else kind


def slope_of(call: Call) -> Slope:
    """Choose floats for derivatives where nobody can differentiate them again."""
    return partial if call.plain else recorded_partial
