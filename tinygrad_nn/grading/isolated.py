"""Running what somebody else wrote: in a process of its own, with a limit of time."""

from __future__ import annotations

import multiprocessing
import os
import sys
import tempfile
import threading
import warnings
from collections.abc import Callable, Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from typing import Any, NamedTuple, TypeVar

__all__ = ["Outcome", "run"]

R = TypeVar("R")
_PRINTED = 2000  # letters that are kept of what is printed
_NO_PROCESSES = ("emscripten", "wasi")  # there `fork` is listed, and fails
_STOPS = 3  # tasks that may be endless or end the process before the rest is left out


class Outcome(NamedTuple):
    """What came of a task: its result, or how it `failed` ("endless", "died", "left out")."""

    result: Any
    failed: str = ""
    error: str = ""


def run(tasks: Sequence[Callable[[], R]], seconds: float) -> tuple[list[Outcome], str]:
    """Run tasks one after the other; one that takes longer or ends the process hurts no other.

    Where processes cannot be forked (Windows, Pyodide) they run in a thread, which cannot be
    stopped: an endless task is then left running and the rest is left out.

    Returns
    -------
    list of Outcome
        One for each task.
    str
        What the tasks printed.
    """
    if "fork" in multiprocessing.get_all_start_methods() and sys.platform not in _NO_PROCESSES:
        return _in_processes(tasks, seconds)
    return _in_thread(tasks, seconds)


def _in_processes(tasks: Sequence[Callable[[], R]], seconds: float) -> tuple[list[Outcome], str]:
    outcomes: list[Outcome] = []
    stops = 0
    with tempfile.TemporaryFile() as printed:
        while len(outcomes) < len(tasks) and stops < _STOPS:
            failure = _one_process(tasks, outcomes, seconds, printed.fileno())
            if failure is not None:
                outcomes.append(failure)
                stops += 1
        printed.seek(0)
        text = printed.read(_PRINTED).decode(errors="replace")
    rest = [Outcome(None, "left out")] * (len(tasks) - len(outcomes))
    return [*outcomes, *rest], text


def _one_process(
    tasks: Sequence[Callable[[], R]], outcomes: list[Outcome], seconds: float, printed: int
) -> Outcome | None:
    """Run the tasks that are left in one process, until one fails; give how that failed."""
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    child = context.Process(target=_child, args=(tasks[len(outcomes) :], theirs, printed))
    with warnings.catch_warnings():  # where threads run: the child uses none of what they hold
        warnings.simplefilter("ignore", DeprecationWarning)
        child.start()
    theirs.close()
    try:
        while len(outcomes) < len(tasks):
            if not ours.poll(seconds):
                return Outcome(None, "endless", f"no result within {seconds:g} s")
            outcomes.append(Outcome(ours.recv()))
    except EOFError:
        child.join()
        return Outcome(None, "died", f"the process ended with code {child.exitcode}")
    else:
        child.join(seconds)  # it writes what it has printed
    finally:
        child.kill()
        child.join()
        ours.close()
    return None


def _child(tasks: Sequence[Callable[[], R]], results: Any, printed: int) -> None:
    for stream in (1, 2):
        os.dup2(printed, stream)
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115  (a notebook's own streams know no descriptors)
    sys.stderr = open(2, "w", closefd=False)  # noqa: SIM115
    sys.stdin = open(os.devnull)  # noqa: PTH123, SIM115
    for task in tasks:
        results.send(task())
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(0)  # nothing of the parent's is to be ended here


def _in_thread(tasks: Sequence[Callable[[], R]], seconds: float) -> tuple[list[Outcome], str]:
    outcomes: list[Outcome] = []
    printed = StringIO()

    def work() -> None:
        with redirect_stdout(printed), redirect_stderr(printed):
            for task in tasks:
                try:
                    outcomes.append(Outcome(task()))
                except BaseException as error:
                    outcomes.append(Outcome(None, "died", f"{type(error).__name__}: {error}"))

    try:
        thread = threading.Thread(target=work, daemon=True)
        thread.start()
    except RuntimeError:  # no threads either
        work()
        return outcomes, printed.getvalue()[:_PRINTED]
    done = -1
    while thread.is_alive() and len(outcomes) > done:
        done = len(outcomes)
        thread.join(seconds)
    found = list(outcomes)
    if len(found) < len(tasks):
        found.append(Outcome(None, "endless", f"no result within {seconds:g} s"))
    rest = [Outcome(None, "left out")] * (len(tasks) - len(found))
    return [*found, *rest], printed.getvalue()[:_PRINTED]
