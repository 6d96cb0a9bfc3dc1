"""NumPy first, and machine code from a run on that the sizes of the program alone say."""

from __future__ import annotations

import math
import os
import pickle
import subprocess
import sys
import threading
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from machine_code import ASKED, untried
from recorded import traced

from tinygrad_nn import Value, compile, grad, load_program, tanh, value_and_grad
from tinygrad_nn.compiler.backends import auto, runner, work
from tinygrad_nn.compiler.backends.auto import AUTO
from tinygrad_nn.compiler.backends.choice import resumed
from tinygrad_nn.compiler.batched import Batched
from tinygrad_nn.compiler.function import Compiled
from tinygrad_nn.compiler.packages import arrived, package_of
from tinygrad_nn.compiler.trace.recorder import Argument
from tinygrad_nn.compiler.watch.watch import Watch

pytestmark = pytest.mark.skipif(ASKED == "all", reason="all runs are of machine code")
LATER = "numpy, and machine code later"
ONCE = 6  # the runs of NumPy, where making code takes as long as 3


def slopes(x: Any) -> Any:
    return sum(tanh(a) * b + a * a for a, b in pairwise(x))


def loss(w: Any, x: Any) -> Any:
    return tanh(sum(a * b for a, b in zip(w, x, strict=True))) ** 2


X = [math.sin(n) for n in range(9)]
WEIGHTS = [0.5, -1.0, 2.0]


