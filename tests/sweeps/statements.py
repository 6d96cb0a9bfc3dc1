"""The kinds of statements on single numbers."""

from __future__ import annotations

from tests.sweeps import compositions
from tests.sweeps.drafts import Draft, Statement


def arithmetic(d: Draft) -> None:
    a, b, c = d.a(), d.v(), d.a()
    d.let(
        d.pick(
            *(f"{a} {op} {b}" for op in "+-*"),
            f"{a} * {b} + {c}",
            f"{c} - {a} * {b}",
            f"{b} / 2.0",
            f"-{b}",
            f"{b} * {b}",
            f"({a} + {b}) * {c}",
            f"{a} - ({b} - {c})",
            f"2.0 * {b} - 0.5 * {c}",
            f"sum([{a}, {b}, {c}])",
            f"dot([{a}, {b}], [{c}, {b}])",
        )
    )


def rows(d: Draft) -> None:
    a, b = d.v(), d.a()
    d.let(
        d.pick(
            *(f"{row}({a})" for row in ["abs", "sign", "step", "floor", "ceil", "relu", "square"]),
            *(f"{row}({a}, {b})" for row in ["max", "min", "ge", "gt", "le", "lt", "eq"]),
            *(f"{a} {row} {m}" for row in ("%", "//") for m in ("2.0", "4.0", "3.0")),
            f"{a} ** 2",
            f"{a} ** {d.pick('0', '1', '2.0', '3')}",
            f"clip({a}, -3.0, 2.0)",
            f"leaky_relu({a}, 0.5)",
            f"mean([{a}, {b}])",
        )
    )


def functions(d: Draft) -> None:
    a, b = d.v(), d.a()
    near = f"tanh({a})"
    d.let(
        d.pick(
            *(
                f"{row}({near})"
                for row in ["exp", "expm1", "exp2", "sinh", "cosh", "erf", "erfc", "tan"]
            ),
            *(
                f"{row}({a})"
                for row in [
                    "sin",
                    "cos",
                    "tanh",
                    "atan",
                    "asinh",
                    "sigmoid",
                    "softplus",
                    "log_sigmoid",
                ]
            ),
            *(f"{row}(1.5 + {near})" for row in ["log", "log2", "sqrt", "cbrt"]),
            *(f"{row}(0.8 * {near})" for row in ["asin", "acos", "log1p"]),
            f"{b} / (1.5 + square({a}))",
            f"{b} / 3.0",
            f"hypot({a}, 1.0 + abs({b}))",
            f"atan2({a}, 1.0 + abs({b}))",
            f"(1.5 + {near}) ** {b}",
            f"pow(1.5 + {near}, 0.3)",
        )
    )


def log_sums(d: Draft) -> None:
    a, b = d.v(), d.v()
    entries = [a, b, d.a(), d.pick("-inf", "-inf", "1.0", "-300.0")]
    d.rng.shuffle(entries)
    text = ", ".join(entries)
    chosen = entries.index(a)
    d.let(
        d.pick(
            f"logsumexp([{text}])",
            f"log_softmax([{text}])[{chosen}]",
            f"softmax([{text}])[{chosen}]",
            f"logaddexp({a}, {b})",
            f"logaddexp({a}, -inf)",
            f"norm([{a}, {b}, 1.0])",
        )
    )


def ties(d: Draft) -> None:
    a, b, c = d.v(), d.v(), d.a()
    d.let(
        d.pick(
            f"max({a}, {a})",
            f"max([{a}, {b}, {a}, {c}])",
            f"min([{b}, {a}, {b}])",
            f"min({a}, 1.0 * {a}) * {b}",
            f"max({a} - {a}, {b} * 0.0)",
            f"abs({a} - {a}) + {b}",
            f"relu({b} - {b}) + {a}",
        )
    )


