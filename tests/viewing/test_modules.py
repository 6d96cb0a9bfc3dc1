"""The modules of the page, called one by one in a real browser, against Python and brute force."""

from __future__ import annotations

import json
import math
import random
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

from tinygrad_nn import Value, gradients, sin, tanh
from tinygrad_nn.scalar.graph import Node, ancestors
from tinygrad_nn.scalar.reverse import partial
from tinygrad_nn.viewing import view
from tinygrad_nn.viewing.assembly import script

SEEDS = range(6)


def run(driver: Any, code: str, *arguments: Any) -> Any:
    """Run code after all modules but the last, which makes the page."""
    parts, _, _ = script().partition("const main_js")
    return driver.execute_script(f"{parts}\nconst given = arguments;\n{code}", *arguments)


def some_graph(rng: random.Random, size: int) -> Value:
    """A graph with shared operands, and with operations on one number twice."""
    nodes = [Value(rng.uniform(0.5, 1.5), f"x{place}") for place in range(3)]
    for _ in range(size):
        # Mostly late operands, so that paths are long.
        x, y = (nodes[-1 - min(int(rng.expovariate(0.5)), len(nodes) - 1)] for _ in "xy")
        nodes.append(rng.choice([x + y, x * y, x - y, tanh(x), sin(y), x * 0.5]))
    return sum(nodes[3:], nodes[2])


def data_of(root: Value, tmp_path: Path) -> Any:
    html = view(root, path=tmp_path / "graph.html").html
    return json.loads(html.partition('id="data">')[2].partition("</script>")[0])


def all_paths(start: Node, end: Node) -> list[float]:
    """The product of derivatives along each path, by walking every one."""
    if start is end:
        return [1.0]
    return [
        product * partial(end, position)
        for position, operand in enumerate(end.args)
        if not operand.is_constant
        for product in all_paths(start, operand)
    ]


@pytest.mark.parametrize("seed", SEEDS)
def test_derivatives_and_paths(driver: Any, tmp_path: Path, seed: int) -> None:
    root = some_graph(random.Random(seed), 9)
    nodes = ancestors(root)
    start = next(node for node in nodes if node.label == "x2")
    found = run(
        driver,
        """
        const graph = new graph_js.Graph(given[0]);
        const flow = new calculus_js.Flow(graph, given[1], graph.output);
        const along = graph.nodes.map((node) => node.args.map((_, k) => flow.along(node.index, k)));
        return {
          adjoints: [...calculus_js.adjoints(graph, graph.output).by],
          tangents: [...calculus_js.tangents(graph, given[1]).by],
          count: String(flow.count()),
          largest: flow.largest(4).map((path) => path.product),
          through: graph.nodes.map((node) => (flow.meets(node.index) ? flow.through(node.index) : 0)),
          along,
        };
        """,
        data_of(root, tmp_path),
        nodes.index(start),
    )
    varying = [node for node in nodes if not node.is_constant]
    slopes = dict(zip(varying, (d.data for d in gradients(root, varying)), strict=True))
    for node, adjoint in zip(nodes, found["adjoints"], strict=True):
        if node in slopes:
            assert adjoint == pytest.approx(slopes[node], rel=1e-9, abs=1e-12)
    paths = all_paths(start, root)
    assert found["count"] == str(len(paths))
    assert found["tangents"][-1] == pytest.approx(math.fsum(paths), rel=1e-9)
    sizes = sorted(map(abs, paths), reverse=True)[:4]
    assert list(map(abs, found["largest"])) == pytest.approx(sizes, rel=1e-9)
    # What flows into a number on a path flows through it.
    for node, through, shares in zip(nodes, found["through"], found["along"], strict=True):
        carried = [share for share in shares if share is not None]
        if carried and node is not start:
            assert math.fsum(carried) == pytest.approx(through, rel=1e-9, abs=1e-12)


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("circles", [False, True])
def test_results_come_first(driver: Any, seed: int, circles: bool) -> None:
    rng = random.Random(seed)
    edges = []
    for _ in range(40):
        a, b = rng.sample(range(20), 2)
        edges.append((a, b) if circles else (min(a, b), max(a, b)))
    edges = list(dict.fromkeys(edges))
    found = run(driver, "return order_js.resultsFirst(...given)", 20, edges)
    order, rank = found["order"], found["rank"]
    assert sorted(order) == list(range(20))
    if not circles:
        assert all(order.index(b) < order.index(a) for a, b in edges)
        for a in range(20):
            assert rank[a] == max((rank[b] + 1 for start, b in edges if start == a), default=0)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_layout(driver: Any, tmp_path: Path, seed: int) -> None:
    rng = random.Random(seed)
    data = data_of(some_graph(rng, 60), tmp_path)
    for node in data["nodes"]:  # in any scopes, which then depend on each other in circles
        node["scope"] = [f"s{rng.randrange(3)}" for _ in range(rng.randrange(4))]
    found = run(
        driver,
        """
        const tree = new scopes_js.ScopeTree(new graph_js.Graph(given[0]));
        tree.scopes.forEach((scope, k) => { scope.open = given[1][k % given[1].length]; });
        const links = tree.links();
        const { boxes, routes } = layout_js.layOut(tree.root, links, () => [40, 20]);
        return {
          boxes: [...boxes].map(([item, box]) => [item.id, item.parent?.id ?? "", box]),
          routes: links.map((link) => [link.from.id, link.to.id, routes.get(link).points]),
          members: tree.items().map((item) => item.members),
        };
        """,
        data,
        [rng.random() < 0.7 for _ in range(7)],
    )
    boxes = {name: box for name, _, box in found["boxes"]}
    parents = {name: parent for name, parent, _ in found["boxes"]}
    for name, box in boxes.items():
        if name == "all":
            continue
        around = boxes[parents[name]]
        assert around["x"] < box["x"]
        assert around["y"] < box["y"]
        assert box["x"] + box["width"] < around["x"] + around["width"]
        assert box["y"] + box["height"] < around["y"] + around["height"]
        for other, beside in boxes.items():
            if other != name and parents[other] == parents[name]:
                assert (
                    box["x"] + box["width"] <= beside["x"]
                    or beside["x"] + beside["width"] <= box["x"]
                    or box["y"] + box["height"] <= beside["y"]
                    or beside["y"] + beside["height"] <= box["y"]
                )
    members = [index for item in found["members"] for index in item]
    assert sorted(members) == list(range(len(data["nodes"])))
    for start, end, points in found["routes"]:
        assert points[0][0] == boxes[start]["x"] + boxes[start]["width"]
        assert points[-1][0] == boxes[end]["x"]


