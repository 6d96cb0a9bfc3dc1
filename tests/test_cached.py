"""Properties that are computed once."""

from __future__ import annotations

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tinygrad_nn.cached import cached_property


class Thing:
    def __init__(self) -> None:
        self.calls = 0
        self.inside, self.go_on = threading.Event(), threading.Event()

    @cached_property
    def plain(self) -> int:
        """Count the calls."""
        self.calls += 1
        return self.calls

    @cached_property
    def slow(self) -> int:
        self.inside.set()
        assert self.go_on.wait(30)
        return 1


def test_it_is_computed_once_and_kept_in_the_object() -> None:
    thing, other = Thing(), Thing()
    assert [thing.plain, thing.plain, other.plain] == [1, 1, 1]
    thing.plain = 5
    assert thing.plain == vars(thing)["plain"] == 5
    del vars(thing)["plain"]
    assert thing.plain == 2
    declared: Any = Thing.plain
    assert declared.__doc__ == "Count the calls."


@pytest.mark.filterwarnings("ignore:.*fork.*:DeprecationWarning")
@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes of this kind")
def test_other_threads_and_processes_do_not_wait_for_one_that_computes() -> None:
    busy, other = Thing(), Thing()
    other.go_on.set()
    with ThreadPoolExecutor(1) as pool:
        found = pool.submit(lambda: busy.slow)
        assert busy.inside.wait(30)
        try:
            child = os.fork()
            if not child:
                os._exit(0 if other.slow == 1 else 1)
            assert os.waitpid(child, 0)[1] == 0
        finally:
            busy.go_on.set()
        assert found.result() == 1
