"""The page in a real browser: its numbers, its four steps, finding and opening."""

from __future__ import annotations

import re

import pytest
from viewed import LOSS, SAMPLE, Opener, network, small

from tinygrad_nn import Value, gradients, tanh
from tinygrad_nn.scalar.graph import ancestors

# ------------------------------------------------------------------ numbers


def test_the_numbers_of_the_network_are_right(show: Opener) -> None:
    model = network()
    page = show(model, SAMPLE, 1, loss=LOSS)
    assert page.text("title") == page.driver.title == "Computation graph of loss"
    page.drawn()
    assert "layer 2, 800 numbers" in page.row("layer 2").text
    page.click("open-all")
    page.drawn()
    shown = {}
    for row in page.rows():
        if match := re.fullmatch(r"(layers\S+) = (\S+), grad (\S+)", row):
            shown[match[1]] = float(match[2]), float(match[3])
    slopes = gradients(LOSS(model(SAMPLE), 1), model.parameters())
    for (name, parameter), slope in zip(model.named_parameters(), slopes, strict=True):
        assert shown[name] == pytest.approx((parameter.data, slope.data), rel=6e-4)


def test_paths_and_their_shares(show: Opener) -> None:
    a = Value(2.0, "a")
    f = tanh(a) * a + 3 * a
    f.label = "f"
    page = show(f)
    assert page.search("a") == "1 of 1"
    page.drawn()
    # By hand: df/da = tanh a + 3 + a (1 - tanh(a)^2) = 0.9640 + 3 + 2 * 0.07065
    assert page.text("path-count") == "3 paths to f"
    paths = [path.text for path in page.find("paths").find_elements("tag name", "li")]
    shares = [re.match(r"([\d.]+) % \(([\d.]+)\)", path).groups() for path in paths]  # type: ignore[union-attr]  # each has them
    assert shares == [("73.1", "3"), ("23.5", "0.964"), ("3.44", "0.1413")]
    assert paths[2].endswith("a → tanh #1 → mul #2 → f")
    before = page.picture()
    button = page.find("paths").find_element("tag name", "button")
    button.click()
    assert page.picture() != before
    assert (
        page.find("paths").find_element("css selector", "[aria-pressed=true]").text == "73.1 % (3)"
    )
    assert "to tanh #1: 0.1413, 3.44 %" in page.text("shares")


def test_paths_are_counted_however_many(show: Opener) -> None:
    x = first = Value(1.0, "x")
    for _ in range(80):
        x = x + x
    page = show(x)
    assert page.search("x") == "1 of 1"
    assert page.text("path-count") == f"{2**80:,} paths to add #80"
    assert len(page.find("paths").find_elements("tag name", "li")) == 5
    numbers = [row for row in page.rows() if not row.startswith("▾")]  # one is in the loop
    assert len(ancestors(x)) == len(numbers) == 81
    assert first.grad == 0.0


def test_another_output_has_other_gradients(show: Opener) -> None:
    a = Value(2.0, "a")
    b = a * 3.0
    b.label = "b"
    c = b * b
    c.label = "c"
    page = show([b, c])
    assert page.row("a = 2").text == "a = 2, grad 36"
    page.choose("output", "b")
    assert page.row("a = 2").text == "a = 2, grad 3"
    page.row("a = 2").click()
    page.click("make-output")
    assert page.row("a = 2").text == "a = 2, grad 1"
    assert page.row("b = 6").text == "b = 6, mul, grad 0"


# ------------------------------------------------------------------ the four steps


def test_all_four_steps_by_keyboard(show: Opener) -> None:
    page = show(small(), lr=0.1)
    for name in ("course", "cost-section", "editor", "reset"):  # of a data set, or a chosen number
        assert not page.find(name).is_displayed()
    assert page.driver.switch_to.active_element == page.find("graph")
    said = []
    for _ in range(10):
        page.press("graph", "n")
        said.append(page.text("said").replace(" of 10", ""))
    page.drawn()
    assert said == [
        "Sample, step 1: Take a sample: a = 2, b = -3.",
        "Forward, step 2: mul #2 = a × b = 2 × (-3) = -6.",
        "Forward, step 3: f = mul #2 + a = (-6) + 2 = -4.",
        "Backward, step 4: grad of f = 1: the output by itself.",
        "Backward, step 5: grad of mul #2 = 1 × 1 = 1.",
        "Backward, step 6: grad of a = 1 × (-3) + 1 × 1 = (-3) + 1 = -2.",
        "Backward, step 7: grad of b = 1 × 2 = 2.",
        "Update, step 8: a = 2 - 0.1 × (-2) = 2.2.",
        "Update, step 9: b = -3 - 0.1 × 2 = -3.2.",
        "Update, step 10: After the update f is -4.84; it was -4.",
    ]


