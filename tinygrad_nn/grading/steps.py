"""Grading one step of training: reset, forward, backward, update."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, NamedTuple

from ..errors import ArgumentTypeError
from ..scalar.value import Value
from .isolated import run
from .observing import close
from .of_steps import FORWARD, ORDER, RATE, RULES, START, STEPS, cost_of, of_another_rate
from .report import Finding, Grade

__all__ = ["grade_step"]


def grade_step(
    step: Callable[..., object], *, kind: type[Any] = Value, seconds: float = 5.0
) -> Grade:
    """Say what is wrong with one step of training, and where.

    Four steps are taken on a small cost, the mean of the squared errors of two weights and a bias.
    The parameters after each are compared with those of gradient descent, b = a - alpha grad f(a),
    and, when they differ, with what known mistakes give.

    Parameters
    ----------
    step : callable
        It is called as ``step(parameters, cost, learning_rate)``: a list of numbers to train, a
        function that computes their cost on the batch anew, and a number. It changes the
        parameters' ``.data`` in place.
    kind : type
        The class of the numbers; your own, when it is right (see `grade`).
    seconds : float
        The time that all steps may take.

    Returns
    -------
    Grade

    Raises
    ------
    ArgumentTypeError
        When `step` cannot be called.

    Examples
    --------
    >>> from tinygrad_nn.grading import grade_step
    >>> def step(parameters, cost, learning_rate):
    ...     cost().backward()
    ...     for p in parameters:
    ...         p.data -= learning_rate * p.grad
    >>> print(grade_step(step).findings[0].sentence)
    The gradients are not set to 0: those of the last step are added to those of this one.
    """
    if not callable(step):
        raise ArgumentTypeError(
            f"step = {step!r} must be a function, called as step(parameters, cost, learning_rate)"
        )
    outcomes, printed = run([partial(_taken, step, kind)], seconds)
    notes = (f"It printed: {printed.strip()[:200]!r}",) if printed.strip() else ()
    outcome = outcomes[0]
    taken = _Taken(error=outcome.error) if outcome.failed else outcome.result
    right = RULES[0].run()
    agreed = sum(map(_same, taken.path, right))
    return Grade(tuple(_found(taken, right)), (), notes, STEPS, agreed)


class _Taken(NamedTuple):
    """The parameters after each step, and what was seen on the way."""

    path: tuple[tuple[float, ...], ...] = ()
    forwards: int = 0
    backwards: int = 0
    error: str = ""


def _taken(step: Callable[..., object], kind: type[Any]) -> _Taken:
    parameters = [kind(number) for number in START]
    costs: list[Any] = []
    path: list[tuple[float, ...]] = []

    def cost() -> Any:
        costs.append(cost_of(parameters))
        return costs[-1]

    try:
        for _ in range(STEPS):
            step(parameters, cost, RATE)
            path.append(tuple(float(p.data) for p in parameters))
    except Exception as error:
        told = f"{type(error).__name__}: {error}"
        return _Taken(tuple(path), len(costs), 0, told)
    return _Taken(tuple(path), len(costs), sum(bool(c.grad) for c in costs))


def _found(taken: _Taken, right: list[tuple[float, ...]]) -> list[Finding]:
    if taken.error:
        told = f"It does not get through four steps: {taken.error}"
        return [Finding(told, hints=("Run it by itself, and read the traceback from its end.",))]
    if len(taken.path) == len(right) and all(map(_same, taken.path, right)):
        return []
    sentence, hints = _diagnosis(taken)
    name, theirs, ours = next(
        (f"parameter {k} after step {number}", a, b)
        for number, (one, other) in enumerate(zip(taken.path, right, strict=True), start=1)
        for k, (a, b) in enumerate(zip(one, other, strict=True))
        if not close(a, b)
    )
    return [Finding(sentence, "", name, theirs, ours, hints)]


def _diagnosis(taken: _Taken) -> tuple[str, tuple[str, ...]]:
    for rule in RULES[1:]:
        if all(map(_same, taken.path, rule.run())):
            return rule.sentence, rule.hints
    other = of_another_rate(taken.path[0])
    if other and all(map(_same, taken.path, other.run())):
        return other.sentence, other.hints
    if any(not _same(numbers, START) for numbers in taken.path):
        if taken.forwards % STEPS != 0 or taken.forwards < STEPS:
            return FORWARD
        return "No mistake that is known gives these parameters.", ()
    if not taken.forwards:
        return FORWARD
    if not taken.backwards:
        return "Nothing changes: backward is not called on the cost.", ORDER
    return (
        "Nothing changes: the update does not get into the parameters' .data, or the gradients are 0 when "
        "it comes (backward comes later, or they are set to 0 in between).",
        (
            "Print a parameter's .data and .grad just before and just after the update.",
            "If .grad is 0 there: what comes between backward and the update? If it is not: what does the "
            "update write to?",
            "A new number under the loop's own name leaves the parameter as it was.",
        ),
    )


def _same(one: Sequence[float], other: Sequence[float]) -> bool:
    return all(map(close, one, other))
