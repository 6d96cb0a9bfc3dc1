"""Formulas of programs: what is computed, in the notation of linear algebra."""

from __future__ import annotations

from pathlib import Path

import pytest
from exported import called, of_programs, of_the_table, slopes_of_the_table
from latex2mathml.converter import convert

import tinygrad_nn as tg
from tinygrad_nn import Value, nn, to_latex
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError


def test_a_gradient_is_linear_algebra() -> None:
    text = to_latex(of_programs()["moons"].thing)
    assert r"h_{1} &= \max\left(0, p_{0,0} \, x + p_{0,1}\right)" in text
    assert r"\mathrm{result}_{1,0,0} &= \sum_{\text{samples}} z_{9} \, x^{\top}" in text


def test_an_outer_product_is_a_column_times_a_row() -> None:
    f = called(lambda a, b, C: [[x * y + c for y, c in zip(b, r, strict=True)] for x, r in zip(a, C, strict=True)],
               [1.0, 2.0], [3.0, 4.0, 5.0], [[1.0, 2.0, 3.0]] * 2)  # fmt: skip
    assert (
        to_latex(f).splitlines()[1]
        == r"\mathrm{result} &= \left(b \, a^{\top} + C^{\top}\right)^{\top}"
    )


def test_steps_are_a_loop() -> None:
    text = to_latex(of_programs()["steps"].thing)
    assert r"\text{for } t &= 0, \ldots, 10:" in text
    assert r"\quad z_{2} &= W \, {b_{3}}_{(0, 1, 2) + 3 t} \\" in text


def test_choices_are_cases() -> None:
    text = to_latex(called(lambda x, y: tg.where(tg.gt(x, y), x, y * 2.0), 1.0, 2.0))
    assert r"\begin{cases} x & x > y \\ 2 y & \text{otherwise} \end{cases}" in text


def test_every_program_is_read_by_a_reader_of_latex() -> None:
    for cases in (of_programs(), of_the_table(), slopes_of_the_table()):
        for case in cases.values():
            convert(to_latex(case.thing))


def test_values_are_written_as_before(tmp_path: Path) -> None:
    x = Value(2.0, label="x")
    assert to_latex(x * x + 1.0, tmp_path / "f.tex") == "x^{2} + 1"
    assert (tmp_path / "f.tex").read_text() == "x^{2} + 1"
    assert tg.latex.to_latex(x + 1.0) == "x + 1"


def test_what_has_no_formula() -> None:
    with pytest.raises(ArgumentTypeError, match="value must be a Value"):
        to_latex(3.0)
    with pytest.raises(ArgumentError, match="has no program yet"):
        to_latex(tg.compile(tg.tanh))
    assert r"\text{layers.0.weight} \, x" in to_latex(nn.MLP(2, [3, 1], seed=0))
