"""Why a gradient is zero, tiny, huge or NaN: each cause is told, with where it lies."""

from __future__ import annotations

import math
import random

import pytest
from hypothesis import given, settings

import tinygrad_nn as tg
from tinygrad_nn import Value, debug, exp, log, nn, no_grad, relu, sigmoid, sqrt, tanh
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError
from tinygrad_nn.explaining import explain, explain_model
from tinygrad_nn.testing import networks


def kinds(explanation):
    return [reason.kind for reason in explanation.reasons]


# ---- zero ----------------------------------------------------------------------------------


def test_a_dead_relu():
    w, b = Value(0.5, label="w"), Value(-3.0, label="b")
    unit = relu(w * 2.0 + b)
    found = explain(unit * 4.0, w)
    assert kinds(found) == ["dead"]
    assert "relu is off" in found.why
    assert "after b" in found.why
    assert found.reasons[0].nodes == (unit,)


def test_an_operand_that_is_shown_is_not_repeated():
    assert explain(relu(b := Value(-3.0, label="b")), b).why.endswith(": max(0, b = -3)")


def test_the_other_operand_of_max():
    x, y = Value(1.0, label="x"), Value(2.0, label="y")
    found = explain(tg.max(x, y), x)
    assert kinds(found) == ["dead"]
    assert "max takes the other operand: max(x = 1, y = 2)" in found.why


def test_the_other_branch_of_where():
    x, c = Value(-1.0), Value(1.0)
    found = explain(tg.where(c, 2.0, x), x)
    assert kinds(found) == ["dead"]
    assert "where takes the other branch" in found.why


def test_a_factor_of_zero():
    w, x = Value(3.0, label="w"), Value(0.0, label="x")
    found = explain(tanh(w * x), w)
    assert kinds(found) == ["zero"]
    assert "mul(w = 3, x = 0)" in found.why


def test_a_slope_of_zero():
    x = Value(0.0, label="x")
    assert "the derivative of abs is 0 there: abs(x = 0)" in explain(abs(x), x).why


def test_only_what_stops_paths_first_is_told():
    x = Value(-1.0, label="x")
    zero = Value(0.0, label="zero")
    found = explain(zero * relu(x), x)
    assert kinds(found) == ["zero"]
    assert found.reasons[0].nodes[0].op == "mul"


def test_every_stop_is_counted():
    w = Value(-1.0, label="w")
    total = sum(relu(w * k) for k in range(1, 9)) + 0.0 * w
    found = explain(total, w)
    assert sorted(kinds(found)) == ["dead", "zero"]
    dead = next(reason for reason in found.reasons if reason.kind == "dead")
    assert len(dead.nodes) == 8
    assert "and 5 more nodes" in dead.text


@pytest.mark.parametrize("row", [tg.stop_gradient, tg.floor, lambda x: tg.gt(x, 1.0)])
def test_cut(row):
    x = Value(2.5, label="x")
    found = explain(row(x) * 3.0, x)
    assert kinds(found) == ["cut"]
    assert "x = 2.5" in found.why


def test_cut_and_dead():
    x = Value(-2.5, label="x")
    assert kinds(explain(tg.stop_gradient(x) + relu(x), x)) == ["dead", "cut"]


def test_what_goes_through_a_constant():
    x = Value(2.0, label="x")
    with no_grad():
        h = x * 3.0
    assert kinds(explain(h * h, x)) == ["no path"]
    assert kinds(explain(h * h, h)) == ["cut"]
    assert "no_grad" in explain(h * h, h).why


def test_no_path():
    x, other = Value(2.0, label="x"), Value(1.0, label="other")
    found = explain(other * x.data, x)
    assert kinds(found) == ["no path"]
    assert "x = 2" in found.why
    assert ".data" in found.why
    assert str(found).startswith("∂output/∂x = 0, no path")


