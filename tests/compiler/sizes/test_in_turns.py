"""Functions with a long loop: what they are with few turns gives the program of all."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest

from tinygrad_nn import (
    Value,
    compile,
    grad,
    hessian,
    jacobian,
    lookup,
    lt,
    sin,
    value_and_grad,
    where,
)
from tinygrad_nn.compiler import planning
from tinygrad_nn.compiler.sizes import in_turns, recordings
from tinygrad_nn.compiler.sizes.functions import Found
from tinygrad_nn.compiler.sizes.source import Task

Function = Callable[..., Any]
TURNS = 90


@pytest.fixture(autouse=True)
def _low(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_turns, "LONG_LOOP", 0)
    monkeypatch.setattr(recordings, "SMALL", 100)


@pytest.fixture
def found(monkeypatch: pytest.MonkeyPatch) -> list[Found | None]:
    """What was found of each function that was asked for."""
    answers: list[Found | None] = []

    def asked(task: Task, why: recordings.Refusal) -> Found | None:
        answers.append(in_turns.found_in_turns(task, why))
        return answers[-1]

    monkeypatch.setattr(planning, "found_in_turns", asked)
    return answers


def logistic(r: Any, x: Any) -> Any:
    for _ in range(TURNS):
        x = r * x * (1.0 - x)
    return x


def heat(u: Any) -> Any:
    for _ in range(TURNS):
        u = [u[0], *(b + 0.1 * (a - 2 * b + c) for a, b, c in zip(u, u[1:], u[2:], strict=False))]
        u.append(u[-1] * 0.5)
    return sum(t * t for t in u)


def swing(p: Any) -> Any:
    """A pendulum, its way in small steps, of which a dict has what they start from."""
    angle, speed = p["angle"], p["speed"]
    for _ in range(TURNS):
        speed = speed - 0.05 * sin(angle) - 0.01 * abs(speed)
        angle = angle + 0.05 * speed
    return [angle, speed]


def bounded(x: Any) -> Any:
    """Choices of numbers are operations as others are."""
    for _ in range(TURNS):
        x = where(lt(x, 1.0), x * 1.1, x * 0.8)
    return x


def by_turn(x: Any, forces: Any) -> Any:
    for force in forces:
        x = 0.9 * sin(x) + force
    return x * x


def path(x: Any) -> Any:
    """Every turn gives a result."""
    found = []
    for _ in range(TURNS):
        x = 3.7 * x * (1.0 - x)
        found.append(x)
    return found


LOOPS: dict[str, tuple[Function, tuple[Any, ...]]] = {
    "value alone": (logistic, (3.7, 0.3)),
    "logistic": (value_and_grad(logistic), (3.7, 0.3)),
    "by both": (grad(logistic, (0, 1)), (3.7, 0.3)),
    "by name": (grad(logistic, "x"), (3.7, 0.3)),
    "heat": (value_and_grad(heat), ([0.1, 0.5, 0.2, 0.9, 0.4],)),
    "pendulum": (jacobian(swing), ({"angle": 0.7, "speed": 0.1},)),
    "choices": (value_and_grad(bounded), (0.3,)),
    "forces of each turn": (value_and_grad(by_turn), (0.5, [0.1, 0.2, 0.3] * (TURNS // 3))),
    "path": (path, (0.4,)),
}


@pytest.mark.parametrize("name", LOOPS)
def test_the_program_is_that_of_the_full_compile(name: str, found: list[Found | None]) -> None:
    function, args = LOOPS[name]
    program = compile(function)
    result = program(*args)
    assert found[0] is not None
    full = compile(function, sizes="fixed")
    assert result == full(*args)
    assert str(program).startswith(str(full).rstrip())
    assert len(str(program).splitlines()) < 60


def test_arguments_by_name_and_static_ones() -> None:
    def powers(x: Any, turns: int, *, by: Any) -> Any:
        for _ in range(turns):
            x = x * by + 0.5
        return x

    program = compile(grad(powers, ("x", "by")), static=["turns"])
    expected = grad(powers, ("x", "by"))(0.3, 120, by=0.9)
    assert program(0.3, 120, by=0.9) == pytest.approx(expected, rel=1e-14)


# ---- what is recorded in full ---------------------------------------------------------------------


def chosen_by_index(x: Any) -> Any:
    for _ in range(TURNS):
        x = x * 0.5 + lookup([0.1, 0.2], lt(x, 0.3))
    return x


def no_loop(x: Any) -> Any:
    terms = [x * float(n * n % 37) + float(n * n * n % 41) for n in range(60)]
    while len(terms) > 1:
        terms = [a * b for a, b in pairwise(terms)][::2]
    return terms[0]


outside = Value(0.25)


def with_weight(x: Any) -> Any:
    for _ in range(TURNS):
        x = x * outside + 0.5
    return x


def beside_a_weight(x: Any) -> Any:
    return logistic(3.1, x), outside


def twice(x: Any) -> Any:
    return hessian(lambda a: logistic(3.1, a))(x)


FULL: dict[str, tuple[Function, tuple[Any, ...]]] = {
    "derivatives by each turn": (value_and_grad(by_turn, (0, 1)), (0.5, [0.1] * TURNS)),
    "tables": (value_and_grad(chosen_by_index), (0.2,)),
    "no loop": (value_and_grad(no_loop), (0.2,)),
    "weights": (value_and_grad(with_weight), (0.2,)),
    "weights as they are": (beside_a_weight, (0.3,)),
    "second derivatives": (hessian(lambda x: logistic(3.1, x)), (0.3,)),
    "derivatives inside": (twice, (0.3,)),
}


@pytest.mark.parametrize("name", FULL)
def test_all_else_is_recorded_in_full(name: str, found: list[Found | None]) -> None:
    function, args = FULL[name]
    result = compile(function)(*args)
    assert not any(found)  # where they can be none nobody asks
    assert result == compile(function, sizes="fixed")(*args)


def test_weights_that_change_are_read_at_every_call() -> None:
    program = compile(with_weight)
    before = program(0.2)
    outside.data = 0.5
    try:
        assert program(0.2) != before
        assert program(0.2) == pytest.approx(with_weight(0.2).data, rel=1e-14)
    finally:
        outside.data = 0.25


def test_what_a_call_leaves_behind_is_refused_as_ever(found: list[Found | None]) -> None:
    seen: list[int] = []

    def counting(x: Any) -> Any:
        seen.append(len(seen))
        for _ in range(TURNS + len(seen)):
            x = x * 0.9 + 0.1
        return x

    with pytest.raises(Exception, match="seen"):
        compile(counting)(0.5)
    assert found == [None]
    assert seen == []


def test_a_program_that_is_not_proved_is_not_taken(
    monkeypatch: pytest.MonkeyPatch, found: list[Found | None]
) -> None:
    right = in_turns.of_few

    def one_turn_less(*args: Any) -> Any:
        recordings_, recording, turns = args
        return right(recordings_, recording, turns - 1)

    monkeypatch.setattr(in_turns, "of_few", one_turn_less)
    result = compile(value_and_grad(logistic))(3.7, 0.3)
    assert found == [None]
    assert result == compile(value_and_grad(logistic), sizes="fixed")(3.7, 0.3)


def test_a_function_that_goes_on_where_it_is_stopped_is_no_loop(found: list[Found | None]) -> None:
    def stubborn(x: Any) -> Any:
        for _ in range(2 * TURNS):
            try:
                x = x * outside
            except BaseException:
                x = x * 0.5
        return x

    result = compile(stubborn)(0.4)
    assert found == [None]
    assert result == pytest.approx(0.4 * 0.25 ** (2 * TURNS), rel=1e-14)
