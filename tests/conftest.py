"""What holds for all tests."""

import gc
import os
from collections.abc import Generator, Iterator
from typing import Any

import pytest

PAGES = "tests/viewing/"  # what is opened in a browser


def prepare() -> None:
    """Set up what tests are made with, before they are read."""
    from hypothesis import settings

    # No test asks how long something takes: a busy machine is no failure.
    settings.register_profile("unhurried", deadline=None)
    # An automatic check gives the same answer each time; by hand, each run tries something new.
    settings.register_profile("repeatable", deadline=None, derandomize=True)
    settings.load_profile("repeatable" if os.environ.get("CI") else "unhurried")

    # What walks the table walks that of special functions too: for sweeps, as it takes a minute.
    if os.environ.get("TINYGRAD_NN_SPECIAL"):
        import special_truth
        import truth

        from tinygrad_nn import TABLE, special

        TABLE.update(special.TABLE)
        truth.TRUTH.update(special_truth.as_truths())

    # What tests make in turn is mostly freed by counting: the collector need not look so often.
    gc.set_threshold(10_000)


@pytest.hookimpl(wrapper=True)
def pytest_collection(session: pytest.Session) -> Generator[None, object, object]:
    """Collect no garbage while tests are collected: next to nothing of it is."""
    if not session.config.pluginmanager.hasplugin("dsession"):  # which waits for its workers
        prepare()
    gc.disable()
    try:
        return (yield)
    finally:
        gc.enable()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with the tests of pages: no worker waits for a browser at the end."""
    items.sort(key=lambda item: not item.nodeid.startswith(PAGES))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Give a file to one worker, so that what it prepares is made once, and one all the pages."""
    from xdist.scheduler import LoadFileScheduling

    class Scheduling(LoadFileScheduling):
        def _split_scope(self, nodeid: str) -> str:
            return PAGES if nodeid.startswith(PAGES) else super()._split_scope(nodeid)

    config.option.loadscopereorder = False
    return Scheduling(config, log)


@pytest.fixture(scope="session", autouse=True)
def every_program_is_checked() -> Iterator[None]:
    """Compare each program that a test compiles with what it means."""
    from checked_programs import checked_programs

    with checked_programs():
        yield


@pytest.fixture(scope="session", autouse=True)
def backend() -> Iterator[None]:
    """With TINYGRAD_NN_MACHINE=all programs run as machine code."""
    from machine_code import machine_code

    with machine_code():
        yield


@pytest.fixture(scope="session", autouse=True)
def thresholds() -> Iterator[None]:
    """With TINYGRAD_NN_LOW=1 small programs go the ways of large ones."""
    from thresholds import LOW, forced

    with forced(LOW if os.environ.get("TINYGRAD_NN_LOW") else {}):
        yield


@pytest.fixture(scope="module", autouse=True)
def set_aside() -> None:
    """Keep the collector from what stays: half a million objects of modules and tests."""
    young, *older = gc.get_count()
    if young > 5_000 or any(older):  # most modules of doctests have made next to nothing
        gc.collect()
        gc.freeze()
