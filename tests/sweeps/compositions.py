"""The kinds of statements that hand numbers to functions: copies, derivatives, conditions, models."""

from __future__ import annotations

from tests.sweeps.drafts import Draft, Statement

MODEL = """\
class Model:
    def __init__(self, *numbers):
        self.numbers = list(numbers)
        self.parts = {"first": numbers[0]}

    def call(self, x):
        return sum([a * x for a in self.numbers]) + self.parts["first"]

"""


def copies(d: Draft) -> None:
    a, b = d.v(), d.v()
    text = d.pick(
        f"copy.copy({a}) * {a}",
        f"copy.deepcopy({a}) + {b}",
        f"sum(copy.deepcopy([{a}, {b}])) * {a}",
        f"copy.copy([{a}, {b}])[0] * {b}",
        f"copy.deepcopy({{'u': ({a}, {b})}})['u'][1] * {a}",
        f"copy.deepcopy(np.array([{a}, {b}], dtype=object))[1] + {a}",
        f"copy.deepcopy(Model({a}, {b})).call({b})",
        f"copy.copy(Model({a}, {b} * {a})).call(copy.copy({b}))",
        f"grad(copy.deepcopy(Model({a}, {b})).call)({a})",
    )
    if "no_grad" in d.without or d.rng.random() < 0.7:
        d.let(text)
        return
    name = d.name()
    d.lines += ["with no_grad():", f"    {name} = {text}"]
    d.numbers.append(name)
    d.let(f"{name} * {a}")


def transforms(d: Draft) -> None:
    """Derivatives inside; every argument is a number that varies."""
    a, b, c = d.v(), d.v(), d.v()
    _transform(d, a, b, c)


def found(d: Draft) -> None:
    """Derivatives at plain numbers, of functions that find a number by themselves."""
    a, b = d.v(), d.v()
    _transform(d, d.pick("2.0", "-1.0", "0.0"), a, b)


def _transform(d: Draft, at: str, b: str, c: str) -> None:
    body = d.pick(
        f"t * t * {b} + {c}",
        f"t * {b}",
        f"max(t, {b}) * t",
        f"square(t - {b}) * {c}",
        f"t * t * t - {b} * t",
    )
    pair = f"[p[0] * p[1] * {b}, p[0] - {c} * p[1]]"
    d.let(
        d.pick(
            f"grad(lambda t: {body})({at})",
            f"grad(lambda t: grad(lambda t: {body})(t) * t)({at})",
            f"sum(value_and_grad(lambda t: {body})({at}))",
            f"derivative(lambda t: {body}, 2)({at})",
            f"jvp(lambda t: {body}, ({at},), ({b},))[1]",
            f"jacobian(lambda p: {pair})([{at}, {b}])[0][1]",
            f"jacfwd(lambda p: {pair})([{at}, {b}])[1][1]",
            f"hessian(lambda p: p[0] * p[0] * p[1] * {b})([{at}, {c}])[0][1]",
            f"sum(hvp(lambda p: p[0] * p[0] * p[1])([{at}, {b}], [1.0, {c}]))",
        )
    )


def logic(d: Draft) -> None:
    """Comparisons joined by & and |."""
    a, b, c, e = d.v(), d.a(), d.v(), d.v()
    sign, other = d.pick("&", "|"), d.pick("&", "|")
    d.let(
        d.pick(
            f"where(({a} > {b}) {sign} ({c} <= 1.0), {a}, {e})",
            f"where(({a} > {b}) {sign} ({c} < 1.0) {other} ({e} >= 0.0), lambda: {e} * {a}, {c})",
            f"where(gt({a}, {b}) * lt({c}, 2.0), {e}, {a})",
            f"where(logical_not({a} > {b}), {a}, {e})",
            f"where(logical_not(({a} > {b}) {sign} ({c} < 1.0)), lambda: {e} * {a}, {c})",
            f"where(logical_not({a} == {b}) {sign} ({c} >= {e}), {e}, lambda: {a} - {c})",
            f"where(({a} > {b}) {sign} ({c} != {e}), {a}, {e})",
        )
    )


def questions(d: Draft) -> None:
    a = d.v()
    d.let(
        d.pick(
            f"where(isnan({a}), 1.0, {a})",
            f"isfinite({a}) * {a}",
            f"isinf({a}) + {a}",
            f"where(isfinite(x[-1]), lambda: x[-1] * {a}, {a})",
        )
    )


