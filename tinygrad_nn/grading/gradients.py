"""Grading a function that returns a loss and its gradients, as one derives them by hand."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any, NamedTuple

from ..errors import ArgumentError, ArgumentTypeError
from ..extras import load_extra
from .comparing import Subject, agrees
from .isolated import run
from .reasons import reasons
from .report import Finding, Grade

__all__ = ["grade_gradient"]


def grade_gradient(
    f: Callable[..., Any],
    X: Any,
    y: Any,
    parameters: Sequence[Any] | dict[str, Any],
    *,
    seconds: float = 30.0,
) -> Grade:
    """Say what is wrong with the gradients of a loss that a function returns beside it.

    The gradients are compared with differences of the loss itself, so any model and loss will do.
    Where they differ, what is asked is whether they are what known mistakes give: a sum in place of
    a mean, a transpose, a sample's part that is not added up, an activation's slope left out.

    Parameters
    ----------
    f : callable
        ``loss, gradients = f(X, y, parameters)``, with gradients nested as the parameters are.
    X, y : array_like
        The samples, one a row, and their targets. Ten are enough.
    parameters : sequence or dict of arrays
        In the order of the layers, as ``[W1, b1, W2, b2]``.
    seconds : float
        The time that all of it may take.

    Returns
    -------
    Grade
        One finding for each thing that is wrong, with the parameters whose gradients it is in.

    Raises
    ------
    ArgumentTypeError
        When `f` cannot be called.
    ArgumentError
        When there are no parameters, or X and y are not of one length.
    MissingExtraError
        Without NumPy.

    Examples
    --------
    >>> import numpy as np
    >>> from tinygrad_nn.grading import grade_gradient
    >>> def f(X, y, parameters):
    ...     w, b = parameters
    ...     error = X @ w + b - y
    ...     return (error**2).mean(), [2 * X.T @ error, 2 * error.mean()]
    >>> X = np.array([[1.0, 2.0], [0.5, -1.0], [3.0, 0.1]])
    >>> grade = grade_gradient(f, X, np.array([1.0, 2.0, 3.0]), [np.array([0.3, 0.7]), np.array(0.1)])
    >>> print(grade.findings[0].sentence)
    parameters[0]: the gradient is a sum over the samples, but the loss is a mean: 3 times too large.
    """
    np = load_extra("numpy", "compile", "grading gradients")
    if not callable(f):
        raise ArgumentTypeError(f"f = {f!r} must be a function, called as f(X, y, parameters)")
    X, y = np.asarray(X, float), np.asarray(y)
    names = (
        [f"parameters[{key!r}]" for key in parameters]
        if isinstance(parameters, dict)
        else [f"parameters[{k}]" for k in range(len(parameters))]
    )
    if not names or len(X) != len(y):
        raise ArgumentError(
            f"{len(names)} parameters, {len(X)} samples in X and {len(y)} in y: there must be a parameter, "
            "and as many targets as samples"
        )
    subject = Subject(np, f, X, y, parameters)
    outcomes, printed = run([partial(_compared, subject)], seconds)
    notes = (f"It printed: {printed.strip()[:200]!r}",) if printed.strip() else ()
    outcome = outcomes[0]
    compared = outcome.error if outcome.failed else outcome.result
    if isinstance(compared, str):
        hints = ("Call it by itself, and read the traceback from its end.",)
        return Grade(
            (Finding(f"It gives no loss and gradients: {compared}", hints=hints),), notes=notes
        )
    agreed = sum(not one.sentence for one in compared)
    return Grade(tuple(_findings(names, compared)), (), notes, len(names), agreed)


class _Compared(NamedTuple):
    """One parameter's gradient: what is wrong, nothing if it is right, and the entry most wrong."""

    sentence: str = ""
    hints: tuple[str, ...] = ()
    entry: str = ""
    theirs: float | None = None
    right: float | None = None


def _compared(subject: Subject) -> list[_Compared] | str:
    """Compare all gradients; a text where the function does not give any."""
    np = subject.np
    try:
        loss, theirs = subject.called(subject.arrays)
        if not np.isfinite(loss):
            return f"the loss is {loss}"
        if subject.loss(subject.arrays) != loss:
            return "two calls with the same arguments give two losses: it draws random numbers, or keeps some"
        right = [subject.slopes(k) for k in range(len(theirs))]
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    wrong = [not agrees(np, a, b) for a, b in zip(theirs, right, strict=True)]
    return [
        _judged(subject, k, theirs, right, wrong) if wrong[k] else _Compared()
        for k in range(len(theirs))
    ]


def _judged(
    subject: Subject, k: int, theirs: list[Any], right: list[Any], wrong: list[bool]
) -> _Compared:
    np = subject.np
    sentence, hints = next(reasons(subject, k, theirs, right, wrong))
    if theirs[k].shape != right[k].shape:
        return _Compared(sentence, hints)
    apart = np.where(np.isfinite(theirs[k]), np.abs(theirs[k] - right[k]), np.inf)
    worst = np.unravel_index(int(np.argmax(apart)), right[k].shape)
    entry = "".join(f"[{int(i)}]" for i in worst)
    return _Compared(sentence, hints, entry, float(theirs[k][worst]), float(right[k][worst]))


def _findings(names: Sequence[str], compared: Sequence[_Compared]) -> Iterator[Finding]:
    """Say once what is wrong with several parameters alike."""
    for sentence in dict.fromkeys(one.sentence for one in compared if one.sentence):
        alike = [k for k, one in enumerate(compared) if one.sentence == sentence]
        told = (
            "all parameters" if 1 < len(alike) == len(names) else ", ".join(names[k] for k in alike)
        )
        one = compared[alike[0]]
        where = f"the gradient of {names[alike[0]]}{one.entry}" if one.right is not None else ""
        yield Finding(f"{told}: {sentence}", "", where, one.theirs, one.right, one.hints)
