"""A few programs of the sweep, as they are and with every threshold forced low."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator

import pytest
from thresholds import LOW, forced

from tests.sweeps import command, duals, reference
from tests.sweeps.checking import check
from tests.sweeps.command import Found, Sweep
from tests.sweeps.program import Program
from tests.sweeps.programs import drawn, main, told

SEEDS = (1, 3, 4, 7, 9, 11)  # of nearly all kinds; 3 and 9 are programs of many numbers
WITHOUT: tuple[str, ...] = ()  # kinds that still differ


@pytest.mark.parametrize("low", [False, True])
def test_programs_are_the_same_in_every_way_of_calling(low: bool) -> None:
    counts: Counter[str] = Counter()
    with forced(LOW if low else {}):
        for seed in SEEDS:
            found = check(drawn(seed, WITHOUT), counts, Counter(), "graph" in WITHOUT)
            assert not found, told(found)
    assert counts["checks"] > 100


def test_a_seed_gives_a_program() -> None:
    assert drawn(7).source == drawn(7).source != drawn(8).source


def test_the_reference_has_derivatives_of_derivatives() -> None:
    f = reference.FUNCTIONS
    assert f["grad"](lambda x: f["grad"](lambda y: x * x * y * y)(3.0) * x)(2.0) == 6.0 * 3.0 * 4.0
    assert f["hessian"](lambda p: p[0] * p[0] * p[1])([3.0, 5.0]) == [[10.0, 6.0], [6.0, 0.0]]
    assert f["derivative"](lambda x: x**3, 2)(2.0) == 12.0


LINES = ("t1 = w[0] * x[0]", "t2 = floor(t1) + w[0]", "t3 = t2 * 2.0")
POINT = ([1.5], [2.0], [0.0, 0.0])


def test_a_difference_is_told_as_a_small_program(monkeypatch: pytest.MonkeyPatch) -> None:
    program = Program(3, LINES, "[t3, t1, {'a': (t2,)}]", frozenset(), True, (POINT, POINT))
    assert not check(program, Counter(), Counter(), False)
    monkeypatch.setitem(reference.FUNCTIONS, "floor", lambda x: x)
    other = Program(*[getattr(program, name) for name in program.__dataclass_fields__])
    text = told(check(other, Counter(), Counter(), False))
    assert "return t2" in text
    assert "t3" not in text
    assert "w = [1.5]" in text


def test_the_command_says_what_differs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["--seed", "7", "--count", "2", "--without", ",".join(WITHOUT)]
    assert main(arguments) == 0
    assert "0 programs differ" in capsys.readouterr().out
    monkeypatch.setattr(duals, "add", lambda x, y: x)
    assert main(["--seed", "7", "--count", "4", "--show", "1"]) == 1
    assert capsys.readouterr().out.count("# seed") == 1


def test_what_was_found_is_told_after_an_interrupt(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def swept(sweep: Sweep, seeds: Iterator[int], without: Collection[str]) -> Iterator[Found]:
        yield Found([], Counter(checks=7), Counter())
        raise KeyboardInterrupt

    monkeypatch.setattr(command, "swept", swept)
    assert main(["--count", "2"]) == 1
    assert "7 checks" in capsys.readouterr().out


def test_a_program_is_printed_by_its_seed(capsys: pytest.CaptureFixture[str]) -> None:
    main(["--only", "7", "--without", ",".join(WITHOUT)])
    assert drawn(7, WITHOUT).source in capsys.readouterr().out


def test_kinds_that_are_none_are_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--without", "nothing"])
    assert "no kind is called nothing" in capsys.readouterr().err