def test_of_several_each_has_its_own_cut():
    x, y = Value(2.0), Value(3.0)
    by_x, by_y = explain(tg.floor(x) + 0.0 * y, [x, y])
    assert (kinds(by_x), kinds(by_y)) == (["cut"], ["zero"])


# ---- sums and products ---------------------------------------------------------------------


def test_cancelling_paths():
    x = Value(0.1, label="x")
    found = explain(1e6 * x + 1e-7 * x - 1e6 * x, x)
    assert kinds(found) == ["cancelling"]
    assert "2e+06" in found.why
    assert "rounding" in found.why
    exact = explain(3.0 * x - 3.0 * x, x)
    assert kinds(exact) == ["cancelling"]
    assert exact.size == 6.0


def test_saturated():
    z = Value(16.0, label="z")
    unit = sigmoid(z)
    found = explain(unit * 2.0, z)
    assert kinds(found) == ["saturated", "vanishing"]
    assert found.reasons[0].nodes == (unit,)
    assert "a flat part of sigmoid: sigmoid(z = 16)" in found.why
    assert "1e-7 in size" in found.why


def test_saturated_until_nothing_is_left():
    z = Value(-800.0, label="z")
    assert kinds(explain(sigmoid(z), z)) == ["saturated"]


def test_vanishing():
    x = Value(1.0, label="x")
    y = x
    for _ in range(3000):
        y = 0.5 * y
    found = explain(y, x)
    assert found.gradient == 0.0
    assert kinds(found) == ["vanishing"]
    assert f"about 1e-{3000 * math.log10(2):.0f}" in found.why
    assert len(found.reasons[0].nodes) == 3000


@pytest.mark.parametrize("first", [False, True])
def test_vanishing_beside_a_dead_path(first):
    x = Value(1.0, label="x")
    dead, tiny = relu(-x), 1e-300 * (1e-300 * x)
    found = explain(dead + tiny if first else tiny + dead, x)
    assert found.gradient == 0.0
    assert kinds(found) == ["vanishing"]
    assert [node.op for node in found.reasons[0].nodes] == ["mul", "mul"]


def test_exploding():
    x = Value(1.0, label="x")
    y = x
    for _ in range(40):
        y = y * -3.0
    found = explain(y, x)
    assert kinds(found) == ["exploding"]
    assert "about 1e19" in found.why
    assert "40 of them above 1" in found.why


def test_many_paths_explode_too():
    x = Value(1.0)
    y = x
    for _ in range(64):
        y = y + y
    found = explain(y, x)
    assert kinds(found) == ["exploding"]
    assert "1.84e19 paths" in found.why
    assert "0 of them above 1" in found.why


def test_nothing_remarkable():
    x = Value(1.0)
    found = explain(tanh(x), x)
    assert found.reasons == ()
    assert found.why == "nothing is remarkable about this gradient"


# ---- not finite ----------------------------------------------------------------------------


def test_an_infinite_derivative():
    s = Value(0.0, label="s")
    found = explain(sqrt(s) ** 2, s)
    assert math.isnan(found.gradient)
    assert kinds(found) == ["not finite"]
    assert "the derivative of sqrt by x is inf at sqrt(s = 0)" in found.why


def test_the_first_number_that_is_not_finite_is_named():
    w, bad = Value(2.0, label="w"), Value(math.nan, label="bad")
    found = explain(exp(w * (bad + 1.0)) + w * bad, w)
    assert kinds(found) == ["not finite"]
    assert "the first number that is not finite: the leaf bad = nan" in found.why


def test_overflow_of_finite_factors():
    x = Value(1e-300, label="x")
    # From the output downward: 1e-120 * 1e200 * 1e200 stays below 1.8e308, the other order does not.
    assert kinds(explain(((x * 1e200) * 1e200) * 1e-120, x)) == ["exploding"]
    found = explain(((x * 1e-120) * 1e200) * 1e200, x)
    assert kinds(found) == ["not finite"]
    assert "overflow" in found.why


# ---- names ---------------------------------------------------------------------------------


