"""Graphs as pictures by their scopes: frames, closed boxes, and what is alike drawn once."""

from __future__ import annotations

import math
import random
from collections.abc import Sequence
from itertools import pairwise
from typing import Any

import pytest
from drawn import Picture
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_nn import Value, dot, draw, mean, nn, softmax, tanh
from tinygrad_nn.drawing.building import make_outline
from tinygrad_nn.drawing.placing import place_nodes
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DrawingError
from tinygrad_nn.scalar.graph import ancestors
from tinygrad_nn.scopes import scope

LOSS = nn.binary_cross_entropy_with_logits


def network(**options: Any) -> nn.MLP:
    return nn.MLP(2, [16, 16, 1], activation="tanh", seed=0, **options)


def inputs() -> list[Value]:
    return [Value(0.5, "x1"), Value(-1.0, "x2")]


def samples(count: int) -> list[tuple[list[float], int]]:
    rng = random.Random(1)
    return [([rng.gauss(0, 1), rng.gauss(0, 1)], rng.randrange(2)) for _ in range(count)]


def kinds(value: Value | Sequence[Value], model: nn.Module) -> set[tuple[str, ...]]:
    """The scopes of a graph, without numbers."""
    roots = [value] if isinstance(value, Value) else list(value)
    paths = place_nodes(roots, model).paths.values()
    return {tuple(name.rstrip(" 0123456789") for name in path) for path in paths}


# ------------------------------------------------------------------ one sample


def test_at_depth_1_a_network_is_its_layers() -> None:
    model = network()
    picture = Picture(draw(LOSS(model(inputs()), 1), model=model, depth=1))
    assert picture.frames() == []
    texts = picture.texts()
    assert ["layer 1", "80 operations", "48 parameters"] in texts
    assert ["layer 2", "528 operations", "272 parameters"] in texts
    assert ["layer 3", "32 operations", "17 parameters"] in texts
    assert ["loss", "6 operations"] in texts
    assert len(texts) == 6  # and the two inputs as one, and the result
    chain = ["x₁, x₂", "layer 1", "layer 2", "layer 3", "loss"]
    ends = [(picture.text(edge.tail)[0], picture.text(edge.head)[0]) for edge in picture.edges]
    assert sorted(ends) == sorted([*pairwise(chain), ("loss", "data")])
    labels = {edge.look.get("label", "").strip() for edge in picture.edges}
    assert labels == {"", "16"}  # so many numbers go from layer to layer


def test_at_depth_2_units_that_are_alike_are_one_box() -> None:
    model = network()
    picture = Picture(draw(LOSS(model(inputs()), 1), model=model, depth=2))
    assert sorted(picture.frames()) == [["layer 1"], ["layer 2"], ["layer 3"], ["loss"]]
    texts = picture.texts()
    assert ["unit", "× 16", "5 operations", "3 parameters"] in texts
    assert ["unit", "× 16", "33 operations", "17 parameters"] in texts
    assert ["unit 1", "32 operations", "17 parameters"] in texts
    stacks = [look for look in picture.nodes.values() if look.get("peripheries") == "2"]
    assert len(stacks) == 2


def test_at_depth_3_a_unit_is_one_product_one_sum_and_its_activation() -> None:
    model = network()
    picture = Picture(draw(LOSS(model(inputs()), 1), model=model, depth=3))
    assert sorted(map(" ".join, picture.frames())) == [
        "layer 1",
        "layer 2",
        "layer 3",
        "loss",
        "unit 1",
        "unit × 16",
        "unit × 16",
    ]
    signs = sorted(picture.text(name)[0] for name in picture.circles())
    assert signs == sorted(
        ["×", "Σ", "tanh"] * 2 + ["×", "Σ"] + ["−", "×", "×", "+"] + ["softplus"] * 2
    )
    assert [text[:2] for text in picture.texts()].count(["w₁ … w₁₆", "× 16"]) == 2
    assert len(picture.nodes) < 50


def test_without_folding_every_unit_is_drawn() -> None:
    model = network()
    picture = Picture(draw(LOSS(model(inputs()), 1), model=model, depth=2, fold=False))
    units = [text[0] for text in picture.texts() if text[0].startswith("unit")]
    assert len(units) == 33
    assert set(units) == {f"unit {j}" for j in range(1, 17)}


def test_parameters_are_named_by_their_place_in_the_unit() -> None:
    model = nn.MLP(2, [1], seed=0)
    picture = Picture(draw(model([1.0, 2.0]), model=model))
    assert {text[0] for text in picture.texts() if "data" in text[1:]} == {"w₁", "w₂", "b"}
    assert "layers.0.weight[0][1]" in picture.nodes[picture.find("w₂")]["tooltip"]


