"""The program of a batch's gradient, for models of any size."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from ... import nn
from ...compiler.backends.backend import Backend
from ...compiler.batched import Batched
from ...compiler.tape.recording import Recording
from ...compiler.trace.recorder import Argument
from ...compiler.watch.watch import Watch
from ...nn.compiled.any_size import Task, compile_model
from ...nn.compiled.symbolic import parameter_argument
from ...scalar.value import Value
from ..prediction import Loss
from .recording import (
    SampleSizes,
    gradient_pieces,
    gradient_recording,
    sample_arguments,
    sample_values,
)

__all__ = ["record_gradient"]


def record_gradient(
    model: nn.Module,
    loss: Loss,
    parameters: Sequence[Value],
    argument: Argument,
    sizes: SampleSizes,
    backend: Backend,
) -> tuple[Batched, Watch]:
    """Compile what `gradient_recording` records."""

    def record(like: nn.Module, to: Mapping[int, int]) -> tuple[Recording, Watch]:
        inputs, targets = (to.get(size, size) for size in sizes[:2])
        given = parameter_argument(like) if to else (parameters, argument)
        return gradient_recording(
            like, loss, *given, sizes._replace(inputs=inputs, targets=targets)
        )

    def values(twin: nn.Module, *given: Any) -> tuple[list[Any], ...]:
        sample_loss, *outputs = sample_values(twin, loss, *given)
        return [sample_loss], outputs

    task = Task(
        "the training",
        model,
        parameters,
        [argument, *sample_arguments(sizes)],
        [("loss", loss)],
        record,
        values,
        derived=True,
        reduce=("mean", None, "mean"),
        pieces=lambda given, results: gradient_pieces(given, results[1]),
    )
    return compile_model(task, backend)
