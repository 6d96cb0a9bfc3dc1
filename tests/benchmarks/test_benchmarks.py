"""The benchmarks measure what they say, and refuse to compare what differs."""

from __future__ import annotations

import doctest
import gc
import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
from measured import TINY, jobs_of

from benchmarks import __main__ as command
from benchmarks import engines, machine, memory, report, timing
from benchmarks.job import Job, same
from benchmarks.problems import WORKLOADS, Chain
from benchmarks.timing import Contestant, Timing, measure, runs_in_a_turn, turn


def counting(calls: list[str], name: str) -> Job:
    def phase(state: None) -> None:
        assert state is None
        assert frozen[-1:] == [True]
        calls.append(f"{name} {'on' if gc.isenabled() else 'off'}")

    return Job({"run": phase}, lambda state: [])


# ---- timing --------------------------------------------------------------------------------------


frozen: list[bool] = []  # what the collector was told: it takes long to count


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "TURN", 0.0)
    monkeypatch.setattr(timing, "IN_A_ROW", 2)
    frozen.clear()
    freeze, unfreeze = gc.freeze, gc.unfreeze
    monkeypatch.setattr(gc, "freeze", lambda: (freeze(), frozen.append(True)))
    monkeypatch.setattr(gc, "unfreeze", lambda: (unfreeze(), frozen.append(False)))


@pytest.mark.usefixtures("brief")
def test_contestants_run_in_turn() -> None:
    calls: list[str] = []
    a, b = counting(calls, "a"), counting(calls, "b")
    timings = measure({"a": Contestant(a), "b": Contestant(b, collector=False)}, rounds=3)
    before = ["a on"] * (1 + timing.IN_A_ROW) + ["b off"] * (1 + timing.IN_A_ROW)
    assert calls == before + ["a on", "a on", "b off", "b off"] * 3
    assert [len(timings[name].whole) for name in "ab"] == [3, 3]
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.usefixtures("brief")
def test_where_one_run_is_long_there_are_few(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "LONG", 0.0)
    calls: list[str] = []
    timings = measure({"a": Contestant(counting(calls, "a"))}, rounds=9)
    assert len(timings["a"].whole) == timing.LONG_ROUNDS == len(calls) - 1


def test_short_runs_fill_a_turn() -> None:
    assert runs_in_a_turn(1e-6) * 1e-6 == pytest.approx(timing.TURN, rel=1e-4)
    assert runs_in_a_turn(1.0) == timing.IN_A_ROW
    assert runs_in_a_turn(60.0) == 1


def test_each_phase_gets_what_the_last_one_made(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 11.0, 13.0, 17.0, 20.0, 21.0, 23.0, 27.0])
    monkeypatch.setattr("time.perf_counter", lambda: next(times))
    job = Job({"build": lambda state: [state], "backward": lambda state: [*state, 1]}, lambda s: s)
    assert turn(Contestant(job), 2) == {"build": 1.0, "backward": 2.0, "free": 4.0}
    assert command.answer(job) == [None, 1]


@pytest.mark.parametrize("collector", [True, False])
def test_the_collector_is_on_again_after_an_error(collector: bool) -> None:
    def fails(_: None) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        measure({"a": Contestant(Job({"run": fails}, lambda s: []), collector)}, rounds=1)
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


def test_with_the_collector_off_a_run_pays_for_its_cycles() -> None:
    class Cycle:
        alive = 0

        def __init__(self) -> None:
            self.itself = self
            Cycle.alive += 1

        def __del__(self) -> None:
            Cycle.alive -= 1

    met: list[int] = []

    def phase(_: None) -> None:
        met.append(Cycle.alive)
        Cycle()

    turn(Contestant(Job({"run": phase}, lambda s: []), collector=False), 3)
    assert met == [0, 0, 0]
    assert Cycle.alive == 0


