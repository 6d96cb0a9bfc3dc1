"""Looking at what was computed: whether it is finite, and whether places are places."""

from __future__ import annotations

from collections.abc import Callable

from ..looks import NO_PLACE, NOT_FINITE, Looks
from .builder import Builder
from .lanes import Lanes
from .spans import mask_to

__all__ = ["write_faults"]

AT_ONCE = 4  # vectors, each of which waits for itself
FIELDS = 4  # numbers of a span: its arena, its first number, its last + 1, and a table's size
BASE = "%base"

Look = Callable[[Lanes, str], str]  # gives 0 for each number that is as it should be


def write_faults(looks: Looks, spans: int, like: Builder) -> list[Builder]:
    """Write the function `faults`, which looks at spans: the pointer `spans` has a table of them.

    Numbers and vectors are `like` those of another function. It calls others, which look at `%n` neighbours.
    """
    faults = Builder("faults", ["%t"], like.width, like.real)
    faults.is_called_from_outside = True
    table = _loaded(faults, "%t", spans)
    found: list[str] = [str(looks.told)]
    helpers = []
    first = 0
    for kinds, flag, name, look in (
        (looks.results, NOT_FINITE, "not_finite", _not_finite),
        (looks.places, NO_PLACE, "no_place", _no_place),
    ):
        total = ""
        for rows, some in enumerate(kinds):
            if len(some):
                total = _added(faults, table, first, len(some), bool(rows), name, total or "0.0")
            first += len(some)
        if total:
            wrong = faults.let(f"fcmp une {faults.real.name} {total}, 0.0")
            found.append(faults.let(f"select i1 {wrong}, i64 {flag}, i64 0"))
            helpers.append(_helper(name, look, like))
    for one in found[1:]:
        found[0] = faults.let(f"or i64 {found[0]}, {one}")
    faults.result = f"i64 {found[0]}"
    return [*helpers, faults]


def _loaded(builder: Builder, pointers: str, place: int | str) -> str:
    address = builder.element(pointers, place, "ptr")
    return builder.pure(f"load ptr, ptr {address}, align 8", address)


def _added(
    builder: Builder, table: str, first: int, count: int, rows: bool, name: str, total: str
) -> str:
    """Add up what a function finds in spans of one kind, from the first of them in the table."""
    spans = builder.loop(count, 1, [(1, total)])
    terms = [(spans.variable, FIELDS)]
    arena, begin, end, size = (
        builder.entry(table, first * FIELDS + field, terms) for field in range(FIELDS)
    )
    base, real = _loaded(builder, "%t", arena), builder.real.name

    def looked(address: str, count: str, total: str) -> str:
        found = builder.let(f"call {real} @{name}(ptr {address}, i64 {count}, i64 {size})")
        return builder.let(f"fadd {real} {total}, {found}")

    if rows:
        row = builder.loop_to(end, 1, begin, [(1, spans.names[0])])
        address = builder.element(base, builder.times(row.variable, "%r"), real)
        (total,) = builder.end([looked(address, "%n", row.names[0])])
    else:
        count_here = builder.pure(f"sub i64 {end}, {begin}", end, begin)
        total = looked(builder.element(base, begin, real), count_here, spans.names[0])
    return builder.end([total])[0]


def _helper(name: str, look: Look, like: Builder) -> Builder:
    """Write a function that looks at neighbours: some vectors at once, then one by one."""
    width, real = like.width, like.real
    builder = Builder(name, [BASE], width, real)
    lanes, step = Lanes(builder, width), AT_ONCE * width
    zero = lanes.number(0.0)
    whole = builder.pure(f"and i64 %n, {-step}")
    loop = builder.loop_to(whole, step, "0", [(width, zero)] * AT_ONCE)
    at = builder.element(BASE, loop.variable, real.name)
    sums = builder.end(
        [
            lanes.add(one, look(lanes, lanes.load(builder.element(at, n * width, real.name))))
            for n, one in enumerate(loop.names)
        ]
    )
    first = lanes.add(lanes.add(sums[0], sums[1]), lanes.add(sums[2], sums[3]))
    loop = builder.loop_to("%n", width, whole, [(width, first)])
    address = builder.element(BASE, loop.variable, real.name)
    x = lanes.load(address, mask_to(builder, "%n", loop.variable), 0.0)
    (total,) = builder.end([lanes.add(loop.names[0], look(lanes, x))])
    builder.result = f"{real.name} {lanes.total(total)}"
    return builder


def _not_finite(lanes: Lanes, x: str) -> str:
    """Give 0 for what is finite, and NaN for others."""
    return lanes.sub(x, x)


def _no_place(lanes: Lanes, x: str) -> str:
    """Give 0 for whole numbers from 0 to below `%r`, and 1 for others."""
    zero, one = lanes.number(0.0), lanes.number(1.0)
    size = lanes.spread(lanes.builder.pure(f"sitofp i64 %r to {lanes.real.name}"))
    wrong = lanes.select(lanes.compare("eq", lanes.intrinsic("floor", x), x), zero, one)
    inside = lanes.select(lanes.compare("lt", x, size), wrong, one)
    return lanes.select(lanes.compare("ge", x, zero), inside, one)
