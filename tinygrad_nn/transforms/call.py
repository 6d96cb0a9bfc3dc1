"""Calling a function to differentiate it, and the two passes over what was recorded."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from copy import copy
from functools import partial
from itertools import islice
from typing import Any, TypeAlias, cast

from ..containers import is_container, parts_of
from ..containers.frames import is_series, table_of
from ..errors import ArgumentTypeError
from ..scalar import reverse
from ..scalar.arrays import call_with_values
from ..scalar.contexts import deriving, recording, state, watched, watching
from ..scalar.convert import is_number
from ..scalar.diagnosis import examine, examine_along
from ..scalar.graph import Node, ancestors, dependents, depends_on
from ..scalar.inputs import as_floats, as_values, inputs_of
from ..scalar.ops import stop_gradient
from ..scalar.passes import Forward, cut_off, pull
from ..scalar.reverse import Slope
from ..scalar.value import Value, constant
from ..tree import Structure, flatten, is_array, leaf_paths, put_together
from .arguments import Argnums, Arguments, numbers_of, only
from .direct import Recorded

__all__ = ["Call"]

Push: TypeAlias = Callable[[Sequence[Node], Sequence[Any]], list[Any]]


class Call:
    """One call of a function, recorded, with a node of its own in place of each number that varies.

    `inputs` are these nodes, and `outputs` the numbers of the result. Where nobody can ask for
    their derivatives, derivatives are `plain` numbers: within `no_grad`, or if neither a Value
    went in nor the result depends on one that the function found by itself.
    """

    def __init__(
        self,
        function: Callable[..., Any],
        argnums: Argnums,
        args: tuple[Any, ...],
        kwargs: dict[str, Any],
        recorded: Recorded | None = None,
    ) -> None:
        if not callable(function):
            raise ArgumentTypeError(
                f"f is {function!r}, of type {type(function).__name__}: expected a function of "
                "numbers; a Value that is computed already has backward() and gradients(y, [x])"
            )
        self._function = function
        before = args if recorded is None else recorded.args
        self._arguments = arguments = Arguments(function, argnums, before, kwargs)
        self._took_values = arguments.has_values
        self._outer: frozenset[Node] = watched()
        self._quiet = state.no_grad > 0
        unasked = self._quiet and state.derived is None
        nested = self._took_values and not unasked
        if recorded is None:
            recorded = _recorded(function, arguments, nested)
        self.inputs, self._result = recorded.inputs, recorded.result
        self.outputs: list[Value]
        self._rebuild_outputs: Callable[[Sequence[Any]], Any]
        if type(self._result) is Value:  # as nearly always
            self.outputs, self._rebuild_outputs = [self._result], only
        else:
            found, self._rebuild_outputs = flatten(self._result)
            self.outputs = as_values(numbers_of(found, self._paths)[0])
        self._alone = not nested and self._owns(self.outputs)
        self.plain = unasked or self._alone
        if unasked and not self._alone and not state.debug:  # whose errors name what was found
            self.outputs = cast("list[Value]", cut_off(self.outputs, self.inputs))
            self._alone = True

    @property
    def name(self) -> str:
        """The name of the function, for errors."""
        return getattr(self._function, "__name__", "the function")

    def _paths(self) -> list[str]:
        return leaf_paths(self._result, f"the result of {self.name}")

    def _owns(self, nodes: Sequence[Node]) -> bool:
        """Tell whether numbers hang on nothing but the inputs, and those are plain numbers."""
        return not depends_on(nodes, self._outer)

    def scalar(self, transform: str) -> Value:
        """Return the one number of the result; refuse any other result."""
        if type(self._result) is not Value and not _is_single(self._result):
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
        varied.plain = varied._alone = False
        varied._took_values = True
        return varied

    # ---- passes ------------------------------------------------------------------------

    def backward(self, outputs: Sequence[Node], seeds: Sequence[Any]) -> list[Any]:
        """Give for each input the sum of seeds times derivatives of outputs."""
        if state.debug:
            examine(outputs, seeds, self.inputs)
        if self._alone:  # as fast as `Value.backward`
            return pull(outputs, seeds, self.inputs)
        with deriving():
            return reverse.adjoints(outputs, seeds, self.inputs, self._slope)

    def forward(self, outputs: Sequence[Node]) -> Push:
        """Make what gives how fast outputs move when some inputs move by seeds."""
        if self._alone and (outputs is self.outputs or self._owns(outputs)):
            moved: Push = Forward(outputs, self.inputs).push
        else:
            moved = partial(_aside, outputs, self._slope)
        return partial(_examined, outputs, moved) if state.debug else moved

    @property
    def _slope(self) -> Slope:
        """Floats for derivatives where nobody can differentiate them again."""
        return reverse.partial if self.plain else reverse.recorded_partial

    # ---- derivatives, as the call asks for them ----------------------------------------

    def number(self, derivative: Any) -> Any:
        """Give a derivative as a plain number or as a Value, as the call asks for."""
        if self.plain and not self._took_values:
            return derivative.data if isinstance(derivative, Value) else derivative
        return self._numbers([derivative])[0]

    def _numbers(self, derivatives: Sequence[Any]) -> list[Any]:
        if self.plain:
            plain = as_floats(derivatives)
            return list(map(constant, plain)) if self._took_values else plain
        nodes = as_values(derivatives)
        if self._quiet:
            return list(map(stop_gradient, nodes))
        if self._took_values:
            return nodes
        found = dependents(ancestors(*nodes), self._outer)
        return [node if node in found else node.data for node in nodes]

    def like_inputs(self, derivatives: Sequence[Any]) -> Any:
        """Nest one derivative for each input as the arguments are nested."""
        return self._nested_as_inputs(self._numbers(derivatives))

    def _nested_as_inputs(self, found: list[Any]) -> Any:
        if state.derived is not None:
            state.derived.append(found)
        return self._arguments.rebuild(found)

    def like_outputs(self, numbers: Sequence[Any]) -> Any:
        """Nest one number for each output as the result is nested."""
        return self._rebuild_outputs(self._numbers(numbers))

    def matrix(self, rows: Sequence[Sequence[Any]]) -> Any:
        """Nest a row of derivatives for each output; arrays by arrays are one array."""
        if self.plain:
            found = list(map(self._numbers, rows))
        else:
            numbers = iter(self._numbers([derivative for row in rows for derivative in row]))
            found = [list(islice(numbers, len(row))) for row in rows]
        nested = list(map(self._nested_as_inputs, found))
        nesting = self._arguments.nesting
        if is_array(self._result) and is_array(nesting):
            whole = Structure(("array", self._result.shape + nesting.shape), float)
            return whole.rebuild([number for row in found for number in row])
        if is_series(self._result) and is_series(nesting):
            shape = self._result.shape + nesting.shape
            table = Structure(("array", shape), float).rebuild([n for row in found for n in row])
            return table_of(self._result, nesting, table)
        made = self._rebuild_outputs(nested)
        return _joined(made) if is_array(nesting) else made


def _joined(made: Any) -> Any:
    """Make one array of each array of arrays in a nesting."""
    if is_array(made) and made.size and is_array(made.flat[0]):
        inner = made.flat[0]
        parts = [number for part in made.flat for number in part.flat]
        whole = Structure(("array", made.shape + inner.shape), float)
        return whole.rebuild(parts)
    if type(made) in (list, tuple):
        return type(made)(map(_joined, made))
    if type(made) is dict:
        return {name: _joined(part) for name, part in made.items()}
    if is_container(made):
        form, parts = parts_of(made)
        found = [part if kept else _joined(part) for _, part, kept in parts]
        return put_together(form, (), found)
    return made


def _recorded(function: Callable[..., Any], arguments: Arguments, nested: bool) -> Recorded:
    with recording():
        inputs = inputs_of(arguments.numbers, nested)
        arguments.replace(inputs)
        with watching(inputs):
            result = call_with_values(function, *arguments.positional, **arguments.named)
    return Recorded((), inputs, result)


def _aside(
    outputs: Sequence[Node], slope: Slope, inputs: Sequence[Node], seeds: Sequence[Any]
) -> list[Any]:
    with deriving():
        return reverse.tangents(outputs, inputs, seeds, slope)


def _examined(
    outputs: Sequence[Node], moved: Push, inputs: Sequence[Node], seeds: Sequence[Any]
) -> list[Any]:
    """Look for what is not finite first, inside `debug`."""
    examine_along(outputs, inputs, seeds)
    return moved(inputs, seeds)


def _is_single(result: Any) -> bool:
    """Tell whether a result is one number; NumPy has arrays without axes for these too."""
    return isinstance(result, Value) or is_number(result) or getattr(result, "shape", None) == ()


def _described(result: Any) -> str:
    kind = type(result).__name__
    return f"{kind} of {len(result)}" if hasattr(result, "__len__") else kind