def test_median_and_quartiles_are_of_the_whole() -> None:
    parts = Timing({"build": [1.0, 2.0, 3.0, 4.0, 5.0], "free": [0.5, 0.5, 0.5, 0.5, 0.5]})
    assert parts.median == 3.5
    assert parts.quartiles == (2.5, 4.5)
    assert parts.phase("build") == 3.0


# ---- workloads -----------------------------------------------------------------------------------


def test_every_workload_has_a_tiny_problem() -> None:
    assert TINY.keys() == WORKLOADS.keys()


STEPS = ("moons", "digits", "gpt")


@pytest.mark.parametrize("module", engines.MODULES)
@pytest.mark.parametrize("workload", [name for name in WORKLOADS if name not in STEPS])
def test_engines_compute_the_same(module: str, workload: str) -> None:
    reference = jobs_of("ours", workload) or jobs_of("compiled", workload)
    first = next(iter(reference.values()))
    command.check_equal(workload, {"ours": first, **jobs_of(module, workload)})


@pytest.mark.parametrize("module", engines.MODULES)
@pytest.mark.parametrize("workload", STEPS)
def test_steps_descend_and_lead_to_the_same(module: str, workload: str) -> None:
    (ours,) = jobs_of("ours", workload).values()
    expected = [command.answer(ours) for _ in range(6)]
    assert expected[-1][0] < expected[0][0]
    for name, job in jobs_of(module, workload).items():
        for numbers in expected:
            assert same(command.answer(job), numbers), name


def ours(workload: str) -> list[float]:
    return command.answer(jobs_of("ours", workload)["tinygrad_nn"])


def test_the_product_and_the_expression_of_micrograds_readme() -> None:
    assert ours("product") == [6.0]
    assert ours("expression") == pytest.approx([24.7041, 138.8338, 645.5773], abs=5e-5)


def test_the_chain_is_a_geometric_series() -> None:
    n, (y0, a, b) = 10, (1.0, 0.75, 0.5)  # y = a^n y0 + b (1 + a + ... + a^(n-1))
    y = a**n * y0 + b * (1 - a**n) / (1 - a)
    slope = n * a ** (n - 1) * y0 + b * sum(k * a ** (k - 1) for k in range(1, n))
    assert ours("chain") == pytest.approx([y, a**n, slope, (1 - a**n) / (1 - a)], rel=1e-12)


def test_the_sum_of_products() -> None:
    problem = TINY["products"]
    total = sum(x * w for x, w in zip(problem.x, problem.w, strict=True))
    assert problem.units == 20
    assert ours("products") == pytest.approx([total, *problem.w, *problem.x], rel=1e-12)


def test_rosenbrock() -> None:
    optimize = pytest.importorskip("scipy.optimize")
    x = TINY["rosenbrock"].x
    expected = [optimize.rosen(x), *optimize.rosen_der(x)]
    assert ours("rosenbrock") == pytest.approx(expected, rel=1e-12)


def test_micrograd_gets_room_for_its_recursion() -> None:
    (engine,) = engines.load(["with_micrograd"]).engines
    assert command.answer(engine.jobs["chain-million"](Chain(20_000)))[0] == pytest.approx(2.0)


def test_different_results_are_not_compared() -> None:
    job = Job({"run": lambda state: None}, lambda state: [1.0, 2.0])
    wrong = replace(job, read=lambda state: [1.0, 2.0 * (1 + 1e-8)])
    short = replace(job, read=lambda state: [1.0])
    command.check_equal("work", {"ours": job, "peer": job})
    for other in (wrong, short):
        with pytest.raises(SystemExit, match="work: peer does not compute what ours does"):
            command.check_equal("work", {"ours": job, "peer": other})


def test_a_node_takes_some_bytes() -> None:
    ((built, peak),) = memory.bytes_per_node("ours", 50_000).values()
    assert 30 < built < 400
    assert built < peak < 2 * built