@pytest.mark.parametrize("activation", ["identity", "sigmoid", "tanh", "relu", "leaky_relu"])
def test_the_activation_of_the_outputs_is_theirs_and_the_loss_is_not(activation: str) -> None:
    model = nn.MLP(2, [3, 1], output_activation=activation, seed=0)
    output = model([0.5, 0.25])
    parts = {("layer",), ("layer", "unit")}  # the inputs are shared by the units of a layer
    assert kinds(output, model) == parts
    loss = nn.squared_error(output, 0.5)
    placed = place_nodes([loss], model)
    own = [node for node in ancestors(output) if node.args]
    assert all(placed.paths[node][0].startswith("layer") for node in own)
    after = [node for node in placed.nodes if node.args and node not in set(own)]
    assert {placed.paths[node] for node in after} == {("loss",)}


def test_several_results_are_no_loss() -> None:
    model = nn.MLP(2, [3, 2], seed=0)
    assert ("loss",) not in kinds(softmax(model([0.5, 0.25])), model)


def test_an_output_and_the_loss_of_another_call_are_no_penalty() -> None:
    model = nn.MLP(2, [2, 1], seed=0)
    roots = [model([0.5, 0.25]), LOSS(model([0.5, 0.25]), 1)]
    assert ("penalty",) not in kinds(roots, model)


def test_what_does_not_have_the_parameters_has_no_scopes() -> None:
    assert set(place_nodes([tanh(Value(1.0))], network()).paths.values()) == {()}


# ------------------------------------------------------------------ many samples


@pytest.mark.parametrize("total", [lambda losses: sum(losses) / len(losses), mean])
def test_samples_are_one_box(total: Any) -> None:
    model = network()
    cost = total([LOSS(model(x), y) for x, y in samples(20)])
    picture = Picture(draw(cost, model=model, depth=1))
    assert ["sample", "× 20", "646 operations"] in picture.texts()
    assert ["parameters", "337 parameters"] in picture.texts()
    signs = [picture.text(name)[0] for name in picture.circles()]
    assert signs == ["Σ", "÷"]
    labels = sorted(edge.look.get("label", "").strip() for edge in picture.edges)
    assert labels[-2:] == ["20", "337"]


def test_inside_of_samples_are_the_layers_of_each() -> None:
    model = network()
    cost = mean([LOSS(model(x), y) for x, y in samples(7)])
    picture = Picture(draw(cost, model=model, depth=3))
    assert ["sample", "× 7"] in picture.frames()
    assert picture.texts().count(["unit", "× 16", "33 operations"]) == 1
    between = [edge.look.get("label", "").strip() for edge in picture.edges]
    assert between.count("16") == 2  # numbers of a sample, not of all


def test_results_may_be_samples() -> None:
    model = nn.MLP(2, [2, 1], seed=0)
    losses = [LOSS(model(x), y) for x, y in samples(5)]
    picture = Picture(draw(losses, model=model, depth=1))
    assert [text[:2] for text in picture.texts()].count(["sample", "× 5"]) == 1


def test_a_penalty_is_beside_the_samples() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    penalty = 0.01 * sum(w * w for w in model.parameters())
    cost = mean([LOSS(model(x), y) for x, y in samples(4)]) + penalty
    assert ("penalty",) in kinds(cost, model)
    assert ("parameters", "layer", "unit") in kinds(cost, model)
    single = LOSS(model([0.5, 1.0]), 1) + penalty
    assert not any("sample" in path for path in kinds(single, model))
    assert ("layer", "unit") in kinds(single, model)


def test_samples_of_two_shapes_are_two_boxes() -> None:
    model = nn.MLP(1, [1], seed=0)
    losses = [nn.squared_error(model([float(k)]), 0.0) for k in range(5)]
    losses += [abs(model([float(k)])) for k in range(3)]
    texts = Picture(draw(mean(losses), model=model, depth=1)).texts()
    assert {tuple(text[:2]) for text in texts if text[0] == "sample"} == {
        ("sample", "× 5"),
        ("sample", "× 3"),
    }


def test_the_terms_of_one_sum_are_no_samples() -> None:
    model = nn.Neuron(3, "identity", seed=0)
    assert not any("sample" in path for path in kinds(model([1.0, 2.0, 3.0]), model))
    wide = nn.MLP(1, [4, 1], seed=0)
    assert not any("sample" in path for path in kinds(wide([1.0]), wide))


def test_a_large_graph_is_drawn_collapsed() -> None:
    model = network()
    cost = mean([LOSS(model(x), y) for x, y in samples(30)])
    placed = place_nodes([cost], model)
    assert len(placed.nodes) > 19_000
    for depth in (1, 2, 3, 4):
        outline = make_outline(placed, [cost], depth=depth, fold=True)
        assert len(outline) < 30
    assert len(make_outline(place_nodes([cost]), [cost], depth=1, fold=True)) < 30


