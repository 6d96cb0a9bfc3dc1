"""Built-in entries: machine code from objects to objects."""

from __future__ import annotations

import gc
import pickle
import threading
from typing import Any

import numpy as np
import pytest
from entered import CASES, NEVER, builtin_of, described
from machine_code import ASKED

from tests.sweeps import entries
from tinygrad_nn import compile, value_and_grad
from tinygrad_nn.compiler.backends import work
from tinygrad_nn.compiler.entries import builtin, objects

pytestmark = pytest.mark.skipif(not ASKED, reason="machine code is not asked for")

WITH = [
    "numbers",
    "lists",
    "rows",
    "array",
    "layers",
    "pieces",
    "looked at",
    "choices",
    "not all finite",
    "lookup",
    "batch",
    "parts of a batch",
    "by name",
    "static",
    "one sample",
    "listed",
    "listed numbers",
    "in float32",
    "arrays in float32",
    "batch in float32",
    "listed in float32",
]
CALLS = 200


@pytest.mark.parametrize("name", CASES)
def test_which_structures_have_one(name: str) -> None:
    entered, _ = CASES[name].compiled(backend="machine")
    ((entry, _, _),) = entered._entries.all
    found = builtin_of(entry)
    assert (found is not None) == (name in WITH)
    if found is not None:
        case = CASES[name]
        args = *case.args, *case.kwargs.values()
        assert described(found(*args)) == described(entry.call(case.args, case.kwargs))
        for wrong in ((), (*args, 1.0), (None,) * len(args)):
            assert found(*wrong) is NotImplemented


def test_no_reference_and_no_byte_is_lost() -> None:
    assert (
        entries.lost(
            CALLS, "machine", ["layers", "pieces", "parts of a batch", "listed in float32"]
        )
        == []
    )


@pytest.mark.parametrize("dtype", ["float64", "float32"])
def test_what_is_given_back_and_what_was_pickled_is_taken(dtype: str) -> None:
    function = compile(lambda x: x * 2.0, backend="machine", dtype=dtype)
    numbers = np.array([1.0, 2.0], dtype)
    for _ in range(6):
        found = function(numbers)
    builtin = builtin_of(function._entries.all[0][0])
    assert found.dtype is np.dtype(dtype)
    for given in (found, pickle.loads(pickle.dumps(found))):
        assert builtin(given).tolist() == [4.0, 8.0]
    assert builtin(found.astype(">f8")) is NotImplemented
    for kind in ("f4", "f8"):
        assert builtin(found.astype(kind)).tolist() == [4.0, 8.0]
    large = builtin(np.array([1e300, 1.0]))
    assert large is NotImplemented if dtype == "float32" else large.tolist() == [2e300, 2.0]
    assert builtin(np.array([np.inf, 1.0], "f4")).tolist() == [np.inf, 2.0]


@pytest.mark.parametrize(
    "place", ["value", "list", "tuple", "bytes", "dtype", "flags", "size", "order"]
)
def test_objects_that_lie_otherwise_are_noticed(
    place: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert objects.functions.__wrapped__() is not None
    monkeypatch.setitem(objects.LAYOUT, place, objects.LAYOUT[place] + 8)
    assert objects.functions.__wrapped__() is None


def test_without_what_is_known_the_function_in_python_does_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("tinygrad_nn.compiler.entries.making.functions", lambda: None)
    function = compile(value_and_grad(lambda x: x * x), backend="machine")
    for _ in range(6):
        assert function(3.0) == (9.0, 6.0)
    assert builtin_of(function._entries.all[0][0]) is None


def test_what_is_made_may_let_others_run() -> None:
    found = []
    function = compile(lambda x: [[v * i for v in x] for i in range(50)], backend="machine")
    numbers = [1.0] * 40
    for due in (NEVER, 0):
        function(numbers)
        function._latest.due = due
    expected = function(numbers)

    class Cycle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            found.append(function([2.0] * 40))

    threshold = gc.get_threshold()
    gc.set_threshold(3)
    try:
        for _ in range(200):
            Cycle()
            assert function(numbers) == expected
    finally:
        gc.set_threshold(*threshold)
    assert found
    assert all(one == [[2.0 * i] * 40 for i in range(50)] for one in found)


@pytest.mark.skipif(ASKED == "all", reason="all runs are of machine code")
def test_no_call_waits_for_one_after_numpy(monkeypatch: pytest.MonkeyPatch) -> None:
    def waits(*args: Any) -> Any:
        threads.append(threading.current_thread())
        assert go_on.wait(30)
        return made(*args)

    made, threads, go_on = builtin.builtin_of, list[threading.Thread](), threading.Event()
    monkeypatch.setattr(builtin, "builtin_of", waits)
    monkeypatch.setattr(work, "LOADING", 20.0)
    monkeypatch.setattr(work, "MAKING", 0.0)
    function = compile(value_and_grad(lambda x: x * x))
    while function.program is None or function.program.backend != "machine":
        assert function(3.0) == (9.0, 6.0)
    function._latest.due = 0
    assert function(3.0) == (9.0, 6.0)
    assert function(4.0) == (16.0, 8.0)
    first = function._entries.all[0][0]
    assert builtin_of(first) is None
    go_on.set()
    threads[0].join()
    assert threads[0] is not threading.current_thread()
    assert function(4.0) == (16.0, 8.0)
    latest = function._entries.all[0][0]
    assert latest is not first
    assert builtin_of(latest) is latest.builtin is not None
    assert type(function.__call__) is type(len)  # nothing of Python stands before it
