"""Random programs on vectors of many numbers, of which few or all are read."""

from __future__ import annotations

from collections.abc import Callable

from . import masks
from .drafts import Draft

SHORTEST, LONGEST = 65, 4000


class Vectors:
    """The vectors of a program while it is written: their names and lengths."""

    def __init__(self, draft: Draft, lengths: dict[str, int]) -> None:
        self.d = draft
        self.lengths = lengths

    def any(self) -> str:
        return self.d.rng.choice(list(self.lengths))

    def let(self, text: str, length: int) -> str:
        name = self.d.let(text, new=False)
        if length > 0:
            self.lengths[name] = length
        return name

    def part(self, most: int = LONGEST) -> tuple[str, int]:
        """Cut a piece out of a vector: a slice from either end, a stride, or all of it."""
        rng, u = self.d.rng, self.any()
        n = self.lengths[u]
        m = rng.choice([rng.randint(1, min(n, most)), min(n, most), min(n, most, 13)])
        start = rng.randint(0, n - m)
        texts = [(f"{u}[{start}:{start + m}]", m), (f"{u}[{n - m}:]", m), (f"{u}[:{m}]", m)]
        if n <= most:
            texts += [(u, n), (f"{u}[::-1]", n), (f"{u}[::3]", (n + 2) // 3)]
        return rng.choice(texts)

    def entry(self) -> str:
        """Read one number: the first, the last or any."""
        u = self.any()
        n = self.lengths[u]
        at = self.d.rng.choice([0, -1, 1 % n, n // 2, self.d.rng.randrange(n), -min(n, 2)])
        return f"{u}[{at}]"


def few(v: Vectors) -> None:
    """Some numbers of many."""
    a, b, c, e = (v.entry() for _ in range(4))
    d = v.d
    d.let(
        d.pick(
            f"{a} * {b} + {c}",
            f"({a} + ({b} + {a})) * ({c} + ({a} + {c})) + ({b} + {e})",
            f"{a} - {b}",
            f"max({a}, {b}) * {c}",
            f"sum([{a}, {b}, {c}])",
            f"{a}",
        )
    )


def reduced(v: Vectors) -> None:
    d = v.d
    (u, n), (t, m) = v.part(), v.part()
    d.let(
        d.pick(
            f"sum({u})",
            f"sum({u}) * {v.entry()}",
            f"dot({u}, {u})",
            f"sum([a * b for a, b in zip({u}, {t})])",
            f"sum([a - b for a, b in zip({u}, {t})])",
            f"max({u})",
            f"min([*{u}, {d.a()}])",
            f"sum([abs(a) for a in {u}]) + sum({t})",
            f"sum([a * a for a in {u}]) - {v.entry()}",
            f"sum({u}) - sum({t})",
            f"(sum({u}) + sum({t})) * {d.v()}",
        )
    )
    if n == m == 1:
        d.let(f"{u}[0] - {t}[0]")


def mapped(v: Vectors) -> None:
    d = v.d
    (u, n), (t, m) = v.part(), v.part()
    s = d.v()
    both = min(n, m)
    text, length = d.rng.choice(
        [
            (f"[a * 2.0 for a in {u}]", n),
            (f"[-a for a in {u}]", n),
            (f"[a * {s} for a in {u}]", n),
            (f"[a + {s} for a in {u}]", n),
            (f"[max(a, 0.0) for a in {u}]", n),
            (f"[abs(a) - 1.0 for a in {u}]", n),
            (f"[square(a) for a in {u}]", n),
            (f"[a - b for a, b in zip({u}, {t})]", both),
            (f"[a * b for a, b in zip({u}, {t})]", both),
            (f"[min(a, b) for a, b in zip({u}, {t})]", both),
            (f"[a + 2.0 * b - {s} for a, b in zip({u}, {t})]", both),
            (f"[a if i % 3 else 0.0 for i, a in enumerate({u})]", n),
            (f"[a * (i % 4 - 1.0) for i, a in enumerate({u})]", n),
            (f"[a * b for a in {u}[:7] for b in {t}[:5]]", min(7, n) * min(5, m)),
        ]
    )
    v.let(text, length)


def arranged(v: Vectors) -> None:
    d = v.d
    (u, n), (t, m) = v.part(), v.part()
    step = d.rng.choice([3, 5, 7, 11])
    text, length = d.rng.choice(
        [
            (u, n),
            (f"[*{u}, *{t}]", n + m),
            (f"[0.0, *{u}, 1.0, *{t}]", n + m + 2),
            (f"[*{u}, {d.v()}, 0.0, *[0.0] * 70]", n + 72),
            (f"[({u})[({step} * i) % {n}] for i in range({n})]", n),
            (f"[a for a in {u} for _ in range(2)]", 2 * n),
        ]
    )
    if length <= 2 * LONGEST:
        v.let(text, length)


def stencil(v: Vectors) -> None:
    u, n = v.part()
    if n >= 3:
        name = v.let(u, n)
        text = v.d.pick(
            f"{name}[i - 1] - 2.0 * {name}[i] + {name}[i + 1]",
            f"({name}[i + 1] - {name}[i]) - ({name}[i] - {name}[i - 1])",
            f"max({name}[i - 1], {name}[i + 1])",
            f"{name}[i] * {name}[i - 1]",
        )
        v.let(f"[{text} for i in range(1, {n - 1})]", n - 2)


def chained(v: Vectors) -> None:
    """Each number from the one before."""
    d = v.d
    u, n = v.part(40)
    s, out = d.let(d.a()), d.name()
    d.lines += [f"{out} = []", f"for a in {u}:"]
    step = d.pick(f"max({s} + a, 0.0)", f"max({s}, a)", f"{s} + a", f"clip({s} - a, -4.0, 4.0)")
    d.lines += [f"    {s} = {step}", f"    {out}.append({s})"]
    v.lengths[out] = n


def matrix(v: Vectors) -> None:
    u, n = v.part(400)
    t, m = v.part(20)
    if n >= 2 * m:
        a, b = v.let(u, n), v.let(t, m)
        rows = n // m
        text = f"[sum([{a}[i * {m} + j] * {b}[j] for j in range({m})]) for i in range({rows})]"
        v.let(text, rows)


def no_grad(v: Vectors) -> None:
    u, n = v.part()
    name = v.d.name()
    text = v.d.pick("a * 2.0", "abs(a)", f"a * {v.d.v()}", f"max(a, {v.d.v()})")
    v.d.lines += ["with no_grad():", f"    {name} = [{text} for a in {u}]"]
    v.lengths[name] = n


def stop_gradient(v: Vectors) -> None:
    u, n = v.part()
    v.let(f"[{v.d.pick('stop_gradient(a) * a', 'a - stop_gradient(a * 2.0)')} for a in {u}]", n)


def where(v: Vectors) -> None:
    u, n = v.part(400)
    s = v.d.v()
    text = v.d.pick(
        "where(gt(a, 0.0), lambda a=a: a * 2.0, 1.0)",
        f"where(a > {s}, a, {s})",
        "where(gt(a, -1e6), lambda a=a: a - 1.0, lambda a=a: log(-1.0 - abs(a)))",
        f"where(lt(square(a), 0.0), lambda a=a: {s} / (a - a), lambda a=a: a * {s})",
        f"where(lt(a, {s}), lambda a=a: where(gt(a, 1e6), lambda: exp(a), a), {s})",
    )
    v.let(f"[{text} for a in {u}]", n)


def lookup(v: Vectors) -> None:
    a, b, c = v.entry(), v.entry(), v.d.v()
    bad = v.d.pick("inf", "nan", "0.0")
    v.d.let(
        v.d.pick(
            f"lookup([{a}, {b}, {c}], k[0])",
            f"lookup([{a}, {bad}, {c}], where(eq(k[1], 1.0), 2.0, k[1]))",
            f"sum(lookup([[{a}, {b}], [{b}, {c}], [{c}, {a}]], k[1]))",
        )
    )


def sums(v: Vectors) -> None:
    (u, n), (t, m) = v.part(), v.part()
    big = v.d.pick("2.0**52", "2.0**53", "1e16", "2.0**54")
    both = min(n, m)
    text, length = v.d.rng.choice(
        [
            (f"[(a + {big}) - {big} for a in {u}]", n),
            (f"[(a + {big}) - (b + {big}) for a, b in zip({u}, {t})]", both),
            (f"[((a + {big}) - {big}) + (b - (a + b)) for a, b in zip({u}, {t})]", both),
        ]
    )
    name = v.let(text, length)
    v.d.let(f"sum({name})")


def copies(v: Vectors) -> None:
    u, n = v.part(200)
    v.let(v.d.pick(f"copy.deepcopy({u})", f"[copy.copy(a) * a for a in {u}]"), n)


def transforms(v: Vectors) -> None:
    u, n = v.part(60)
    t, m = v.part(60)
    a, b = v.let(u, n), v.let(t, m)
    text = v.d.pick(
        f"sum([i * i * {b}[0] for i in p])",
        "sum([i * j for i, j in zip(p, p[1:])])",
        f"sum([max(i, j) for i, j in zip(p, {b})])",
    )
    v.let(f"grad(lambda p: {text} + 0.0 * p[0])({a})", n)


KINDS: dict[str, tuple[Callable[[Vectors], None], int]] = {
    "few": (few, 4),
    "reduced": (reduced, 4),
    "mapped": (mapped, 5),
    "arranged": (arranged, 3),
    "stencil": (stencil, 1),
    "chained": (chained, 1),
    "matrix": (matrix, 1),
    "no_grad": (no_grad, 1),
    "stop_gradient": (stop_gradient, 1),
    "where": (where, 1),
    "lookup": (lookup, 1),
    "sums": (sums, 1),
    "copies": (copies, 1),
    "transforms": (transforms, 1),
    "logic": (masks.logic, 1),
    "unknown": (masks.unknown, 1),
    "compiled": (masks.compiled, 1),
}


def written(v: Vectors, statements: int) -> None:
    """Write some statements of the kinds that are not left out."""
    usable = [kind for kind in KINDS if kind not in v.d.without]
    weights = [KINDS[kind][1] for kind in usable]
    few(v)
    for kind in v.d.rng.choices(usable, weights, k=statements):
        KINDS[kind][0](v)
        v.d.kinds.append(kind)


def nested(v: Vectors) -> str:
    """Write a result: numbers, slices, inputs, zeros, matrices, arrays, in any nesting."""
    d, rng = v.d, v.d.rng
    last = list(v.lengths)[-1]

    def one(depth: int) -> str:
        kind = rng.randrange(12)
        u, _n = v.part()
        if kind < 3 or depth > 2:
            return rng.choice([d.v(), v.entry(), d.a()])
        texts = {
            3: u,
            4: last,
            5: f"[{d.v()}, *{u}, 0.0]",
            6: f"[0.0] * {rng.choice([1, 7, 64, 65, 200])}",
            7: f"[{u}, {u}]",
            8: f"tuple({u})",
            9: f"np.array({u}, dtype=object)",
        }
        if kind in texts:
            return texts[kind]
        inner = [one(depth + 1) for _ in range(rng.randint(1, 3))]
        if kind == 10:
            return "{" + ", ".join(f"'{'abc'[i]}': {part}" for i, part in enumerate(inner)) + "}"
        return f"[{', '.join(inner)}]"

    if rng.random() < 0.35:
        return d.numbers[-1]
    parts = [rng.choice([last, d.numbers[-1]]), *(one(0) for _ in range(rng.randint(0, 3)))]
    if "none" not in d.without and rng.random() < 0.05:
        parts.append("None")
    rng.shuffle(parts)
    return f"[{', '.join(parts)}]" if rng.random() < 0.5 else f"({', '.join(parts)},)"
