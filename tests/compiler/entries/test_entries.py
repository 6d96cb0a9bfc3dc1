"""Entries: whatever they take, they compute what the general way computes."""

from __future__ import annotations

import gc
import random
import signal
import sys
import threading
import warnings
import weakref
from typing import Any

import numpy as np
import pytest
from entered import CASES, NEVER, builtin_of, changed_call, described, outcome
from machine_code import ASKED

from tinygrad_nn import Value, compile, custom, grad, tanh, value_and_grad
from tinygrad_nn.compiler.entries.entries import Entries
from tinygrad_nn.compiler.function import Compiled
from tinygrad_nn.compiler.plan import Plan

RUNS = 60  # changed calls of each case


BACKENDS = ["numpy", *(["machine"] if ASKED else [])]


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("name", CASES)
def test_what_an_entry_takes_it_computes_as_the_general_way(name: str, backend: str) -> None:
    case = CASES[name]
    entered, general = case.compiled(backend=backend)
    ((entry, _, _),) = entered._entries.all
    expected = described(general(*case.args, **case.kwargs))
    generator = random.Random(name)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for _ in range(RUNS):
            args, kwargs = changed_call(case, generator)
            found = outcome(entry.call, args, kwargs)
            if found != described(NotImplemented):
                assert found == outcome(general, *args, **kwargs), (args, kwargs)
            assert described(entry.call(case.args, case.kwargs)) == expected


@pytest.mark.parametrize(
    "args",
    [
        *([1, 2.0], [1.0, True]),
        *([1.0, float("nan")], [1.0, float("inf")]),
    ],
)
def test_numbers_of_pythons_are_taken(args: list[Any]) -> None:
    function = entered(lambda x, y: x * y, 1.0, 2.0)
    ((entry, _, _),) = function._entries.all
    is_taken = all(type(x) in (int, float) for x in args)
    assert (entry.call(tuple(args), {}) is not NotImplemented) == is_taken


@pytest.mark.parametrize("kind", ["?", "i1", "u8", "f2", "f4", ">f8", ">i4"])
def test_arrays_of_real_numbers_are_taken(kind: str) -> None:
    numbers = np.arange(6.0).reshape(2, 3)
    function = entered(lambda x: x * 2.0, numbers)
    ((entry, _, _),) = function._entries.all
    given = numbers.astype(kind)
    np.testing.assert_array_equal(entry.call((given,), {}), given.astype(float) * 2.0)
    wide = np.repeat(given, 2, 1)[::-1, ::2]
    np.testing.assert_array_equal(entry.call((wide,), {}), wide.astype(float) * 2.0)


def entered(function: Any, *args: Any, **options: Any) -> Compiled:
    """Compile a function, and let it have an entry."""
    compiled = compile(function, **options)
    for due in (NEVER, 0):
        compiled(*args)
        compiled._latest.due = due
    compiled(*args)
    assert len(compiled._entries.all) == 1
    return compiled


def test_a_call_that_comes_again_has_an_entry_soon() -> None:
    function = compile(lambda x: x * 2.0)
    for _ in range(10):
        function(1.0)
    assert len(function._entries.all) == 1
    assert function._latest.asked < 10


def test_calls_that_no_entry_takes_have_none() -> None:
    function = compile(lambda x: x * 2.0)
    for _ in range(40):
        assert function(np.float64(1.5)) == 3.0
    assert not function._entries.all


def test_structures_have_entries_of_their_own() -> None:
    function = compile(lambda x: sum(x))
    for _ in range(8):
        for size in (2, 3, 2):
            assert function([1.0] * size) == size
            assert function.program is function._plans[(list, size),][0].program
    assert len(function._entries.all) == 2


def test_batches_of_two_sizes_have_entries_of_their_own() -> None:
    function = compile(lambda x: x * x, batch="x", reduce="mean")
    for _ in range(40):
        for size in (4, 3):
            assert function(np.full(size, 2.0)) == 4.0
    assert len(function._entries.all) == 2
    assert function._latest.asked < 40
    with pytest.raises(Exception, match="no samples"):
        compile(lambda x: x, batch="x")([])


factor = 2.0


def test_what_changes_outside_is_seen() -> None:
    global factor
    function = entered(lambda x: x * factor, 3.0)
    assert function(3.0) == 6.0
    try:
        factor = 5.0
        assert function(3.0) == 15.0
        del factor
        with pytest.raises(NameError):
            function(3.0)
    finally:
        factor = 2.0
    assert function(3.0) == 6.0


def test_values_from_elsewhere_are_read_and_count() -> None:
    weight = Value(2.0)
    function = entered(lambda x: x * weight, 3.0)
    assert function(3.0) == 6.0
    weight.data = 4.0
    assert function(3.0) == 12.0
    assert grad(lambda x: function(3.0) * x)(1.0) == 12.0
    assert function(Value(3.0)).data == 12.0
    outer = compile(lambda x: function(2.0) * x)
    assert outer(1.0) == 8.0
    weight.data = 1.0
    assert outer(1.0) == 2.0


def test_what_is_called_while_another_is_recorded_is_watched_with_it() -> None:
    global factor
    inner = entered(lambda x: x * factor, 3.0)
    outer = entered(lambda x: inner(3.0) + x, 1.0)
    try:
        factor = 10.0
        assert outer(1.0) == 31.0
    finally:
        factor = 2.0
    assert outer(1.0) == 7.0


