"""The outputs of a model for many samples, compiled."""

from __future__ import annotations

import weakref
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from ...compiler.backends.backend import Backend
from ...compiler.backends.numpy.code import NUMPY
from ...compiler.observed import observed
from ...compiler.packages import arrived, package_of
from ...compiler.tape.recording import Recording, Result
from ...compiler.trace.recorder import Argument, Recorder
from ...compiler.watch.observer import Observer, left_alone
from ...compiler.watch.replay import Root
from ...compiler.watch.watch import Watch
from ...errors import TraceError
from ...scalar.value import Value
from ..parameters import Parametric
from .any_size import Task, compile_model
from .result import numbers
from .symbolic import Twins, listed, parameter_argument

__all__ = ["Forward", "forward_of", "numbers_of", "refuse_captured"]

NDArray: TypeAlias = Any  # a two-dimensional array of float64


class Forward:
    """A compiled model, that was tried on a sample.

    `package` is a program that another one was pickled as, used if it holds.
    """

    def __init__(
        self,
        model: Parametric,
        row: Sequence[float],
        package: bytes | None = None,
        backend: Backend = NUMPY,
    ) -> None:
        self.parameters, argument = parameter_argument(model)  # whose numbers `run` takes
        self.width = len(row)  # the number of inputs
        for single in (True, False):
            found = arrived(package, _roots(model), (self.width, single), backend)
            if found is not None:
                self.single = single
                self._batched, self._watch = found
                return
        self._compile(model, argument, backend)

    def _compile(self, model: Parametric, argument: Argument, backend: Backend) -> None:
        def record(like: Parametric, to: Mapping[int, int]) -> tuple[Recording, Watch]:
            given = parameter_argument(like) if to else (self.parameters, argument)
            return self._record(like, *given, to.get(self.width, self.width))

        task = Task(
            type(model).__name__,
            model,
            self.parameters,
            [argument, _samples(self.width)],
            (),
            record,
            lambda twin, x: (listed(twin(x)),),
            derived=False,
            reduce=(None,),
            pieces=lambda *_: (),
        )
        self._batched, self._watch = compile_model(task, backend)

    def _record(
        self, model: Parametric, parameters: Sequence[Value], argument: Argument, width: int
    ) -> tuple[Recording, Watch]:
        """Record all of a model, this one or one that is like it."""
        twins = Twins(model, parameters)

        def call(nested: list[Any], observer: Observer) -> Any:
            symbols, x = nested
            return twins.next(symbols, observer)(x)

        name, arguments = type(model).__name__, [argument, _samples(width)]
        recorder, observer = observed(name, [("self", model)], arguments, call, may_draw=False)
        refuse_captured(recorder)
        key = recorder.nesting.key
        flat = key == 0 or (key[0] in (list, tuple) and isinstance(key[1], int))
        if not flat and not (key[0] == "array" and len(key[1]) == 1):
            raise TraceError(
                f"the output of {model!r} is nested: expected a number or a list, as "
                "nn.Sequential(model, nn.Flatten()) gives"
            )
        self.single = key == 0
        outputs = Result(tuple(recorder.entries), True)
        blocks = [*recorder.blocks, recorder.entries]
        return recorder.finish([outputs], blocks=blocks), observer.watch()

    def package(self, model: Parametric) -> bytes | None:
        """Pickle the program of the model, which is not kept here; None if it cannot go along."""
        about = self.width, self.single
        return package_of((self._batched, self._watch), _roots(model), about)

    def holds(self) -> bool:
        """Tell whether the model, and what it takes from elsewhere, are what they were."""
        return self._watch.holds()

    @property
    def program(self) -> Any:
        """The statements that run."""
        return self._batched.program

    def run(self, numbers: Any, X: NDArray) -> NDArray:
        """Compute the outputs, of shape (outputs, samples), for rows in X; a copy of their own."""
        (outputs,) = self._batched.copied({0: numbers}, {1: X.T})
        return outputs


def _roots(model: Parametric) -> list[Root]:
    return [("self", model, None)]


def _samples(width: int) -> Argument:
    return Argument("x", (list, width), True, ())


_known: dict[int, Forward | None] = {}


def forward_of(
    model: Parametric, row: Sequence[float], refused: Callable[[Exception], None]
) -> Forward | None:
    """Compile a model, once as long as it is what it was; `refused` is told why it fails."""
    forward = _known.get(id(model))
    if id(model) in _known and (forward is None or (forward.width == len(row) and forward.holds())):
        return forward
    with left_alone(model):
        numbers(model(list(row)))  # a mistake is raised as it is
    try:
        forward = Forward(model, row)
    except Exception as error:
        forward = None
        refused(error)
    if id(model) not in _known:
        weakref.finalize(model, _known.pop, id(model), None)
    _known[id(model)] = forward
    return forward


def refuse_captured(recorder: Recorder) -> None:
    """Refuse what depends on numbers that no argument holds."""
    if recorder.captured:
        raise TraceError(
            f"{recorder.captured[0]!r} is used and is no parameter of the model: make it an "
            "attribute of a module, or a plain number"
        )


def numbers_of(values: Sequence[Value]) -> Any:
    """Read the numbers of Values into an array."""
    return np.fromiter([value.data for value in values], float, len(values))
