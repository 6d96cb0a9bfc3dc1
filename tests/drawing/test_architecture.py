"""Networks as pictures: units by layer."""

from __future__ import annotations

import pytest
from drawn import Picture, svg_texts

from tinygrad_nn import draw, nn
from tinygrad_nn.errors import DrawingError


def places(picture: Picture, prefix: str) -> list[tuple[float, float]]:
    """Where the units of a layer stand, in order."""
    found = []
    for name in picture.circles():
        if name.startswith(prefix):
            x, y = picture.nodes[name]["pos"].rstrip("!").split(",")
            found.append((float(x), float(y)))
    return found


def test_small_layers_are_shown_whole() -> None:
    picture = Picture(draw(nn.MLP(2, [4, 4, 1], "tanh", "sigmoid")))
    assert len(picture.circles()) == 2 + 4 + 4 + 1
    assert len(picture.edges) == 2 * 4 + 4 * 4 + 4 * 1
    assert picture.text("x 1") == ["x₁"]
    assert picture.text("a[2] 4") == ["a₄", "[2]"]
    assert not any("⋮" in text for text in picture.texts())


def test_large_layers_are_abbreviated_with_their_count() -> None:
    picture = Picture(draw(nn.MLP(30, [16, 1], "tanh", "sigmoid")))
    assert len(picture.circles()) == 4 + 4 + 1
    assert len(picture.edges) == 4 * 4 + 4 * 1
    assert sum(text == ["⋮"] for text in picture.texts()) == 2
    assert picture.text("x 30") == ["x₃₀"]
    assert picture.text("a[1] 16") == ["a₁₆", "[1]"]
    assert ["30 numbers"] in picture.texts()
    assert ["16 units · tanh"] in picture.texts()
    assert ["1 unit · sigmoid"] in picture.texts()


def test_edges_join_consecutive_layers_only() -> None:
    picture = Picture(draw(nn.MLP(2, [3, 2])))
    layers = {(edge.tail.split()[0], edge.head.split()[0]) for edge in picture.edges}
    assert layers == {("x", "a[1]"), ("a[1]", "a[2]")}
    assert len({(edge.tail, edge.head) for edge in picture.edges}) == 2 * 3 + 3 * 2


def test_captions_are_in_the_notation_of_the_notes() -> None:
    picture = Picture(draw(nn.MLP(2, [3, 1], "relu", "sigmoid")))
    lines = ["".join(text) for text in picture.texts()]
    assert "zⱼ[1]= wⱼ[1]· x + bⱼ[1]" in lines
    assert "aⱼ[1]= relu(zⱼ[1])" in lines
    assert "z₁[2]= w₁[2]· a[1]+ b₁[2]" in lines
    assert "a₁[2]= σ(z₁[2])" in lines


def test_without_an_activation_a_is_z() -> None:
    lines = ["".join(text) for text in Picture(draw(nn.Layer(2, 3, "identity"))).texts()]
    assert "aⱼ[1]= zⱼ[1]" in lines


def test_an_activation_without_a_name_is_g() -> None:
    lines = ["".join(text) for text in Picture(draw(nn.Neuron(2, lambda z: z * z))).texts()]
    assert "a₁[1]= g(z₁[1])" in lines


def test_a_layer_and_a_neuron_are_networks_of_one_layer() -> None:
    layer = Picture(draw(nn.Layer(3, 2)))
    assert (len(layer.circles()), len(layer.edges)) == (5, 6)
    neuron = Picture(draw(nn.Neuron(3)))
    assert (len(neuron.circles()), len(neuron.edges)) == (4, 3)
    assert neuron.look["name"] == "Architecture of a 3-1 network"


@pytest.mark.parametrize(
    ("rankdir", "axis", "sign"), [("LR", 0, 1), ("RL", 0, -1), ("TB", 1, -1), ("BT", 1, 1)]
)
def test_units_stand_in_order_along_the_direction(rankdir: str, axis: int, sign: int) -> None:
    picture = Picture(draw(nn.MLP(3, [2, 1]), rankdir=rankdir))
    layers = [places(picture, prefix) for prefix in ("x", "a[1]", "a[2]")]
    along = [{place[axis] for place in layer} for layer in layers]
    assert [len(levels) for levels in along] == [1, 1, 1]
    levels = [sign * level.pop() for level in along]
    assert levels == sorted(levels)
    across = [place[1 - axis] for place in layers[0]]
    assert across == sorted(across, reverse=axis == 0)  # downwards, or to the right


def test_it_renders_with_every_unit() -> None:
    texts = svg_texts(draw(nn.MLP(2, [1000, 1]))._repr_svg_())
    assert {"x₁", "x₂", "a₁₀₀₀", "⋮", "Input", "Hidden layer 1", "Output layer 2"} <= set(texts)


def test_too_many_units_are_an_error() -> None:
    model = nn.MLP(2, [1] * 20)
    with pytest.raises(DrawingError, match="22 units, more than max_nodes=10"):
        draw(model, max_nodes=10)
