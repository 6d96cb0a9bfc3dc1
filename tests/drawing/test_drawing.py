"""Computation graphs as pictures: what stands in them."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from drawn import Picture, svg_texts
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_nn import TABLE, Value, draw, tanh, where
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DrawingError
from tinygrad_nn.scalar.arities import Unary
from tinygrad_nn.scalar.operation import forget
from tinygrad_nn.scalar.reverse import partial
from tinygrad_nn.scalar.value import constant

DASH = "—"


def chain() -> Value:
    a, b, c = Value(2.0, "a"), Value(-3.0, "b"), Value(10.0, "c")
    result = a * b + c
    result.label = "L"
    return result


# ------------------------------------------------------------------ numbers


def test_every_number_is_a_box_with_label_data_and_gradient() -> None:
    result = chain()
    result.backward()
    texts = Picture(draw(result)).texts()
    assert ["a", "data", "2", "grad", "-3"] in texts
    assert ["b", "data", "-3", "grad", "2"] in texts
    assert ["c", "data", "10", "grad", "1"] in texts
    assert ["data", "-6", "grad", "1"] in texts
    assert ["L", "data", "4", "grad", "1"] in texts
    assert len(texts) == 5 + 2  # and two operations


def test_a_dash_stands_where_no_backward_has_been() -> None:
    texts = Picture(draw(chain())).texts()
    assert [text[-1] for text in texts if "grad" in text] == [DASH] * 5


def test_a_gradient_of_zero_is_a_gradient() -> None:
    x = Value(-1.0, "x")
    y = x.relu()
    y.backward()
    assert Picture(draw(y)).find("x", "data", "-1", "grad", "0")


def test_only_what_backward_met_has_a_gradient() -> None:
    x, w = Value(1.0, "x"), Value(5.0, "w")
    met, other = x * 2, x * w
    met.backward()
    picture = Picture(draw([met, other]))
    assert picture.text(picture.find("x"))[-1] == "2"
    assert picture.text(picture.find("w"))[-1] == DASH
    assert picture.text(picture.find("data", "5"))[-1] == DASH


def test_a_leaf_alone_shows_the_gradient_it_has() -> None:
    x = Value(3.0, "x")
    assert Picture(draw(x)).texts() == [["x", "data", "3", "grad", DASH]]
    x.backward()
    assert Picture(draw(x)).texts() == [["x", "data", "3", "grad", "1"]]


def test_precision_counts_significant_digits() -> None:
    x = Value(3.14159265, "x")
    assert Picture(draw(x, precision=2)).text("v0")[2] == "3.1"
    assert Picture(draw(x, precision=6)).text("v0")[2] == "3.14159"


def test_leaves_inner_numbers_and_results_look_different() -> None:
    picture = Picture(draw(chain()))
    names = [picture.find("a"), picture.find("data", "-6"), picture.find("L")]
    assert len({picture.nodes[name]["fillcolor"] for name in names}) == 3


def test_not_a_number_and_infinity_are_drawn() -> None:
    texts = Picture(draw([Value(float("nan")), Value(float("-inf"))])).texts()
    assert [text[1] for text in texts] == ["nan", "-inf"]


# ------------------------------------------------------------------ operations and edges


def test_operations_are_circles_with_the_label_of_their_row() -> None:
    picture = Picture(draw((Value(1.0) + Value(2.0)).sigmoid()))
    assert sorted(picture.text(name)[0] for name in picture.circles()) == ["+", "σ"]


def test_a_square_has_two_edges() -> None:
    x = Value(3.0, "x")
    picture = Picture(draw(x * x))
    (operation,) = picture.circles()
    assert [edge.tail for edge in picture.into(operation)] == [picture.find("x")] * 2
    assert not picture.look["strict"]
    assert len(picture.edges) == 3


@pytest.mark.parametrize(
    ("rankdir", "sides"),
    [
        ("LR", ["nw", "sw"]),
        ("RL", ["ne", "se"]),
        ("TB", ["nw", "ne"]),
        ("BT", ["sw", "se"]),
    ],
)
def test_operands_come_in_in_order(rankdir: str, sides: list[str]) -> None:
    x, y = Value(1.0, "x"), Value(2.0, "y")
    for first, second in [(x, y), (y, x)]:
        picture = Picture(draw(first - second, rankdir=rankdir))
        assert picture.look["rankdir"] == rankdir
        edges = picture.into(picture.circles()[0])
        assert [picture.text(edge.tail)[0] for edge in edges] == [first.label, second.label]
        assert [edge.look["headport"] for edge in edges] == sides


def test_three_operands_come_in_in_order() -> None:
    picture = Picture(draw(where(Value(1.0, "c"), Value(2.0, "x"), Value(3.0, "y"))))
    edges = picture.into(picture.circles()[0])
    assert [picture.text(edge.tail)[0] for edge in edges] == ["c", "x", "y"]
    assert [edge.look["headport"] for edge in edges] == ["nw", "w", "sw"]


@pytest.mark.parametrize("name", list(TABLE))
def test_edges_show_the_local_derivative(name: str) -> None:
    row = TABLE[name]
    shift = 0.4
    args = [
        Value(low + (high - low) * (shift + 0.1 * i), letter)
        for i, (letter, (low, high)) in enumerate(zip(row.letters, row.sample, strict=True))
    ]
    result = row(*args)
    picture = Picture(draw(result, derivatives=True, precision=17))
    edges = picture.into(picture.circles()[0])
    shown = [float(edge.look["label"]) for edge in edges]
    assert shown == [partial(result, position) for position in range(row.arity)]
    assert [picture.text(edge.tail)[0] for edge in edges] == list(row.letters)


def test_derivatives_are_left_out_unless_asked_for() -> None:
    assert not any(edge.look.get("label") for edge in Picture(draw(chain())).edges)


def test_a_constant_is_small_and_has_no_derivative() -> None:
    x = Value(-3.0, "x")
    picture = Picture(draw(x**2, derivatives=True))
    power = picture.find("2")
    assert picture.nodes[power]["shape"] == "none"
    labels = {edge.tail: edge.look["label"].strip() for edge in picture.into(picture.circles()[0])}
    assert labels == {picture.find("x"): "-6", power: ""}


def test_a_shared_constant_is_drawn_at_each_use() -> None:
    three, x = constant(3.0), Value(1.0, "x")
    three.label = "k"
    picture = Picture(draw((x * three) + three * three))
    assert picture.texts().count(["k = 3"]) == 3


def test_a_constant_can_be_drawn_itself() -> None:
    assert Picture(draw(constant(3.0))).texts() == [["3"]]


def test_several_results_share_one_picture() -> None:
    x = Value(2.0, "x")
    picture = Picture(draw([x * 3, tanh(x)]))
    assert len(picture.circles()) == 2
    assert {edge.tail for edge in picture.edges if edge.tail == picture.find("x")}
    assert len(picture.texts()) == 1 + 1 + 2 * 2  # x, the 3, and two operations with results


@pytest.fixture
def cube() -> Iterator[Unary]:
    row = Unary("cube", lambda x: x**3, lambda x, z: 3 * x * x, label="x³ & <more>")
    yield row
    forget(row)


def test_a_new_row_is_drawn_as_it_is(cube: Unary) -> None:
    picture = Picture(draw(cube(Value(2.0, "x")), derivatives=True))
    (operation,) = picture.circles()
    assert picture.text(operation) == ["x³ & <more>"]
    assert picture.into(operation)[0].look["label"].strip() == "12"


# ------------------------------------------------------------------ labels of every kind


@pytest.mark.parametrize(
    "label",
    [
        "a<b> & {c|d}",
        "\"quoted\" 'twice'",
        "<b>bold</b>",
        "&lt; &amp;",
        r"\N \G \l \n back\\slash\ ".strip(),
        "ends with \\",
        "∂ℒ/∂w₁ŷ🎉",
        "--> digraph {",
        "%s {0}",
    ],
)
def test_a_label_is_shown_as_it_is(label: str) -> None:
    x = Value(1.0, label)
    y = x * 1
    y.label = label
    assert svg_texts(draw(y)._repr_svg_()).count(label) == 2


@given(st.text())
@settings(max_examples=30, deadline=None)
def test_any_label_makes_a_picture(label: str) -> None:
    texts = svg_texts(draw(Value(1.0, label) * Value(7.0, "known"))._repr_svg_())
    assert texts.count("known") == 1
    assert texts.count("data") == 3


def test_a_label_is_one_line() -> None:
    assert "two lines" in svg_texts(draw(Value(1.0, "two\n lines"))._repr_svg_())


def test_what_xml_cannot_say_is_replaced() -> None:
    assert "a\ufffdb" in svg_texts(draw(Value(1.0, "a\x00b"))._repr_svg_())


# ------------------------------------------------------------------ what cannot be drawn


def test_too_many_numbers_are_an_error_that_says_what_to_do() -> None:
    total = Value(0.0)
    for _ in range(500):
        total = total + Value(1.0)
    with pytest.raises(DrawingError, match="1,001 numbers, more than max_nodes=500") as error:
        draw(total)
    for remedy in ("part", "one sample", "smaller model", "max_nodes=1001"):
        assert remedy in str(error.value)
    assert len(Picture(draw(total, max_nodes=1001)).circles()) == 500


def test_the_limit_itself_is_allowed() -> None:
    x = Value(1.0) * Value(2.0)
    draw(x, max_nodes=3)
    with pytest.raises(DrawingError, match="max_nodes=2"):
        draw(x, max_nodes=2)


@pytest.mark.parametrize("value", [3.0, "x", None, {"a": 1}, [Value(1.0), 2.0], print])
def test_other_objects_are_an_error_that_says_what_can_be_drawn(value: object) -> None:
    with pytest.raises(ArgumentTypeError, match="a Value, a list of Values, or a model"):
        draw(value)


def test_an_empty_list_is_an_error() -> None:
    with pytest.raises(ArgumentError, match="value must not be empty"):
        draw([])


def test_bad_options_are_errors() -> None:
    x = Value(1.0)
    with pytest.raises(ArgumentError, match="rankdir must be one of LR, RL, TB, BT, got 'down'"):
        draw(x, rankdir="down")
    with pytest.raises(ArgumentError, match="precision"):
        draw(x, precision=0)
    with pytest.raises(ArgumentTypeError, match="max_nodes"):
        draw(x, max_nodes=1.5)