def test_the_line_is_told_where_it_is_known():
    with debug():
        w = Value(-1.0, label="w")
        unit = relu(w * 2.0)  # this line
    found = explain(unit, w)
    assert "unit = relu(w * 2.0)  # this line" in found.why
    assert "test_reasons.py:" in str(found)


def test_units_are_named_through_the_model():
    model = nn.MLP(2, [3, 1], seed=0)
    model.layers[0].neurons[2].b.data = -50.0
    output = model([1.0, 1.0])
    weight = model.layers[0].neurons[2].w[1]
    found = explain(output, weight, model=model)
    assert "after layers.0.bias[2]" in found.why
    assert str(found).startswith("∂output/∂layers.0.weight[2][1] = 0,")
    assert "layers.0" not in explain(output, weight).why


def test_a_models_names_go_before_labels():
    model = nn.Neuron(1, "tanh", seed=0)
    model.b.label = "shift"
    assert "\n  bias " in str(explain(model(1.0), model))
    assert "∂shift" in str(explain(model(1.0), model.b))


def test_labels_that_repeat_get_other_names():
    a, b = Value(2.0, label="w"), Value(3.0, label="w")
    h = a * b
    h.label = "w"
    text = str(explain(h * a, a))
    assert "∂output/∂w = 12, the sum of 2 paths" in text
    assert "w → u1 → output" in text
    assert "u1 = mul(w = 2, w = 3) = 6" in text


# ---- text and LaTeX ------------------------------------------------------------------------


def test_long_paths_are_shortened():
    x = Value(1.0, label="x")
    y = x
    for _ in range(30):
        y = tanh(y * 1.5)
    line = next(line for line in str(explain(y, x)).splitlines() if "→" in line)
    assert line.count("→") == 8
    assert "…" in line
    assert len(str(explain(y, x)).splitlines()) < 20


def test_sums_and_factors_of_1_are_left_out():
    x = Value(0.5, label="x")
    h = x + 1.0
    assert "  x → u1 → output  " in str(explain(tanh(h) * 2.0, x))
    h.label = "h"
    text = str(explain(1.0 + tanh(h) * 2.0 - 3.0, x))
    assert f"  x → h → u1 → u2 → output  {1.0 / math.cosh(1.5) ** 2:.6g} · 2\n" in text


def test_what_is_not_listed_has_a_row():
    x = Value(1.0, label="x")
    found = explain(sum(k * x for k in range(1, 6)), x, paths=2)
    assert "  6             40 %    3 more paths" in str(found)
    assert r"&\quad + 6 && && \text{3 more paths}" in found.latex


def test_the_formula():
    x, y = Value(3.0, label="x"), Value(-2.0, label="y_1")
    found = explain(x * y * y - 2.0 * tanh(y), y)
    slope = 2.0 / math.cosh(2.0) ** 2
    assert found.gradient == pytest.approx(-12.0 - slope, rel=1e-12)
    assert found.latex.splitlines() == [
        r"\begin{aligned}",
        rf"\frac{{\partial \mathrm{{output}}}}{{\partial y_{{1}}}} &= {-12.0 - slope:.6g} \\",
        r"&= -6 &&= -6 && y_{1} \to u_{1} \to \mathrm{output} \\",
        r"&\quad - 6 &&= 3 \cdot \left(-2\right) && y_{1} \to u_{2} \to u_{1} \to \mathrm{output} \\",
        rf"&\quad - {slope:.6g} &&= {slope / 2:.6g} \cdot 2 \cdot \left(-1\right) "
        r"&& y_{1} \to u_{3} \to u_{4} \to \mathrm{output} \\",
        r"\mathrm{output} &= u_{1} - u_{4} = 13.9281 \\",
        r"u_{1} &= u_{2} \, y_{1} = 12 \\",
        r"u_{2} &= x \, y_{1} = -6 \\",
        r"u_{3} &= \tanh\left(y_{1}\right) = -0.964028 \\",
        r"u_{4} &= 2 u_{3} = -1.92806",
        r"\end{aligned}",
    ]
    assert found._repr_latex_() == f"$\\displaystyle {found.latex}$"


