"""Functions that look at numbers give the same in the race as what stands beside them."""

from __future__ import annotations

import pytest

from benchmarks import timing
from benchmarks.control_flow import functions, races
from benchmarks.control_flow.races import Other, Race
from tinygrad_nn.compiler.paths import patience


@pytest.fixture
def brief(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(timing, "TURN", 0.0)
    monkeypatch.setattr(timing, "IN_A_ROW", 1)
    monkeypatch.setattr(functions, "CLOSE", 2.0)  # after few turns
    monkeypatch.setattr(patience, "MOST_PATHS", 4)  # the bisections have more


@pytest.mark.filterwarnings("ignore:pieces takes another path")  # it has more than four
@pytest.mark.usefixtures("brief")
def test_all_of_a_race_compute_the_same() -> None:
    names = set()
    for name, race in races.races(count=3, points=6, steps=2):
        rows = list(races.rows(name, race, 2))
        assert len(rows) == len(race.beside) > 0
        assert all(row[0] == name and len(row) == 8 for row in rows)
        names.add(name)
    assert len(names) == 6


def test_what_differs_is_not_timed() -> None:
    race = Race({races.NUMPY: lambda: 1.0}, {"eager": Other(lambda: 1.5)}, lambda x: [x])
    with pytest.raises(SystemExit, match="half: eager does not compute what ours, NumPy does"):
        races.check("half", race)
