"""Why a gradient is wrong: what known mistakes would give, compared with what was given."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from .comparing import PRECISION, Subject, agrees

__all__ = ["reasons"]

Reason = tuple[str, tuple[str, ...]]


def reasons(
    subject: Subject, k: int, theirs: list[Any], right: list[Any], wrong: list[bool]
) -> Iterator[Reason]:
    """Give what is wrong with a gradient, the surest reason first."""
    np, mine, truth = subject.np, theirs[k], right[k]
    if mine.shape != truth.shape and wrong.count(True) > 1:
        yield from _order(np, k, mine, right)
    yield from _shapes(np, len(subject.X), mine, truth)
    if mine.shape == truth.shape:
        if not np.all(np.isfinite(mine)):
            yield "the gradient is not finite.", _FINITE
        if not mine.any() and not _is_of_one_sample(subject, k):
            yield "the gradient is 0: it is never written.", _NEVER
        if mine.ndim == 2 and mine.shape[0] == mine.shape[1] and agrees(np, mine.T, truth):
            yield "the gradient is transposed.", _TRANSPOSED
        if mine.size > 1:
            yield from _order(np, k, mine, right)
        yield from _factors(np, len(subject.X), mine, truth)
        if truth.size > 1:  # a single number is always some number times another
            yield from _factor(np, mine, truth)
        yield from _samples(subject, k, mine)
        yield from _penalties(np, subject.arrays[k], mine, truth)
    if all(wrong):
        yield from _errors_of_samples(subject, k)
    yield from _factor(np, mine, truth)
    yield from _inputs(k, right, wrong)
    yield from _slopes_left_out(subject, k, theirs, wrong)
    yield "the gradient differs from the differences of the loss.", _DIFFERENT


def _order(np: Any, k: int, mine: Any, right: list[Any]) -> Iterator[Reason]:
    """The gradient of another parameter of the same size."""
    for j, other in enumerate(right):
        if j != k and mine.size == other.size and agrees(np, mine.reshape(other.shape), other):
            yield f"this is the gradient of parameter {j}: the order is another.", _ORDERED


def _shapes(np: Any, samples: int, mine: Any, truth: Any) -> Iterator[Reason]:
    if mine.shape == truth.shape:
        return
    shapes = f"its shape is {mine.shape}, where the parameter's is {truth.shape}"
    if mine.shape == (samples, *truth.shape) or mine.shape == (*truth.shape, samples):
        yield f"the gradient is not summed over the samples: {shapes}.", _SUMMED
    elif mine.ndim == 2 and mine.T.shape == truth.shape:
        yield f"the gradient is transposed: {shapes}.", _TRANSPOSED
    elif mine.size == 1:
        yield f"the gradient is summed up to one number: {shapes}.", _SUMMED
    elif mine.size == truth.size and agrees(np, mine.reshape(truth.shape), truth):
        yield f"the numbers of the gradient are right, but {shapes}.", _SHAPED
    elif mine.ndim > truth.ndim:
        yield f"the gradient is not summed over all that it is used for: {shapes}.", _SUMMED
    else:
        yield f"the gradient does not fit: {shapes}.", _SHAPED


def _factor_of(np: Any, mine: Any, truth: Any) -> float:
    """Find one factor for all entries; 0 if there is none."""
    if mine.shape != truth.shape:
        return 0.0
    at = np.unravel_index(int(np.argmax(np.abs(truth))), truth.shape)
    factor = float(mine[at] / truth[at]) if truth[at] else 0.0
    return factor if agrees(np, mine, factor * truth) else 0.0


def _factor(np: Any, mine: Any, truth: Any) -> Iterator[Reason]:
    if factor := _factor_of(np, mine, truth):
        yield f"the gradient is {factor:.6g} times the right one, in every entry.", _CONSTANT


def _factors(np: Any, samples: int, mine: Any, truth: Any) -> Iterator[Reason]:
    """One factor for all entries that mistakes are known to give."""
    factor = _factor_of(np, mine, truth)
    for number, sentence, hints in (
        (samples, f"the gradient is a sum over the samples, but the loss is a mean: {samples} times too "
         "large.", _MEANS),
        (1 / samples, "the gradient is a mean over the samples, but the loss is a sum, or the mean is taken "
         f"twice: {samples} times too small.", _MEANS),
        (-1.0, "the gradient has the wrong sign.", _SIGN),
        (-float(samples), "the gradient has the wrong sign, and is a sum over the samples where the loss is a "
         "mean.", _SIGN),
        (0.5, "the gradient lacks a factor 2, as that of a square has.", _CONSTANT),
        (2.0, "the gradient has a factor 2 too many, which the loss does not have.", _CONSTANT),
    ):  # fmt: skip
        if abs(factor / number - 1) < PRECISION * 10:
            yield sentence, hints


def _samples(subject: Subject, k: int, mine: Any) -> Iterator[Reason]:
    """The gradient of one sample, as an assignment in a loop over samples leaves it."""
    np, count = subject.np, len(subject.X)
    for name, row in (("last", count - 1), ("first", 0)):
        try:
            one = subject.slopes(k, slice(row, row + 1))
        except Exception:
            return
        if one.any() and (agrees(np, mine, one) or agrees(np, mine * count, one)):
            yield f"the gradient is that of the {name} sample alone.", _SUMMED


def _is_of_one_sample(subject: Subject, k: int) -> bool:
    """Tell whether a sample alone has a gradient, which may cancel with others' by chance."""
    for row in range(min(len(subject.X), 3)):
        try:
            if subject.called(subject.arrays, slice(row, row + 1))[1][k].any():
                return True
        except Exception:
            return False
    return False