@pytest.mark.parametrize("seed", SEEDS)
def test_edges_run_to_the_right_and_beside_the_boxes(
    driver: Any, tmp_path: Path, seed: int
) -> None:
    found = run(
        driver,
        """
        const tree = new scopes_js.ScopeTree(new graph_js.Graph(given[0]));
        const links = tree.links();
        const { boxes, routes } = layout_js.layOut(tree.root, links, () => [40, 20]);
        boxes.delete(tree.root);
        return [[...boxes.values()], links.map((link) => routes.get(link).points)];
        """,
        data_of(some_graph(random.Random(seed), 30), tmp_path),
    )
    boxes, routes = found
    assert any(len(points) > 2 for points in routes)
    for points in routes:
        assert all(a[0] < b[0] for a, b in pairwise(points))
        for (left, y), (right, _) in zip(points[1:-1:2], points[2:-1:2], strict=True):
            for box in boxes:  # a lane is as long as its column is wide
                apart = box["x"] + box["width"] <= left or box["x"] >= right
                assert apart or not box["y"] < y < box["y"] + box["height"]


def test_numbers_are_written_with_four_digits(driver: Any) -> None:
    numbers = [0.0, 1.0, -0.5, 1 / 3, 123456.7, 9.99996, 1e-4, 1.23456e-5, -4e12, 1e300, 5e-324]
    texts = run(driver, "return given[0].map(text_js.written)", numbers)
    assert [float(text) for text in texts] == [float(f"{number:.4g}") for number in numbers]
    assert texts[:4] == ["0", "1", "-0.5", "0.3333"]
    assert all(len(text) <= 10 for text in texts)


def luminance(colour: str) -> float:
    """The relative luminance of a colour, as WCAG defines it."""
    if colour.startswith("#"):
        digits = colour[1:] if len(colour) == 7 else "".join(digit * 2 for digit in colour[1:])
        parts = [int(digits[k : k + 2], 16) / 255 for k in (0, 2, 4)]
    else:
        parts = [int(part) / 255 for part in colour[4:-1].split()]
    linear = [p / 12.92 if p <= 0.04045 else ((p + 0.055) / 1.055) ** 2.4 for p in parts]
    return sum(w * p for w, p in zip((0.2126, 0.7152, 0.0722), linear, strict=True))


