"""A smaller model of the same modules: its lists of like parts are shorter.

What is written in loops over lists computes the same at all their lengths: the neurons of a layer,
the weights of a neuron, the rows of a table, blocks that follow each other. Parts are *like* if
they are made of the same modules with the same settings; only their parameters may differ.
"""

from __future__ import annotations

import copy
from collections.abc import Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from ...compiler.watch.observer import unobserved
from ...errors import TraceError
from ...scalar.value import Value
from ...tree import is_array
from ..parameters import Parametric, modules_and_leaves

__all__ = ["Outline"]

M = TypeVar("M", bound=Parametric)

_NUMBERS = frozenset({float, int})


class Outline(Generic[M]):
    """What a model is made of.

    `lengths` are those of lists of like parts and of axes of arrays, each with what has it.
    """

    def __init__(self, model: M) -> None:
        self._model = model
        self._shapes = _Shapes()
        self._shape = self._shapes.of(model, "model")
        self.lengths = self._shapes.lengths

    def parameters(self, to: Mapping[int, int]) -> int:
        """Count the parameters with other lengths in place of some; a shared one more than once."""
        return _count(self._shape, to)

    def shorter(self, to: Mapping[int, int]) -> M:
        """Copy the model with lists of like parts cut to other lengths, given by the present ones.

        Whole numbers of these sizes among the attributes become others too: they are what a module
        remembers of its lengths. The parameters of the copy are its own; where the model shares
        one, the copy does. Nothing of the model itself is touched.
        """
        with unobserved():
            cutting = _Cutting(to, self._shapes)
            cutting.visit(self._model)
            try:
                twin = copy.deepcopy(self._model, cutting.copies)
            except TypeError as error:
                raise TraceError(
                    f"{type(self._model).__name__} cannot be copied ({error})"
                ) from None
            for module in modules_and_leaves(twin)[0]:
                space = vars(module)
                space.update({name: _renamed(part, to) for name, part in space.items()})
            return twin


def _count(shape: Any, to: Mapping[int, int]) -> int:
    if isinstance(shape, _Many):
        return to.get(shape.size, shape.size) * _count(shape.part, to)
    if type(shape) is tuple:
        return sum(_count(part, to) for part in shape)
    return int(shape is Value)


@dataclass(frozen=True, slots=True)
class _Many:
    """The shape of a list or tuple of like parts."""

    kind: type
    size: int
    part: Any


class _Shapes:
    """Tells what things are made of: like parts have equal shapes.

    `lengths` are those that were met, each with the first thing that has it.
    """

    def __init__(self) -> None:
        self.lengths: dict[int, str] = {}
        self._known: dict[int, Any] = {}

    def of(self, thing: Any, path: str = "") -> Any:
        """Give the shape of a thing: hashable, and the same for other parameters."""
        kind = type(thing)
        if kind is Value and thing.is_leaf:
            return Value
        if kind in _NUMBERS or kind is str:
            return kind, thing
        if not (kind in (list, tuple, dict) or isinstance(thing, Parametric) or is_array(thing)):
            return id(thing)
        known = self._known.get(id(thing))
        if known is None:
            self._known[id(thing)] = id(thing)  # for what leads back to itself
            known = self._known[id(thing)] = self._of_parts(thing, path)
        return known

    def _of_parts(self, thing: Any, path: str) -> Any:
        kind = type(thing)
        if is_array(thing):
            for axis, size in enumerate(thing.shape):
                self.lengths.setdefault(size, f"{path}.shape[{axis}]")
            return kind, thing.shape, thing.dtype.char
        if kind in (list, tuple):
            part = self._of_each(thing, path)
            if part is not None:
                self.lengths.setdefault(len(thing), f"len({path})")
                return _Many(kind, len(thing), part)
            return kind, tuple([self.of(part) for part in thing])
        if kind is dict:
            parts = [(name, self.of(part, f"{path}[{name!r}]")) for name, part in thing.items()]
        else:
            parts = [(name, self.of(part, f"{path}.{name}")) for name, part in vars(thing).items()]
        return kind, tuple(parts)

    def _of_each(self, parts: Any, path: str = "") -> Any:
        """Give the shape that all parts have; None if they are not like, or there are none."""
        kinds = set(map(type, parts))
        if kinds and kinds <= _NUMBERS:
            return float
        if kinds == {Value}:
            return Value if all(map(attrgetter("is_leaf"), parts)) else None
        shapes = {self.of(part, f"{path}[{place}]") for place, part in enumerate(parts)}
        return shapes.pop() if len(shapes) == 1 else None


class _Cutting:
    """Makes the shorter lists, each once; `copies` is what `copy.deepcopy` knows of them."""

    def __init__(self, to: Mapping[int, int], shapes: _Shapes) -> None:
        self.copies: dict[int, Any] = {}
        self._to = to
        self._shapes = shapes
        self._met: set[int] = set()

    def visit(self, thing: Any) -> None:
        """Copy all lists that are to be cut in what a thing leads to, and all parameters."""
        if id(thing) in self._met:
            return
        self._met.add(id(thing))
        kind = type(thing)
        if kind is Value and thing.is_leaf:
            self.copies[id(thing)] = Value(thing.data, label=thing.label)
        elif is_array(thing):
            axes = tuple([slice(self._to.get(size)) for size in thing.shape])
            self.copies[id(thing)] = thing[axes].copy()
        elif isinstance(thing, Parametric) or kind is dict:
            for part in (thing if kind is dict else vars(thing)).values():
                self.visit(part)
        elif kind in (list, tuple):
            self._visit_list(thing)

    def _visit_list(self, parts: Any) -> None:
        size = self._to.get(len(parts))
        if size is None or not isinstance(self._shapes.of(parts), _Many):
            for part in parts:
                self.visit(part)
            return
        cut: list[Any] = []
        if type(parts) is list:
            self.copies[id(parts)] = cut  # before its parts, which may lead back to it
        for part in parts[:size]:
            self.visit(part)
            cut.append(copy.deepcopy(part, self.copies))
        if type(parts) is tuple:
            self.copies[id(parts)] = tuple(cut)


def _renamed(thing: Any, to: Mapping[int, int]) -> Any:
    """Put other lengths in place of whole numbers: one, or some in a list."""
    if type(thing) is int:
        return to.get(thing, thing)
    if (
        type(thing) in (list, tuple)
        and int in (kinds := set(map(type, thing)))
        and kinds <= _NUMBERS
    ):
        return type(thing)([_renamed(part, to) for part in thing])
    return thing
