"""The benchmarks of compiled functions: equal to single numbers, counted and timed."""

from __future__ import annotations

from functools import cache

import pytest

pytest.importorskip("numpy")

import numpy as np
from measured import TINY, jobs_of

from benchmarks import __main__ as command
from benchmarks import cases, engines, programs, timing
from benchmarks.cases import Case
from benchmarks.engines import compiled


def test_what_is_too_much_for_single_numbers_is_compared_with_them_where_it_is_small() -> None:
    problem = TINY["pictures"]
    (engine,) = engines.load(["ours"]).engines
    jobs = jobs_of("compiled", "pictures")
    assert len(jobs) == 2 * len(compiled.BACKENDS)
    command.check_equal("pictures", {"ours": engine.jobs["digits"](problem), **jobs})


def test_the_greeks_are_those_of_the_closed_forms() -> None:
    stats = pytest.importorskip("scipy.stats")
    S, K, T, r, v = map(np.array, TINY["options"].columns)
    d1 = (np.log(S / K) + (r + v * v / 2) * T) / (v * np.sqrt(T))
    d2 = d1 - v * np.sqrt(T)
    below, density = stats.norm.cdf, stats.norm.pdf
    paid = K * np.exp(-r * T) * below(d2)
    delta = below(d1)
    theta = -S * density(d1) * v / (2 * np.sqrt(T)) - r * paid
    gamma = density(d1) / (S * v * np.sqrt(T))
    vega, rho = S * density(d1) * np.sqrt(T), T * paid
    expected = np.concatenate([S * delta - paid, delta, vega, theta, rho, gamma])
    for job in jobs_of("compiled", "options").values():
        assert command.answer(job) == pytest.approx(expected.tolist(), rel=1e-9, abs=1e-12)


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch) -> dict[str, Case]:
    """Cases that are small, in place of those that are measured."""
    tiny = {
        "expression": cases.expression(TINY["expression"]),
        "moons": programs.step_of_moons(3),
        "pictures": programs.step_of_digits(TINY["pictures"]),
        "options": cases.options(TINY["options"]),
        "attention": cases.attention(3, 2),
        "recurrent": cases.recurrent(3, 2, 3),
        "convolution": cases.convolution(6, 2),
        "gravity": cases.gravity(3),
        "heat": cases.heat(6, 4),
        "curvature": cases.curvature(4),
        "gpt": cases.gpt(TINY["gpt"]),
    }
    timed = {name: tiny[name] for name in ("moons", "pictures")}
    monkeypatch.setattr(programs, "counted_cases", lambda: tiny)
    monkeypatch.setattr(programs, "timed_cases", lambda: timed)
    monkeypatch.setattr(timing, "TURN", 0.0)
    monkeypatch.setattr(timing, "IN_A_ROW", 1)
    return tiny


def cells(section: str) -> dict[str, list[str]]:
    """The rows of a table, by their first cell."""
    rows = [line.split("|")[1:-1] for line in section.splitlines() if line.startswith("| ")]
    return {name.strip(): [cell.strip() for cell in rest] for name, *rest in rows[1:]}


def test_programs_are_counted(tiny: dict[str, Case], monkeypatch: pytest.MonkeyPatch) -> None:
    made = cache(lambda name, sizes: compile_and_call(tiny[name], sizes))
    compile_and_call, names = programs.compile_and_call, {id(tiny[name]): name for name in tiny}
    monkeypatch.setattr(
        programs, "compile_and_call", lambda case, sizes="auto": made(names[id(case)], sizes)
    )
    table = cells(programs.programs_section())
    assert table.keys() == tiny.keys()
    assert table["expression"][2] == "0"  # all of it is done by Python
    for name, case in tiny.items():
        function = programs.compile_and_call(case)
        program = function.program
        counts = programs.nodes_of(case), program.stats.statements, program.calls
        assert table[name] == [f"{count:,}" for count in counts]


def test_wrong_programs_are_not_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    case = Case(lambda x: [x, x], (2.0,))
    programs.check("work", case)
    monkeypatch.setattr(Case, "compiled", lambda self: lambda x: [x, x * (1 + 1e-8)])
    with pytest.raises(SystemExit, match="work: the program does not compute"):
        programs.check("work", case)


def test_compiling_is_timed(tiny: dict[str, Case]) -> None:
    table = cells(programs.compile_section(2))
    assert table.keys() == {"moons", "pictures"}
    for name, (nodes, *_) in table.items():
        assert nodes == f"{programs.nodes_of(tiny[name]):,}"
