"""The page in a real browser: numbers are typed, and everything is computed again."""

from __future__ import annotations

import math
import random
from pathlib import Path
from typing import Any

import pytest
from table_points import is_defined, points_of, same
from viewed import SAMPLE, Opener, Page, network, small, told

from tinygrad_nn import TABLE, Value, log, nn, view
from tinygrad_nn.scalar.graph import Node, ancestors, recompute
from tinygrad_nn.scalar.operation import Op
from tinygrad_nn.scalar.reverse import is_cut, local_partial
from tinygrad_nn.viewing.arithmetic import Arithmetic
from tinygrad_nn.viewing.assembly import script
from tinygrad_nn.viewing.description import Subject, describe, number

SETTINGS = 4

TYPE = """
const graph = new graph_js.Graph(given[0]);
const scene = new scene_js.Scene(graph, printed);
return given[1].map((typed) => {
  for (const [index, value] of typed) scene.type(index, value);
  const found = [graph.nodes.map((node) => node.value), [...scene.gradients.by]];
  found.push(graph.nodes.map((node) => node.after));
  scene.reset();
  return found.map((numbers) => numbers.map(String));
});
"""


def typed(driver: Any, page: Any, rows: set[Op], settings: Any) -> Any:
    """Type numbers into a page, in each setting; all values, gradients and updated values."""
    parts, _, _ = script().partition("const main_js")
    start = f"{parts}\nconst printed = {Arithmetic(rows).script()};\nconst given = arguments;\n"
    found = driver.execute_script(start + TYPE, told(page), settings)
    return [[list(map(float, numbers)) for numbers in some] for some in found]


def python(nodes: list[Node], numbers: dict[Node, float]) -> dict[Node, float]:
    made = [node for node in nodes if node.args]
    data = {node: node.data for node in nodes} | numbers
    recompute(made, data, lambda node: node.data, lambda node, args: node.row.quiet(*args))
    return data


def derivatives(
    nodes: list[Node], data: dict[Node, float]
) -> tuple[dict[Node, float], dict[Node, float]]:
    """All adjoints of the last node, and the largest term of each sum."""
    by = dict.fromkeys(nodes, 0.0)
    largest = dict.fromkeys(nodes, 1e-300)
    by[nodes[-1]] = largest[nodes[-1]] = 1.0
    for node in reversed(nodes):
        numbers = [data[operand] for operand in node.args]
        for place, operand in enumerate(node.args):
            if not operand.is_constant and not is_cut(node, place):
                term = by[node] * local_partial(node.row, place, numbers, data[node])
                by[operand] += term
                largest[operand] = max(largest[operand], abs(term))
    return by, largest


def test_every_value_and_gradient_is_that_of_python(driver: Any, tmp_path: Path) -> None:
    model = network()
    loss = nn.squared_error
    x, y = [Value(0.5, "x0"), Value(-1.0, "x1")], Value(1.0, "y")
    root = loss(model(x), y)
    nodes = ancestors(root)
    page = view(root, path=tmp_path / "graph.html")
    rng = random.Random(0)
    leaves = [(place, node) for place, node in enumerate(nodes) if node.is_leaf]
    settings = [
        [(place, rng.gauss(0.0, 1.0)) for place, _ in rng.sample(leaves, rng.choice([1, 3, 300]))]
        for _ in range(SETTINGS)
    ]
    found = typed(driver, page, {node.row for node in nodes if node.op}, settings)
    for setting, (values, gradients, after) in zip(settings, found, strict=True):
        data = python(nodes, {nodes[place]: number for place, number in setting})
        for node, value in zip(nodes, values, strict=True):
            assert math.isclose(value, data[node], rel_tol=1e-12, abs_tol=1e-14)
        by, largest = derivatives(nodes, data)
        for node, gradient in zip(nodes, gradients, strict=True):
            if not node.is_constant:
                assert abs(gradient - by[node]) <= 1e-12 * largest[node]
        moved = {node: data[node] - 0.1 * by[node] for _, node in leaves}
        again = python(nodes, moved)
        assert after[-1] == pytest.approx(again[root], rel=1e-10)


WALK = """
return given[0].map(([data, points]) => {
  const machine = new machine_js.Machine(new graph_js.Graph(data), printed);
  return points.map((point) => {
    point.forEach((number, index) => machine.type(index, Number(number)));
    const { value, fault } = machine.graph.nodes.at(-1);
    return [String(value), fault];
  });
});
"""


def test_no_number_is_shown_that_python_refuses(driver: Any) -> None:
    rows = [row for name, row in TABLE.items() if name != "where"]  # whose condition is 1 or 0
    arithmetic = Arithmetic(rows)
    points = {row: [(0.5,) * row.arity, *points_of(row)] for row in rows}
    graphs = []
    for row, some in points.items():
        root = row(*[Value(0.5 * (low + high)) for low, high in row.sample])
        data = describe(Subject([root], root), ancestors(root), 0.1, arithmetic)
        graphs.append((data, [list(map(number, point)) for point in some]))
    parts, _, _ = script().partition("const main_js")
    start = f"{parts}\nconst printed = {arithmetic.script()};\nconst given = arguments;\n"
    found = driver.execute_script(start + WALK, graphs)
    for (row, some), results in zip(points.items(), found, strict=True):
        for point, (value, fault) in zip(some, results, strict=True):
            if not is_defined(row, point):
                assert fault.startswith(f"{row.name} at "), (row, point, value)
                assert row.remedy in fault
            elif not fault:
                assert same(float(value), row.compute(*point)), (row, point, value)
            else:  # of infinite operands, where Python gives no number either
                assert not math.isfinite(row.compute(*point)), (row, point, fault)


