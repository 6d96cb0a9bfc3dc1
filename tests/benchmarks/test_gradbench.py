"""The ten scalar programs and their derivatives in C compute the same."""

from __future__ import annotations

from pathlib import Path

import pytest

from benchmarks.gradbench import race
from benchmarks.gradbench.cases import CASES
from benchmarks.gradbench.native import FOLDER, Native, has_compiler
from benchmarks.job import same
from tinygrad_nn import value_and_grad
from tinygrad_nn.tree import flatten

needs_compiler = pytest.mark.skipif(not has_compiler(), reason="gcc is not installed")


def test_each_program_is_there_in_c() -> None:
    assert {path.stem for path in FOLDER.glob("*.c")} == {*CASES, "repeat"}


@needs_compiler
@pytest.mark.parametrize("name", CASES)
def test_c_computes_what_the_eager_engine_does(name: str, tmp_path: Path) -> None:
    case = CASES[name]()
    function = value_and_grad(case.function, tuple(range(case.by)))
    expected = [float(number) for number in flatten(function(*case.arguments))[0]]
    given = flatten([case.arguments, case.fixed])[0]
    native = Native(name, given, len(expected), str(tmp_path), ["-O0"])
    native.call()
    assert same(native.out.tolist(), expected)


def test_a_race_has_a_row_of_times_and_ratios(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(race, "TURN", 0.0)
    monkeypatch.setattr(race, "find_spec", lambda name: None)
    for flags in ("EXACT", "FAST"):
        monkeypatch.setattr(race, flags, ["-O0"])
    title, *columns = race.row("determinant", 1)
    assert title == CASES["determinant"]().title
    assert len(columns) == len(race.WAYS) + len(race.RATIOS)
    assert "s" in columns[race.WAYS.index(race.NUMPY)]


def test_who_computes_something_else_does_not_race() -> None:
    def entry(way: str, number: float) -> race.Entry:
        return race.Entry(way, lambda runs: None, [number])

    assert [*race.checked("sum", iter([entry("a", 1.0), entry("b", 1.0)]))] == ["a", "b"]
    with pytest.raises(SystemExit, match="sum: b does not compute what a does"):
        race.checked("sum", iter([entry("a", 1.0), entry("b", 1.1)]))
