"""The kinds of statements that look at numbers: branches, loops, indices, sorting, caught errors."""

from __future__ import annotations

import random
from collections.abc import Collection

from tests.sweeps.questions import COUNTS, NAMES, Draft, Statement


def arithmetic(d: Draft, depth: int) -> None:
    d.let(d.term())


def branch(d: Draft, depth: int) -> None:
    d.add(f"if {d.condition()}:")
    d.block(3, depth - 1)
    if d.rng.random() < 0.25:
        d.add(f"elif {d.condition()}:")
        d.block(2, depth - 1)
    if d.rng.random() < 0.6:
        d.add("else:")
        d.block(2, depth - 1)


def conditional(d: Draft, depth: int) -> None:
    d.let(f"{d.a()} if {d.condition()} else {d.term()}")


def turns(d: Draft, depth: int) -> None:
    n = d.new("n")
    d.add(f"{n} = 0")
    d.add(f"while {n} < {COUNTS} and ({d.condition()}):")
    d.loops += 1
    leaves = d.pick("", "", f"if {d.test()}: break")
    d.block(2, depth - 1, leaves)
    d.indent += 1
    d.add(f"{n} += 1")
    d.indent -= 1
    d.loops -= 1


def halving(d: Draft, depth: int) -> None:
    """A loop that ends by the number alone."""
    a = d.pick(*NAMES)
    step = d.pick(f"{a} = floor({a} / 2.0)", f"{a} = {a} - 2.0", f"{a} = 0.5 * {a}")
    d.add(f"{a} = max(-64.0, min(64.0, {a}))")
    low = d.pick("3", "2.5", f"abs({d.v()}) + 1.5")
    d.add(f"while {a} > {low}: {step}")


def counted(d: Draft, depth: int) -> None:
    d.loops += 1
    times = d.pick(
        f"int(abs({d.v()})) % 4", "k[0]", "k[1]", f"smallest(3, k[0] + int({d.v()} > 0))"
    )
    n = d.new("n")
    d.add(f"for {n} in range({times}):")
    d.block(2, depth - 1, d.pick("", f"{d.pick(*NAMES)} = {d.v()} + {n}"))
    d.loops -= 1


def early(d: Draft, depth: int) -> None:
    d.add(f"if {d.test()}: return {d.term()}")


def index(d: Draft, depth: int) -> None:
    d.let(
        d.pick(
            f"t[{d.place(4)}]",
            f"[{d.some(3)}][{d.place(3)}]",
            f"(x + [{d.some(2)}])[-1 - {d.place(5)}]",
            f"sum(t[:{d.place(4)}], {d.a()})",
            "t[k[0]] + t[k[1]]",
        )
    )


def order(d: Draft, depth: int) -> None:
    three = f"[{d.some(3)}]"
    d.let(
        d.pick(
            f"sorted({three})[{d.pick('0', '1', '2')}]",
            f"sorted(t)[{d.place(4)}]",
            f"sorted({three}, key=lambda u: -u)[0]",
            f"sorted({three}, reverse=True)[1]",
            f"largest({three})",
            f"smallest({three})",
            f"largest({d.a()}, {d.v()})",
            f"smallest({d.v()}, {d.a()}, {d.v()})",
            f"largest({three}, key=lambda u: abs(u - {d.v()}))",
            "smallest(t, key=lambda u: u * u)",
            f"float(t.index(largest(t))) * {d.v()}",
            f"{three}.count({d.v()}) * {d.v()}",
            f"sum([u for u in t if u > {d.v()}])",
        )
    )


def swaps(d: Draft, depth: int) -> None:
    """Sorting by hand."""
    s, i, j = d.new("s"), d.new("i"), d.new("j")
    d.add(f"{s} = [{d.some(3)}]")
    d.add(f"for {i} in range(1, 3):")
    d.add(f"    {j} = {i}")
    d.add(f"    while {j} > 0 and {s}[{j}] < {s}[{j} - 1]:")
    d.add(f"        {s}[{j}], {s}[{j} - 1] = {s}[{j} - 1], {s}[{j}]")
    d.add(f"        {j} -= 1")
    d.let(f"{s}[{d.pick('0', '1', '2')}]")


def choice(d: Draft, depth: int) -> None:
    d.let(d.pick(f"{d.v()} or {d.a()}", f"{d.v()} and {d.a()}", f"({d.v()} or {d.v()}) * 2"))


def steps(d: Draft, depth: int) -> None:
    a = d.v()
    d.let(
        d.pick(
            f"int({a}) * {d.v()}" if not d.loops else f"int({a}) + {d.v()}",
            f"round({a}) + {d.v()}",
            f"divmod({a}, 3)[1] if divmod({a}, 3)[0] > 1 else {d.v()}",
            f"{a} - int({a})",
            f"{a} // 2.0",
        )
    )


def recursion(d: Draft, depth: int) -> None:
    r = d.new("r")
    d.add(f"def {r}(u, left):")
    d.add(f"    if left == 0 or u > {d.v()}: return u")
    d.add(f"    return {r}(u + {d.pick('1.0', '0.5', 'abs(t[0])')}, left - 1)")
    d.let(f"{r}({d.v()}, {d.pick('3', 'k[0]', 'k[1]')})")


def generator(d: Draft, depth: int) -> None:
    g = d.new("g")
    d.add(f"def {g}(u):")
    d.add("    u = min(16.0, u)")
    d.add(f"    while u > {d.pick('0', '1')}:")
    d.add("        yield u")
    d.add(f"        u = {d.pick('u - 3.0', 'floor(0.5 * u)')}")
    d.let(d.pick(f"sum({g}({d.v()}))", f"sum(u for u in {g}({d.v()}) if u != {d.a()})"))