def test_what_builds_no_chain_has_no_bytes() -> None:
    assert memory.bytes_per_node("usual", 10) == {}


# ---- the command ---------------------------------------------------------------------------------


@pytest.fixture
def tiny(monkeypatch: pytest.MonkeyPatch, brief: None) -> None:
    tiny = {name: replace(w, problem=lambda name=name: TINY[name]) for name, w in WORKLOADS.items()}
    monkeypatch.setattr(command, "WORKLOADS", tiny)


def run(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> None:
    monkeypatch.setattr("sys.argv", ["benchmarks", *arguments])
    monkeypatch.setattr(machine, "THREADS", {})  # for this process it is too late
    command.main()


@pytest.mark.usefixtures("tiny")
def test_tables_are_printed_and_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "page.md"
    place = f"<!-- measured: {machine.engine()} -->\nold\n<!-- end: {machine.engine()} -->"
    page.write_text(f"# Title\n\n{place}\n\nThe end µ.\n", encoding="utf-8")
    run(monkeypatch, "moons", "chain", "--rounds", "2", "--write", str(page))
    text = page.read_text(encoding="utf-8")
    assert text.startswith("# Title")
    assert text.endswith("The end µ.\n")
    assert "old" not in text
    assert text.index("### A step of training: two moons") < text.index("### A chain")
    assert f"our {machine.engine()} engine" in text
    out = capsys.readouterr().out
    rows = [line for line in text.splitlines() if line.startswith("|")]
    assert all(row in out for row in rows)
    assert any("× micrograd, collector off" in row for row in rows)
    assert any(row.startswith("| micrograd, collector off") for row in rows)
    assert any("build | backward | freeing" in row.replace("  ", "") for row in rows)


def test_missing_libraries_are_said(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(engines.MODULES, "with_torch", "no-such-distribution")
    monkeypatch.setattr(command, "compare", lambda *arguments: "a table")
    run(monkeypatch, "product")
    assert re.search("Not installed, .*no-such-distribution", capsys.readouterr().out)


def test_a_page_without_a_place_is_left_alone(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text("<!-- end: native --> <!-- measured: native -->")
    with pytest.raises(SystemExit, match="add <!-- measured: native --> and <!-- end: native -->"):
        report.write(page, "native", "text")
    assert page.read_text() == "<!-- end: native --> <!-- measured: native -->"


def test_the_page_of_the_documentation_has_a_place(tmp_path: Path) -> None:
    page = tmp_path / "page.md"
    page.write_text(command.PAGE.read_text(encoding="utf-8"), encoding="utf-8")
    report.write(page, "native", "native text")
    report.write(page, "Python", "other text")
    assert page.read_text(encoding="utf-8").count(" text\n") >= 2


def test_numpy_is_not_imported_before_its_threads_are_set() -> None:
    code = "import sys, benchmarks.__main__; assert 'numpy' not in sys.modules"
    root = Path(__file__).resolve().parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root)


@pytest.mark.parametrize(
    ("arguments", "said"),
    [(["nonsense"], "no such workload: nonsense"), (["--rounds", "1"], "must be 2 at least")],
)
def test_bad_arguments_are_refused(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit):
        command.parse(arguments)
    assert said in capsys.readouterr().err


def test_the_examples_of_the_report() -> None:
    assert doctest.testmod(report).attempted >= 2
    assert doctest.testmod(report).failed == 0


def test_ratios_are_of_medians() -> None:
    fast, slow = Timing({"run": [1.0, 2.0, 6.0]}), Timing({"run": [5.0, 8.0, 9.0]})
    text = report.section(WORKLOADS["product"], {"ours": fast, "micrograd": slow}, 2)
    (row,) = (line for line in text.splitlines() if line.startswith("| ours"))
    assert [cell.strip() for cell in row.split("|")[1:-1]] == [
        "ours",
        "1.00 s",
        "750 ms – 2.00 s",
        "4.00",
    ]
