from __future__ import annotations

import sys
from typing import Any

import pytest

from tests.support.engines import CLOSURES, RIGHT, WRONG, engine
from tinygrad_nn import Value, grade
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError
from tinygrad_nn.grading import isolated
from tinygrad_nn.grading.engine import Node, Rules
from tinygrad_nn.grading.graphs import GRAPHS
from tinygrad_nn.grading.observing import agrees, observe


def test_the_engine_of_mistakes_makes_none_by_itself() -> None:
    for reflects, composes in ((False, False), (True, False), (True, True)):
        kind = Node.bound(Rules(reflects=reflects, composes=composes))
        for graph in GRAPHS:
            assert agrees(observe(Value, graph), observe(kind, graph)), graph


@pytest.mark.parametrize("name", RIGHT)
def test_nothing_is_said_against_a_right_engine(name: str) -> None:
    found = grade(RIGHT[name])
    assert found.passed, str(found)
    assert "Nothing is wrong" in str(found)


@pytest.mark.parametrize("name", WRONG)
def test_a_mistake_is_named(name: str) -> None:
    source, changes, sentence = WRONG[name]
    found = grade(engine(source, *changes), seconds=0.5)
    assert not found.passed
    assert any(sentence in finding.sentence for finding in found.findings), str(found)
    assert all(finding.hints and finding.code for finding in found.findings), str(found)


def test_what_is_missing_is_named_and_no_mistake() -> None:
    found = grade(RIGHT["tape"])
    assert found.passed
    assert {"x / y", "x ** 3", "x.relu()"} <= set(found.missing)


def test_a_mistake_that_no_rule_knows_is_shown_by_the_smallest_graph() -> None:
    found = grade(engine(CLOSURES, ("(1 - t * t)", "(1.5 - t * t)")))
    (finding,) = found.findings
    assert "No mistake that is known" in finding.sentence
    assert finding.code.splitlines()[1] == "a = x.tanh()"
    assert finding.name == "x.grad"
    assert finding.theirs == pytest.approx(finding.right + 0.5)
    assert "compare with your own derivation" in found.hints(3)


def test_loops_crashes_and_prints_are_reported() -> None:
    endless = engine(CLOSURES, ("        self.grad = 1.0\n", "        while True: pass\n"))
    found = grade(endless, seconds=0.2)
    assert "does not come to an end" in found.findings[0].sentence
    ends = engine(CLOSURES, ("        self.grad = 1.0\n", "        __import__('os')._exit(3)\n"))
    assert "code 3" in grade(ends).findings[0].sentence
    noisy = engine(
        CLOSURES, ("        self.grad = 1.0\n", "        self.grad = 1.0; print('here')\n")
    )
    found = grade(noisy)
    assert found.passed
    assert "here" in found.notes[0]


def test_without_processes_it_grades_in_a_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated, "_NO_PROCESSES", (sys.platform,))  # as in Pyodide
    monkeypatch.setattr(isolated, "_in_processes", None)
    noisy = ("        self.grad = 1.0\n", "        self.grad = 1.0; print('here')\n")
    found = grade(engine(CLOSURES, noisy), deep=0)
    assert found.passed
    assert "here" in found.notes[0]


def test_every_way_through_the_graph_is_too_many() -> None:
    class Ways:
        def __init__(self, data: float, parents: Any = ()) -> None:
            self.data, self.parents, self.grad = data, parents, 0.0

        def __add__(self, other: Ways) -> Ways:
            return Ways(self.data + other.data, ((self, 1.0), (other, 1.0)))

        def __mul__(self, other: Ways) -> Ways:
            return Ways(self.data * other.data, ((self, other.data), (other, self.data)))

        def backward(self, upstream: float = 1.0) -> None:
            self.grad += upstream
            for parent, slope in self.parents:
                parent.backward(upstream * slope)

    found = grade(Ways, deep=0, seconds=0.3)
    (finding,) = found.findings
    assert "every way through the graph" in finding.sentence


def test_arguments_are_checked() -> None:
    with pytest.raises(ArgumentTypeError, match="must be a class"):
        grade(Value(1.0))  # type: ignore[arg-type]
    with pytest.raises(ArgumentError, match="deep = -1"):
        grade(Value, deep=-1)
    found = grade(object)
    assert "cannot be tried" in str(found) or "raises" in str(found)
    assert not found.passed
