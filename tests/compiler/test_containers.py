"""Dataclasses and named tuples as arguments and results of compiled functions."""

from __future__ import annotations

import pickle
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from fields import KINDS, Kind, Plain, Row, Slots, energy, energy_of_list, numbers

import tinygrad_nn as tg
from tinygrad_nn import Value, compile, grad, value_and_grad
from tinygrad_nn.errors import ArgumentTypeError, ShapeError

NUMBERS = [0.5, 2.0, -1.5]
OFTEN = 6  # calls, the last of which go through an entry


def made(of: Any, **others: Any) -> Any:
    return of(level=NUMBERS[0], inner={"w": NUMBERS[1:]}, **others)


@pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS)
def test_every_way_of_calling_gives_what_the_transform_gives(kind: Any) -> None:
    slope = compile(value_and_grad(energy))
    p, other = made(kind), made(kind, kind=Kind.PUT)
    expected = value_and_grad(energy)(p, 0.7), value_and_grad(energy)(other, 0.7)
    for _ in range(OFTEN):
        for argument, (value, gradient) in zip((p, other), expected, strict=True):
            found = slope(argument, 0.7)
            assert found[0] == pytest.approx(value, rel=1e-14)
            assert type(found[1]) is kind
            assert found[1].kind is argument.kind
            assert numbers(found[1]) == pytest.approx(numbers(gradient), rel=1e-14)
    assert len(slope._entries.all) == 2
    assert slope(p, x=0.7) == slope(p, 0.7)
    on_values = slope(kind(level=Value(0.5), inner={"w": NUMBERS[1:]}), 0.7)
    assert on_values[1].level.data == pytest.approx(expected[0][1].level)


@pytest.mark.parametrize("arrays", [False, True])
def test_samples_and_results_of_samples(arrays: bool) -> None:
    f = compile(
        lambda p, x: Slots(energy(p, x), [p.level * x, "text"][:1], "kept"), batch="x", reduce=None
    )
    x = [0.1, 0.2, 0.3]
    for _ in range(OFTEN):
        found = f(made(Plain), np.array(x) if arrays else x)
        if arrays:
            assert found.kind == "kept"
            assert found.level.tolist() == [energy_of_list(NUMBERS, one) for one in x]
        else:
            assert [one.level for one in found] == [energy_of_list(NUMBERS, one) for one in x]
            assert {one.kind for one in found} == {"kept"}
    total = compile(energy, batch="p", reduce="sum")
    rows = [made(Row), made(Row)._replace(level=1.0)]
    for _ in range(OFTEN):
        assert total(rows, 0.7) == pytest.approx(sum(energy(row, 0.7) for row in rows))
    with pytest.raises(ShapeError, match=r"p\[1\] is nested in another way"):
        total([made(Row), made(Row, kind="put")], 0.7)


def test_what_is_kept_and_what_the_class_has_shape_the_program(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    f = compile(grad(energy))
    p = made(Plain)
    for factor in (2.0, 3.0, 2.0):
        monkeypatch.setattr(Plain, "factor", factor)
        for _ in range(OFTEN):
            assert f(p, 0.7) == grad(energy)(p, 0.7)

    def rate(x: Any) -> Any:
        return 2.0 * x

    g = compile(lambda p: p.kind(p.level))
    assert [g(made(Slots, kind=one)) for one in (rate, abs, rate)] == [1.0, 0.5, 1.0]


@pytest.mark.parametrize("nested", [False, True])
def test_a_list_of_texts_that_changes_is_another_one(nested: bool) -> None:
    f = compile(lambda p: p.level * sum(map(len, p.kind)))
    texts = ["a"]
    p = Slots(2.0, [], (texts,) if nested else texts)
    for _ in range(OFTEN):
        assert f(p) == 2.0
    texts.append("b")
    assert f(p) == 4.0


def test_what_the_fields_lead_to_is_looked_at_each_time() -> None:
    f = compile(lambda p: p.level * p.doubled)
    p = made(Plain)
    for _ in range(OFTEN):
        assert f(p) == 0.5
        assert p.doubled == 1.0  # in the object now, and not taken
        p.level = 1.0
        assert f(p) == 2.0
        p = made(Plain)
    p.cache = 2.0
    with pytest.raises(ArgumentTypeError, match="has the attribute cache"):
        f(p)
    with pytest.raises(ArgumentTypeError, match="the field inner of Slots is 1j"):
        compile(lambda p: p.level)(Slots(1.0, 1j))


@dataclass
class Line:
    slope: Any

    def __call__(self, x: Any) -> Any:
        return self.slope * x


@dataclass
class Data:
    rows: Any
    name: str = "a"


def test_lengths_in_fields_are_free_too() -> None:
    f = compile(lambda d: sum(row[0] * row[1] for row in d.rows), sizes="free")
    for count in (40, 60):
        rows = [[float(i), 0.5] for i in range(count)]
        assert f(Data(rows)) == sum(i * 0.5 for i in range(count))
    assert "len(d.rows)" in str(f.program.sizes)


def test_a_graph_of_fields() -> None:
    p = made(Slots)
    inputs = Slots(Value(0.5), [Value(2.0), Value(-1.5)])
    output = Row(inputs.level * inputs.inner[0], [inputs.inner[1] ** 2], "kept")
    f = compile(output, inputs=inputs)
    assert f(Slots(3.0, [5.0, 7.0])) == Row(15.0, [49.0], "kept")
    with pytest.raises(ShapeError, match="numbers is nested in another way"):
        f(p)
    assert compile(Line(Value(2.0)))(3.0) == 6.0  # a function


def test_pickled_and_saved(tmp_path: Path) -> None:
    f = compile(grad(energy))
    p = made(Slots)
    expected = f(p, 0.7)
    again = pickle.loads(pickle.dumps(f))
    assert again(p, 0.7) == expected
    with pytest.raises(ArgumentTypeError, match="p has a Slots, which is a class"):
        f.program.save(tmp_path / "program")


def test_exports_have_dicts_and_refuse_what_is_kept() -> None:
    f = compile(lambda p, x: {"all": Plain(p.level * x, [p.inner["w"][0]], x)})
    expected = f(made(Slots), 0.7)["all"]
    space: dict[str, Any] = {}
    exec(str(tg.to_numpy(f)), space)
    found = space["function"]({"level": 0.5, "inner": {"w": NUMBERS[1:]}}, 0.7)["all"]
    assert found["level"] == expected.level
    assert list(found["inner"]) == expected.inner
    g = compile(lambda p: replace(p, level=p.level * 2.0))
    g(made(Slots))
    with pytest.raises(ArgumentTypeError, match=r"the result.kind is 'call', which is no number"):
        tg.to_c(g)
