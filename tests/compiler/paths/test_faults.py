"""Errors of ours while a path is recorded: they are told, and the function itself is called."""

from __future__ import annotations

import math
import warnings
from typing import Any

import pytest

from tinygrad_nn import compile, sin
from tinygrad_nn.compiler import plan
from tinygrad_nn.compiler.paths.faults import Faults, is_fault
from tinygrad_nn.compiler.paths.samples import Samples
from tinygrad_nn.compiler.trace import session
from tinygrad_nn.errors import FaultWarning, ProgramError, TraceError

TOLD = Faults.tell  # which tests replace, so that it raises


@pytest.fixture(autouse=True)
def told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Faults, "tell", TOLD)


def either(x: Any) -> Any:
    return sin(x) if x > 0 else x * 2.0


@pytest.fixture(params=["while it runs", "after it"])
def fault(request: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """Break what is asked of the function, or what makes programs."""
    if request.param == "after it":
        monkeypatch.setattr(plan, "compile_recording", None)
    else:
        monkeypatch.setattr(session, "MOST_QUESTIONS", None)


def test_it_is_told_once_and_results_are_the_functions(fault: Any) -> None:
    compiled = compile(either)
    with pytest.warns(FaultWarning, match=r"either is called .* TypeError: '") as found:
        assert compiled(1.0) == math.sin(1.0)
    assert len(found) == 1
    with warnings.catch_warnings():
        warnings.simplefilter("error", FaultWarning)
        assert compiled(-1.0) == -2.0
        assert compiled(0.5) == math.sin(0.5)


def test_it_is_told_of_samples(fault: Any) -> None:
    with pytest.warns(FaultWarning, match="TypeError"):
        assert compile(either, batch="x")([1.0, -1.0]) == [math.sin(1.0), -2.0]


def test_it_is_told_where_samples_are_parted(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = compile(either, batch="x")
    compiled([1.0, 2.0])
    monkeypatch.setattr(Samples, "_answers", None)
    with pytest.warns(FaultWarning, match="TypeError"):
        assert compiled([1.0, -1.0]) == [math.sin(1.0), -2.0]


def test_errors_of_the_users_stay_the_users() -> None:
    def of_a_table(x: Any) -> Any:
        return [1.0, 2.0][int(x)] * x if x > 0 else sin("one")  # sin is ours, and right to raise

    compiled = compile(of_a_table)
    many = compile(of_a_table, batch="x")
    assert compiled(1.5) == 3.0
    with pytest.raises(IndexError):
        compiled(5.0)
    with pytest.raises(TypeError):
        compiled(-1.0)
    with pytest.raises(IndexError):
        many([1.5, 5.0])


def test_what_symbols_cannot_is_no_fault() -> None:
    assert compile(math.floor)(2.5) == 2.0


def test_what_is_a_fault() -> None:
    assert is_fault(ProgramError("a rule"), True)
    assert is_fault(IndexError(), False)
    for error in (TraceError(), RecursionError(), KeyboardInterrupt()):
        assert not is_fault(error, False)
    assert not is_fault(IndexError(), True)