def _errors_of_samples(subject: Subject, k: int) -> Iterator[Reason]:
    """For one sample all parameters have one factor: what lies next to the loss."""
    np, factors = subject.np, []
    for row in range(min(len(subject.X), 4)):
        rows = slice(row, row + 1)
        try:
            mine = np.concatenate([g.ravel() for g in subject.called(subject.arrays, rows)[1]])
            truth = np.concatenate(
                [subject.slopes(j, rows).ravel() for j in range(len(subject.arrays))]
            )
        except Exception:
            return
        if mine.shape != truth.shape or mine.size < 2 or not truth.any():
            return
        factor = float(mine @ truth / (truth @ truth))
        if not factor or not agrees(np, mine / factor, truth):
            return
        factors.append(factor)
    if len(factors) > 1 and max(factors) - min(factors) > 1e-3 * max(map(abs, factors)):
        yield (
            "for one sample all gradients are right but for one factor, which each sample has its own: the "
            "slope of the loss by the prediction is wrong, or that of the prediction by what it is made of.",
            _ERROR,
        )


def _inputs(k: int, right: list[Any], wrong: list[bool]) -> Iterator[Reason]:
    """A weight whose bias is right: what comes back to its layer is."""
    weight = right[k]
    if k + 1 == len(right) or wrong[k + 1] or weight.size < 2 or not right[k + 1].any():
        return
    units = weight.shape if weight.ndim == 2 else (1,)
    if right[k + 1].size in units and right[k + 1].ndim < 2:
        yield (
            "the gradient of the bias beside it is right, and so is what comes back to this layer: what "
            "is wrong is what it is multiplied by, the layer's input as it was on the way forward.",
            _INPUT,
        )


def _penalties(np: Any, parameter: Any, mine: Any, truth: Any) -> Iterator[Reason]:
    apart = truth - mine
    at = np.unravel_index(int(np.argmax(np.abs(parameter))), parameter.shape)
    if parameter.size < 2 or not parameter[at]:
        return
    factor = float(apart[at] / parameter[at])
    if factor and float(np.abs(apart - factor * parameter).max()) <= PRECISION * float(
        np.abs(apart).max()
    ):
        yield (
            f"what differs is {factor:.6g} times the parameter itself: the slope of the penalty "
            "(regularisation) is left out, or is not that of the loss.",
            _PENALTY,
        )