def test_a_table_of_several():
    w = [Value(float(k), label=f"w{k}") for k in range(30)]
    text = str(explain(sum(k * v for k, v in enumerate(w)) + relu(-w[3]), w))
    lines = text.splitlines()
    assert lines[1].split() == ["w29", "29", "1", "29"]
    assert "  ... and 10 more" in lines
    assert lines[-1] == "  remarkable: 1 zero"


# ---- layers --------------------------------------------------------------------------------


def run(model, x):
    """The model in plain numbers: the weighted sums of each layer."""
    sums = []
    for layer in model.layers:
        sums.append(
            [sum(w.data * v for w, v in zip(n.w, x, strict=True)) + n.b.data for n in layer.neurons]
        )
        x = [n.activation(z) for n, z in zip(layer.neurons, sums[-1], strict=True)]
    return sums


def moved(activation, size):
    """A network with large weights, and a cost over some samples."""
    model = nn.MLP(2, [6, 5, 1], activation=activation, seed=4)
    rng = random.Random(2)
    for parameter in model.parameters():
        parameter.data = rng.uniform(-size, size)
    samples = [[rng.uniform(-1, 1), rng.uniform(-1, 1)] for _ in range(9)]
    return model, samples, nn.cost([nn.squared_error(model(x), x[0]) for x in samples])


def test_dead_units():
    model, samples, cost = moved("relu", 1.0)
    sums = [run(model, x) for x in samples]
    found = explain_model(model, cost).layers
    for i in (0, 1):
        truth = sum(all(s[i][j] <= 0.0 for s in sums) for j in range(6 - i))
        assert (found[i].units, found[i].dead) == (6 - i, truth)
        assert truth > 0
        assert f"{truth} of {6 - i} units dead" in found[i].verdict
    assert found[2].units == 0  # the identity has no flat part


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
def test_saturated_units(activation):
    model, samples, cost = moved(activation, 12.0)
    sums = [run(model, x) for x in samples]
    found = explain_model(model, cost).layers
    scale = {"tanh": 1.0, "sigmoid": 2.0}[activation]  # sigmoid(z) = (1 + tanh(z / 2)) / 2
    for i in (0, 1):
        often = [
            sum(1.0 / math.cosh(s[i][j] / scale) ** 2 < 0.01 for s in sums) for j in range(6 - i)
        ]
        truth = sum(2 * count > len(samples) for count in often)
        assert (found[i].units, found[i].saturated) == (6 - i, truth)
        assert truth > 0


def test_leaky_relu_is_never_dead():
    model, _, cost = moved("leaky_relu", 1.0)
    assert [layer.units for layer in explain_model(model, cost).layers] == [0, 0, 0]


def test_a_sigmoid_is_saturated_and_not_dead():
    model = nn.Neuron(1, "sigmoid", seed=0)
    model.b.data = -800.0
    (layer,) = explain_model(model, model(1.0)).layers
    assert (layer.units, layer.dead, layer.saturated) == (1, 0, 1)


@pytest.mark.parametrize(
    "output",
    [
        lambda z: z[0] * sigmoid(z[0]),  # steep, where the sigmoid is flat
        lambda z: tg.max(z[0], z[1]),
        lambda z: relu(z[0] + z[1]),
    ],
)
def test_what_is_no_function_of_one_sum_is_left_out(output):
    model = nn.Layer(1, 2, activation="identity", seed=0)
    for neuron in model.neurons:
        neuron.b.data = 50.0
    (layer,) = explain_model(model, output(model(1.0))).layers
    assert layer.units == 0


def test_the_hinge_is_no_activation_of_a_unit():
    model = nn.Layer(2, 1, activation="identity", seed=0)
    cost = nn.cost([nn.hinge(model([k, -k]) + 5.0, 1) for k in range(3)])
    (layer,) = explain_model(model, cost).layers
    assert layer.units == 0
    assert layer.verdict == "no gradient at all"