def no_grad(d: Draft) -> None:
    a, b = d.v(), d.v()
    name = d.name()
    d.lines.append("with no_grad():")
    d.lines.append(
        f"    {name} = "
        + d.pick(
            f"{a} * {b}",
            f"{a} + 1.0",
            f"abs({a})",
            f"sum([{a}, {b}, {a}])",
            f"max({a}, {b})",
            f"where(gt({a}, {b}), lambda: {a} * 2.0, lambda: {d.failing()})"
            if "where" not in d.without
            else f"{a} - {b}",
            f"{a}",
        )
    )
    d.numbers.append(name)
    if d.rng.random() < 0.5:
        d.let(f"{name} * {a} + {b}")


def stop_gradient(d: Draft) -> None:
    a, b = d.v(), d.v()
    d.let(
        d.pick(
            f"stop_gradient({a}) * {a}",
            f"stop_gradient({a} * {b}) + {b}",
            f"{a} - stop_gradient({a})",
            f"max(stop_gradient({a}), {b})",
            f"stop_gradient({a})",
        )
    )


def where(d: Draft) -> None:
    a, b, c = d.a(), d.v(), d.a()
    if d.rng.random() < 0.4:
        test = d.condition()
        d.let(
            d.pick(
                f"where({test}, {a}, {b})",
                f"where({test}, lambda: {a} * {b}, lambda: {c} - {b})",
                f"where({test}, lambda: {b}, {c})",
                f"where({test}, lambda: where({d.condition()}, lambda: {a}, {b}), lambda: {c})",
            )
        )
        return
    good, bad, other = f"{b} + {c}", d.failing(), d.failing()
    sure = d.pick(f"ge(square({b}), 0.0)", f"square({b}) >= 0.0", f"gt(1.0 + abs({c}), {b} * 0.0)")
    never = d.pick(f"lt(square({b}), 0.0)", f"gt({b}, 1e6)")
    d.let(
        d.pick(
            f"where({sure}, lambda: {good}, lambda: {bad})",
            f"where({never}, lambda: {bad}, lambda: {a} * {b})",
            f"where({never}, lambda: {bad}, {b})",
            f"where({sure}, lambda: where({never}, lambda: {bad}, lambda: {good}), lambda: {other})",
            f"where({never}, lambda: where({sure}, lambda: {bad}, {b}), lambda: {good})",
            f"where(gt({b}, {b} - 1.0), lambda: {good} * {b}, lambda: {bad})",
            f"where(gt({b}, 0.0), lambda: {b} // {b}, lambda: {c})",
            f"where(eq({b}, 0.0), lambda: {c}, lambda: ({b} * {b}) / {b})"
            if d.real
            else f"where(eq({b}, 0.0), lambda: {c}, lambda: sign({b} / {b}))",
        )
    )


def missing(d: Draft) -> None:
    """x[-1] may be infinite or NaN, and is masked."""
    a, b = d.v(), d.v()
    m = "x[-1]"
    d.let(
        d.pick(
            f"where(eq({m}, {m}), lambda: where(lt(abs({m}), inf), lambda: {a} * {m}, {b}), 0.0)",
            f"where(lt(abs({m}), inf), lambda: {m} - {a}, lambda: {b})",
            f"where(lt(abs({m}), inf), lambda: square({m} - {a}) * {b}, 0.0)",
        )
    )


