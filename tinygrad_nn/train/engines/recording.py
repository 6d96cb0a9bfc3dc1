"""The two programs of a compiled step: the gradient of a batch, and the update by it.

Both are recorded from scalar code: the first from the loss of one sample, the second from
what the optimiser does to one parameter. Samples are the batch of the first program,
parameters that of the second; so neither grows with them.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ... import nn
from ...compiler.backends.backend import Backend
from ...compiler.batched import Batched
from ...compiler.observed import observed
from ...compiler.program.program import Piece
from ...compiler.tape.recording import Recording, Result
from ...compiler.trace.recorder import Argument, Recorder
from ...compiler.trace.tracing import Numbers
from ...compiler.watch.observer import Observer
from ...compiler.watch.replay import Root
from ...compiler.watch.watch import Watch
from ...errors import TraceError
from ...nn.compiled.forward import refuse_captured
from ...nn.compiled.symbolic import Twins, listed
from ...optim import Optimizer
from ...scalar.graph import LEAF
from ...scalar.value import Value
from ...transforms.of_graphs import gradients
from ..prediction import Loss
from ..terms import Terms

__all__ = [
    "SampleSizes",
    "gradient_pieces",
    "gradient_recording",
    "gradient_roots",
    "loss_roots",
    "record_loss",
    "record_update",
    "recorded",
    "sample_arguments",
    "sample_values",
    "update_roots",
]


class SampleSizes(NamedTuple):
    """How many numbers a sample has: 0 targets for one that is no list; and whether it is weighted.

    Weights have a mean of 1 in each batch.
    """

    inputs: int
    targets: int
    weighted: bool = False


_CHANGING = ("lr", "state", "steps")  # from step to step
_GIVEN = (*_CHANGING, "parameters")  # a rule is given what it may know of these


def _key(size: int) -> Any:
    """How a target is nested: one number, or a list of so many."""
    return (list, size) if size else 0


def gradient_roots(model: nn.Module, loss: Loss) -> list[Root]:
    """List what the gradient of a batch is recorded from."""
    return [("self", model, None), ("loss", loss, None)]


def loss_roots(loss: Loss) -> list[Root]:
    """List what the loss of outputs is recorded from."""
    return [("loss", loss, None)]


def update_roots(optimizer: Optimizer) -> list[Root]:
    """List what an update is recorded from."""
    return [("optimizer", optimizer, _CHANGING)]


def gradient_recording(
    model: nn.Module,
    loss: Loss,
    parameters: Sequence[Value],
    argument: Argument,
    sizes: SampleSizes,
) -> tuple[Recording, Watch]:
    """Record the loss of one sample, and its derivative by every parameter.

    From the parameters (array 0), the rows (1), the targets (2) and the weights (3) come the mean
    loss, the outputs of each sample, and the gradient of the mean. The program is right as long as
    what is watched holds.
    """
    counts: list[int] = []
    twins = Twins(model, parameters)

    def call(nested: list[Any], observer: Observer) -> Any:
        symbols, *given, share = nested
        sample_loss, *outputs = sample_values(twins.next(symbols, observer), loss, *given)
        counts.append(len(outputs))
        # The gradient of a sample's part of the mean: it is scaled where it is one number still.
        return [sample_loss, *outputs, *gradients(sample_loss * share, symbols)]

    roots = [(name, thing) for name, thing, _ in gradient_roots(model, loss)]
    arguments = [argument, *sample_arguments(sizes)]
    recorder, watch = recorded("the training", roots, arguments, call, share=True)
    count = counts[-1]
    sample_loss, *entries = recorder.entries
    outputs, sums = entries[:count], [recorder.reduce(entry, "sum") for entry in entries[count:]]
    slopes = [total for total, _ in sums]
    cost, _ = recorder.reduce(sample_loss, "mean")
    recording = recorder.finish(
        [_result([cost]), _result(outputs, True), _result(slopes)],
        gradient_pieces(argument, count),
        blocks=[outputs, [bare for _, bare in sums if bare >= 0]],
        read_in_blocks=True,
    )
    return recording, watch


def sample_arguments(sizes: SampleSizes) -> list[Argument]:
    """Give the rows, the targets and the weights, if there are any, as arguments."""
    return [Argument("x", (list, sizes.inputs), True, ()), *_about_loss(sizes)]


def _about_loss(sizes: SampleSizes) -> list[Argument]:
    arguments = [Argument("y", _key(sizes.targets), True, ())]
    return [*arguments, Argument("weight", 0, True, ())] if sizes.weighted else arguments


def sample_values(
    model: Callable[[Any], Any], loss: Loss, x: Any, y: Any, weight: Any = None
) -> list[Any]:
    """Compute the loss of a sample, weighted if it has a weight, and the outputs for it."""
    output = model(x)
    sample_loss = loss(output, y)
    if not isinstance(sample_loss, Value):
        raise TraceError(f"loss returned {sample_loss!r}: expected a Value")
    return [_weighted(sample_loss, weight), *listed(output)]


def _weighted(sample_loss: Any, weight: Any = None) -> Any:
    return sample_loss if weight is None else weight * sample_loss


def gradient_pieces(argument: Argument, outputs: int) -> list[Piece]:
    """Name the results of `gradient_recording`, for so many outputs."""
    start = 1 + outputs
    return [
        Piece("cost", 0, ()),
        Piece("output", 1, (outputs,) if outputs > 1 else ()),
        Piece("gradient", start, (argument.nesting.size,)),
        *[Piece(f"{p.name}.grad", start + p.start, p.shape) for p in argument.pieces],
    ]


def record_loss(loss: Loss, sizes: SampleSizes, backend: Backend) -> tuple[Batched, Watch]:
    """Record the loss of one output.

    From the outputs (array 0), the targets (1) and the weights (2) comes the mean loss. In `sizes`
    outputs stand for inputs, 0 for one that is no list.
    """

    def call(nested: list[Any], observer: Observer) -> Any:
        y_hat, y, *weight = nested
        return _weighted(loss(y_hat, y), *weight)

    arguments = [Argument("y_hat", _key(sizes.inputs), True, ()), *_about_loss(sizes)]
    recorder, watch = recorded("the loss", [("loss", loss)], arguments, call)
    cost, _ = recorder.reduce(recorder.entries[0], "mean")
    recording = recorder.finish([_result([cost])], [Piece("cost", 0, ())], blocks=recorder.blocks)
    return Batched(recording, backend=backend), watch


def record_update(optimizer: Optimizer, terms: Terms, backend: Backend) -> tuple[Batched, Watch]:
    """Record what a step does to one parameter.

    From it (array 0), its state (1 and on), its derivative of the mean loss, and the learning rate
    with the number of the step come the parameter and its state after the step. With a penalty,
    also the derivative of the cost, and the penalty of all parameters. Where gradients are cut by
    length, the scale is a third number beside the learning rate.
    """
    count = len(optimizer.initial_state)
    twin = _twin(optimizer)

    def call(nested: list[Any], observer: Observer) -> Any:
        for root, thing, but in update_roots(optimizer):
            observer.look(thing, root, but=but)
        observer.look(twin, "self", twin=True)
        a, *state, g, (lr, t, *scale) = nested
        penalty: list[Any] = []
        if terms.penalise:
            amount = terms.penalty([a])
            g = g + gradients(amount, [a])[0]
            penalty = [g, amount]
        g = scale[0] * g if scale else terms.cut(g)
        number, after = _moved(twin, a, g, tuple(state), lr, t)
        if len(after) != count:
            raise TraceError(
                f"the rule of {type(optimizer).__name__} gives a state of {len(after)} numbers, and "
                f"its initial_state has {count}: give as many"
            )
        return [number, *after, *penalty]

    states = [f"state[{place}]" for place in range(count)]
    pieces = [Piece(name, place, ()) for place, name in enumerate(_rates(terms))]
    rate = Argument("rate", (list, len(pieces)), False, pieces)
    numbers = ["parameters", *states, "gradient"]
    arguments = [*[Argument(name, 0, True, ()) for name in numbers], rate]
    name = f"the rule of {type(optimizer).__name__}"
    recorder, watch = recorded(name, [], arguments, call)
    names = ["parameters'", *[f"state'[{place}]" for place in range(count)], "gradient'", "penalty"]
    results = [_result([entry], True) for entry in recorder.entries[: 2 + count]]
    if terms.penalise:
        penalty, _ = recorder.reduce(recorder.entries[-1], "sum")
        results.append(_result([penalty]))
    pieces = [Piece(name, place, ()) for place, name in enumerate(names[: len(results)])]
    recording = recorder.finish(results, pieces, blocks=recorder.blocks)
    return Batched(recording, backend=backend), watch


def _rates(terms: Terms) -> list[str]:
    return ["lr", "t"] if terms.clip_norm is None else ["lr", "t", "scale"]


def _twin(optimizer: Optimizer) -> Optimizer:
    """Copy an optimiser without what changes from step to step, which would be recorded as it is."""
    twin = copy.copy(optimizer)
    for attribute in _GIVEN:
        vars(twin).pop(attribute, None)
    return copy.deepcopy(twin)


def _moved(twin: Optimizer, *numbers: Any) -> Any:
    """Apply the rule, which may not ask for what the twin lacks."""
    try:
        return twin.rule(*numbers)
    except AttributeError as error:
        if error.obj is not twin:
            raise
        raise TraceError(
            f"the rule of {type(twin).__name__} uses self.{error.name}, which a compiled step does "
            "not have: use the arguments of rule, lr and t among them"
        ) from None


def recorded(
    name: str,
    roots: list[tuple[str, Any]],
    arguments: list[Argument],
    call: Callable[[list[Any], Observer], Any],
    share: bool = False,
    numbers: Numbers | None = None,
) -> tuple[Recorder, Watch]:
    """Record what `call` computes, and say what it depends on; `numbers` answer what it asks."""
    recorder, observer = observed(
        name, roots, arguments, call, share=share, numbers=numbers, may_draw=False
    )
    refuse_captured(recorder)
    # The loss has been tried on every target: none need be looked at again.
    target = next((n for n, argument in enumerate(arguments) if argument.name == "y"), -1)
    rows, args = recorder.tape.rows, recorder.tape.args
    recorder.lookups = {
        (entry, size)
        for entry, size in recorder.lookups
        if rows[entry] is not LEAF or args[entry][0] != target
    }
    return recorder, observer.watch()


def _result(entries: Sequence[int], per_sample: bool = False) -> Result:
    return Result(tuple(entries), per_sample)