def choose(page: Page, name: str) -> None:
    page.search(name)
    page.press("graph", "\n")  # Enter leads to the field
    assert page.driver.switch_to.active_element == page.find("value")


def retype(page: Page, name: str, text: str) -> None:
    page.press(name, "\ue009a\ue000", text)  # Control and A


def test_a_number_is_typed_by_keyboard_and_taken_back(show: Opener) -> None:
    page = show(small(), lr=0.1)
    before = page.rows()
    choose(page, "a")
    retype(page, "value", "5")
    assert page.rows() == [
        "a = 5, grad -2",
        "b = -3, grad 5",
        "mul #2 = -15, grad 1",
        "f = -10, add, grad 1",
    ]
    assert page.text("chosen") == "a = 5, f = -10"
    assert page.text("altered") == "1 number changed."
    assert "grad = 1 × (-3) + 1 × 1 = (-3) + 1 = -2" in page.text("panel")
    retype(page, "rate", "0.5")
    assert page.text("altered") == "1 number and the learning rate changed."
    page.press("graph", "]")
    assert page.text("said").endswith("Take a sample: a = 2, b = -3; changed to a = 5.")
    page.press("position", "\ue010")  # End
    assert page.text("said").endswith("After the update f is -27; it was -10.")  # 6 * -5.5 + 6
    page.press("graph", "r")
    page.click("whole")
    assert page.rows() == before
    assert page.text("altered") == ""
    assert not page.find("reset").is_displayed()
    assert page.find("rate").get_property("value") == "0.1"
    assert page.find("value").get_property("value") == "2"


def test_what_has_changed_glows_for_a_moment(show: Opener) -> None:
    page = show(small())
    choose(page, "a")
    page.emulate(prefers_reduced_motion="no-preference")  # after the glide, which is none
    before = page.picture()
    retype(page, "value", "2.000001")  # the texts stay
    assert page.picture() != before
    page.driver.execute_async_script("setTimeout(arguments[0], 450)")
    assert page.picture() == before


def test_what_is_no_number_changes_nothing(show: Opener) -> None:
    page = show(small())
    choose(page, "a")
    retype(page, "value", "-")
    assert page.find("value").get_attribute("aria-invalid") == "true"
    assert "a = 2, grad -2" in page.rows()
    retype(page, "value", "-1")
    assert page.find("value").get_attribute("aria-invalid") == "false"
    assert "a = -1, grad -2" in page.rows()
    retype(page, "rate", "-1")
    assert page.find("rate").get_attribute("aria-invalid") == "true"
    assert page.text("altered") == "1 number changed."


def test_a_number_is_dragged(show: Opener) -> None:
    page = show(small())
    choose(page, "a")
    page.press("value-slider", "\ue010")  # End
    assert "a = 6, grad -2" in page.rows()
    assert page.find("value-slider").get_attribute("aria-valuetext") == "6"
    page.click("value-recorded")
    assert "a = 2, grad -2" in page.rows()
    page.press("value-slider", "\ue011")  # Home
    page.click("reset")
    assert "a = 2, grad -2" in page.rows()


def test_outside_of_a_domain_the_number_is_marked(show: Opener) -> None:
    a = Value(2.0, "a")
    b = log(a)
    b.label = "b"
    f = b * 0.0 + a
    f.label = "f"
    page = show(f)
    choose(page, "a")
    retype(page, "value", "-1")
    assert "b = nan ⚠, log, grad nan ⚠" in page.rows()
    assert any(row.startswith("f = nan ⚠") for row in page.rows())
    assert "log at a = -1 has no real result: a logarithm needs a positive" in page.text("altered")
    page.search("f")
    assert "⚠ made from what has no number: log at a = -1" in page.text("panel")
    page.press("graph", "r")
    assert "b = 0.6931, log, grad 0" in page.rows()


def test_a_fixed_number_says_why(show: Opener) -> None:
    a = Value(2.0, "a")
    page = show(a * 3.0 if a > 1.0 else a)
    page.search("a")
    assert page.text("chosen") == "a, fixed"
    assert not page.find("value").is_displayed()
    assert page.text("value-fixed").startswith("This number is fixed. Python has looked at a")


def test_the_target_and_the_inputs_of_a_model(show: Opener) -> None:
    model = nn.MLP(2, [2, 1], seed=0)
    page = show(model, SAMPLE, 1, loss=nn.squared_error)
    choose(page, "x[1]")
    retype(page, "value", "0.25")
    page.click("open-all")
    page.row("y = 1").click()
    page.press("value", "\ue009a\ue000", "-2")
    wanted = nn.squared_error(model([0.5, 0.25]), -2.0).data
    assert page.text("chosen") == f"y = -2, loss = {wanted:.4g}"
