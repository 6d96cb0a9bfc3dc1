"""The page in a real browser: how it answers to mouse, keys, touch and a screen reader."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from viewed import LOSS, SAMPLE, Opener, network, small

from tinygrad_nn import Value, debug
from tinygrad_nn.viewing import view

# ------------------------------------------------------------------ pointing


def test_pointing_tells_how_a_number_was_made(show: Opener) -> None:
    with debug():
        a, b = Value(2.0, "a"), Value(-3.0, "b")
        c = a * b
        c.label = "c"
        d = c + a
    page = show(d)
    page.search("c")
    page.point()
    page.drawn()
    lines = page.find("tip").text.splitlines()
    assert lines[:5] == [
        "c",
        "c = a × b = 2 × (-3) = -6",
        "∂(c)/∂(a) = -3",
        "∂(c)/∂(b) = 2",
        "grad = 1 × 1 = 1",
    ]
    assert re.fullmatch(r"test_reader\.py:\d+: c = a \* b", lines[5])
    page.point(0, 300)
    assert not page.find("tip").is_displayed()


def test_wheel_drag_and_pinch_move_the_picture_and_choose_nothing(show: Opener) -> None:
    from selenium.webdriver import ActionChains
    from selenium.webdriver.common.actions.wheel_input import ScrollOrigin

    page = show(small())
    canvas = page.find("graph")
    seen = [page.picture()]

    def differs() -> bool:
        seen.append(page.picture())
        return seen[-1] not in seen[:-1]

    ActionChains(page.driver).scroll_from_origin(
        ScrollOrigin.from_element(canvas), 0, -300
    ).perform()
    assert differs()
    middle = ActionChains(page.driver).move_to_element(canvas)
    middle.click_and_hold().move_by_offset(-90, 40).release().perform()
    page.driver.execute_script("arguments[0].blur()", canvas)
    assert differs()
    for distance, kind in [(40, "touchStart"), (90, "touchMove"), (0, "touchEnd")]:
        points = [{"x": 400 + side * distance, "y": 400, "id": side} for side in (0, 1)]
        page.driver.execute_cdp_cmd(
            "Input.dispatchTouchEvent",
            {"type": kind, "touchPoints": points if distance else []},
        )
    assert differs()
    for control in ("zoom-in", "zoom-out", "fit"):
        page.click(control)
    assert page.text("panel").startswith("Choose a number")


def test_arrows_choose_and_move(show: Opener) -> None:
    page = show(small())
    page.press("graph", "\ue012")  # the left arrow begins at the result
    assert page.text("chosen") == "f"
    page.press("graph", "\ue012")
    assert page.text("chosen") == "mul #2"
    page.press("graph", "\ue012")
    assert page.text("chosen") in ("a", "b")
    page.press("graph", "\ue00c")  # Escape
    assert page.text("panel").startswith("Choose a number")
    page.driver.execute_script("document.getElementById('graph').blur()")
    before = page.picture()
    for key in ("+", "-", "0"):
        page.press("graph", key)
    page.press("graph", "\ue008\ue014")  # Shift and the right arrow
    page.driver.execute_script("document.getElementById('graph').blur()")
    assert page.picture() != before
    page.press("graph", "/")
    assert page.driver.switch_to.active_element == page.find("search")


# ------------------------------------------------------------------ for everybody


def test_the_list_is_a_tree_for_screen_readers(show: Opener) -> None:
    page = show(network(), SAMPLE, 1, loss=LOSS)
    page.click("close-all")
    script = "return document.querySelectorAll('#outline [tabindex=\"0\"]').length"
    assert page.driver.execute_script(script) == 1
    row = page.row("x[0]")
    page.driver.execute_script("arguments[0].focus()", row)

    def press(key: str) -> Any:
        page.driver.switch_to.active_element.send_keys(key)
        return page.driver.switch_to.active_element

    press("\ue015")  # down, twice
    focused = press("\ue015")
    assert focused.text == "▸ layer 1, 128 numbers"
    assert focused.get_attribute("aria-selected") == "true"
    focused = press("\ue014")  # right: open it
    assert focused.get_attribute("aria-expanded") == "true"
    assert press("\ue014").text == "▸ unit 1, 8 numbers"  # right: go into it
    assert press("\ue014").get_attribute("aria-level") == "2"
    assert press("\ue012").get_attribute("aria-expanded") == "false"  # left: close it
    assert press("\ue012").text.startswith("▾ layer 1")  # left: out of it
    assert press("\ue010").text.startswith("▸ loss")  # End
    assert page.driver.execute_script(script) == 1


def test_all_controls_have_names_and_are_reached_in_order(show: Opener) -> None:
    page = show(small())
    for control in page.driver.find_elements("css selector", "button, input, select, canvas, ul"):
        if control.is_displayed():
            assert control.accessible_name, control.get_attribute("outerHTML")
    order = ["search"]
    page.driver.execute_script("arguments[0].focus()", page.find("search"))
    while len(order) < 18:
        page.driver.switch_to.active_element.send_keys("\ue004")  # Tab
        order.append(page.driver.switch_to.active_element.get_attribute("id"))
    wanted = ["search", "output", "colouring", "fit", "graph", "row-n0", "previous", "play", "next"]
    assert [name for name in order if name in wanted] == wanted
    assert page.find("said").get_attribute("aria-live") == "polite"


def test_light_dark_and_colours(show: Opener) -> None:
    page = show(small())

    def ground() -> str:
        return str(
            page.driver.execute_script("return getComputedStyle(document.body).backgroundColor")
        )

    page.emulate(prefers_color_scheme="light")
    seen = [(ground(), page.picture())]
    page.click("theme")
    page.drawn()
    seen.append((ground(), page.picture()))
    assert all(a != b for a, b in zip(*seen, strict=True))
    for scheme, (wanted, _) in [("dark", seen[1]), ("light", seen[0])]:
        page.emulate(prefers_color_scheme=scheme)
        page.picture()  # the page is told before its next frame
        assert ground() == wanted
    pictures = []
    for colouring in ("kind", "|value|", "|gradient|"):
        page.choose("colouring", colouring)
        pictures.append(page.picture())
        assert page.find("legend").is_displayed() == (colouring != "kind")
    assert len(set(pictures)) == 3
    assert (page.text("legend-low"), page.text("legend-high")) == ("1", "2")


def test_nothing_glides_for_those_who_want_no_movement(show: Opener) -> None:
    page = show(network(), SAMPLE, 1, loss=LOSS)
    page.search("unit 7")
    at_once = page.picture()
    page.driver.execute_async_script("setTimeout(arguments[0], 300)")
    assert page.picture() == at_once


# ------------------------------------------------------------------ anything at all


@pytest.mark.parametrize(
    "label", ["</script><script>alert(1)</script>", "<b>'\"&amp;`${1}", "α₁ 🙂"]
)
def test_labels_are_shown_as_they_are(show: Opener, label: str) -> None:
    page = show(Value(1.0, label) * 2)
    assert page.rows()[0] == f"{label} = 1, grad 2"
    page.row(label).click()
    assert page.find("panel").find_element("tag name", "h3").text == label


def test_odd_numbers_are_shown(show: Opener) -> None:
    a, b = Value(float("inf"), "a"), Value(1e-300, "b")
    page = show((a - a) * b)
    rows = page.rows()
    assert rows[:2] == ["a = inf ⚠, grad 0", "sub #1 = nan ⚠, grad 1e-300"]
    assert rows[2] == "b = 1e-300, grad nan ⚠"


def test_one_number_alone(show: Opener) -> None:
    page = show(Value(1.5, "a"))
    assert page.rows() == ["a = 1.5, grad 1"]
    page.press("graph", *"nnnnn")


def test_five_thousand_numbers(show: Opener) -> None:
    terms = [Value(0.001 * i) * Value(1.0 - 0.001 * i) for i in range(1250)]
    while len(terms) > 1:
        terms = [sum(terms[i + 1 : i + 5], terms[i]) for i in range(0, len(terms), 5)]
    page = show(terms[0])
    assert len(page.rows()) < 4999  # long sums are loops
    page.click("open-all")
    assert len([row for row in page.rows() if row[0] not in "▾▸"]) == 4999
    page.drawn()
    page.press("graph", *"nnn")
    page.search("0.25")
    assert page.text("path-count").startswith("1 path")


def test_a_notebook_shows_the_page(driver: Any, tmp_path: Path) -> None:
    page = view(network(), SAMPLE, 1, loss=LOSS, path=tmp_path / "graph.html")
    cell = tmp_path / "cell.html"
    cell.write_text(f"<!doctype html><title>t</title>{page._repr_html_()}", encoding="utf-8")
    driver.get(cell.as_uri())
    driver.switch_to.frame(driver.find_element("tag name", "iframe"))
    driver.find_element("id", "next").click()
    assert "Take a sample" in driver.find_element("id", "said").text
    assert "layer 1" in driver.find_element("id", "outline").text
    driver.switch_to.default_content()
    assert driver.get_log("browser") == []
