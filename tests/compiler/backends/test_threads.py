"""Pieces of work in threads: all done once, and taken in order."""

from __future__ import annotations

import os
import signal
import threading
import time
from random import Random

import pytest

from tinygrad_nn.compiler.backends.threads import in_threads


@pytest.mark.parametrize("threads", [1, 2, 3, 8])
@pytest.mark.parametrize("pieces", [1, 2, 5, 40])
def test_pieces_are_taken_in_their_order(threads: int, pieces: int) -> None:
    rng, taken, by = Random(0), [], {}
    scratch = [[-1] for _ in range(threads)]  # of each thread, which it writes over

    def work(thread: int, piece: int) -> list[int]:
        by[piece] = thread
        scratch[thread][0] = piece
        time.sleep(rng.random() * 1e-3)
        return scratch[thread]

    in_threads(threads, pieces, work, lambda found: taken.append(found[0]), list)
    assert taken == list(range(pieces))
    assert by[0] == 0
    assert set(by.values()) <= set(range(threads))


def test_several_threads_work_at_once() -> None:
    meeting = threading.Barrier(3, timeout=30)
    in_threads(3, 3, lambda thread, _: meeting.wait(), lambda _: None, lambda x: x)


def test_the_first_error_of_all() -> None:
    done = set()

    def work(_: int, piece: int) -> None:
        done.add(piece)
        if piece >= 3:
            time.sleep(0.01 * (6 - piece))
            raise ValueError(str(piece))

    with pytest.raises(ValueError, match="3"):
        in_threads(4, 100, work, lambda _: None, lambda x: x)
    assert len(done) < 10


def test_within_each_other() -> None:
    def inner(thread: int, piece: int) -> int:
        return piece

    def outer(thread: int, piece: int) -> int:
        found: list[int] = []
        in_threads(40, 50, inner, found.append, lambda x: x)
        return sum(found)

    found: list[int] = []
    in_threads(40, 80, outer, found.append, lambda x: x)
    assert found == [sum(range(50))] * 80


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no processes of this kind")
def test_behind_a_fork() -> None:
    found: list[int] = []
    in_threads(2, 9, lambda _, piece: piece, found.append, lambda x: x)
    child = os.fork()
    if not child:
        found = []
        in_threads(2, 9, lambda _, piece: piece, found.append, lambda x: x)
        os._exit(0 if found == list(range(9)) else 1)
    assert os.waitpid(child, 0)[1] == 0


@pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="no signals of this kind")
def test_nobody_works_on_after_ctrl_c() -> None:
    begun, ended = threading.Event(), threading.Event()

    def work(thread: int, piece: int) -> None:
        if not thread:
            assert begun.wait(30)
            return
        begun.set()
        time.sleep(0.02)  # the caller waits
        signal.pthread_kill(threading.main_thread().ident or 0, signal.SIGINT)
        time.sleep(0.05)
        ended.set()

    # Whoever runs the tests in the background may have it ignored.
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        with pytest.raises(KeyboardInterrupt):
            in_threads(2, 2, work, lambda _: None, lambda x: x)
    finally:
        signal.signal(signal.SIGINT, before)
    assert ended.is_set()
