"""The built-in function of one structure of arguments: machine code from objects to objects.

It knows the objects of CPython and NumPy, and holds the lock of the interpreter throughout. For
everything unexpected it returns NotImplemented, and the function written in Python does the call.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from ...tree import Key, size_of
from ..backends.backend import Kernel
from ..backends.bound import Bound
from ..backends.llvm import reals
from ..backends.looks import NO_PLACE, NOT_FINITE
from ..backends.memory import Memory
from ..plan import Plan
from ..program.program import Role, number_of
from ..watch import observer as watching
from ..watch.facts import Item
from .guards import guards_of
from .lines import Lines
from .making import Builtin, made, new_lines
from .nesting import Nester
from .objects import address_of
from .reading import Reader
from .source import Unfit
from .takes import has_arrays, is_static

__all__ = ["builtin_of"]


def builtin_of(plan: Plan, bound: Bound, kernel: Kernel, key: Sequence[Key]) -> Builtin | None:
    """Make it for a program in its memory; None if there is none for it, or here.

    It is given all arguments by position, and those that are static are as they were. It looks by
    itself at what is outside.
    """
    if plan.trace.captured:
        return None
    lines = new_lines(reals.real_of(plan.dtype.itemsize))
    if lines is None:
        return None
    try:
        _write(lines, plan, bound, kernel, key)
    except Unfit:
        return None
    return made(lines, (plan, bound, kernel))  # threads may have made several


def _write(lines: Lines, plan: Plan, bound: Bound, kernel: Kernel, key: Sequence[Key]) -> None:
    memory = bound.memory
    shared = lines.word(memory.shared.ctypes.data)
    lines.line(f"%busy = getelementptr i8, ptr {lines.numbers(np.asarray(plan.busy))}, i64 0")
    for name in ("position", "name", "part"):
        lines.line(f"%{name} = alloca i64")
    lines.need(lines.let(f"icmp eq i64 %nargs, {len(key)}"))
    lines.need(lines.let("icmp eq ptr %names, null"))
    lines.holds(plan.watch.checks, [Item(vars(watching), "at_work", 0)])
    lines.refuse(lines.let(f"trunc i64 {lines.let('load i64, ptr %busy')} to i1"))
    _take(lines, plan, memory, key, shared)
    flags = NO_PLACE * bound.has_lookups + NOT_FINITE * (plan.check or plan.trace.chooses)
    found = _run(lines, kernel, flags)
    if plan.trace.questions:
        _guard(lines, plan, memory, shared)
    if flags:
        lines.need(lines.let(f"icmp eq i64 {lines.let(f'and i64 {found}, {flags}')}, 0"))
    lines.line("store i64 1, ptr %busy")  # what is made may let others run, who look for it
    trace = plan.trace
    share = 1.0 / memory.count if trace.batched and trace.questions else 1.0
    nester = Nester(lines, plan.parts, memory, shared, share)
    if trace.batched:
        as_arrays = any(own != 0 and own[0] == "batch" and own[2] for own in key)
        result = nester.of_samples(trace.reduce, trace.nesting.key, 0, as_arrays)
    else:
        result = nester.give(trace.nesting.key, 0)
    lines.line("store i64 0, ptr %busy")
    lines.line(f"ret ptr {result}")
    lines.label("no")
    lines.give(NotImplemented)


def _take(lines: Lines, plan: Plan, memory: Memory, key: Sequence[Key], shared: str) -> None:
    """Take the arguments, if the memory says that there are as many samples."""
    batch = number_of(memory.program.arrays, Role.BATCH)
    if batch >= 0:
        count, known = lines.number(shared, memory.start[batch]), memory.dtype.type(memory.count)
        lines.need(lines.let(f"fcmp oeq double {count}, {reals.DOUBLE.text(float(known))}"))
    samples = lines.word(memory.samples.ctypes.data)
    reader = Reader(lines, shared)
    given = [(position, own) for position, own in enumerate(key) if not is_static(own)]
    for place, (position, own) in enumerate(given):
        item = lines.let(f"getelementptr ptr, ptr %args, i64 {position}")
        thing = lines.let(f"load ptr, ptr {item}")
        start = memory.start[place]
        if not plan.trace.arguments[place].per_sample:
            reader.take(own, thing, start)
            continue
        _, one, is_array = own
        to = lines.at_number(samples, start * memory.row)
        if is_array:
            shape = one[1] if one != 0 else ()
            reader.array(thing, (memory.count, *shape), to, memory.count, memory.row)
        else:
            _take_list(lines, memory, one, thing, to)


def _take_list(lines: Lines, memory: Memory, key: Key, thing: str, to: str) -> None:
    """Take a list of samples: their numbers become columns, when all are together."""
    if has_arrays(key):
        raise Unfit
    count, size = memory.count, size_of(key)
    if key == 0:
        Reader(lines, to).take((list, count), thing, 0)
        return
    room = np.zeros(count * size, memory.dtype)
    lines.kept.append(room)
    address = lines.word(room.ctypes.data)
    Reader(lines, address).take((list, (key,) * count), thing, 0)
    sizes = f"i64 {count}, i64 {size}, i64 {memory.row}"
    lines.helper("turned", f"ptr {to}, ptr {address}, {sizes}", "i64")


def _run(lines: Lines, kernel: Kernel, flags: int) -> str:
    """Run the program; where something is asked of its results, give the flags that they have."""
    given = f"ptr {lines.word(kernel.table)}, i64 {kernel.samples}, i64 {kernel.row}"
    if not flags:
        for function in (kernel.before, kernel.body, kernel.after):
            if function:
                lines.line(f"call void {lines.word(function)}({given})")
        return ""
    return lines.let(f"call i64 {lines.word(kernel.whole)}({given})")


def _guard(lines: Lines, plan: Plan, memory: Memory, shared: str) -> None:
    """Return what was missed at the first question that has another answer."""
    misses, places, expected = guards_of(plan, memory)
    answers = np.array(expected)
    lines.kept.append(misses)
    table = lines.numbers([address_of(miss) for miss in misses])
    with lines.loop(len(places)) as variable:
        place = lines.item(lines.numbers(places), variable, "i64")
        number = lines.number(shared, place)
        answer = lines.item(lines.numbers(answers.view(np.int64)), variable, "double")
        left, on = lines.fresh(), lines.fresh()
        differs = lines.let(f"fcmp une double {number}, {answer}")
        lines.line(f"br i1 {differs}, label %{left}, label %{on}")
        lines.label(left)
        miss = lines.item(table, variable, "ptr")
        lines.line(f"call void {lines.function('Py_IncRef')}(ptr {miss})")
        lines.line(f"ret ptr {miss}")
        lines.label(on)
