"""Module: what has parameters."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from reprlib import recursive_repr
from typing import Any, TypeAlias

from ..errors import StateError
from ..scalar.convert import to_number
from ..scalar.value import Value

__all__ = ["Module"]

Index: TypeAlias = tuple[int, ...]
Entry: TypeAlias = tuple[str, Index, Value]  # a parameter's array, its place in it, itself


class Module:
    """The base of neurons, layers and networks.

    A parameter is a `Value` that the user made and that is an attribute, or stands in
    an attribute: in a list, a tuple, a dict or another module, nested as you like.
    Parameters come in the order of the attributes, each once even when it is shared.

    Examples
    --------
    >>> class Line(Module):
    ...     def __init__(self):
    ...         self.slope = Value(2.0)
    ...         self.knots = [Value(0.0), Value(1.0)]
    ...
    ...     def __call__(self, x):
    ...         return self.slope * x + self.knots[0]
    >>> line = Line()
    >>> line
    Line(3 parameters)
    >>> [name for name, parameter in line.named_parameters()]
    ['slope', 'knots[0]', 'knots[1]']
    >>> line.state_dict()
    {'slope': 2.0, 'knots': [0.0, 1.0]}
    """

    def __call__(self, x: Any) -> Any:
        """Compute the outputs for one sample; each kind of module says how."""
        raise NotImplementedError(
            f"{type(self).__name__} has no __call__: define __call__(self, x) to compute its output"
        )

    def predict(self, X: Iterable[Any]) -> Any:
        """Compute the outputs for each row of a table, as floats that remember nothing.

        The model is compiled for it, if NumPy is there and the model can be recorded;
        otherwise one line on stderr says why not, and the rows are computed one by one.

        Parameters
        ----------
        X : table of numbers, shape (samples, features)

        Returns
        -------
        array or list, shape (samples,) or (samples, outputs)
            An array if `X` is one.

        Raises
        ------
        DataError, ShapeError
            When `X` is not a table of finite numbers, or has another width than the model.
        DomainError
            When the arithmetic fails for a row.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> double = nn.MLP(1, [1], init=lambda nin, nout, rng: 2.0)
        >>> double.predict([[1.0], [3.0]])
        [2.0, 6.0]
        """
        from .compiled.prediction import predict  # which compiles modules

        return predict(self, X)

    def parameters(self) -> list[Value]:
        """List all parameters.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> len(nn.MLP(2, [3, 1]).parameters())
        13
        """
        from .compiled.form import contents  # which looks for modules

        values = dict.fromkeys(part for part in contents(self)[1] if isinstance(part, Value))
        return [value for value in values if value.is_leaf]

    def named_parameters(self) -> Iterator[tuple[str, Value]]:
        """Yield each parameter with its name: its entry in `state_dict`, and its place there.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> [name for name, parameter in nn.MLP(2, [1]).named_parameters()]
        ['layers.0.weight[0][0]', 'layers.0.weight[0][1]', 'layers.0.bias[0]']
        """
        met: set[Value] = set()  # Values are hashed by identity
        for key, index, parameter in self._entries("", {id(self)}):
            if parameter not in met:
                met.add(parameter)
                yield key + _subscript(index), parameter

    def zero_grad(self) -> None:
        """Set the gradient of every parameter back to 0."""
        for parameter in self.parameters():
            parameter.grad = 0.0

    def state_dict(self) -> dict[str, Any]:
        """Copy all parameters into nested lists of floats, one for each array.

        Returns
        -------
        dict
            For a `Layer`, ``weight`` of shape (nout, nin) and ``bias`` of shape (nout,),
            the names and shapes of ``torch.nn.Linear``; those of an inner module follow
            its own name and a dot, as ``layers.0.weight``.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> layer = nn.Layer(2, 1, init=lambda nin, nout, rng: 0.5)
        >>> layer.state_dict()
        {'weight': [[0.5, 0.5]], 'bias': [0.0]}
        """
        return {
            key: _nest({index: parameter.data for index, parameter in array.items()})
            for key, array in self._arrays().items()
        }

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Set all parameters to the numbers of a state, or none if it does not fit.

        Parameters
        ----------
        state : mapping
            As `state_dict` gives it; lists, or NumPy arrays or PyTorch tensors.

        Raises
        ------
        StateError
            When an entry is missing, is one too many, or has another shape; when two
            entries that share a parameter disagree.

        Examples
        --------
        >>> from tinygrad_nn import nn
        >>> layer = nn.Layer(2, 1)
        >>> layer.load_state_dict({"weight": [[1.0, 2.0]], "bias": [3.0]})
        >>> layer([10.0, 100.0]).data
        213.0
        >>> layer.load_state_dict({"weight": [[1.0, 2.0]]})
        Traceback (most recent call last):
        ...
        tinygrad_nn.errors.StateError: state lacks the entry 'bias' of Layer(2 -> 1, relu): give one for each array of its state_dict()
        """
        arrays = self._arrays()
        self._check_names(set(arrays), set(state))
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

    def _check_names(self, expected: set[str], given: set[str]) -> None:
        if missing := sorted(expected - given):
            raise StateError(
                f"state lacks the entry {_listed(missing)} of {self!r}: give one for each array "
                "of its state_dict()"
            )
        if extra := sorted(given - expected):
            raise StateError(
                f"state has the entry {_listed(extra)}, and {self!r} has only "
                f"{_listed(sorted(expected))}: remove it, or make the model that it belongs to"
            )

    def _arrays(self) -> dict[str, dict[Index, Value]]:
        arrays: dict[str, dict[Index, Value]] = {}
        for key, index, parameter in self._entries("", {id(self)}):
            arrays.setdefault(key, {})[index] = parameter
        return arrays

    def _entries(self, prefix: str, met: set[int]) -> Iterator[Entry]:
        for name, attribute in vars(self).items():
            yield from self._attribute_entries(name, attribute, prefix, met)

    def _attribute_entries(
        self, name: str, attribute: Any, prefix: str, met: set[int]
    ) -> Iterator[Entry]:
        """Yield the parameters in one attribute; a kind of module may rename its own."""
        return _walk(attribute, prefix + name, met)

    @recursive_repr()
    def __repr__(self) -> str:
        shown = [f"{name}={part!r}" for name, part in vars(self).items() if _has_module(part)]
        count = len(self.parameters())
        shown.append(f"{count} parameter" + ("" if count == 1 else "s"))
        return f"{type(self).__name__}({', '.join(shown)})"