@pytest.mark.parametrize("turned", [False, True])
def test_a_long_chain_is_one_operation(turned: bool) -> None:
    x = Value(0.5, "x")
    total: Any = x
    for _ in range(30_000):
        total = x + total if turned else total + x
    picture = Picture(draw(total, fold=True))
    assert [picture.text(name) for name in picture.circles()] == [["Σ"]]
    assert len(picture.edges) == 2


# ------------------------------------------------------------------ scopes of one's own


def attention(positions: int, heads: int) -> Value:
    rng = random.Random(0)

    def numbers(name: str, rows: int) -> list[list[Value]]:
        return [[Value(rng.gauss(0, 1), f"{name}{i}{j}") for j in range(4)] for i in range(rows)]

    x = numbers("x", positions)
    results = []
    with scope("attention"):
        for head in range(heads):
            with scope(f"head {head + 1}"):
                W, V = numbers("W", 4), numbers("V", 4)
                with scope("scores"):
                    q = [[dot(row, t) for row in W] for t in x]
                    weights = [softmax([dot(a, b) / 2 for b in x]) for a in q]
                with scope("mix"):
                    v = [[dot(row, t) for row in V] for t in x]
                    results += [dot(w, [row[0] for row in v]) for w in weights]
    return sum(results, Value(0.0))


def test_scopes_of_ones_own_are_frames_and_boxes() -> None:
    result = attention(3, 2)
    assert ["attention"] in [text[:1] for text in Picture(draw(result, depth=1)).texts()]
    picture = Picture(draw(result, depth=2))
    assert picture.frames() == [["attention"]]
    assert ["head", "× 2"] in [text[:2] for text in picture.texts()]
    picture = Picture(draw(result, depth=3))
    assert picture.frames() == [["attention"], ["head", "× 2"]]
    assert {"scores", "mix"} <= {text[0] for text in picture.texts()}


def test_parts_that_are_computed_otherwise_are_not_folded() -> None:
    x = Value(0.5, "x")
    parts = []
    for k, f in enumerate([tanh, tanh, lambda x: x * x]):
        with scope(f"part {k}"):
            parts.append(f(x))
    texts = Picture(draw(parts, depth=1)).texts()
    assert ["part", "× 2", "1 operation"] in texts
    assert ["part 2", "1 operation"] in texts


def test_parts_of_other_names_are_not_folded() -> None:
    x = Value(0.5, "x")
    with scope("left"):
        a = tanh(x)
    with scope("right"):
        b = tanh(x)
    names = {text[0] for text in Picture(draw([a, b], depth=1)).texts()}
    assert {"left", "right"} <= names


def test_a_part_that_is_entered_again_is_drawn_in_a_circle() -> None:
    h = Value(0.5, "h")
    for _ in range(3):
        with scope("cell"):
            h = tanh(h)
        h = h * 2
    picture = Picture(draw(h, depth=1))
    boxes = [name for name in picture.nodes if picture.text(name)[0] == "cell"]
    assert len(boxes) == 1
    assert any(edge.head == boxes[0] for edge in picture.edges)


def test_what_is_kept_is_drawn_beside_its_box() -> None:
    model = network()
    loss = LOSS(model(inputs()), 1)
    picture = Picture(draw(loss, model=model, depth=1, keep=lambda value: value.op == "tanh"))
    kept = [name for name in picture.nodes if picture.text(name)[0] == "× 16"]
    assert len(kept) == 2
    for name in kept:
        (edge,) = picture.into(name)
        assert picture.text(edge.tail)[0].startswith("layer")
        (after,) = [edge for edge in picture.edges if edge.tail == name]
        assert picture.text(after.head)[0] in ("layer 2", "layer 3")
    assert picture.circles() == []


def test_what_is_kept_has_no_edge_back_into_its_box() -> None:
    with scope("part"):
        y = tanh(Value(0.5, "x"))
        z = y * y
    picture = Picture(draw(z, depth=1, keep=lambda value: value is y))
    box = next(name for name in picture.nodes if picture.text(name)[0] == "part")
    assert picture.into(box) == []
    assert len(picture.edges) == 2  # out of the box, to what is kept and to the result


def test_one_kept_number_does_not_keep_those_that_are_alike() -> None:
    model = network()
    loss = LOSS(model(inputs()), 1)
    chosen = next(node for node in ancestors(loss) if node.op == "tanh")
    picture = Picture(draw(loss, model=model, depth=2, keep=lambda value: value is chosen))
    shown = f"{chosen.data:.4g}"
    (name,) = [n for n in picture.nodes if picture.text(n)[:2] == ["data", shown]]
    assert picture.text(picture.into(name)[0].tail)[:2] == ["unit", "× 16"]


