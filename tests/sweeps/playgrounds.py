"""Playgrounds of each depth and activation, at three widths: python -m tests.sweeps.playgrounds.

100 full batches in the browser are the Trainer's, and so go on the Python and the weights that are
handed out.
"""

from __future__ import annotations

import random
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "support"))

from grounds import check
from viewed import CHROMIUM, DRIVER, chromium, told

from tinygrad_nn import nn
from tinygrad_nn.viewing import playground

LARGEST = 400_000  # bytes of the page


def main() -> None:
    """Try all structures."""
    if CHROMIUM is None or DRIVER is None:
        print("chromium or its driver is not installed: nothing was tried")
        return
    rng = random.Random(0)
    X = [[rng.gauss(0.0, 1.0), rng.gauss(0.0, 1.0)] for _ in range(100)]
    y = [int(a * b > 0.0) for a, b in X]
    loss = nn.binary_cross_entropy_with_logits
    tried = 0
    with tempfile.TemporaryDirectory() as folder, chromium(Path(folder)) as driver:
        model = nn.MLP(2, [16, 16, 1], activation="tanh", seed=0)
        page = playground(model, X, y, loss=loss, path=Path(folder) / "playground.html")
        size = page.path.stat().st_size
        assert size <= LARGEST, size
        driver.get(page.path.as_uri())
        choices, given = told(page)["choices"], told(page)["architecture"]
        for depth in choices["depths"]:
            for activation in choices["activations"]:
                for width in (1, 5, choices["widest"]):
                    nouts = [*[width] * depth, 1]
                    network = nn.MLP(2, nouts, activation=activation, seed=0)
                    own = given | {"activation": activation, "nouts": nouts}
                    check(driver, page, network, loss, own)
                    tried += 1
    print(f"{tried} structures train as by the Trainer; the page has {size:,} bytes")


if __name__ == "__main__":
    main()
