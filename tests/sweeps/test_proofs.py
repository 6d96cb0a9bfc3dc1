"""A few programs of the sweep of proofs."""

from __future__ import annotations

import pytest

from tests.sweeps import proofs


def test_no_program_with_another_number_in_it_is_proved() -> None:
    found, wrong = proofs.sweep(84, 7)
    assert not wrong
    assert found["refused"] > 0.6 * 84
    assert found["refused, and the same"] < 0.1 * 84


def test_the_sweep_sees_what_is_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(proofs, "prove", lambda program, claim: None)
    _, wrong = proofs.sweep(28, 7)
    assert len(wrong) > 0.5 * 28
