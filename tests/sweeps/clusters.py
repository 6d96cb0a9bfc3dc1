"""Searches and trainings in several processes give the numbers of one, also where a worker is killed.

Run it in the root of the repository::

    python -m tests.sweeps.clusters

With joblib's own processes, and where dask.distributed is installed with a cluster of this machine; beside a
thread that draws random numbers all the time, which are nobody's.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import joblib
import numpy as np
from sklearn.datasets import load_iris
from sklearn.model_selection import GridSearchCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from tinygrad_nn import Trainer, nn
from tinygrad_nn.errors import WorkerError
from tinygrad_nn.optim import Adam
from tinygrad_nn.sklearn import NetworkClassifier
from tinygrad_nn.train.engines import workers

GRID = {
    "networkclassifier__hidden": [(4,), (8,)],
    "networkclassifier__lr": [0.01, 0.05],
    "networkclassifier__activation": ["tanh", "relu"],
}
KILLS = 3
APART = 8  # steps between two kills: a batch that loses its workers as often is given up
steps = [0]  # of the training that is going on


def searched(jobs: int | None) -> tuple[Any, ...]:
    """Search over 8 settings in 3 folds; give the scores and the probabilities of the best."""
    X, y = load_iris(return_X_y=True)
    network = NetworkClassifier(max_iter=40, tol=None, random_state=0)
    pipeline = make_pipeline(StandardScaler(), network)
    search = GridSearchCV(pipeline, GRID, cv=3, scoring="neg_log_loss", n_jobs=jobs).fit(X, y)
    scores = [search.cv_results_[f"split{fold}_test_score"].tolist() for fold in range(3)]
    return scores, search.best_params_, search.predict_proba(X).tolist()


def trained(parallel: Any, epochs: int = 3, seconds: float = 0.0) -> tuple[Any, ...]:
    """Train, each step so long; give the parameters and the costs."""
    rng = np.random.default_rng(0)
    X, y = rng.normal(size=(2000, 16)), rng.integers(0, 4, 2000)
    model = nn.MLP(16, [32, 4], seed=0)

    def rate(step: int) -> float:
        steps[0] = step
        time.sleep(seconds)
        return 0.01

    trainer = Trainer(
        model,
        nn.cross_entropy,
        Adam(model.parameters(), lr=rate),
        batch_size=500,
        seed=0,
        parallel=parallel,
    )
    history = trainer.fit(X, y, epochs, progress=False)
    return model.state_dict(), history.cost


@contextmanager
def killing(pids: Callable[[], list[int]]) -> Iterator[list[int]]:
    """Kill a process now and then: each after some more steps."""
    over = threading.Event()
    steps[0] = 0
    killed: list[int] = []

    def kill() -> None:
        while len(killed) < KILLS and not over.wait(0.03):
            if steps[0] >= APART * (len(killed) + 1):
                for pid in pids()[:1]:
                    os.kill(pid, signal.SIGKILL)
                    killed.append(pid)

    thread = threading.Thread(target=kill)
    thread.start()
    try:
        yield killed
    finally:
        over.set()
        thread.join()


@contextmanager
def drawing() -> Iterator[None]:
    """Draw from the generators that all threads have in common, every millisecond."""
    over = threading.Event()

    def draw() -> None:
        while not over.wait(0.001):
            random.random()
            np.random.random()

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        yield
    finally:
        over.set()
        thread.join()


def processes_of_joblib() -> list[int]:
    """List them, as Linux knows them."""
    listed = Path("/proc/self/task").glob("*/children")
    pids = [pid for path in listed for pid in path.read_text().split()]
    return [int(p) for p in pids if "LokyProcess" in Path(f"/proc/{p}/cmdline").read_text()]


class Judge:
    """Prints what holds, and counts what does not."""

    wrong = 0

    def holds(self, what: str, is_so: bool) -> None:
        """Print it."""
        self.wrong += not is_so
        print(f"{'holds' if is_so else 'FAILS'}: {what}", flush=True)


def with_joblib(judge: Judge, search: Any, training: Any, slow: Any) -> None:
    """Try the processes of joblib."""
    judge.holds("a search of 24 fits over 2 processes equals the serial one", searched(2) == search)
    for count in (2, 4):
        judge.holds(f"a training over {count} processes equals one", trained(count) == training)
    with killing(processes_of_joblib) as killed:
        found = trained(2, 12, 0.05)
    judge.holds(f"a training equals one, {len(killed)} workers killed", found == slow)


def with_dask(judge: Judge, search: Any, training: Any, slow: Any) -> None:
    """Try a cluster of this machine."""
    from distributed import Client, LocalCluster

    with (
        LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        with joblib.parallel_config("dask"):
            judge.holds(
                "a search of 24 fits over dask equals the serial one", searched(2) == search
            )
        judge.holds("a training over dask equals one", trained(client) == training)

        def pids() -> list[int]:
            return [*client.run(os.getpid).values()]

        workers.GRACE = 60.0  # a busy machine takes long to start processes
        with killing(pids) as killed:
            found = trained(client, 12, 0.05)
        judge.holds(f"a training over dask equals one, {len(killed)} workers killed", found == slow)
        workers.GRACE = 2.0
        cluster.scale(0)
        try:
            trained(client)
        except WorkerError as error:
            judge.holds(f"without workers: {error}", "no workers" in str(error))
        else:
            judge.holds("a cluster without workers is an error", False)


def main() -> None:
    """Try all."""
    judge = Judge()
    search, training, slow = searched(None), trained(1), trained(1, 12)
    with drawing():
        judge.holds(
            "a search beside a thread that draws equals the one before", searched(None) == search
        )
        with_joblib(judge, search, training, slow)
        if find_spec("distributed"):
            with_dask(judge, search, training, slow)
    sys.exit(judge.wrong > 0)


if __name__ == "__main__":
    main()