def contrast(colour: str, other: str) -> float:
    high, low = sorted([luminance(colour), luminance(other)], reverse=True)
    return (high + 0.05) / (low + 0.05)


def test_ink_can_be_read_on_every_colour(driver: Any) -> None:
    colours = run(
        driver,
        """
        const scale = new colours_js.Scale([1e-3, 0, -1]);
        return [...Array(61).keys()].map((k) => scale.colour(10 ** (-k / 20)));
        """,
    )
    grounds = [luminance(colour["fill"]) for colour in colours]
    assert grounds == sorted(grounds, reverse=True)  # larger is lighter
    for colour in colours:
        assert contrast(colour["ink"], colour["fill"]) >= 4.5


THEME = """
const style = getComputedStyle(document.documentElement);
return Object.fromEntries(given[0].map((name) => [name, style.getPropertyValue(`--${name}`).trim()]));
"""
PAIRS = [  # what is written on what
    *[("ink", ground) for ground in ("ground", "card", "leaf", "result")],
    *[("muted", ground) for ground in ("ground", "card")],
    *[("path", ground) for ground in ("ground", "card")],
    *[("now", "card"), ("card", "now")],
]


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_can_be_read_on_its_ground(driver: Any, tmp_path: Path, theme: str) -> None:
    driver.get(view(Value(1.0), path=tmp_path / "graph.html").path.as_uri())
    driver.execute_script("document.documentElement.dataset.theme = arguments[0]", theme)
    colours = run(driver, THEME, sorted({name for pair in PAIRS for name in pair}))
    for text, ground in PAIRS:
        assert contrast(colours[text], colours[ground]) >= 4.5, (text, ground)


CAMERA = """
const canvas = {clientWidth: 800, clientHeight: 500, addEventListener() {}};
const all = {x: 0, y: 0, width: 3000, height: 900};
const camera = new camera_js.Camera(canvas, () => all, () => {});
const onCanvas = () => [camera.x, camera.y, camera.x + all.width * camera.scale,
  camera.y + all.height * camera.scale];
"""


def test_the_picture_stays_in_sight_however_it_is_moved(driver: Any) -> None:
    rng = random.Random(0)
    moves = [
        (rng.choice(["pan", "zoom"]), rng.uniform(-3000, 3000), rng.uniform(-3000, 3000))
        for _ in range(300)
    ]
    code = """
    camera.fit(all);
    return given[0].map(([move, a, b]) => {
      if (move === "pan") camera.pan(a, b);
      else camera.zoom(Math.exp(a / 800), Math.abs(b) % 800, Math.abs(a) % 500);
      return [...onCanvas(), camera.scale];
    });
    """
    for left, top, right, low, scale in run(driver, CAMERA + code, moves):
        assert min(right, 800) - max(left, 0) >= 59.9
        assert min(low, 500) - max(top, 0) >= 59.9
        assert 0.12 < scale <= 4.0


def test_opening_keeps_the_result_in_sight(driver: Any) -> None:
    code = """
    camera.fit(all);
    return given[0].map(([scale, after, result]) => {
      Object.assign(camera, {scale, x: 100, y: 100});
      camera.follow(before, after, result);
      return [camera.sees(result), camera.toPicture(0, 0), camera.scale];
    });
    """
    before = {"x": 100, "y": 100, "width": 150, "height": 60}
    cases = [
        (1.0, before | {"x": 300, "width": 300}, before | {"x": 620}),  # nothing is in the way
        (1.0, before | {"width": 900}, before | {"x": 1200}),  # both fit, smaller
        (1.0, before | {"width": 2500}, before | {"x": 2800}),  # the result alone
    ]
    still = "window.matchMedia = () => ({matches: true});"  # nothing glides
    start = f"{still}\n{CAMERA}\nconst before = {json.dumps(before)};\n"
    (kept_still, corner, _), (both, _, scale), (alone, _, kept) = run(driver, start + code, cases)
    assert kept_still
    assert corner["x"] == pytest.approx(-100 + 200)  # the corner is where it was
    assert both
    assert 0.5 <= scale < 1.0
    assert alone
    assert kept == 1.0