def _slopes_left_out(
    subject: Subject, k: int, theirs: list[Any], wrong: list[bool]
) -> Iterator[Reason]:
    """For one sample each unit has one factor: what lies between the unit and what comes later."""
    np = subject.np
    later_right = not all(wrong[k + 1 :]) and k + 1 < len(wrong)
    off, growing, varying = False, True, False
    for row in range(min(len(subject.X), 8)):
        rows = slice(row, row + 1)
        try:
            mine = subject.called(subject.arrays, rows)[1][k]
            truth = subject.slopes(k, rows)
        except Exception:
            return
        if mine.shape != truth.shape:
            break
        scale = max(float(np.abs(truth).max()), float(np.abs(mine).max()), 1e-8)
        seen = np.abs(truth) > 1e-4 * scale
        off |= bool(np.any(~seen & (np.abs(mine) > 1e-3 * scale)))
        ratios = mine[seen] / truth[seen]
        growing &= bool(np.all(ratios > 1 - 1e-4))
        varying |= bool(np.any(np.abs(ratios - 1) > 1e-3))
    else:
        if off and not varying:
            yield (
                "units that are off (relu of a negative number) still get a gradient: the slope of the "
                "activation is left out.",
                _ACTIVATION,
            )
        if growing and varying and later_right:
            yield (
                "what comes later is right, and each unit's part is too large by a factor of its own: the "
                "slope of the activation is left out.",
                _ACTIVATION,
            )
    if later_right:
        yield (
            "what comes later is right: the mistake lies between, in the slope of the activation or in "
            "how the gradient passes through the weights.",
            _ACTIVATION,
        )


_FINITE = (
    "Print what the gradient is divided by, and what logarithms are taken of.",
    "Where can a denominator be 0, or a number too large for exp?",
    "The loss is finite at these numbers: so is its slope, written in another way.",
)
_NEVER = (
    "Print the gradient where it is computed, and where it is returned.",
    "Is it the same array?",
    "An array that is made of zeros has to be written to.",
)
_TRANSPOSED = (
    "Write the shapes of all factors beside the product.",
    "Which index of a weight is the input, and which the unit?",
    "The gradient of a weight has the shape of the weight, entry for entry.",
)
_ORDERED = (
    "Compare the order of the parameters with that of what you return.",
    "Print the shapes of both, one after the other.",
    "Each gradient stands where its parameter stands.",
)
_SUMMED = (
    "Follow the shapes for a batch of two samples.",
    "A parameter is used once for each sample. What do its uses add up to?",
    "What is left over in the shape, or what was overwritten, is the samples.",
)
_SHAPED = (
    "Print the shape of the parameter and of its gradient.",
    "What does `parameter -= rate * gradient` do with these two shapes?",
    "Keep one convention for rows and columns from the input to the loss.",
)
_MEANS = (
    "Call it on the samples, and then on all of them twice over: what should become of the gradient?",
    "Is the loss a sum over the samples, or a mean?",
    "The factor that the loss has in front, its gradient has too, once.",
)
_SIGN = (
    "Make a parameter a little larger: does the loss grow or fall?",
    "In prediction minus target, which stands first in the loss, and which in the gradient?",
    "Follow the minus through the chain rule.",
)
_CONSTANT = (
    "Differentiate the loss of one sample by its prediction, on paper.",
    "Which constant does the loss have in front, and which comes down from its power?",
    "Every constant of the loss is in the gradient, and no other.",
)
_PENALTY = (
    "Which terms is the loss made of?",
    "Which of them does the gradient of this parameter have a part for?",
    "A term that depends on the parameter alone needs no chain, but it has a slope.",
)
_ACTIVATION = (
    "Write down the steps from this parameter to the loss, one a line, and their slopes beside them.",
    "Which of these steps has no factor in your product?",
    "Between a unit's sum and its output stands a function with a slope of its own.",
)
_ERROR = (
    "Take one sample, and write down the loss as a function of the prediction alone.",
    "What is the slope of that function? Is there another function between it and the weights?",
    "Compare that slope with the first line of your backward pass, in numbers.",
)
_INPUT = (
    "Which numbers does the weight meet on the way forward?",
    "Are those the numbers in the product that gives its gradient: before or after an activation?",
    "The slope by a factor is the other factor, as it was.",
)
_DIFFERENT = (
    "Try one sample, one unit and no activation, and compare with the difference of the loss.",
    "Put back one part after the other until it differs.",
    "The part that was put back last has the wrong slope.",
)
