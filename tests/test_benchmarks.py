"""The benchmarks measure what they say, and refuse to compare what differs."""

from __future__ import annotations

import gc

import pytest

from benchmarks.memory import bytes_per_node
from benchmarks.timing import Timing, measure, ratio


@pytest.fixture(scope="module")
def main():
    pytest.importorskip("micrograd")
    from benchmarks import __main__ as module

    return module


def test_the_ratio_is_the_median_of_the_paired_ones() -> None:
    timings = {"peer": Timing([2.0, 30.0, 8.0]), "ours": Timing([1.0, 10.0, 2.0])}
    assert ratio(timings, "peer", "ours") == 3.0  # of 2, 3 and 4
    assert timings["peer"].median == 8.0


@pytest.mark.parametrize("collector", [True, False])
def test_every_contestant_runs_in_turn(collector: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.timing.STEPS", 2)
    calls: list[tuple[str, bool]] = []
    contestants = {name: lambda name=name: calls.append((name, gc.isenabled())) for name in "ab"}
    timings = measure(contestants, rounds=1, collector=collector)
    assert [len(timings[name].seconds) for name in "ab"] == [1, 1]
    names = [name for name, _ in calls]
    assert names == ["a", "a", "b", "b"] * 2  # and a round that does not count
    assert {enabled for _, enabled in calls} == {collector}
    assert gc.isenabled()


def test_the_collector_is_on_again_after_an_error() -> None:
    def fails() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        measure({"a": fails}, rounds=1, collector=False)
    assert gc.isenabled()


def test_a_node_takes_some_bytes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("benchmarks.memory.NODES", 2_000)
    kept, peak = bytes_per_node()
    assert 50 < kept < 300
    assert kept <= peak < 2 * kept


def test_equal_results_are_compared(main) -> None:
    main.check_equal("work", {main.OURS: 1.0, "micrograd": 1.0 + 1e-12})


def test_different_results_are_not_compared(main) -> None:
    with pytest.raises(SystemExit, match=r"work: micrograd gives 1\.001"):
        main.check_equal("work", {main.OURS: 1.0, "micrograd": 1.001})


def test_the_engines_do_the_same_work(main, monkeypatch: pytest.MonkeyPatch) -> None:
    from benchmarks.workloads import moons

    few = moons(4)
    monkeypatch.setattr("benchmarks.workloads.PRODUCTS", 3)
    monkeypatch.setattr("benchmarks.workloads.moons", lambda: few)
    for name, workload in main.WORKLOADS.items():
        results = {engine: workload(kind)() for engine, kind in main.ENGINES.items()}
        main.check_equal(name, results)


def test_the_table(main, capsys: pytest.CaptureFixture[str]) -> None:
    main.show([("work", "on", "1.0 ms", "4.0 ms", "4.00")], "title")
    out = capsys.readouterr().out
    assert all(text in out for text in ("work", "1.0 ms", "4.00", "title"))