def lookup(d: Draft) -> None:
    a, b, c = d.v(), d.a(), d.v()
    index = d.pick("k[0]", "k[1]", "mod(k[0] + k[1], 3.0)", "2.0 - k[0]", "abs(k[1])")
    which = d.rng.randrange(5)
    if which == 0:
        d.let(f"lookup([{a}, {b}, {c}], {index})")
    elif which == 1:  # an entry that may be chosen, among others that are never
        d.let(
            f"lookup([{a}, {d.pick('inf', '-inf', 'nan')}, {b}], where(eq({index}, 1.0), 0.0, {index}))"
        )
    elif which == 2:
        name = d.let(f"lookup([[{a}, {b}], [{c}, {a}], [{b}, {c}]], {index})", new=False)
        d.let(f"{name}[0] * {a} - {name}[1]")
    elif which == 3:
        bad = d.pick("inf", "-inf", "nan")
        name = d.let(
            f"lookup([[{a}, {bad}], [{bad}, {c}], [{b}, {a}]], where(eq({index}, 1.0), 0.0, {index}))",
            new=False,
        )
        d.let(f"{name}[0] * {c}")
    else:
        table = d.let(f"[{a}, {b} * {c}, {c} + 1.0]", new=False)
        d.let(f"lookup({table}, {index}) * {a} + lookup({table}, k[1])")


def sums(d: Draft) -> None:
    """Sums that cancel, of terms that are no sums: the rule of parentheses leaves no freedom."""
    a, b, c, e = d.term(), d.term(), d.term(), d.term()
    big, other = d.rng.sample(["2.0**52", "2.0**53", "1e16", "3e16", "2.0**54", "2.0**60"], 2)
    which = d.rng.randrange(8)
    if which == 0:
        d.let(f"({a} + {big}) - {big}")
    elif which == 1:
        d.let(f"({a} - {big}) + {big}")
    elif which == 2:
        p, q = d.let(f"{a} + {big}", new=False), d.let(f"{b} + {big}", new=False)
        d.let(f"({p} - {q}) + ({q} - {big})")
    elif which == 3:
        p, q = d.let(f"{a} + {big}", new=False), d.let(f"{b} - {other}", new=False)
        d.let(f"({p} - {big}) + ({q} + {other})")
    elif which == 4:  # the error of a sum
        p = d.let(f"{a} + {big}", new=False)
        s = d.let(f"{p} + {c}", new=False)
        t = d.let(f"{s} - {p}", new=False)
        d.let(f"({p} - ({s} - {t})) + ({c} - {t})")
    elif which == 5:  # Kahan's sum
        s, r, y, z = (d.name() for _ in range(4))
        d.lines += [
            f"{s}, {r} = {d.pick(f'max({big}, {a})', f'{big} + 0.0 * {a}')}, 0.0",
            f"for {d.name()} in [{a}, {b}, {c}, -{big}, {e}]:",
            f"    {y} = t{d.names} - {r}",
            f"    {z} = {s} + {y}",
            f"    {r} = ({z} - {s}) - {y}",
            f"    {s} = {z}",
        ]
        d.numbers.append(s)
    elif which == 6:
        p = d.let(f"[{a} + {big}, {b} + {big}, {c} + {other}]", new=False)
        q = d.let(f"[{b} + {big}, {c} + {big}, {e} + {other}]", new=False)
        d.let(f"sum([i - j for i, j in zip({p}, {q})])")
    else:
        d.let(f"({a} - ({b} + {big})) + ({c} + {big})")


KINDS: dict[str, tuple[Statement, float]] = {
    "arithmetic": (arithmetic, 6),
    "rows": (rows, 4),
    "ties": (ties, 1),
    "no_grad": (no_grad, 1),
    "stop_gradient": (stop_gradient, 1),
    "where": (where, 3),
    "missing": (missing, 1),
    "lookup": (lookup, 2),
    "sums": (sums, 2),
} | compositions.KINDS
REAL = {"functions": (functions, 6), "log_sums": (log_sums, 2)}


def written(d: Draft, statements: int) -> None:
    """Write some statements of the kinds that are not left out."""
    kinds = (KINDS | REAL) if d.real else KINDS
    if d.real:  # where sums are to be exact, numbers are whole
        kinds = {kind: one for kind, one in kinds.items() if kind != "sums"}
    usable = [kind for kind in kinds if kind not in d.without]
    weights = [kinds[kind][1] for kind in usable]
    for kind in d.rng.choices(usable, weights, k=statements):
        kinds[kind][0](d)
        d.kinds.append(kind)
