"""A few programs of the sweep of machine code, on every processor that code can be made for."""

from __future__ import annotations

from collections import Counter
from typing import Any

import pytest

pytest.importorskip("llvmlite")

from tests.sweeps import machine_code
from tests.sweeps.machine_code import check, main
from tests.sweeps.programs import drawn


def test_programs_are_the_same_on_every_processor() -> None:
    counts: Counter[str] = Counter()
    for seed, name in zip((10, 8, 7, 20), machine_code.WAYS, strict=True):
        assert not check(drawn(seed), counts, [name])
    assert counts["checks"] > 20


def test_a_wrong_number_is_told_as_a_small_program(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    real = machine_code.called

    def wrong(*given: Any) -> Any:
        found = real(*given)
        return [[n + 1.0 for n in some] if isinstance(some, list) else some for some in found]

    monkeypatch.setattr(machine_code, "called", wrong)
    assert main(["--only", "10", "--show", "1", "--processors", "this"]) == 1
    text = capsys.readouterr().out
    assert "# seed 10: compile(f)(w, x, k)  # this" in text
    assert "1 programs differ" in text


def test_infinite_numbers_and_nan_are_compared_with_numpy() -> None:
    inf, nan = float("inf"), float("nan")
    assert machine_code.not_finite([1.0, inf, nan], [2.0, inf, nan]) == ""
    assert "number 0 is inf" in machine_code.not_finite([inf], [nan])
    assert "number 0 is 1.0" in machine_code.not_finite([1.0], [-inf])
