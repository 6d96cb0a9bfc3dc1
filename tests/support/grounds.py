"""A playground's training in the browser, beside that of the Trainer and what is handed out."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from viewed import told

from tinygrad_nn import nn
from tinygrad_nn.optim import SGD
from tinygrad_nn.train import Trainer
from tinygrad_nn.viewing import View
from tinygrad_nn.viewing.assembly import script

TRAIN = """
const samples = run_js.samplesOf(given[0].train);
const network = new network_js.Network(given[0], printed.programs, given[1], given[2], 7);
const run = new run_js.Run(network, samples, samples);
const entries = () => network.entries.map((entry) => [entry.name, network.nested(entry)]);
const before = entries();
Object.assign(run, given[3]);
for (let k = 0; k < given[4]; k++) run.step();
run.measure();
const file = [...handout_js.weightsFile(network)];
const [cost] = run.history;
return [before, entries(), cost.train, file, handout_js.pythonFile(run), run.rightOf(samples)];
"""


def in_page(driver: Any, page: View, code: str, *arguments: Any) -> Any:
    """Run code with the modules and programs of a page, and what it is told as `given[0]`."""
    parts, _, _ = script("ground").partition("const ground_js")
    printed = page.html.rpartition("const printed = ")[2].partition(";\n" + script("ground"))[0]
    start = f"{parts}\nconst printed = {printed};\nconst given = arguments;\n"
    return driver.execute_script(start + code, told(page), *arguments)


def trained(driver: Any, page: View, architecture: Any, options: Any, steps: int) -> Any:
    """Train in the browser: the weights before and after, the cost, and what is handed out."""
    widest = (told(page)["choices"] or {"widest": 0})["widest"]
    return in_page(driver, page, TRAIN, architecture, widest, options, steps)


def numbers(state: Any) -> list[float]:
    if isinstance(state, dict):
        state = list(state.values())
    return [n for part in state for n in numbers(part)] if isinstance(state, list) else [state]


def check(
    driver: Any,
    page: View,
    model: nn.Module,
    loss: Any,
    architecture: Any,
    steps: int = 100,
    engine: str = "auto",
) -> None:
    """Full batches are the Trainer's; and so go on the Python and the file that are handed out."""
    data = told(page)
    options = {"rate": 0.25, "decay": 0.001}
    before, after, cost, file, python, right = trained(driver, page, architecture, options, steps)
    model.load_state_dict(dict(before))
    start = numbers(model.state_dict())
    width = len(data["train"]["X"]) // data["train"]["count"]
    rows = [data["train"]["X"][k : k + width] for k in range(0, len(data["train"]["X"]), width)]
    y = data["train"]["y"]
    trainer = Trainer(model, loss, SGD(model.parameters(), lr=0.25), l2=0.001, engine=engine)
    trainer.fit(rows, y, epochs=steps, progress=False)
    expected = numbers(model.state_dict())
    assert numbers(dict(after)) == pytest.approx(expected, rel=1e-9, abs=1e-9)
    assert max(abs(a - b) for a, b in zip(start, expected, strict=True)) > 0.01
    costs = [loss(model(row), target).data for row, target in zip(rows, y, strict=True)]
    assert cost == pytest.approx(sum(costs) / len(costs), rel=1e-8)
    if data["meaning"]["kind"] == "two":
        hits = [int(model(row).data > 0.0) == target for row, target in zip(rows, y, strict=True)]
        assert right == sum(hits) / len(hits)
    if architecture is None:
        assert "model = ...  # as it was given" in python
        return
    pytest.importorskip("safetensors")
    weights = Path(page.path.parent / "weights.safetensors")
    weights.write_bytes(bytes(file))
    read = nn.load(weights)
    assert read.state_dict() == dict(after)
    found: dict[str, Any] = {}
    assert ", l2=0.001)\n" in python
    own = python.replace(", l2=0.001)", f", l2=0.001, engine={engine!r})")
    short = own.replace("epochs=100", "epochs=3, progress=False")
    exec(short, found)  # what was handed out
    trainer.fit(rows, y, epochs=3, progress=False)
    wanted = numbers(model.state_dict())
    assert numbers(found["model"].state_dict()) == pytest.approx(wanted, rel=1e-9, abs=1e-9)
