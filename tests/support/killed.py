"""A training in a process of its own, which is killed at random moments and goes on."""

from __future__ import annotations

import os
import random
import subprocess
import sys
import time
from pathlib import Path

from tinygrad_nn import Trainer, nn
from tinygrad_nn.optim import Adam, cosine

ROOT = Path(__file__).parents[2]
EPOCHS = 60


def train(path: Path, engine: str) -> str:
    """Train, or go on with what a file has, and give all numbers in the end."""
    rng = random.Random(4)
    X = [[rng.gauss(0, 1) for _ in range(3)] for _ in range(20)]
    y = [int(a * b > c) for a, b, c in X]
    if path.exists():
        trainer = Trainer.load(path)
    else:
        model = nn.MLP(3, [4, 1], activation="tanh", seed=0)
        trainer = Trainer(
            model,
            nn.binary_cross_entropy_with_logits,
            Adam(model.parameters(), lr=cosine(0.1, steps=400)),
            batch_size=3,
            seed=1,
            engine=engine,
        )
    print("begins", flush=True)
    history = trainer.fit(
        X,
        y,
        EPOCHS,
        validation=(X[:4], [1, 0, 0, 1]),
        patience=EPOCHS,
        progress=False,
        checkpoint=path,
    )
    state = trainer.model.state_dict(), trainer.optimizer.state, trainer.rng.getstate()
    return repr((state, history.cost, history.validation_cost))


def killed_and_resumed(folder: Path, *, seed: int, kills: int, engine: str = "compiled") -> int:
    """Kill a training so often, then let it end; compare it with one that was never killed.

    Gives how many kills came while it trained.
    """
    rng = random.Random(seed)
    begun = time.perf_counter()
    expected = train(folder / "whole", engine)
    whole_time = time.perf_counter() - begun
    part, out, met = folder / "part", folder / "found", 0
    for _ in range(kills):
        with _started(part, engine, out) as process:
            time.sleep(rng.uniform(0.0, 0.7 * whole_time))
            met += process.poll() is None
            process.kill()  # SIGKILL: nothing of it can be caught
    with _started(part, engine, out) as process:
        assert process.wait() == 0
    assert out.read_text() == expected
    return met


def _started(path: Path, engine: str, out: Path) -> subprocess.Popen[str]:
    """Start it, and wait until it trains."""
    process = subprocess.Popen(
        [sys.executable, __file__, str(path), engine, str(out)],
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    return process


if __name__ == "__main__":
    Path(sys.argv[3]).write_text(train(Path(sys.argv[1]), sys.argv[2]))
