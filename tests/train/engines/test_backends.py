"""Training on a backend that the user chooses."""

from __future__ import annotations

import pickle
import sys
from typing import Any

import pytest
from machine_code import ASKED, CODE, untried
from stepped import ROWS, TARGETS, compiled, state, stepped
from trained import line, numbers, quietly

from tinygrad_nn import nn
from tinygrad_nn.compiler.backends import joint, runner
from tinygrad_nn.compiler.batched import Ready
from tinygrad_nn.errors import ArgumentError, MissingExtraError

Y = TARGETS[nn.squared_error]


def test_a_backend_that_nobody_knows() -> None:
    with pytest.raises(ArgumentError, match=r"backend is 'cuda'.*'machine'"):
        line(backend="cuda")


def test_one_number_at_a_time_is_no_machine_code() -> None:
    with pytest.raises(ArgumentError, match="backend is 'machine' and engine is 'eager'"):
        line(backend="machine", engine="eager")
    assert line(backend="auto", engine="eager").step([[1.0]], [3.0]) == 4.0


@pytest.mark.skipif(bool(CODE), reason="machine code computes every program")
def test_without_llvmlite(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "llvmlite", None)
    monkeypatch.setitem(sys.modules, "llvmlite.binding", None)
    with untried():
        with pytest.raises(MissingExtraError, match=r'pip install "tinygrad-nn\[machine\]"'):
            line(backend="machine")
        trainer = compiled(backend="numpy")
        trainer.backend = "machine"  # as of one that comes from elsewhere
        again = pickle.loads(pickle.dumps(trainer))
        assert again.step(ROWS, Y) == trainer.step(ROWS, Y)
        assert again.backend == "machine"
        assert "numpy, as llvmlite is not installed" in again.program.backend


def test_a_training_that_was_pickled_before_there_were_backends() -> None:
    trainer = stepped()
    again = pickle.loads(pickle.dumps(trainer))
    del again.backend
    assert pickle.loads(pickle.dumps(again)).step(ROWS, Y) == trainer.step(ROWS, Y)


class TestWithLLVM:
    @pytest.fixture(autouse=True)
    def llvm(self) -> None:
        pytest.importorskip("llvmlite")

    def test_all_programs_are_machine_code(self) -> None:
        trainer, other = compiled(backend="machine"), compiled(backend="numpy", engine="compiled")
        for one in (trainer, other):
            quietly(one, 3, X=ROWS, y=Y, validation=(ROWS, Y))
        programs = [*trainer.program.programs]
        engine = trainer._engine
        programs += [engine._forward.program, engine._loss[0].program]  # type: ignore[union-attr]
        assert [program.backend for program in programs] == ["machine"] * 4
        assert (trainer.program.backend, other.program.backend) == ("machine", "numpy")
        assert numbers(trainer) == pytest.approx(numbers(other), rel=1e-12)

    def test_programs_that_are_carried_are_machine_code_again(self) -> None:
        trainer = stepped(backend="machine")
        again = pickle.loads(pickle.dumps(trainer))
        assert again.backend == "machine"
        assert again.step(ROWS, Y) == trainer.step(ROWS, Y)
        assert state(again) == state(trainer)
        assert again.program.backend == "machine"

    @pytest.mark.parametrize("dtype", ["float64", "float32"])
    @pytest.mark.parametrize("long", [0.0, 1e9])
    def test_a_step_is_one_call(
        self, dtype: str, long: float, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(runner, "LONG", long)
        monkeypatch.setattr(joint, "LONG", long)
        trainer, other = (stepped(backend="machine", dtype=dtype) for _ in "ab")

        def refused(*_: Any) -> None:
            raise AssertionError("not in one call")

        with monkeypatch.context() as patch:
            patch.setattr(Ready, "run", refused)
            costs = [trainer.step(ROWS[:4], Y[:4]) for _ in range(2)]
        patched = [other.step(ROWS[:4].astype(">f8"), Y[:4]) for _ in range(2)]
        assert costs == patched
        trainer.fit(ROWS, Y, 2, progress=False)
        other.fit(ROWS.tolist(), Y, 2, progress=False)
        assert state(trainer) == state(other)

    @pytest.mark.skipif(ASKED == "all", reason="all runs are of machine code")
    def test_steps_go_over_to_machine_code(
        self, runs_on: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        if runs_on == "machine":
            pytest.skip("these tests take it from the beginning")
        monkeypatch.setattr("tinygrad_nn.compiler.backends.work.LOADING", 0.0)
        monkeypatch.setattr("tinygrad_nn.compiler.backends.work.MAKING", 5.0)
        trainer = compiled(backend="auto", batch_size=None)
        others = [compiled(backend=name, batch_size=None) for name in ("numpy", "machine")]
        met = []
        again = trainer
        for step in range(60):
            if step == 8:  # a copy goes over at the same step
                assert trainer.program.backend.startswith("numpy")
                again = pickle.loads(pickle.dumps(trainer))
            part = slice(step % 3, 11)  # several sizes
            costs = [one.step(ROWS[part], Y[part]) for one in (trainer, *others)]
            assert costs == pytest.approx(costs[:1] * 3, rel=1e-10)
            met.append(trainer.program.backend)
            assert again is trainer or again.step(ROWS[part], Y[part]) == costs[0]
        assert list(dict.fromkeys(met))[-1] == "machine" != met[0]
        again = pickle.loads(pickle.dumps(trainer))
        assert [again.step(ROWS, Y) for _ in range(3)] == [trainer.step(ROWS, Y) for _ in range(3)]
        assert again.program.backend == "machine"