def arrays(d: Draft) -> None:
    a, b, c = d.v(), d.v(), d.a()
    u, v = f"np.array([{a}, {b}], dtype=object)", f"np.array([{c}, {a}], dtype=object)"
    d.let(
        d.pick(
            f"({u} * {v}).sum()",
            f"{u} @ {v}",
            f"(2.0 * {u} - {v})[1]",
            f"np.sum({u} + {c})",
            f"np.square({u})[0] - {b}",
        )
    )


def compiled(d: Draft) -> None:
    """Compiled functions inside of the function."""
    a, b, c = d.v(), d.v(), d.v()
    d.let(
        d.pick(
            f"compile(lambda p, q: p * q + max(p, 0.0))({a}, {b})",
            f"sum(compile(lambda p: [i * i for i in p])([{a}, {b}])) - {c}",
            f"compile(grad(lambda t: t * t * t))({a}) * {b}",
            f"grad(compile(lambda t, s: t * s * t))({a}, {b})",
            f"grad(lambda t: compile(lambda p, q: p * q * p)(t, {b}) * t)({a})",
            f"derivative(compile(lambda t: t * t * t), 2)({a})",
            f"jvp(compile(lambda t, s: t * s), ({a}, {b}), ({c}, 1.0))[1]",
            f"sum(compile(lambda p, q: p * q + p, batch='p')([{a}, {b}], {c}))",
            f"compile(lambda p, q: p * p * q, batch='p', reduce='mean')([{a}, {b}], {c})",
            f"compile(lambda p, q: where(p > q, lambda: p * q, q))({a}, {b})",
        )
    )
    if "no_grad" not in d.without and d.rng.random() < 0.2:
        name = d.name()
        d.lines += ["with no_grad():", f"    {name} = compile(lambda p: p * p)({a}) + {b}"]
        d.numbers.append(name)


def models(d: Draft) -> None:
    """Objects with numbers, and their methods."""
    a, b, c = d.v(), d.a(), d.v()
    d.let(
        d.pick(
            f"Model({a}, {b}).call({c})",
            f"grad(Model({a}, {b}).call)({c})",
            f"compile(Model(2.0, -1.0).call)({a})",
            f"sum([m.call({c}) for m in [Model({a}), Model({b}, {a})]])",
            f"value_and_grad(Model({a}, {b}).call)({c})[1] * {a}",
        )
    )


def unknown(d: Draft) -> None:
    """Where x[-1] is infinite or NaN, rows say so; what they say is finite."""
    a, b, c = d.v(), d.v(), d.a()
    m = "x[-1]"
    d.let(
        d.pick(
            f"isnan(max({m}, {a})) * {b}",
            f"isnan(min([{a}, {m}, {c}])) + {a}",
            f"{b} - isnan(relu({m}))",
            f"isnan(clip({m}, -3.0, 2.0)) + isinf({m}) * {b}",
            f"where(isnan({m} * {a}), {b}, {a})",
            f"isfinite({m} + {a}) * {a}",
            f"isinf(abs({m})) + {b}",
            f"where(isfinite(max({m}, {a})), lambda: max({m}, {a}) * {b}, {b})",
            f"where(isfinite({m}), {m}, {a}) * {b}",
            f"where(logical_not(isnan({m})), lambda: where(isfinite({m}), {m}, {a}), {b})",
            f"where(max({m}, {a}) > {b}, {a}, {c})",
            f"where(isnan({m}), lambda: {a}, lambda: min(max({m}, -4.0), 4.0) * {b})",
        )
    )


def beyond(d: Draft) -> None:
    """An index that may be in no table is refused, in a branch that counts."""
    a, b, c = d.v(), d.v(), d.v()
    index = d.pick("k[0]", "k[1]", "k[0] - 1.0", "k[1] * 0.5", "k[0] + k[1]")
    d.let(
        d.pick(
            f"lookup([{a}, {b}], {index})",
            f"where({a} > {b}, lambda: lookup([{a}, {b} * {c}], {index}), lambda: {c})",
            f"where(gt({a}, 1e6), lambda: lookup([{a}, {b}], {index} + 9.0), {c})",
            f"lookup([{a}, {b}], where({a} > {b}, k[0], 0.0))",
        )
    )


KINDS: dict[str, tuple[Statement, float]] = {
    "copies": (copies, 1),
    "transforms": (transforms, 2),
    "found": (found, 1),
    "logic": (logic, 1),
    "questions": (questions, 1),
    "arrays": (arrays, 1),
    "compiled": (compiled, 1),
    "models": (models, 1),
    "unknown": (unknown, 1),
    "beyond": (beyond, 0.2),
}
