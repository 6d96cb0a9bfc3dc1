"""What built-in entries look at outside: each kind of fact, as it is and as it was."""

from __future__ import annotations

from collections.abc import Callable
from types import CellType
from typing import Any

import pytest
from machine_code import ASKED

from tinygrad_nn import compile
from tinygrad_nn.compiler.watch.facts import MISSING, Asked, Content, Given, HasSize, Item, Parts

pytestmark = pytest.mark.skipif(not ASKED, reason="machine code is not asked for")

SPACE = {"name": 3.0}
THINGS = [1.0, "two"]
CELL = CellType(2.5)


def one(x: float, factor: float = 2.0) -> float:
    return x * factor


def other(x: float, factor: float = 3.0) -> float:
    return x * factor


def answer() -> bool:
    return not SPACE.get("no", False)


def change(code: Any) -> None:
    one.__code__ = code


def cell_to(value: float) -> None:
    CELL.cell_contents = value


CASES: dict[str, tuple[Any, Callable[[], Any], Callable[[], Any]]] = {
    "item": (
        Item(SPACE, "name", SPACE["name"]),
        lambda: SPACE.update(name=4.0),
        lambda: SPACE.update(name=3.0),
    ),
    "missing": (
        Item(SPACE, "more", MISSING),
        lambda: SPACE.update(more=1.0),
        lambda: SPACE.pop("more"),
    ),
    "size": (HasSize(SPACE, 1), lambda: SPACE.update(more=1.0), lambda: SPACE.pop("more")),
    "parts": (
        Parts(THINGS, tuple(THINGS)),
        lambda: THINGS.__setitem__(1, "three"),
        lambda: THINGS.__setitem__(1, "two"),
    ),
    "more parts": (
        Parts(THINGS, tuple(THINGS)),
        lambda: THINGS.append(1.0),
        lambda: THINGS.pop(),
    ),
    "code": (
        Given(one, "__code__", one.__code__, False),
        lambda: change(other.__code__),
        lambda: change(ORIGINAL),
    ),
    "cell": (Content(CELL, CELL.cell_contents), lambda: cell_to(9.5), lambda: cell_to(2.5)),
    "asked": (
        Asked(answer),
        lambda: SPACE.update(no=True),
        lambda: SPACE.pop("no"),
    ),
}
ORIGINAL = one.__code__


def as_text(fact: Any) -> Callable[[], bool]:
    bound: dict[str, Any] = {}

    def bind(thing: Any) -> str:
        bound[f"v{len(bound)}"] = thing
        return f"v{len(bound) - 1}"

    text = fact.text(bind)
    return lambda: bool(eval(text, bound))


def as_code(fact: Any) -> Callable[[], bool]:
    from tinygrad_nn.compiler.entries.making import made, new_lines

    lines = new_lines()
    assert lines is not None
    lines.line("%busy = alloca i64")
    lines.holds([], [fact])
    lines.give(True)
    lines.label("no")
    lines.give(False)
    return made(lines, None)


@pytest.mark.parametrize("write", [as_text, as_code])
@pytest.mark.parametrize("name", CASES)
def test_each_fact_is_seen_to_change_and_to_hold_again(
    name: str, write: Callable[[Any], Callable[[], bool]]
) -> None:
    fact, change, restore = CASES[name]
    holds = write(fact)
    assert holds() is True
    try:
        change()
        assert holds() is False
    finally:
        restore()
    assert holds() is True


def test_a_question_that_fails_is_answered_with_no() -> None:
    def fails() -> bool:
        raise ValueError

    assert as_code(Asked(fails))() is False


class Scale:
    factor = 2.0

    def __call__(self, x: float) -> float:
        return x * self.factor * SPACE["name"]


def test_a_built_in_entry_looks_by_itself() -> None:
    scale = Scale()
    function = compile(scale, backend="machine")
    for _ in range(8):
        assert function(5.0) == 30.0
    (builtin,) = [entry.builtin for entry, _, _ in function._entries.all]
    assert builtin(5.0) == 30.0
    assert builtin(x=5.0) is NotImplemented
    for place, name, value, expected in (
        (vars(scale), "factor", 4.0, 60.0),
        (SPACE, "name", 1.0, 10.0),
    ):
        before = dict(place)
        place[name] = value
        assert builtin(5.0) is NotImplemented
        assert function(5.0) == expected
        place.clear()
        place.update(before)
    Scale.factor = 3.0
    assert builtin(5.0) is NotImplemented
    assert function(5.0) == 45.0
    Scale.factor = 2.0
