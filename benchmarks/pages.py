"""Measure the pages in headless Chromium: python -m benchmarks.pages.

The time of the page's own thread, script, layout and painting together, as Chromium counts it.
"""

from __future__ import annotations

import argparse
import math
import random
import shutil
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

FRAME = 16.0  # ms that a drag may take
DRAGS = 60
SECONDS = 4.0  # that a training is watched

DRAG = """
const [value, done] = arguments;
const slider = document.getElementById("value-slider");
slider.value = value;
slider.dispatchEvent(new Event("input", {bubbles: true}));
requestAnimationFrame(() => setTimeout(done, 0));
"""


def main() -> None:
    """Print what each page takes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("cases", nargs="*", help=f"of {', '.join(CASES)}; all if none is given")
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as driver:
        for name in parser.parse_args().cases or CASES:
            CASES[name](driver, Path(folder))


@contextmanager
def chromium(folder: Path) -> Iterator[Any]:
    """Start a browser without a window."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = shutil.which("chromium") or shutil.which("chromium-browser") or ""
    for option in [
        "--headless=new",
        "--no-sandbox",
        "--disable-gpu",
        "--disable-dev-shm-usage",
        "--window-size=1280,800",
        f"--user-data-dir={folder / 'profile'}",
    ]:
        options.add_argument(option)
    driver = webdriver.Chrome(options=options, service=Service(shutil.which("chromedriver")))
    try:
        yield driver
    finally:
        driver.quit()


def busy(driver: Any) -> float:
    """Give the seconds that the page's thread has worked so far."""
    metrics = driver.execute_cdp_cmd("Performance.getMetrics", {})["metrics"]
    return next(float(one["value"]) for one in metrics if one["name"] == "TaskDuration")


def moons(count: int) -> tuple[list[list[float]], list[int]]:
    """Draw two half circles, one in the other."""
    rng = random.Random(0)
    X, y = [], []
    for k in range(count):
        angle = math.pi * (k // 2) / max(1, count // 2 - 1)
        x = (
            [math.cos(angle), math.sin(angle)]
            if k % 2
            else [1 - math.cos(angle), 0.5 - math.sin(angle)]
        )
        X.append([a + rng.gauss(0.0, 0.1) for a in x])
        y.append(k % 2)
    return X, y


def drag(driver: Any, folder: Path) -> None:
    """Drag a weight of 2-16-16-1 with its loss, all boxes open."""
    from tinygrad_nn import nn, view

    model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=0)
    loss = nn.binary_cross_entropy_with_logits
    page = view(model, [0.5, -1.0], 1, loss=loss, path=folder / "graph.html")
    driver.get(page.path.as_uri())
    driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
    driver.find_element("id", "open-all").click()
    script = "[...document.querySelectorAll('#outline li')].find((row) => row.textContent.startsWith(arguments[0])).click()"
    for where, weight in [("first", "layers.0.weight[3][1]"), ("last", "layers.2.weight[0][5]")]:
        driver.execute_script(script, weight)
        for zoom, key in [("what can be read", None), ("everything", "0")]:
            if key:
                driver.find_element("id", "fit").click()
            times = []
            for k in range(DRAGS):
                before = busy(driver)
                driver.execute_async_script(DRAG, 0.01 * k)
                times.append(1e3 * (busy(driver) - before))
                time.sleep(0.05)
            print(
                f"drag a weight of the {where} layer, {zoom} in sight: {median(times):.1f} ms of the"
                f" page's thread, the slowest {max(times):.1f} (bar {FRAME:.0f})"
            )


WATCH = """
const [seconds, done] = arguments;
const steps = () => Number(document.getElementById("state").textContent.split(" ")[1].replaceAll(",", ""));
let frames = 0;
const count = () => { frames++; requestAnimationFrame(count); };
document.getElementById("train").click();
setTimeout(() => {
  const [start, before] = [performance.now(), steps()];
  frames = 0;
  count();
  setTimeout(() => {
    const passed = (performance.now() - start) / 1000;
    const found = [(steps() - before) / passed, frames / passed];
    document.getElementById("train").click();
    done(found);
  }, 1000 * seconds);
}, 1000);
"""


def train(driver: Any, folder: Path) -> None:
    """Train playgrounds as fast as they go."""
    from sklearn.datasets import load_digits

    from tinygrad_nn import nn, playground

    digits = load_digits()
    moons_loss = nn.binary_cross_entropy_with_logits
    pages = [
        ("moons, full batches of 100", nn.MLP(2, [16, 16, 1], "tanh", seed=0), *moons(100), moons_loss, None, 2000),
        ("digits, batches of 32", nn.MLP(64, [32, 10], seed=0), digits.data / 16, digits.target, nn.cross_entropy, 32, 500),
    ]  # fmt: skip
    for name, model, X, y, loss, batch, bar in pages:
        page = playground(
            model,
            X,
            y,
            loss=loss,
            batch_size=batch,
            validation=None if batch is None else 0.25,
            path=folder / "playground.html",
        )
        driver.get(page.path.as_uri())
        driver.execute_cdp_cmd("Performance.enable", {"timeDomain": "threadTicks"})
        before, start = busy(driver), time.perf_counter()
        steps, frames = driver.execute_async_script(WATCH, SECONDS)
        share = (busy(driver) - before) / (time.perf_counter() - start)
        print(
            f"{name}: {steps:,.0f} steps and {frames:.0f} frames a second (bars {bar:,} and 30), with"
            f" {share:.0%} of a core, so {steps / share:,.0f} on a whole one; the page has"
            f" {page.path.stat().st_size / 1e3:.0f} KB"
        )


CASES = {"drag": drag, "train": train}


if __name__ == "__main__":
    main()