# ------------------------------------------------------------------ folding as such


def test_the_ranges_of_folded_numbers_are_shown() -> None:
    x = [Value(float(k), f"x{k}") for k in range(1, 5)]
    y = sum(3.0 * each for each in x)
    y.backward()
    picture = Picture(draw(y, fold=True))
    assert ["x₁ … x₄", "× 4", "data", "1 … 4", "grad", "3"] in picture.texts()
    assert ["× 4", "data", "3 … 12", "grad", "1"] in picture.texts()


def test_the_start_of_a_sum_is_left_out_and_other_constants_are_not() -> None:
    x = [Value(float(k), f"x{k}") for k in range(3)]
    assert ["0"] not in Picture(draw(sum(x), fold=True)).texts()
    assert ["5"] in Picture(draw(sum(x, Value(0.0) * 0 + 5), fold=True)).texts()


def test_a_labelled_link_of_a_chain_is_drawn() -> None:
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    z = a + b
    z.label = "z"
    picture = Picture(draw(z + c, fold=True))
    assert [picture.text(name) for name in picture.circles()] == [["+"], ["+"]]
    assert picture.find("z")


def test_labels_that_differ_in_more_than_a_number_are_kept_apart() -> None:
    a, b, c = Value(1.0, "a"), Value(2.0, "b"), Value(3.0, "c")
    picture = Picture(draw(a * b + a * c, fold=True))
    assert {text[0] for text in picture.texts()} >= {"a", "b", "c"}
    assert [picture.text(name)[0] for name in picture.circles()].count("×") == 2


@given(st.permutations(range(5)), st.booleans())
@settings(max_examples=20, deadline=None)
def test_the_order_of_a_sum_does_not_count(order: list[int], balanced: bool) -> None:
    def total(terms: list[Value]) -> Value:
        if balanced:
            return (terms[0] + terms[1]) + (terms[2] + (terms[3] + terms[4]))
        return terms[0] + terms[1] + terms[2] + terms[3] + terms[4]

    x = [Value(float(k), "abcde"[k]) for k in range(5)]
    both = [total(x), total([x[k] for k in order])]
    with_scopes = make_outline(place_nodes(both), both, depth=1, fold=True)
    assert len(list(with_scopes.numbers())) == 5 + 1


def test_derivatives_of_a_chain_are_those_of_the_whole() -> None:
    x, y, z = Value(2.0, "x"), Value(3.0, "y"), Value(5.0, "z")
    result = x * y * z
    result.backward()
    picture = Picture(draw(result, fold=True, derivatives=True))
    assert [picture.text(name) for name in picture.circles()] == [["∏"]]
    edges = picture.into(picture.circles()[0])
    shown = {picture.text(edge.tail)[0]: float(edge.look["label"]) for edge in edges}
    assert shown == {"x": 15.0, "y": 10.0, "z": 6.0}


def test_not_a_number_among_folded_ones_is_told() -> None:
    x = [Value(1.0, "x1"), Value(math.nan, "x2")]
    assert ["x₁, x₂", "× 2", "data", "1, nan"] in [
        text[:4] for text in Picture(draw(x[0] + x[1], fold=True)).texts()
    ]


# ------------------------------------------------------------------ mistakes


@pytest.mark.parametrize(
    ("options", "error", "message"),
    [
        ({"depth": 0}, ArgumentError, "depth"),
        ({"depth": 1.5}, ArgumentTypeError, "depth"),
        ({"model": 3}, ArgumentTypeError, "model must be a module"),
        ({"keep": "x"}, ArgumentTypeError, "keep must be a function"),
        ({"color": "red"}, ArgumentError, "color must be one of gradient, value"),
        ({"highlight": 3.0}, ArgumentTypeError, "highlight must be Values, or a path"),
        ({"highlight": [Value(1.0), 2]}, ArgumentTypeError, "highlight must be Values"),
    ],
)
def test_mistakes(options: dict[str, Any], error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw(Value(1.0) * 2, **options)


def test_too_much_at_one_depth_is_an_error_that_says_so() -> None:
    model = network()
    loss = LOSS(model(inputs()), 1)
    with pytest.raises(DrawingError, match=r"987 numbers, more than max_nodes=500.*with depth=1"):
        draw(loss, model=model)
    with pytest.raises(DrawingError, match=r"drawn as 41, .*with a smaller depth"):
        draw(loss, model=model, depth=2, fold=False, max_nodes=20)


@pytest.mark.parametrize("option", ["depth", "fold", "color", "highlight", "flow", "model"])
def test_options_of_graphs_are_refused_for_architectures(option: str) -> None:
    with pytest.raises(ArgumentError, match=f"{option} is .*leave it out"):
        draw(network(), **{option: 1})
