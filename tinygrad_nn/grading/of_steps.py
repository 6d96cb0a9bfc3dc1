"""Mistakes of a training step: what they make of the parameters of a small cost."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from ..scalar.value import Value

__all__ = [
    "FORWARD",
    "ORDER",
    "RATE",
    "RULES",
    "START",
    "STEPS",
    "Rule",
    "cost_of",
    "of_another_rate",
]

START = (0.8, -1.3, 0.45)  # two weights and a bias
SAMPLES = ((1.5, -0.7, 0.4), (-0.9, 1.2, -1.1), (0.3, 2.1, 0.9))  # two inputs and a target
RATE = 0.05
STEPS = 4


def cost_of(parameters: Sequence[Any]) -> Any:
    """Compute the mean of the squared errors; with what every class of numbers knows."""
    w, v, b = parameters
    total: Any = 0.0
    for x, y, target in SAMPLES:
        error = w * x + v * y + b + -target
        total = error * error + total
    return total * (1 / len(SAMPLES))


def _gradient(numbers: Sequence[float]) -> list[float]:
    parameters = [Value(number) for number in numbers]
    cost_of(parameters).backward()
    return [p.grad for p in parameters]


class Rule(NamedTuple):
    """A way to take steps: parameters, what is kept between steps (gradients), to new ones."""

    sentence: str
    hints: tuple[str, ...]
    change: Callable[[list[float], list[float]], tuple[list[float], list[float]]]

    def run(self) -> list[tuple[float, ...]]:
        """Give the parameters after each step."""
        numbers, grads, path = list(START), [0.0] * len(START), []
        for _ in range(STEPS):
            numbers, grads = self.change(numbers, grads)
            path.append(tuple(numbers))
        return path


def _descent(
    by: Callable[[float, float], float],
) -> Callable[[list[float], list[float]], tuple[list[float], list[float]]]:
    """Make the rule that gives each parameter a new number by its number and its gradient."""

    def change(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
        fresh = _gradient(numbers)
        return [by(p, g) for p, g in zip(numbers, fresh, strict=True)], fresh

    return change


def _without_reset(rate: float) -> Any:
    def change(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
        total = [old + new for old, new in zip(grads, _gradient(numbers), strict=True)]
        return [p - rate * g for p, g in zip(numbers, total, strict=True)], total

    return change


def _late(adds: bool) -> Any:
    """Update first, with the gradients of the step before; then compute new ones."""

    def change(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
        moved = [p - RATE * g for p, g in zip(numbers, grads, strict=True)]
        fresh = _gradient(moved)
        return moved, [a + b for a, b in zip(grads, fresh, strict=True)] if adds else fresh

    return change


def _lagging(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
    """Forward, update with the old gradients, then backward from the cost of before."""
    fresh = _gradient(numbers)
    return [p - RATE * g for p, g in zip(numbers, grads, strict=True)], fresh


def _some(count: int, last: bool = False) -> Any:
    def change(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
        fresh = _gradient(numbers)
        chosen = range(len(numbers) - count, len(numbers)) if last else range(count)
        return [
            p - RATE * g * (k in chosen)
            for k, (p, g) in enumerate(zip(numbers, fresh, strict=True))
        ], fresh

    return change


def _one_by_one(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
    """Compute the gradients anew for each parameter, with those before it changed already."""
    numbers = list(numbers)
    for k in range(len(numbers)):
        numbers[k] -= RATE * _gradient(numbers)[k]
    return numbers, grads


def _reset_only(which: int) -> Any:
    def change(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
        kept = [0.0 if k == which else g for k, g in enumerate(grads)]
        total = [old + new for old, new in zip(kept, _gradient(numbers), strict=True)]
        return [p - RATE * g for p, g in zip(numbers, total, strict=True)], total

    return change


def _without_second(numbers: list[float], grads: list[float]) -> tuple[list[float], list[float]]:
    fresh = _gradient(numbers)
    moved = [p - RATE * g for p, g in zip(numbers, fresh, strict=True)]
    return [moved[0], numbers[1], moved[2]], fresh


def of_another_rate(first: Sequence[float]) -> Rule | None:
    """Give the rule with the rate that the first step was taken at."""
    slope = _gradient(START)[0]
    rate = (START[0] - first[0]) / slope
    sentence = (
        f"The learning rate is not the one that is given: the update takes {rate:.6g} times the "
        f"gradient, where {RATE} was given."
    )
    return Rule(sentence, _RATES, _descent(lambda p, g: p - rate * g)) if rate else None


ORDER = (
    "Write down, for one step, in which order reset, forward, backward and update come.",
    "What do the gradients belong to at the moment of the update?",
    "The update needs the gradients of the cost at the parameters as they are now.",
)
_RATES = (
    "Compute one update of one parameter by hand.",
    "b = a - alpha grad f(a): which factor is which?",
    "Count the factors on the right side of your update.",
)
_FEW = (
    "Print all parameters before and after a step.",
    "How many times does the loop of the update run?",
    "Look at where the loop ends, or returns.",
)
_RESET = (
    "Print a gradient after each of three steps on the same data.",
    "backward adds to what is there: what is there when a step begins?",
    "Each step needs its gradients to begin from nothing.",
)
RULES = (
    Rule("right", (), _descent(lambda p, g: p - RATE * g)),
    Rule(
        "The gradients are not set to 0: those of the last step are added to those of this one.",
        _RESET,
        _without_reset(RATE),
    ),
    Rule(
        "The sign of the update is wrong: it goes up the gradient, and the cost grows.",
        (
            "Print the cost before and after one step.",
            "A gradient points to where the cost grows.",
            "Which way is down?",
        ),
        _descent(lambda p, g: p + RATE * g),
    ),
    Rule("The sign of the update is wrong, and the gradients are not set to 0.", _RESET, _without_reset(-RATE)),
    Rule(
        "The update comes before backward: it uses the gradients of the step before.",
        ORDER,
        _late(adds=False),
    ),
    Rule(
        "The update comes before backward: it uses the gradients of the step before.", ORDER, _lagging
    ),
    Rule(
        "The update comes before backward, and the gradients are not set to 0.",
        ORDER,
        _late(adds=True),
    ),
    Rule("The learning rate is left out of the update.", _RATES, _descent(lambda p, g: p - g)),
    Rule("The learning rate is in the update twice.", _RATES, _descent(lambda p, g: p - RATE * RATE * g)),
    Rule(
        "The gradient is divided by the learning rate, where it is to be multiplied.",
        _RATES,
        _descent(lambda p, g: p - g / RATE),
    ),
    Rule(
        "The update takes the parameter in place of its gradient.",
        _RATES,
        _descent(lambda p, g: p - RATE * p),
    ),
    Rule(
        "The parameter becomes the step itself: what it was before is lost.",
        _RATES,
        _descent(lambda p, g: RATE * g),
    ),
    Rule(
        "The parameter becomes the step itself: what it was before is lost.",
        _RATES,
        _descent(lambda p, g: -RATE * g),
    ),
    Rule(
        "The gradient is divided by the number of samples, or of parameters: the cost is a mean already.",
        _RATES,
        _descent(lambda p, g: p - RATE * g / len(SAMPLES)),
    ),
    Rule("Only the sign of the gradient is used.", _RATES, _descent(lambda p, g: p - RATE * ((g > 0) - (g < 0)))),
    Rule("Only the first parameter is updated.", _FEW, _some(1)),
    Rule("The last parameter is not updated.", _FEW, _some(2)),
    Rule("Only the last parameter is updated.", _FEW, _some(1, last=True)),
    Rule("The first parameter is not updated.", _FEW, _some(2, last=True)),
    Rule("The second parameter is not updated, as if it were every other one.", _FEW, _without_second),
    Rule(
        "The gradient counts twice: backward is called twice in a step, or a factor 2 is added.",
        _RESET,
        _descent(lambda p, g: p - 2 * RATE * g),
    ),
    Rule(
        "The step is multiplied by the parameter itself.", _RATES, _descent(lambda p, g: p - RATE * g * p)
    ),
    Rule(
        "Backward and update stand in one loop over the parameters: each gradient is computed when the "
        "parameters before it are changed already.",
        ORDER,
        _one_by_one,
    ),
    Rule("Only the gradient of the first parameter is set to 0.", _RESET, _reset_only(0)),
    Rule("Only the gradient of the last parameter is set to 0.", _RESET, _reset_only(len(START) - 1)),
)  # fmt: skip


FORWARD = (
    "The cost is not computed anew in each step.",
    (
        "Count how often cost() is called in three steps.",
        "The graph of a cost belongs to the numbers that the parameters had then.",
        "After an update there is a new cost to go back from.",
    ),
)