def caught(d: Draft, depth: int) -> None:
    a, b = d.v(), d.v()
    failing, error = d.rng.choice(
        [
            (f"log({a}) * 0.0 + {b}", "ValueError"),
            (f"sqrt({a} - 1.0) * 0.0 + {b}", "ValueError"),
            (f"{b} * 0.0 / {a} + {b}", "ZeroDivisionError"),
            (f"t[int({a}) + 2]", "IndexError"),
            (f"t.index({a}) + {b}", "ValueError"),
            (f"float([{d.some(2)}].index({a})) + {b}", "(ValueError, IndexError)"),
            (f"exp(400.0 * {a}) * 0.0 + {b}", "(OverflowError, ValueError)"),
        ]
    )
    if d.real and d.rng.random() < 0.5:
        failing, error = d.pick(f"log({a})", f"sqrt({a})"), "ValueError"
    name = d.pick(*NAMES)
    d.add("try:")
    d.add(f"    {name} = {failing}")
    d.add(f"except {error}:")
    d.block(1, depth - 1 if depth > 1 else 0, f"{name} = {d.a()}")
    if d.rng.random() < 0.3:
        d.add("finally:")
        d.add(f"    {d.pick(*NAMES)} = {d.term()}")


def raised(d: Draft, depth: int) -> None:
    text = f"raise ValueError('{d.new('e')}')"
    if d.rng.random() < 0.3:
        d.add(d.pick(f"if {d.v()} > 6: {text}", f"assert {d.v()} < 8"))
        return
    d.add("try:")
    d.add(f"    if {d.condition()}: {text}")
    d.add(f"    {d.pick(*NAMES)} = {d.term()}")
    d.add("except ValueError:")
    d.add(f"    {d.pick(*NAMES)} = {d.term()}")


def chosen(d: Draft, depth: int) -> None:
    """Our own choices, in which questions are asked, and in whose other branch anything happens."""
    a, b, c = d.v(), d.v(), d.a()
    asked = f"({b} if {d.test()} else {c})"
    d.let(
        d.pick(
            f"where({d.test()}, {b}, {c})",
            f"where({d.test()}, lambda: {d.term()}, lambda: {c})",
            f"where({a} > 0, lambda: {asked}, lambda: {c})",
            f"where({a} > 0, lambda: log({a}) * 0.0 + {b}, {c})",
            f"where(eq({a}, 0), {c}, lambda: {b} * 0.0 / {a} + {b})",
            f"where({a} > 0, lambda: ended({a}), lambda: {c})",
            f"where({a} > 1, lambda: t[int({a}) % 4], lambda: {asked})",
        )
    )


def outside(d: Draft, depth: int) -> None:
    a = d.v()
    d.let(
        d.pick(
            f"{a} if {a} > C[0] else {d.v()} + C[1]",
            f"{a} * C[0] if C[1] > 0 else {d.v()}" if not d.loops else f"{a} + C[0]",
            f"{a} + 1.0 if C[0] else {d.v()}",
            f"largest({a}, C[0])",
            f"C[0] * {a}" if not d.loops else f"C[1] - {a}",
        )
    )


def slopes(d: Draft, depth: int) -> None:
    a, b = d.v(), d.v()
    d.let(
        d.pick(
            f"{a} if grad(lambda u: u * u * {b})({a}) > {d.a()} else {b}",
            f"grad(lambda u: u * u if u > {b} else 3.0 * u)({a})",
            f"grad(lambda u: u * u * u if u < 1 else u * u)({a})" if not d.loops else a,
            f"{a} if stop_gradient({a}) > {b} else {b} * 2",
        )
    )


def ties(d: Draft, depth: int) -> None:
    """Sums of tenths, which tie up to their rounding."""
    a, b, c = d.v(), d.v(), d.v()
    total = d.pick(
        f"0.1 * {a} + 0.2 * {b} + 0.3 * {c}",
        f"sum([0.1 * u for u in t]) + 0.1 * {a}",
        f"dot([0.1, 0.3, 0.7], [{a}, {b}, {c}])",
        f"(0.1 * {a} + 0.7 * {b}) * 3.0 - 0.3 * {c}",
        f"{a} * 0.1 + {b} * 0.1 + {c} * 0.1",
    )
    edge = d.pick("0.3", "0.1", "0.6", "0.0", f"0.1 * {d.v()}", "0.3 + 0.3")
    d.let(f"{d.v()} if {total} {d.pick('<', '>', '<=', '>=', '==')} {edge} else {d.v()} + 1.0")


KINDS: dict[str, tuple[float, Statement]] = {
    "arithmetic": (4, arithmetic),
    "branch": (4, branch),
    "conditional": (1.5, conditional),
    "turns": (1.5, turns),
    "halving": (0.7, halving),
    "counted": (1, counted),
    "early": (0.8, early),
    "index": (1.5, index),
    "order": (1.5, order),
    "swaps": (0.4, swaps),
    "choice": (0.5, choice),
    "steps": (1, steps),
    "recursion": (0.5, recursion),
    "generator": (0.5, generator),
    "caught": (1, caught),
    "raised": (0.5, raised),
    "where": (0.8, chosen),
    "outside": (0.6, outside),
    "slopes": (0.5, slopes),
    "ties": (0.5, ties),
}


def written(rng: random.Random, real: bool, without: Collection[str]) -> Draft:
    """Write a whole program."""
    d = Draft(rng, real, KINDS, without)
    d.add("a, b, c = x")
    d.add(f"d = t[{d.pick('0', '1', '2', '3')}]")
    for _ in range(rng.randint(2, 6)):
        d.statement(2)
    d.add("return " + d.pick("a + b", "a * b + c - d", "d * 1.0", "a + t[1] * x[2]", "c"))
    return d
