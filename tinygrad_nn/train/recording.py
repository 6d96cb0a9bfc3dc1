"""The two programs of a compiled step: the gradient of a batch, and the update by it.

Both are recorded from scalar code: the first from the loss of one sample, the second from
what the optimiser does to one parameter. Samples are the batch of the first program,
parameters that of the second; so neither grows with them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from .. import nn
from ..compiler.batched import Batched
from ..compiler.tape import Array
from ..compiler.tracing import Argument, Trace, trace
from ..derivatives import gradients
from ..errors import TraceError
from ..nn.forward import refuse_captured
from ..nn.symbolic import listed, with_symbols
from ..optim import Optimizer
from ..value import Value
from .prediction import Loss

__all__ = ["record_gradient", "record_loss", "record_update"]


def _key(size: int) -> Any:
    """How a target is nested: one number, or a list of so many."""
    return (list, size) if size else 0


def record_gradient(
    model: nn.Module,
    loss: Loss,
    parameters: Sequence[Value],
    array: Array,
    sizes: tuple[int, int],
) -> Batched:
    """Record the loss of one sample, and its derivative by every parameter.

    Parameters
    ----------
    model, loss
    parameters, array
        As `parameter_array` gives them.
    sizes : pair of int
        The numbers of inputs and of targets; 0 for a target that is no list.

    Returns
    -------
    Batched
        From the parameters (array 0), the rows (1) and the targets (2): the mean loss, the
        outputs of each sample, and the gradient of the mean.
    """
    counts: list[int] = []

    def call(nested: list[Any]) -> Any:
        symbols, x, y = nested
        output = with_symbols(model, parameters, symbols)(x)
        counts.append(len(listed(output)))
        sample_loss = loss(output, y)
        return [sample_loss, *listed(output), *gradients(sample_loss, symbols)]

    recorded = _record(call, loss, [("parameters", (list, array.size), False),
                                    ("x", (list, sizes[0]), True),
                                    ("y", _key(sizes[1]), True)])  # fmt: skip
    tape = recorded.tape
    tape.arrays[0].parts = array.parts
    outputs = recorded.entries[1 : 1 + counts[0]]
    sums = [_mean(recorded, entry) for entry in recorded.entries[1 + counts[0] :]]
    tape.blocks = [outputs, [bare for _, bare in sums if bare >= 0]]
    mean_loss, _ = _mean(recorded, recorded.entries[0])
    return Batched(tape, [([mean_loss], False), (outputs, True), ([g for g, _ in sums], False)])


def record_loss(loss: Loss, sizes: tuple[int, int]) -> Batched:
    """Record the loss of one output.

    Parameters
    ----------
    loss
    sizes : pair of int
        The numbers of outputs and of targets; 0 for what is no list.

    Returns
    -------
    Batched
        From the outputs (array 0) and the targets (1): the mean loss.
    """
    recorded = _record(
        lambda nested: loss(*nested),
        loss,
        [("y_hat", _key(sizes[0]), True), ("y", _key(sizes[1]), True)],
    )
    mean_loss, _ = _mean(recorded, recorded.entries[0])
    return Batched(recorded.tape, [([mean_loss], False)])


def record_update(optimizer: Optimizer, l2: float) -> Batched:
    """Record what a step does to one parameter.

    Returns
    -------
    Batched
        From a parameter with its state (array 0), its derivative of the mean loss (1), and
        the learning rate and the number of the step (2): the penalty of all parameters, the
        derivative of the cost, and the parameter and its state after the step.
    """
    count = len(optimizer.initial_state)

    def call(nested: list[Any]) -> Any:
        (a, *state), g, (lr, t) = nested
        penalty: Any = 0.0
        if l2:
            penalty = l2 * (a * a)
            g = g + gradients(penalty, [a])[0]
        number, after = optimizer.rule(a, g, tuple(state), lr, t)
        if len(after) != count:
            raise TraceError(
                f"the rule of {type(optimizer).__name__} gives a state of {len(after)} numbers, and "
                f"its initial_state has {count}: give as many"
            )
        return [penalty, g, number, *after]

    recorded = _record(call, optimizer.rule, [("parameter", (list, 1 + count), True),
                                              ("gradient", 0, True),
                                              ("rate", (list, 2), False)])  # fmt: skip
    tape = recorded.tape
    tape.arrays[0].parts = [("a", 0, ()), ("state", 1, (count,))]
    tape.arrays[2].parts = [("lr", 0, ()), ("t", 1, ())]
    penalty, g, *after = recorded.entries
    one, share = tape.constant(1.0), tape.leaf(len(tape.arrays) - 1, 0)
    total, _ = tape.batch_sum(penalty, one, share)
    tape.blocks = [after]
    return Batched(tape, [([total], False), ([g], True), (after, True)])


def _record(call: Any, function: Any, arguments: list[tuple[str, Any, bool]]) -> Trace:
    recorded = trace(function, [Argument(*argument) for argument in arguments], call, False)
    refuse_captured(recorded)
    recorded.tape.arrays[-1].parts = [("batch", 0, ()), ("1/batch", 1, ())]
    return recorded


def _mean(recorded: Trace, entry: int) -> tuple[int, int]:
    """Return the entry of a mean over the samples, and that of the bare sum or -1."""
    tape = recorded.tape
    inverse = tape.leaf(len(tape.arrays) - 1, 1)
    return tape.batch_sum(entry, inverse, tape.constant(1.0), many=True)
