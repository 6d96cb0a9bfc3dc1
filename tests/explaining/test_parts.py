"""How numbers and units are called in explanations."""

from __future__ import annotations

import math

from tinygrad_nn import Value, exp, nn, tanh
from tinygrad_nn.explaining.flat import is_saturated
from tinygrad_nn.explaining.naming import Names, counted, magnitude, number, plural
from tinygrad_nn.explaining.units import units_of


def test_numbers_have_six_digits() -> None:
    assert [number(x) for x in (2.0, 1 / 3, -0.0)] == ["2", "0.333333", "0"]


def test_large_counts_are_rounded() -> None:
    assert [counted(1200), counted(2**2000)] == ["1,200", "1.15e602"]
    assert [plural(1, "path"), plural(1200, "path")] == ["1 path", "1,200 paths"]


def test_what_is_no_number_is_greater_than_all() -> None:
    assert [magnitude(-2.0), magnitude(math.nan)] == [2.0, math.inf]


def test_a_node_is_told_by_its_operation() -> None:
    assert Names({}, {}).formula(Value(0.5, label="w") * 3.0) == "mul(w = 0.5, 3)"


def test_only_squashing_functions_saturate() -> None:
    nodes = tanh(Value(5.0)), tanh(Value(1.0)), exp(Value(-9.0))
    assert [is_saturated(node) for node in nodes] == [True, False, False]


def test_units_are_the_first_indices_of_parameters() -> None:
    units = units_of(list(nn.Layer(2, 2).named_parameters()), "Layer")
    assert [unit.place for unit in units.values()] == [(0,)] * 3 + [(1,)] * 3