@pytest.fixture
def soon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Making code takes as long as three runs."""
    for name in ("STATEMENT", "ALONE", "NUMBER", "PRODUCT", "MAKING"):
        monkeypatch.setattr(work, name, 0.0)
    monkeypatch.setattr(work, "LOADING", 3 * work.CALL)


@pytest.fixture
def llvm(soon: None) -> None:
    pytest.importorskip("llvmlite")


def backends(compiled: Any, *args: Any, runs: int = 10) -> list[str]:
    found = []
    for _ in range(runs):
        compiled(*args)
        found.append(compiled.program.backend)
    return found


@pytest.mark.usefixtures("llvm")
class TestWithLLVM:
    def test_the_same_runs_give_the_same_bits(self) -> None:
        results = []
        for _ in range(2):
            compiled = compile(value_and_grad(slopes))
            results.append([compiled(X) for _ in range(10)])
            assert compiled.program.backend == "machine"
        assert results[0] == results[1]
        by_numpy = compile(value_and_grad(slopes), backend="numpy")(X)
        by_code = compile(value_and_grad(slopes), backend="machine")(X)
        assert results[0] == [by_numpy] * ONCE + [by_code] * (10 - ONCE)

    def test_it_goes_over_at_a_run_of_that_number(self) -> None:
        assert backends(compile(grad(slopes)), X) == [LATER] * ONCE + ["machine"] * (10 - ONCE)

    def test_each_structure_counts_for_itself(self) -> None:
        compiled = compile(slopes)
        assert backends(compiled, X)[-1] == "machine"
        assert backends(compiled, X[:5])[:ONCE] == [LATER] * ONCE

    @pytest.mark.parametrize("cache", [1 << 20, 1])
    def test_batches_of_several_sizes(self, monkeypatch: pytest.MonkeyPatch, cache: int) -> None:
        monkeypatch.setattr(runner, "CACHE", cache)
        options: dict[str, Any] = {"batch": "x", "reduce": ("mean", None)}
        fast = compile(value_and_grad(loss), **options)
        slow = compile(value_and_grad(loss), **options, backend="numpy")
        rows = np.random.default_rng(0).normal(size=(200, 3))
        for run in range(12):
            x = rows[: (1, 200, 7, 64)[run % 4]]
            (value, by_w), (value_2, by_w_2) = fast(WEIGHTS, x), slow(WEIGHTS, x)
            assert value == pytest.approx(value_2, rel=1e-12)
            np.testing.assert_allclose(by_w, by_w_2, rtol=1e-11, atol=1e-15)
            assert fast.program.backend == (LATER if run < ONCE else "machine")

    def test_samples_are_work(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(work, "NUMBER", 1.0)
        compiled = compile(loss, batch="x")
        assert backends(compiled, WEIGHTS, np.ones((100, 3)), runs=2) == [LATER, "machine"]
        assert backends(compile(loss, batch="x"), WEIGHTS, np.ones((1, 3)), runs=2) == [LATER] * 2

    def test_copies_elsewhere_share_runs_and_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        made = []
        prepare = auto.prepare

        def counted(backend: Any, *rest: Any) -> Any:
            made.append(backend.name)
            return prepare(backend, *rest)

        monkeypatch.setattr(auto, "prepare", counted)
        arguments = [Argument("w", (list, 3), False), Argument("x", (list, 3), True)]
        trace = traced(lambda w, x: (loss(w, x), [a * a for a in w]), arguments, ("mean", None))
        batched = Batched(trace.recording, backend=AUTO)
        weights, results = np.array([WEIGHTS, WEIGHTS]), np.zeros((2, 1))
        sides = [batched.placed({0: weights[n]}, {0: results[n]}) for n in (0, 1)]
        rows = np.random.default_rng(0).normal(size=(3, 70))
        expected = np.mean(np.tanh(weights[0] @ rows) ** 2)
        for run in range(10):
            results[...] = 0.0
            sides[run % 2].run({}, {1: rows})
            assert results[run % 2, 0] == pytest.approx(expected, rel=1e-13)
            assert batched.program.backend == (LATER if run < ONCE else "machine")
        assert made == ["numpy"] * 2 + ["machine"]

    def test_many_threads_at_once(self) -> None:
        compiled = compile(value_and_grad(slopes))
        expected = compiled(X)
        found: list[Any] = []

        def call() -> None:
            found.extend([compiled(X) for _ in range(10)])

        threads = [threading.Thread(target=call) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(found) == 40
        for value, by_x in found:
            assert value == pytest.approx(expected[0], rel=1e-13)
            assert by_x == pytest.approx(expected[1], rel=1e-12)

    @pytest.mark.parametrize("runs", [4, 8])
    def test_what_is_pickled_goes_on_where_it_was(self, runs: int) -> None:
        compiled = compile(value_and_grad(slopes))
        for _ in range(runs):
            compiled(X)
        again = pickle.loads(pickle.dumps(compiled))
        assert [again(X) for _ in range(6)] == [compiled(X) for _ in range(6)]
        assert backends(again, X, runs=1) == ["machine"]
        twice = pickle.loads(pickle.dumps(pickle.loads(pickle.dumps(compiled))))  # as it came
        assert backends(twice, X, runs=1) == ["machine"]

    def test_so_does_a_graph(self) -> None:
        x = Value(2.0)
        graph = compile(x * x + 1.0, inputs=x)
        assert backends(graph, runs=7)[-1] == "machine"
        again = pickle.loads(pickle.dumps(graph))
        assert again.program.backend == "machine"
        assert again(3.0) == 10.0
        assert again.program.calls == 0

    def test_so_does_a_program_on_arrays(self) -> None:
        arguments = [Argument("w", (list, 3), False), Argument("x", (list, 3), True)]
        trace = traced(lambda w, x: (loss(w, x),), arguments, ("mean",))
        recorded = Batched(trace.recording, backend=AUTO), Watch(())
        rows = np.random.default_rng(0).normal(size=(3, 70))
        for runs in (4, 4):
            for _ in range(runs):
                recorded[0].run({0: np.array(WEIGHTS)}, {1: rows})
            found = arrived(package_of(recorded, (), "this"), (), "this")
            assert found is not None
            for _ in range(runs):
                results = [
                    one.run({0: np.array(WEIGHTS)}, {1: rows}) for one, _ in (found, recorded)
                ]
                assert results[0][0].tobytes() == results[1][0].tobytes()
            assert found[0].program.backend == recorded[0].program.backend

    def test_so_does_a_file(self, tmp_path: Path) -> None:
        pytest.importorskip("safetensors")
        compiled = compile(slopes)
        for name, runs in ((LATER, 2), ("machine", 8)):
            assert backends(compiled, X, runs=runs)[-1] == name
            compiled.program.save(tmp_path / "program")
            loaded = load_program(tmp_path / "program")
            assert loaded.program.backend == name
            assert pickle.loads(pickle.dumps(loaded)).program.backend == name
            assert loaded(X) == compiled(X)
            assert load_program(tmp_path / "program", backend="numpy").program.backend == "numpy"
        compile_numpy = compile(slopes, backend="numpy")
        compile_numpy(X)
        compile_numpy.program.save(tmp_path / "program")
        assert backends(load_program(tmp_path / "program"), X)[-1] == "numpy"

    def test_a_mistake_of_ours_is_told_and_numpy_goes_on(
        self, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        def broken(*_: Any) -> None:
            raise AssertionError("no such thing")

        monkeypatch.setattr("tinygrad_nn.compiler.backends.machine.lowered", broken)
        compiled = compile(slopes)
        expected = [compiled(X) for _ in range(ONCE)]
        with pytest.warns(RuntimeWarning, match="AssertionError: no such thing.*please report it"):
            assert compiled(X) == expected[0]
        assert [compiled(X) for _ in range(ONCE)] == expected
        assert compiled.program.backend.startswith("numpy, as its machine code could not be made")
        strict = compile(slopes)
        for _ in range(ONCE):
            strict(X)
        with pytest.raises(RuntimeWarning):
            strict(X)  # where warnings are errors, this once
        assert strict(X) == expected[0]

    def test_without_a_thread_a_call_makes_the_code(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(_: threading.Thread) -> None:
            raise RuntimeError("can't start new thread")

        monkeypatch.setattr(threading.Thread, "start", refused)
        assert backends(compile(slopes), X) == [LATER] * ONCE + ["machine"] * (10 - ONCE)

    def test_where_no_code_may_run(self, monkeypatch: pytest.MonkeyPatch) -> None:
        def refused(*_: Any) -> None:
            raise OSError("not permitted")

        monkeypatch.setattr("tinygrad_nn.compiler.backends.llvm.engine.Engine", refused)
        compiled = compile(slopes)
        with untried():
            assert len({compiled(X) for _ in range(10)}) == 1
        assert "not permitted" in compiled.program.backend


def test_without_llvmlite_nothing_is_begun(soon: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setattr(auto.threading, "Thread", None)
    with untried():
        found = backends(compile(slopes), X)
    assert found == ['numpy, as llvmlite is not installed: pip install "tinygrad-nn[machine]"'] * 10


def test_what_was_machine_code_is_numpy_where_that_is_missing(
    soon: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    compiled = Compiled(slopes, (), None, (), False, backend=resumed("machine"))
    with untried():
        assert compiled(X) == compile(slopes, backend="numpy")(X)
        assert "llvmlite" in compiled.program.backend
    again = pickle.loads(pickle.dumps(compiled))
    assert again._asked.backend.name == "machine"


def test_a_program_that_runs_a_few_times_costs_nothing() -> None:
    run(
        "import sys, threading",
        "for n in range(20): f(X)",
        "assert threading.active_count() == 1",
        "assert not any(name.startswith('llvmlite') for name in sys.modules)",
    )


@pytest.mark.usefixtures("llvm")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_copy_of_the_process_makes_code_of_its_own_and_either_may_end_meanwhile() -> None:
    run(
        "import os, time, warnings",
        "from tinygrad_nn.compiler.backends import work",
        "work.LOADING, work.MAKING = 20.0, 0.0",
        "warnings.simplefilter('ignore', DeprecationWarning)  # of forks beside threads",
        "while f.program is None or not f._latest.runner.tiers._thread: f(X)",
        "if os.fork() == 0:",
        "    for n in range(90): f(X)",
        "    assert f.program.backend == 'machine'",
        "    os._exit(0)",
        "assert os.wait()[1] == 0",
        "from tinygrad_nn.compiler.backends import auto",
        "g = compile(grad(f))",
        "g(X)",
        "auto.prepare = lambda *_: print('made' if not time.sleep(0.1) else '', flush=True)",
        "while not g._latest.runner.tiers._thread: g(X)",
        output="made",
    )


@pytest.mark.usefixtures("llvm")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no forks here")
def test_a_copy_of_the_process_waits_until_another_thread_has_made_machine_code() -> None:
    run(
        "import os, threading, warnings",
        "warnings.simplefilter('ignore', DeprecationWarning)  # of forks beside threads",
        "from tinygrad_nn.compiler.backends.guard import MAKING",
        "f = compile(f, backend='machine')",
        "f(X)",
        "made = threading.Event()",
        "def make():",
        "    with MAKING:",
        "        made.set()",
        "        threading.Event().wait(0.1)",
        "threading.Thread(target=make).start()",
        "made.wait()",
        "if os.fork() == 0:",
        "    os._exit(0 if MAKING.acquire(False) else 1)",
        "assert os.wait()[1] == 0",
    )


@pytest.mark.usefixtures("llvm")
@pytest.mark.skipif(sys.platform != "linux", reason="nobody can be asked for it")
def test_where_what_was_written_may_not_be_run_numpy_goes_on() -> None:
    run(
        "import ctypes",
        "if ctypes.CDLL(None).prctl(65, 1, 0, 0, 0): raise SystemExit",  # an older Linux
        "from tinygrad_nn.compiler.backends import work",
        "work.LOADING, work.MAKING = 20.0, 0.0",
        "assert len({f(X) for n in range(90)}) == 1",
        "assert 'no code can be made that runs here (Permission' in f.program.backend",
    )


def run(*lines: str, output: str = "") -> None:
    """Run lines in a process of their own, which writes no more than this."""
    first = (
        "from tinygrad_nn import compile, grad, tanh",
        "X = [0.1 * n for n in range(90)]",
        "f = compile(lambda x: sum(tanh(a) * b for a, b in zip(x, x[1:])))",
    )
    command = [sys.executable, "-c", "\n".join([*first, *lines])]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr, done.stdout.strip()) == (0, "", output)


@pytest.mark.usefixtures("llvm")
def test_what_is_settled_on_is_there_before_anyone_hears_of_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def watched(self: auto.Tiers, name: str, value: Any) -> None:
        if name == "is_settled" and value:
            seen.append(self.backend.name)
        object.__setattr__(self, name, value)

    seen: list[str] = []
    monkeypatch.setattr(auto.Tiers, "__setattr__", watched)
    backends(compile(slopes, backend="auto"), X)
    assert seen[-1] == "machine"