def test_an_operation_may_call_the_function_that_it_is_part_of() -> None:
    def halved(x: float) -> float:
        return x if x < 1.0 else function(x / 2.0)

    row = custom(halved, lambda x, z: 1.0)
    function = entered(lambda x: row(x) + 0.0, 0.5)
    assert function(12.0) == 0.75


def test_an_operation_reads_the_variables_of_its_context() -> None:
    import decimal

    row = custom(lambda x: float(decimal.Decimal(1) / decimal.Decimal(x)), lambda x, z: 0.0)
    function = entered(lambda x: row(x) + 0.0, 3.0)
    with decimal.localcontext() as context:
        context.prec = 3
        assert function(3.0) == 0.333


def test_numpy_warns_of_nothing_inside_and_as_before_outside() -> None:
    function = entered(lambda x: [tanh(v) / v for v in x], np.ones(50))
    with np.errstate(all="raise"):
        assert np.isnan(function(np.zeros(50))).all()
        with pytest.raises(FloatingPointError):
            np.ones(1) / np.zeros(1)


@pytest.mark.skipif(not hasattr(signal, "setitimer"), reason="there are no timers")
def test_a_signal_may_call_the_function_that_it_interrupts() -> None:
    function = entered(value_and_grad(lambda x: sum(v * v for v in x)), [1.0] * 50)
    expected = {n: described(function([n] * 50)) for n in (1.0, 2.0)}
    found: list[Any] = []
    before = signal.signal(signal.SIGALRM, lambda *_: found.append(function([2.0] * 50)))
    try:
        for due in range(100):
            signal.setitimer(signal.ITIMER_REAL, 1e-6 * (1 + due))
            while len(found) == due:
                assert described(function([1.0] * 50)) == expected[1.0]
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
    assert all(described(result) == expected[2.0] for result in found)


def test_threads_do_not_mix_their_numbers() -> None:
    function = entered(lambda x: [v * 2.0 for v in x], [1.0] * 200)
    wrong: list[Any] = []

    def work(number: float) -> None:
        for _ in range(200):
            result = function([number] * 200)
            if result != [2.0 * number] * 200:
                wrong.append(result)

    threads = [threading.Thread(target=work, args=(float(n),)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_function_with_an_entry_goes_when_nobody_has_it() -> None:
    function = entered(lambda x: x * x, 3.0)
    plan = weakref.ref(function._latest)
    del function
    gc.collect()
    assert plan() is None


def test_long_and_deep_structures() -> None:
    many = {str(i): [float(i), (float(i),)] for i in range(500)}
    function = compile(lambda d: {n: [2.0 * v[0], v[1]] for n, v in d.items()})
    for _ in range(6):  # too long for an entry
        assert function(many)["7"] == [14.0, (7.0,)]
    assert not function._entries.all
    deep: Any = 1.0
    for _ in range(30):
        deep = [deep, (2.0,)]
    function = entered(lambda d: d, deep)
    assert function(deep) == deep


@pytest.mark.skipif(
    ASKED in ("", "all"), reason="it begins with NumPy, and goes on in machine code"
)
def test_entries_are_made_anew_where_other_code_takes_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for name in ("LOADING", "MAKING"):
        monkeypatch.setattr(f"tinygrad_nn.compiler.backends.work.{name}", 5.0)
    x = np.linspace(0.0, 1.0, 300)
    one, other = [compile(value_and_grad(lambda x: sum(tanh(v) for v in x))) for _ in "ab"]
    for function in (one, other):
        function(x)
        function._latest.due = NEVER
    one._latest.due = 0
    names = []
    for _ in range(40):
        assert described(one(x)) == described(other(x))
        names += [function._latest.runner.backend.name for function in (one, other)]
    assert names[0] == names[1] == "numpy"
    assert names[::2] == names[1::2]
    assert one._latest.runner.is_settled
    assert names[-1] == "machine"
    for thread in threading.enumerate():
        if thread.name == "machine code":
            thread.join()
    for _ in range(6):
        assert described(one(x)) == described(other(x))
    assert len(one._entries.all) == 1
    assert builtin_of(one._entries.all[0][0]) is not None


@pytest.mark.parametrize("backend", BACKENDS)
def test_the_first_calls_may_come_from_many_threads(backend: str) -> None:
    def call() -> None:
        for n in range(30):
            size = 5 + n % 3
            found = f([0.5 * n] * size)
            if found != size * (0.5 * n) ** 2:
                wrong.append((n, found))

    wrong: list[Any] = []
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        for _ in range(4):
            f = compile(lambda x: sum(a * a for a in x), backend=backend)
            threads = [threading.Thread(target=call) for _ in range(6)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert wrong == []


def test_no_entry_is_made_while_another_thread_makes_memory() -> None:
    f = compile(lambda x: x * x)
    f(3.0)
    plan = f._latest
    plan.asked = plan.due
    entries = Entries()
    with plan.lock:
        thread = threading.Thread(target=meet, args=(entries, plan))
        thread.start()
        thread.join()
        assert not entries.all
    plan.asked = plan.due
    meet(entries, plan)
    assert len(entries.all) == 1


def meet(entries: Entries, plan: Plan) -> None:
    entries.meet(plan, (0,), (3.0,), {}, [[3.0]])