def test_the_steps_of_the_network_by_keyboard(show: Opener) -> None:
    model = network()
    page = show(model, SAMPLE, 1, loss=LOSS)
    before = LOSS(model(SAMPLE), 1)
    page.press("graph", "]")
    assert "Take a sample: x = [0.5, -1], y = 1." in page.text("said")
    stages = []
    while page.find("position").get_property("value") != page.find("position").get_property("max"):
        page.press("graph", *["n"] * 25)
        stages.append(page.text("said").split(",")[0])
        page.drawn()
    assert list(dict.fromkeys(stages)) == ["Forward", "Backward", "Update"]
    for parameter, slope in zip(
        model.parameters(), gradients(before, model.parameters()), strict=True
    ):
        parameter.data -= 0.1 * slope.data
    after = LOSS(model(SAMPLE), 1).data
    assert f"loss is {after:.4g}; it was {before.data:.4g}." in page.text("said")
    page.press("graph", "[", "p")
    assert page.text("said").startswith("Forward")


def test_the_bar_plays_pauses_and_ends(show: Opener) -> None:
    page = show(small())
    page.press("play", " ")
    assert page.text("play") == "Pause"
    page.press("graph", " ")
    assert page.text("play") == "Play"
    assert page.text("said").startswith("Sample")
    page.click("stage-3")
    assert page.find("stage-3").get_attribute("aria-current") == "step"
    assert page.text("said").startswith("Update")
    page.press("position", "\ue010")  # End
    page.click("play")  # from the beginning again
    assert page.text("said").startswith("Sample")
    page.wait_for("said", "Forward")
    page.click("whole")
    assert page.text("said").startswith("Everything")
    assert page.text("play") == "Play"


def test_steps_follow_the_numbers_into_their_scopes(show: Opener) -> None:
    page = show(network(), SAMPLE, 1, loss=LOSS)
    page.click("stage-2")
    page.press("graph", *"nnnnnnnn")
    assert re.search(r"layer 3|unit 1: 49 gradients", page.text("said"))
    page.click("open-all")
    assert page.text("said").startswith("Backward")
    assert int(page.find("position").get_property("max")) > 1000
    page.click("close-all")
    assert page.text("said").startswith("Backward")
    assert "layer 3: 49 gradients" in page.text("said")


# ------------------------------------------------------------------ finding and opening


def test_search(show: Opener) -> None:
    page = show(network(), SAMPLE, 1, loss=LOSS)
    for wanted, found, chosen in [
        ("weight[0][1]", "1 of 3", "layers.0.weight[0][1]"),
        ("layers.1.weight[2][3]", "1 of 1", "layers.1.weight[2][3]"),
        ("tanh", "1 of 32", "tanh #"),
        ("-0.70984", "1 of 2", "add #"),
        ("unit 16", "1 of 2", "unit 16"),
        ("nothing such", "0 found", "Choose a number"),
    ]:
        assert page.search(wanted) == found
        assert page.text("panel").startswith(chosen)
        page.press("graph", "\ue00c")  # Escape: nothing is chosen


def test_search_goes_round(show: Opener) -> None:
    page = show(small())
    page.find("search").send_keys("-3")
    assert page.text("found") == "1 found"
    page.find("search").clear()
    page.find("search").send_keys("2")  # a = 2, and b has the gradient 2
    assert page.text("found") == "2 found"
    for place, name in enumerate("aba", start=1):
        page.click("search-next")
        assert page.text("found") == f"{(place - 1) % 2 + 1} of 2"
        assert page.text("chosen") == name
    page.press("search", "\ue008\n")  # Shift: back
    assert page.text("chosen") == "b"


def test_scopes_open_and_close_by_mouse(show: Opener) -> None:
    page = show(network(), SAMPLE, 1, loss=LOSS)
    page.search("unit 7")
    assert page.row("unit 7").get_attribute("aria-expanded") == "false"
    assert page.row("layers.0.weight[6][0]") is None
    page.point(click=True)
    assert page.row("unit 7").get_attribute("aria-expanded") == "true"
    assert page.row("layers.0.weight[6][0]") is not None
    page.row("layer 1").click()
    assert page.row("layer 1").get_attribute("aria-expanded") == "false"
    assert page.row("unit 7, 8") is None
    page.click("close-all")
    assert [row.split(",")[0] for row in page.rows()] == [
        "x[0] = 0.5",
        "x[1] = -1",
        "▸ layer 1",
        "▸ layer 2",
        "▸ layer 3",
        "▸ loss",
    ]


def test_scopes_open_and_close_by_keys(show: Opener) -> None:
    page = show(network(), SAMPLE, 1, loss=LOSS)
    page.click("close-all")
    page.search("layer 3")
    page.press("graph", "\n")
    assert page.row("layer 3").get_attribute("aria-expanded") == "true"
    page.search("unit 1")
    page.press("graph", "\ue003")  # Backspace
    assert page.row("layer 1").get_attribute("aria-expanded") == "false"
