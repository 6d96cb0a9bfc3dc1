"""Grading a class of numbers that differentiate themselves."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import partial
from typing import Any

from ..errors import ArgumentError, ArgumentTypeError
from ..scalar.value import Value
from .diagnosis import Trial, mistakes_in, shows
from .graphs import GRAPHS, Graph, chain, doubling
from .isolated import Outcome, run
from .observing import Observation, close, observe
from .report import Finding, Grade

__all__ = ["grade"]

_TIMES = 40  # a node doubled so often: 2**40 ways, which nobody goes one by one


def grade(kind: type[Any], *, deep: int = 2000, seconds: float = 2.0) -> Grade:
    """Say what is wrong with a class of numbers that differentiate themselves, and where.

    The class is run beside `Value` on small graphs that tell mistakes apart. When its numbers
    differ they are compared with those of an engine that makes the mistakes students make, one by
    one and together: the mistake that gives every one of these numbers is named, with three hints
    that never tell the solution. When none does, the smallest graph that differs is shown. All of
    it runs in a process of its own: endless loops, crashes and what is printed are reported.

    Parameters
    ----------
    kind : type
        The class, with micrograd's interface: ``kind(number)``, ``.data``, ``.grad``, arithmetic,
        ``.backward()``, and methods as ``.tanh()``. What is missing is named, and no mistake.
    deep : int
        The operations in a row that `backward` must get through; 0 leaves this out.
    seconds : float
        The time that one graph may take.

    Returns
    -------
    Grade
        Its ``findings``, what is ``missing``, and whether it ``passed``; printed, it is sentences.

    Raises
    ------
    ArgumentTypeError
        When `kind` is no class.

    Examples
    --------
    >>> from tinygrad_nn import Value
    >>> from tinygrad_nn.grading import grade
    >>> grade(Value).passed
    True
    """
    if not isinstance(kind, type):
        raise ArgumentTypeError(
            f"kind = {kind!r} must be a class, as in grade(Value): it is called with a number to make one"
        )
    if deep < 0 or not seconds > 0:
        raise ArgumentError(
            f"deep = {deep!r} and seconds = {seconds!r}: the operations in a row must be 0 or more, and "
            "the seconds more than 0"
        )
    graphs = [*GRAPHS, doubling(_TIMES), *([chain(deep)] if deep else [])]
    outcomes, printed = run([partial(_tried, kind, graph) for graph in graphs], seconds)
    trials = [
        Trial(graph, _observed(outcome), observe(Value, graph))
        for graph, outcome in zip(graphs, outcomes, strict=True)
        if outcome.failed != "left out"
    ]
    return _graded(trials, printed)


def _tried(kind: type[Any], graph: Graph) -> Observation:
    try:
        return observe(kind, graph)
    except Exception as error:
        return Observation(failed="raised", error=f"{type(error).__name__}: {error}")


def _observed(outcome: Outcome) -> Observation:
    return (
        Observation(failed=outcome.failed, error=outcome.error)
        if outcome.failed
        else outcome.result
    )


def _graded(trials: Sequence[Trial], printed: str) -> Grade:
    missing = _missing(trials)
    judged = [t for t in trials if t.theirs.failed != "missing" or not missing]
    findings = [*_failures(judged), *_differences(judged)]
    notes = (f"It printed while it computed: {printed.strip()[:200]!r}",) if printed.strip() else ()
    agreed = sum(not trial.differs for trial in judged)
    return Grade(tuple(findings), missing, notes, len(judged), agreed)


def _missing(trials: Iterable[Trial]) -> tuple[str, ...]:
    """Name the operations that are not there; the first two, without which nothing is, always are."""
    found = {
        t.graph.code.splitlines()[0].removeprefix("a = "): None
        for t in trials
        if t.theirs.failed == "missing" and "\n" not in t.graph.code
    }
    return tuple(name for name in found if name not in ("x + y", "x * y"))


def _failures(trials: Iterable[Trial]) -> Iterator[Finding]:
    """Report each way of failing once, with the smallest graph that fails so."""
    seen: set[str] = set()
    for trial in trials:
        failed, error = trial.theirs.failed, trial.theirs.error
        if not failed or (failed if failed == "endless" else error) in seen:
            continue
        seen.add(failed if failed == "endless" else error)
        sentence, hints = _FAILURES.get(_kind_of(trial), _FAILURES[failed])
        yield Finding(sentence.format(error=error), trial.graph.text, hints=hints)


def _kind_of(trial: Trial) -> str:
    if trial.theirs.error.startswith("RecursionError"):
        return "deep" if "range" in trial.graph.code else "recursion"
    if trial.theirs.failed == "endless" and "a + a" in trial.graph.code:
        return "ways"
    return trial.theirs.failed


_Told = tuple[str, tuple[str, ...]]
_FAILURES: dict[str, _Told] = {
    "deep": (
        "Recursion: backward calls itself once for each operation in a row, and Python stops it in a deep "
        "graph ({error}).",
        (
            "Add up a few thousand terms in a loop, and call backward.",
            "How many calls are open at once when backward is at the deepest node?",
            "What calls do by themselves can be kept in a list: nodes that are still to be gone on with.",
        ),
    ),
    "recursion": (
        "Recursion: a method calls itself without end ({error}).",
        (
            "Read the traceback: which lines come again and again?",
            "When a method hands its work on, to which method does Python go with these operands?",
            "In a reflected method self is on the right: writing the same expression comes back to it.",
        ),
    ),
    "ways": (
        "Backward goes every way through the graph by itself: a node that is used twice, forty times over, "
        "makes it endless ({error}).",
        (
            "Count the backward steps for a = a + a, three times over, then four times.",
            "By how many ways can the leaf be reached?",
            "Each node needs to be treated once, when all its gradient has arrived.",
        ),
    ),
    "endless": (
        "It does not come to an end ({error}).",
        ("Which loop is it in? Interrupt it, and read the traceback.",) * 1,
    ),
    "died": ("It ends the whole process ({error}).", ("Look for sys.exit, os._exit or C code.",)),
    "raised": (
        "It raises {error}",
        ("Run the code by itself, and read the traceback from its end.",),
    ),
    "missing": (
        "It cannot be tried: it raises {error}",
        ("Numbers are made by Value(1.7), have .data and .grad, and know +, * and .backward().",),
    ),
}


def _differences(trials: Sequence[Trial]) -> Iterator[Finding]:
    computed = [trial for trial in trials if not trial.theirs.failed]
    small = [trial for trial in computed if "range" not in trial.graph.code]
    wrong = [trial for trial in small if trial.differs] or [t for t in computed if t.differs]
    if not wrong:
        return
    found = mistakes_in(small)
    for mistake in found:
        example = next((trial for trial in wrong if shows(mistake, trial)), wrong[0])
        yield _finding(mistake.sentence, example, mistake.hints)
    if not found:
        yield _finding("No mistake that is known gives these numbers.", wrong[0])


def _finding(sentence: str, trial: Trial, hints: tuple[str, ...] = ()) -> Finding:
    name, theirs, right = next(_unlike(trial), ("", None, None))
    return Finding(sentence, trial.graph.text, name, theirs, right, hints)


def _unlike(trial: Trial) -> Iterator[tuple[str, float, float]]:
    """Give the numbers that are not the same: those computed first, then gradients of the leaves."""
    for name, right in trial.right.data.items():
        if name in trial.theirs.data and not close(trial.theirs.data[name], right):
            yield f"{name}.data", trial.theirs.data[name], right
    for theirs, ours in zip(trial.theirs.grads, trial.right.grads, strict=True):
        for name, right in ours.items():
            if not close(theirs[name], right):
                yield f"{name}.grad", theirs[name], right
