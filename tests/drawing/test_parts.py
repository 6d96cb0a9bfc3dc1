"""What pictures are made of: letters, colours, likeness and places, one by one."""

from __future__ import annotations

import pytest

from tinygrad_nn import Value, explain, nn, ops
from tinygrad_nn.drawing.accessible import with_words
from tinygrad_nn.drawing.colour import Scale
from tinygrad_nn.drawing.formula import parse_formula, read_numbers
from tinygrad_nn.drawing.highlight import find_highlight
from tinygrad_nn.drawing.lettering import pretty, sign, span, symbol_of, symbols_of
from tinygrad_nn.drawing.likeness import Use, find_likeness, kind_of, slopes_of
from tinygrad_nn.drawing.placing import place_nodes
from tinygrad_nn.drawing.style import LIGHT, literal
from tinygrad_nn.graph import ancestors


@pytest.mark.parametrize(
    ("label", "shown"),
    [("x1", "x₁"), ("alpha_t", "αₜ"), ("W[1][2]", "W₁,₂"), ("theta'", "θ′"), ("loss", "loss")],
)
def test_labels_are_symbols_if_they_can_be(label: str, shown: str) -> None:
    assert pretty(label) == shown


def test_parameters_are_called_by_their_place_in_a_unit() -> None:
    w, gain = Value(1.0), Value(1.0)
    given = {w: "layers.0.weight[3][1]", gain: "norm.gain"}
    assert [symbol_of(node, given) for node in (w, gain, Value(2.0, "x1"))] == ["w₂", "gain", "x₁"]
    assert symbols_of([Value(0.0, f"x{k}") for k in (1, 2, 3)], {}) == "x₁ … x₃"


def test_signs_of_operations_and_of_chains() -> None:
    assert (sign(ops.sigmoid, 1), sign(ops.mul, 2), sign(ops.add, 3)) == ("σ", "×", "Σ")


@pytest.mark.parametrize(
    ("numbers", "shown"), [([0.25], "0.25"), ([3.0, -1.5, 2.0], "-1.5 … 3"), ([2.0, 2.0], "2")]
)
def test_spans_of_numbers(numbers: list[float], shown: str) -> None:
    assert span(numbers, 2) == shown


@pytest.mark.parametrize(
    ("name", "kind"),
    [("unit 12", "unit"), ("w_3", "w"), ("weight[3][1]", "weight"), ("loss", "loss"), ("", "")],
)
def test_kinds_of_names_have_no_numbers(name: str, kind: str) -> None:
    assert kind_of(name) == kind


def test_products_of_numbers_that_are_called_alike_are_alike() -> None:
    x = [Value(float(k), f"x{k}") for k in range(4)]
    y = x[0] * x[1] + x[2] * x[3] + 1.0
    nodes = ancestors(y)
    alike = find_likeness(nodes, dict.fromkeys(nodes, ()), {}, lambda _: False)
    assert [alike.kind[node] for node in x] == [0, 0, 0, 0]
    assert len(alike.terms[y]) == 3


def test_derivatives_of_a_chain_by_its_operands() -> None:
    x, y, z = Value(2.0), Value(3.0), Value(5.0)
    first = x * y
    result = first * z
    terms = [Use(x, first, 0), Use(y, first, 1), Use(z, result, 1)]
    assert sorted(slope for _, slope in slopes_of(result, terms)) == [6.0, 10.0, 15.0]


def test_samples_layers_and_units_are_places() -> None:
    model = nn.MLP(1, [1], seed=0)
    cost = nn.squared_error(model([2.0]), 1.0) + nn.squared_error(model([3.0]), 1.0)
    assert sorted(set(place_nodes([cost], model).paths.values()))[:3] == [
        (),
        ("parameters", "layer 1", "unit 1"),
        ("sample 1", "layer 1", "unit 1"),
    ]


def test_the_largest_and_the_smallest_have_the_ends_of_the_colours() -> None:
    numbers = [Value(1e-3), Value(1.0), Value(0.0)]
    scale = Scale("value", numbers, LIGHT)
    assert [scale.look([n])["fillcolor"] for n in numbers] == ["#00224e", "#fee838", "white"]


def test_a_path_is_highlighted_with_its_edges() -> None:
    x = Value(3.0)
    path = explain(x * x, x).paths[0]
    assert find_highlight(path).edges == {(path.nodes[1], path.positions[0])}
    assert find_highlight([x]).nodes == {x}
    assert find_highlight([x]).edges is None


def test_formulas_are_read_and_computed() -> None:
    result = parse_formula("tanh(a*b + c)", {"a": 2.0, "b": -3.0, "c": 6.5})
    assert (round(result.data, 6), result.args[0].op) == (0.462117, "add")
    assert read_numbers(["a=2", "b=-3e-1"]) == {"a": 2.0, "b": -0.3}


def test_texts_are_taken_literally() -> None:
    assert literal(r"a<b> & \N") == r"a&lt;b&gt; &amp; \\N"


def test_a_picture_says_in_words_what_it_shows() -> None:
    assert with_words('<svg width="8pt"><g/></svg>', "a < b", "2 numbers") == (
        '<svg width="8pt" role="img" aria-labelledby="title-22f9e3f7 desc-22f9e3f7">\n'
        '<title id="title-22f9e3f7">a &lt; b</title>\n'
        '<desc id="desc-22f9e3f7">2 numbers</desc><g/></svg>'
    )
