"""Written pages read back, and opened in a real browser: Chromium without a window."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html.parser import HTMLParser
from pathlib import Path
from typing import Any, TypeAlias

import pytest

from tinygrad_nn import Value, nn
from tinygrad_nn.viewing import View, view

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
DRIVER = shutil.which("chromedriver")

LOSS = nn.binary_cross_entropy_with_logits
SAMPLE = [0.5, -1.0]

OPTIONS = [
    "--headless=new",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
    "--window-size=1300,850",
]


class Reader(HTMLParser):
    """Reads an HTML document as a browser does: tags, and the text inside scripts."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.texts: dict[str, str] = {}
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        if self.tags:
            tag, attributes = self.tags[-1]
            self.texts.setdefault(attributes.get("id") or tag, data)


def told(page: View) -> Any:
    """What a written page is told."""
    return told_by(page.path.read_text(encoding="utf-8"))


def told_by(html: str) -> Any:
    """What the page of a document is told."""
    return json.loads(Reader(html).texts["data"])


def network() -> nn.MLP:
    return nn.MLP(2, [16, 16, 1], activation="tanh", seed=0)


def small() -> Value:
    a, b = Value(2.0, "a"), Value(-3.0, "b")
    result = a * b + a
    result.label = "f"
    return result


@contextmanager
def chromium(profile: Path) -> Iterator[Any]:
    """Start a browser with an empty profile; skip the test where there is none."""
    webdriver = pytest.importorskip("selenium.webdriver", reason="selenium is not installed")
    if CHROMIUM is None or DRIVER is None:
        pytest.skip("chromium or its driver is not installed")
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for option in [*OPTIONS, f"--user-data-dir={profile}"]:
        options.add_argument(option)
    options.set_capability("goog:loggingPrefs", {"browser": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        yield driver
    finally:
        driver.quit()


class Page:
    """One page in the browser, by what a reader sees and does."""

    def __init__(self, driver: Any, path: Path) -> None:
        self.driver = driver
        driver.get(path.as_uri())
        assert driver.execute_script("return document.documentElement.dataset.ready") == "true"

    def find(self, name: str) -> Any:
        """The element with an id."""
        return self.driver.find_element("id", name)

    def text(self, name: str) -> str:
        """The text of the element with an id, also where it is scrolled out of sight."""
        return str(self.find(name).get_attribute("textContent"))

    def click(self, name: str) -> None:
        self.find(name).click()

    def press(self, name: str, *keys: str) -> None:
        """Press keys while an element has the focus."""
        self.driver.execute_script("arguments[0].focus()", self.find(name))
        self.driver.switch_to.active_element.send_keys(*keys)

    def search(self, text: str) -> str:
        """Search, go to what is found first, and tell how much was found."""
        self.find("search").clear()
        self.find("search").send_keys(text, "\n")
        return self.text("found")

    def point(self, dx: float = 0, dy: float = 0, *, click: bool = False) -> None:
        """Move the pointer to the middle of the picture, or beside it; and click at will."""
        from selenium.webdriver import ActionChains

        actions = ActionChains(self.driver, duration=20)
        actions.move_to_element_with_offset(self.find("graph"), dx + 1, dy)
        actions.move_to_element_with_offset(self.find("graph"), dx, dy)
        (actions.click() if click else actions).perform()

    def choose(self, name: str, option: str) -> None:
        """Choose an option of a menu by its text."""
        from selenium.webdriver.support.ui import Select

        Select(self.find(name)).select_by_visible_text(option)

    def rows(self) -> list[str]:
        """The rows of the list of all numbers."""
        self.told()
        script = "return [...document.querySelectorAll('#outline li')].map((li) => li.textContent)"
        return list(self.driver.execute_script(script))

    def row(self, start: str) -> Any:
        """The row of the list that starts with a text."""
        self.told()
        script = (
            "return [...document.querySelectorAll('#outline li')]"
            ".find((li) => li.textContent.replace(/^[▸▾] /, '').startsWith(arguments[0]))"
        )
        return self.driver.execute_script(script, start)

    def told(self) -> None:
        """Wait until the list says what is known now: it tells what is out of sight later."""
        script = """
        const list = document.getElementById("outline");
        const [done] = arguments;
        const look = () => list.hasAttribute("aria-busy") ? setTimeout(look, 20) : done();
        look();
        """
        self.driver.execute_async_script(script)

    def wait_for(self, name: str, start: str) -> None:
        """Wait until the text of the element with an id starts so."""
        from selenium.webdriver.support.ui import WebDriverWait

        wait = WebDriverWait(self.driver, timeout=60, poll_frequency=0.05)
        wait.until(lambda _: self.text(name).startswith(start))

    def drawn(self) -> None:
        """Wait until the picture is drawn: what fails there is a problem of the page."""
        script = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
        self.driver.execute_async_script(script)

    def picture(self, name: str = "graph") -> str:
        """The pixels of the picture, a canvas."""
        script = (
            "requestAnimationFrame(() => requestAnimationFrame(() => "
            "arguments[1](document.getElementById(arguments[0]).toDataURL())))"
        )
        return str(self.driver.execute_async_script(script, name))

    def emulate(self, **features: str) -> None:
        """Ask for a colour scheme or for less movement, as the settings of a system do."""
        listed = [
            {"name": name.replace("_", "-"), "value": value} for name, value in features.items()
        ]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": listed})

    def problems(self) -> list[str]:
        """What the browser has complained of."""
        return [str(entry["message"]) for entry in self.driver.get_log("browser")]


Opener: TypeAlias = Callable[..., Page]


@contextmanager
def opener(driver: Any, folder: Path) -> Iterator[Opener]:
    """Write and open the page of anything; the browser must have nothing to complain of."""
    pages = []

    def show(*arguments: Any, by: Callable[..., View] = view, **options: Any) -> Page:
        page = Page(driver, by(*arguments, **options, path=folder / "graph.html").path)
        page.emulate(prefers_reduced_motion="reduce")  # nobody need wait for a glide
        pages.append(page)
        return page

    yield show
    for page in pages:
        problems = page.problems()
        assert problems == []
        page.emulate()
