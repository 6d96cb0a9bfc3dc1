"""A program that was saved: numbers in and numbers out, without the function that it was made of."""

from __future__ import annotations

import warnings
from functools import partial
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError, NonFiniteError, ShapeError
from ..tree import NONE, Key, has_nothing
from .arguments import Arguments
from .backends.backend import Backend
from .backends.choice import resumed
from .calling import has_values
from .entries.entries import Entries
from .file import content_of, parsed
from .interface import Interface
from .plan import Plan
from .program.program import Program as Data
from .sizes.functions import named_lengths
from .sizes.report import sizes_of
from .trace.structure import Nesting
from .trace.tracing import Trace

__all__ = ["LoadedProgram"]


class LoadedProgram:
    """A program that was saved, called with the arguments that it was compiled for.

    Lists and arrays are as long as they were, and so nested; arguments that were named in
    ``batch`` have any number of samples.
    """

    def __init__(self, program: Data, interface: Interface, backend: Backend) -> None:
        self.__name__ = interface.name
        self._interface = interface
        self._plan = _LoadedPlan(program, interface, backend)
        self._entries = Entries()
        batch = frozenset([a.name for a in interface.arguments if a.per_sample])
        static = frozenset([name for name, _ in interface.statics])
        self._arguments = Arguments(interface.names, batch, static)
        self._keys = {a.name: a.nesting.key for a in interface.arguments}

    def __reduce__(self) -> tuple[Any, ...]:
        name, spent = self._plan.standing
        return _again, (content_of(self._plan.data, self._interface, name), spent)

    @property
    def program(self) -> Any:
        """The program."""
        return self._plan.program

    @property
    def captured(self) -> dict[str, float]:
        """The numbers that the function had taken from Values, by the names of these."""
        return {str(value.label): value.data for value in self._interface.captured}

    def __call__(self, *args: Any, **kwargs: Any) -> Any:
        """Run the program."""
        result = self._entries.call(args, kwargs)
        if result is not NotImplemented:
            return result
        given = {self._arguments.name(place): argument for place, argument in enumerate(args)}
        for name, argument in kwargs.items():
            if name in given:
                raise ArgumentTypeError(f"{name} is given twice, by position and by name")
            given[name] = argument
        expected = [*self._keys, *self._arguments.static]
        if given.keys() != set(expected):
            raise ArgumentTypeError(
                f"{self.__name__} is given {', '.join(given) or 'nothing'}: expected "
                f"{', '.join(expected) or 'nothing'}, the arguments that it was saved with"
            )
        for name, value in self._interface.statics:
            self._check_static(name, value, given[name])
        leaves: list[list[Any]] = []
        found = {}
        for name, key in self._keys.items():
            found[name] = self._arguments.describe(name, given[name], leaves)
            self._check_key(name, key, found[name])
        if not kwargs and list(given) == list(found):
            result = self._entries.meet(self._plan, tuple(found.values()), args, kwargs, leaves)
        return self._plan.run(leaves) if result is NotImplemented else result

    def _check_static(self, name: str, value: Any, argument: Any) -> None:
        found = [self._arguments.describe(name, one, []) for one in (value, argument)]
        if found[0] != found[1]:
            raise ArgumentError(
                f"{name} is {argument!r}: expected {value!r}, which shaped the program that was "
                "saved; compile the function for another one"
            )

    def _check_key(self, name: str, key: Key, found: Key) -> None:
        if name in self._arguments.batch:
            _, found, _ = found
            if found is None:  # no samples at all
                return
        if found != key:
            of = "each sample of " if name in self._arguments.batch else ""
            raise ShapeError(
                f"{of}{name} is {_in_words(found)}: expected {_in_words(key)}, as the program was "
                "saved for; compile the function for other lengths"
            )

    def __str__(self) -> str:
        return str(self.program)

    def __repr__(self) -> str:
        return f"<loaded program {self.__name__}>"


def _again(content: bytes, spent: float) -> LoadedProgram:
    """Make what was pickled, or copied."""
    program, interface, backend = parsed(content, "what was pickled")
    return LoadedProgram(program, interface, resumed(backend, spent))


class _LoadedPlan(Plan):
    """Runs a program of which the function is elsewhere."""

    def __init__(self, program: Data, interface: Interface, backend: Backend) -> None:
        trace = Trace(
            None,
            interface.arguments,
            Nesting(interface.result),
            interface.reduce,
            interface.captured,
            _refuse,
            interface.chooses,
        )
        sizes = partial(sizes_of, named_lengths(interface.arguments), reason="as it was saved")
        super().__init__(
            trace,
            interface.check,
            interface=interface,
            program=program,
            sizes=sizes,
            backend=backend,
            dtype=interface.dtype,
        )

    def run(self, leaves: list[list[Any]]) -> Any:
        """Run on the numbers of each argument, and nest the result as the function's."""
        if has_values(self._arguments, leaves):
            _refuse(leaves)
        return self._run(leaves)

    def _as_it_is(self, leaves: list[list[Any]], arrays: bool = False) -> Any:
        warnings.warn(
            "a result is NaN, and it goes through choices: the function itself may have a number "
            "there, as a branch that is not chosen does not reach it; call that, which a file does "
            "not hold",
            RuntimeWarning,
            stacklevel=6,
        )

    def _find_fault(self, leaves: list[list[Any]]) -> None:
        raise NonFiniteError(
            "a result is infinite or NaN: the compiled function, called with check=True, tells "
            "the operation and the line, which a file does not hold"
        )


def _refuse(_: list[Any]) -> Any:
    raise ArgumentTypeError(
        "a Value is given, and a loaded program holds no function that could be differentiated: "
        "give plain numbers, or save the program of compile(value_and_grad(f))"
    )


def _in_words(key: Key) -> str:
    """Say how something is nested."""
    if key == NONE:
        return "None"
    if key == 0:
        return "a number"
    kind, inner = key
    if has_nothing(key):
        return repr(kind)
    if kind == "array":
        return f"an array of shape {inner}"
    if kind is dict:
        return f"a dict of {', '.join([repr(name) for name, _ in inner]) or 'nothing'}"
    if isinstance(inner, int):
        return f"a {kind.__name__} of {inner} number{'s' if inner > 1 else ''}"
    parts = list(dict.fromkeys(map(_in_words, inner)))
    if not inner:
        return f"an empty {kind.__name__}"
    if len(parts) == 1:
        return f"a {kind.__name__} of {len(inner)}, each {parts[0]}"
    return f"a {kind.__name__} of ({'; '.join(map(_in_words, inner)):.200})"
