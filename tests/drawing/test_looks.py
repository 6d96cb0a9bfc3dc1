"""How pictures look, and what they say to who cannot see them."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import matplotlib
import pytest
from drawn import Picture, svg_texts
from matplotlib.colors import to_rgb

from tinygrad_nn import Value, compile, draw, explain, nn, sigmoid
from tinygrad_nn.drawing.colour import Scale
from tinygrad_nn.drawing.lettering import pretty, sign, span
from tinygrad_nn.drawing.style import DARK, LIGHT
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.scalar import ops

SVG = "{http://www.w3.org/2000/svg}"


def neuron() -> tuple[Value, Value, Value]:
    w, x = Value(0.5, "w"), Value(2.0, "x")
    a = sigmoid(w * x)
    a.label = "a"
    a.backward()
    return w, x, a


# ------------------------------------------------------------------ colours


def test_the_colours_are_those_of_cividis() -> None:
    cividis = matplotlib.colormaps["cividis"]
    numbers = [Value(10.0**-k) for k in range(6)]
    scale = Scale("value", numbers, LIGHT)
    for k, number in enumerate(numbers):
        ours = to_rgb(scale.look([number])["fillcolor"])
        theirs = cividis(1 - k / 5)[:3]
        assert max(abs(a - b) for a, b in zip(ours, theirs, strict=True)) < 0.03


def test_equal_ratios_are_equal_steps() -> None:
    numbers = [Value(1e-4), Value(-1e-2), Value(1.0)]
    scale = Scale("value", numbers, LIGHT)
    fills = [to_rgb(scale.look([number])["fillcolor"]) for number in numbers]
    cividis = matplotlib.colormaps["cividis"]
    assert max(abs(a - b) for a, b in zip(fills[1], cividis(0.5)[:3], strict=True)) < 0.03


@pytest.mark.parametrize("theme", [LIGHT, DARK])
@pytest.mark.parametrize("size", [1e-9, 1e-4, 1e-3, 1e-2, 0.1, 1.0])
def test_text_on_a_colour_can_be_read(theme: Any, size: float) -> None:
    scale = Scale("value", [Value(1.0), Value(size)], theme)
    look = scale.look([Value(size)])
    assert _contrast(look["fillcolor"], look["fontcolor"]) > 4.5  # what WCAG asks of text


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_text_on_every_ground_can_be_read(theme: Any) -> None:
    looks = [theme.leaf, theme.inner, theme.result, theme.box, theme.operation]
    grounds = [theme.paper, *theme.regions, *(look["fillcolor"] for look in looks)]
    for ground in grounds:
        assert _contrast(ground, theme.ink) > 7
        assert _contrast(ground, theme.muted) > 4.5
    assert _contrast(theme.paper, theme.accent) > 3


def _contrast(first: str, second: str) -> float:
    parts = []
    for colour in (first, second):
        rgb = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in to_rgb(colour)]
        parts.append(0.2126 * rgb[0] + 0.7152 * rgb[1] + 0.0722 * rgb[2])
    return (max(parts) + 0.05) / (min(parts) + 0.05)


@pytest.mark.parametrize("quantity", ["gradient", "value"])
def test_numbers_are_coloured_by_size(quantity: str) -> None:
    _, _, a = neuron()
    picture = Picture(draw(a, color=quantity))
    fills = {name: picture.nodes[picture.find(name)]["fillcolor"] for name in "wxa"}
    greatest = "a" if quantity == "gradient" else "x"
    assert fills[greatest] == "#fee838"
    assert len(set(fills.values())) == 3
    texts = svg_texts(draw(a, color=quantity)._repr_svg_())
    assert any(text.startswith(f"|{quantity}|") for text in texts)


def test_zero_is_paper_and_what_is_not_finite_stands_out() -> None:
    scale = Scale("value", [Value(1.0)], LIGHT)
    assert scale.look([Value(0.0)])["fillcolor"] == "white"
    for number in (float("nan"), float("inf")):
        assert scale.look([Value(number), Value(1.0)])["fillcolor"] == LIGHT.accent
    assert Scale("value", [Value(0.0)], DARK).look([Value(0.0)])["fillcolor"] == DARK.paper


def test_without_gradients_there_is_nothing_to_colour_by() -> None:
    with pytest.raises(ArgumentError, match=r"no number drawn has a gradient.*backward\(\)"):
        draw(Value(1.0) * 2, color="gradient")


def test_a_dark_picture_is_dark() -> None:
    _, _, a = neuron()
    picture = Picture(draw(a, dark=True, derivatives=True))
    assert picture.look["bgcolor"] == DARK.paper
    light = {LIGHT.ink, LIGHT.muted, *(look["fillcolor"] for look in (LIGHT.leaf, LIGHT.inner))}
    source = draw(a, dark=True, derivatives=True, depth=1, color="gradient").source
    assert not any(colour in source for colour in light)
    network = draw(nn.MLP(8, [9, 2]), dark=True).source
    assert DARK.paper in network
    assert not any(colour in network for colour in light)


def test_a_dark_picture_of_a_program_is_dark() -> None:
    pytest.importorskip("numpy")
    f = compile(lambda x: [2 * v + 1 for v in x])
    f([1.0, 2.0])
    picture = Picture(draw(f, dark=True))
    assert picture.look["bgcolor"] == DARK.paper
    looks = [DARK.leaf["fillcolor"], DARK.result["fillcolor"]]
    assert sorted(node["fillcolor"] for node in picture.nodes.values()) == sorted(looks)
    light = {LIGHT.ink, LIGHT.muted, *(look["fillcolor"] for look in (LIGHT.leaf, LIGHT.result))}
    assert not any(colour in draw(f, dark=True).source for colour in light)
    assert DARK.muted not in draw(f).source


# ------------------------------------------------------------------ what stands out


def accented(picture: Picture) -> tuple[set[str], set[tuple[str, str]]]:
    nodes = {name for name, look in picture.nodes.items() if look.get("color") == LIGHT.accent}
    edges = {(e.tail, e.head) for e in picture.edges if e.look.get("color") == LIGHT.accent}
    return nodes, edges


def test_a_path_stands_out_and_the_other_edge_does_not() -> None:
    x = Value(3.0, "x")
    y = x * x
    y.label = "y"
    path = explain(y, x).paths[0]
    picture = Picture(draw(y, highlight=path))
    nodes, edges = accented(picture)
    operation = picture.circles()[0]
    assert nodes == {picture.find("x"), operation, picture.find("y")}
    assert edges == {(picture.find("x"), operation), (operation, picture.find("y"))}
    looks = [edge.look.get("color") for edge in picture.into(operation)]
    assert looks.count(LIGHT.accent) == 1  # of the two edges from x


def test_numbers_and_the_edges_between_them_stand_out() -> None:
    w, x, a = neuron()
    picture = Picture(draw(a, highlight=[w, a.args[0]]))
    nodes, edges = accented(picture)
    product = a.args[0]
    (times,) = [name for name in picture.circles() if picture.text(name) == ["×"]]
    assert nodes == {picture.find("w"), times, picture.find("data", f"{product.data:g}")}
    assert (picture.find("x"), times) not in edges
    assert (picture.find("w"), times) in edges
    assert accented(Picture(draw(a, highlight=x)))[0] == {picture.find("x")}


def test_a_path_goes_through_closed_scopes() -> None:
    model = nn.MLP(2, [3, 1], activation="tanh", seed=0)
    x = [Value(0.5, "x1"), Value(2.0, "x2")]
    out = model(x)
    picture = Picture(draw(out, model=model, depth=1, highlight=explain(out, x[0]).paths[0]))
    nodes, edges = accented(picture)
    assert len(nodes) == 4
    assert len(edges) == 3


# ------------------------------------------------------------------ what flows


def test_edges_show_the_chain_rule() -> None:
    w, x, a = neuron()
    picture = Picture(draw(a, derivatives=True, flow=True, precision=17))
    (times,) = [name for name in picture.circles() if picture.text(name) == ["×"]]
    for edge in picture.into(times):
        operand = {"w": w, "x": x}[picture.text(edge.tail)[0]]
        slope, gradient, share = re.split("[×=]", edge.look["label"])
        assert float(slope) * float(gradient) == pytest.approx(float(share), rel=1e-15)
        assert float(share) == operand.grad


def test_shares_of_a_shared_number_add_up_to_its_gradient() -> None:
    x = Value(3.0, "x")
    y = x * x + x * 5.0
    y.backward(2.0)
    picture = Picture(draw(y, flow=True, precision=17))
    shares = [float(e.look["label"]) for e in picture.edges if e.tail == picture.find("x")]
    assert sum(shares) == x.grad == 22.0


def test_nothing_flows_before_backward() -> None:
    picture = Picture(draw(Value(1.0, "x") * Value(2.0, "y"), flow=True))
    assert {edge.look["label"].strip() for edge in picture.into(picture.circles()[0])} == {"—"}


# ------------------------------------------------------------------ letters


@pytest.mark.parametrize(
    ("label", "shown"),
    [
        ("x1", "x₁"),
        ("w_12", "w₁₂"),
        ("W[1][2]", "W₁,₂"),
        ("alpha", "α"),
        ("Delta_t", "Δₜ"),
        ("theta0'", "θ₀′"),
        ("ŷ", "ŷ"),
        ("layer1", "layer1"),
        ("learning rate", "learning rate"),
        ("a.b", "a.b"),
        ("x1y", "x1y"),
        ("", ""),
    ],
)
def test_symbols_are_written_as_in_formulas(label: str, shown: str) -> None:
    assert pretty(label) == shown


def test_signs_are_those_of_the_table() -> None:
    assert [sign(row, row.arity) for row in (ops.mul, ops.sub, ops.div, ops.tanh)] == [
        "×",
        "−",
        "÷",
        "tanh",
    ]
    assert (sign(ops.add, 3), sign(ops.mul, 3), sign(ops.maximum, 3)) == ("Σ", "∏", "max")


def test_a_span_in_few_digits_may_be_one_number() -> None:
    assert span([1.0001, 1.0002], 3) == "1"
    assert span([-2.0, 3.0], 3) == "-2 … 3"


# ------------------------------------------------------------------ in words


def test_an_svg_says_what_it_shows() -> None:
    _, _, a = neuron()
    root = ElementTree.fromstring(draw(a)._repr_svg_())
    assert root.get("role") == "img"
    title, description = root[0], root[1]
    assert (title.tag, description.tag) == (f"{SVG}title", f"{SVG}desc")
    assert root.get("aria-labelledby", "").split() == [title.get("id"), description.get("id")]
    assert title.text == "Computation graph of a"
    assert description.text == "4 numbers; results: a = 0.7311; leaves: w = 0.5, x = 2."


def test_every_part_of_an_svg_is_called_by_words() -> None:
    _, _, a = neuron()
    root = ElementTree.fromstring(draw(a)._repr_svg_())
    titles = {
        title.text or "" for group in root.iter(f"{SVG}g") for title in group.findall(f"{SVG}title")
    }
    assert not any(re.fullmatch(r"v\d+.*", title) for title in titles)
    assert "The product, x * y." in titles or any("product" in title for title in titles)
    assert any(title.startswith("w: data = 0.5, grad = ") for title in titles)


def test_a_description_tells_the_parts() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    x = [Value(float(k), f"x{k}") for k in range(2)]
    svg = draw(model(x), model=model, depth=1)._repr_svg_()
    description = ElementTree.fromstring(svg)[1].text or ""
    assert "13 parameters" in description
    assert "layer 1" in description
    assert "x₀ = 0, x₁ = 1" in description


@pytest.mark.parametrize("label", ["a<b & c", '"quoted"', "</desc>", "]]>"])
def test_words_of_any_kind_make_a_picture(label: str) -> None:
    root = ElementTree.fromstring(draw(Value(1.0, label) * 2)._repr_svg_())
    assert label in (root[1].text or "")


def test_the_saved_picture_is_the_one_shown(tmp_path: Path) -> None:
    _, _, a = neuron()
    picture = draw(a)
    assert picture.save(tmp_path / "a.svg").read_text("utf-8") == picture._repr_svg_()


def test_two_pictures_on_a_page_have_identifiers_of_their_own() -> None:
    pages = [draw(Value(k, "x") * 2)._repr_svg_() for k in (1.0, 2.0)]
    assert len({re.findall(r'<title id="([^"]+)"', page)[0] for page in pages}) == 2
