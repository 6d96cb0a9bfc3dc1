"""Recurrences of many turns: the program is that of all turns, from what few of them give."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from tinygrad_nn import compile, value_and_grad
from tinygrad_nn.compiler.program.program import Program, Role
from tinygrad_nn.compiler.roll.roll import compile_tape
from tinygrad_nn.compiler.sizes import turns
from tinygrad_nn.compiler.tape.recording import Recording
from tinygrad_nn.compiler.tape.turns import Turns, turns_of
from tinygrad_nn.compiler.trace.recorder import Argument
from tinygrad_nn.compiler.trace.structure import describe
from tinygrad_nn.compiler.trace.tracing import record, reduced

Function = Callable[..., Any]


def recording_of(function: Function, *args: Any) -> Recording:
    arguments = [Argument(f"x{n}", describe(arg, [], ""), False) for n, arg in enumerate(args)]

    def call(nested: list[Any]) -> Any:
        return function(*nested)

    recording = reduced(record("function", arguments, call), None, call).recording
    assert recording is not None
    return recording


def logistic(turns: int) -> Function:
    def last(r: Any, x: Any) -> Any:
        for _ in range(turns):
            x = r * x * (1.0 - x)
        return x

    return value_and_grad(last)


def babylonian(turns: int) -> Function:
    def root(a: Any) -> Any:
        x = a
        for _ in range(turns):
            x = (x + a / x) / 2.0
        return x

    return value_and_grad(root)


def predators(turns: int) -> Function:
    def path(p: Any) -> Any:
        x, y = p[2], p[3]
        for _ in range(turns):
            x, y = x + p[0] * x - x * y, y + x * y - p[1] * y
        return x * y

    return value_and_grad(path)


def is_same(one: Program, other: Program) -> bool:
    return (
        one.statements == other.statements
        and one.arrays == other.arrays
        and (one.results, one.pieces) == (other.results, other.pieces)
        and [t.tolist() for t in one.tables] == [t.tolist() for t in other.tables]
        and {n: c.tolist() for n, c in one.constants.items()}
        == {n: c.tolist() for n, c in other.constants.items()}
    )


@pytest.fixture(autouse=True)
def _low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turns, "LONG_TAPE", 0)


@pytest.mark.parametrize(
    ("make", "args"),
    [
        (logistic, (3.7, 0.3)),
        (babylonian, (2.0,)),
        (predators, ([0.1, 0.2, 1.0, 0.5],)),
    ],
)
def test_the_program_is_that_of_the_full_compile(
    make: Callable[[int], Function], args: tuple[Any, ...], monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = recording_of(make(72), *args)
    full = compile_tape(recording)
    counts: list[int] = []

    def counted(self: Turns, count: int) -> Recording:
        counts.append(count)
        return shortened(self, count)

    shortened = Turns.shortened
    monkeypatch.setattr(Turns, "shortened", counted)
    found = turns.compile_recording(recording)
    assert is_same(found, full)
    assert counts
    assert max(counts) < 12


def test_a_program_that_is_not_proved_is_not_taken(monkeypatch: pytest.MonkeyPatch) -> None:
    recording = recording_of(logistic(90), 3.7, 0.3)
    right = turns._of_turns

    def wrong(found: Turns) -> Program:
        program = right(found)
        number, array = next(
            (n, a) for n, a in enumerate(program.arrays) if a.role is Role.INNER and a.size > 60
        )
        arrays = [*program.arrays]
        arrays[number] = replace(array, size=array.size + 1)
        results = [replace(program.results[0], where=program.results[1].where)]
        return replace(program, arrays=arrays, results=[*results, *program.results[1:]])

    monkeypatch.setattr(turns, "_of_turns", wrong)
    assert is_same(turns.compile_recording(recording), compile_tape(recording))


def odd_counts(turns: int) -> Function:
    """What depends on the count is no shorter loop's: it is read from the midst."""

    def picked(r: Any) -> Any:
        x, half = 0.3 * r, 0.0 * r
        for turn in range(turns):
            x = r * x * (1.0 - x)
            half = x if turn == turns // 2 else half
        return x * half

    return picked


def test_what_is_no_turn_of_a_loop_is_compiled_in_full() -> None:
    recording = recording_of(odd_counts(90), 3.7)
    assert turns_of(recording) is None
    assert is_same(turns.compile_recording(recording), compile_tape(recording))


def test_it_computes_what_the_loop_computes() -> None:
    r, x, slope = 2.9, 0.3, 0.0
    value, by = compile(logistic(400))(r, x)
    for _ in range(400):
        x, slope = r * x * (1.0 - x), x * (1.0 - x) + r * (1.0 - 2.0 * x) * slope
    assert value == pytest.approx(x, rel=1e-12)
    assert by == pytest.approx(slope, rel=1e-9)
