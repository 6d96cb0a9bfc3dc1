"""Pictures of networks, activation functions, losses and predictions."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from matplotlib.colors import to_hex, to_rgb
from matplotlib.patches import Circle
from PIL import Image

from tinygrad_nn import Trainer, nn, sigmoid, sign, tanh
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError
from tinygrad_nn.optim import Adam
from tinygrad_nn.plotting import (
    animate_boundary,
    plot_activation,
    plot_activations,
    plot_boundary,
    plot_confusion,
    plot_cross_entropy,
    plot_layer_activations,
    plot_layer_gradients,
    plot_network,
    save_figure,
)
from tinygrad_nn.plotting.pieces import in_pieces
from tinygrad_nn.plotting.style import BLUE, GREY, ORANGE

LOSS = nn.binary_cross_entropy_with_logits


def curve(axes: Any, color: str) -> tuple[Any, Any]:
    """The points of all lines of a colour, without dots and rings."""
    lines = [x for x in axes.lines if x.get_color() == color and x.get_marker() == "None"]
    return (
        np.concatenate([line.get_xdata() for line in lines]),
        np.concatenate([line.get_ydata() for line in lines]),
    )


# ------------------------------------------------------------- activation functions


def logistic(z: Any) -> Any:
    return 1 / (1 + np.exp(-z))


@pytest.mark.parametrize(
    ("activation", "value", "slope"),
    [
        ("sigmoid", logistic, lambda z: logistic(z) * logistic(-z)),
        ("tanh", np.tanh, lambda z: 1 / np.cosh(z) ** 2),
        (lambda z: z * z, np.square, lambda z: 2 * z),
    ],
)
def test_curves_of_functions_and_derivatives(activation: Any, value: Any, slope: Any) -> None:
    axes = plot_activation(activation)
    z, g = curve(axes, BLUE)
    np.testing.assert_allclose(g, value(z), rtol=1e-9, atol=1e-12)
    z, g = curve(axes, ORANGE)
    np.testing.assert_allclose(g, slope(z), rtol=1e-9, atol=1e-12)
    assert axes.get_xlabel() == "$z$"
    assert (z[0], z[-1]) == axes.get_xlim() == (-4, 4)


def test_a_kink_is_drawn_as_one() -> None:
    axes = plot_activation("relu")
    slopes = [x for x in axes.lines if x.get_color() == ORANGE and x.get_marker() == "None"]
    assert [set(line.get_ydata()) for line in slopes] == [{0.0}, {1.0}]
    assert [line.get_xdata()[-1] for line in slopes] == [0.0, 4.0]
    dot, ring = (x for x in axes.lines if x.get_marker() == "o")
    assert (dot.get_xydata().tolist(), dot.get_markerfacecolor()) == ([[0, 0]], ORANGE)
    assert ring.get_xydata().tolist() == [[0, 1]]
    assert to_rgb(ring.get_markerfacecolor()) == to_rgb(axes.get_facecolor())


def test_a_value_between_two_limits() -> None:
    pieces = in_pieces(lambda x: float(sign(x)), -1.0, 1.0)
    assert pieces.reached == [(0.0, 0.0)]
    assert sorted(pieces.missed) == [(0.0, -1.0), (0.0, 1.0)]
    assert [set(ys) for _, ys in pieces.parts] == [{-1.0}, {1.0}]


def test_a_jump_off_the_grid_is_found() -> None:
    pieces = in_pieces(lambda x: float(x > math.sqrt(0.5)), -1.0, 1.0)
    assert pieces.parts[0][0][-1] == pytest.approx(math.sqrt(0.5), abs=1e-7)
    assert len(pieces.parts) == 2


def test_two_jumps() -> None:
    pieces = in_pieces(lambda x: float(math.floor(x)), -0.5, 1.5)
    assert len(pieces.parts) == 3
    assert pieces.reached == [(0.0, 0.0), (1.0, 1.0)]
    assert pieces.missed == [(0.0, -1.0), (1.0, 0.0)]


def test_a_steep_slope_is_no_jump() -> None:
    assert len(in_pieces(lambda x: math.tanh(1e5 * x), -1.0, 1.0).parts) == 1


def test_every_argument_is_shown_in_order() -> None:
    xs = [x for part, _ in in_pieces(lambda x: float(sign(x)), -1.0, 1.0).parts for x in part]
    assert xs == sorted(xs)
    assert len(set(xs)) == 801


def test_the_four_of_the_lecture() -> None:
    panels = plot_activations()
    titles = " ".join(panel.get_title() for panel in panels)
    assert all(name in titles for name in ("sigmoid", "tanh", "ReLU", "leaky ReLU"))
    assert {panel.get_ylim() for panel in panels} == {(-1.25, 2.25)}
    z, g = curve(panels[3], BLUE)
    np.testing.assert_allclose(g, np.maximum(0.1 * z, z), rtol=1e-12)


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: plot_activation("rely"), ArgumentError, "did you mean 'relu'"),
        (lambda: plot_activations({}), ArgumentError, "activations is empty"),
        (lambda: plot_activations({"tanh": tanh}, axes=[]), ShapeError, "0 axes"),
    ],
)
def test_mistakes_with_activations(draw: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw()


def test_cross_entropy() -> None:
    axes = plot_cross_entropy()
    y_hat, loss = curve(axes, BLUE)
    np.testing.assert_allclose(loss, -np.log(y_hat), rtol=1e-12)
    y_hat, loss = curve(axes, ORANGE)
    np.testing.assert_allclose(loss, -np.log1p(-y_hat), rtol=1e-12)
    blue, orange = axes.get_legend().get_texts()
    assert "y = 1" in blue.get_text()
    assert "y = 0" in orange.get_text()


# ------------------------------------------------------------- networks


def circles(axes: Any) -> list[Circle]:
    return [patch for patch in axes.patches if isinstance(patch, Circle)]


def test_every_unit_and_every_weight() -> None:
    axes = plot_network([2, 4, 3, 1])
    assert len(circles(axes)) == 2 + 4 + 3 + 1
    assert len(axes.lines) == 2 * 4 + 4 * 3 + 3 * 1
    words = [text.get_text() for text in axes.texts]
    assert {"$x_{2}$", "$a_{4}^{[1]}$", "$a_{3}^{[2]}$", "$a_{1}^{[3]}$"} <= set(words)
    assert {"input\n2 numbers", "layer $i = 1$\n4 units", "layer $i = 3$\n1 unit"} <= set(words)


def test_weights_end_at_their_units() -> None:
    axes = plot_network([2, 3, 1])
    centres = {tuple(circle.center) for circle in circles(axes)}
    ends = {tuple(point) for line in axes.lines for point in line.get_xydata().tolist()}
    assert ends == centres


@pytest.mark.parametrize(
    ("network", "units"),
    [
        (nn.MLP(3, [4, 2]), 9),
        (nn.Layer(3, 4), 7),
        (nn.Neuron(3), 4),
        ((3, 4), 7),
    ],
)
def test_what_can_be_drawn(network: Any, units: int) -> None:
    assert len(circles(plot_network(network))) == units


def test_big_layers_are_abbreviated() -> None:
    words = [text.get_text() for text in plot_network([1000, 7, 6]).texts]
    assert words.count(r"$\vdots$") == 2
    assert [word for word in words if word.startswith("$x")] == [
        "$x_{1}$",
        "$x_{2}$",
        "$x_{3}$",
        "$x_{1000}$",
    ]
    assert sum("^{[1]}" in word for word in words) == 4
    assert sum("^{[2]}" in word for word in words) == 6


def test_one_unit_in_colour() -> None:
    axes = plot_network([3, 20, 2], unit=(1, 11))
    assert axes.get_title() == (
        r"$z_{11}^{[1]} = w_{11}^{[1]} \cdot x + b_{11}^{[1]}$,   "
        r"$a_{11}^{[1]} = g(z_{11}^{[1]})$"
    )
    assert [to_hex(c.get_edgecolor()).upper() for c in circles(axes)].count(ORANGE) == 1
    weights = [line for line in axes.lines if line.get_color() == ORANGE]
    assert len(weights) == 3
    assert "$a_{11}^{[1]}$" in [text.get_text() for text in axes.texts]
    assert r"\cdot a^{[1]}" in plot_network([3, 2, 2], unit=(2, 1)).get_title()
    assert {line.get_color() for line in plot_network([3, 2]).lines} == {GREY}


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: plot_network([2]), ShapeError, "two numbers at least"),
        (lambda: plot_network([2, 0]), ArgumentError, r"network\[1\] is 0"),
        (lambda: plot_network("23"), ArgumentTypeError, "of type str"),
        (lambda: plot_network(3), ArgumentTypeError, "of type int"),
        (lambda: plot_network([2, 1], unit=(1, 2)), ArgumentError, r"unit is \(1, 2\)"),
        (lambda: plot_network([2, 1], unit=(0, 1)), ArgumentError, "counted from 1"),
        (lambda: plot_network([2, 1], unit=1), ArgumentTypeError, "a pair"),
    ],
)
def test_mistakes_with_networks(draw: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw()


# ------------------------------------------------------------- histograms by layer


def stairs(axes: Any) -> list[Any]:
    return [patch.get_data() for patch in axes.patches]


def test_activations_by_layer() -> None:
    model = nn.MLP(2, [5, 1], "tanh", seed=0)
    X = np.random.default_rng(0).normal(size=(40, 2))
    state = model.state_dict()
    hidden = np.tanh(X @ np.array(state["layers.0.weight"]).T + state["layers.0.bias"])
    output = hidden @ np.array(state["layers.1.weight"]).T + state["layers.1.bias"]
    axes = plot_layer_activations(model, X)
    for i, (numbers, found) in enumerate(zip((hidden, output), stairs(axes), strict=True)):
        counts, edges = np.histogram(numbers, bins="sqrt")
        np.testing.assert_allclose(found.edges, edges, rtol=1e-9)
        np.testing.assert_allclose(found.values - i, 0.85 * counts / counts.max(), rtol=1e-9)
    assert [label.get_text() for label in axes.get_yticklabels()] == [
        "layer 1\ntanh",
        "layer 2\nidentity",
    ]


def test_units_that_are_dead_are_seen() -> None:
    dead = nn.MLP(1, [3, 1], init=lambda nin, nout, rng: -1.0)
    dead.layers[1].neurons[0].b.data = 1.0
    found = stairs(plot_layer_activations(dead, [[1.0], [2.0]]))[0]
    assert (found.edges[0], found.edges[-1]) == pytest.approx((-0.01, 0.01))  # of a range of 1
    assert max(found.values) == 0.85


def test_gradients_by_layer() -> None:
    model = nn.MLP(2, [6, 1], "tanh", seed=0)
    model([0.5, -1.0]).backward()
    axes = plot_layer_gradients(model)
    for i, (layer, found) in enumerate(zip(model.layers, stairs(axes), strict=True)):
        sizes = [math.log10(abs(parameter.grad)) for parameter in layer.parameters()]
        counts, edges = np.histogram(sizes, bins="sqrt")
        np.testing.assert_allclose(found.edges, edges, rtol=1e-9)
        np.testing.assert_allclose(found.values - i, 0.85 * counts / counts.max(), rtol=1e-9)


def test_gradients_of_zero_are_counted() -> None:
    model = nn.MLP(1, [2, 1], init=lambda nin, nout, rng: 1.0)
    model.layers[0].neurons[0].b.data = -9.0  # dead: its weight and bias learn nothing
    model([1.0]).backward()
    labels = [label.get_text() for label in plot_layer_gradients(model).get_yticklabels()]
    assert labels == ["layer 1\n2 of 4 are 0", "layer 2\n1 of 3 are 0"]


def test_a_layer_without_gradients() -> None:
    model = nn.MLP(1, [2, 1], init=lambda nin, nout, rng: -1.0)
    model([1.0]).backward()
    axes = plot_layer_gradients(model)
    assert axes.get_yticklabels()[0].get_text() == "layer 1\n4 of 4 are 0"
    assert len(stairs(axes)) == 1


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (lambda: plot_layer_gradients(nn.MLP(1, [1])), ArgumentError, "call its backward"),
        (lambda: plot_layer_gradients(nn.Neuron(1)), ArgumentTypeError, "expected an MLP"),
        (lambda: plot_layer_activations(nn.MLP(2, [1]), [[1.0]]), ShapeError, "expects 2 inputs"),
        (lambda: plot_layer_activations(nn.MLP(2, [1]), []), DataError, "X is empty"),
    ],
)
def test_mistakes_with_histograms(draw: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw()


# ------------------------------------------------------------- decision boundaries

X = [[-1.0, -1.0], [-1.0, 1.0], [1.0, -1.0], [1.0, 1.0]]


def linear(*outputs: tuple[float, float, float]) -> nn.MLP:
    """A network of one layer: a row of weights and bias for each output."""
    model = nn.MLP(2, [len(outputs)])
    for neuron, (first, second, bias) in zip(model.layers[0].neurons, outputs, strict=True):
        neuron.w[0].data, neuron.w[1].data, neuron.b.data = first, second, bias
    return model


def boundaries(axes: Any) -> list[Any]:
    """The points of the contour of each class."""
    return [x.get_paths()[0].vertices for x in axes.collections if x.get_linewidths()[0] == 1.2]


@pytest.mark.parametrize(
    ("loss", "y", "bias"),
    [
        (LOSS, [0, 0, 0, 1], -0.5),
        (nn.hinge, [-1, -1, 1, 1], -0.5),
        (nn.binary_cross_entropy, [0, 0, 0, 1], 0.0),
    ],
)
def test_the_boundary_is_where_the_model_is_undecided(loss: Any, y: Any, bias: float) -> None:
    if loss is nn.binary_cross_entropy:
        model = linear((1.0, 2.0, bias))
        for neuron in model.layers[0].neurons:
            neuron.activation = sigmoid
    else:
        model = linear((1.0, 2.0, bias))
    axes = plot_boundary(model, loss, X, y)
    found = np.concatenate(boundaries(axes))
    assert len(found) > 20
    np.testing.assert_allclose(found @ [1.0, 2.0] + bias, 0.0, atol=2e-2)


def test_several_classes() -> None:
    model = linear((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (-1.0, -1.0, 0.0))
    axes = plot_boundary(model, nn.cross_entropy, X, [2, 1, 0, 0], names=["a", "b", "c"])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["a", "b", "c"]
    for k, found in enumerate(boundaries(axes)):
        scores = np.stack([found[:, 0], found[:, 1], -found.sum(axis=1)])
        others = np.delete(scores, k, axis=0).max(axis=0)
        np.testing.assert_allclose(scores[k], others, atol=0.1)
    assert len(boundaries(axes)) == 3


def test_samples_are_where_they_are_in_the_colour_of_their_class() -> None:
    axes = plot_boundary(linear((1.0, 2.0, 0.0)), LOSS, X, [0, 1, 0, 1])
    zero, one = (x for x in axes.collections if len(x.get_offsets()) == 2)
    assert zero.get_offsets().tolist() == [X[0], X[2]]
    assert one.get_offsets().tolist() == [X[1], X[3]]
    assert to_hex(zero.get_facecolor()).upper() == BLUE
    assert to_hex(one.get_facecolor()).upper() == ORANGE


def test_labels_of_hinge() -> None:
    axes = plot_boundary(linear((1.0, 2.0, 0.0)), nn.hinge, X, [-1, 1, -1, 1])
    assert [text.get_text() for text in axes.get_legend().get_texts()] == ["class -1", "class 1"]
    assert sum(len(x.get_offsets()) == 2 for x in axes.collections) == 2


def test_regions_have_the_colour_of_their_class() -> None:
    axes = plot_boundary(linear((0.0, 1.0, 0.0)), LOSS, X, [0, 1, 0, 1])  # 1 is above
    fills = {to_hex(x.get_facecolor()[0][:3]).upper(): x for x in axes.collections if x.get_alpha()}
    assert fills[ORANGE].get_paths()[0].vertices[:, 1].min() == pytest.approx(0.0, abs=1e-2)
    assert fills[BLUE].get_paths()[0].vertices[:, 1].max() == pytest.approx(0.0, abs=1e-2)


def test_a_class_that_wins_nowhere_has_no_region() -> None:
    axes = plot_boundary(linear((0.0, 0.0, 1.0)), LOSS, X, [0, 1, 0, 1])
    assert len(boundaries(axes)) == 0


@pytest.mark.parametrize(
    ("draw", "error", "message"),
    [
        (
            lambda: plot_boundary(nn.MLP(2, [1]), nn.squared_error, X, [0, 1, 1, 0]),
            ArgumentError,
            "expected one of classes",
        ),
        (
            lambda: plot_boundary(nn.MLP(3, [1]), LOSS, [[1.0, 2.0, 3.0]], [0]),
            ShapeError,
            "X has 3 columns",
        ),
        (lambda: plot_boundary(nn.MLP(2, [1]), LOSS, X, [0, 1, 2, 0]), DataError, "2"),
        (
            lambda: plot_boundary(nn.MLP(2, [1]), LOSS, X, [0, 1, 1, 0], names=["a"]),
            ShapeError,
            "names has length 1",
        ),
    ],
)
def test_mistakes_with_boundaries(draw: Any, error: type[Exception], message: str) -> None:
    with pytest.raises(error, match=message):
        draw()


def test_the_film_of_a_training(tmp_path: Path) -> None:
    y = [0, 1, 1, 0]
    model = nn.MLP(2, [4, 1], "tanh", seed=0)
    trainer = Trainer(model, LOSS, Adam(model.parameters(), lr=0.1))
    before = nn.cost([LOSS(model(row), t) for row, t in zip(X, y, strict=True)]).data
    axes = plot_boundary(model, LOSS, X, y)
    film = animate_boundary(trainer, X, y, frames=3, epochs=20, axes=axes)
    assert trainer.optimizer.steps == 60
    path = save_figure(film, tmp_path / "training.gif")
    after = nn.cost([LOSS(model(row), t) for row, t in zip(X, y, strict=True)]).data
    assert axes.get_title() == f"epoch 60, cost {after:.3f}"  # the last picture is still there
    assert after < before
    assert path.read_bytes().startswith(b"GIF89a")
    with Image.open(path) as picture:
        assert picture.n_frames == 4  # of equal ones at the end one is kept, for longer


def test_the_film_begins_before_the_training(tmp_path: Path) -> None:
    model = linear((1.0, 2.0, 0.0))
    trainer = Trainer(model, LOSS, Adam(model.parameters(), lr=0.1))
    film = animate_boundary(trainer, X, [0, 1, 1, 0], frames=1)
    film._func(0)  # matplotlib has no public way to one picture
    (axes,) = film._fig.axes
    assert axes.get_title().startswith("before the training, cost 1.")
    np.testing.assert_allclose(boundaries(axes)[0] @ [1.0, 2.0], 0.0, atol=2e-2)
    save_figure(film, tmp_path / "film.gif")  # one that is never shown warns


# ------------------------------------------------------------- confusion


def test_confusion() -> None:
    axes = plot_confusion([[8, 2], [3, 7]], ["cat", "dog"])
    found = {text.get_position(): text.get_text() for text in axes.texts}
    assert found == {(0, 0): "8", (1, 0): "2", (0, 1): "3", (1, 1): "7"}
    np.testing.assert_allclose(axes.images[0].get_array(), [[0.8, 0.2], [0.3, 0.7]])
    assert axes.get_title() == "15 of 20 right (75.0 %)"
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("predicted class", "true class")
    assert [label.get_text() for label in axes.get_xticklabels()] == ["cat", "dog"]


def test_numbers_are_read_on_their_ground() -> None:
    axes = plot_confusion([[10, 0], [4, 6]])
    assert [text.get_color() for text in axes.texts] == ["white", "black", "black", "white"]


def test_a_class_without_samples() -> None:
    assert plot_confusion([[0, 0], [1, 3]]).get_title() == "3 of 4 right (75.0 %)"


@pytest.mark.parametrize(
    ("counts", "names", "error", "message"),
    [
        ([[1, 2]], (), ShapeError, r"counts\[0\] has length 2"),
        ([[1, 2], [3, -1]], (), ArgumentError, r"counts\[1\] has -1"),
        ([[1, 2], [3, 1]], ("a",), ShapeError, "names has length 1"),
        ([[0]], (), ArgumentError, "no samples"),
        ([], (), ArgumentError, "no samples"),
    ],
)
def test_mistakes_with_confusion(
    counts: Any, names: Any, error: type[Exception], message: str
) -> None:
    with pytest.raises(error, match=message):
        plot_confusion(counts, names)
