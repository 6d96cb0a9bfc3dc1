"""Locks behind a fork."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from tinygrad_nn import compile, custom
from tinygrad_nn.locks import lock_of_process

pytestmark = [
    pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes of this kind"),
    pytest.mark.filterwarnings(
        "ignore:.*fork.*:DeprecationWarning"
    ),  # threads are what it is about
]


def is_free(lock: threading.RLock) -> bool:
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(lock.acquire, False).result()


def forked(right: object) -> bool:
    """Tell whether something is so in another process."""
    child = os.fork()
    if not child:
        code = 1
        try:
            code = 0 if right() else 1  # type: ignore[operator]
        finally:
            os._exit(code)
    return os.waitpid(child, 0)[1] == 0


def test_who_forks_goes_on_with_what_it_holds() -> None:
    own, others = lock_of_process(), lock_of_process()
    with ThreadPoolExecutor(1) as pool, own:
        pool.submit(others.acquire).result()
        assert not is_free(others)
        assert forked(lambda: is_free(others) and not is_free(own))
        assert not is_free(others)


def test_a_function_that_another_thread_runs() -> None:
    def compute(x: float) -> float:
        if x == 1.0:
            inside.set()
            assert go_on.wait(30)
        return x + 1.0

    inside, go_on = threading.Event(), threading.Event()
    op = custom(compute, [lambda x, z: 1.0], name="waits")
    f = compile(lambda x: op(x) * 2.0)
    assert f(5.0) == 12.0
    f._latest._patience = 60.0
    with ThreadPoolExecutor(1) as pool:
        other = pool.submit(f, 1.0)
        assert inside.wait(30)
        assert forked(lambda: f(5.0) == 12.0 and f(6.0) == 14.0)
        go_on.set()
        assert other.result() == 4.0
