"""The built-in function of a training's step: all of it but what comes seldom, in one call.

A step leads from one side to the other, and the next one back. What is otherwise than expected is
left to Python: nothing has been done then that it cannot do again.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from ..backends.joint import WORDS_OF_GIVEN, Job
from ..program.program import Floats, Ints
from ..watch.checks import Check
from . import words
from .lines import Lines
from .making import Builtin, made, new_lines

__all__ = ["Begin", "Settings", "stepping"]

WORDS_OF_KERNEL = 6
RATE, COST, PENALTY, GIVEN = range(4)  # places in the table of a side
KERNELS = GIVEN + 2 * WORDS_OF_GIVEN


class Begin(NamedTuple):
    """Where a step begins: its job, where it reads rate and number, and where its costs are."""

    job: Job
    rate: Floats
    costs: Sequence[Floats]


class Settings(NamedTuple):
    """Where a step finds the learning rate, and the number of steps that it counts."""

    space: dict[str, Any]
    rate: str
    steps: str


def stepping(
    begins: Sequence[Begin],
    told: words.Words,
    given: Sequence[Any],
    settings: Settings,
    checks: Sequence[Check],
) -> Builtin | None:
    """Make it for two sides: a function of what is given, and then rows and targets.

    It gives the cost, or NotImplemented. None where there is no such function.
    """
    lines = new_lines()
    if lines is None:
        return None
    lines.line("%busy = alloca i64")
    lines.line("%number = alloca double")
    lines.need(lines.let(f"icmp eq i64 %nargs, {len(given) + 2}"))
    lines.need(lines.let("icmp eq ptr %names, null"))
    for place, thing in enumerate(given):
        known = lines.thing(thing)
        lines.need(lines.let(f"icmp eq ptr {lines.at('%args', place)}, {known}"))
    state = lines.numbers(told.array)
    ready = lines.at(state, words.READY, "i64")
    lines.need(lines.let(f"icmp eq i64 {ready}, 1"))
    following = _number_of_step(lines, state, settings)
    lines.holds(checks, ())
    side = lines.at(state, words.SIDE, "i64")
    tables = [_table(begin) for begin in begins]
    starts = lines.numbers([table.ctypes.data for table in tables])
    start = lines.let(f"getelementptr ptr, ptr {starts}, i64 {side}")
    step = lines.let(f"load ptr, ptr {start}")
    _take(lines, step, state, len(given))
    _run(lines, step, lines.at(state, words.RATE, "i64"), following)
    result = _result(lines, step, len(begins[0].costs) > 1, settings, following)
    lines.put(lines.let(f"xor i64 {side}, 1"), state, words.SIDE)
    lines.put("1", state, words.MADE)
    lines.line(f"ret ptr {result}")
    lines.label("no")
    lines.give(NotImplemented)
    return made(lines, (tables, begins, told))


def _table(begin: Begin) -> Ints:
    """Write down what is other for the other side: three addresses, two arrays, two kernels."""
    costs = [cost.ctypes.data for cost in begin.costs]
    found = [begin.rate.ctypes.data, *costs, *[0] * (2 - len(costs))]
    for given in begin.job.given:
        found += given.words()
    for kernel, (said, count) in zip(begin.job.kernels, begin.job.counts, strict=True):
        bits = int(np.array(count).view(np.int64))
        found += [kernel.whole, kernel.table, kernel.samples, kernel.row, said.ctypes.data, bits]
    return np.array(found, np.int64)


def _number_of_step(lines: Lines, state: str, settings: Settings) -> str:
    """Go on only with the learning rate that is known; give the number of this step."""
    space, get = lines.thing(settings.space), lines.function("PyDict_GetItem")
    rate = lines.let(f"call ptr {get}(ptr {space}, ptr {lines.thing(settings.rate)})")
    lines.need(lines.let(f"icmp eq ptr {rate}, {lines.at(state, words.LR)}"))
    steps = lines.let(f"call ptr {get}(ptr {space}, ptr {lines.thing(settings.steps)})")
    lines.need(lines.let(f"icmp ne ptr {steps}, null"))
    lines.need(lines.let(f"icmp eq ptr {lines.part(steps, 'type')}, {lines.thing(int)}"))
    lines.need(lines.helper("number", f"ptr {steps}, ptr %number, ptr %t"))
    return lines.let(f"fadd double {lines.let('load double, ptr %number')}, 1.0")


def _take(lines: Lines, step: str, state: str, place: int) -> None:
    """Take rows and targets, if the loss is known to take these."""
    things = [lines.at("%args", place + n) for n in range(2)]
    fields = [lines.let(f"getelementptr i64, ptr {step}, i64 {GIVEN}")]
    fields.append(lines.let(f"getelementptr i64, ptr {fields[0]}, i64 {WORDS_OF_GIVEN}"))
    for thing, field, known in zip(things, fields, (False, True), strict=True):
        target, row, samples, size, axes = [
            lines.at(field, n, kind) for n, kind in enumerate(["ptr", *["i64"] * 4])
        ]
        shape = lines.let(f"getelementptr i64, ptr {field}, i64 2")
        axes = lines.let(f"trunc i64 {axes} to i32")
        form = f"ptr {thing}, i32 {axes}, ptr {shape}"
        if known:
            lines.need(lines.helper("is_array", f"{form}, ptr %t"))
            dtype = lines.part(thing, "dtype")
            lines.need(lines.let(f"icmp eq ptr {dtype}, {lines.at(state, words.DTYPE)}"))
            data, some = lines.part(thing, "data"), lines.let(f"mul i64 {samples}, {size}")
            latest = (
                f"ptr {lines.at(state, words.TARGETS)}, i64 {lines.at(state, words.COUNT, 'i64')}"
            )
            bits = f"i64 {lines.at(state, words.FIRST, 'i64')}, i64 {lines.at(state, words.MASK, 'i64')}"
            lines.need(lines.helper("knows", f"ptr {data}, i64 {some}, {latest}, {bits}"))
        to = f"ptr {target}, i64 {samples}, i64 {size}, i64 {row}"
        found = lines.helper("taken", f"{form}, {to}, ptr %t", "i64")
        lines.need(lines.let(f"icmp eq i64 {found}, 0"))


def _run(lines: Lines, step: str, rate: str, following: str) -> None:
    """Run the kernels, where memory says as many samples, and go on if all is finite."""
    to = lines.at(step, RATE)
    lines.put(rate, to, 0)
    lines.put(following, to, 1, "double")
    found = "0"
    for place in range(KERNELS, KERNELS + 2 * WORDS_OF_KERNEL, WORDS_OF_KERNEL):
        said = lines.at(lines.at(step, place + 4), 0, "i64")
        lines.need(lines.let(f"icmp eq i64 {said}, {lines.at(step, place + 5, 'i64')}"))
        function, table = (lines.at(step, place + n) for n in range(2))
        sizes = ", ".join(f"i64 {lines.at(step, place + n, 'i64')}" for n in (2, 3))
        fault = lines.let(f"call i64 {function}(ptr {table}, {sizes})")
        found = lines.let(f"or i64 {found}, {fault}")
    lines.need(lines.let(f"icmp eq i64 {found}, 0"))


def _result(lines: Lines, step: str, has_penalty: bool, settings: Settings, number: str) -> str:
    """Make the cost, and count the step."""
    cost = lines.at(lines.at(step, COST), 0, "double")
    if has_penalty:
        cost = lines.let(f"fadd double {cost}, {lines.at(lines.at(step, PENALTY), 0, 'double')}")
    result = lines.new(f"{lines.function('PyFloat_FromDouble')}(double {cost})")
    count = lines.new(f"{lines.function('PyLong_FromDouble')}(double {number})")
    pair = f"ptr {lines.thing(settings.space)}, ptr {lines.thing(settings.steps)}, ptr {count}"
    failed = lines.let(f"call i32 {lines.function('PyDict_SetItem')}({pair})")
    lines.check(lines.let(f"icmp eq i32 {failed}, 0"))
    lines.line(f"call void {lines.function('Py_DecRef')}(ptr {count})")
    return result