@given(networks())
@settings(max_examples=30, deadline=None)
def test_the_numbers_are_those_of_backward(network):
    cost = network.cost()
    found = explain_model(network.model, cost).layers
    cost.backward()
    for i, (layer, told) in enumerate(zip(network.model.layers, found, strict=True)):
        sizes = sorted(abs(parameter.grad) for parameter in layer.parameters())
        assert told.name == f"layers.{i}"
        assert told.parameters == len(sizes)
        assert (told.least, told.greatest) == (sizes[0], sizes[-1])
        half = len(sizes) // 2
        assert told.median == (
            sizes[half] if len(sizes) % 2 else (sizes[half - 1] + sizes[half]) / 2
        )
        assert told.zeros == sizes.count(0.0) / len(sizes)


def test_vanishing_layers():
    model = nn.MLP(2, [8] * 8 + [1], activation="sigmoid", seed=1)
    found = explain_model(model, model([1.0, 2.0])).layers
    verdicts = [layer.verdict for layer in found]
    assert verdicts[0] == "vanishing"
    assert verdicts[-1] == "fine"
    assert all(
        (v == "vanishing") == (g.greatest < 1e-3 * found[-1].greatest)
        for v, g in zip(verdicts, found, strict=True)
    )


def test_exploding_layers():
    model = nn.MLP(2, [4, 4, 1], activation="identity", seed=1)
    for parameter in model.parameters():
        parameter.data = 300.0
    assert [layer.verdict for layer in explain_model(model, model([1.0, 1.0])).layers] == [
        "exploding"
    ] * 3


def test_nan_layers():
    model = nn.MLP(2, [3, 1], activation="tanh", seed=1)
    cost = model([1.0, 2.0])
    found = explain_model(model, sqrt(cost - cost)).layers
    assert {layer.verdict for layer in found} == {"NaN or infinite"}
    assert math.isnan(found[0].greatest)


def test_nan_is_greater_than_all():
    model = nn.Neuron(1, "identity", seed=0)
    (layer,) = explain_model(model, sqrt(0.0 * model.w[0]) + 2.0 * model.b).layers
    assert layer.least == 2.0
    assert math.isnan(layer.greatest)
    model.w, model.b = [model.b], model.w[0]
    (layer,) = explain_model(model, sqrt(0.0 * model.w[0]) + 2.0 * model.b).layers
    assert layer.least == 2.0
    assert math.isnan(layer.greatest)


def test_any_module():
    class Line(nn.Module):
        def __init__(self):
            self.slope, self.shift = Value(2.0), Value(30.0)

    line = Line()
    (layer,) = explain_model(line, tanh(line.slope * 1.0 + line.shift)).layers
    assert (layer.name, layer.parameters, layer.saturated) == ("Line", 2, 1)


def test_the_table_as_text_and_in_a_terminal():
    rich = pytest.importorskip("rich.console")
    model, _, cost = moved("relu", 1.0)
    found = explain_model(model, cost)
    console = rich.Console(width=120)
    with console.capture() as captured:
        console.print(found)
    for layer in found.layers:
        assert layer.verdict in captured.get()
        assert any(
            line.split()[0] == layer.name and line.endswith(layer.verdict)
            for line in str(found).splitlines()
        )


def test_mistakes():
    model = nn.Neuron(2, seed=0)
    with pytest.raises(ArgumentTypeError, match="model must be a module, got 3"):
        explain_model(3, Value(1.0))
    with pytest.raises(ArgumentTypeError, match="cost must be a Value"):
        explain_model(model, 1.0)
    with pytest.raises(ArgumentError, match="has no parameters"):
        explain_model(nn.Module(), Value(1.0))


def test_a_logarithm_far_down_is_found():
    p = Value(1e-320, label="p")
    found = explain(log(p), p)
    assert kinds(found) == ["not finite"]
    assert "log(p = 9.99989e-321)" in found.why