def _walk(item: Any, path: str, met: set[int]) -> Iterator[Entry]:
    """Yield the parameters below an attribute; `met` are the modules that had their turn."""
    if isinstance(item, Module):
        if id(item) not in met:
            met.add(id(item))
            yield from item._entries(f"{path}.", met)
    elif _is_array(item):
        for index, parameter in _flatten(item).items():
            yield path, index, parameter
    elif isinstance(item, list | tuple):
        for position, part in enumerate(item):
            yield from _walk(part, f"{path}.{position}", met)
    elif isinstance(item, dict):
        for key, part in item.items():
            yield from _walk(part, f"{path}.{key}", met)


def _is_array(item: Any) -> bool:
    """Tell whether `item` is a parameter, or a nesting of lists of nothing else."""
    if isinstance(item, list | tuple):
        return bool(item) and all(_is_array(part) for part in item)
    return isinstance(item, Value) and item.is_leaf


def _has_module(item: Any) -> bool:
    if isinstance(item, dict):
        item = list(item.values())
    if isinstance(item, list | tuple):
        return any(_has_module(part) for part in item)
    return isinstance(item, Module)


def _flatten(nested: Any) -> dict[Index, Any]:
    """Map the place of each element to it: [[a, b]] to {(0, 0): a, (0, 1): b}."""
    if not isinstance(nested, list | tuple):
        return {(): nested}
    return {
        (position, *index): element
        for position, part in enumerate(nested)
        for index, element in _flatten(part).items()
    }


def _nest(elements: Mapping[Index, Any]) -> Any:
    """Undo `_flatten`."""
    if () in elements:
        return elements[()]
    parts: dict[int, dict[Index, Any]] = {}
    for (position, *index), element in elements.items():
        parts.setdefault(position, {})[tuple(index)] = element
    return [_nest(part) for part in parts.values()]


def _matching(key: str, array: Mapping[Index, Value], given: Any) -> dict[Index, float]:
    """Read an entry of a state that must have the places of `array`."""
    if hasattr(given, "tolist"):  # an array of NumPy, a tensor of PyTorch
        given = given.tolist()
    elements = _flatten(given)
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
    return tuple(
        max((index[axis] + 1 for index in elements if len(index) > axis), default=0)
        for axis in range(depth)
    )


def _subscript(index: Index) -> str:
    return "".join(f"[{position}]" for position in index)


def _listed(names: list[str]) -> str:
    return ", ".join(map(repr, names))
