"""The kinds of statements on vectors that choose, ask, or hand them to compiled functions."""

from __future__ import annotations

from typing import Any


def logic(v: Any) -> None:
    """Choose by comparisons joined by & and |."""
    (u, n), (t, m) = v.part(300), v.part(300)
    s, sign = v.d.v(), v.d.pick("&", "|")
    both = min(n, m)
    text = v.d.pick(
        f"where((a > {s}) {sign} (b <= 1.0), a, b)",
        f"where(logical_not(a > b), lambda a=a: a * {s}, b)",
        f"where(logical_not((a == b) {sign} (a < {s})), a - b, {s})",
        f"where((a > 0.0) {sign} (a != b), lambda a=a: a * 2.0, lambda b=b: b - {s})",
    )
    v.let(f"[{text} for a, b in zip({u}, {t})]", both)


def unknown(v: Any) -> None:
    """Ask for infinity and NaN among the numbers; what is said is finite."""
    u, n = v.part(300)
    s, bad = v.d.v(), v.d.pick("inf", "-inf", "nan")
    data = f"[{bad} if i % 5 == 2 else a for i, a in enumerate({u})]"
    text = v.d.pick(
        f"isnan(max(a, {s}))",
        f"isnan(a) + isinf(min(a, {s}))",
        f"where(isfinite(a), a, {s})",
        f"where(isfinite(a), lambda a=a: a * {s}, 0.0)",
        f"where(logical_not(isfinite(a)), {s}, lambda a=a: relu(a) - 1.0)",
        "isnan(relu(a)) + isfinite(a * 0.0)",
        f"where(a > {s}, 1.0, {s})",
    )
    v.let(f"[{text} for a in {data}]", n)


def compiled(v: Any) -> None:
    """Compiled functions inside of the function, and objects with many numbers."""
    (u, n), (t, m) = v.part(120), v.part(120)
    s, both = v.d.v(), min(n, m)
    text, length = v.d.rng.choice(
        [
            (f"compile(lambda p, q: [i * 2.0 + q for i in p])({u}, {s})", n),
            (f"compile(lambda p, q: [i - j for i, j in zip(p, q)])({u}, {t})", both),
            (f"compile(lambda p, q: p * q + 1.0, batch='p')({u}, {s})", n),
            (f"compile(grad(lambda p, q: sum([i * i * q for i in p])))({u}, {s})", n),
            (f"grad(compile(lambda p, q: sum([max(i, q) for i in p])))({u}, {s})", n),
            (f"[Model({s}, a).call({s}) for a in {u}]", n),
            (f"[a * 1.0 for a in Model(*{u}).numbers]", n),
        ]
    )
    v.let(text, length)
